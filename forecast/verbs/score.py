"""Score: once questions resolve, how good each forecaster was, beside the base rate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from forecast.domain import Question, QuestionType, Target, Value, end_of_day
from forecast.scoring import paths
from forecast.scoring.paths import Path, Window
from forecast.scoring.uncertainty import ClusterInterval, cluster_interval, questions_needed
from forecast.settings import writer
from forecast.verbs.reference import base_rate
from forecast.verbs.standing import Track, backtest_tracks, live_tracks, with_headline
from forecast.verbs.workspace import Workspace

type Rule = Callable[[Value], float]


@dataclass(frozen=True, slots=True)
class TargetScore:
    """How one forecaster did on one target, over its scheduled duration.

    `brier` runs from 0 to 1 (for options, half of Brier's sum, so that two options agree with a
    binary question), `log` is in nats, `crps` in the question's unit; lower is better. The reference
    is the base rate over the same covered time; `difference` is brier − reference.
    """

    kind: str
    question: str
    target: str
    cluster: str
    forecaster: str
    answer: str
    forecasts: int
    ignored: int
    coverage: float
    brier: float | None
    log: float | None
    crps: float | None
    reference_brier: float | None

    @property
    def difference(self) -> float | None:
        """Brier score minus the base rate's; below zero is better than the base rate."""
        if self.brier is None or self.reference_brier is None:
            return None
        return self.brier - self.reference_brier

    @property
    def skill(self) -> float | None:
        """1 − brier / reference; 1 is perfect, 0 no better than the base rate."""
        if self.brier is None or not self.reference_brier:
            return None
        return 1 - self.brier / self.reference_brier


@dataclass(frozen=True, slots=True)
class Overall:
    """One forecaster over all questions: each question counts once, its rungs averaged.

    Intervals are 95% over clusters (questions that hang on one event are one); `compared` is the
    number of questions that have a reference, on which `reference_brier` and `difference` rest.
    `needed` is how many clusters would tell a difference of this size from luck, if finite.
    """

    kind: str
    forecaster: str
    questions: int
    clusters: int
    compared: int
    forecasts: int
    coverage: float
    brier: float
    log: float
    low: float | None
    high: float | None
    reference_brier: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    needed: int | None

    @property
    def skill(self) -> float | None:
        """1 − mean Brier / mean reference over the questions compared."""
        if self.difference is None or not self.reference_brier:
            return None
        return -self.difference / self.reference_brier


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """Scores by target and overall; questions that cannot be scored are counted by reason."""

    targets: tuple[TargetScore, ...]
    overall: tuple[Overall, ...]
    unresolved: int
    void: int
    silent: int
    hindsight: bool = False


def score(
    ws: Workspace,
    ids: tuple[str, ...] = (),
    *,
    day: date | None = None,
    hindsight: bool = False,
    forecaster: str | None = None,
) -> ScoreReport:
    """Score every answered target by the headline definition: time-averaged over the scheduled
    duration, early answers included, with the base rate rolled down over the same time.

    Live forecasts and backtests are scored apart and never added up. Questions annulled or
    ambiguous have no score.
    """
    found: list[TargetScore] = []
    unresolved = void = silent = 0
    for question in ws.questions(ids):
        as_of = ws.as_of(question, day)
        live = with_headline(question, live_tracks(ws, question), writer(None))
        replayed = backtest_tracks(ws, question, hindsight=hindsight, scored=True)
        tracks = live + with_headline(question, replayed, writer(None))
        for target in question.targets:
            settled = question.settled_by(target, as_of)
            if settled is None:
                unresolved += 1
            elif settled.void:
                void += 1
            else:
                mine = [t for t in tracks if t.target == target]
                made = [s for t in mine if (s := target_score(ws, question, t)) is not None]
                silent += not made
                found += made
    kept = [s for s in found if forecaster in (None, s.forecaster)]
    return ScoreReport(tuple(kept), tuple(_overall(kept)), unresolved, void, silent, hindsight)


