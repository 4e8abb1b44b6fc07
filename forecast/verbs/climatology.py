"""What a question's own past says of it: how such questions were answered, or how its series moved.

Stated past answers give the reference of a choice (each option's share, by Jeffreys' prior: count
+ ½) and of a number (their quantiles). A number that a model reads off a series is compared with
the last reading, moved as the series moved over as many days before: persistence, as wide as the
past was.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from forecast.domain import AsOf, Indicator, Observation, PastAnswers, Question, QuestionType
from forecast.domain.distributions import LEVELS
from forecast.verbs.workspace import Workspace

FEWEST = 10  # moves, below which the past says too little


def climatology(ws: Workspace, question: Question, day: date) -> Mapping[str, float] | None:
    """Return what the past says of a choice or a number at the end of `day`, if anything."""
    if question.past is not None:
        return _of_answers(question, question.past)
    if question.type is not QuestionType.NUMERIC:
        return None
    spec = next((s for s in question.models if getattr(s.options, "series", None)), None)
    if spec is None:
        return None
    indicator, as_of = ws.book.indicators[spec.options.series], AsOf.at(day, question.zone)
    seen = _last_seen(indicator, as_of, question.zone, spec.options.window)
    return _moved(seen, question.deadlines[-1])


def _last_seen(indicator: Indicator, as_of: AsOf, zone: str, count: int) -> Sequence[Observation]:
    """Return the last readings, one a day, as they were known."""
    from forecast.book.views import seen

    passed = (r for r in indicator.observations if r.observed_on <= as_of.day)
    recent = sorted(passed, key=lambda reading: reading.observed_on)[-count:]
    known = seen(replace(indicator, observations=tuple(recent)), as_of, zone)
    return [*{reading.observed_on: reading for reading in known.observations}.values()]


def _of_answers(question: Question, past: PastAnswers) -> Mapping[str, float]:
    if question.type is QuestionType.NUMERIC:
        return _quantiles(past.values)
    total = sum(past.counts.values()) + len(question.options) / 2
    return {option: (past.counts.get(option, 0) + 0.5) / total for option in question.options}


def _moved(seen: Sequence[Observation], deadline: date) -> Mapping[str, float] | None:
    """Return the last reading moved as those before it moved over as many days."""
    if not seen or deadline <= seen[-1].observed_on:
        return None if not seen else _quantiles([seen[-1].center])
    span = deadline - seen[-1].observed_on
    last = seen[-1].center
    moves = list(_moves(seen, span))
    if len(moves) < FEWEST:
        return None
    if all(reading.center > 0 for reading in seen):  # by their ratio, so that none falls below 0
        return _quantiles([last * after / before for before, after in moves])
    return _quantiles([last + after - before for before, after in moves])


def _moves(seen: Sequence[Observation], span: timedelta) -> Iterator[tuple[float, float]]:
    """Yield each reading with the one that stood `span` later."""
    days = [reading.observed_on for reading in seen]
    for reading in seen:
        until = reading.observed_on + span
        if until > days[-1]:
            return
        yield reading.center, seen[bisect_right(days, until) - 1].center


def _quantiles(values: Sequence[float]) -> dict[str, float]:
    """Return the quantiles of a sample at the levels at which models speak.

    Source: Hazen's plotting positions (i − ½)/n, straight between them.
    """
    ordered = sorted(values)
    return {f"{level:g}": _at(ordered, level * len(ordered) - 0.5) for level in LEVELS}


def _at(ordered: Sequence[float], place: float) -> float:
    """Return the value at a place between those of a sample, or its nearest end."""
    inside = min(max(place, 0.0), len(ordered) - 1.0)
    low = int(inside)
    after = ordered[min(low + 1, len(ordered) - 1)]
    return ordered[low] + (inside - low) * (after - ordered[low])
