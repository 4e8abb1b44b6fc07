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
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from forecast.domain import ModelSpec, Question, QuestionType, View
from forecast.errors import BookError
from forecast.families import get
from forecast.families.base import Complaint, Indicators, common_complaints
from forecast.families.base_rate import reference_log_survival
from forecast.families.clock import by_day, timeline
from forecast.families.fields import Identifier
from forecast.families.options import FamilyOptions, ReferenceClassOptions, Strict
from forecast.families.priors import structure
from forecast.families.scalars import refuse
from forecast.families.words import listed, reference_words
from forecast.text import did_you_mean, slug

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.tensor import TensorVariable

    from forecast.families.base import Timed


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

    def parts(self) -> tuple[str, ...]:
        """Return the ids of the questions the causes come from."""
        named = (cause.question for cause in self.causes.values())
        return tuple(dict.fromkeys(name for name in named if name is not None))


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
            hint = did_you_mean(option, question.options)
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


def _part(cause: Cause, view: View) -> tuple[Timed[Any], ModelSpec, View]:
    """Return the family, the model and the view of the question a cause comes from.

    The view's horizon is this question's. Raises BookError if that model has no survival curve, was
    not stated yet, or its event has already come.
    """
    assert cause.question is not None
    part = view.parts[cause.question]
    spec = _spec(cause, part)
    family = get(spec.family)
    if not hasattr(family, "log_survival"):
        message = f"{spec.family}, the model of {cause.question}, has no daily hazard"
        raise BookError(message, hint="name a base_rate, hazard, intent or evidence model")
    settled = [part.question.settled_by(target, part.as_of) for target in part.question.targets]
    if any(answer is not None and answer.outcome == 1 for answer in settled):
        raise BookError(f"{cause.question} is answered: the race is over", hint="resolve this one")
    extended = replace(part.question, deadlines=view.question.deadlines[-1:])
    return family, spec, replace(part, question=extended)  # type: ignore[return-value]


def _spec(cause: Cause, part: View) -> ModelSpec:
    """Return the model a cause names, or the first, as far as it had been stated."""
    for spec in part.question.models:
        if cause.model in (None, spec.name):
            later = spec.elicited_on is not None and spec.elicited_on > part.as_of.day
            if later and not part.hindsight:
                message = f"{spec.name}, the model of {cause.question}, was not stated yet"
                raise BookError(message, hint=f"it was on {spec.elicited_on}")
            return spec
    named = f" {cause.model}" if cause.model else ""
    raise BookError(f"{cause.question} has no model{named}", hint="a cause needs one")


def _cause_key(cause: Cause, view: View) -> str:
    if cause.reference_class is not None:
        return structure(cause.reference_class.domain())
    family, spec, part = _part(cause, view)
    return family.key(spec.options, part)


def _daily_hazard(cause: Cause, view: View) -> TensorVariable:
    """Return λ_k on each day of the view's timeline, shape (days,); 0 on days that are over."""
    import numpy as np
    import pymc as pm
    import pytensor.tensor as pt

    if cause.reference_class is not None:
        log_q = reference_log_survival(cause.reference_class.domain(), view)
        days, offset = timeline(view).days, 0
    else:
        family, spec, part = _part(cause, view)
        log_q = family.log_survival(spec.options, part)
        days, offset = timeline(part).days, (view.question.clock - part.question.clock).days
    # Where on the part's timeline (0: its clock) the ends of this question's days lie.
    ends = np.arange(timeline(view).days + 1) + offset
    place = pm.Data("place", np.clip(ends, 0, days))
    # Below e^-700 nothing is left to race for; the bound keeps differences finite.
    return -pt.diff(by_day(pt.maximum(log_q, -700.0), place))


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
