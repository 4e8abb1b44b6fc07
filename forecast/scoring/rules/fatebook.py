"""Fatebook: two-sided Brier of each day's mean probability, over the question's whole length.

A day is a step of length `day` from open, in the path's unit of time; the last may be short. What
stood on it is averaged over the time it stood, and its score weighs the day's length ÷ the whole
length from open to the end of scoring. Days without a forecast add nothing, so who joins late looks
better: show coverage.

Source: Fatebook, "Scoring".
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from forecast.scoring.paths import Path, Window
from forecast.scoring.rules.days import Row, days, excess, medians
from forecast.scoring.rules.given import given


def score(path: Path[float], *, outcome: int, day: float = 1.0) -> float | None:
    """Return the score of a path of p of yes, or None if no forecast ever stood. Lower is better.

    Raises ValueError for an outcome other than 0 and 1, a probability outside 0 to 1, or a day that
    is not positive.

    >>> from forecast.scoring.paths import Window, path
    >>> a = path(start=[0, 2.25], value=[0.6, 0.9], window=Window(0, 10, answered=4.5))
    >>> round(score(a, outcome=1), 6)
    0.1625
    """
    return _over_days(_row(path, outcome, day), path.window, day)


def relative(paths: Sequence[Path[float]], *, outcome: int, day: float = 1.0) -> list[float | None]:
    """Return each forecaster's score with each day's median score taken off. Lower is better.

    Paths share one window. None and errors are those of `score`.

    >>> from forecast.scoring.paths import Window, path
    >>> window = Window(0, 10, answered=4.5)
    >>> a = path(start=[0, 2.25], value=[0.6, 0.9], window=window)
    >>> b = path(start=[1.5], value=[0.5], window=window)
    >>> [round(score, 6) for score in relative([a, b], outcome=1)]
    [-0.14875, 0.14875]
    """
    rows = [_row(each, outcome, day) for each in paths]
    middle = medians(rows)
    return [
        _over_days(excess(row, middle), each.window, day)
        for row, each in zip(rows, paths, strict=True)
    ]


def _row(path: Path[float], outcome: int, day: float) -> Row:
    """Return each day's two-sided Brier score of the mean of what stood."""
    means = _means(path, day)
    return [None if p is None else 2 * (1 - given(p, outcome)) ** 2 for p in means]


def _means(path: Path[float], day: float) -> list[float | None]:
    """Return the mean of what stood on each day, over the time it stood."""
    spans = days(path.window, day)
    shares: list[list[tuple[float, float]]] = [[] for _ in spans]
    for piece in path.pieces:
        for place in range(int((piece.start - path.window.open) // day), len(spans)):
            begun, until = spans[place]
            if begun >= piece.end:
                break
            shares[place].append((min(piece.end, until) - max(piece.start, begun), piece.value))
    return [_mean(share) for share in shares]


def _mean(shares: Sequence[tuple[float, float]]) -> float | None:
    length = math.fsum(share for share, _ in shares)
    return math.fsum(share * value for share, value in shares) / length if length > 0 else None


def _over_days(row: Row, window: Window, day: float) -> float | None:
    terms = [
        (until - begun) * score
        for (begun, until), score in zip(days(window, day), row, strict=True)
        if score is not None
    ]
    return math.fsum(terms) / (window.end - window.open) if terms else None
