"""evidence: a hypothesis weighed by qualitative reports.

P(yes | data) = E[π·E_1] / E[π·E_1 + (1 − π)·E_0], the hypothesis summed out exactly, with π an
elicited prior (a number, or ~ Beta with the 10% and 90% points of an interval) or a reference
class's share, and E_h the likelihood of the reports (`forecast.families.reports`). An event by a
date needs `arrives`, the waiting time if yes, and is then the mixture cure model of
`forecast.families.mixture`: what has not come by now is less likely to come.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from forecast.domain import Question, QuestionType, Timing, View
from forecast.errors import BookError
from forecast.families.base import (
    Complaint,
    Indicators,
    common_complaints,
    needs_reference_class,
    reference_class,
    visible,
)
from forecast.families.clock import lived_data, timed_data, timed_model, timeline
from forecast.families.data import Data
from forecast.families.fields import Chance
from forecast.families.fits import group_complaints, report_complaints
from forecast.families.mixture import (
    cure_curve,
    log_waiting_hazard,
    sum_out,
    waiting_data,
    weigh,
)
from forecast.families.options import FamilyOptions, Group, Report, Waiting
from forecast.families.priors import elicited, elicited_data, share, share_data
from forecast.families.reports import evidence_data, heard, log_evidence, structure
from forecast.families.words import (
    chance_words,
    listed,
    reference_words,
    report_words,
    waiting_words,
)

if TYPE_CHECKING:
    import pymc as pm

    from forecast.families.clock import Curve
    from forecast.families.mixture import Weights


_PRIOR = "prior"


class EvidenceUse(Report):
    """A report for or against the hypothesis."""

    p_if_yes: Chance = Field(
        description="Probability of the report if the answer is yes, given that nothing has "
        "happened yet: a number or an 80% interval."
    )
    p_if_no: Chance = Field(description="The same if the answer is no.")


class EvidenceOptions(FamilyOptions):
    """A prior and reports."""

    family: Literal["evidence"] = Field(default="evidence", description="The model family's name.")
    prior: Chance | None = Field(
        default=None,
        description="Probability of yes before any report: a number or an 80% interval; without it "
        "the reference class's share.",
    )
    arrives: Waiting | None = Field(
        default=None, description="If yes, when: needed where the event is to come by a date."
    )
    indicators: tuple[EvidenceUse, ...] = Field(default=(), description="The reports.")
    groups: Mapping[str, Group] = Field(
        default_factory=dict, description="Groups of reports that may echo one another."
    )


class Evidence:
    """A hypothesis weighed by reports."""

    name = "evidence"
    Options = EvidenceOptions
    answers = frozenset({QuestionType.BINARY})

    def check(
        self, options: EvidenceOptions, question: Question, indicators: Indicators | None = None
    ) -> Iterator[Complaint]:
        """Return what does not fit; an event by a date without `arrives` above all."""
        yield from common_complaints(options, question, self.answers)
        if options.prior is None:
            yield from needs_reference_class(options, question, cases=True)
        yield from _arrival_complaints(options, question)
        yield from group_complaints(options.indicators, options.groups)
        for position, use in enumerate(options.indicators):
            yield from report_complaints(use, ("indicators", position), indicators)

    def build(self, options: EvidenceOptions, view: View) -> pm.Model:
        """Return the PyMC model."""
        if view.question.timing is Timing.BY:
            return timed_model(self, options, view)
        return _state(visible(options, view), view)

    def data(self, options: EvidenceOptions, view: View) -> Data:
        """Return the numbers of the model."""
        if view.question.timing is Timing.BY:
            return timed_data(self, options, view)
        return _weights_data(visible(options, view), view)

    def survival_curve(self, options: EvidenceOptions, view: View) -> Curve:
        """Add the mixture to the current model and return the curve from now on."""
        options, time = visible(options, view), timeline(view)
        weights = _weights(options, view)
        hazard = log_waiting_hazard(_arrives(options, view), time)
        return cure_curve(weights, hazard, time, "holds")

    def survival_data(self, options: EvidenceOptions, view: View) -> Data:
        """Return the numbers of `survival_curve`."""
        options, time = visible(options, view), timeline(view)
        arrives = waiting_data(_arrives(options, view), time)
        return _weights_data(options, view) | arrives | lived_data(time)

    def key(self, options: EvidenceOptions, view: View) -> str:
        """Name the structure of the graph."""
        options = visible(options, view)
        prior = "share" if options.prior is None else "sure" if options.prior.exact else "beta"
        reports = structure(heard(options.indicators, view), options.groups)
        return f"evidence/{view.question.timing}/{prior}/{reports}/r{len(view.question.targets)}"

    def sentence(self, options: EvidenceOptions, view: View) -> str:
        """Say the model in one sentence."""
        options = visible(options, view)
        if options.prior is not None:
            said = f"Yes with {chance_words(options.prior)} before any report"
        else:
            said = f"Yes as often as {reference_words(reference_class(options, view.question))}"
        if options.arrives is not None:
            said += f"; if yes, it comes {waiting_words(options.arrives)}"
        reports = [report_words(use) for use in options.indicators]
        return f"{said}; reports: {listed(reports)}." if reports else f"{said}."


def _arrival_complaints(options: EvidenceOptions, question: Question) -> Iterator[Complaint]:
    if question.timing is Timing.BY and options.arrives is None:
        message = "an event by a date needs arrives: when it comes if the answer is yes"
        hint = "add arrives: {interval: [2 weeks, 5 months]}"
        yield Complaint(("arrives",), "arrives-missing", message, hint)
    if question.timing is Timing.ON and options.arrives is not None:
        message = "a state on a date does not arrive"
        yield Complaint(("arrives",), "arrives-unused", message, "leave arrives out")


def _arrives(options: EvidenceOptions, view: View) -> Waiting:
    if options.arrives is None:
        raise BookError(f"{view.question.id} asks for an event by a date", hint="state arrives")
    return options.arrives


def _weights_data(options: EvidenceOptions, view: View) -> Data:
    """Return the numbers of `_weights`."""
    if options.prior is not None:
        prior = elicited_data(options.prior, _PRIOR)
    else:
        prior = share_data(reference_class(options, view.question), _PRIOR)
    return prior | evidence_data(heard(options.indicators, view), options.groups)


def _weights(options: EvidenceOptions, view: View) -> Weights:
    if options.prior is not None:
        prior = elicited(options.prior, _PRIOR)
    else:
        prior = share(reference_class(options, view.question), _PRIOR)
    return weigh(prior, log_evidence(heard(options.indicators, view), options.groups))


def _state(options: EvidenceOptions, view: View) -> pm.Model:
    import pymc as pm
    import pytensor.tensor as pt

    with pm.Model() as model:
        log_odds = sum_out(_weights(options, view), "holds")
        by_rung = pt.zeros(len(view.question.targets)) + log_odds
        pm.Deterministic("p", pt.sigmoid(by_rung))
    return model


family = Evidence()
