"""Calibration: do stated chances come true as often as they say?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from forecast.domain import AsOf, Question, QuestionType, Value
from forecast.record.traces import Trace
from forecast.scoring import paths
from forecast.scoring.paths import Path
from forecast.settings import writer
from forecast.text import plural
from forecast.verbs.basis import DAY
from forecast.verbs.clusters import cluster
from forecast.verbs.curves import Curve, Snapshot, curve
from forecast.verbs.headline import HEADLINE
from forecast.verbs.measures import outcome_index
from forecast.verbs.periods import whole_days
from forecast.verbs.pools import with_pools
from forecast.verbs.score import trace_path
from forecast.verbs.scored import Scored, scored
from forecast.verbs.workspace import Workspace

MIDWAY = "midway through its schedule"


@dataclass(frozen=True, slots=True)
class CalibrationReport:
    """Curves by kind; questions left out are counted by reason.

    `over` were answered before their snapshot, `waiting` are not past their scheduled close (an
    event can answer early with yes, never with no), `unanswered` are past it, `void` have no
    answer, `silent` had no forecast then, `other` are no binary questions. `read` says when
    snapshots were read; with `early` answers counted as soon as they came.
    """

    curves: tuple[Curve, ...]
    over: int = 0
    waiting: int = 0
    unanswered: int = 0
    void: int = 0
    silent: int = 0
    other: int = 0
    read: str = MIDWAY
    early: bool = False
    advised: bool = False

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
    lead: int | None = None,
    early: bool = False,
    advise: bool = False,
    pools: Sequence[str] = (),
) -> CalibrationReport:
    """Read one snapshot a question, midway through its schedule, and judge the stated chances.

    Of a ladder the middle rung stands for the question (the earlier of two), fixed like the time
    before anything is known. Answers count once the scheduled close has passed.

    Args:
        ws: the book and its record.
        ids: the questions; all of them if none is named.
        day: use only what was known by its end.
        hindsight: whether to read replays that use what was only thought of later.
        forecaster: whose; the headline's if None.
        lead: read so many days before the scheduled close instead of midway.
        early: count answers as they come, which leans towards yes: an event can come early.
        advise: also try out recalibration, on questions left out.
        pools: methods by which all forecasters together become a virtual one.

    Raises UsageError for what is unknown, or a lead of no days.
    """
    lead = None if lead is None else whole_days(lead)
    who = forecaster or HEADLINE
    reasons = ("over", "waiting", "unanswered", "void", "silent", "other")
    counts = dict.fromkeys(reasons, 0)
    snapshots: list[Snapshot] = []
    every = scored(ws, ws.questions(ids), writer(None), hindsight=hindsight)
    for each in with_pools(ws, every, pools, day):
        found = _of_question(each, ws.as_of(each.question, day), who, lead, early)
        if isinstance(found, str):
            counts[found] += 1
        else:
            snapshots += found
    kinds = dict.fromkeys(s.kind for s in snapshots)
    curves = [curve([s for s in snapshots if s.kind == kind], advise=advise) for kind in kinds]
    read = MIDWAY if lead is None else f"{plural(lead, 'day')} before its scheduled close"
    return CalibrationReport(tuple(curves), **counts, read=read, early=early, advised=advise)


def _of_question(
    scored: Scored, as_of: AsOf, who: str, lead: int | None, early: bool
) -> list[Snapshot] | str:
    """Return the snapshots of one question, or the reason why there are none."""
    question = scored.question
    if question.type is not QuestionType.BINARY:
        return "other"
    target = question.targets[(len(question.targets) - 1) // 2]
    settled = question.settled_by(target, as_of)
    if question.closes(target) > as_of.instant and not (early and settled):
        return "waiting"
    if settled is None:
        return "unanswered"
    if settled.outcome is None:
        return "void"
    mine = [t for t in scored.traces if t.target == target and t.forecaster == who]
    if not mine:
        return "silent"
    read = [_read(trace_path(question, trace, settled), lead) for trace in mine]
    if read[0].over:
        return "over"
    outcome = outcome_index(question, settled.answer)
    return [
        _snapshot(question, trace, s.at, s.value, outcome)
        for trace, s in zip(mine, read, strict=True)
        if isinstance(s.value, float)
    ] or "silent"


def _read(path: Path[Value], lead: int | None) -> paths.Snapshot[Value]:
    return paths.snapshot(path) if lead is None else paths.at_lead(path, lead=lead * DAY)


def _snapshot(
    question: Question, trace: Trace, at: float, probability: float, outcome: int
) -> Snapshot:
    return Snapshot(
        kind="backtest" if trace.backtest else "live",
        forecaster=trace.forecaster,
        question=question.id,
        target=str(trace.target),
        cluster=cluster(question),
        at=datetime.fromtimestamp(at, UTC),
        probability=probability,
        outcome=outcome,
    )
