"""The headline scores of all binary targets at once: nearly all that is scored, in few steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from forecast.domain import Question, QuestionType, Settled, Target
from forecast.domain.times import midnights
from forecast.record.traces import Trace
from forecast.scoring.bulk import Headline, Said, headlines
from forecast.scoring.paths import Window
from forecast.verbs.basis import USUAL, Basis
from forecast.verbs.measures import outcome_index
from forecast.verbs.reference import base_rates
from forecast.verbs.scored import Scored
from forecast.verbs.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Saying:
    """What one forecaster said of a target that was answered so, to be scored over a window."""

    each: Scored
    trace: Trace
    settled: Settled
    window: Window

    @property
    def question(self) -> Question:
        """What was asked."""
        return self.each.question


def usual(saying: Saying, basis: Basis) -> bool:
    """Say whether this is scored here: a chance of yes, on the usual basis."""
    return basis == USUAL and saying.question.type is QuestionType.BINARY


def usual_scores(ws: Workspace, sayings: Sequence[Saying]) -> list[Headline | None]:
    """Return the headline scores beside the base rate; None where nothing ever stood."""
    rolled: dict[Target, tuple[list[float], list[float] | None]] = {}
    for saying in sayings:
        if saying.trace.target not in rolled:
            rolled[saying.trace.target] = _rolled(ws, saying)
    return headlines([_said(saying, *rolled[saying.trace.target]) for saying in sayings])


def _rolled(ws: Workspace, saying: Saying) -> tuple[list[float], list[float] | None]:
    """Return the midnights within a target's schedule, and the base rate from each on."""
    question, target = saying.question, saying.trace.target
    days = (question.deadline(target) - question.opens).days + 1
    rates = base_rates(ws, question, target, question.opens - timedelta(days=1), days)
    known = None if rates is None else [rate for rate in rates if isinstance(rate, float)]
    return midnights(question.opens, days, question.zone), known


def _said(saying: Saying, changes: list[float], rates: list[float] | None) -> Said:
    return Said(
        window=saying.window,
        outcome=outcome_index(saying.question, saying.settled.answer),
        starts=saying.trace.starts,
        values=saying.trace.values,
        changes=changes,
        reference=rates,
    )
