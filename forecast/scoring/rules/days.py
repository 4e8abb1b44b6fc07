"""Days of a question, for the houses that score by the day. All take scores lower-is-better."""

from __future__ import annotations

import math
from collections.abc import Sequence

from forecast.scoring.aggregate import weighted_quantile
from forecast.scoring.paths import Window

type Row = list[float | None]
"""One forecaster's score of each day, None where nothing stood."""


def days(window: Window, day: float) -> list[tuple[float, float]]:
    """Return the days from open until the end of scoring; the last may be short.

    Raises ValueError if the length of a day is not positive.

    >>> days(Window(0, 10, answered=2.5), 1.0)
    [(0.0, 1.0), (1.0, 2.0), (2.0, 2.5)]
    """
    if not 0 < day < math.inf:
        raise ValueError(f"day = {day:g} is not positive and finite")
    count = math.ceil((window.end - window.open) / day)
    starts = [window.open + i * day for i in range(count)]
    return [(float(t), float(min(t + day, window.end))) for t in starts if t < window.end]


def medians(rows: Sequence[Row]) -> Row:
    """Return each day's median over those who have a score that day."""
    by_day = zip(*rows, strict=True)
    return [_median([score for score in day if score is not None]) for day in by_day]


def excess(row: Row, median: Row) -> Row:
    """Return a row with the day's median taken off; equal infinities leave 0."""
    return [
        None if own is None or middle is None else 0.0 if own == middle else own - middle
        for own, middle in zip(row, median, strict=True)
    ]


def _median(scores: list[float]) -> float | None:
    return weighted_quantile(value=scores, weight=[1.0] * len(scores)) if scores else None
