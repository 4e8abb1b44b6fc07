"""The base rate a question is compared with, rolled down to each day that passes quietly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from forecast.domain import Question, QuestionType, ReferenceClass, Target, Timing, Value
from forecast.domain.ladders import as_curve, as_ladder
from forecast.verbs.climatology import climatology
from forecast.verbs.workspace import Workspace


def reference_class(question: Question) -> ReferenceClass | None:
    """Return the question's own reference class, or that of its first model that states one."""
    if question.reference_class is not None:
        return question.reference_class
    stated = (getattr(spec.options, "reference_class", None) for spec in question.models)
    return next((found.domain() for found in stated if found is not None), None)


def base_rate(ws: Workspace, question: Question, target: Target, day: date) -> Value | None:
    """Return the base rate of a target at the end of `day`, or None where there is none.

    For an event by a deadline the chance that it comes in the days left, given none so far, from
    the reference class alone, and for its date that chance by each day; for a state on a day the
    share of past cases; for a choice or a number what its past says (see `climatology`).
    """
    if question.type is QuestionType.BINARY:
        reference = reference_class(question)
        return None if reference is None else rolled_down(question, reference, target, day)
    if question.type is QuestionType.DATE:
        reference = reference_class(question)
        return None if reference is None else _by_day(question, reference, day)
    if question.type is QuestionType.MULTIPLE_CHOICE and question.past is None:
        return _race(ws, question, day)
    return climatology(ws, question, day)


def _by_day(question: Question, reference: ReferenceClass, day: date) -> Mapping[str, float] | None:
    """A reference class's chance by each day to come, given that nothing came by `day`."""
    ladder = as_ladder(question)
    chances = [rolled_down(ladder, reference, target, day) for target in ladder.targets]
    return as_curve(ladder, [p for p in chances if p is not None], day)


def base_rates(
    ws: Workspace, question: Question, target: Target, first: date, days: int
) -> list[Value] | None:
    """Return the base rate at the end of each of some days from `first` on; None without one."""
    if question.type is QuestionType.BINARY:
        reference = reference_class(question)
        return None if reference is None else _rolled(question, reference, target, first, days)
    rates = [base_rate(ws, question, target, first + timedelta(n)) for n in range(days)]
    return None if None in rates else [rate for rate in rates if rate is not None]


def rolled_down(
    question: Question, reference: ReferenceClass, target: Target, day: date
) -> float | None:
    """Return a reference class's chance of yes on a binary target at the end of `day`."""
    rolled = _rolled(question, reference, target, day, 1)
    return rolled[0] if rolled else None


def _rolled(
    question: Question, reference: ReferenceClass, target: Target, first: date, days: int
) -> list[Any] | None:
    """Return the chance of yes at the end of each of some days from `first` on."""
    if question.timing is Timing.ON:
        share = None if reference.cases is None else 1 - reference.survival(reference.exposure)
        return None if share is None else [share] * days
    until = int(question.days(question.clock, question.deadline(target)))
    since = (first - question.clock).days
    survival = _survivals(reference, until)
    survived = [max(since + n, 0) for n in range(min(days, until - since))]
    rates = [1 - survival[until] / survival[day] for day in survived]
    return rates + [0.0] * (days - len(rates))


def _survivals(reference: ReferenceClass, days: int) -> list[float]:
    """Return the chance of no event in 0, 1, … days, at least up to `days`."""
    known = _known_survivals(reference)
    known += [reference.survival(day) for day in range(len(known), days + 1)]
    return known


@lru_cache(maxsize=1024)
def _known_survivals(reference: ReferenceClass) -> list[float]:
    return []


def _race(ws: Workspace, question: Question, day: date) -> Mapping[str, float] | None:
    """The base rates of a choice's causes, raced day by day (they are independent)."""
    causes = _causes(ws, question)
    if causes is None:
        return None
    none = next(option for option in question.options if option not in causes)
    start = max(day, question.clock)
    ahead = int(question.days(start, question.deadlines[-1]))
    shares = dict.fromkeys(question.options, 0.0)
    alive = 1.0
    for step in range(1, ahead + 1):
        end = start + timedelta(days=step)
        gone = {o: _daily(q, r, end) for o, (q, r) in causes.items()}
        stay = 1.0
        for chance in gone.values():
            stay *= 1 - chance
        total = sum(gone.values())
        for option, chance in gone.items():
            shares[option] += alive * (1 - stay) * chance / total if total else 0.0
        alive *= stay
    return shares | {none: alive}


def _daily(question: Question, reference: ReferenceClass, day: date) -> float:
    """The chance of the event on `day`, given none before, by the reference class alone."""
    until = question.days(question.clock, day)
    if until < 1:
        return 0.0
    return 1 - reference.survival(until) / reference.survival(until - 1)


def _causes(ws: Workspace, question: Question) -> dict[str, tuple[Question, ReferenceClass]] | None:
    found: dict[str, tuple[Question, ReferenceClass]] = {}
    for spec in question.models:
        for option, cause in getattr(spec.options, "causes", {}).items():
            source = ws.book.questions.get(cause.question or "", question)
            own = cause.reference_class.domain() if cause.reference_class else None
            reference = own or reference_class(source)
            if reference is None:
                return None
            found[option] = (source, reference)
        if found:
            return found
    return None
