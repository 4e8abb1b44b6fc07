"""Numbers, dates and small drawings as short text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from forecast.domain import Question, QuestionType, Target, Timing
from forecast.render.console import Symbols
from forecast.text import clean


def chance(p: float | None, s: Symbols) -> str:
    """Return a probability as people read it: two places, three near the ends.

    >>> s = Symbols()
    >>> [chance(p, s) for p in (0.344, 0.0042, 0.00001, 0.9991, 1.0, None)]
    ['.34', '.004', '<.001', '.999', '1', '—']
    """
    if p is None:
        return s.none
    if p in (0, 1):
        return str(int(p))
    if p < 0.001:
        return "<.001"
    if p > 0.9994:
        return ">.999"
    places = 3 if p < 0.0095 or p > 0.9905 else 2
    return f"{p:.{places}f}".removeprefix("0")


def scored(x: float | None, s: Symbols) -> str:
    """Return a score to three places: differences between forecasters are small.

    >>> scored(0.0524, Symbols()), scored(0.0001, Symbols())
    ('.052', '<.001')
    """
    if x is None:
        return s.none
    return "<.001" if 0 < x < 0.0005 else f"{x:.3f}".removeprefix("0")


def quantity(x: float | None, s: Symbols) -> str:
    """Return a number in four or so significant digits, thousands grouped.

    >>> s = Symbols()
    >>> quantity(190000, s), quantity(76.2345, s), quantity(0.0123, s)
    ('190,000', '76.23', '0.0123')
    >>> quantity(1234.56, s), quantity(-math.inf, s), quantity(None, s)
    ('1,235', '-inf', '—')
    """
    if x is None:
        return s.none
    if not math.isfinite(x) or abs(x) >= 1e15:
        return f"{x:.4g}"
    if x == int(x):
        return f"{int(x):,}"
    if abs(x) >= 1000:
        return f"{x:,.0f}"
    return f"{x:.4g}"


def change(x: float, s: Symbols, *, number: bool = False) -> str:
    """Return a change with its sign.

    >>> change(0.091, Symbols()), change(-0.004, Symbols()), change(0.0, Symbols())
    ('+.09', '−.004', '0')
    """
    sign = "+" if x > 0 else s.minus if x < 0 else ""
    size = quantity(abs(x), s) if number else chance(abs(x), s)
    return sign + size


def day(when: date | None, s: Symbols) -> str:
    """Return a date as `1 Mar 22`.

    >>> day(date(2022, 3, 1), Symbols())
    '1 Mar 22'
    """
    if when is None:
        return s.none
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # fmt: skip
    return f"{when.day} {months[when.month - 1]} {when.year % 100:02d}"


def spread(low: float | None, high: float | None, s: Symbols, *, number: bool = False) -> str:
    """Return an interval.

    >>> spread(0.12, 0.61, Symbols())
    '.12–.61'
    """
    if low is None or high is None:
        return s.none
    show = quantity if number else chance
    return f"{show(low, s)}{s.dash}{show(high, s)}"


def sparkline(values: Sequence[float], s: Symbols, *, top: float = 1.0) -> str:
    """Return values from 0 to `top` as blocks.

    >>> sparkline([0, 0.3, 0.6, 1], Symbols())
    '▁▃▅█'
    """
    last = len(s.blocks) - 1
    return "".join(s.blocks[max(0, min(last, round(v / top * last)))] for v in values)


def numeric(question: Question) -> bool:
    """Whether the question's answer is a number."""
    return question.type is QuestionType.NUMERIC


def deadline(question: Question, target: Target, s: Symbols) -> str:
    """Return `by 1 Mar 22`, or `on …` for the state on a day."""
    word = "by" if question.timing is Timing.BY and not numeric(question) else "on"
    return f"{word} {day(question.deadline(target), s)}"


def duration(days: float) -> str:
    """Return a number of days in words.

    >>> duration(180), duration(1)
    ('180 days', '1 day')
    """
    number = f"{days:,.0f}" if days == math.floor(days) else f"{days:,.1f}"
    return f"{number} day" if number == "1" else f"{number} days"


def headline_words(question: Question) -> str:
    """Say whose word the question's number is."""
    first = question.models[0].name if question.models else "model"
    named = [
        (first if name == "model" else name, weight)
        for name, weight in question.headline.weights.items()
    ]
    if len(named) == 1:
        return clean(named[0][0])
    return " + ".join(f"{weight:g} {clean(name)}" for name, weight in named)
