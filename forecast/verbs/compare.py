"""Compare: who is better, question by question, over the same time, and whether luck can say so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from statistics import fmean
from typing import TYPE_CHECKING

from forecast.errors import UsageError
from forecast.scoring.crowds import against_others
from forecast.scoring.paths import Path, common, time_average
from forecast.text import clean, did_you_mean
from forecast.verbs.basis import BASE_RATE, base_rate_path
from forecast.verbs.cases import KINDS, Case, cases
from forecast.verbs.headline import HEADLINE
from forecast.verbs.measures import rules
from forecast.verbs.pools import POOL, field
from forecast.verbs.score import scored_path
from forecast.verbs.workspace import Workspace

if TYPE_CHECKING:
    from forecast.scoring.uncertainty import Interval


@dataclass(frozen=True, slots=True)
class Entrant:
    """One forecaster over all questions they forecast, each counting once.

    `brier` is the headline score with its 95% interval over clusters. `relative` is how much lower
    (better) or higher their Brier score was than the mean of the others who stood at the same time,
    on the `met` questions where any did.
    """

    kind: str
    forecaster: str
    questions: int
    clusters: int
    coverage: float
    brier: float
    low: float | None
    high: float | None
    met: int
    relative: float | None
    relative_low: float | None
    relative_high: float | None


@dataclass(frozen=True, slots=True)
class Pair:
    """The Brier score of one forecaster less another's, over the same time on common questions.

    Below zero the first is better. `adjusted` is Holm's p-value for all the pairs of its kind, None
    where there can be none. `further` is how many more questions would tell the two apart.
    """

    kind: str
    first: str
    second: str
    questions: int
    clusters: int
    difference: float
    low: float | None
    high: float | None
    p_value: float | None
    adjusted: float | None
    further: int | None


@dataclass(frozen=True, slots=True)
class CompareReport:
    """Everybody on their own, then in pairs; targets left out are counted by reason."""

    entrants: tuple[Entrant, ...]
    pairs: tuple[Pair, ...]
    left_out: Mapping[str, int]
    hindsight: bool = False


@dataclass(frozen=True, slots=True)
class _Scored:
    """The Brier scores over time of everybody on one target."""

    case: Case
    paths: Mapping[str, Path[float]]


def compare(
    ws: Workspace,
    ids: tuple[str, ...] = (),
    *,
    day: date | None = None,
    hindsight: bool = False,
    forecasters: Sequence[str] = (),
    pools: Sequence[str] = (),
) -> CompareReport:
    """Compare forecasters, the base rate and pools of them on the questions they share.

    `pools` are methods of `scoring.crowds`, each of which becomes a forecaster `pool/METHOD`. With
    `forecasters` only those are compared. Live forecasts and replays are never mixed.

    Raises UsageError for a forecaster who has forecast none of the questions.
    """
    every = cases(ws, ids, day=day, hindsight=hindsight, pools=pools)
    fit = [case for case in every.found if "brier" in rules(case.question, case.settled.answer)]
    scored = [_scored(ws, case) for case in fit]
    _known(forecasters, scored)
    chosen = {*forecasters, *(POOL + method for method in pools)}
    entrants, pairs = [], []
    for kind in KINDS:
        mine = [each for each in scored if each.case.kind == kind]
        names = [who for who in _names(mine) if who in chosen or not forecasters]
        entrants += [_entrant(kind, who, mine) for who in names]
        pairs += _holm([p for two in combinations(names, 2) for p in _pair(kind, *two, mine)])
    left_out = {**every.left_out, "other": len(every.found) - len(fit)}
    return CompareReport(tuple(entrants), tuple(pairs), left_out, hindsight)


def _scored(ws: Workspace, case: Case) -> _Scored:
    """Score everybody on a target, the base rate among them."""
    brier = rules(case.question, case.settled.answer)["brier"]
    scores = {who: scored_path(path, brier) for who, path in case.paths.items()}
    rolled = base_rate_path(ws, case.question, case.target, case.window)
    if rolled is not None:
        scores[BASE_RATE] = scored_path(rolled, brier)
    return _Scored(case, scores)


def _names(scored: Sequence[_Scored]) -> list[str]:
    """Return everybody, the headline first unless it is one forecaster's word throughout."""
    names = list(dict.fromkeys(who for each in scored for who in each.paths))
    if HEADLINE not in names:
        return names
    names.remove(HEADLINE)
    given = [each.case.paths for each in scored if HEADLINE in each.case.paths]
    echoed = any(all(paths.get(who) == paths[HEADLINE] for paths in given) for who in names)
    return names if echoed else [HEADLINE, *names]


