"""hazard: an event that may come any day, the sooner the worse its indicators stand.

λ(t) = exp(α + Σ_k β_k·x_k(t)), constant within each day (a proportional-hazards model, D. R. Cox,
"Regression models and life-tables", 1972, with elicited coefficients). exp(α) = −ln(1 − p)/exposure
with p ~ Beta(events + ½, cases − events + ½), or for recurrent events a rate ~ Gamma(events + ½,
exposure). β_k ~ Normal(mean (ln lo + ln hi)/2, sd (ln hi − ln lo)/2.563) from the 80% interval
[lo, hi] of the hazard ratio. x_k is measured from its typical value within the reference class.

The likelihood is the survival since the clock, exp(−Σ_{d ≤ now} λ_d), times that of past episodes
where given (`forecast.families.episodes`), from which α and β are learned, and

    P(by X | not by now) = 1 − E[exp(−Σ_{now < d ≤ X} λ_d)],    E over the posterior.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field

from forecast.domain import PastCase, Question, QuestionType, View
from forecast.families.base import (
    Beside,
    Cases,
    Complaint,
    Indicators,
    common_complaints,
    needs_deadline,
    needs_reference_class,
    ratios_learned,
    reference_class,
    visible,
)
from forecast.families.clock import lived_data, survival, timed_data, timed_model, timeline
from forecast.families.data import Data
from forecast.families.effects import along, effects, effects_data, log_ratios
from forecast.families.episodes import (
    Episode,
    episode_complaints,
    episodes_data,
    known_episodes,
    learn,
    table_complaints,
)
from forecast.families.fields import Identifier
from forecast.families.fits import effect_complaints
from forecast.families.options import FamilyOptions, HazardUse
from forecast.families.priors import hazard_data, log_daily_hazard, structure
from forecast.families.words import effect_words, listed, reference_words
from forecast.text import plural

if TYPE_CHECKING:
    import pymc as pm

    from forecast.families.clock import Curve


class HazardOptions(FamilyOptions):
    """A reference class and indicators with hazard ratios."""

    family: Literal["hazard"] = Field(default="hazard", description="The model family's name.")
    indicators: tuple[HazardUse, ...] = Field(
        default=(), description="What moves the daily hazard."
    )
    episodes: tuple[Episode, ...] = Field(
        default=(),
        description="Past episodes with what was seen in each: they teach what the indicators are "
        "worth. What is counted here is not to be counted in the reference class again.",
    )
    episodes_from: Identifier | None = Field(
        default=None,
        description="More of them: the name of a table beside the question, <name>.csv.",
    )

    def tables(self) -> tuple[str, ...]:
        """Return the name of the table of episodes."""
        return () if self.episodes_from is None else (self.episodes_from,)

    def known(self, day: date) -> Self:
        """Return the options without what was elicited, or known of an episode, after `day`."""
        kept = super().known(day)
        episodes = tuple(each for each in self.episodes if each.case().known_on <= day)
        changed = episodes != self.episodes
        return kept.model_copy(update={"episodes": episodes}) if changed else kept

    @property
    def learns(self) -> bool:
        """Whether past episodes are stated."""
        return bool(self.episodes or self.episodes_from)


class Hazard:
    """A daily hazard moved by indicators."""

    name = "hazard"
    Options = HazardOptions
    answers = frozenset({QuestionType.BINARY})

    def check(
        self, options: HazardOptions, question: Question, indicators: Indicators | None = None
    ) -> Iterator[Complaint]:
        """Return what does not fit."""
        yield from common_complaints(options, question, self.answers)
        yield from needs_deadline(options, question)
        yield from needs_reference_class(options, question)
        for position, use in enumerate(options.indicators):
            yield from effect_complaints(use, ("indicators", position), indicators)
        yield from episode_complaints(options.episodes, options.indicators, indicators)

    def check_cases(
        self, options: HazardOptions, tables: Cases, indicators: Indicators | None = None
    ) -> Iterator[Complaint]:
        """Return what in a table of episodes cannot be read as such."""
        for name, table in tables.items():
            yield from table_complaints(name, table, options.indicators, indicators)

    def build(self, options: HazardOptions, view: View) -> pm.Model:
        """Return the PyMC model."""
        return timed_model(self, options, view)

    def data(self, options: HazardOptions, view: View) -> Data:
        """Return the numbers of the model."""
        return timed_data(self, options, view)

    def survival_curve(self, options: HazardOptions, view: View) -> Curve:
        """Add the hazard to the current model and return the curve from now on."""
        import pymc as pm

        options = visible(options, view)
        base = log_daily_hazard(reference_class(options, view.question))
        moved = effects(options.indicators, view)
        ratios = log_ratios(moved)
        if options.learns:
            learn(base, ratios, _episodes_data(options, view))
        log_hazard = base + along(moved, ratios)
        past, curve = survival(log_hazard, timeline(view))
        pm.Potential("survived", past)
        return curve

    def survival_data(self, options: HazardOptions, view: View) -> Data:
        """Return the numbers of `survival_curve`."""
        options = visible(options, view)
        base = hazard_data(reference_class(options, view.question))
        moved = effects_data(effects(options.indicators, view))
        learned = _episodes_data(options, view) if options.learns else {}
        return base | moved | learned | lived_data(timeline(view))

    def key(self, options: HazardOptions, view: View) -> str:
        """Name the structure of the graph."""
        options = visible(options, view)
        kind = structure(reference_class(options, view.question))
        moved = effects(options.indicators, view).key
        learning = "/learned" if options.learns else ""
        return f"hazard/{kind}/{moved}{learning}/r{len(view.question.targets)}"

    def beside(
        self, options: HazardOptions, view: View, draws: Mapping[str, Any], p: Any
    ) -> Beside:
        """Return the hazard ratios learned from past episodes, where there are any."""
        options = visible(options, view)
        moved = effects(options.indicators if options.learns else (), view)
        if not moved.elicited:
            return {}
        names = [moved.uses[k].use for k in moved.elicited]
        return {"hazard_ratios": ratios_learned(names, draws["log_hazard_ratio"])}

    def sentence(self, options: HazardOptions, view: View) -> str:
        """Say the model in one sentence."""
        options = visible(options, view)
        said = reference_words(reference_class(options, view.question))
        moves = [effect_words(use) for use in options.indicators]
        said += f"; the daily hazard is then {listed(moves)}" if moves else ""
        return f"{said}{_learned(options, view)}."


def _episodes(options: HazardOptions, view: View) -> tuple[PastCase, ...]:
    return known_episodes(options.episodes, options.episodes_from, view)


def _episodes_data(options: HazardOptions, view: View) -> Data:
    return episodes_data(_episodes(options, view), options.indicators, view)


def _learned(options: HazardOptions, view: View) -> str:
    if not options.learns:
        return ""
    known = _episodes(options, view)
    came = sum(case.outcome for case in known)
    return f", corrected by {plural(len(known), 'past episode')}, {came} with the event"


family = Hazard()
