"""competing_risks: which of several events comes first by the deadline, if any.

Each cause has a daily hazard, given the parameters: λ_k,d = −ln(Q_k,d/Q_k,d−1) with Q_k the
survival curve of the question it comes from, or of a reference class. They race independently given
the parameters; with Λ_d = Σ_k λ_k,d and S_d = exp(−Σ_{i ≤ d} Λ_i),

    P(first = k, on day d) = S_{d−1}·(1 − e^{−Λ_d})·λ_k,d/Λ_d,    P(none) = S at the deadline,

which sum to one (cumulative incidence; R. L. Prentice et al., "The analysis of failure times in the
presence of competing risks", 1978). P(first = k) is never above P(k by the deadline).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal, Self

from pydantic import Field, model_validator

from forecast.domain import Question, QuestionType, View
from forecast.errors import BookError
from forecast.families.base import Complaint, Indicators, common_complaints
from forecast.families.data import Data
from forecast.families.fields import Identifier
from forecast.families.options import FamilyOptions, ReferenceClassOptions, Strict
from forecast.families.parts import (
    Part,
    come,
    data_of_part,
    data_of_reference,
    hazard_of_part,
    hazard_of_reference,
    part,
)
from forecast.families.priors import structure
from forecast.families.scalars import refuse
from forecast.families.words import listed, reference_words
from forecast.text import did_you_mean, slug

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.tensor import TensorVariable


class Cause(Strict):
    """Where a cause's hazard comes from: another question, or a reference class."""

    question: Identifier | None = Field(default=None, description="The question's id.")
    model: str | None = Field(
        default=None, description="Which of that question's models; the first unless said."
    )
    reference_class: ReferenceClassOptions | None = Field(
        default=None, description="Past cases, instead of a question."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.question is None) == (self.reference_class is None):
            said = "a cause comes from a question or from a reference class"
            refuse("cause-source", said, "state one of the two")
        if self.model is not None and self.question is None:
            refuse("cause-model", "model names a model of a question", "state the question")
        return self


class CompetingRisksOptions(FamilyOptions):
    """What races, and the option that stands for nothing having come."""

    family: Literal["competing_risks"] = Field(
        default="competing_risks", description="The model family's name."
    )
    causes: Mapping[str, Cause] = Field(description="For each option that is an event, its source.")
    none: str = Field(description="The option for no event by the deadline.")

    def part_models(self) -> tuple[tuple[str, str | None], ...]:
        """Return the questions the causes come from, and which of their models."""
        causes = self.causes.values()
        return tuple((c.question, c.model) for c in causes if c.question is not None)


class CompetingRisks:
    """The first of several events."""

    name = "competing_risks"
    Options = CompetingRisksOptions
    answers = frozenset({QuestionType.MULTIPLE_CHOICE})

    def check(
        self,
        options: CompetingRisksOptions,
        question: Question,
        indicators: Indicators | None = None,
    ) -> Iterator[Complaint]:
        """Return what does not fit: above all, causes that are not the question's options."""
        yield from common_complaints(options, question, self.answers)
        if options.indicators:
            message = "competing_risks uses no indicators"
            hint = "its causes bring their own"
            yield Complaint(("indicators",), "indicators-unused", message, hint)
        yield from _option_complaints(options, question)

    def build(self, options: CompetingRisksOptions, view: View) -> pm.Model:
        """Return the PyMC model, each cause a named model within it."""
        import pymc as pm
        import pytensor.tensor as pt

        with pm.Model() as model:
            hazards = []
            for option, name in _names(options).items():
                with pm.Model(name=name):
                    hazards.append(_daily_hazard(options.causes[option], view))
            outcomes = _race(pt.stack(hazards))
            pm.Deterministic("p", outcomes[_places(options, view.question)])
        return model

    def data(self, options: CompetingRisksOptions, view: View) -> Data:
        """Return the numbers of the model."""
        return {
            f"{name}::{key}": value
            for option, name in _names(options).items()
            for key, value in _cause_data(options.causes[option], view).items()
        }

    def key(self, options: CompetingRisksOptions, view: View) -> str:
        """Name the structure of the graph."""
        causes = [
            f"{name}={_cause_key(options.causes[option], view)}"
            for option, name in _names(options).items()
        ]
        places = ",".join(map(str, _places(options, view.question)))
        return f"competing_risks({';'.join(causes)})/{places}"

    def sentence(self, options: CompetingRisksOptions, view: View) -> str:
        """Say the model in one sentence."""
        causes = [f"{option} ({_source(cause)})" for option, cause in options.causes.items()]
        return f"Daily hazards race: {listed(causes)}; {options.none} if none has come by the end."


