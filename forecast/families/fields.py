"""Fields of a model's options: annotated types that parse strictly and describe themselves.

A field takes text from a file or Python values from a notebook; each refusal has a stable code.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated, NamedTuple

from pydantic import BeforeValidator, PlainSerializer, PlainValidator, WithJsonSchema

from forecast.families import scalars
from forecast.families.scalars import refuse
from forecast.text import is_id, slug

TAIL = 1.2815515655446004  # standard deviations from the middle to either end of an 80% interval


class Interval(NamedTuple):
    """An elicited number: an 80% interval, or exact where both ends are one."""

    low: float
    high: float

    @property
    def exact(self) -> bool:
        """Whether no uncertainty was stated."""
        return self.low == self.high


def _interval(value: object, read: Callable[[object], float] = scalars.number) -> Interval:
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != 2:
        refuse("interval-shape", "an 80% interval has two ends", "write [low, high]")
    low, high = read(value[0]), read(value[1])
    if low >= high:
        hint = (
            f"write [{high:g}, {low:g}]" if low > high else "write a single number if it is exact"
        )
        refuse("interval-reversed", f"the interval [{low:g}, {high:g}] does not rise", hint)
    return Interval(low, high)


def _elicited(value: object) -> Interval:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return _interval(value)
    exact = scalars.number(value)
    return Interval(exact, exact)


def _ratio(value: object) -> Interval:
    interval = _elicited(value)
    if interval.low <= 0:
        refuse("ratio-not-positive", "a hazard ratio is above 0", "write 1 for no effect")
    return interval


def _chance(value: object) -> Interval:
    interval = _elicited(value)
    if not 0 < interval.low <= interval.high < 1:
        hint = "nothing is certain: write, for example, .01 or .99"
        refuse("probability-range", "a probability lies between 0 and 1, both excluded", hint)
    return interval


def _within(low: float, high: float, code: str, message: str) -> Callable[[object], float]:
    def check(value: object) -> float:
        number = scalars.number(value)
        if not low <= number <= high:
            refuse(code, message, f"write a number from {low:g} to {high:g}")
        return number

    return check


def _positive(value: object) -> float:
    number = scalars.number(value)
    if number <= 0:
        refuse("number-not-positive", f"{number:g} is not above 0", "write a number above 0")
    return number


def _identifier(value: object) -> str:
    if not isinstance(value, str) or not is_id(value):
        near = slug(str(value))
        message = f"{scalars.shown(value)} is no id: a–z, 0–9 and hyphens, at most 64"
        refuse("id-pattern", message, f"write {near}" if is_id(near) else "name it by its file")
    return value


def _plain(interval: Interval) -> float | list[float]:
    return interval.low if interval.exact else list(interval)


_PAIR = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
SPAN_SCHEMA = {"type": ["string", "number"], "examples": ["60 days", "2 weeks", "5 months"]}
_NUMBER_OR_PAIR = {"anyOf": [{"type": "number"}, _PAIR]}

Number = Annotated[float, PlainValidator(scalars.number), WithJsonSchema({"type": "number"})]
Positive = Annotated[
    float,
    PlainValidator(_positive),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0}),
]
Share = Annotated[
    float,
    PlainValidator(_within(0, 1, "share-range", "a share lies between 0 and 1")),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1}),
]
Correlation = Annotated[
    float,
    PlainValidator(_within(0, 0.999, "rho-range", "rho lies between 0 and .999")),
    WithJsonSchema({"type": "number", "minimum": 0, "maximum": 0.999}),
]
Tally = Annotated[
    float,
    PlainValidator(_within(0, 1e12, "tally-negative", "a tally is 0 or more")),
    WithJsonSchema({"type": "number", "minimum": 0}),
]
Days = Annotated[float, PlainValidator(scalars.days), WithJsonSchema(SPAN_SCHEMA)]
# pydantic's own validation still runs, so that dates serialize to JSON without a warning.
Day = Annotated[
    date, BeforeValidator(scalars.day), WithJsonSchema({"type": "string", "format": "date"})
]
DaysInterval = Annotated[
    Interval,
    PlainValidator(lambda value: _interval(value, scalars.days)),
    PlainSerializer(_plain),
    WithJsonSchema({"type": "array", "items": SPAN_SCHEMA, "minItems": 2, "maxItems": 2}),
]
Ratio = Annotated[
    Interval, PlainValidator(_ratio), PlainSerializer(_plain), WithJsonSchema(_NUMBER_OR_PAIR)
]
Chance = Annotated[
    Interval, PlainValidator(_chance), PlainSerializer(_plain), WithJsonSchema(_NUMBER_OR_PAIR)
]
Identifier = Annotated[
    str,
    PlainValidator(_identifier),
    WithJsonSchema({"type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,63}$"}),
]
