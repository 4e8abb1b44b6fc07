"""Several forecasters' forecasts over time into those of one virtual forecaster.

What each instant's standing forecasts are made into is a method of `aggregate`, by name. Options
are pooled one by one and made to sum to one. Standard library only.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from forecast.scoring import aggregate
from forecast.scoring.paths import Path, common, path, together
from forecast.scoring.rules.given import Chance

METHODS: dict[str, Callable[..., float]] = {
    "mean": aggregate.mean,
    "median": aggregate.median,
    "geometric": aggregate.geometric_mean_of_odds,
    "extremized": aggregate.extremized,
    "recent": aggregate.recency_weighted_median,
}

_ODDS = (aggregate.geometric_mean_of_odds, aggregate.extremized)


class Said[V](NamedTuple):
    """One forecaster's forecasts: when each was made, in order, and None for what ended one."""

    starts: Sequence[float]
    values: Sequence[V | None]


class Turn[V](NamedTuple):
    """An instant at which somebody changed their word, and whose what then stands.

    `standing` maps the place of a forecaster to their forecast, who spoke longest ago first.
    """

    start: float
    standing: dict[int, V]


def turns[V](said: Sequence[Said[V]]) -> Iterator[Turn[V]]:
    """Yield every instant at which one of several forecasters spoke, in order of time.

    >>> [turn.standing for turn in turns([Said([0, 2], [0.2, None]), Said([1], [0.6])])]
    [{0: 0.2}, {0: 0.2, 1: 0.6}, {1: 0.6}]
    """
    spoken = [
        (start, who, value)
        for who, each in enumerate(said)
        for start, value in zip(each.starts, each.values, strict=True)
    ]
    spoken.sort(key=lambda change: change[0])
    standing: dict[int, V] = {}
    for start, changes in groupby(spoken, key=lambda change: change[0]):
        for _, who, value in changes:
            standing.pop(who, None)
            if value is not None:
                standing[who] = value
        yield Turn(start, dict(standing))


def crowd(said: Sequence[Said[Chance]], *, method: str) -> Said[Chance]:
    """Return what all who stand at each instant say together.

    Args:
        said: each value p of yes, or probabilities over the same K options.
        method: a key of `METHODS`; for `recent` those who spoke last weigh most.

    Raises:
        ValueError: a method that does not exist, or a probability outside 0 to 1.

    >>> crowd([Said([0], [0.2]), Said([3], [0.4])], method="mean").starts
    [0, 3]
    """
    if method not in METHODS:
        raise ValueError(f"method = {method!r} is none of {', '.join(METHODS)}")
    made = [(turn.start, list(turn.standing.values())) for turn in turns(said)]
    pooled = [pool(standing, method=method) if standing else None for _, standing in made]
    return Said([start for start, _ in made], pooled)


def crowd_path(paths: Sequence[Path[Chance]], *, method: str) -> Path[Chance]:
    """Return `crowd` of paths within one window as a path. Errors are those of `crowd`.

    >>> from forecast.scoring.paths import Window
    >>> a, b = (path(start=[s], value=[p], window=Window(0, 4)) for s, p in ((0, 0.2), (3, 0.4)))
    >>> crowd_path([a, b], method="median").coverage
    1.0
    """
    starts, values = crowd([_said(each) for each in paths], method=method)
    return path(start=starts, value=values, window=paths[0].window)


def pool(values: Sequence[Chance], *, method: str) -> Chance:
    """Return forecasts, who spoke longest ago first, made into one: p of yes, or K options.

    A certain yes and a certain no have no mean of odds: together they leave one half.

    Raises ValueError for no forecast, or a probability outside 0 to 1.

    >>> [round(share, 6) for share in pool([(0.2, 0.8), (0.6, 0.4)], method="mean")]
    [0.4, 0.6]
    """
    combine = METHODS[method]
    rows = [value for value in values if not isinstance(value, (int, float))]
    if not rows:
        return _combined(combine, values)
    shares = [_combined(combine, option) for option in zip(*rows, strict=True)]
    total = math.fsum(shares)
    return tuple(share / total if total else 1 / len(shares) for share in shares)


def against_others(own: Path[float], others: Sequence[Path[float]]) -> float | None:
    """Return the time average of own score − the mean of those of the others who stood then.

    Over the time in which own and another stand, ÷ the scheduled duration; None if there is none.

    Raises ValueError if the paths' windows differ.

    >>> from forecast.scoring.paths import Window
    >>> own, other = (path(start=[s], value=[x], window=Window(0, 4)) for s, x in ((0, 3), (2, 1)))
    >>> against_others(own, [other])
    1.0
    """
    if not others:
        return None
    everybody = together(others)
    means = path(
        start=everybody.starts,
        value=[_mean(scores) for scores in everybody.values],
        window=own.window,
    )
    mine, theirs = common([own, means])
    if not mine.pieces:
        return None
    gaps = (
        a.length * (0.0 if a.value == b.value else a.value - b.value)
        for a, b in zip(mine.pieces, theirs.pieces, strict=True)
    )
    return math.fsum(gaps) / own.window.duration


def _mean(scores: Sequence[float | None]) -> float | None:
    present = [score for score in scores if score is not None]
    return math.fsum(present) / len(present) if present else None


def _combined(combine: Callable[..., float], p: Sequence[Chance]) -> float:
    if combine in _ODDS and 0 in p and 1 in p:
        return 0.5
    return combine(probability=p)


def _said(each: Path[Chance]) -> Said[Chance]:
    """Return a path's changes, its end among them."""
    changes: dict[float, Chance | None] = {}
    for piece in each.pieces:
        changes |= {piece.start: piece.value, piece.end: None}
    return Said(list(changes), list(changes.values()))
