"""conditional: an event that hangs on whether another question's event comes first.

"Sanctions, if invasion." B has the daily hazard λ₀ while A has not come and λ₁ once it has; A has
the hazard of its own question's model, a(t) = −d ln Q_A(t). T_A is the time of A, ∞ if it never
comes:

    P(B by Y) = 1 − E[exp(−λ₀·min(T_A, Y) − λ₁·(Y − T_A)⁺)],

by the recursion of `forecast.families.switching`. λ₀ is a reference class's, moved by indicators as
in `hazard`; λ₁ is λ₀ times a hazard ratio, or another reference class's, moved likewise. The
likelihood is that of A's own model and the survival of B since its clock. Once A is known to have
come its own model is not needed any more: λ₁ holds from the day after its day.

With "A" short for "A by Y", E over the posterior and never an average of ratios,

    P(B) = P(B | A)·P(A) + P(B | not A)·(1 − P(A)),    P(B | A) = E[1(A)·1(B)]/E[1(A)].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from forecast.domain import Question, QuestionType, View
from forecast.families.base import (
    Complaint,
    Indicators,
    common_complaints,
    needs_deadline,
    needs_reference_class,
    reference_class,
    visible,
)
from forecast.families.clock import (
    Curve,
    answer,
    daily,
    lived_data,
    steps,
    survival,
    timed_data,
    timeline,
)
from forecast.families.data import Data, placed
from forecast.families.effects import effects, effects_data, log_effect
from forecast.families.fields import Identifier, Ratio
from forecast.families.fits import effect_complaints
from forecast.families.options import FamilyOptions, HazardUse, ReferenceClassOptions, Strict
from forecast.families.parts import Part, came_on, data_of_part, hazard_of_part, part
from forecast.families.priors import (
    hazard_data,
    log_daily_hazard,
    log_ratio,
    log_ratio_data,
    structure,
)
from forecast.families.scalars import refuse
from forecast.families.switching import doublings, switching
from forecast.families.words import effect_words, listed, ratio_words, reference_words

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.tensor import TensorVariable


_RATIO = "log_ratio_after"


class Given(Strict):
    """The question whose event changes everything."""

    question: Identifier = Field(description="The question's id.")
    model: str | None = Field(
        default=None, description="Which of that question's models; the first unless said."
    )


class After(Strict):
    """What the daily hazard is from the day after that event on."""

    hazard_ratio: Ratio | None = Field(
        default=None,
        description="What the event multiplies the daily hazard by: 80% interval, or exact.",
    )
    reference_class: ReferenceClassOptions | None = Field(
        default=None, description="Past cases in which that event had come, exposure from then on."
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.hazard_ratio is None) == (self.reference_class is None):
            said = "the hazard after it is a hazard ratio or a reference class"
            refuse("after-source", said, "state one of the two")
        return self

    @property
    def key(self) -> str:
        """Name the structure of its prior."""
        if self.reference_class is not None:
            return structure(self.reference_class.domain())
        return "exact" if self.hazard_ratio and self.hazard_ratio.exact else "ratio"

    def words(self) -> str:
        """Say it in one clause."""
        if self.reference_class is not None:
            return f"that of {reference_words(self.reference_class.domain())}"
        assert self.hazard_ratio is not None
        return ratio_words(self.hazard_ratio)


class ConditionalOptions(FamilyOptions):
    """What it hangs on, and the hazard before and after."""

    family: Literal["conditional"] = Field(
        default="conditional", description="The model family's name."
    )
    given: Given = Field(description="The question whose event this one hangs on.")
    after: After = Field(description="The daily hazard once that event has come.")
    indicators: tuple[HazardUse, ...] = Field(
        default=(), description="What else moves the daily hazard, before and after."
    )

    def part_models(self) -> tuple[tuple[str, str | None], ...]:
        """Return the question it hangs on, and which of its models."""
        return ((self.given.question, self.given.model),)


class Conditional:
    """An event that hangs on another question's."""

    name = "conditional"
    Options = ConditionalOptions
    answers = frozenset({QuestionType.BINARY})

    def check(
        self, options: ConditionalOptions, question: Question, indicators: Indicators | None = None
    ) -> Iterator[Complaint]:
        """Return what does not fit."""
        yield from common_complaints(options, question, self.answers)
        yield from needs_deadline(options, question)
        yield from needs_reference_class(options, question)
        for position, use in enumerate(options.indicators):
            yield from effect_complaints(use, ("indicators", position), indicators)

    def build(self, options: ConditionalOptions, view: View) -> pm.Model:
        """Return the PyMC model; besides `p` it has P(A by the rung) and P(both by it)."""
        import pymc as pm
        import pytensor.tensor as pt

        with pm.Model() as model:
            curves = _curves(visible(options, view), view)
            answer(curves.own, timeline(view))
            if curves.parting is not None:
                other, alone = curves.parting
                (rungs,) = placed(_rungs_data(view))
                given = -pt.expm1(other.over(model["until"]))
                pm.Deterministic("given", given)
                pm.Deterministic("both", given - _by_day(alone, rungs))
        return model

    def survival_curve(self, options: ConditionalOptions, view: View) -> Curve:
        """Add both hazards to the current model and return the curve from now on."""
        return _curves(visible(options, view), view).own

    def data(self, options: ConditionalOptions, view: View) -> Data:
        """Return the numbers of the model."""
        come = came_on(view.parts[options.given.question]) is not None
        return timed_data(self, options, view) | ({} if come else _rungs_data(view))

    def survival_data(self, options: ConditionalOptions, view: View) -> Data:
        """Return the numbers of `survival_curve`."""
        options = visible(options, view)
        numbers = hazard_data(reference_class(options, view.question)) | _after_data(options.after)
        numbers |= effects_data(effects(options.indicators, view)) | lived_data(timeline(view))
        if (came := came_on(view.parts[options.given.question])) is not None:
            return numbers | _since_data(came, view)
        given = _within("given", data_of_part(_given(options, view), view))
        return numbers | given | _beginning_data(view)

    def key(self, options: ConditionalOptions, view: View) -> str:
        """Name the structure of the graph."""
        options = visible(options, view)
        kind = structure(reference_class(options, view.question))
        moved = effects(options.indicators, view).key
        given = "come" if came_on(view.parts[options.given.question]) else _given(options, view).key
        steps = doublings(timeline(view))
        rungs = len(view.question.targets)
        return f"conditional/{kind}/{moved}/{options.after.key}/s{steps}/r{rungs}({given})"

    def beside(
        self, options: ConditionalOptions, view: View, draws: Mapping[str, Any], p: Any
    ) -> dict[str, list[float]]:
        """Return, by rung, P(A), P(B | A) and P(B | not A), which add up to `p`."""
        if "given" not in draws:
            return {}
        own, given, both = (draws[name].mean(axis=0) for name in ("p", "given", "both"))
        # The answer is known better than the mean of its draws; its parts share what it has more.
        parts = [_parts(*each) for each in zip(p, own, given, both, strict=True)]
        return {name: [part[name] for part in parts] for name in ("given", "if_given", "if_not")}

    def sentence(self, options: ConditionalOptions, view: View) -> str:
        """Say the model in one sentence."""
        options = visible(options, view)
        said = reference_words(reference_class(options, view.question))
        moves = [effect_words(use) for use in options.indicators]
        said += f"; the daily hazard is then {listed(moves)}" if moves else ""
        name = options.given.question
        came = came_on(view.parts[name])
        when = f"since {name} came on {came}" if came else f"once {_source(options.given)} has come"
        return f"{said}; {when} it is {options.after.words()}."


