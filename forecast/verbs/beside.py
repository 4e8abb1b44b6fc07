"""Replays beside what else could have been said then: the base rate, the last word, the crowd.

Both are scored over the time in which both stood, by the headline's definition: averaged over the
scheduled time, time after an early answer counting 0. Questions, not cutoffs, are independent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from forecast.domain import AsOf, Forecast, Question, Settled, Target, Value
from forecast.scoring import paths
from forecast.scoring.paths import Path, Window
from forecast.settings import writer
from forecast.verbs.clusters import cluster
from forecast.verbs.headline import HEADLINE
from forecast.verbs.measures import Rule, rules
from forecast.verbs.reference import base_rate
from forecast.verbs.score import scored_path, window
from forecast.verbs.standing import Track, imported_tracks, with_headline
from forecast.verbs.workspace import Workspace

BASE_RATE = "base rate"
BEFORE = "its last forecast"


@dataclass(frozen=True, slots=True)
class Beside:
    """One forecaster's mean Brier score and another's over the same time, lower being better.

    `difference` is `brier` − `other`, with its 95% interval over clusters of questions where there
    are enough of them.
    """

    forecaster: str
    reference: str
    questions: int
    clusters: int
    brier: float
    other: float
    difference: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class _Pair:
    """Both scores of one target."""

    question: Question
    brier: float
    other: float


def beside(ws: Workspace, forecasts: Sequence[Forecast]) -> tuple[Beside, ...]:
    """Compare replayed `forecasts` of questions answered by now with what else there was.

    With the base rate as it stood at each cutoff; with what the same forecaster had said at the
    cutoff before; and with everybody whose forecasts were imported. Only questions with a Brier
    score count, from their opening on.
    """
    pairs: dict[tuple[str, str], list[_Pair]] = {}
    asked = dict.fromkeys(forecast.target.question for forecast in forecasts)
    for question in (ws.book.questions[name] for name in asked):
        mine = [f for f in forecasts if f.target.question == question.id]
        for forecaster, reference, pair in _pairs(ws, question, mine):
            pairs.setdefault((forecaster, reference), []).append(pair)
    ordered = sorted(pairs.items(), key=lambda item: item[0][0] != HEADLINE)
    return tuple(_summary(*names, found) for names, found in ordered)


def _pairs(
    ws: Workspace, question: Question, forecasts: Sequence[Forecast]
) -> Iterator[tuple[str, str, _Pair]]:
    crowds = imported_tracks(ws, question)
    as_of = ws.as_of(question, None)
    for track in with_headline(question, _replayed(question, forecasts), writer(None)):
        settled = question.settled_by(track.target, as_of)
        rule = _brier(question, settled)
        if rule is None:
            continue
        span = window(question, track.target, settled)
        said = _path(track, span)
        for name, other in _others(ws, question, track, crowds, span):
            if (pair := _pair(question, said, other, rule)) is not None:
                yield track.forecaster, name, pair


def _brier(question: Question, settled: Settled | None) -> Rule | None:
    """Return the Brier score of a question answered so; None if it has none."""
    if settled is None or settled.void:
        return None
    return rules(question, settled.answer).get("brier")


def _replayed(question: Question, forecasts: Sequence[Forecast]) -> list[Track]:
    """Return the path of each model and target from the question's opening on."""
    made: dict[tuple[Target, str], dict[datetime, Forecast]] = {}
    for forecast in sorted(forecasts, key=lambda f: f.as_of):
        if forecast.as_of >= question.opens:
            start = AsOf.at(forecast.as_of, question.zone).instant
            made.setdefault((forecast.target, forecast.forecaster), {})[start] = forecast
    return [Track(t, who, True, tuple(f), tuple(f.values())) for (t, who), f in made.items()]


def _path(track: Track, span: Window) -> Path[Value]:
    starts = [start.timestamp() for start in track.starts]
    return paths.path(start=starts, value=track.values, window=span)


def _others(
    ws: Workspace, question: Question, track: Track, crowds: Sequence[Track], span: Window
) -> Iterator[tuple[str, Path[Value]]]:
    """Yield what else stood of a track's target, by name."""
    starts = [start.timestamp() for start in track.starts]
    rated = [base_rate(ws, question, track.target, f.as_of) for f in track.forecasts]
    yield BASE_RATE, paths.path(start=starts, value=rated, window=span)
    yield BEFORE, paths.path(start=starts[1:], value=track.values[:-1], window=span)
    yield from ((c.forecaster, _path(c, span)) for c in crowds if c.target == track.target)


def _pair(question: Question, said: Path[Value], other: Path[Value], rule: Rule) -> _Pair | None:
    """Score both over their common time; None if they have none."""
    both = [paths.time_average(scored_path(p, rule)) for p in paths.common([said, other])]
    if both[0] is None or both[1] is None:
        return None
    return _Pair(question, both[0], both[1])


def _summary(forecaster: str, reference: str, pairs: Sequence[_Pair]) -> Beside:
    from forecast.scoring.uncertainty import paired_difference

    grouped: dict[str, list[_Pair]] = {}
    for pair in pairs:
        grouped.setdefault(pair.question.id, []).append(pair)
    rungs = list(grouped.values())
    first = [fmean(pair.brier for pair in found) for found in rungs]
    second = [fmean(pair.other for pair in found) for found in rungs]
    clusters = [cluster(found[0].question) for found in rungs]
    apart = paired_difference(first=first, second=second, cluster=clusters)
    assert apart is not None, "every pair has both scores"
    difference = apart.interval
    return Beside(
        forecaster,
        reference,
        len(rungs),
        difference.clusters,
        fmean(first),
        fmean(second),
        difference.mean,
        difference.low,
        difference.high,
    )