def _option_complaints(options: CompetingRisksOptions, question: Question) -> Iterator[Complaint]:
    for option in options.causes:
        if option not in question.options:
            known = f"name one of {', '.join(question.options)}"
            hint = did_you_mean(option, question.options) or known
            message = f"the question has no option {option!r}"
            yield Complaint(("causes", option), "cause-unknown", message, hint)
    if options.none not in question.options or options.none in options.causes:
        message = f"none: {options.none!r} is not one of the options without a cause"
        free = [option for option in question.options if option not in options.causes]
        hint = did_you_mean(options.none, free) or f"name one of {', '.join(free) or 'them'}"
        yield Complaint(("none",), "none-unknown", message, hint)
    for option in question.options:
        if option not in options.causes and option != options.none:
            message = f"the option {option!r} has no cause"
            yield Complaint(("causes",), "cause-missing", message, "every option but one needs one")


def _names(options: CompetingRisksOptions) -> dict[str, str]:
    """Return for each cause the name of its part of the model, all different."""
    names: dict[str, str] = {}
    for position, option in enumerate(options.causes):
        name = slug(option)
        names[option] = name if name and name not in names.values() else f"cause-{position}"
    return names


def _places(options: CompetingRisksOptions, question: Question) -> list[int]:
    """Return for each of the question's options its place among the causes, none last."""
    order = [*options.causes, options.none]
    return [order.index(option) for option in question.options]


def _source(cause: Cause) -> str:
    if cause.reference_class is not None:
        return reference_words(cause.reference_class.domain())
    return f"as in {cause.question}" + (f", {cause.model}" if cause.model else "")


def _part(cause: Cause, view: View) -> Part:
    """Return the question a cause comes from; BookError if its event has already come."""
    assert cause.question is not None
    if come(view.parts[cause.question]) is not None:
        raise BookError(f"{cause.question} is answered: the race is over", hint="resolve this one")
    return part(cause.question, cause.model, view)


def _cause_key(cause: Cause, view: View) -> str:
    if cause.reference_class is not None:
        return structure(cause.reference_class.domain())
    return _part(cause, view).key


def _cause_data(cause: Cause, view: View) -> Data:
    """Return the numbers of `_daily_hazard`."""
    if cause.reference_class is not None:
        return data_of_reference(cause.reference_class.domain(), view)
    return data_of_part(_part(cause, view), view)


def _daily_hazard(cause: Cause, view: View) -> TensorVariable:
    """Return λ_k on each day of the view's timeline, shape (days,); 0 on days that are over."""
    if cause.reference_class is not None:
        return hazard_of_reference(cause.reference_class.domain(), view)
    return hazard_of_part(_part(cause, view), view)


def _race(hazards: TensorVariable) -> TensorVariable:
    """Return the probability of each cause coming first, then of none; `hazards` (causes, days)."""
    import pytensor.tensor as pt

    total = hazards.sum(axis=0)
    survival_before = pt.exp(total - pt.cumsum(total))
    some = total > 0
    per_hazard = pt.switch(some, -pt.expm1(-total) / pt.switch(some, total, 1.0), 1.0)
    first = (survival_before * per_hazard * hazards).sum(axis=1)
    return pt.concatenate([first, pt.exp(-total.sum(keepdims=True))])


family = CompetingRisks()
