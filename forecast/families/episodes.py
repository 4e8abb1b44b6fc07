"""Past episodes of a hazard: what happened to others teaches what the indicators are worth.

Each episode was at risk on the days after it began up to its last, and the event came on that day
or not at all. Its days have the daily hazard of the question's own, exp(α + Σ_k β_k·x_k), with x_k
from its own readings by the rules of `forecast.families.features`; what was not read in it is at
its baseline. With λ_i,d the hazard of day d of episode i, and e_i its event,

    ln L = −Σ_i Σ_{d but the day of an event} λ_i,d + Σ_{i: e_i} ln(1 − exp(−λ_i,last)),

a piecewise exponential survival likelihood (M. Friedman, "Piecewise exponential models for survival
data with covariates", 1982). Days on which all indicators stand alike are one row with their
number. Readings of past episodes are taken as exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from forecast.domain import AsOf, Indicator, IndicatorKind, Observation, PastCase, View
from forecast.domain.cases import Seen
from forecast.families import scalars
from forecast.families.base import Complaint, Indicators
from forecast.families.clock import timeline
from forecast.families.data import Data, placed
from forecast.families.features import path
from forecast.families.fields import Day, Identifier
from forecast.families.options import HazardUse, Strict
from forecast.families.scalars import refuse, shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pytensor.tensor import TensorVariable

    type Array = NDArray[np.float64]


def _seen(value: object) -> Seen:
    """Return what a file says was seen: a number, a list of days, or numbers by day."""
    if isinstance(value, Mapping):
        return tuple(sorted((scalars.day(day), scalars.number(x)) for day, x in value.items()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple((scalars.day(day), 1.0) for day in value)
    return scalars.number(value)


def _plain(seen: Seen) -> Any:
    return seen if isinstance(seen, float) else {str(day): x for day, x in seen}


_NUMBER = {"type": "number"}
Reading = Annotated[
    Seen,
    PlainValidator(_seen),
    PlainSerializer(_plain),
    WithJsonSchema(
        {
            "anyOf": [
                _NUMBER,
                {"type": "array", "items": {"type": "string", "format": "date"}},
                {"type": "object", "additionalProperties": _NUMBER},
            ]
        }
    ),
]


class Episode(Strict):
    """One past episode, as it stands in a question's file."""

    name: str = Field(description="What it was.")
    begins: Day = Field(description="Its clock's day: at risk from the day after.")
    ends: Day = Field(description="The last day at risk: of the event, if it came.")
    outcome: Literal["yes", "no"] = Field(description="Whether the event came.")
    known_on: Day | None = Field(
        default=None, description="Day on which that was known; the last unless said."
    )
    readings: Mapping[Identifier, Reading] = Field(
        default_factory=dict,
        description="By indicator: a number that stood all along, numbers by the day from which "
        "they stood, or for events the list of their days.",
    )
    source: str = Field(default="", description="Where this is known from.")

    @model_validator(mode="after")
    def _in_order(self) -> Episode:
        if self.begins >= self.ends:
            said = f"it ends on {self.ends}, not after it begins on {self.begins}"
            refuse("case-span", said, "write both days, in this order")
        if self.known_on is not None and self.known_on < self.ends:
            said = f"how it ended on {self.ends} was not known before that day"
            refuse("case-known-early", said, "check both dates")
        return self

    def case(self) -> PastCase:
        """Return the domain's value."""
        known = self.known_on or self.ends
        stated = self.model_dump(exclude={"outcome", "known_on", "readings"})
        return PastCase(
            outcome=self.outcome == "yes", known_on=known, seen=dict(self.readings), **stated
        )


def known_episodes(
    stated: Sequence[Episode], table: str | None, view: View
) -> tuple[PastCase, ...]:
    """Return the episodes of a file and of a table beside it that a view knows.

    Hindsight keeps what was elicited later, never what became known later.
    """
    written = (each.case() for each in stated)
    seen = tuple(case for case in written if view.informed.sees(case.known_on))
    return seen + (view.cases[table] if table is not None else ())


