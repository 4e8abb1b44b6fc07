"""What a forecast's value says, in words: one cell, or one row of its parts."""

from __future__ import annotations

from collections.abc import Mapping

from forecast.domain import Question, QuestionType, Value
from forecast.domain.distributions import MEDIAN, chance_at_all, day_at, number, quantile_at
from forecast.render.console import Symbols
from forecast.render.words import chance, day, numeric, quantity, spread
from forecast.text import clean

HALF_BY = "half by"
WITHIN = {"50% within": 0.25, "90% within": 0.05}
"""How wide a distribution is → the tail left out on either side."""

_PARTS = {
    QuestionType.NUMERIC: ("", *WITHIN),
    QuestionType.DATE: ("", HALF_BY, *WITHIN),
}


def parts(question: Question) -> tuple[str, ...]:
    """Return the rows of a target: its options, or its number and how wide it is."""
    return question.options or _PARTS.get(question.type, ("",))


def headline(question: Question, value: Value | None, s: Symbols) -> str:
    """Return a forecast's value in one cell: the likeliest option, the median, or half by when."""
    if value is None:
        return s.none
    if not isinstance(value, Mapping) or numeric(question):
        return told(question, value, "", s)
    if question.type is QuestionType.DATE:
        half = day_at(value, MEDIAN)
        return chance(chance_at_all(value), s) + (f", half by {day(half, s)}" if half else "")
    top = max(value, key=lambda option: value[option])
    return f"{clean(top)} {chance(value[top], s)}"


def told(question: Question, value: Value | None, part: str, s: Symbols) -> str:
    """Return what a value says in one of its `parts`."""
    if value is None:
        return s.none
    if isinstance(value, Mapping) and part and not question.options:
        return _day(value, MEDIAN, s) if part == HALF_BY else _within(question, value, part, s)
    show = quantity if numeric(question) else chance
    return show(number(question.type, value, part), s)


def _within(question: Question, value: Mapping[str, float], part: str, s: Symbols) -> str:
    """Return from where to where a distribution lies but for its tails; none if it leaves that."""
    tail = WITHIN[part]
    if question.type is QuestionType.DATE:
        early, late = _day(value, tail, s), _day(value, 1 - tail, s)
        return early if early == late else f"{early} {s.dash} {late}"
    levels = [float(level) for level in value]
    if tail < min(levels) or 1 - tail > max(levels):
        return s.none
    return spread(quantile_at(value, tail), quantile_at(value, 1 - tail), s, number=True)


def _day(curve: Mapping[str, float], level: float, s: Symbols) -> str:
    reached = day_at(curve, level)
    return day(reached, s) if reached else "later"