class _Curves(NamedTuple):
    """B's curve; while A has not come also A's, and R by day."""

    own: Curve
    parting: tuple[Curve, TensorVariable] | None = None


def _curves(options: ConditionalOptions, view: View) -> _Curves:
    """Add all parameters and the likelihood to the current model."""
    import pymc as pm
    import pytensor.tensor as pt

    base = log_daily_hazard(reference_class(options, view.question))
    log_hazard = base + log_effect(effects(options.indicators, view))
    more = _log_ratio(options.after, base)
    came = came_on(view.parts[options.given.question])
    if came is not None:
        (since,) = placed(_since_data(came, view))
        past, curve = survival(log_hazard + since * more, timeline(view))
        pm.Potential("survived", past)
        return _Curves(curve)
    hazard, lived = daily(log_hazard, timeline(view))
    pm.Potential("survived", -(hazard * lived).sum())
    with pm.Model(name="given"):
        given = hazard_of_part(_given(options, view), view)
    ahead = 1 - lived
    quiet = hazard * ahead
    neither, alone = switching(given, quiet, quiet * pt.exp(more), timeline(view))
    (beginning,) = placed(_beginning_data(view))
    log_q = pt.log(neither + alone)
    own = steps(_by_day(log_q, beginning), log_q)
    return _Curves(Curve(own, ahead), (Curve(given, ahead), alone))


def _by_day(curve: TensorVariable, days: TensorVariable) -> TensorVariable:
    """Return what is known at the ends of all days at these ones; 0 at day 0, the clock's."""
    import pytensor.tensor as pt

    return pt.switch(days > 0, curve[pt.maximum(days - 1, 0)], 0.0)


def _beginning_data(view: View) -> Data:
    """Return at the end of which day each one begins, shape (days,)."""
    import numpy as np

    return {"beginning": np.arange(timeline(view).days)}


def _rungs_data(view: View) -> Data:
    """Return the last day of each rung."""
    import numpy as np

    return {"rungs": np.array(timeline(view).rungs)}


def _since_data(came: date, view: View) -> Data:
    """Return which days come after the day on which A came, shape (days,)."""
    import numpy as np

    days = np.arange(1, timeline(view).days + 1)
    return {"since": (days > (came - view.question.clock).days).astype(float)}


def _given(options: ConditionalOptions, view: View) -> Part:
    return part(options.given.question, options.given.model, view)


def _after_data(after: After) -> Data:
    """Return the numbers of `_log_ratio`."""
    if after.hazard_ratio is not None:
        return log_ratio_data(after.hazard_ratio, _RATIO)
    assert after.reference_class is not None
    return _within("after", hazard_data(after.reference_class.domain()))


def _log_ratio(after: After, base: TensorVariable) -> TensorVariable:
    """Add what A changes to the current model; return ln(λ₁/λ₀), of which `base` is ln λ₀."""
    import pymc as pm

    if after.hazard_ratio is not None:
        return log_ratio(after.hazard_ratio, _RATIO)
    assert after.reference_class is not None
    with pm.Model(name="after"):
        return log_daily_hazard(after.reference_class.domain()) - base


def _within(name: str, numbers: Data) -> Data:
    return {f"{name}::{key}": value for key, value in numbers.items()}


def _parts(p: float, own: float, given: float, both: float) -> dict[str, float]:
    """Return P(A), P(B | A) and P(B | not A) from P(B) and the means of the draws."""
    together = p * _ratio(both, own)
    return {
        "given": float(given),
        "if_given": _ratio(together, given),
        "if_not": _ratio(p - together, 1 - given),
    }


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else 0.0


def _source(given: Given) -> str:
    return given.question + (f" (its {given.model})" if given.model else "")


family = Conditional()