def window(question: Question, target: Target) -> Window:
    """Return the time in which a target is scored, in POSIX seconds."""
    settled = question.settled(target)
    return Window(
        open=question.opened().timestamp(),
        close=question.closes(target).timestamp(),
        answered=settled.known.timestamp() if settled else None,
    )


def track_path(question: Question, track: Track) -> Path[Value]:
    """Return a track as a path over its target's window."""
    starts = [start.timestamp() for start in track.starts]
    return paths.path(start=starts, value=track.values, window=window(question, track.target))


def target_score(ws: Workspace, question: Question, track: Track) -> TargetScore | None:
    """Score one track of an answered target; None if nothing stood while it was scored."""
    settled = question.settled(track.target)
    assert settled is not None
    said = track_path(question, track)
    if not said.pieces:
        return None
    numeric = question.type is QuestionType.NUMERIC
    brier = None if numeric else _brier(question, settled.answer)
    reference = None
    if brier is not None:
        rolled = _reference_path(ws, question, track.target)
        if rolled is not None:
            cut = paths.common([said, rolled])[1]
            reference = paths.time_average(cut.map(brier))
    return TargetScore(
        kind="backtest" if track.backtest else "live",
        question=question.id,
        target=str(track.target),
        cluster=question.event or question.id,
        forecaster=track.forecaster,
        answer=settled.answer,
        forecasts=len(said.pieces),
        ignored=len(said.ignored),
        coverage=said.coverage,
        brier=paths.time_average(said.map(brier)) if brier else None,
        log=None if numeric else paths.time_average(said.map(_log(question, settled.answer))),
        crps=paths.time_average(said.map(_crps(settled.answer))) if numeric else None,
        reference_brier=reference,
    )


def _reference_path(ws: Workspace, question: Question, target: Target) -> Path[Value] | None:
    """The base rate from each midnight on, as of the day that has just ended."""
    span = window(question, target)
    days = range((question.deadline(target) - question.opens).days + 1)
    ended = [question.opens + timedelta(days=n - 1) for n in days]
    values = [base_rate(ws, question, target, day) for day in ended]
    if any(value is None for value in values):
        return None
    starts = [end_of_day(day, question.zone).timestamp() for day in ended]
    return paths.path(start=starts, value=values, window=span)


def outcome_index(question: Question, answer: str) -> int:
    """Return where the answer stands: 1 or 0 for yes or no, else the option's place."""
    if question.type is QuestionType.BINARY:
        return int(answer == "yes")
    return question.options.index(answer)


def _brier(question: Question, answer: str) -> Rule:
    from forecast.scoring.scores import brier, brier_categories

    outcome = outcome_index(question, answer)
    if question.type is QuestionType.BINARY:
        return lambda p: float(brier(probability=p, outcome=outcome))
    return lambda p: float(brier_categories(probability=_shares(question, p), outcome=outcome)) / 2


def _log(question: Question, answer: str) -> Rule:
    from forecast.scoring.scores import log_categories, logarithmic

    outcome = outcome_index(question, answer)
    if question.type is QuestionType.BINARY:
        return lambda p: float(logarithmic(probability=p, outcome=outcome))
    return lambda p: float(log_categories(probability=_shares(question, p), outcome=outcome))


def _crps(answer: str) -> Rule:
    from forecast.scoring.crps import crps_quantiles

    def rule(value: Value) -> float:
        assert isinstance(value, Mapping)
        levels = [float(level) for level in value]
        return float(
            crps_quantiles(quantile=list(value.values()), level=levels, observation=float(answer))
        )

    return rule


def _shares(question: Question, value: Any) -> list[float]:
    """The probabilities of the options in order, made to sum to one after rounding."""
    assert isinstance(value, Mapping)
    total = sum(value.values())
    return [value[option] / total for option in question.options]
