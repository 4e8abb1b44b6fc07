"""The headline scores of many binary paths at once, beside a reference that changes now and then.

The same numbers, to the last bit, as `paths.path`, `paths.common`, `scores` and
`paths.time_average` give for one path after the other; tests hold them together.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.scoring.arrays import Array
from forecast.scoring.paths import Window
from forecast.scoring.scores import brier, logarithmic

type Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Said:
    """One forecaster's forecasts of one binary target, and what they are compared with.

    `starts` rise; a missing value (None or NaN) is a withdrawal. `reference` holds from each of
    `changes` on, the first of them the window's open; None where there is no reference.
    """

    window: Window
    outcome: int
    starts: Sequence[float]
    values: Sequence[Any]
    changes: Sequence[float] = ()
    reference: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """The time averages of one path over its scheduled duration.

    `forecasts` stood for a time, `ignored` were made at or after the end. `reference` is the Brier
    score of what it is compared with, over the same covered time.
    """

    forecasts: int
    ignored: int
    coverage: float
    brier: float
    log: float
    reference: float | None


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """What stood from when until when: `path` says of which path each piece is, in order."""

    path: Places
    begun: Array
    until: Array
    value: Array

    def sums(self, score: Array, count: int) -> list[float]:
        """Return ∫ score dt over the pieces of each path, exactly rounded."""
        terms = ((self.until - self.begun) * score).tolist()
        bounds = np.searchsorted(self.path, np.arange(count + 1)).tolist()
        return [math.fsum(terms[first:last]) for first, last in pairwise(bounds)]


def headlines(said: Sequence[Said]) -> list[Headline | None]:
    """Return the headline of each path; None where nothing ever stood.

    >>> one = Said(Window(0, 10), 1, [0, 4, 9], [0.3, 0.6, 0.9], [0, 5], [0.5, 0.25])
    >>> (found,) = headlines([one])
    >>> round(found.brier, 6), round(found.log, 6), found.reference
    (0.277, 0.747538, 0.40625)
    """
    pieces, ignored = _pieces(said)
    count = len(said)
    outcome = np.array([each.outcome for each in said], np.float64)
    came = outcome[pieces.path]
    covered = pieces.sums(np.ones(pieces.path.size), count)
    briers = pieces.sums(brier(probability=pieces.value, outcome=came), count)
    logs = pieces.sums(logarithmic(probability=pieces.value, outcome=came), count)
    beside = _beside(said, pieces)
    others = beside.sums(brier(probability=beside.value, outcome=outcome[beside.path]), count)
    forecasts = np.bincount(pieces.path, minlength=count).tolist()
    return [
        Headline(
            forecasts=forecasts[n],
            ignored=ignored[n],
            coverage=covered[n] / each.window.duration,
            brier=briers[n] / each.window.duration,
            log=logs[n] / each.window.duration,
            reference=None if each.reference is None else others[n] / each.window.duration,
        )
        if forecasts[n]
        else None
        for n, each in enumerate(said)
    ]


def _pieces(said: Sequence[Said]) -> tuple[_Pieces, list[int]]:
    """Return the pieces of all paths, and how many forecasts of each are ignored."""
    path = np.repeat(np.arange(len(said)), [len(each.starts) for each in said])
    start, value = _joined([each.starts for each in said]), _joined([each.values for each in said])
    opened = np.array([each.window.open for each in said])
    end = np.array([each.window.end for each in said])
    late = start >= end[path]
    ignored = np.bincount(path[late], minlength=len(said)).tolist()
    path, start, value = path[~late], start[~late], value[~late]
    begun = np.maximum(start, opened[path])
    until = end[path]
    until[:-1] = np.where(path[1:] == path[:-1], begun[1:], until[:-1])
    stood = (until > begun) & ~np.isnan(value)
    return _Pieces(path[stood], begun[stood], until[stood], value[stood]), ignored


def _beside(said: Sequence[Said], pieces: _Pieces) -> _Pieces:
    """Return the pieces of the references over the time in which the paths stood."""
    compared = [() if each.reference is None else each.reference for each in said]
    sizes = [len(reference) for reference in compared]
    change = _joined([each.changes[:size] for each, size in zip(said, sizes, strict=True)])
    kept = np.array(sizes, np.intp)[pieces.path] > 0
    path, begun, until = pieces.path[kept], pieces.begun[kept], pieces.until[kept]
    first, last = _within(path, begun, until, change, np.cumsum([0, *sizes]))
    counts = last - first + 1
    piece = np.repeat(np.arange(path.size), counts)
    nth = np.arange(piece.size) - np.repeat(np.cumsum(counts) - counts, counts)
    at = first[piece] - 1 + nth  # which reference stands: the first began before the piece did
    following = np.append(change, 0.0)[at + 1]
    return _Pieces(
        path[piece],
        np.where(nth == 0, begun[piece], change[at]),
        np.where(nth == counts[piece] - 1, until[piece], following),
        _joined(compared)[at],
    )


def _within(
    path: Places, begun: Array, until: Array, change: Array, bounds: Places
) -> tuple[Places, Places]:
    """Return, for each piece, the places of the changes strictly within it: first, and after."""
    first, last = np.empty(path.size, np.intp), np.empty(path.size, np.intp)
    runs = np.flatnonzero(np.diff(path, prepend=-1)).tolist()
    for a, b in pairwise([*runs, path.size]):
        offset = bounds[path[a]]
        own = change[offset : bounds[path[a] + 1]]
        first[a:b] = offset + np.searchsorted(own, begun[a:b], side="right")
        last[a:b] = offset + np.searchsorted(own, until[a:b], side="left")
    return first, last


def _joined(parts: Sequence[Sequence[Any]]) -> Array:
    return np.concatenate([np.asarray(part, np.float64) for part in parts] or [np.empty(0)])
