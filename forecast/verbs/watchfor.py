"""Watch for: which single next reading would move a number most, and how far to expect it to.

Each indicator is given one plausible further reading or two, known at the as-of date itself, so
that nothing but the reading moves the number:

- an event: one more;
- a level: the last reading and the 10% or 90% point of its past changes;
- a count: half or double the last one.

How likely such a reading is within the days ahead is estimated from the past alone. Days with a
reading since the question's clock give a daily rate r, and within w days one comes with probability
1 − exp(−r·w). Of a level's readings, three in ten are taken to be like each of the two points
(Swanson's rule for 10%, 50% and 90% points: A. Hurst, G. C. Brown and R. I. Swanson, "Swanson's
30-40-30 rule", AAPG Bulletin, 2000), of a count's the share of past ones that at least halved or
doubled; what lies between counts as no change, and so does silence. Where there is too little past
for that there is no estimate, and the reason is given.

A number that foresaw its readings would move up and down alike: before anything is known its
expected change is zero (a martingale). Indicators are not foreseen but held, faded or drifted as
the model says, and an event that keeps coming is no news to its rate; so the expected change with
its sign, `drift`, need not be zero. It is what the number will move on average if readings come as
they came, and is told wherever it exceeds the Monte Carlo error.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from forecast.domain import AsOf, Indicator, IndicatorKind, Question, Target
from forecast.domain.times import local_day
from forecast.inference.sampler import Progress
from forecast.verbs.asking import Asked, Place, asked, fitted, must_stand
from forecast.verbs.fitting import Request
from forecast.verbs.forecasting import interval
from forecast.verbs.movers import Fits
from forecast.verbs.periods import whole_days
from forecast.verbs.supposing import indicators, with_readings
from forecast.verbs.whatif import next_reading
from forecast.verbs.workspace import Workspace

RECENT = 250  # past changes looked at: a year of working days
FEWEST_CHANGES = 3  # of a level, for its 10% and 90% points to say anything
FEWEST_STEPS = 5  # of a count, for shares
POINT_WEIGHT = 0.3  # Swanson's rule


@dataclass(frozen=True, slots=True)
class Next:
    """A plausible next reading: `kind` is one more, lower, higher, halved or doubled.

    `share` is how many of the indicator's readings are like it, None where that is not known.
    """

    indicator: Indicator
    kind: str
    value: float
    days: int
    change: float | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Watched:
    """One number under one next reading; `chance` is that of such a reading within the days."""

    next: Next
    would_be: float
    low: float
    high: float
    change: float
    chance: float | None


@dataclass(frozen=True, slots=True)
class Watch:
    """What one indicator can do to a number: the expected absolute change, or why there is none.

    `drift` is the expected change with its sign: 0 for a number that foresees its readings.
    """

    indicator: Indicator
    readings: tuple[Watched, ...]
    expected: float | None
    drift: float | None
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Watching:
    """One number and its indicators, the one expected to move it most first."""

    target: Target
    option: str
    now: float
    error: float
    watches: tuple[Watch, ...]

    @property
    def drifting(self) -> tuple[Watch, ...]:
        """The indicators whose readings would move it one way on average, beyond its error."""
        least = max(2 * self.error, 5e-4)
        return tuple(watch for watch in self.watches if abs(watch.drift or 0.0) > least)


@dataclass(frozen=True, slots=True)
class WatchReport:
    """What to watch for within so many days."""

    question: Question
    model: str
    as_of: AsOf
    within: int
    numbers: tuple[Watching, ...]


def watch_for(
    ws: Workspace,
    name: str,
    *,
    day: date | None = None,
    within: int = 7,
    model: str | None = None,
    progress: Progress | None = None,
) -> WatchReport:
    """Return what each indicator's next reading would do to a question's numbers.

    Raises UsageError for what is unknown or no days ahead, RefusedError where the model cannot
    speak.
    """
    days = whole_days(within)
    asking = asked(ws, name, day, model)
    supposed = {
        each: _with(asking, each)
        for indicator in indicators(asking.request).values()
        for each in _next(indicator)
    }
    fits = fitted(ws, [asking.request, *supposed.values()], progress)
    must_stand(fits[asking.request.identity], f"{asking.request.spec.name} is refused")
    return WatchReport(
        question=asking.question,
        model=asking.request.spec.name,
        as_of=asking.as_of,
        within=days,
        numbers=tuple(_watching(asking, supposed, fits, days, p) for p in asking.places()),
    )


def _with(asking: Asked, each: Next) -> Request:
    reading = replace(next_reading(each.indicator, each.value, asking.as_of.day), days=each.days)
    view = with_readings(asking.request.view, {each.indicator.id: (reading,)})
    return replace(asking.request, view=view)


def _next(indicator: Indicator) -> Iterator[Next]:
    """Yield the plausible next readings of an indicator; none where its past says nothing."""
    if indicator.kind is IndicatorKind.EVENT:
        yield Next(indicator, "one more", 1.0, 1, None, 1.0)
    elif indicator.kind is IndicatorKind.LEVEL:
        yield from _next_level(indicator)
    else:
        yield from _next_count(indicator)


def _next_level(indicator: Indicator) -> Iterator[Next]:
    seen = indicator.observations
    changes = [b.center - a.center for a, b in pairwise(seen)][-RECENT:]
    if len(changes) < FEWEST_CHANGES:
        return
    tenths = statistics.quantiles(changes, n=10, method="inclusive")
    for kind, change in (("higher", tenths[-1]), ("lower", tenths[0])):
        if not math.isfinite(seen[-1].center + change):
            continue
        yield Next(indicator, kind, seen[-1].center + change, 1, change, POINT_WEIGHT)


def _next_count(indicator: Indicator) -> Iterator[Next]:
    seen = indicator.observations
    if not seen or not seen[-1].center:
        return
    rates = [o.center / o.days for o in seen[-RECENT - 1 :]]
    steps = [b / a for a, b in pairwise(rates) if a]
    enough = len(steps) >= FEWEST_STEPS
    doubled = sum(step >= 2 for step in steps) / len(steps) if enough else None
    halved = sum(step <= 0.5 for step in steps) / len(steps) if enough else None
    last, days = seen[-1].center, seen[-1].days
    yield Next(indicator, "doubled", 2 * last, days, last, doubled)
    yield Next(indicator, "halved", last / 2, days, -last / 2, halved)


def _watching(
    asking: Asked, supposed: dict[Next, Request], fits: Fits, within: int, place: Place
) -> Watching:
    now = fits[asking.request.identity]
    watches = [
        _watch(asking, indicator, supposed, fits, within, place)
        for indicator in indicators(asking.request).values()
    ]
    watches.sort(key=_rank)
    number = now.value[place.index], now.error[place.index]
    return Watching(place.target, place.option, *number, tuple(watches))


def _rank(watch: Watch) -> tuple[float, float]:
    """Sort by what is expected; without an estimate last, by what could come."""
    largest = max((abs(r.change) for r in watch.readings), default=0.0)
    return (1.0 if watch.expected is None else -watch.expected), -largest


def _watch(
    asking: Asked,
    indicator: Indicator,
    supposed: dict[Next, Request],
    fits: Fits,
    within: int,
    place: Place,
) -> Watch:
    coming = _coming(asking, indicator, within)
    was = fits[asking.request.identity].value[place.index]
    readings = []
    for each, request in supposed.items():
        found = fits[request.identity]
        if each.indicator.id != indicator.id or found.refused:
            continue
        known = coming is not None and each.share is not None
        chance = coming * each.share if known else None  # type: ignore[operator]
        would_be = found.value[place.index]
        low, high = interval(request, found, place.index)
        readings.append(Watched(each, would_be, low, high, would_be - was, chance))
    unknown = _unknown(asking, coming, readings)
    weighed = [r.change * (r.chance or 0) for r in readings]
    expected, drift = (None, None) if unknown else (sum(map(abs, weighed)), sum(weighed))
    return Watch(indicator, tuple(readings), expected, drift, unknown)


def _coming(asking: Asked, indicator: Indicator, within: int) -> float | None:
    """The chance that a reading comes within some days, at the rate they came since the clock."""
    question = asking.question
    days = {local_day(o.known_on, question.zone) for o in indicator.observations}
    came = sum(question.clock < day <= asking.as_of.day for day in days)
    return 1 - math.exp(-came / _elapsed(asking) * within) if came else None


def _elapsed(asking: Asked) -> int:
    """Days since the clock's day on which a reading could come: today is one, over or not."""
    return (asking.as_of.day - asking.question.clock).days


def _unknown(asking: Asked, coming: float | None, readings: list[Watched]) -> str:
    """Say why nothing can be expected of an indicator, if so."""
    if not readings:
        return "too few readings to tell what comes next"
    if _elapsed(asking) < 1:
        return "the clock has only just begun"
    if coming is None:
        return "no reading since the clock"
    if any(each.chance is None for each in readings):
        return "too few readings to tell how often"
    return ""
