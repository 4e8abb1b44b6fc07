"""Weeks of a series, each with what was known when it began: where questions come from.

A week begins at the end of one day and is answered a week later, by the last fixing up to that day.
What was known is all that enters: the series so far, and what the week would end at if an earlier
week, drawn at random, came again.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parents[2]
WEEK = timedelta(days=7)
SPREAD = 250  # daily changes behind the walk's spread: a year of working days
FEWEST = 20  # past weeks, or counts, to take quantiles of


@dataclass(frozen=True, slots=True)
class Reading:
    """What a series read on a day, since when that was known, and over how many days it counts."""

    day: date
    value: float
    known: date
    days: int = 1


@dataclass(frozen=True, slots=True)
class Walk:
    """A driftless Gaussian walk: ln(value + shift) ends normal about ln(last + shift)."""

    last: float
    spread: float
    shift: float


@dataclass(frozen=True, slots=True)
class Week:
    """One week: `past` are the values it would end at if an earlier one came again, in order."""

    series: str
    begins: date
    ends: date
    past: tuple[float, ...]
    walk: Walk
    answer: float
    known: date


@dataclass(frozen=True)
class Series:
    """A series by its name in a book; `kind` is that of its indicator, `weekday` when weeks end."""

    name: str
    kind: str
    unit: str
    source: str
    path: Path
    weekday: int

    def readings(self) -> list[Reading]:
        """Return all readings, in order."""
        with self.path.open(encoding="utf-8", newline="") as file:
            return [_reading(row) for row in csv.DictReader(file)]

    def weeks(self, start: date, end: date) -> Iterator[Week]:
        """Yield the weeks that begin from `start` on and end by `end`."""
        readings = self.readings()
        begins = start + timedelta(days=(self.weekday - start.weekday()) % 7)
        week = _level_week if self.kind == "level" else _count_week
        while begins + WEEK <= end:
            if found := week(self.name, readings, begins):
                yield found
            begins += WEEK


def _reading(row: dict[str, str]) -> Reading:
    day = date.fromisoformat(row["observed_on"])
    known = date.fromisoformat(row.get("known_on") or row["observed_on"])
    return Reading(day, float(row["value"]), known, int(row.get("days") or 1))


def _level_week(series: str, readings: Sequence[Reading], begins: date) -> Week | None:
    """A level is fixed on working days; the answer is the last fixing by the end of the week."""
    seen = [r for r in readings if r.known <= begins]
    moves = _weekly_moves(seen, begins)
    if len(moves) < FEWEST or len(seen) <= SPREAD:
        return None
    ends = begins + WEEK
    steps = _working_days(seen[-1].day, ends)
    answer = [r for r in readings if r.day <= ends][-1]
    last = seen[-1].value
    past = sorted(last * math.exp(move) for move in moves)
    walk = Walk(last, _spread(seen, 0.0) * math.sqrt(steps), 0.0)
    return Week(series, begins, ends, tuple(past), walk, answer.value, ends)


def _count_week(series: str, readings: Sequence[Reading], begins: date) -> Week | None:
    """A count is of one day; a week is left out if no count of its last day is on file.

    Its days have gaps, so that the past is that of counts rather than of changes over a week.
    """
    seen = [r for r in readings if r.known <= begins]
    counts = sorted(r.value for r in seen if r.days == 1)
    ends = begins + WEEK
    answers = [r for r in readings if r.day == ends and r.days == 1]
    if len(counts) < FEWEST or not answers:
        return None
    steps = (ends - seen[-1].day).days
    walk = Walk(seen[-1].value / seen[-1].days, _spread(seen, 1.0) * math.sqrt(steps), 1.0)
    return Week(series, begins, ends, tuple(counts), walk, answers[0].value, answers[0].known)


def _weekly_moves(seen: Sequence[Reading], until: date) -> list[float]:
    """Return the changes of the logarithm from week to week, weeks ending like this one."""
    by_week: dict[int, float] = {}
    for reading in seen:
        by_week[(until - reading.day).days // 7] = reading.value  # the last of its week stays
    levels = [by_week[n] for n in sorted(by_week, reverse=True)]
    return [math.log(after / before) for before, after in pairwise(levels)]


def _spread(seen: Sequence[Reading], shift: float) -> float:
    """Return the root mean square of the last changes of the logarithm from day to day."""
    logs = [math.log(r.value / r.days + shift) for r in seen[-SPREAD - 1 :]]
    return math.sqrt(sum((b - a) ** 2 for a, b in pairwise(logs)) / (len(logs) - 1))


def _working_days(after: date, until: date) -> int:
    days = ((after + timedelta(days=n)).weekday() for n in range(1, (until - after).days + 1))
    return sum(day < 5 for day in days)


FRIDAY, WEDNESDAY = 4, 2
ECB = "European Central Bank, euro foreign exchange reference rates"
OSCE = "OSCE Special Monitoring Mission to Ukraine via ReliefWeb"
HERE, BUNDLED = Path(__file__).parent, ROOT / "questions" / "indicators"
EUR_USD = Series("eur-usd", "level", "USD per EUR", ECB, HERE / "eur-usd.csv", FRIDAY)
USD_RUB = Series("usd-rub", "level", "RUB per USD", ECB, BUNDLED / "usd-rub.csv", FRIDAY)
VIOLATIONS = Series(
    "ceasefire-violations",
    "count",
    "violations",
    OSCE,
    BUNDLED / "ceasefire-violations.csv",
    WEDNESDAY,
)
