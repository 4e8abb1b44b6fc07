"""Observe: append one dated reading to an indicator's CSV, and say what an update now sees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from forecast.domain import Indicator, IndicatorKind, Known, Observation, Question
from forecast.domain.times import local_day
from forecast.errors import UsageError
from forecast.text import clean, did_you_mean
from forecast.verbs.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ObserveReport:
    """The reading written, its row, and the questions that will see it."""

    indicator: Indicator
    observation: Observation
    row: int
    seen_by: tuple[str, ...]


def observe(
    ws: Workspace,
    name: str,
    value: float | None = None,
    *,
    on: date,
    known: Known | None = None,
    low: float | None = None,
    high: float | None = None,
    days: int = 1,
    by: str = "",
    source: str = "",
    note: str = "",
    corrects: int | None = None,
) -> ObserveReport:
    """Append a reading; from its `known` day it counts, and replaces row `corrects` if given.

    Raises UsageError for an unknown indicator, a reading that is none, or a date that cannot be.
    """
    indicator = _indicator(ws, name)
    if indicator.kind is IndicatorKind.EVENT and value is None and low is None:
        value = 1.0
    reading = Observation(
        observed_on=on,
        known_on=known or local_day(ws.now, ws.book.zone),
        value=value,
        low=low,
        high=high,
        days=days,
        by=by,
        source=source,
        note=note,
        corrects=corrects,
    )
    _must_make_sense(ws, indicator, reading)
    from forecast.book.edit import append_observation

    path = ws.root / "indicators" / f"{indicator.id}.csv"
    row = append_observation(path, reading, ws.book.zone)
    seen_by = tuple(q.id for q in ws.book.questions.values() if indicator.id in _used(ws, q))
    return ObserveReport(indicator, reading, row, seen_by)


def _used(ws: Workspace, question: Question) -> set[str]:
    """The indicators a question's models read, those of the questions they build on included."""
    used: set[str] = set()
    for spec in question.models:
        used.update(spec.options.uses())
        for part in spec.options.parts():
            used |= _used(ws, ws.book.questions[part])
    return used


def _indicator(ws: Workspace, name: str) -> Indicator:
    if name not in ws.book.indicators:
        hint = did_you_mean(name, ws.book.indicators)
        known = ", ".join(sorted(ws.book.indicators)) or "none; add indicators/<id>.yaml"
        raise UsageError(f"there is no indicator {clean(name)!r}", hint or f"the book has {known}")
    return ws.book.indicators[name]


def _must_make_sense(ws: Workspace, indicator: Indicator, reading: Observation) -> None:
    if (reading.low is None) != (reading.high is None):
        raise UsageError("an interval needs both ends", "give --low and --high")
    if reading.value is None and reading.low is None:
        raise UsageError("no reading given", "give a value, or --low and --high")
    if reading.low is not None and reading.high is not None and reading.low > reading.high:
        raise UsageError(f"{reading.low:g} is above {reading.high:g}", "--low goes below --high")
    known_day = local_day(reading.known_on, ws.book.zone)
    if known_day > local_day(ws.now, ws.book.zone):
        raise UsageError(f"{known_day} has not come yet", "a reading is known today at the latest")
    if known_day < reading.observed_on:
        raise UsageError(
            f"known on {known_day}, before it was observed on {reading.observed_on}",
            "mend --on or --known",
        )
    rows = {o.row for o in indicator.observations}
    if reading.corrects is not None and reading.corrects not in rows:
        raise UsageError(f"{indicator.id} has no row {reading.corrects}", "name a line of its CSV")
