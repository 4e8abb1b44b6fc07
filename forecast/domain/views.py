"""What was known: a question and the readings visible at one knowledge date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from forecast.domain.cases import PastCase
from forecast.domain.code import Code
from forecast.domain.indicators import Indicator, Observation
from forecast.domain.questions import Question
from forecast.domain.times import AsOf


@dataclass(frozen=True, slots=True)
class View:
    """A question at a knowledge date, with nothing in it that was not known by then.

    `indicators` are the definitions with only the visible readings, corrections applied, ordered by
    `observed_on` and then by when they were known. `parts` are views, at the same date, of the
    questions this one's models name, `cases` the tables of past cases that they name, of each what
    was known, `code` the files of the user's own that they run. `hindsight` keeps what was elicited
    later. A view that was `moved_from` an earlier or later date knows what was known there.
    """

    question: Question
    as_of: AsOf
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    parts: Mapping[str, View] = field(default_factory=dict)
    cases: Mapping[str, tuple[PastCase, ...]] = field(default_factory=dict)
    code: Mapping[str, Code] = field(default_factory=dict)
    hindsight: bool = False
    moved_from: AsOf | None = None

    @property
    def informed(self) -> AsOf:
        """The date whose knowledge it holds, by which its models are stated too."""
        return self.moved_from or self.as_of

    @property
    def survived(self) -> int:
        """Whole days since the clock's day that are over, never negative."""
        return max(0, (self.as_of.over - self.question.clock).days)

    @property
    def start(self) -> date:
        """The day after which the horizon begins: the last day over, or the clock if later."""
        return max(self.as_of.over, self.question.clock)

    def horizon(self, deadline: date) -> int:
        """Days that lie ahead until the end of `deadline`, never negative."""
        return max(0, (deadline - self.start).days)

    def readings(self, indicator: str) -> tuple[Observation, ...]:
        """Return the visible readings of an indicator."""
        return self.indicators[indicator].observations
