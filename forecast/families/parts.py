"""Another question as a part of a model: its hazard on the days of the question that builds on it.

The part's own model is built into the current one, with its parameters and its likelihood, on a
horizon that reaches to the other question's last deadline.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from forecast.domain import ModelSpec, QuestionType, ReferenceClass, Settled, View
from forecast.domain.questions import NEVER
from forecast.domain.times import local_day
from forecast.errors import BookError
from forecast.families import get
from forecast.families.base_rate import reference_curve, reference_data
from forecast.families.clock import Curve, survival_data, timeline
from forecast.families.data import Data, placed

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable

    from forecast.families.base import Timed


class Part(NamedTuple):
    """The family, the model and the view of a question that another builds on."""

    family: Timed[Any]
    spec: ModelSpec
    view: View

    @property
    def key(self) -> str:
        """Name the structure of the part's graph."""
        return self.family.key(self.spec.options, self.view)


def part(name: str, model: str | None, view: View) -> Part:
    """Return the part `name` of a view under one of its models (the first unless named).

    Its horizon is the view's. Raises BookError if it has no such model, or if that one has no
    survival curve or was not stated yet.
    """
    found = view.parts[name]
    spec = _spec(found, model)
    family = get(spec.family)
    if not hasattr(family, "survival_curve"):
        message = f"{spec.family}, the model of {name}, has no daily hazard"
        raise BookError(message, hint="name one of a family that races with time, such as hazard")
    extended = replace(found.question, deadlines=view.question.deadlines[-1:])
    return Part(family, spec, replace(found, question=extended))  # type: ignore[arg-type]


def _spec(view: View, model: str | None) -> ModelSpec:
    """Return the model of that name, or the first, as far as it had been stated."""
    question = view.question
    for spec in question.models:
        if model in (None, spec.name):
            later = spec.elicited_on is not None and spec.elicited_on > view.as_of.day
            if later and not view.hindsight:
                message = f"{spec.name}, the model of {question.id}, was not stated yet"
                raise BookError(message, hint=f"it was on {spec.elicited_on}")
            return spec
    named = f" {model}" if model else ""
    raise BookError(f"{question.id} has no model{named}", hint="give it one to build on")


def come(view: View) -> Settled | None:
    """Return the answer by which a question's event is known to have come, None while it is not."""
    settled = (view.question.settled_by(target, view.as_of) for target in view.question.targets)
    return next((s for s in settled if s is not None and _says_so(s, view.question.type)), None)


def _says_so(answer: Settled, kind: QuestionType) -> bool:
    if kind is QuestionType.DATE:
        return not answer.void and answer.answer != NEVER
    return answer.outcome == 1


def came_on(view: View) -> date | None:
    """Return the day of a question's event once it is known to have come, None before.

    Where the answer does not say when, it is the day on which it was known.
    """
    answered = come(view)
    if answered is None:
        return None
    if view.question.type is QuestionType.DATE:
        return date.fromisoformat(answered.answer)
    days = (r.happened_on for r in reversed(view.question.resolutions) if r.happened_on)
    return next(days, local_day(answered.known_at, view.question.zone))


def data_of_part(built: Part, view: View) -> Data:
    """Return the numbers of `hazard_of_part`."""
    numbers = survival_data(built.family, built.spec.options, built.view)
    return numbers | _place_data(view, built.view)


def hazard_of_part(built: Part, view: View) -> TensorVariable:
    """Add a part to the current model; return its hazard on each day of the view's timeline.

    Shape (days,); 0 on days that are over.
    """
    curve = built.family.survival_curve(built.spec.options, built.view)
    return _hazard(curve, view, built.view)


def data_of_reference(reference: ReferenceClass, view: View) -> Data:
    """Return the numbers of `hazard_of_reference`."""
    return reference_data(reference, view) | _place_data(view, view)


def hazard_of_reference(reference: ReferenceClass, view: View) -> TensorVariable:
    """Add a reference class to the current model; return its hazard as `hazard_of_part` does."""
    return _hazard(reference_curve(reference, view), view, view)


def _place_data(view: View, other: View) -> Data:
    """Return which day of the other's timeline each of the view's is, and whether it is in it."""
    import numpy as np

    day = np.arange(timeline(view).days) + (view.question.clock - other.question.clock).days
    days = timeline(other).days
    shared = (day >= 0) & (day < days)
    return {"place": np.clip(day, 0, days - 1), "shared": shared.astype(float)}


def _hazard(curve: Curve, view: View, other: View) -> TensorVariable:
    """Return the hazard on the view's days, from a curve of the other's timeline."""
    place, shared = placed(_place_data(view, other))
    return curve.daily[place] * shared
