"""PredictionBook: every forecast made counts once, however long it stood."""

from __future__ import annotations

import math
from collections.abc import Sequence

from forecast.scoring.rules.given import given


def score(*, probability: Sequence[float], outcome: Sequence[int]) -> float | None:
    """Return the mean Brier score (p − o)² over all forecasts made, or None of none.

    Lower is better, 0 to 1. Not averaged over time, so whoever updates often near the end looks
    better.

    Args:
        probability: p of yes of each forecast, n of them.
        outcome: 0 or 1, the answer to the question of each.

    Raises:
        ValueError: lengths that differ, a probability outside 0 to 1, or an outcome other than 0
            and 1.

    Source: PredictionBook.

    >>> round(score(probability=[0.7, 0.9, 0.2], outcome=[1, 1, 0]), 6)
    0.046667
    """
    if len(probability) != len(outcome):
        raise ValueError(f"lengths differ: {len(probability)} forecasts, {len(outcome)} outcomes")
    if not probability:
        return None
    misses = ((1 - given(p, o)) ** 2 for p, o in zip(probability, outcome, strict=True))
    return math.fsum(misses) / len(probability)
