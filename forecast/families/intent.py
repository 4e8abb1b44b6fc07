"""intent: bluff or real? Either the actor means it, and acts after some wait, or never does.

A mixture cure model (`forecast.families.mixture`). π = P(means it) ~ Beta(events + ½, cases −
events + ½), the base rate. If it is meant, S(t) = exp(−Σ_{d ≤ t} h_d·exp(Σ_k γ_k·x_k(d))) with h
the daily hazard of an elicited waiting time; if not, S = 1. Indicators move the intent by their
likelihoods E_1, E_0 (`forecast.families.reports`), the timing by hazard ratios γ
(`forecast.families.effects`), or both where they are defended as separate information:

    P(by X | data) = E[π·E_1·(S(now) − S(X))] / E[π·E_1·S(now) + (1 − π)·E_0].

Having waited is thus evidence of a bluff. `means_it` is the probability that it is meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, Self

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
from forecast.families.clock import lived_data, timed_data, timed_model, timeline
from forecast.families.data import Data
from forecast.families.effects import effects, effects_data, log_effect
from forecast.families.fits import effect_complaints, group_complaints, report_complaints
from forecast.families.mixture import cure_curve, log_waiting_hazard, waiting_data, weigh
from forecast.families.options import FamilyOptions, Group, HazardEffect, Report, Waiting
from forecast.families.priors import share, share_data
from forecast.families.reports import evidence_data, heard, log_evidence, structure
from forecast.families.scalars import refuse
from forecast.families.words import (
    effect_words,
    listed,
    reference_words,
    report_words,
    waiting_words,
)

if TYPE_CHECKING:
    import pymc as pm

    from forecast.families.clock import Curve


_INTENT = "intent"


class IntentUse(Report, HazardEffect):
    """An indicator of whether it is meant, of how soon it comes, or of both."""

    moves: Literal["intent", "timing", "both"] = Field(
        description="intent: p_if_yes and p_if_no; timing: hazard_ratio, given that it is meant; "
        "both: only where they are defended as separate information."
    )

    @model_validator(mode="after")
    def _says_what_it_moves(self) -> Self:
        for fields, stated, moves in (
            ("p_if_yes and p_if_no", self.p_if_yes, "intent"),
            ("hazard_ratio", self.hazard_ratio, "timing"),
        ):
            wanted = self.moves in (moves, "both")
            if wanted and stated is None:
                refuse("moves-unstated", f"moves: {self.moves} needs {fields}", f"add {fields}")
            if stated is not None and not wanted:
                said = f"moves: {self.moves} leaves no use for {fields}"
                refuse("moves-superfluous", said, "write moves: both, and why")
        return self


class IntentOptions(FamilyOptions):
    """How long one would wait who means it, and what speaks for it."""

    family: Literal["intent"] = Field(default="intent", description="The model family's name.")
    waiting: Waiting = Field(description="How long it takes from the clock, if it is meant.")
    indicators: tuple[IntentUse, ...] = Field(
        default=(), description="What moves intent or timing."
    )
    groups: Mapping[str, Group] = Field(
        default_factory=dict, description="Groups of reports that may echo one another."
    )


class Intent:
    """A fixed intent, revealed by evidence and by waiting."""

    name = "intent"
    Options = IntentOptions
    answers = frozenset({QuestionType.BINARY})

    def check(
        self, options: IntentOptions, question: Question, indicators: Indicators | None = None
    ) -> Iterator[Complaint]:
        """Return what does not fit."""
        yield from common_complaints(options, question, self.answers)
        yield from needs_deadline(options, question)
        yield from needs_reference_class(options, question, cases=True)
        yield from group_complaints(options.indicators, options.groups)
        for position, use in enumerate(options.indicators):
            place = ("indicators", position)
            if use.moves != "timing":
                yield from report_complaints(use, place, indicators)
            if use.moves != "intent":
                yield from effect_complaints(use, place, indicators)

    def build(self, options: IntentOptions, view: View) -> pm.Model:
        """Return the PyMC model."""
        return timed_model(self, options, view)

    def data(self, options: IntentOptions, view: View) -> Data:
        """Return the numbers of the model."""
        return timed_data(self, options, view)

    def survival_curve(self, options: IntentOptions, view: View) -> Curve:
        """Add the mixture to the current model and return the curve from now on."""
        options, time = visible(options, view), timeline(view)
        intent = share(reference_class(options, view.question), _INTENT)
        weights = weigh(intent, log_evidence(heard(options.indicators, view), options.groups))
        hazard = log_waiting_hazard(options.waiting, time)
        hazard = hazard + log_effect(effects(options.indicators, view))
        return cure_curve(weights, hazard, time, "means_it")

    def survival_data(self, options: IntentOptions, view: View) -> Data:
        """Return the numbers of `survival_curve`."""
        options, time = visible(options, view), timeline(view)
        return {
            **share_data(reference_class(options, view.question), _INTENT),
            **evidence_data(heard(options.indicators, view), options.groups),
            **waiting_data(options.waiting, time),
            **effects_data(effects(options.indicators, view)),
            **lived_data(time),
        }

    def key(self, options: IntentOptions, view: View) -> str:
        """Name the structure of the graph."""
        options = visible(options, view)
        evidence = structure(heard(options.indicators, view), options.groups)
        moved = effects(options.indicators, view).key
        return f"intent/{evidence}/{moved}/r{len(view.question.targets)}"

    def beside(
        self, options: IntentOptions, view: View, draws: Mapping[str, Any], p: Any
    ) -> dict[str, float]:
        """Return the probability that it is meant."""
        return {"means_it": float(draws["means_it"].mean())}

    def sentence(self, options: IntentOptions, view: View) -> str:
        """Say the model in one sentence."""
        options = visible(options, view)
        reference = reference_words(reference_class(options, view.question))
        said = f"Meant as often as {reference}; if meant, it comes {waiting_words(options.waiting)}"
        moves = [effect_words(use) for use in options.indicators if use.hazard_ratio]
        if moves:
            said += f", a hazard then {listed(moves)}"
        reports = [report_words(use) for use in options.indicators if use.p_if_yes]
        return f"{said}; reports: {listed(reports)}." if reports else f"{said}."


family = Intent()
