"""What a model family is, and what every family checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from forecast.domain import (
    Indicator,
    PastCase,
    Question,
    QuestionType,
    ReferenceClass,
    Timing,
    View,
)
from forecast.errors import BookError
from forecast.families.data import Data
from forecast.families.options import FamilyOptions

if TYPE_CHECKING:
    import pymc as pm

    from forecast.families.clock import Curve

type Indicators = Mapping[str, Indicator]
type Cases = Mapping[str, tuple[PastCase, ...]]


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something in a model that does not fit its question; `path` leads to it inside the model."""

    path: tuple[str | int, ...]
    code: str
    message: str
    hint: str = ""


class Family[O: FamilyOptions](Protocol):
    """One kind of model: its options, and the PyMC model they build on a view.

    Only `build`, `key` and `survival_curve` may import PyMC, inside their bodies.
    """

    name: str
    Options: type[O]
    answers: frozenset[QuestionType]

    def check(
        self, options: O, question: Question, indicators: Indicators | None = None
    ) -> Iterable[Complaint]:
        """Return what does not fit; `indicators` are the book's, where at hand."""
        ...

    def build(self, options: O, view: View) -> pm.Model:
        """Return the model whose deterministic `p` (or `value`) answers the question."""
        ...

    def data(self, options: O, view: View) -> Data:
        """Return what `build` puts into data containers, by name, without building anything.

        May be left out (by a plug-in, say): the model is then built for its numbers too.
        """
        ...

    def key(self, options: O, view: View) -> str:
        """Name the structure of the graph: equal keys differ in data alone."""
        ...

    def sentence(self, options: O, view: View) -> str:
        """Say the model in one plain sentence with its main numbers."""
        ...


class Timed[O: FamilyOptions](Family[O], Protocol):
    """A family that answers "by a date" from one survival curve."""

    def survival_curve(self, options: O, view: View) -> Curve:
        """Add parameters and likelihood to the current model; return the curve from now on.

        The likelihood holds the survival up to now, see `forecast.families.clock.survival`.
        """
        ...

    def survival_data(self, options: O, view: View) -> Data:
        """Return the numbers that `survival_curve` puts into containers."""
        ...


class Learning[O: FamilyOptions](Protocol):
    """A family that reads tables of past cases."""

    def check_cases(
        self, options: O, tables: Cases, indicators: Indicators | None = None
    ) -> Iterable[Complaint]:
        """Return what in the tables its options name (all of them sound) it cannot use."""
        ...


type Beside = Mapping[str, float | list[float] | Mapping[str, Any]]
"""What a posterior says beside its answer, by name: a number, one for each target, or by word."""


class Telling[O: FamilyOptions](Protocol):
    """A family whose posterior says more than its answer; recorded and shown beside it."""

    def beside(self, options: O, view: View, draws: Mapping[str, Any], p: Any) -> Beside:
        """Return what else is said, as JSON values.

        `draws` holds equally weighted draws of the model's parameters and deterministics by name,
        draw first, and `p` the answer's probabilities.
        """
        ...


def ratios_learned(names: Sequence[str], log_ratios: Any) -> dict[str, dict[str, float]]:
    """Return the 90% interval and the middle of ratios from draws of their logs, (draw, name)."""
    import numpy as np

    points = np.exp(np.quantile(log_ratios, [0.05, 0.5, 0.95], axis=0)).T
    words = ("low", "middle", "high")
    return {
        name: dict(zip(words, map(float, ends), strict=True))
        for name, ends in zip(names, points, strict=True)
    }


def reference_class(options: FamilyOptions, question: Question) -> ReferenceClass:
    """Return the reference class of a model: its own, or else its question's.

    Raises BookError if there is none.
    """
    if options.reference_class is not None:
        return options.reference_class.domain()
    if question.reference_class is not None:
        return question.reference_class
    raise BookError(f"{question.id} has no reference class", hint="add reference_class to it")


def visible[O: FamilyOptions](options: O, view: View) -> O:
    """Return the options as far as they were elicited when the view was informed, or in hindsight.

    In hindsight that is all of them.
    """
    return options if view.hindsight else options.known(view.informed.day)


_HINTS = {
    QuestionType.BINARY: "use base_rate, hazard, intent, evidence, conditional, cases or trend",
    QuestionType.MULTIPLE_CHOICE: "use competing_risks",
    QuestionType.ORDERED: "use trend, with thresholds of its series",
    QuestionType.NUMERIC: "use trend",
    QuestionType.DATE: "use base_rate, hazard, intent, evidence, conditional, cases or trend",
}


def common_complaints(
    options: FamilyOptions, question: Question, answers: frozenset[QuestionType]
) -> Iterator[Complaint]:
    """Yield what no family accepts: another type of question, an indicator used twice."""
    if question.type not in answers:
        kinds = " or ".join(sorted(answers))
        message = f"{options.family} answers {kinds} questions, this one is {question.type}"
        yield Complaint(("family",), "family-type", message, _HINTS[question.type])
    seen: Counter[str] = Counter()
    for position, use in enumerate(options.indicators):
        seen[use.use] += 1
        if seen[use.use] == 2:
            message = f"{use.use} is used twice"
            path = ("indicators", position, "use")
            yield Complaint(path, "use-twice", message, "state everything it moves in one entry")


def needs_deadline(options: FamilyOptions, question: Question) -> Iterator[Complaint]:
    """Yield a complaint if the question asks for a state on a day rather than an event by it."""
    if question.timing is Timing.ON:
        message = f"{options.family} answers an event by a date, not a state on a date"
        yield Complaint(("family",), "timing-on", message, "use evidence or trend")


def needs_reference_class(
    options: FamilyOptions, question: Question, *, cases: bool = False
) -> Iterator[Complaint]:
    """Yield a complaint if there is no reference class, or with `cases` if it has none."""
    try:
        reference = reference_class(options, question)
    except BookError as missing:
        message = f"{options.family} needs a reference class"
        yield Complaint(("reference_class",), "reference-class-missing", message, missing.hint)
        return
    if cases and reference.cases is None:
        message = f"{options.family} needs a reference class with cases, not events that recur"
        yield Complaint(("reference_class",), "cases-missing", message, "state cases")
