"""What a line's `detail` may hold: of what is read back from it, only what could be written.

Members that nobody reads may be anything.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from forecast.domain import Kind
from forecast.domain.times import FIRST_YEAR, LAST_YEAR

RANGE = f"of the years {FIRST_YEAR} to {LAST_YEAR}"


def flaw(detail: Mapping[str, Any], kind: Kind) -> str:
    """Return what is wrong with the `detail` of a line of that kind, or nothing.

    >>> flaw({"means_it": "x"}, Kind.LIVE)
    '`means_it` of `detail` is no number'
    """
    for name, (fits, what) in (_ANSWER if kind is Kind.RESOLUTION else _SAID).items():
        if name in detail and not fits(detail[name]):
            return f"`{name}` of `detail` is no {what}"
    if "given" in detail and not detail.keys() >= _PARTS:
        return "`given` of `detail` stands without `if_given` and `if_not`"
    return ""


def is_day(text: str) -> bool:
    """Whether a text is a day as the record spells it."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def in_range(day: date) -> bool:
    """Whether arithmetic with a day stays within the calendar."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def is_finite(value: Any) -> bool:
    """Whether a JSON value is a number that a double holds."""
    return type(value) in (int, float) and math.isfinite(value)


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_dated(value: Any) -> bool:
    return _is_text(value) and is_day(value) and in_range(date.fromisoformat(value))


def _is_known(value: Any) -> bool:
    """Whether it is a day, or an instant that says its zone."""
    if _is_dated(value):
        return True
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return "T" in value and moment.utcoffset() is not None and in_range(moment)


def _is_seen(value: Any) -> bool:
    return type(value) is dict and all(type(row) is int for row in value.values())


def _is_learned(value: Any) -> bool:
    return type(value) is dict and all(map(_is_range, value.values()))


def _is_range(value: Any) -> bool:
    return type(value) is dict and all(is_finite(value.get(each)) for each in _ENDS)


_ENDS = ("low", "middle", "high")
_PARTS = frozenset({"given", "if_given", "if_not"})

type _Known = Mapping[str, tuple[Callable[[Any], bool], str]]

_ANSWER: _Known = {
    **dict.fromkeys(("answer", "source", "note"), (_is_text, "text")),
    "known_at": (_is_known, f"day or instant {RANGE}"),
    **dict.fromkeys(("rung", "happened_on"), (_is_dated, f"day {RANGE}")),
}
_SAID: _Known = {
    "seen": (_is_seen, "row by indicator"),
    **dict.fromkeys(("means_it", *sorted(_PARTS)), (is_finite, "number")),
    **dict.fromkeys(("hazard_ratios", "odds_ratios"), (_is_learned, "range by name")),
}
