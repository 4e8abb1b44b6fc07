"""Text into dates, instants and numbers, each refusal with a stable code and a remedy."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic_core import PydanticCustomError

from forecast.domain.times import Known
from forecast.families import scalars as parsed
from forecast.families.scalars import shown
from forecast.text import did_you_mean


class Refusal(ValueError):
    """A value that cannot stand: a stable code, what is wrong, and the remedy."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


_TIME = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})[T ](?P<hour>\d{2}):(?P<minute>\d{2})"
    r"(:(?P<second>\d{2})(\.\d{1,6})?)?\s?(?P<offset>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)


def _refusal(error: PydanticCustomError) -> Refusal:
    context = error.context or {}
    return Refusal(error.type, error.message(), str(context.get("hint", "")))


@lru_cache(maxsize=16_384)
def day(text: str) -> date:
    """Return the date YYYY-MM-DD, and nothing looser; Refusal says what is wrong.

    >>> day("2022-02-28")
    datetime.date(2022, 2, 28)
    """
    try:
        return parsed.day(text)
    except PydanticCustomError as error:
        raise _refusal(error) from None


def known(text: str) -> Known:
    """Return a date, or an instant with its offset from UTC; Refusal says what is wrong.

    >>> known("2022-02-24T05:50+03:00").isoformat()
    '2022-02-24T05:50:00+03:00'
    """
    match = _TIME.fullmatch(text)
    if match is None:
        return day(text)
    day(match["day"])
    clock = f"{match['hour']}:{match['minute']}"
    if int(match["hour"]) > 23 or int(match["minute"]) > 59 or int(match["second"] or 0) > 59:
        told = clock if match["second"] is None else f"{clock}:{match['second']}"
        hint = "write 00:00 … 23:59; a day ends at 00:00"
        raise Refusal("time-impossible", f"there is no time {told}", hint)
    if match["offset"] is None:
        hint = f"write {match['day']}T{clock}Z or an offset such as +02:00"
        raise Refusal("time-without-offset", f"{shown(text)} does not say in which zone", hint)
    return _instant(text)


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.replace(" ", "T", 1).replace(" ", ""))
    except ValueError:
        hint = "write an offset from -23:59 to +23:59"
        raise Refusal("time-impossible", f"there is no time {shown(text)}", hint) from None


def number(text: str) -> float:
    """Return a finite number; Refusal says what is wrong (percentages, grouped digits, words).

    >>> number(".2")
    0.2
    """
    try:
        return parsed.number(text)
    except PydanticCustomError as error:
        raise _refusal(error) from None


def whole(text: str) -> int:
    """Return a whole number; Refusal says what is wrong."""
    value = number(text)
    if value != int(value) or abs(value) > 2**53:
        raise Refusal("number-not-whole", f"{text} is not a whole number", f"write {value:.0f}")
    return int(value)


# Files beside the database, which differ from machine to machine.
_NOWHERE = {"localtime", "posixrules", "Factory"}


@lru_cache(maxsize=64)
def zone(text: str) -> str:
    """Return the name of a time zone of the IANA database; Refusal if there is none such."""
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _no_zone(text)
    return _no_zone(text) if text in _NOWHERE else text


def _no_zone(text: str) -> str:
    from zoneinfo import available_timezones

    hint = did_you_mean(text, sorted(available_timezones() - _NOWHERE))
    raise Refusal(
        "timezone-unknown",
        f"{shown(text)} is no time zone",
        hint or "write a name such as UTC or Europe/Kyiv",
    )
