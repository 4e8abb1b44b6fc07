"""Several forecasters' paths into the path of one virtual forecaster.

What each instant's standing forecasts are made into is a method of `aggregate`, by name. Options
are pooled one by one and made to sum to one. Standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal

from forecast.scoring import aggregate
from forecast.scoring.paths import Path, Piece, together
from forecast.scoring.rules.given import Chance

type Method = Literal["mean", "median", "geometric", "extremized", "recent"]

METHODS: dict[str, Callable[..., float]] = {
    "mean": aggregate.mean,
    "median": aggregate.median,
    "geometric": aggregate.geometric_mean_of_odds,
    "extremized": aggregate.extremized,
    "recent": aggregate.recency_weighted_median,
}


def crowd(paths: Sequence[Path[Chance]], *, method: Method) -> Path[Chance]:
    """Return the path of all who stand at each instant, made into one forecast.

    Args:
        paths: within one window; each value p of yes, or probabilities over the same K options.
        method: a key of `METHODS`; for `recent` those who spoke last weigh most.

    Raises:
        ValueError: no path, windows that differ, or a method that does not exist.

    >>> from forecast.scoring.paths import Window, path
    >>> a, b = (path(start=[s], value=[p], window=Window(0, 4)) for s, p in ((0, 0.2), (3, 0.6)))
    >>> [piece.value for piece in crowd([a, b], method="mean").pieces]
    [0.2, 0.4]
    """
    if method not in METHODS:
        raise ValueError(f"method = {method!r} is none of {', '.join(METHODS)}")
    pieces = []
    for piece in together([_with_start(path) for path in paths]).pieces:
        standing = sorted((s for s in piece.value if s is not None), key=lambda pair: pair[0])
        if standing:  # the oldest first
            value = pool([chance for _, chance in standing], method=method)
            pieces.append(Piece(piece.start, piece.end, value))
    return Path.of(paths[0].window, pieces)


def pool(values: Sequence[Chance], *, method: Method) -> Chance:
    """Return forecasts, the oldest first, made into one; p of yes, or K options each.

    A certain yes and a certain no have no mean of odds; the two leave one half.

    Raises ValueError for no forecast, or a probability outside 0 to 1.

    >>> pool([(0.2, 0.8), (0.4, 0.6)], method="mean")
    (0.30000000000000004, 0.7)
    """
    combine = METHODS[method]
    if isinstance(values[0], (int, float)):
        return _combined(combine, [float(v) for v in values if isinstance(v, (int, float))])
    rows = [v for v in values if not isinstance(v, (int, float))]
    shares = [_combined(combine, list(option)) for option in zip(*rows, strict=True)]
    total = math.fsum(shares)
    return tuple(share / total if total else 1 / len(shares) for share in shares)


def _combined(combine: Callable[..., float], p: list[float]) -> float:
    if 0 in p and 1 in p and combine in (aggregate.geometric_mean_of_odds, aggregate.extremized):
        return 0.5
    return combine(probability=p)


def _with_start(path: Path[Chance]) -> Path[tuple[float, Chance]]:
    """Return the path whose values also say since when they stand."""
    return path.changed(tuple(zip(path.starts, path.values, strict=True)))
