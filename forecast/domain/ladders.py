"""A question for a date as models see it: one event, asked by each of many days.

The day on which an event comes has the distribution 1 − S(t), S its survival curve. Every family
that answers "by a date" knows that curve, so a question for a date is put to it as a ladder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from forecast.domain.questions import Question, QuestionType

RUNGS = 40
"""At most so many days stand for the whole: between them the curve runs straight."""


def as_ladder(question: Question) -> Question:
    """Return a question for a date as a ladder with evenly spaced rungs; any other as it is.

    The rungs follow from the question alone, so that they stay the same while time passes.
    """
    if question.type is not QuestionType.DATE:
        return question
    start, last = question.clock, question.deadlines[-1]
    count = min(RUNGS, (last - start).days)
    steps = (round(n * (last - start).days / count) for n in range(1, count + 1))
    days = tuple(start + timedelta(days=step) for step in steps)
    return replace(question, type=QuestionType.BINARY, deadlines=days)


def as_curve(ladder: Question, chances: Sequence[float], over: date) -> Mapping[str, float]:
    """Return the chances by each rung as a curve that begins after `over`, the last day survived.

    Kept from falling where rungs agree to rounding.
    """
    start = max(over, ladder.clock)
    curve, least = {start.isoformat(): 0.0}, 0.0
    for day, chance in zip(ladder.deadlines, chances, strict=True):
        if day > start:
            least = max(least, chance)
            curve[day.isoformat()] = least
    return curve
