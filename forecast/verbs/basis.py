"""What a score rests on: how paths are read, what they are compared with, and any clip."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from statistics import fmean

from forecast.domain import AsOf, Question, QuestionType, Target, Value
from forecast.domain.times import midnights
from forecast.errors import UsageError
from forecast.record.traces import Trace
from forecast.scoring import paths, readings
from forecast.scoring.paths import Path, Window
from forecast.scoring.readings import COVERED, LAST, SCHEDULED, Reading
from forecast.text import clean, did_you_mean, plural
from forecast.verbs.periods import whole_days
from forecast.verbs.reference import base_rates
from forecast.verbs.scored import Scored
from forecast.verbs.workspace import Workspace

BASE_RATE = "base rate"
CLIMATOLOGY = "climatology"
DAY = 86400.0  # seconds, the unit of windows


@dataclass(frozen=True, slots=True)
class Basis:
    """How paths are scored.

    `against` is what scores are compared with: the base rate, `climatology` (the share of yes among
    the questions scored, known only afterwards), or a forecaster's name. `clip` moves the chance
    given to what happened into [clip, 1 − clip] before its logarithm is taken; 0 clips nothing.
    """

    reading: Reading = SCHEDULED
    against: str = BASE_RATE
    clip: float = 0.0


USUAL = Basis()
"""The headline's: the scheduled time, beside the base rate, nothing clipped."""

READINGS = {"scheduled": SCHEDULED, "covered": COVERED, "last": LAST}


def basis(
    reading: str = "scheduled",
    *,
    lead: int | None = None,
    against: str = BASE_RATE,
    clip: float = 0.0,
) -> Basis:
    """Return what was asked for by name; `lead` in days takes the place of a reading.

    Raises UsageError for an unknown reading, a lead of no days, or a clip outside 0 to ½.
    """
    if reading not in READINGS:
        raise UsageError(
            f"there is no reading {clean(reading)!r}", f"it is {' or '.join(READINGS)}"
        )
    if not 0 <= clip < 0.5:
        raise UsageError(f"a clip of {clip:g} cannot be", "give one from 0 to below .5, like .001")
    found = READINGS[reading]
    if lead is not None:
        days = whole_days(lead)
        found = readings.lead(days * DAY, f"{plural(days, 'day')} before the scheduled close")
    return Basis(found, against, clip)


def known_reference(chosen: Basis, forecasters: Collection[str]) -> None:
    """Raise UsageError if scores are to be compared with one who has forecast none of this."""
    if chosen.against not in (BASE_RATE, CLIMATOLOGY, *forecasters):
        near = did_you_mean(chosen.against, forecasters)
        hint = near or f"name one who has, or {CLIMATOLOGY}"
        raise UsageError(f"no {clean(chosen.against)!r} has forecast these questions", hint)


def reference_path(
    ws: Workspace, each: Scored, like: Trace, basis: Basis, span: Window, frequency: float | None
) -> Path[Value] | None:
    """Return what traces of a target and kind like this one's are compared with; None if nothing.

    A named forecaster is looked for among all that was said of the question.
    """
    if basis.against == BASE_RATE:
        return base_rate_path(ws, each.question, like.target, span)
    if basis.against == CLIMATOLOGY:
        if each.question.type is not QuestionType.BINARY:
            return None
        return paths.path(start=[span.open], value=[frequency], window=span)
    for other in each.traces:
        alike = (other.target, other.backtest) == (like.target, like.backtest)
        if alike and other.forecaster == basis.against:
            return paths.path(start=other.starts, value=other.values, window=span)
    return None


def base_rate_path(
    ws: Workspace, question: Question, target: Target, span: Window
) -> Path[Value] | None:
    """Return the base rate from each midnight on, as of the day that has just ended."""
    days = (question.deadline(target) - question.opens).days + 1
    rates = base_rates(ws, question, target, question.opens - timedelta(days=1), days)
    if rates is None:
        return None
    return paths.path(
        start=midnights(question.opens, days, question.zone), value=rates, window=span
    )


def frequency(questions: Sequence[Question], as_of: Sequence[AsOf]) -> float | None:
    """Return the share of yes among binary questions answered by then, each counting once."""
    shares = []
    for question, known in zip(questions, as_of, strict=True):
        answers = (question.settled_by(target, known) for target in question.targets)
        outcomes = [s.outcome for s in answers if s is not None and s.outcome is not None]
        if outcomes:
            shares.append(fmean(outcomes))
    return fmean(shares) if shares else None
