"""Questions, their rungs, and how they were answered."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from forecast.domain.times import AsOf, Known, end_of_day, known_instant, start_of_day

VOID = ("annulled", "ambiguous")
"""Answers that score nothing."""

REOPENED = "open"
"""The answer that takes an earlier one back."""

NEVER = "never"
"""The answer to a question for a date that did not come by its last day."""


class QuestionType(StrEnum):
    """What an answer looks like."""

    BINARY = "binary"
    MULTIPLE_CHOICE = "multiple_choice"
    ORDERED = "ordered"
    NUMERIC = "numeric"
    DATE = "date"


class Timing(StrEnum):
    """Whether a binary question asks for an event by its deadline or for a state on that day."""

    BY = "by"
    ON = "on"


class Status(StrEnum):
    """Where a question stands at a knowledge date."""

    UPCOMING = "upcoming"
    OPEN = "open"
    CLOSED = "closed"  # past its last deadline, waiting for its resolution
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class ReferenceClass:
    """Past cases like this one: `events` of `cases`, each standing open for `exposure` days.

    Without `cases`, `events` recurrent events in `exposure` days. `relevance` in [0, 1] discounts
    events, cases and exposure alike. Prior: Beta(events + ½, cases − events + ½), or for recurrent
    events Gamma(events + ½, exposure), both Jeffreys' choice.
    """

    name: str
    events: float
    exposure: float
    cases: float | None = None
    relevance: float = 1.0
    source: str = ""
    why: str = ""

    def survival(self, days: float) -> float:
        """Return the prior predictive probability of no event in `days` days.

        >>> r = ReferenceClass("crises", events=6, cases=75, exposure=180)
        >>> round(1 - r.survival(120) / r.survival(77), 7)
        0.0211179
        """
        shape = self.relevance * self.events + 0.5
        if self.cases is None:
            rate = self.relevance * self.exposure
            return (rate / (rate + days)) ** shape if rate + days else 1.0
        other = self.relevance * (self.cases - self.events) + 0.5
        share = days / self.exposure
        return math.exp(
            math.lgamma(other + share)
            - math.lgamma(other)
            + math.lgamma(shape + other)
            - math.lgamma(shape + other + share)
        )


@dataclass(frozen=True, slots=True)
class PastAnswers:
    """How questions like this one were answered: the reference of a choice or a number.

    `values` are numbers in the question's unit, `counts` how often each option came.
    """

    name: str
    values: tuple[float, ...] = ()
    counts: Mapping[str, float] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model of a question: its family's name and validated options (a pydantic object)."""

    name: str
    family: str
    options: Any
    elicited_on: date | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Headline:
    """What the question's number stands for: one source, or a stated pool (weights sum to one).

    Sources are `model` (the first model), a model's name, or `me`.
    """

    weights: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Resolution:
    """How a question, or one rung of it, was answered.

    `answer` is yes, no, annulled, ambiguous, an option, a number as written, or `open`, which takes
    an earlier answer back. A `happened_on`
    settles every rung: those before it no, the others yes.
    """

    answer: str
    known_at: Known
    source: str
    rung: date | None = None
    happened_on: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """The answer of one target and the instant it was known; void answers score nothing.

    `known_at` is how that was said: a day on which the answer may be used, or an instant.
    """

    answer: str
    known: datetime
    known_at: Known

    @property
    def void(self) -> bool:
        """Whether the question was annulled or ambiguous."""
        return self.answer in VOID

    @property
    def outcome(self) -> int | None:
        """1 for yes, 0 for no, None for anything else."""
        return {"yes": 1, "no": 0}.get(self.answer)


def _unless_reopened(settled: Settled | None) -> Settled | None:
    return None if settled is None or settled.answer == REOPENED else settled


@dataclass(frozen=True, slots=True)
class Target:
    """What one forecast is about: a question, or one rung of its ladder.

    Targets sort by question and rung, a whole question before its rungs.

    >>> str(Target("ukraine-invasion", date(2022, 3, 1)))
    'ukraine-invasion@2022-03-01'
    """

    question: str
    rung: date | None = None

    def __lt__(self, other: Target) -> bool:
        return (self.question, self.rung or date.min) < (other.question, other.rung or date.min)

    def __str__(self) -> str:
        return self.question if self.rung is None else f"{self.question}@{self.rung}"

    @classmethod
    def parse(cls, text: str) -> Target:
        """Return the target that `id` or `id@YYYY-MM-DD` names; ValueError if the date is none."""
        question, at, rung = text.partition("@")
        return cls(question, date.fromisoformat(rung) if at else None)


