"""Forecasts of a number or a day, read as distribution functions.

Quantiles map levels to values, {"0.05": 70, "0.5": 76}. Between two levels the distribution
function runs straight; what lies beyond the outermost is not said, and counts as lying at them.

A curve maps days to the chance that the event has come by the end of each, {"2022-01-31": 0,
"2022-03-01": 0.2}. It is 0 before its first day, straight between days and level after the last:
what it lacks to one is the chance of "not by the last day".
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from forecast.domain.forecasts import Value
from forecast.domain.questions import Question, QuestionType

type Part = tuple[float, Mapping[str, float]]
"""A weight, and the distribution it is given to; weights sum to one."""

MEDIAN = 0.5

LEVELS = (0.01, *(step / 20 for step in range(1, 20)), 0.99)
"""Levels at which models speak of a number: the tails, and every twentieth in between."""


def number(type: QuestionType, value: Value, option: str = "") -> float:
    """Return the one number that stands for a value.

    A probability, an option's share, the median of a number, of a date the chance by the last day.

    >>> number(QuestionType.NUMERIC, {"0.05": 70, "0.5": 76, "0.95": 90})
    76.0
    """
    if not isinstance(value, Mapping):
        return value
    if type is QuestionType.DATE:
        return chance_at_all(value)
    return quantile_at(value, MEDIAN) if type is QuestionType.NUMERIC else value[option]


def suits(question: Question, value: Value) -> bool:
    """Whether a value can be a forecast of a question as it stands now.

    Its options, or its type, may be others than when it was said.
    """
    if question.options:
        return isinstance(value, Mapping) and set(value) == set(question.options)
    if not isinstance(value, Mapping):
        return question.type is QuestionType.BINARY
    read = _KEYS.get(question.type)
    return read is not None and all(_spells(key, read) for key in value)


_KEYS: dict[QuestionType, Callable[[str], object]] = {
    QuestionType.DATE: date.fromisoformat,
    QuestionType.NUMERIC: float,
}


def _spells(key: str, read: Callable[[str], object]) -> bool:
    try:
        read(key)
    except ValueError:
        return False
    return True


def chance_by(curve: Mapping[str, float], day: date) -> float:
    """Return the chance that a curve gives to the event by the end of `day`.

    >>> round(chance_by({"2022-01-31": 0.0, "2022-03-02": 0.3}, date(2022, 2, 10)), 6)
    0.1
    """
    days, chances = _steps(curve)
    if day < days[0]:
        return 0.0
    at = bisect_right(days, day)
    if at == len(days):
        return chances[-1]
    share = (day - days[at - 1]) / (days[at] - days[at - 1])
    return chances[at - 1] + share * (chances[at] - chances[at - 1])


def chance_at_all(curve: Mapping[str, float]) -> float:
    """Return the chance that a curve gives to the event by its last day.

    >>> chance_at_all({"2022-01-31": 0.0, "2022-03-02": 0.3})
    0.3
    """
    return curve[max(curve)]


def day_at(curve: Mapping[str, float], level: float) -> date | None:
    """Return the day by which a curve first reaches `level`; None where it never does.

    >>> str(day_at({"2022-01-31": 0.0, "2022-03-02": 0.6}, 0.5))
    '2022-02-25'
    """
    days, chances = _steps(curve)
    for (start, below), (end, above) in pairwise(zip(days, chances, strict=True)):
        if above >= level > below:
            share = (level - below) / (above - below)
            return start + timedelta(days=math.ceil(share * (end - start).days - 1e-9))
    return days[0] if chances[0] >= level else None


def quantile_at(quantiles: Mapping[str, float], level: float) -> float:
    """Return the value at a level, straight between those stated and level beyond them.

    >>> quantile_at({"0.05": 70, "0.5": 76, "0.95": 90}, 0.275)
    73.0
    """
    levels, values = _stated(quantiles)
    at = bisect_right(levels, level)
    if at in (0, len(levels)):
        return values[0 if at == 0 else -1]
    share = (level - levels[at - 1]) / (levels[at] - levels[at - 1])
    return values[at - 1] + share * (values[at] - values[at - 1])


def pool(type: QuestionType, parts: Sequence[tuple[float, Value]]) -> Value:
    """Return the linear pool of values of one type of question; weights sum to one.

    Chances are averaged, and so are distribution functions: a pool is as wide as its parts and
    their disagreement together, where the mean of their quantiles would be narrower.

    Source: Stone (1961), "The opinion pool".

    >>> pool(QuestionType.ORDERED, [(0.5, {"low": 1, "high": 0}), (0.5, {"low": 0.5, "high": 0.5})])
    {'low': 0.75, 'high': 0.25}
    """
    if len(parts) == 1:
        return parts[0][1]
    spread = [(weight, value) for weight, value in parts if isinstance(value, Mapping)]
    if not spread:
        return math.fsum(w * p for w, p in parts if not isinstance(p, Mapping))
    if type is QuestionType.NUMERIC:
        return pool_quantiles(spread)
    if type is QuestionType.DATE:
        return pool_curves(spread)
    return {option: math.fsum(w * value[option] for w, value in spread) for option in spread[0][1]}


def pool_curves(parts: Sequence[Part]) -> dict[str, float]:
    """Return the linear pool of curves, Σ wᵢ·Fᵢ, at every day that one of them names.

    >>> early, late = {"2022-01-01": 0.0, "2022-01-03": 1.0}, {"2022-01-03": 0.0, "2022-01-05": 0.5}
    >>> pool_curves([(0.5, early), (0.5, late)])
    {'2022-01-01': 0.0, '2022-01-03': 0.5, '2022-01-05': 0.75}
    """
    days = sorted({day for _, curve in parts for day in curve})
    return {
        day: min(
            1.0, math.fsum(w * chance_by(curve, date.fromisoformat(day)) for w, curve in parts)
        )
        for day in days
    }


def pool_quantiles(parts: Sequence[Part]) -> dict[str, float]:
    """Return the quantiles of the linear pool Σ wᵢ·Fᵢ of distributions given by quantiles.

    At every level that one of them states and none leaves open, being beyond its outermost.

    >>> low, high = {"0.1": 0, "0.5": 5, "0.9": 10}, {"0.1": 10, "0.5": 15, "0.9": 20}
    >>> pool_quantiles([(0.5, low), (0.5, high)])
    {'0.1': 1.25, '0.5': 10.0, '0.9': 18.75}
    """
    stated = [_stated(quantiles)[0] for _, quantiles in parts]
    first, last = max(levels[0] for levels in stated), min(levels[-1] for levels in stated)
    levels = sorted({a for each in stated for a in each if first <= a <= last})
    jumps = [_jump(parts, x) for x in sorted({x for _, q in parts for x in q.values()})]
    return {f"{level:g}": _reached(jumps, level) for level in levels}


type _Jump = tuple[float, float, float]
"""A value with the pool's F just below it and at it."""


