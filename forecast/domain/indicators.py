"""Indicators and their dated readings."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from forecast.domain.times import Known


class IndicatorKind(StrEnum):
    """What a reading of an indicator is."""

    LEVEL = "level"  # a quantity that stands until the next reading (troops, a rate)
    EVENT = "event"  # something that happened on a day (talks failed)
    COUNT = "count"  # how often something happened in a period of `days` days


@dataclass(frozen=True, slots=True)
class Observation:
    """One dated reading; `row` is its line in the CSV, by which a correction names it.

    `value` is the point reading (events: 1 unless said); `low` and `high` an 80% interval. Every
    observation has a value or both ends. `days` is the length of a count's period, which ends on
    `observed_on`. `by` is who says so. `corrects` is the row this one replaces from its `known_on`.
    """

    observed_on: date
    known_on: Known
    value: float | None = None
    low: float | None = None
    high: float | None = None
    days: int = 1
    by: str = ""
    source: str = ""
    note: str = ""
    row: int = 0
    corrects: int | None = None

    @property
    def center(self) -> float:
        """The point reading, or the middle of the interval."""
        if self.value is not None:
            return self.value
        assert self.low is not None and self.high is not None
        return (self.low + self.high) / 2


@dataclass(frozen=True, slots=True)
class Indicator:
    """The definition of an indicator and all its readings, in file order.

    `every` and `stale_after` are in days. `relative_error` is the 80% half-width of a point
    reading as a share of it, `source_offset` the same for a whole source's way of counting.
    `vintages` says whether readings were kept as first published; without, backtests on it are
    labelled "revised data".
    """

    id: str
    kind: IndicatorKind
    title: str = ""
    unit: str = ""
    source: str = ""
    every: int | None = None
    stale_after: int | None = None
    relative_error: float = 0.0
    source_offset: float = 0.0
    vintages: bool = True
    observations: tuple[Observation, ...] = field(default=(), repr=False)
    path: str = ""
