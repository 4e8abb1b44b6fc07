"""Scalars of a model: text from a file, or Python values from a notebook, into numbers and days.

Each refusal is a pydantic error with a stable code, a short message and, in its context, a `hint`.
"""

from __future__ import annotations

import math
import re
from datetime import date, datetime, timedelta
from typing import NoReturn

from pydantic_core import PydanticCustomError

from forecast.domain.times import FIRST_YEAR, LAST_YEAR

MONTH = 30.4375  # days: a twelfth of a year
YEAR = 365.25
_LONGEST = 200 * YEAR
_LONGEST_TEXT = 40  # characters

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_PERCENT = re.compile(r"([+-]?(?:\d{1,9}\.?\d{0,9}|\.\d{1,9}))\s*%", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}([,_' ]\d{3})+(\.\d+)?", re.ASCII)
_SPAN = re.compile(r"([+-]?[\d.]+)\s*([a-z]*)", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_SPANS = {"day": 1.0, "week": 7.0, "month": MONTH, "year": YEAR}
_UNITS = {"": 1.0, **_SPANS, **{f"{unit}s": span for unit, span in _SPANS.items()}}


def refuse(code: str, message: str, hint: str = "") -> NoReturn:
    """Raise the pydantic error of that code; braces in the text are shown as they are."""
    raise PydanticCustomError(code, "{said}", {"said": message, "hint": hint})


def shown(value: object) -> str:
    """Return a value as it is quoted in a message: at most 40 characters of it."""
    text = str(value)
    return repr(text if len(text) <= 40 else text[:39] + "…")


def number(value: object) -> float:
    """Return a finite number; codes `number-format`, `number-percent`, `number-not-finite`.

    >>> number(".6"), number(3)
    (0.6, 3.0)
    """
    if isinstance(value, str):
        return _number_of_text(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        refuse("number-format", f"{shown(value)} is not a number", "write digits, such as .2 or 12")
    if not math.isfinite(value):
        refuse("number-not-finite", f"{value} is not finite", "write a number")
    return float(value)


def _number_of_text(text: str) -> float:
    if len(text) > _LONGEST_TEXT:  # also keeps the patterns below quick
        refuse("number-format", f"{shown(text)} is too long for a number", "write fewer digits")
    if _NUMBER.fullmatch(text):
        value = float(text)
        if math.isinf(value):
            refuse("number-not-finite", f"{text} is too large", "choose a larger unit")
        return value
    if percent := _PERCENT.fullmatch(text):
        share = f"{float(percent[1]) / 100:.10g}".replace("0.", ".", 1)
        refuse("number-percent", f"{shown(text)} is a percentage", f"write {share}")
    if _GROUPED.fullmatch(text):
        whole = re.sub("[,_' ]", "", text)
        refuse("number-format", f"{shown(text)} groups its digits", f"write {whole}")
    refuse("number-format", f"{shown(text)} is not a number", "write digits, such as .2 or 12")


def days(value: object) -> float:
    """Return a span of time in days, above 0; code `days-unreadable`.

    Text is a number with or without day(s), week(s), month(s) of 30.4375 or year(s) of 365.25 days.

    >>> days("2 weeks"), days("5 months"), days(60)
    (14.0, 152.1875, 60.0)
    """
    if isinstance(value, timedelta):
        span = value / timedelta(days=1)
    elif isinstance(value, str):
        span = _days_of_text(value.strip())
    else:
        span = number(value)
    if not 0 < span <= _LONGEST:
        refuse(
            "days-unreadable", f"{shown(value)} is no span of time", "write, for example, 60 days"
        )
    return span


def _days_of_text(text: str) -> float:
    match = _SPAN.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    factor = _UNITS.get(match[2]) if match else None
    if match is None or factor is None or not _NUMBER.fullmatch(match[1]):
        refuse(
            "days-unreadable",
            f"{shown(text)} is no span of time",
            "write, for example, 60 days, 2 weeks or 5 months",
        )
    return float(match[1]) * factor


def day(value: object) -> date:
    """Return the date YYYY-MM-DD; codes `date-format`, `date-impossible`, `date-range`.

    >>> day("2022-01-17")
    datetime.date(2022, 1, 17)
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        refuse("date-format", f"{shown(value)} is not a date", "write YYYY-MM-DD")
    try:
        found = date.fromisoformat(value)
    except ValueError:
        refuse("date-impossible", f"there is no day {value}", "write a day of the calendar")
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        hint = f"write a day from {FIRST_YEAR} to {LAST_YEAR}"
        refuse("date-range", f"{value} is out of range", hint)
    return found
