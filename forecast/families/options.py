"""What a model may say in a file: the pieces that the families' options are made of.

Values are parsed strictly (`forecast.families.fields`). An 80% interval holds the 10% and the 90%
point of what the forecaster believes.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from forecast.domain import ReferenceClass
from forecast.families.fields import (
    SPAN_SCHEMA,
    Chance,
    Correlation,
    Day,
    Days,
    DaysInterval,
    Identifier,
    Number,
    Positive,
    Ratio,
    Share,
    Tally,
)
from forecast.families.scalars import refuse


class Strict(BaseModel):
    """A frozen mapping that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReferenceClassOptions(Strict):
    """Past cases like this one; see `forecast.domain.ReferenceClass`."""

    name: str = Field(description="What the past cases have in common.")
    events: Tally = Field(description="How many of them met this question's criteria.")
    cases: Tally | None = Field(
        default=None, description="How many cases there were; leave out for events that recur."
    )
    exposure: Days = Field(
        description="Days each case stood open or, for events that recur, days watched in all."
    )
    relevance: Share = Field(
        default=1.0,
        description="0 to 1: discounts events, cases and exposure alike (1: just like this).",
    )
    source: str = Field(default="", description="Where the figures come from.")
    why: str = Field(default="", description="Why these cases are like this one.")

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.cases is not None and self.events > self.cases:
            said = f"{self.events:g} events in {self.cases:g} cases"
            refuse("events-exceed-cases", said, "cases count those with and without the event")
        if self.cases is None and not self.relevance:
            hint = "without cases a rate needs some relevance"
            refuse("relevance-zero", "recurrent events of no relevance leave no rate", hint)
        return self

    def domain(self) -> ReferenceClass:
        """Return the domain's value."""
        return ReferenceClass(**self.model_dump())


class Ahead(Strict):
    """What an indicator does after the last reading: `hold`, `drift`, or `fade` to its baseline."""

    model_config = ConfigDict(json_schema_extra=lambda schema: _ahead_schema(schema))

    mode: Literal["hold", "drift", "fade"]
    fade: Days | None = Field(
        default=None, description="Days in which the distance to baseline halves."
    )

    @model_validator(mode="before")
    @classmethod
    def _read(cls, value: Any) -> Any:
        if isinstance(value, cls):
            return value
        if value in ("hold", "drift"):
            return {"mode": value}
        if isinstance(value, dict) and set(value) == {"fade"}:
            return {"mode": "fade", **value}
        return refuse(
            "ahead-unknown", "ahead says neither hold, drift nor fade", "write {fade: 30 days}"
        )


def _ahead_schema(schema: dict[str, Any]) -> None:
    fade = {"type": "object", "properties": {"fade": SPAN_SCHEMA}, "required": ["fade"]}
    doc = schema["description"]
    schema.clear()
    schema["description"] = doc
    schema["anyOf"] = [{"enum": ["hold", "drift"]}, {**fade, "additionalProperties": False}]


class Waiting(Strict):
    """An elicited waiting time, counted in days from the end of the clock's day."""

    interval: DaysInterval = Field(
        description="80% interval of the wait: its 10% and 90% points, as days."
    )
    shape: Literal["lognormal", "weibull", "gamma"] = Field(
        default="lognormal", description="The distribution with these two points."
    )


class IndicatorUse(Strict):
    """One indicator in one model."""

    use: Identifier = Field(description="The indicator's id: the stem of indicators/<id>.yaml.")
    elicited_on: Day | None = Field(
        default=None,
        description="Day these numbers were stated; earlier replays leave this use out.",
    )
    why: str = Field(default="", description="Why the indicator matters, and by this much.")


