"""From dated readings to x by day: how far an indicator stands from its baseline.

Levels stand until the next reading; counts are a rate per day that stands from the start of their
period; an event counts while it is younger than `lasts`, and told twice by one source it is one.
Before the first reading a level or count is at its baseline (x = 0); where no event is known there
is none.

Of each source only the latest reading counts, and sources are weighted by the precision 1/(error² +
offset²) of their readings; a source whose latest reading is older than the newest one by more than
the indicator's `stale_after` drops out. Exact readings (no error, no offset) leave no room for
others: the newest stands. On a log scale all this is done with logarithms.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from math import log, sqrt
from typing import TYPE_CHECKING, NamedTuple

from forecast.domain import Indicator, IndicatorKind, Observation, View
from forecast.errors import BookError
from forecast.families.clock import Timeline
from forecast.families.fields import TAIL
from forecast.families.options import Ahead, HazardEffect

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

type Array = NDArray[np.float64]


class Path(NamedTuple):
    """x on every day of a timeline, each of shape (days,).

    The path given two standard normal parameters z and w is mean + z·sd + w·drift: z says whether
    the readings are all too high or too low, w where a drifting indicator goes from now.
    """

    mean: Array
    sd: Array
    drift: Array


class Level(NamedTuple):
    """x and its standard deviation from a day on (0: the clock's day) until the next level."""

    day: int
    mean: float
    sd: float


class Reading(NamedTuple):
    """One source's reading on the scale of x, with the sds of its error and of the source."""

    day: int
    mean: float
    error: float
    offset: float
    by: str

    @property
    def variance(self) -> float:
        """What is unknown about the level after this reading alone."""
        return self.error**2 + self.offset**2


def path(effect: HazardEffect, view: View, time: Timeline) -> Path:
    """Return x by day as it is known now, and as it is expected to go on.

    `fade` halves x every so many days; `drift` gives x d days ahead the standard deviation σ√d,
    with σ² the sum of squared changes of the level so far over the days since its first reading.
    """
    import numpy as np

    indicator = view.indicators[effect.use]
    day = np.arange(1, time.days + 1)
    # What was read today counts today, though a live today is not survived yet.
    today = max(time.survived, (view.as_of.day - view.question.clock).days)
    past, ahead = np.minimum(day, today), np.maximum(day - today, 0)
    if indicator.kind is IndicatorKind.EVENT:
        mean, sd, sigma = _events(effect, indicator, view.question.clock, past), past * 0.0, 0.0
    else:
        levels = list(_levels(effect, indicator, view.question.clock))
        mean, sd = _standing(levels, past)
        sigma = _volatility(levels, today)
    mode = effect.ahead or _usual(effect, indicator)
    faded = 0.5 ** (ahead / mode.fade) if mode.fade else 1.0
    drift = sigma * np.sqrt(ahead) if mode.mode == "drift" else past * 0.0
    return Path(mean * faded, sd * faded, drift)


def _usual(effect: HazardEffect, indicator: Indicator) -> Ahead:
    """Return what an indicator does after now unless the file says it: events fade, others stay."""
    if indicator.kind is IndicatorKind.EVENT and effect.lasts:
        return Ahead.model_validate({"fade": effect.lasts})
    return Ahead.model_validate("hold")


def _events(effect: HazardEffect, indicator: Indicator, clock: date, days: Array) -> Array:
    import numpy as np

    lasts = effect.lasts if effect.lasts is not None else np.inf
    x = np.zeros(len(days))
    told = {(event.observed_on, event.by): event for event in indicator.observations}
    for event in told.values():
        age = days - (event.observed_on - clock).days
        fresh = (age >= 0) & (age < lasts)
        x = x + event.center * fresh if effect.count == "each" else np.maximum(x, fresh)
    return x - (effect.baseline or 0.0)


def _standing(levels: list[Level], days: Array) -> tuple[Array, Array]:
    """Return mean and sd of the level that stands on each day; 0 before the first."""
    import numpy as np

    table = np.array([(-np.inf, 0.0, 0.0), *levels])
    row = np.searchsorted(table[:, 0], days, side="right") - 1
    return table[row, 1], table[row, 2]


def _volatility(levels: list[Level], now: int) -> float:
    if not levels or now <= levels[0].day:
        return 0.0
    changes = (b.mean - a.mean for a, b in pairwise(levels))
    return sqrt(sum(change**2 for change in changes) / (now - levels[0].day))


def _levels(effect: HazardEffect, indicator: Indicator, clock: date) -> Iterable[Level]:
    """Yield the combined level on each day on which a source says something new."""
    readings = [reading(effect, indicator, seen, clock) for seen in indicator.observations]
    readings.sort(key=lambda r: r.day)  # stable: on one day the later known comes last
    latest: dict[str, Reading] = {}
    for position, new in enumerate(readings):
        latest.pop(new.by, None)  # the newest goes last
        latest[new.by] = new
        if position + 1 == len(readings) or readings[position + 1].day > new.day:
            yield _combined(list(latest.values()), indicator.stale_after)


def _combined(latest: list[Reading], stale_after: int | None) -> Level:
    newest = latest[-1]
    fresh = [r for r in latest if stale_after is None or newest.day - r.day <= stale_after]
    exact = [r for r in fresh if not r.variance]
    if exact:
        return Level(newest.day, exact[-1].mean, 0.0)
    precision = sum(1 / r.variance for r in fresh)
    mean = sum(r.mean / r.variance for r in fresh) / precision
    return Level(newest.day, mean, sqrt(1 / precision))


def reading(effect: HazardEffect, indicator: Indicator, seen: Observation, clock: date) -> Reading:
    """Return an observation on the scale of x; BookError if a log scale meets nothing above 0."""
    days = seen.days if indicator.kind is IndicatorKind.COUNT else 1
    start = (seen.observed_on - clock).days - (days - 1)
    on_scale = _linear if effect.scale == "linear" else _logarithmic
    return Reading(start, *on_scale(effect, indicator, seen, days), seen.by)


def _linear(
    effect: HazardEffect, indicator: Indicator, seen: Observation, days: int
) -> tuple[float, float, float]:
    unit = (effect.per or 1.0) * days
    error = abs(seen.center) * indicator.relative_error / TAIL
    if seen.low is not None and seen.high is not None:
        error = (seen.high - seen.low) / (2 * TAIL)
    offset = abs(seen.center) * indicator.source_offset / TAIL
    mean = seen.center / unit - (effect.baseline or 0.0) / (effect.per or 1.0)
    return mean, error / unit, offset / unit


def _logarithmic(
    effect: HazardEffect, indicator: Indicator, seen: Observation, days: int
) -> tuple[float, float, float]:
    assert effect.baseline is not None, "a log scale has a baseline; the options say so"
    more = 0.5 if indicator.kind is IndicatorKind.COUNT else 0.0  # a count of 0 has a logarithm
    known = [end for end in (seen.low, seen.value, seen.high) if end is not None]
    if min(known) + more <= 0:
        message = f"{indicator.id} has a reading that is not above 0, on a log scale"
        raise BookError(message, hint="use scale: linear")
    logs = [log((end + more) / days / effect.baseline) for end in known]
    mean = (logs[0] + logs[-1]) / 2 if seen.value is None else logs[len(logs) // 2]
    error = log(1 + indicator.relative_error) / TAIL
    if seen.low is not None and seen.high is not None:
        error = (logs[-1] - logs[0]) / (2 * TAIL)
    offset = log(1 + indicator.source_offset) / TAIL
    unit = log(effect.per or 2.0)
    return mean / unit, error / unit, offset / unit
