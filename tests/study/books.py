"""Weeks as questions in a book, written as a forecaster would write them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from tests.study.weeks import Series, Week

QUANTILES = (0.1, 0.25, 0.75, 0.9)
"""Where in the past the thresholds lie; at the median the walk and the past agree on one half."""

_BINARY = """\
question: Will {name} be above {threshold:.10g} on {ends}?
type: binary
timing: on
opens: {begins}
deadline: {ends}
event: {name}-{begins}
resolution_criteria: |
  Yes if the last value of the series up to that day is above {threshold:.10g}; annulled if the
  source ends. Days in UTC.
reference_class:
  name: earlier weeks that would end above it
  events: {events}
  cases: {cases}
  exposure: 7 days
  source: {source}
model:
  family: trend
  series: {name}
  above: {threshold:.10g}
  window: {window}
resolution:
  answer: {answer}
  known_at: {known}
  source: {source}
"""

_NUMERIC = """\
question: What will {name} be on {ends}?
type: numeric
unit: {unit}
timing: on
opens: {begins}
deadline: {ends}
event: {name}-{begins}
resolution_criteria: |
  The last value of the series up to that day; annulled if the source ends. Days in UTC.
model:
  family: trend
  series: {name}
  window: {window}
resolution:
  answer: {answer:.10g}
  known_at: {known}
  source: {source}
"""

_INDICATOR = """\
title: {name}
kind: {kind}
unit: {unit}
source: {source}
every: 1 day
"""


def threshold(series: Series, week: Week, quantile: float) -> float:
    """Return the value that a share `quantile` of the past lies below, between two counts."""
    value = float(np.quantile(week.past, quantile))
    return math.floor(value) + 0.5 if series.kind == "count" else round(value, 4)


def level_id(week: Week) -> str:
    """Return the id of a week's numeric question."""
    return f"{week.series}-{week.begins}"


def chance_id(week: Week, quantile: float) -> str:
    """Return the id of a week's binary question."""
    return f"{week.series}-{week.begins}-q{quantile * 100:.0f}"


def write_book(
    folder: Path,
    series: Series,
    weeks: Sequence[Week],
    window: int,
    quantiles: Iterable[float] = QUANTILES,
) -> None:
    """Write a book of `weeks`: one numeric question each, and one above each threshold."""
    (folder / "indicators").mkdir(parents=True, exist_ok=True)
    _write(folder / "book.yaml", f"format: 1\ntitle: Weeks of {series.name}\ntimezone: UTC\n")
    about = {"name": series.name, "kind": series.kind, "unit": series.unit, "source": series.source}
    _write(folder / "indicators" / f"{series.name}.yaml", _INDICATOR.format(**about))
    first = weeks[0].begins - timedelta(days=round(window * 7 / 5) + 60)
    _write(folder / "indicators" / f"{series.name}.csv", _table(series, first))
    for week in weeks:
        dates = {"begins": week.begins, "ends": week.ends, "known": week.known, "window": window}
        _write(
            folder / f"{level_id(week)}.yaml", _NUMERIC.format(**about, **dates, answer=week.answer)
        )
        for quantile in quantiles:
            limit = threshold(series, week, quantile)
            text = _BINARY.format(
                **about,
                **dates,
                threshold=limit,
                events=sum(value > limit for value in week.past),
                cases=len(week.past),
                answer="yes" if week.answer > limit else "no",
            )
            _write(folder / f"{chance_id(week, quantile)}.yaml", text)


def _table(series: Series, first: date) -> str:
    """Return the readings from `first` on: what a window could reach, and no more to digest."""
    counted = series.kind == "count"
    rows = (
        f"{r.day},{r.known},{r.value:.10g},{r.days if counted else ''}"
        for r in series.readings()
        if r.day >= first
    )
    return "\n".join(["observed_on,known_on,value,days", *rows]) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
