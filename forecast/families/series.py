"""What `trend` sees of a series: the readings it learns from, and the fixings that lie ahead.

A threshold is held to readings and to fixings alike, so that both must be over periods of about one
length. Counts are fixed as far apart as most of their periods are long, unless the calendar is
stated. A count over another period, such as one that makes up for a gap, teaches the rate and is no
fixing itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from statistics import mode
from typing import TYPE_CHECKING

from forecast.domain import Indicator, IndicatorKind, Observation, View
from forecast.errors import BookError
from forecast.families import counts, garch
from forecast.families.data import Data
from forecast.families.fixings import Pace, fixings
from forecast.text import plural

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable

    from forecast.families.trend import TrendOptions

FEWEST = 10  # readings, below which the priors would do the forecasting
FARTHEST = 520  # fixings ahead: two years of weekdays


class Series:
    """A series in the window a trend states, and its future fixings.

    `values` (T,) are the readings, the latest known of each day, over periods of `days` (T,) days;
    `ahead` are the fixings still to come. Raises BookError if they are too few, too many, or
    impossible.
    """

    def __init__(self, options: TrendOptions, view: View) -> None:
        import numpy as np

        indicator = view.indicators[options.series]
        self.counted = indicator.kind is IndicatorKind.COUNT
        seen = window(options, indicator)
        if len(seen) < FEWEST:
            known = plural(len(seen), "reading")
            message = f"{options.series} has {known} known by {view.as_of.day}"
            raise BookError(message, hint=f"trend needs {FEWEST}")
        self.values = np.array([reading.center for reading in seen])
        self.days = np.array([float(reading.days) for reading in seen])
        self.pace = _pace(options, seen, counted=self.counted)
        self._fixed = [reading for reading in seen if self.fixes(reading)]
        self.seed = _seed(view.question.id)
        self.ahead = fixings(view, seen[-1].observed_on, self.pace)
        self._refuse_impossible(options.series)

    def _refuse_impossible(self, name: str) -> None:
        if len(self.ahead.lengths) > FARTHEST:
            message = f"{name} is to be followed over {len(self.ahead.lengths)} fixings"
            raise BookError(message, hint=f"trend sees {FARTHEST} ahead")
        if self.counted and self.values.min() < 0:
            raise BookError(f"{name} has a count below 0")
        if not self.counted and self.values.min() <= 0:
            raise BookError(f"{name} has a level that is not above 0", hint="it has no logarithm")

    @property
    def last(self) -> float:
        """The last fixing."""
        return float(self._fixed[-1].center)

    def fixes(self, reading: Observation) -> bool:
        """Whether a reading is a fixing, over about as many days as those to come (months differ).

        A level always is.
        """
        if not self.counted or self.pace == "weekdays":
            return True
        return abs(reading.days - self.pace) < self.pace / 2

    def futures(self, which: TensorVariable) -> TensorVariable:
        """Add parameters and likelihood; return simulated values (path, fixing)."""
        if self.counted:
            rate = counts.rates(self.values.round(), self.days)
            return counts.futures(rate, self.ahead.lengths, self.seed, which)
        state = garch.returns(self.values)
        return garch.futures(state, self.last, len(self.ahead.lengths), self.seed, which)

    def data(self) -> Data:
        """Return the numbers of `futures`."""
        lengths = self.ahead.lengths
        if self.counted:
            seen = counts.rates_data(self.values.round(), self.days)
            return seen | counts.futures_data(lengths, self.seed)
        seen = garch.returns_data(self.values)
        return seen | garch.futures_data(self.last, len(lengths), self.seed)


def window(options: TrendOptions, indicator: Indicator) -> list[Observation]:
    """Return the readings that a trend learns from, the latest known of each day."""
    by_day = {seen.observed_on: seen for seen in indicator.observations}
    return [by_day[day] for day in sorted(by_day)][-options.window :]


def period(seen: Sequence[Observation]) -> int:
    """Return how many days most of these counts are over; of several lengths the latest."""
    return mode(reading.days for reading in reversed(seen))


def _pace(options: TrendOptions, seen: Sequence[Observation], *, counted: bool) -> Pace:
    if not counted:
        return 1 if options.calendar == "daily" else "weekdays"
    days = period(seen)
    if options.calendar is not None and days > 1:
        message = f"{options.series} counts {days} days at a time, its calendar goes day by day"
        raise BookError(message, hint="leave calendar out")
    return "weekdays" if options.calendar == "weekdays" else days


def _seed(question: str) -> int:
    digest = hashlib.sha256(question.encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1  # PyMC keeps integers in 32 bits, signed