@dataclass(frozen=True, slots=True)
class Question:
    """One question file, checked.

    `deadlines` are in order, each including its day in `zone`. `clock` is the day at whose end
    t = 0: exposure and every time to an event run from it.
    """

    id: str
    title: str
    type: QuestionType
    opens: date
    deadlines: tuple[date, ...]
    clock: date
    zone: str = "UTC"
    timing: Timing = Timing.BY
    resolution_criteria: str = ""
    background: str = ""
    event: str | None = None
    tags: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    unit: str = ""
    headline: Headline = field(default_factory=lambda: Headline({"model": 1.0}))
    models: tuple[ModelSpec, ...] = ()
    reference_class: ReferenceClass | None = None
    past: PastAnswers | None = None
    resolutions: tuple[Resolution, ...] = ()
    formerly: tuple[str, ...] = ()
    path: str = ""
    digest: str = ""

    @property
    def ladder(self) -> bool:
        """Whether there is more than one deadline."""
        return len(self.deadlines) > 1

    @property
    def targets(self) -> tuple[Target, ...]:
        """What can be forecast: the question, or each rung of its ladder."""
        if not self.ladder:
            return (Target(self.id),)
        return tuple(Target(self.id, day) for day in self.deadlines)

    def deadline(self, target: Target) -> date:
        """Return the deadline of one of this question's targets."""
        return target.rung or self.deadlines[-1]

    def opened(self) -> datetime:
        """Return the instant from which forecasts are scored."""
        return start_of_day(self.opens, self.zone)

    def closes(self, target: Target) -> datetime:
        """Return the scheduled close of a target: the end of its deadline day."""
        return end_of_day(self.deadline(target), self.zone)

    def settled(self, target: Target) -> Settled | None:
        """Return how `target` was answered, or None while it is not.

        The last matching resolution in the file wins, so that a correction may be added below.
        A rung that passed before the event is known to be no when its day is over.
        """
        return _unless_reopened(next(self._answers(target), None))

    def settled_by(self, target: Target, as_of: AsOf) -> Settled | None:
        """Return the answer of `target` as it was known by `as_of`, later corrections unknown."""
        known = (s for s in self._answers(target) if as_of.sees(s.known_at))
        return _unless_reopened(next(known, None))

    def _answers(self, target: Target) -> Iterator[Settled]:
        """Yield what each resolution says of a target, the last in the file first."""
        for resolution in reversed(self.resolutions):
            if resolution.rung is not None and resolution.rung != self.deadline(target):
                continue
            known = known_instant(resolution.known_at, self.zone)
            happened = resolution.happened_on
            if happened is None or self.type is not QuestionType.BINARY:
                yield Settled(resolution.answer, known, resolution.known_at)
            elif happened > self.deadline(target):
                closed = self.closes(target)
                yield Settled("no", closed, closed)
            else:
                yield Settled("yes", known, resolution.known_at)

    @property
    def contradictory(self) -> bool:
        """Whether a rung is answered no although the event came by an earlier one."""
        if not self.ladder or self.timing is not Timing.BY:
            return False
        outcomes = [s.outcome for t in self.targets if (s := self.settled(t)) is not None]
        known = [outcome for outcome in outcomes if outcome is not None]
        return known != sorted(known)

    def status(self, as_of: AsOf) -> Status:
        """Return where the question stands at `as_of`."""
        if all(self.settled_by(target, as_of) for target in self.targets):
            return Status.RESOLVED
        if as_of.instant <= self.opened():
            return Status.UPCOMING
        if as_of.day > self.deadlines[-1] or as_of.instant > self.closes(self.targets[-1]):
            return Status.CLOSED
        return Status.OPEN

    def model(self, name: str) -> ModelSpec:
        """Return the model of that name; KeyError if there is none."""
        for spec in self.models:
            if spec.name == name:
                return spec
        raise KeyError(name)

    def heading(self) -> Question:
        """Return the question as far as a report of its numbers names it, without all else."""
        return replace(self, resolution_criteria="", background="", models=(), resolutions=())

    def days(self, start: date, end: date) -> float:
        """Return the days from the end of `start` to the end of `end`, never negative."""
        return max(0, (end - start) // timedelta(days=1))