def _known(forecasters: Sequence[str], scored: Sequence[_Scored]) -> None:
    heard = {who for each in scored for who in each.paths}
    for who in forecasters:
        if who not in heard:
            hint = did_you_mean(who, heard) or "see `forecast compare` for all who have"
            raise UsageError(f"no {clean(who)!r} has forecast these questions", hint)


def _entrant(kind: str, who: str, scored: Sequence[_Scored]) -> Entrant:
    mine = [each for each in scored if who in each.paths]
    own = _interval([(each.case, time_average(each.paths[who])) for each in mine])
    met = _interval([(each.case, _against_others(each, who)) for each in mine])
    assert own is not None
    return Entrant(
        kind=kind,
        forecaster=who,
        questions=own.questions,
        clusters=own.clusters,
        coverage=fmean(_by_question([(e.case, e.paths[who].coverage) for e in mine])[0]),
        brier=own.mean,
        low=own.low,
        high=own.high,
        met=met.questions if met else 0,
        relative=met.mean if met else None,
        relative_low=met.low if met else None,
        relative_high=met.high if met else None,
    )


def _against_others(each: _Scored, who: str) -> float | None:
    """Return how one did against the others, who are not their own word by another name."""
    own = each.paths[who]
    others = [p for name, p in field(each.paths).items() if name not in (who, BASE_RATE)]
    return against_others(own, [path for path in others if who != HEADLINE or path != own])


def _interval(values: Sequence[tuple[Case, float | None]]) -> Interval | None:
    """Return the mean over questions, rungs averaged; None where there is no value at all."""
    from forecast.scoring.uncertainty import cluster_interval

    found = [(case, value) for case, value in values if value is not None]
    if not found:
        return None
    means, clusters = _by_question(found)
    return cluster_interval(value=means, cluster=clusters)


def _by_question(values: Sequence[tuple[Case, float]]) -> tuple[list[float], list[str]]:
    """Return one value a question, the mean over its rungs, and the cluster of each."""
    rungs: dict[tuple[str, str], list[float]] = {}
    for case, value in values:
        rungs.setdefault((case.question.id, case.cluster), []).append(value)
    return [fmean(each) for each in rungs.values()], [cluster for _, cluster in rungs]


def _pair(kind: str, first: str, second: str, scored: Sequence[_Scored]) -> Iterator[Pair]:
    """Yield how two compare over the time in which both stood, if there is any."""
    from forecast.scoring.uncertainty import paired_difference

    both = [each for each in scored if first in each.paths and second in each.paths]
    cut = [(each.case, common([each.paths[first], each.paths[second]])) for each in both]
    met = [(case, paths) for case, paths in cut if paths[0].values]
    if HEADLINE in (first, second) and all(one == two for _, (one, two) in met):
        return  # one word under two names
    one, two = (
        _by_question([(case, time_average(paths[place]) or 0.0) for case, paths in met])
        for place in (0, 1)
    )
    paired = paired_difference(first=one[0], second=two[0], cluster=one[1])
    if paired is not None:
        found = paired.interval
        yield Pair(
            kind=kind,
            first=first,
            second=second,
            questions=found.questions,
            clusters=found.clusters,
            difference=found.mean,
            low=found.low,
            high=found.high,
            p_value=paired.p_value,
            adjusted=None,
            further=paired.further,
        )


def _holm(pairs: Sequence[Pair]) -> list[Pair]:
    """Return pairs with their p-values adjusted for how many there are."""
    from forecast.scoring.uncertainty import holm

    known = [pair.p_value for pair in pairs if pair.p_value is not None]
    adjusted = iter(holm(p_value=known).tolist())
    return [
        pair if pair.p_value is None else replace(pair, adjusted=next(adjusted)) for pair in pairs
    ]
