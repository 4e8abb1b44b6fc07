"""Binned readings of calibration: secondary, since they depend on where the bins are cut.

With m bins, bin k holds forecasts in (k/m, (k+1)/m], and 0 goes with the first. Edges are k/m by
division: `numpy.linspace(0, 1, 11)[3]` is not 0.3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.scoring.arrays import Array, ArrayLike, flat_pair, probabilities


@dataclass(frozen=True, slots=True)
class Murphy:
    """The binned decomposition of the Brier score.

    score = miscalibration − discrimination + uncertainty + within_variance − within_covariance. The
    last two are what the bins hide; they are 0 when every bin holds one distinct forecast.
    """

    score: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    within_variance: float
    within_covariance: float
    bins: int


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Forecasts by bin, arrays of shape (m,).

    The edges `low` and `high`, the `count` of forecasts, their mean `forecast`, and the share that
    `happened`; the last two are NaN in empty bins.
    """

    low: Array
    high: Array
    count: npt.NDArray[np.intp]
    forecast: Array
    happened: Array


def bin_index(*, probability: ArrayLike, bins: int = 10) -> npt.NDArray[np.intp]:
    """Return the bin, 0 … bins−1, of each probability.

    Raises ValueError for a probability outside 0 to 1, a missing one, or fewer than one bin.

    >>> bin_index(probability=[0.0, 0.3, 0.31, 1.0]).tolist()
    [0, 2, 3, 9]
    """
    if bins < 1:
        raise ValueError(f"bins = {bins} is less than one")
    edges = np.arange(1, bins) / bins
    return np.searchsorted(edges, probabilities(probability), side="left")


def histogram(*, probability: ArrayLike, outcome: ArrayLike, bins: int = 10) -> Histogram:
    """Return how many forecasts fell into each bin, and what became of them.

    Args:
        probability: p of yes, shape (n,), n ≥ 1.
        outcome: 0 or 1, shape (n,).
        bins: how many bins of equal width.

    Raises:
        ValueError: a probability outside 0 to 1, an outcome other than 0 and 1, a missing value, no
            forecast, shapes that differ, or fewer than one bin.

    >>> h = histogram(probability=[0.1, 0.2, 0.9], outcome=[0, 1, 1], bins=2)
    >>> h.count.tolist(), h.happened.tolist()
    ([2, 1], [0.5, 1.0])
    """
    p, o = flat_pair(probability, outcome)
    at = bin_index(probability=p, bins=bins)
    count = np.bincount(at, minlength=bins)
    with np.errstate(invalid="ignore"):
        said = np.bincount(at, p, bins) / count
        happened = np.bincount(at, o, bins) / count
    edges = np.arange(bins + 1) / bins
    return Histogram(edges[:-1], edges[1:], count, said, happened)


def murphy(*, probability: ArrayLike, outcome: ArrayLike, bins: int = 10) -> Murphy:
    """Return the binned decomposition of the Brier score, with the terms that close the sum.

    Bins are represented by their mean forecast. Arguments and errors are those of `histogram`.

    Source: Murphy (1973); Stephenson, Coelho and Jolliffe (2008) for the within-bin terms.

    >>> m = murphy(probability=[0.1, 0.4, 0.35, 0.8, 0.9, 0.65], outcome=[0, 0, 1, 1, 1, 0])
    >>> round(m.miscalibration, 6), round(m.discrimination, 6), m.uncertainty
    (0.085625, 0.166667, 0.25)
    """
    p, o = flat_pair(probability, outcome)
    at = bin_index(probability=p, bins=bins)
    h = histogram(probability=p, outcome=o, bins=bins)
    said, happened, overall = h.forecast[at], h.happened[at], o.mean()
    return Murphy(
        score=float(np.mean((p - o) ** 2)),
        miscalibration=float(np.mean((said - happened) ** 2)),
        discrimination=float(np.mean((happened - overall) ** 2)),
        uncertainty=float(overall * (1 - overall)),
        within_variance=float(np.mean((p - said) ** 2)),
        within_covariance=float(2 * np.mean((o - happened) * (p - said))),
        bins=bins,
    )


def expected_calibration_error(
    *, probability: ArrayLike, outcome: ArrayLike, bins: int = 10
) -> float:
    """Return Σ over bins of their share of forecasts × |mean forecast − share that came true|.

    Lower is better, 0 to 1; biased upward when bins hold few forecasts. Arguments and errors are
    those of `histogram`.

    Source: Naeini, Cooper and Hauskrecht (2015).

    >>> round(expected_calibration_error(probability=[0.2, 0.3, 0.9], outcome=[0, 1, 1]), 6)
    0.333333
    """
    h = histogram(probability=probability, outcome=outcome, bins=bins)
    full = h.count > 0
    gaps = np.abs(h.forecast[full] - h.happened[full])
    return float((h.count[full] * gaps).sum() / h.count.sum())
