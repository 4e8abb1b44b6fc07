"""What was known at a date: a book's question with the readings visible then, and its digest."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from forecast.book.questions import model_digest
from forecast.domain import AsOf, Indicator, ModelSpec, Observation, PastCase, Question, View
from forecast.domain.times import known_instant
from forecast.families.parts import came_on

if TYPE_CHECKING:
    from forecast.book.load import Book


def view(book: Book, question: Question, as_of: AsOf, hindsight: bool = False) -> View:
    """Return `question` at `as_of` with nothing in it that was not known by then.

    It holds the indicators, questions and past cases that any of its models names. Of cases and
    resolutions only those known by then are left. Options elicited later are not removed; see
    `models_at`.
    """
    uses = dict.fromkeys(use for spec in question.models for use in spec.options.uses())
    parts = dict.fromkeys(part for spec in question.models for part in spec.options.parts())
    tables = dict.fromkeys(name for spec in question.models for name in spec.options.tables())
    return View(
        question=_as_known(question, as_of),
        as_of=as_of,
        indicators={use: seen(book.indicators[use], as_of, question.zone) for use in uses},
        parts={part: view(book, book.questions[part], as_of, hindsight) for part in parts},
        cases={
            name: tuple(case for case in book.cases[name] if as_of.sees(case.known_on))
            for name in tables
        },
        code={n: book.code[n] for spec in question.models for n in spec.options.code()},
        hindsight=hindsight,
    )


def _as_known(question: Question, as_of: AsOf) -> Question:
    seen = tuple(each for each in question.resolutions if as_of.sees(each.known_at))
    return replace(question, resolutions=seen)


def seen(indicator: Indicator, as_of: AsOf, zone: str) -> Indicator:
    """Return the indicator with its visible readings, corrected as far as was known, in order."""
    visible = [each for each in indicator.observations if as_of.sees(each.known_on)]
    corrected = {each.corrects for each in visible if each.corrects is not None}

    def order(each: Observation) -> tuple[date, datetime, int]:
        return each.observed_on, known_instant(each.known_on, zone), each.row

    kept = sorted((each for each in visible if each.row not in corrected), key=order)
    return replace(indicator, observations=tuple(kept))


def models_at(question: Question, as_of: AsOf, hindsight: bool = False) -> tuple[ModelSpec, ...]:
    """Return the models that could have been stated by `as_of`, each as far as it was.

    With `hindsight` all of them, whole. What was elicited later does not show in a digest either.
    """
    if hindsight:
        return question.models
    return tuple(
        _as_stated(spec, as_of.day)
        for spec in question.models
        if spec.elicited_on is None or spec.elicited_on <= as_of.day
    )


def _as_stated(spec: ModelSpec, day: date) -> ModelSpec:
    options = spec.options.known(day)
    if options is spec.options:
        return spec
    return replace(spec, options=options, digest=model_digest(spec.family, options))


def stale(view: View, spec: ModelSpec) -> tuple[Indicator, ...]:
    """Return the indicators of a model whose last visible reading is older than `stale_after`.

    An indicator without any visible reading counts its age from the question's clock. Days run to
    the view's day, or to the last deadline if that was earlier.
    """
    today = min(view.as_of.day, view.question.deadlines[-1])

    def age(indicator: Indicator) -> int:
        readings = indicator.observations
        return (today - (readings[-1].observed_on if readings else view.question.clock)).days

    used = [view.indicators[use] for use in spec.options.uses()]
    return tuple(i for i in used if i.stale_after is not None and age(i) > i.stale_after)


def view_payload(view: View, spec: ModelSpec) -> dict[str, Any]:
    """Return, as a JSON value, everything a model can see: equal payloads, equal posteriors.

    The model itself is not in it (it has its own digest); the models of its parts are.
    """
    question = view.question
    payload: dict[str, Any] = {
        "as_of": view.as_of.day.isoformat(),
        "hindsight": view.hindsight,
        "survived": view.survived,
        "horizon": [view.horizon(day) for day in question.deadlines],
        "question": _question_payload(question),
        "indicators": {use: _readings(view.indicators[use]) for use in spec.options.uses()},
        "parts": {part: _part(view.parts[part]) for part in spec.options.parts()},
    }
    if tables := spec.options.tables():  # what others see keeps the digest it always had
        payload["cases"] = {name: [_case(each) for each in view.cases[name]] for name in tables}
    if files := spec.options.code():
        payload["code"] = {name: view.code[name].digest for name in files}
        payload["shown"] = _shown_to_code(view, spec)
    return payload


def _shown_to_code(view: View, spec: ModelSpec) -> str:
    """Return a digest of all else that a file of the user's may look at, whether it does or not."""
    question = view.question
    indicators = [view.indicators[use] for use in spec.options.uses()]
    cases = [view.cases[name] for name in spec.options.tables()]
    seen = question.opens, question.zone, view.as_of.live, indicators, cases
    return hashlib.sha256(repr(seen).encode()).hexdigest()


def _part(view: View) -> dict[str, Any]:
    """A part's models, in their order (the first is its word), its answers, and when it came."""
    targets = view.question.targets
    answers = [view.question.settled_by(target, view.as_of) for target in targets]
    payload: dict[str, Any] = {
        "answers": [answer.answer if answer else None for answer in answers],
        "models": [
            [spec.name, spec.digest, view_payload(view, spec)]
            for spec in models_at(view.question, view.as_of, view.hindsight)
        ],
    }
    came = came_on(view)
    return payload if came is None else payload | {"came": came.isoformat()}


def _question_payload(question: Question) -> dict[str, Any]:
    reference = question.reference_class
    return {
        "id": question.id,
        "clock": question.clock.isoformat(),
        "deadlines": [day.isoformat() for day in question.deadlines],
        "type": question.type,
        "timing": question.timing,
        "options": list(question.options),
        "reference_class": asdict(reference) if reference else None,
    }


def _readings(indicator: Indicator) -> dict[str, Any]:
    return {
        "kind": indicator.kind,
        "stale_after": indicator.stale_after,
        "relative_error": indicator.relative_error,
        "source_offset": indicator.source_offset,
        "readings": [_reading(each) for each in indicator.observations],
    }


def _reading(each: Observation) -> list[Any]:
    return [each.observed_on.isoformat(), each.value, each.low, each.high, each.days, each.by]


def _case(each: PastCase) -> list[Any]:
    seen = {
        name: value if isinstance(value, float) else [[str(day), x] for day, x in value]
        for name, value in each.seen.items()
    }
    return [each.outcome, str(each.begins), str(each.ends), each.group, seen]
