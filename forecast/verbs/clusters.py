"""What questions share their luck with: every interval and comparison is over these."""

from __future__ import annotations

from forecast.domain import Question


def cluster(question: Question) -> str:
    """Return what a question is one with in every interval.

    The event it names; without one, the series its first such model carries forward, in blocks of a
    calendar quarter by its last deadline (week after week of one series shares that series' luck);
    otherwise itself.
    """
    if question.event:
        return question.event
    for spec in question.models:
        series = getattr(spec.options, "series", None)
        if series is not None:
            last = question.deadlines[-1]
            return f"{series}/{last.year}-Q{(last.month + 2) // 3}"
    return question.id
