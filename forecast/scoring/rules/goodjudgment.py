"""Good Judgment Open and Cultivate: daily scores averaged over the days with a forecast.

Paths hold scores, two-sided Brier or ordered (0 to 2): `path.map(score)`. A day is a step of length
`day` from open, in the path's unit of time; only full days, over by the end of scoring, count, and
each is scored by what stood when it ended. Days without a forecast are left out: improper when the
event itself ends the question.

Source: Good Judgment Open, "FAQ".
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from forecast.scoring.paths import Path
from forecast.scoring.rules.days import Row, days, excess, medians


def daily(path: Path[float], *, day: float = 1.0) -> float | None:
    """Return the mean daily score, or None if a forecast stood on no full day. Lower is better.

    Raises ValueError if `day` is not positive.

    >>> from forecast.scoring.paths import Window, path
    >>> p = path(start=[0, 3], value=[0.9, 0.95], window=Window(0, 7))
    >>> round(daily(p.map(lambda chance: 2 * (1 - chance) ** 2)), 6)
    0.011429
    """
    return _mean(_row(path, day))


def relative(paths: Sequence[Path[float]], *, day: float = 1.0) -> list[float | None]:
    """Return each forecaster's mean of own daily score − that day's median. Lower is better.

    The median is over all who have a forecast that day; paths share one window. None and errors are
    those of `daily`.

    >>> from forecast.scoring.paths import Window, path
    >>> paths = [path(start=[0], value=[s], window=Window(0, 7)) for s in (0.1, 0.2, 0.5)]
    >>> [round(score, 6) for score in relative(paths)]
    [-0.1, 0.0, 0.3]
    """
    rows = [_row(each, day) for each in paths]
    middle = medians(rows)
    return [_mean(excess(row, middle)) for row in rows]


def _row(path: Path[float], day: float) -> Row:
    """Return the score standing at the end of each full day."""
    return [
        path.standing(math.nextafter(until, begun))
        for begun, until in days(path.window, day)
        if until - begun >= day * (1 - 1e-9)
    ]


def _mean(row: Row) -> float | None:
    scores = [score for score in row if score is not None]
    return math.fsum(scores) / len(scores) if scores else None
