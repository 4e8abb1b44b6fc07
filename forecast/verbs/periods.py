"""Numbers of days that a verb is asked with: how often, how far ahead, how long before."""

from __future__ import annotations

from numbers import Integral

from forecast.errors import UsageError
from forecast.text import clean

LONGEST = 36_525  # days: a hundred years


def whole_days(days: object) -> int:
    """Return a number of days that is whole, from one to a hundred years of them.

    Raises UsageError for anything else.

    >>> whole_days(7)
    7
    """
    number = int(days) if isinstance(days, Integral) else 0
    if not 1 <= number <= LONGEST:
        message = f"{clean(repr(days))} is no number of days"
        raise UsageError(message, f"give a whole number of them, from 1 to {LONGEST}")
    return number