def _jump(parts: Sequence[Part], x: float) -> _Jump:
    below = math.fsum(w * _share_below(q, x, strictly=True) for w, q in parts)
    return x, below, math.fsum(w * _share_below(q, x) for w, q in parts)


def _reached(jumps: Sequence[_Jump], level: float) -> float:
    """Return the least value at which F reaches a level; F runs straight between the jumps."""
    at = next(i for i, (_, _, upto) in enumerate(jumps) if upto >= level - 1e-12)
    value, below, _ = jumps[at]
    if below <= level:
        return float(value)
    start, _, begun = jumps[at - 1]
    return float(start + (level - begun) / (below - begun) * (value - start))


def _share_below(quantiles: Mapping[str, float], x: float, *, strictly: bool = False) -> float:
    """Return F(x), or with `strictly` the limit of F from below x."""
    levels, values = _stated(quantiles)
    if x < values[0] or (strictly and x <= values[0]):
        return 0.0
    if x > values[-1] or (not strictly and x >= values[-1]):
        return 1.0
    at = [v < x if strictly else v <= x for v in values].index(False)
    share = (x - values[at - 1]) / (values[at] - values[at - 1])
    return levels[at - 1] + share * (levels[at] - levels[at - 1])


def _stated(quantiles: Mapping[str, float]) -> tuple[list[float], list[float]]:
    return _columns((float(level), value) for level, value in quantiles.items())


def _steps(curve: Mapping[str, float]) -> tuple[list[date], list[float]]:
    return _columns((date.fromisoformat(day), chance) for day, chance in curve.items())


def _columns[K: (float, date)](pairs: Iterable[tuple[K, float]]) -> tuple[list[K], list[float]]:
    ordered = sorted(pairs)
    return [key for key, _ in ordered], [value for _, value in ordered]
