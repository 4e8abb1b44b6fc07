"""The days on which a series is fixed: the steps a trend takes, and those that can decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from forecast.domain import View

type Calendar = Literal["weekdays", "daily"]
type Pace = Literal["weekdays"] | int
"""Fixings on weekdays, or so many days apart."""

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class Fixings:
    """The fixings from a series' last reading to a question's last deadline, at least one.

    `lengths` are the days each step covers, since the fixing before it. `judged` says which lie
    ahead: fixings that are over but not yet read are steps too, and decide nothing. `rungs` counts
    the fixings up to and on each deadline.
    """

    lengths: tuple[int, ...]
    judged: tuple[bool, ...]
    rungs: tuple[int, ...]


def fixings(view: View, last: date, pace: Pace) -> Fixings:
    """Return the fixings of `pace` after `last`, the day of the last reading."""
    deadlines = view.question.deadlines
    days = list(_days(last, max(deadlines), pace))
    rungs = tuple(sum(day <= deadline for day in days) for deadline in deadlines)
    days = days or [last + timedelta(days=1)]  # an array of no steps would be a shape of its own
    before = [last, *days[:-1]]
    return Fixings(
        lengths=tuple((day - past).days for day, past in zip(days, before, strict=True)),
        judged=tuple(day > view.start for day in days),
        rungs=rungs,
    )


def _days(after: date, until: date, pace: Pace) -> Iterator[date]:
    step = timedelta(days=1 if pace == "weekdays" else pace)
    day = after + step
    while day <= until:
        if pace != "weekdays" or day.weekday() < _SATURDAY:
            yield day
        day += step
