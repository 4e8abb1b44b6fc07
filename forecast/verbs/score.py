"""Score: once questions resolve, how good each forecaster was, beside the base rate."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from forecast.domain import Question, Settled, Target, Value, end_of_day
from forecast.scoring import paths
from forecast.scoring.paths import Path, Piece, Window
from forecast.settings import writer
from forecast.verbs.measures import Rule, rules
from forecast.verbs.reference import base_rate
from forecast.verbs.standing import Track, scored_tracks, superseded
from forecast.verbs.workspace import Workspace


@dataclass(frozen=True, slots=True)
class TargetScore:
    """How one forecaster did on one target, over its scheduled duration.

    `brier` runs from 0 to 1 (for options, half of Brier's sum, so that two options agree with a
    binary question), `log` is in nats, `crps` in the question's unit; lower is better. The
    reference is the base rate over the same covered time; `difference` is brier − reference.
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
    `further` is how many more questions like these it would take to tell a true difference of this
    size from luck; None if it cannot be said.
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
    further: int | None

    @property
    def skill(self) -> float | None:
        """1 − mean Brier / mean reference over the questions compared."""
        if self.difference is None or not self.reference_brier:
            return None
        return -self.difference / self.reference_brier


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """Scores by target and overall; targets that cannot be scored are counted by reason.

    `stale` counts replays left out because question or model have changed since.
    """

    targets: tuple[TargetScore, ...]
    overall: tuple[Overall, ...]
    unresolved: int
    void: int
    silent: int
    stale: int = 0
    hindsight: bool = False


def score(
    ws: Workspace,
    ids: tuple[str, ...] = (),
    *,
    day: date | None = None,
    hindsight: bool = False,
    forecaster: str | None = None,
) -> ScoreReport:
    """Score every answered target by the headline definition, beside the base rate.

    That is time-averaged over the scheduled duration, early answers included, with the base rate
    rolled down over the same time.

    Live forecasts and backtests are scored apart and never added up. Questions annulled or
    ambiguous have no score.
    """
    found: list[TargetScore] = []
    unresolved = void = silent = 0
    for question in ws.questions(ids):
        as_of = ws.as_of(question, day)
        tracks = scored_tracks(ws, question, writer(None), hindsight=hindsight)
        for target in question.targets:
            settled = question.settled_by(target, as_of)
            if settled is None:
                unresolved += 1
            elif settled.void:
                void += 1
            else:
                mine = [t for t in tracks if t.target == target]
                made = [
                    s for t in mine if (s := target_score(ws, question, t, settled)) is not None
                ]
                silent += not made
                found += made
    kept = [s for s in found if forecaster in (None, s.forecaster)]
    stale = sum(superseded(ws, question, hindsight=hindsight) for question in ws.questions(ids))
    overall = tuple(_overall(kept))
    return ScoreReport(tuple(kept), overall, unresolved, void, silent, stale, hindsight)


def window(question: Question, target: Target, settled: Settled | None) -> Window:
    """Return the time in which a target, answered so, is scored; in POSIX seconds."""
    return Window(
        open=question.opened().timestamp(),
        close=question.closes(target).timestamp(),
        answered=settled.known.timestamp() if settled else None,
    )


def track_path(question: Question, track: Track, settled: Settled | None) -> Path[Value]:
    """Return a track as a path over its target's window."""
    starts = [start.timestamp() for start in track.starts]
    return paths.path(
        start=starts, value=track.values, window=window(question, track.target, settled)
    )


def target_score(
    ws: Workspace, question: Question, track: Track, settled: Settled
) -> TargetScore | None:
    """Score one track of a target answered so; None if nothing stood while it was scored."""
    said = track_path(question, track, settled)
    if not said.pieces:
        return None
    scored = {name: _average(said, rule) for name, rule in rules(question, settled.answer).items()}
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
        brier=scored.get("brier"),
        log=scored.get("log"),
        crps=scored.get("crps"),
        reference_brier=_reference_brier(ws, question, track.target, said, settled.answer),
    )


def _average(said: Path[Value], rule: Rule) -> float | None:
    """Return the time average of a path's scores by one rule."""
    made = rule([piece.value for piece in said.pieces])
    scores = (Piece(p.start, p.end, float(x)) for p, x in zip(said.pieces, made, strict=True))
    return paths.time_average(Path(said.window, tuple(scores), said.ignored))


def _reference_brier(
    ws: Workspace, question: Question, target: Target, said: Path[Value], answer: str
) -> float | None:
    """Return what the base rate scored while anything was said; None where there is none."""
    brier = rules(question, answer).get("brier")
    rolled = _reference_path(ws, question, target, said.window) if brier else None
    if brier is None or rolled is None:
        return None
    return _average(paths.common([said, rolled])[1], brier)


def _reference_path(
    ws: Workspace, question: Question, target: Target, span: Window
) -> Path[Value] | None:
    """The base rate from each midnight on, as of the day that has just ended."""
    days = range((question.deadline(target) - question.opens).days + 1)
    ended = [question.opens + timedelta(days=n - 1) for n in days]
    values = [base_rate(ws, question, target, day) for day in ended]
    if any(value is None for value in values):
        return None
    starts = [end_of_day(day, question.zone).timestamp() for day in ended]
    return paths.path(start=starts, value=values, window=span)


def _overall(scores: Sequence[TargetScore]) -> Iterable[Overall]:
    """Summarise each forecaster's Brier scores, live and replayed apart."""
    scored = [s for s in scores if s.brier is not None]
    for kind in ("live", "backtest"):
        for forecaster in dict.fromkeys(s.forecaster for s in scored if s.kind == kind):
            mine = [s for s in scored if s.kind == kind and s.forecaster == forecaster]
            yield _summary(kind, forecaster, mine)


def _summary(kind: str, forecaster: str, scores: Sequence[TargetScore]) -> Overall:
    from forecast.scoring.uncertainty import cluster_interval, paired_difference

    questions = _by_question(scores)
    clusters = [rungs[0].cluster for rungs in questions]
    briers = [_mean(rungs, "brier") for rungs in questions]
    references = [_mean(rungs, "reference_brier") for rungs in questions]
    interval = cluster_interval(value=briers, cluster=clusters)
    paired = paired_difference(first=briers, second=references, cluster=clusters)
    compared = [r for r in references if r == r]
    return Overall(
        kind=kind,
        forecaster=forecaster,
        questions=len(questions),
        clusters=interval.clusters,
        compared=len(compared),
        forecasts=sum(s.forecasts for s in scores),
        coverage=fmean(_mean(rungs, "coverage") for rungs in questions),
        brier=interval.mean,
        log=fmean(_mean(rungs, "log") for rungs in questions),
        low=interval.low,
        high=interval.high,
        reference_brier=fmean(compared) if compared else None,
        difference=paired.interval.mean if paired else None,
        difference_low=paired.interval.low if paired else None,
        difference_high=paired.interval.high if paired else None,
        further=paired.further if paired else None,
    )


def _by_question(scores: Sequence[TargetScore]) -> list[list[TargetScore]]:
    grouped: dict[str, list[TargetScore]] = {}
    for s in scores:
        grouped.setdefault(s.question, []).append(s)
    return list(grouped.values())


def _mean(rungs: Sequence[TargetScore], name: str) -> float:
    """A question's value: the mean over its rungs; NaN where a rung has none."""
    values = [getattr(rung, name) for rung in rungs]
    return fmean(float("nan") if value is None else value for value in values)
