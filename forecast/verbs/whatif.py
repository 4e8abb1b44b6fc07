"""What if: the numbers under readings that have not happened.

Each is taken as known on its day, and the question is seen from the end of the last such day with
everything known now and nothing else. What the waiting alone would do is told apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from forecast.domain import AsOf, Indicator, IndicatorKind, Observation, Question, Target
from forecast.errors import UsageError
from forecast.inference.sampler import Progress
from forecast.text import clean, did_you_mean
from forecast.verbs.asking import Asked, Place, asked, fitted, must_stand
from forecast.verbs.fitting import Request
from forecast.verbs.forecasting import interval
from forecast.verbs.movers import Fits
from forecast.verbs.supposing import indicators, moved, with_readings
from forecast.verbs.workspace import Workspace

SUPPOSED = "supposed"  # who an event that has not happened is told by


@dataclass(frozen=True, slots=True)
class Supposed:
    """A reading that has not happened."""

    indicator: Indicator
    reading: Observation

    def __str__(self) -> str:
        """Return it as it is written on the command line."""
        event = self.indicator.kind is IndicatorKind.EVENT
        value = "" if event else f"={self.reading.value:.15g}"
        return f"{self.indicator.id}{value}@{self.reading.observed_on}"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One number: what it is, what it would be on the later day anyway, and with the readings."""

    target: Target
    option: str
    was: float
    was_low: float
    was_high: float
    quiet: float
    would_be: float
    low: float
    high: float
    error: float


@dataclass(frozen=True, slots=True)
class WhatIfReport:
    """Numbers under supposed readings, seen from the day `on`."""

    question: Question
    model: str
    as_of: AsOf
    on: date
    supposed: tuple[Supposed, ...]
    numbers: tuple[WhatIf, ...]


def whatif(
    ws: Workspace,
    name: str,
    words: Sequence[str],
    *,
    day: date | None = None,
    model: str | None = None,
    progress: Progress | None = None,
) -> WhatIfReport:
    """Return a question's numbers under readings written INDICATOR=VALUE@DATE, events EVENT@DATE.

    Nothing is recorded. Raises UsageError for what is unknown or does not fit, RefusedError where
    the model cannot speak.
    """
    asking = asked(ws, name, day, model)
    if not words:
        raise UsageError("nothing is supposed", "write troops=200000@2022-02-20")
    supposed = tuple(_supposed(word, asking) for word in words)
    on = max(each.reading.observed_on for each in supposed)
    targets = [t for t in asking.targets if asking.question.deadline(t) >= on]
    if not targets:
        last = asking.question.deadline(asking.targets[-1])
        raise UsageError(f"{on} is past the deadline", f"suppose something by {last}")
    now, quiet, then = requests = _requests(asking, supposed, on)
    fits = fitted(ws, requests, progress)
    for request in requests:
        must_stand(fits[request.identity], f"{request.spec.name} is refused")
    return WhatIfReport(
        question=asking.question,
        model=now.spec.name,
        as_of=asking.as_of,
        on=on,
        supposed=supposed,
        numbers=tuple(_number(fits, now, quiet, then, p) for p in asking.places(targets)),
    )


def _requests(
    asking: Asked, supposed: Sequence[Supposed], on: date
) -> tuple[Request, Request, Request]:
    """Return three requests: now, on the later day without news, and with it."""
    now = asking.request
    later = now.view
    if on > asking.as_of.day:
        later = moved(later, AsOf.at(on, asking.question.zone))
    added: dict[str, tuple[Observation, ...]] = {}
    for each in supposed:
        added[each.indicator.id] = (*added.get(each.indicator.id, ()), each.reading)
    return now, replace(now, view=later), replace(now, view=with_readings(later, added))


def _number(fits: Fits, now: Request, quiet: Request, then: Request, place: Place) -> WhatIf:
    was, would_be = fits[now.identity], fits[then.identity]
    return WhatIf(
        place.target,
        place.option,
        was.value[place.index],
        *interval(now, was, place.index),
        fits[quiet.identity].value[place.index],
        would_be.value[place.index],
        *interval(then, would_be, place.index),
        would_be.error[place.index],
    )


def _supposed(word: str, asking: Asked) -> Supposed:
    said, _, when = word.rpartition("@")
    name, equals, value = said.partition("=")
    if not name:
        raise UsageError(
            f"{clean(word)!r} is no supposed reading", "write troops=200000@2022-02-20"
        )
    indicator = _indicator(name, asking)
    day = _day(when, asking)
    number = _value(indicator, value if equals else None)
    return Supposed(indicator, next_reading(indicator, number, day))


def next_reading(indicator: Indicator, value: float, day: date) -> Observation:
    """Return a reading known on its day, told by whom and for a period as the last one was.

    An event is told by nobody before, so that it is a further one.
    """
    last = indicator.observations[-1] if indicator.observations else None
    if indicator.kind is IndicatorKind.EVENT:
        return Observation(day, day, value, by=SUPPOSED)
    days, by = (last.days, last.by) if last else (1, "")
    return Observation(day, day, value, days=days, by=by)


def _indicator(name: str, asking: Asked) -> Indicator:
    watched = indicators(asking.request)
    if name not in watched:
        known = ", ".join(watched) or "none"
        message = f"{asking.request.spec.name} watches no indicator {clean(name)!r} here"
        raise UsageError(message, did_you_mean(name, watched) or f"it watches {known}")
    return watched[name]


def _day(text: str, asking: Asked) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{clean(text)!r} is no date", "end with @YYYY-MM-DD") from None
    if day < asking.as_of.day:
        hint = "suppose what is to come, or give an earlier --as-of"
        raise UsageError(f"{day} is before {asking.as_of.day}", hint)
    return day


def _value(indicator: Indicator, text: str | None) -> float:
    """Return the number of a level or count; events happen, and have none."""
    if indicator.kind is IndicatorKind.EVENT:
        if text is not None:
            raise UsageError(f"{indicator.id} is an event", f"write {indicator.id}@DATE")
        return 1.0
    if text is None:
        hint = f"write {indicator.id}=VALUE@DATE"
        raise UsageError(f"{indicator.id} is a {indicator.kind} and needs a value", hint)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"{clean(text)!r} is no number", f"write {indicator.id}=VALUE@DATE")
    if indicator.kind is IndicatorKind.COUNT and value < 0:
        raise UsageError(f"{indicator.id} is a count, which is not below 0", "write 0 or more")
    return value
