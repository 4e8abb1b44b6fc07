"""Score by another site's rule: the same record, judged as they would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import fmean

from forecast.errors import UsageError
from forecast.text import clean, did_you_mean
from forecast.verbs.cases import KINDS, Case, cases
from forecast.verbs.houses import HOUSES, House
from forecast.verbs.workspace import Workspace


@dataclass(frozen=True, slots=True)
class HouseScore:
    """One forecaster's score of one target by a house rule."""

    kind: str
    question: str
    target: str
    cluster: str
    forecaster: str
    answer: str
    forecasts: int
    coverage: float
    score: float


@dataclass(frozen=True, slots=True)
class HouseOverall:
    """One forecaster's mean by a house rule, with its 95% interval over clusters of questions.

    The house's own mean: over targets, or over forecasts where it counts those. `index` is another
    way to say it, where the house has one.
    """

    kind: str
    forecaster: str
    targets: int
    clusters: int
    forecasts: int
    coverage: float
    score: float
    low: float | None
    high: float | None
    index: float | None


@dataclass(frozen=True, slots=True)
class HouseReport:
    """Scores by a house rule; targets left out are counted by reason.

    `unfit` are answered targets on which the rule gives nobody a score, such as of a type it does
    not know, or over before the instant it reads.
    """

    name: str
    house: House
    scores: tuple[HouseScore, ...]
    overall: tuple[HouseOverall, ...]
    left_out: Mapping[str, int]
    hindsight: bool = False


def house(name: str) -> House:
    """Return the rule of that name; UsageError with the nearest if there is none."""
    if name not in HOUSES:
        hint = did_you_mean(name, HOUSES) or f"there are {', '.join(HOUSES)}"
        raise UsageError(f"there is no rule {clean(name)!r}", hint)
    return HOUSES[name]


def score_by_rule(
    ws: Workspace,
    name: str,
    ids: tuple[str, ...] = (),
    *,
    day: date | None = None,
    hindsight: bool = False,
    forecaster: str | None = None,
    pools: Sequence[str] = (),
) -> HouseReport:
    """Score every answered target by the rule of that name, pools of forecasters among them.

    Raises UsageError for an unknown rule, or forecasters that the rule cannot compare.
    """
    rule = house(name)
    every = cases(ws, ids, day=day, hindsight=hindsight, pools=pools)
    fit = [case for case in every.found if case.question.type in rule.types]
    scores = [score for kind in KINDS for score in _scores(rule, fit, kind)]
    kept = [score for score in scores if forecaster in (None, score.forecaster)]
    scored = {(score.kind, score.target) for score in scores}
    unfit = sum((case.kind, str(case.target)) not in scored for case in every.found)
    overall = tuple(_overall(rule, kept))
    return HouseReport(
        name, rule, tuple(kept), overall, {**every.left_out, "unfit": unfit}, hindsight
    )


def _scores(rule: House, fit: Sequence[Case], kind: str) -> Iterator[HouseScore]:
    alike = [case for case in fit if case.kind == kind]
    try:
        found = rule.scores(alike)
    except ValueError as error:
        raise UsageError(f"{rule.title}: {error}", "name the questions they share") from error
    for case, scores in zip(alike, found, strict=True):
        for who, score in scores.items():
            if score is not None:
                yield _score(case, who, score)


def _score(case: Case, who: str, score: float) -> HouseScore:
    path = case.paths[who]
    return HouseScore(
        kind=case.kind,
        question=case.question.id,
        target=str(case.target),
        cluster=case.cluster,
        forecaster=who,
        answer=case.settled.answer,
        forecasts=len(path.values),
        coverage=path.coverage,
        score=score,
    )


def _overall(rule: House, scores: Sequence[HouseScore]) -> Iterator[HouseOverall]:
    for kind, who in dict.fromkeys((score.kind, score.forecaster) for score in scores):
        mine = [score for score in scores if (score.kind, score.forecaster) == (kind, who)]
        yield _summary(rule, mine)


def _summary(rule: House, mine: Sequence[HouseScore]) -> HouseOverall:
    from forecast.scoring.uncertainty import cluster_interval

    interval = cluster_interval(
        value=[score.score for score in mine],
        cluster=[score.cluster for score in mine],
        weight=[score.forecasts for score in mine] if rule.by_forecast else None,
    )
    return HouseOverall(
        kind=mine[0].kind,
        forecaster=mine[0].forecaster,
        targets=len(mine),
        clusters=interval.clusters,
        forecasts=sum(score.forecasts for score in mine),
        coverage=fmean(score.coverage for score in mine),
        score=interval.mean,
        low=interval.low,
        high=interval.high,
        index=rule.index(interval.mean) if rule.index else None,
    )
