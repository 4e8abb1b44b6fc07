"""Calibration: do stated chances come true as often as they say?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from forecast.domain import AsOf, Question, QuestionType
from forecast.record.traces import Trace
from forecast.scoring import paths
from forecast.settings import writer
from forecast.verbs.headline import HEADLINE
from forecast.verbs.measures import outcome_index
from forecast.verbs.score import trace_path
from forecast.verbs.scored import Scored, scored
from forecast.verbs.workspace import Workspace

if TYPE_CHECKING:
    from forecast.scoring.calibration import Estimate, Recalibration
    from forecast.scoring.corp import Consistency, Reliability


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one forecaster said of one question at its fixed time, and what happened."""

    kind: str
    forecaster: str
    question: str
    target: str
    cluster: str
    at: datetime
    probability: float
    outcome: int
    calibrated: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """The calibration of one forecaster in one kind of forecasts."""

    kind: str
    forecaster: str
    snapshots: tuple[Snapshot, ...]
    reliability: Reliability
    consistency: Consistency
    line: Recalibration
    discrimination: Estimate


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """Curves by kind; questions left out are counted by reason.

    `over` were answered before their snapshot, `waiting` are not past their scheduled close (an
    event can answer early with yes, never with no), `unanswered` are past it, `void` have no
    answer, `silent` had no forecast then, `other` are no binary questions.
    """

    curves: tuple[Curve, ...]
    over: int = 0
    waiting: int = 0
    unanswered: int = 0
    void: int = 0
    silent: int = 0
    other: int = 0

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Every snapshot of every curve."""
        return tuple(s for curve in self.curves for s in curve.snapshots)


def calibration(
    ws: Workspace,
    ids: tuple[str, ...] = (),
    *,
    day: date | None = None,
    hindsight: bool = False,
    forecaster: str | None = None,
) -> CalibrationReport:
    """Read one snapshot a question, midway through its schedule, and judge the stated chances.

    Of a ladder the middle rung stands for the question (the earlier of two), fixed like the time
    before anything is known. Answers count once the scheduled close has passed.
    """
    who = forecaster or HEADLINE
    reasons = ("over", "waiting", "unanswered", "void", "silent", "other")
    counts = dict.fromkeys(reasons, 0)
    snapshots: list[Snapshot] = []
    for each in scored(ws, ws.questions(ids), writer(None), hindsight=hindsight):
        found = _of_question(each, ws.as_of(each.question, day), who)
        if isinstance(found, str):
            counts[found] += 1
        else:
            snapshots += found
    kinds = dict.fromkeys(s.kind for s in snapshots)
    curves = tuple(_curve([s for s in snapshots if s.kind == kind]) for kind in kinds)
    return CalibrationReport(curves, **counts)


def _of_question(scored: Scored, as_of: AsOf, who: str) -> list[Snapshot] | str:
    """Return the snapshots of one question, or the reason why there are none."""
    question = scored.question
    if question.type is not QuestionType.BINARY:
        return "other"
    target = question.targets[(len(question.targets) - 1) // 2]
    settled = question.settled_by(target, as_of)
    if question.closes(target) > as_of.instant:
        return "waiting"
    if settled is None:
        return "unanswered"
    if settled.outcome is None:
        return "void"
    mine = [t for t in scored.traces if t.target == target and t.forecaster == who]
    if not mine:
        return "silent"
    read = [paths.snapshot(trace_path(question, trace, settled)) for trace in mine]
    if read[0].over:
        return "over"
    outcome = outcome_index(question, settled.answer)
    return [
        _snapshot(question, trace, s.at, s.value, outcome)
        for trace, s in zip(mine, read, strict=True)
        if isinstance(s.value, float)
    ] or "silent"


def _snapshot(
    question: Question, trace: Trace, at: float, probability: float, outcome: int
) -> Snapshot:
    return Snapshot(
        kind="backtest" if trace.backtest else "live",
        forecaster=trace.forecaster,
        question=question.id,
        target=str(trace.target),
        cluster=question.event or question.id,
        at=datetime.fromtimestamp(at, UTC),
        probability=probability,
        outcome=outcome,
    )


def _curve(snapshots: Sequence[Snapshot]) -> Curve:
    from forecast.scoring.calibration import auc, cox
    from forecast.scoring.corp import consistency, reliability

    said = [s.probability for s in snapshots]
    came = [s.outcome for s in snapshots]
    clusters = [s.cluster for s in snapshots]
    fitted = reliability(probability=said, outcome=came)
    calibrated = fitted.recalibrated(said).tolist()
    return Curve(
        kind=snapshots[0].kind,
        forecaster=snapshots[0].forecaster,
        snapshots=tuple(
            replace(s, calibrated=c) for s, c in zip(snapshots, calibrated, strict=True)
        ),
        reliability=fitted,
        consistency=consistency(probability=said, outcome=came, cluster=clusters),
        line=cox(probability=said, outcome=came, cluster=clusters),
        discrimination=auc(probability=said, outcome=came),
    )
