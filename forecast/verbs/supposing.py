"""Views that might have been: other readings, another date, and nothing else changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from forecast.domain import AsOf, Indicator, Observation, Resolution, View
from forecast.verbs.fitting import Request

type Readings = Mapping[str, tuple[Observation, ...]]
type Answers = Mapping[str, tuple[Resolution, ...]]


def map_indicators(view: View, change: Callable[[Indicator], Indicator]) -> View:
    """Return the view with every indicator changed, in it and in its parts."""
    indicators = {name: change(i) for name, i in view.indicators.items()}
    parts = {name: map_indicators(part, change) for name, part in view.parts.items()}
    return replace(view, indicators=indicators, parts=parts)


def answers(view: View) -> Answers:
    """Return the answers known of each question that a view is built on, to any depth."""
    parts = [v.question for part in view.parts.values() for v in views(part)]
    return {question.id: question.resolutions for question in parts}


def with_answers(view: View, known: Answers) -> View:
    """Return the view with these answers of its parts, and of the others none."""
    parts = {name: _answered(with_answers(part, known), known) for name, part in view.parts.items()}
    return replace(view, parts=parts)


def _answered(view: View, known: Answers) -> View:
    question = replace(view.question, resolutions=known.get(view.question.id, ()))
    return replace(view, question=question)


def unread(view: View) -> View:
    """Return the view with no readings at all, and nothing its parts were answered."""
    blank = map_indicators(view, lambda indicator: replace(indicator, observations=()))
    return with_answers(blank, {})


def with_readings(view: View, readings: Readings) -> View:
    """Return the view with further readings, which are put in the order of their days."""

    def add(indicator: Indicator) -> Indicator:
        seen = (*indicator.observations, *readings.get(indicator.id, ()))
        return replace(indicator, observations=tuple(sorted(seen, key=lambda o: o.observed_on)))

    return map_indicators(view, add)


def moved(view: View, as_of: AsOf) -> View:
    """Return the view at another date with the readings, answers and models it has at its own.

    Nothing that was written between the two dates comes in, nor is anything left out again.
    """
    from forecast.book.views import models_at

    question = replace(
        view.question, models=models_at(view.question, view.informed, view.hindsight)
    )
    parts = {name: _whole(moved(part, as_of)) for name, part in view.parts.items()}
    return replace(view, question=question, as_of=as_of, moved_from=view.informed, parts=parts)


def _whole(part: View) -> View:
    """Return a part with all the models it holds, as they are, at whatever date it is seen."""
    return replace(part, hindsight=True)


def views(view: View) -> Iterator[View]:
    """Yield a view and those of its parts, to any depth."""
    yield view
    for part in view.parts.values():
        yield from views(part)


def used(request: Request) -> list[str]:
    """Indicators behind a request: its model's own, in the order of the file, then its parts'."""
    parts = [n for v in request.view.parts.values() for w in views(v) for n in w.indicators]
    return list(dict.fromkeys([*request.spec.options.uses(), *parts]))


def indicators(request: Request) -> dict[str, Indicator]:
    """Return the indicators behind a request by id, with the readings it sees."""
    found = {i.id: i for v in views(request.view) for i in v.indicators.values()}
    return {name: found[name] for name in used(request)}
