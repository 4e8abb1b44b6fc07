"""What a forecaster's words say of a question, by its type.

| type                     | words                                                              |
|--------------------------|--------------------------------------------------------------------|
| binary                   | `.3`, or `2022-03-01=.2` for each rung                             |
| multiple_choice, ordered | `option=.4` for every option                                       |
| numeric                  | `5%=70 50%=76 95%=90`, or a distribution: `normal(76, 6)`          |
| date                     | `5%=2022-02-01 50%=2022-06-01 never=.2`, or `normal(2022-06-01, 30)` |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import pairwise

from forecast.domain import AsOf, Question, QuestionType, Target, Value
from forecast.domain.distributions import MEDIAN, chance_by
from forecast.domain.questions import NEVER
from forecast.errors import UsageError
from forecast.text import clean, did_you_mean
from forecast.verbs import named

_HOW = {
    QuestionType.BINARY: "write a probability between 0 and 1, such as .3",
    QuestionType.MULTIPLE_CHOICE: "write option=probability for every option",
    QuestionType.ORDERED: "write option=probability for every option",
    QuestionType.NUMERIC: "write quantiles, such as 5%=70 50%=76 95%=90, or 'normal(76, 6)'",
    QuestionType.DATE: "write days, such as 5%=2022-02-01 50%=2022-06-01 never=.2, "
    "or 'normal(2022-06-01, 30)'",
}


def said(
    question: Question, target: Target, words: Sequence[str], as_of: AsOf
) -> Mapping[Target, Value]:
    """Return what words say of each target of a question, as of a knowledge date.

    Raises UsageError for words that cannot be a forecast of it.
    """
    if question.type is QuestionType.BINARY:
        return _ladder(question, target, words)
    return {target: _READ[question.type](question, words, as_of)}


def probability(text: str) -> float:
    """Return the probability written as `text`, `.3` or `30%`; UsageError if it is none.

    >>> probability(".3"), probability("30%")
    (0.3, 0.3)
    """
    try:
        value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value <= 1:
        hint = "probabilities run from 0 to 1"
        if 1 < value <= 100:
            hint = f"for {value:g} per cent write {value:g}% or {value / 100:g}"
        raise UsageError(f"{clean(text)!r} is no probability", hint)
    return value


def _ladder(question: Question, target: Target, words: Sequence[str]) -> dict[Target, Value]:
    if len(words) == 1 and "=" not in words[0]:
        if question.ladder and target.rung is None:
            rungs = " ".join(f"{day}=.2" for day in question.deadlines)
            raise UsageError(
                f"{question.id} is a ladder; say which rung",
                f"write `forecast predict {question.id} {rungs}`",
            )
        return {target: probability(words[0])}
    values: dict[Target, Value] = {}
    for text, chance in _pairs(question, words).items():
        rung = _day(text, "write YYYY-MM-DD=.2")
        if rung not in question.deadlines:
            known = ", ".join(map(str, question.deadlines))
            raise UsageError(f"{question.id} has no deadline {rung}", f"it has {known}")
        values[Target(question.id, rung if question.ladder else None)] = probability(chance)
    return values


def _pairs(question: Question, words: Sequence[str]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for word in words:
        key, equals, value = word.rpartition("=")
        if not equals:
            raise UsageError(f"cannot read {clean(word)!r}", _HOW[question.type])
        if key in pairs:
            raise UsageError(f"{clean(key)} is given twice", "give each once")
        pairs[key] = value
    if not pairs:
        raise UsageError("no forecast given", _HOW[question.type])
    return pairs


def _shares(question: Question, words: Sequence[str], as_of: AsOf) -> dict[str, float]:
    pairs = _pairs(question, words)
    for option in pairs:
        if option not in question.options:
            hint = did_you_mean(option, question.options) or f"it has {', '.join(question.options)}"
            raise UsageError(f"{question.id} has no option {clean(option)!r}", hint)
    missing = [option for option in question.options if option not in pairs]
    if missing:
        raise UsageError(f"no probability for {', '.join(missing)}", _HOW[question.type])
    shares = {option: probability(pairs[option]) for option in question.options}
    total = sum(shares.values())
    if abs(total - 1) > 1e-6:
        raise UsageError(f"the probabilities sum to {total:g}", "they must sum to 1")
    return shares


def _quantiles(question: Question, words: Sequence[str], as_of: AsOf) -> Mapping[str, float]:
    if named.is_named(words):
        return named.quantiles(words)
    levels: dict[float, float] = {}
    for text, number in _pairs(question, words).items():
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if value - value:
            raise UsageError(f"cannot read {clean(text)}={clean(number)}", _HOW[question.type])
        levels[_level(text, question)] = value
    ordered = sorted(levels)
    if any(levels[a] > levels[b] for a, b in pairwise(ordered)):
        hint = "a higher level is a higher value"
        raise UsageError("the quantiles fall as their level rises", hint)
    if MEDIAN not in levels:
        raise UsageError("the median is missing", "give at least 50%=…")
    return {f"{level:g}": levels[level] for level in ordered}


def _level(text: str, question: Question) -> float:
    try:
        share = float(text.removesuffix("%")) / 100
    except ValueError:
        share = float("nan")
    if not 0 < share < 1 or not text.endswith("%"):
        raise UsageError(f"{clean(text)!r} is no level of a quantile", _HOW[question.type])
    return share


def _curve(question: Question, words: Sequence[str], as_of: AsOf) -> Mapping[str, float]:
    """Return the chances by day: from none on the last day that is over to those of the last."""
    start, last = max(as_of.over, question.clock), question.deadlines[-1]
    if named.is_named(words):
        return named.curve(words, start, last)
    pairs = _pairs(question, words)
    never = probability(pairs.pop(NEVER)) if NEVER in pairs else None
    points = dict(_point(question, key, value) for key, value in pairs.items())
    if early := [day for day in points if day <= start]:
        raise UsageError(f"{min(early)} is over", "it did not come by then; name days to come")
    if never is not None:
        if late := [day for day in points if day >= last]:
            hint = "leave it out, or leave never out"
            raise UsageError(f"{max(late)} says what is left for never already", hint)
        points[last] = 1 - never
    elif not any(day >= last for day in points):
        hint = f"add never=…, the chance that it does not come by {last}"
        raise UsageError(f"nothing is said of the time until {last}", hint)
    curve = {day.isoformat(): points[day] for day in sorted(points)}
    _must_rise(curve)
    curve = {start.isoformat(): 0.0, **curve}
    within = {day: p for day, p in curve.items() if day < last.isoformat()}
    return {**within, last.isoformat(): chance_by(curve, last)}


def _point(question: Question, key: str, value: str) -> tuple[date, float]:
    """Read `5%=2022-02-01` or `2022-02-01=.05`, which say the same."""
    day, chance = (value, key) if key.endswith("%") else (key, value)
    return _day(day, _HOW[question.type]), probability(chance)


def _must_rise(curve: Mapping[str, float]) -> None:
    for (sooner, more), (later, less) in pairwise(curve.items()):
        if less < more:
            hint = "what has happened by the earlier day has happened by the later"
            message = f"by {later} cannot be less likely ({less:g}) than by {sooner} ({more:g})"
            raise UsageError(message, hint)


def _day(text: str, how: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{clean(text)!r} is no date", how) from None


_READ: Mapping[QuestionType, Callable[[Question, Sequence[str], AsOf], Value]] = {
    QuestionType.MULTIPLE_CHOICE: _shares,
    QuestionType.ORDERED: _shares,
    QuestionType.NUMERIC: _quantiles,
    QuestionType.DATE: _curve,
}
