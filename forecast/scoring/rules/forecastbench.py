"""ForecastBench: Brier scores adjusted for how hard each forecaster's questions were.

Source: Karger et al. (2025), "ForecastBench"; Kučinskas, Bastani and Reynolds (Forecasting Research
Institute), "Introducing the Brier Index".
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from forecast.scoring.arrays import Array, ArrayLike, numbers
from forecast.scoring.uncertainty import number_clusters


@dataclass(frozen=True, slots=True)
class Standing:
    """One forecaster's adjusted Brier score (lower is better) and its index (higher is better).

    `questions` is how many they answered.
    """

    adjusted: float
    index: float
    questions: int


def adjusted[F: Hashable](
    *, brier: ArrayLike, forecaster: Sequence[F], question: Sequence[Hashable]
) -> dict[F, Standing]:
    """Return each forecaster's difficulty-adjusted Brier score and Brier index.

    brier_ij = a_i + b_j is fitted by least squares; a forecaster's adjusted score is the mean of
    brier − b_j over their questions, shifted so that always saying one half on all questions gets
    .25.

    Args:
        brier: one-sided Brier scores, shape (n,), one a forecaster and question.
        forecaster: n labels.
        question: n labels.

    Returns:
        Forecaster → standing, in order of appearance.

    Raises:
        ValueError: lengths that differ, a missing score, no score, or forecasters that no chain of
            shared questions connects: their difficulty cannot be compared.

    >>> table = adjusted(brier=[0.25, 0.25, 0.04, 0.16], forecaster="aabb", question="xyxy")
    >>> {name: round(standing.adjusted, 6) for name, standing in table.items()}
    {'a': 0.25, 'b': 0.1}
    """
    scores = each(brier=brier, forecaster=forecaster, question=question)
    who = number_clusters(forecaster, scores.size)
    counts = np.bincount(who)
    means = np.bincount(who, scores) / counts
    names = dict.fromkeys(forecaster)
    return {
        name: Standing(float(score), brier_index(float(score)), int(count))
        for name, score, count in zip(names, means, counts, strict=True)
    }


def each(
    *, brier: ArrayLike, forecaster: Sequence[Hashable], question: Sequence[Hashable]
) -> Array:
    """Return every Brier score less its question's difficulty, shape (n,).

    `adjusted` holds their means by forecaster. Arguments and errors are those of `adjusted`.

    >>> rows = each(brier=[0.25, 0.25, 0.04, 0.16], forecaster="aabb", question="xyxy")
    >>> rows.round(6).tolist()
    [0.28, 0.22, 0.07, 0.13]
    """
    scores = numbers(brier, "brier")
    if scores.ndim != 1 or not scores.size:
        raise ValueError(f"expected scores of shape (n,), n ≥ 1; got {scores.shape}")
    which = number_clusters(question, scores.size)
    difficulty = _difficulty(scores, number_clusters(forecaster, scores.size), which)
    return np.asarray(scores - difficulty[which] + difficulty.mean())


def brier_index(brier: float) -> float:
    """Return 100·(1 − √brier): 100 is perfect, 50 always saying one half. Higher is better.

    An adjusted score may fall below 0; the root then keeps its sign and the index exceeds 100.

    >>> brier_index(0.25), round(brier_index(0.09), 6)
    (50.0, 70.0)
    """
    return float(100 * (1 - np.sign(brier) * np.sqrt(abs(brier))))


def _difficulty(
    scores: Array,
    who: np.ndarray[tuple[int, ...], np.dtype[np.intp]],
    which: np.ndarray[tuple[int, ...], np.dtype[np.intp]],
) -> Array:
    """Return b of the two-way fit, solved for the (few) forecasters with questions eliminated."""
    answered = np.zeros((who.max() + 1, which.max() + 1))
    np.add.at(answered, (who, which), 1)
    a_question = answered.sum(axis=0)
    question_sums = np.bincount(which, scores)
    normal = np.diag(answered.sum(axis=1)) - (answered / a_question) @ answered.T
    right = np.bincount(who, scores) - (answered / a_question) @ question_sums
    ability, _, rank, _ = np.linalg.lstsq(normal, right, rcond=1e-10)
    if rank < len(normal) - 1:
        raise ValueError("no chain of shared questions connects all forecasters")
    return np.asarray((question_sums - ability @ answered) / a_question)
