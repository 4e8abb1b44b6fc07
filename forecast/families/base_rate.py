"""base_rate: nothing is known but how often such things happen.

Cases: p ~ Beta(events + ½, cases − events + ½) over the exposure, Jeffreys' prior updated by the
reference class (relevance discounts both counts). With a constant hazard,

    P(by X | not by now) = 1 − (1 − p)^((X − now)/exposure),    weighed by (1 − p)^(now/exposure),

so that it falls by itself while nothing happens. Recurrent events: a rate ~ Gamma(events + ½,
exposure) and P = 1 − exp(−rate·(X − now)), weighed by exp(−rate·now). A state on a day
(`timing: on`) has no clock: P = p.

Source: H. Jeffreys, "An invariant form for the prior probability in estimation problems", 1946.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from forecast.domain import Question, QuestionType, ReferenceClass, Timing, View
from forecast.families.base import (
    Complaint,
    Indicators,
    common_complaints,
    needs_reference_class,
    reference_class,
)
from forecast.families.clock import lived_data, survival, timed_data, timed_model, timeline
from forecast.families.data import Data
from forecast.families.options import FamilyOptions
from forecast.families.priors import (
    hazard_data,
    log_daily_hazard,
    share,
    share_data,
    structure,
)
from forecast.families.words import reference_words

if TYPE_CHECKING:
    import pymc as pm

    from forecast.families.clock import Curve


_STATE = "p_case"  # the share of cases in which the state holds


class BaseRateOptions(FamilyOptions):
    """A reference class alone."""

    family: Literal["base_rate"] = Field(
        default="base_rate", description="The model family's name."
    )


class BaseRate:
    """The base rate of a reference class."""

    name = "base_rate"
    Options = BaseRateOptions
    answers = frozenset({QuestionType.BINARY})

    def check(
        self, options: BaseRateOptions, question: Question, indicators: Indicators | None = None
    ) -> Iterator[Complaint]:
        """Return what does not fit: no reference class, or indicators it would not use."""
        yield from common_complaints(options, question, self.answers)
        on = question.timing is Timing.ON
        yield from needs_reference_class(options, question, cases=on)
        if options.indicators:
            message = "base_rate uses no indicators"
            yield Complaint(("indicators",), "indicators-unused", message, "use hazard or intent")

    def build(self, options: BaseRateOptions, view: View) -> pm.Model:
        """Return the PyMC model."""
        if view.question.timing is Timing.BY:
            return timed_model(self, options, view)
        return _state(reference_class(options, view.question), len(view.question.targets))

    def data(self, options: BaseRateOptions, view: View) -> Data:
        """Return the numbers of the model."""
        if view.question.timing is Timing.BY:
            return timed_data(self, options, view)
        return share_data(reference_class(options, view.question), _STATE)

    def survival_curve(self, options: BaseRateOptions, view: View) -> Curve:
        """Add the base rate to the current model and return the curve from now on."""
        return reference_curve(reference_class(options, view.question), view)

    def survival_data(self, options: BaseRateOptions, view: View) -> Data:
        """Return the numbers of `survival_curve`."""
        return reference_data(reference_class(options, view.question), view)

    def key(self, options: BaseRateOptions, view: View) -> str:
        """Name the structure of the graph."""
        kind = structure(reference_class(options, view.question))
        return f"base_rate/{view.question.timing}/{kind}/r{len(view.question.targets)}"

    def sentence(self, options: BaseRateOptions, view: View) -> str:
        """Say the model in one sentence."""
        return f"{reference_words(reference_class(options, view.question))}; nothing else is used."


def reference_data(reference: ReferenceClass, view: View) -> Data:
    """Return the numbers of `reference_curve`."""
    return hazard_data(reference) | lived_data(timeline(view))


def reference_curve(reference: ReferenceClass, view: View) -> Curve:
    """Add a reference class's constant hazard to the current model; return the curve from now."""
    import pymc as pm

    past, curve = survival(log_daily_hazard(reference), timeline(view))
    pm.Potential("survived", past)
    return curve


def _state(reference: ReferenceClass, targets: int) -> pm.Model:
    import pymc as pm
    import pytensor.tensor as pt

    with pm.Model() as model:
        pm.Deterministic("p", pt.zeros(targets) + share(reference, _STATE))
    return model


family = BaseRate()