def episode_complaints(
    stated: Sequence[Episode],
    uses: Sequence[HazardUse],
    indicators: Indicators | None,
) -> Iterator[Complaint]:
    """Yield the readings of episodes in the file that no use would read, or not so."""
    used = {use.use for use in uses}
    for position, episode in enumerate(stated):
        for name, seen in episode.readings.items():
            place = ("episodes", position, "readings", name)
            if name not in used:
                message = f"the model does not use {name}"
                hint = f"add it to indicators, or remove it: it uses {', '.join(used) or 'none'}"
                yield Complaint(place, "episode-unused", message, hint)
            elif said := _misread(seen, (indicators or {}).get(name)):
                yield Complaint(place, "episode-reading", *said)


def table_complaints(
    name: str,
    table: Sequence[PastCase],
    uses: Sequence[HazardUse],
    indicators: Indicators | None,
) -> Iterator[Complaint]:
    """Yield the first case of a table that is no episode, or is read in another way."""
    for case in table:
        where = f"{name}.csv:{case.row}: {shown(case.name)}"
        if case.begins is None:
            message = f"{where} does not say when it began and ended"
            yield Complaint(("episodes_from",), "case-span", message, "add both columns")
            return
        for use in uses:
            indicator = (indicators or {}).get(use.use)
            if use.use in case.seen and (said := _misread(case.seen[use.use], indicator)):
                message = f"{where}: {said[0]}"
                yield Complaint(("episodes_from",), "episode-reading", message, said[1])
                return


def _misread(seen: Seen, indicator: Indicator | None) -> tuple[str, str] | None:
    """Return what is wrong, and the remedy, where readings do not suit the indicator's kind."""
    if indicator is None:
        return None
    if indicator.kind is IndicatorKind.EVENT and isinstance(seen, float):
        return f"{indicator.id} is an event, and a number says no day", "list the days"
    return None


def episodes_data(cases: Sequence[PastCase], uses: Sequence[HazardUse], view: View) -> Data:
    """Return the numbers of `learn`: x and how many days it stood, and x on the events' days."""
    import numpy as np

    x = [_daily(case, uses, view) for case in cases]
    survived = [days[:-1] if case.outcome else days for case, days in zip(cases, x, strict=True)]
    rows, days = np.unique(_stacked(survived, len(uses)), axis=0, return_counts=True)
    came = [days[-1:] for case, days in zip(cases, x, strict=True) if case.outcome]
    return {
        "episode_x": rows,
        "episode_days": days.astype(float),
        "episode_event_x": _stacked(came, len(uses)),
    }


def learn(log_base: TensorVariable, ratio: TensorVariable, numbers: Data) -> None:
    """Add the likelihood of past episodes, whose base hazard and hazard ratios are these."""
    import pymc as pm
    import pytensor.tensor as pt

    x, days, event_x = placed(numbers)
    quiet = (days * pt.exp(log_base + x @ ratio)).sum()
    came = pt.log(-pt.expm1(-pt.exp(log_base + event_x @ ratio))).sum()
    pm.Potential("episodes", came - quiet)


def _daily(case: PastCase, uses: Sequence[HazardUse], view: View) -> Array:
    """Return x on each day of an episode at risk, shape (days, uses)."""
    import numpy as np

    assert case.begins is not None
    assert case.ends is not None
    read = {use.use: _read(case, view.indicators[use.use]) for use in uses}
    question = replace(view.question, clock=case.begins, deadlines=(case.ends,))
    then = replace(
        view, question=question, as_of=AsOf.at(case.ends, question.zone), indicators=read
    )
    time = timeline(then)
    return np.array([path(use, then, time).mean for use in uses]).reshape(len(uses), time.days).T


def _read(case: PastCase, indicator: Indicator) -> Indicator:
    """Return an indicator with the readings of an episode alone."""
    seen = case.seen.get(indicator.id, ())
    assert case.begins is not None
    dated = ((case.begins, seen),) if isinstance(seen, float) else seen
    readings = tuple(Observation(day, day, value=x, row=case.row) for day, x in dated)
    return replace(indicator, observations=readings)


def _stacked(rows: Sequence[Array], width: int) -> Array:
    import numpy as np

    return np.concatenate([np.empty((0, width)), *rows])
