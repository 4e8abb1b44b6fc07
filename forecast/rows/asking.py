"""The rows of explain, whatif and watch-for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from forecast.rows.tables import Cell, Rows, iso, table

if TYPE_CHECKING:
    from forecast.domain import AsOf, Question, Target
    from forecast.verbs.explain import Explained, ExplainReport
    from forecast.verbs.watchfor import Watch, Watching, WatchReport
    from forecast.verbs.whatif import WhatIfReport

PLACE = ("question", "target", "deadline", "model", "option", "as_of")


def _place(
    question: Question, target: Target, model: str, option: str, as_of: AsOf
) -> tuple[Cell, ...]:
    deadline = iso(question.deadline(target))
    return question.id, str(target), deadline, model, option, iso(as_of.day)


def explain_rows(report: ExplainReport) -> Rows:
    """Return one row per step of a number, the number itself last.

    Changes of a number add up, with the first value, to the last.
    """
    columns = (
        *PLACE, "since", "cause", "name", "change", "value", "without", "low", "high", "error",
        "sources",
    )  # fmt: skip
    return table(columns, (cells for e in report.numbers for cells in _explained(report, e)))


def _explained(report: ExplainReport, number: Explained) -> Iterator[tuple[Cell, ...]]:
    place = _place(report.question, number.target, report.model, number.option, report.as_of)
    head = (*place, iso(report.since))
    for step in number.steps:
        told = "; ".join(report.sources(step.name)) if step.cause == "indicator" else ""
        cells = (step.cause, step.name, step.change, step.value, step.without)
        yield *head, *cells, None, None, None, told
    now = ("now", "now", None, number.now, None)
    yield *head, *now, number.low, number.high, number.error, ""


def whatif_rows(report: WhatIfReport) -> Rows:
    """Return one row per number: as it is, as it would be anyway on the day `on`, and supposed."""
    columns = (
        *PLACE, "supposed", "on", "was", "was_low", "was_high", "quiet", "would_be", "low", "high",
        "error", "change",
    )  # fmt: skip
    return table(
        columns,
        (
            (
                *_place(report.question, n.target, report.model, n.option, report.as_of),
                "; ".join(str(each) for each in report.supposed),
                iso(report.on),
                n.was,
                n.was_low,
                n.was_high,
                n.quiet,
                n.would_be,
                n.low,
                n.high,
                n.error,
                n.would_be - n.quiet,
            )
            for n in report.numbers
        ),
    )


def watch_rows(report: WatchReport) -> Rows:
    """Return one row per number and plausible next reading, with its indicator's expected change.

    An indicator without a plausible reading has one row that says why.
    """
    columns = (
        *PLACE, "within", "indicator", "reading", "value", "days", "was", "would_be", "low", "high",
        "change", "chance", "expected", "unknown", "drift",
    )  # fmt: skip
    return table(
        columns,
        (
            (
                *_place(report.question, number.target, report.model, number.option, report.as_of),
                report.within,
                *cells,
            )
            for number in report.numbers
            for watch in number.watches
            for cells in _watch(number, watch)
        ),
    )


def _watch(number: Watching, watch: Watch) -> Iterator[tuple[Cell, ...]]:
    name = watch.indicator.id
    if not watch.readings:
        yield name, None, None, None, number.now, *(None,) * 5, None, watch.unknown, None
    for r in watch.readings:
        reading = (r.next.kind, r.next.value, r.next.days)
        moved = (r.would_be, r.low, r.high, r.change, r.chance)
        yield name, *reading, number.now, *moved, watch.expected, watch.unknown, watch.drift
