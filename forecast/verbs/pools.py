"""Virtual forecasters: what all who stand say together, by each of several methods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from forecast.domain import Question, QuestionType, Value
from forecast.record.traces import Trace
from forecast.scoring.crowds import Said, crowd
from forecast.scoring.rules.given import Chance
from forecast.verbs.headline import HEADLINE
from forecast.verbs.scored import Scored
from forecast.verbs.workspace import Workspace

POOL = "pool/"
"""What the name of a virtual forecaster begins with, as a model's does with `model/`."""

LEARNED = "learned"
"""The method that is fitted to what was answered before; see `verbs.learned`."""


def field[P](by: Mapping[str, P]) -> dict[str, P]:
    """Return what belongs to forecasters themselves: headline and pools are drawn from them."""
    return {who: p for who, p in by.items() if who != HEADLINE and not who.startswith(POOL)}


def with_pools(
    ws: Workspace, scored: Iterable[Scored], methods: Sequence[str], day: date | None
) -> Iterator[Scored]:
    """Yield questions with a forecaster `pool/METHOD` for each method.

    `day` is the knowledge date, up to which answers may be learned from. Methods are those of
    `scoring.crowds`, and `learned`. Pools are of all forecasters themselves, people and models
    alike. Numbers and dates are not pooled.
    """
    if LEARNED in methods:
        from forecast.verbs.learned import with_learned

        scored = with_learned(scored, lambda q, target: q.settled_by(target, ws.as_of(q, day)))
    plain = [method for method in methods if method != LEARNED]
    for each in scored:
        made = [pool for method in plain for pool in _pools(each, method)]
        yield replace(each, traces=[*each.traces, *made])


def sources(scored: Scored) -> Iterator[list[Trace]]:
    """Yield the forecasters' own traces of each target, live and replayed apart."""
    places: dict[tuple[object, bool], dict[str, Trace]] = {}
    for trace in scored.traces:
        places.setdefault((trace.target, trace.backtest), {})[trace.forecaster] = trace
    for everybody in places.values():
        own = list(field(everybody).values())
        if own:
            yield own


def _pools(each: Scored, method: str) -> Iterator[Trace]:
    if not (each.question.options or each.question.type is QuestionType.BINARY):
        return
    for own in sources(each):
        starts, chances = crowd([said(each.question, trace) for trace in own], method=method)
        values = tuple(None if c is None else _value(each.question, c) for c in chances)
        yield replace(own[0], forecaster=POOL + method, starts=tuple(starts), values=values)


def said(question: Question, trace: Trace) -> Said[Chance]:
    """Return a trace's forecasts as chances."""
    values = [None if value is None else chance(question, value) for value in trace.values]
    return Said(trace.starts, values)


def chance(question: Question, value: Value) -> Chance:
    """Return a value as p of yes, or as probabilities of the options in order that sum to one."""
    if not isinstance(value, Mapping):
        return value
    total = sum(value.values())
    return tuple(value[option] / total for option in question.options)


def _value(question: Question, chance: Chance) -> Value:
    if isinstance(chance, float):
        return chance
    assert not isinstance(chance, int)
    return dict(zip(question.options, chance, strict=True))
