"""Predict, withdraw, retract: a forecaster's own word, appended to the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from forecast.domain import (
    AsOf,
    Forecast,
    Kind,
    Question,
    QuestionType,
    Target,
    Value,
)
from forecast.errors import UsageError
from forecast.settings import writer
from forecast.text import clean, did_you_mean
from forecast.verbs.standing import standing
from forecast.verbs.update import headlines
from forecast.verbs.workspace import Workspace

_HOW = {
    QuestionType.BINARY: "write a probability between 0 and 1, such as .3",
    QuestionType.MULTIPLE_CHOICE: "write option=probability for every option",
    QuestionType.ORDERED: "write option=probability for every option",
    QuestionType.NUMERIC: "write quantiles, such as 5%=70 50%=76 95%=90",
    QuestionType.DATE: "write quantiles, such as 5%=2022-02-01 50%=2022-06-01 95%=2023-01-01",
}


def predict(
    ws: Workspace,
    name: str,
    words: Sequence[str],
    *,
    by: str | None = None,
    why: str = "",
    on: date | None = None,
    dry_run: bool = False,
) -> list[Forecast]:
    """Record what a forecaster says of a question, a rung, or a whole ladder at once.

    `words` are `.3`, `2022-03-01=.2`, `option=.4` or `5%=70`. With `on` the forecast is dated back:
    it is kept as backfilled and never scored as live.

    Raises UsageError for what cannot be a forecast of this question: probabilities outside [0, 1],
    a ladder that falls with time, options that do not sum to 1, a question that is over.
    """
    question, target = ws.target(name)
    me = writer(by)
    as_of = ws.as_of(question, on)
    latest = standing(ws)
    values = _values(question, target, words)
    for asked in values:
        _must_be_open(question, asked, as_of)
    _must_rise(question, me, values, latest)
    forecasts = [
        Forecast(
            target=asked,
            forecaster=me,
            kind=Kind.LIVE if as_of.live else Kind.BACKFILLED,
            made_at=ws.now,
            as_of=as_of.day,
            value=value,
            question_digest=question.digest,
            rationale=why,
        )
        for asked, value in values.items()
    ]
    if not dry_run:
        pools = headlines(ws, forecasts, latest, me) if as_of.live else []
        ws.ledger.append([*forecasts, *pools], me)
    return forecasts


def withdraw(
    ws: Workspace, name: str, *, kind: Kind = Kind.WITHDRAWN, by: str | None = None, why: str = ""
) -> list[Forecast]:
    """End the path of a forecaster's standing forecasts of a question or rung, from now on.

    `kind` RETRACTED marks the forecast as a slip; it stays in the record and scores until now.

    Raises UsageError where nothing stands.
    """
    question, target = ws.target(name)
    me = writer(by)
    latest = standing(ws)
    asked = [target] if target.rung or not question.ladder else list(question.targets)
    mine = [latest[key] for t in asked if (key := (t, me)) in latest]
    if not mine:
        hint = "forecasters are named by --by, FORECAST_BY, the settings, or the login"
        raise UsageError(f"{me} has no standing forecast of {target}", hint)
    ended = [
        Forecast(
            target=f.target,
            forecaster=me,
            kind=kind,
            made_at=ws.now,
            as_of=ws.as_of(question, None).day,
            value=None,
            question_digest=question.digest,
            rationale=why,
        )
        for f in mine
    ]
    ws.ledger.append(ended, me)
    return ended


def _values(question: Question, target: Target, words: Sequence[str]) -> dict[Target, Value]:
    if question.type is QuestionType.BINARY:
        return _ladder(question, target, words)
    if question.type in (QuestionType.NUMERIC, QuestionType.DATE):
        return {target: _quantiles(question, words)}
    return {target: _shares(question, words)}


def _ladder(question: Question, target: Target, words: Sequence[str]) -> dict[Target, Value]:
    if len(words) == 1 and "=" not in words[0]:
        if question.ladder and target.rung is None:
            rungs = " ".join(f"{day}=.2" for day in question.deadlines)
            raise UsageError(
                f"{question.id} is a ladder; say which rung",
                f"write `forecast predict {question.id} {rungs}`",
            )
        return {target: probability(words[0])}
    pairs = _pairs(question, words)
    values: dict[Target, Value] = {}
    for day, text in pairs.items():
        try:
            rung = date.fromisoformat(day)
        except ValueError:
            raise UsageError(f"{clean(day)!r} is no date", "write YYYY-MM-DD=.2") from None
        if rung not in question.deadlines:
            known = ", ".join(map(str, question.deadlines))
            raise UsageError(f"{question.id} has no deadline {rung}", f"it has {known}")
        values[Target(question.id, rung if question.ladder else None)] = probability(text)
    return values


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


def _shares(question: Question, words: Sequence[str]) -> dict[str, float]:
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


def _quantiles(question: Question, words: Sequence[str]) -> dict[str, float]:
    levels: dict[float, float] = {}
    for level, text in _pairs(question, words).items():
        try:
            share, value = float(level.removesuffix("%")) / 100, float(text)
        except ValueError:
            raise UsageError(f"cannot read {level}={text}", _HOW[question.type]) from None
        if not 0 < share < 1 or not level.endswith("%") or value - value:
            raise UsageError(f"cannot read {level}={text}", _HOW[question.type])
        levels[share] = value
    ordered = sorted(levels)
    if any(levels[a] > levels[b] for a, b in pairwise(ordered)):
        raise UsageError(
            "the quantiles fall as their level rises", "a higher level is a higher value"
        )
    if not {0.5} <= levels.keys():
        raise UsageError("the median is missing", "give at least 50%=…")
    return {f"{level:g}": levels[level] for level in ordered}


def _must_be_open(question: Question, target: Target, as_of: AsOf) -> None:
    settled = question.settled_by(target, as_of)
    if settled:
        raise UsageError(f"{target} is answered ({settled.answer})", "it takes no more forecasts")
    if as_of.day > question.deadline(target):
        how = f"forecast resolve {target} … --source …"
        raise UsageError(f"{target} is past its deadline", f"it waits for its answer: `{how}`")


def _must_rise(
    question: Question,
    me: str,
    values: Mapping[Target, Value],
    latest: Mapping[tuple[Target, str], Forecast],
) -> None:
    """Refuse a ladder on which a later deadline is less likely than an earlier one."""
    if not question.ladder or question.timing != "by":
        return
    said: list[tuple[date, float]] = []
    for target in question.targets:
        value = values.get(target)
        if value is None and (target, me) in latest:
            value = latest[target, me].value
        if isinstance(value, float):
            said.append((question.deadline(target), value))
    for (sooner, more), (later, less) in pairwise(said):
        if less < more:
            raise UsageError(
                f"by {later} cannot be less likely ({less:g}) than by {sooner} ({more:g})",
                "what has happened by the earlier day has happened by the later; "
                "say both rungs together to change both",
            )