class HazardEffect(IndicatorUse):
    """How an indicator moves a daily hazard; x is its distance from `baseline` in `per`s."""

    hazard_ratio: Ratio | None = Field(
        default=None,
        description="What x = 1 multiplies the daily hazard by: 80% interval, or exact.",
    )
    per: Positive | None = Field(
        default=None,
        description="Levels and counts: one unit of x, in the indicator's unit (log: a factor). "
        "Counts are read per day.",
    )
    baseline: Number | None = Field(
        default=None,
        description="Typical value within the reference class, in the indicator's unit (counts: "
        "per day); events: 0 unless said.",
    )
    scale: Literal["linear", "log"] = Field(
        default="linear",
        description="log: x = ln(value/baseline)/ln(per), so `per: 2` is per doubling.",
    )
    ahead: Ahead | None = Field(
        default=None,
        description="After now: hold (levels and counts unless said), drift, or fade (events "
        "unless said, halving in `lasts`).",
    )
    count: Literal["any", "each"] = Field(
        default="any",
        description="Events: x is 1 while any is younger than `lasts`, or how many are.",
    )
    lasts: Days | None = Field(default=None, description="Events: days for which one counts.")

    @model_validator(mode="after")
    def _log_scale(self) -> Self:
        if self.scale == "log":
            if self.baseline is None or self.baseline <= 0:
                said = "a log scale needs a baseline above 0"
                refuse("log-baseline", said, "add baseline: the typical value")
            if self.per is not None and self.per <= 1:
                refuse(
                    "log-per", "on a log scale per is a factor above 1", "write 2 for per doubling"
                )
        return self


class HazardUse(HazardEffect):
    """An indicator in a model whose every indicator moves the hazard."""

    hazard_ratio: Ratio = Field(
        description="What x = 1 multiplies the daily hazard by: 80% interval, or exact."
    )


class Report(IndicatorUse):
    """An indicator as a report that has come or not: how likely it is either way."""

    p_if_yes: Chance | None = Field(
        default=None,
        description="Probability of the report if the answer is yes (intent: if it is meant), "
        "given that nothing has happened yet: a number or an 80% interval.",
    )
    p_if_no: Chance | None = Field(
        default=None, description="The same if the answer is no (a bluff)."
    )
    group: str | None = Field(
        default=None, description="Reports that may echo one another share a group; see `groups`."
    )
    above: Number | None = Field(
        default=None,
        description="Levels and counts: the report has come once a reading is above this, in the "
        "indicator's unit (counts: per day).",
    )
    below: Number | None = Field(default=None, description="The same for readings below this.")
    expected_within: DaysInterval | None = Field(
        default=None,
        description="80% interval, in days from the clock, of the time by which the report would "
        "have come (lognormal): from then on its absence counts. Without it silence says nothing.",
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.p_if_yes is None) != (self.p_if_no is None):
            missing = "p_if_yes" if self.p_if_yes is None else "p_if_no"
            refuse("report-half", f"{missing} is missing", "a report needs both probabilities")
        if self.above is not None and self.below is not None:
            refuse("threshold-twice", "above and below exclude each other", "use one of them")
        return self


class Group(Strict):
    """Reports that share their sources: a one-factor Gaussian copula."""

    rho: Correlation = Field(
        description="Correlation of the reports within the group: 0 independent, towards 1 echoes."
    )
    why: str = Field(default="", description="What they share.")


class FamilyOptions(Strict):
    """What every family's options share."""

    family: str = Field(description="The model family's name.")
    reference_class: ReferenceClassOptions | None = Field(
        default=None, description="Past cases; unless given here, the question's."
    )
    elicited_on: Day | None = Field(
        default=None,
        description="Day the model's numbers were stated; earlier replays leave it out.",
    )
    why: str = Field(default="", description="Why this model.")
    indicators: tuple[IndicatorUse, ...] = Field(default=(), description="The indicators it uses.")

    def uses(self) -> tuple[str, ...]:
        """Return the ids of the indicators it reads."""
        return tuple(dict.fromkeys(use.use for use in self.indicators))

    def part_models(self) -> tuple[tuple[str, str | None], ...]:
        """Return the questions it builds on, each with the model it names (None: the first)."""
        return ()

    def parts(self) -> tuple[str, ...]:
        """Return the ids of the questions it builds on."""
        return tuple(dict.fromkeys(question for question, _ in self.part_models()))

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables of past cases it reads."""
        return ()

    def code(self) -> tuple[str, ...]:
        """Return the names of the files of the user's own code that it runs."""
        return ()

    def known(self, day: date) -> Self:
        """Return the options without what was elicited after `day`."""
        kept = tuple(u for u in self.indicators if u.elicited_on is None or u.elicited_on <= day)
        return self if kept == self.indicators else self.model_copy(update={"indicators": kept})
