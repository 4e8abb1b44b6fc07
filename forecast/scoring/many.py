"""The same numbers as `scores` and `paths`, for millions of forecasts at once.

Tests hold them to the plain versions; use those wherever there are few.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.scoring.arrays import Array, ArrayLike, flat_pair, numbers, same_shape

# Pairs handled at a time: few enough to stay in a processor's cache.
CHUNK = 1 << 15


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """How long each of n forecasts stood, within its question's window.

    `length` has shape (n,), 0 where a forecast never stood; `ignored` marks those made at or after
    the end; `duration` and `coverage` have shape (q,), one entry a question.
    """

    length: Array
    ignored: npt.NDArray[np.bool_]
    question: npt.NDArray[np.intp]
    duration: Array
    coverage: Array

    def time_average(self, score: ArrayLike) -> Array:
        """Return the headline of every question, shape (q,); NaN where no forecast ever stood.

        `score` has shape (n,), in any unit, and may be infinite (also where nothing stood).

        Raises ValueError for a missing score of a forecast that stood, or shapes that differ.
        """
        values = np.where(self.length > 0, np.asarray(score, dtype=np.float64), 0.0)
        numbers(values, "score")
        same_shape(score=values, length=self.length)
        total = np.bincount(self.question, self.length * values, self.duration.size)
        return np.where(self.coverage > 0, total / self.duration, np.nan)


def pieces(
    *,
    question: npt.NDArray[np.integer],
    start: ArrayLike,
    withdrawn: npt.NDArray[np.bool_] | None = None,
    open: ArrayLike,
    close: ArrayLike,
    answered: ArrayLike,
) -> Pieces:
    """Return how long each forecast stood, as `paths.path` does for one question and forecaster.

    For several forecasters give every pair of question and forecaster an index of its own.

    Args:
        question: shape (n,), indices 0 … q−1 of the forecasts' questions, in any order.
        start: shape (n,), when each was made; of several at one instant the last given stands.
        withdrawn: shape (n,), which rows are withdrawals; None for none.
        open: shape (q,), in the starts' unit.
        close: shape (q,), the scheduled close, after `open`.
        answered: shape (q,), when the answer was known; +inf where it was not before `close`.

    Raises:
        ValueError: a missing or infinite time, shapes that differ, a close not after its open, or
            an index that is no question.

    >>> p = pieces(question=np.array([0, 0]), start=[0, 4], open=[0], close=[10], answered=[8])
    >>> p.length.tolist(), p.coverage.tolist(), p.time_average([0.5, 0.25]).tolist()
    ([4.0, 4.0], [0.8], [0.3])
    """
    begun, opened, closed, known = _times(start, open, close, answered)
    _check_index(question, begun, opened.size)
    end = np.clip(known, opened, closed)
    order = np.lexsort((begun, question))
    who, when = question[order], begun[order]
    last = np.append(who[1:] != who[:-1], True)
    until = np.where(last, end[who], np.append(when[1:], 0.0))
    sorted_length = np.minimum(until, end[who]) - np.maximum(when, opened[who])
    length = np.empty_like(begun)
    length[order] = np.maximum(sorted_length, 0)
    if withdrawn is not None:
        same_shape(start=begun, withdrawn=np.asarray(withdrawn, dtype=np.float64))
        length[np.asarray(withdrawn, dtype=bool)] = 0
    duration = closed - opened
    coverage = np.bincount(question, length, opened.size) / duration
    return Pieces(length, begun >= end[question], question.astype(np.intp), duration, coverage)


def mean_brier(*, probability: ArrayLike, outcome: ArrayLike) -> float:
    """Return the mean of `scores.brier`, reading the data once.

    Lower is better, 0 to 1.

    Args:
        probability: p of yes, shape (n,), n ≥ 1.
        outcome: 0 or 1, shape (n,).

    Raises:
        ValueError: as `scores.brier`, or no forecast.

    >>> round(mean_brier(probability=[0.1, 0.8], outcome=[0, 1]), 6)
    0.025
    """
    p, o = np.asarray(probability, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    if p.shape != o.shape or p.ndim != 1 or not p.size:
        flat_pair(p, o)  # says what is wrong
    buffer = np.empty(min(CHUNK, p.size))
    total = 0.0
    for at in range(0, p.size, CHUNK):
        said, came = p[at : at + CHUNK], o[at : at + CHUNK]
        # Between 0 and 1, Σo = Σo² holds for zeros and ones only, and exactly.
        fine = said.min() >= 0 and said.max() <= 1 and came.min() >= 0 and came.max() <= 1
        if not (fine and came.sum() == came @ came):
            flat_pair(p, o)
        gap = np.subtract(said, came, out=buffer[: said.size])
        total += float(gap @ gap)
    return total / p.size


def _times(
    start: ArrayLike, open: ArrayLike, close: ArrayLike, answered: ArrayLike
) -> tuple[Array, Array, Array, Array]:
    begun, opened, closed = numbers(start, "start"), numbers(open, "open"), numbers(close, "close")
    known = numbers(answered, "answered")
    if begun.ndim != 1 or opened.ndim != 1 or not opened.shape == closed.shape == known.shape:
        raise ValueError("expected start of shape (n,); open, close and answered of shape (q,)")
    if not (np.isfinite(begun).all() and np.isfinite(opened).all() and np.isfinite(closed).all()):
        raise ValueError("start, open and close must be finite")
    if not (opened < closed).all():
        raise ValueError("every open must be before its close")
    return begun, opened, closed, known


def _check_index(question: npt.NDArray[np.integer], start: Array, count: int) -> None:
    if question.shape != start.shape:
        raise ValueError(f"shapes differ: question {question.shape}, start {start.shape}")
    if question.size and not (question.min() >= 0 and question.max() < count):
        raise ValueError(f"a question's index is not from 0 to {count - 1}")
