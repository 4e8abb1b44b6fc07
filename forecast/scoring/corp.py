"""CORP: reliability by isotonic regression, with nothing to choose.

Forecasts are recalibrated by the pool-adjacent-violators algorithm (PAV), tied forecasts pooled
first so that the order of rows cannot matter. The mean score is then

    score = miscalibration − discrimination + uncertainty        (MCB − DSC + UNC)

where MCB is what recalibration would gain, DSC what the recalibrated forecasts gain over always
saying the overall frequency, and UNC the score of that frequency. Give one forecast per question,
read at a time fixed before the outcome.

Source: Dimitriadis, Gneiting and Jordan (2021), PNAS 118(8).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from forecast.scoring.arrays import Array, ArrayLike, flat_pair, numbers, probabilities, same_shape
from forecast.scoring.uncertainty import Clusters, number_clusters

type Rule = Literal["brier", "log"]

# SciPy's PAV is some thirty times faster than the loop here, but importing it takes .6 s: only
# beyond this many steps is it worth that.
STEPS_BY_LOOP = 300_000

# A band is drawn at no more places than this, spread evenly over the distinct forecasts.
BAND_PLACES = 501


@dataclass(frozen=True, slots=True, eq=False)
class Reliability:
    """The reliability curve and the decomposition of the mean score.

    Arrays have shape (K,), one entry per distinct forecast in increasing order: `forecast`, the
    `fitted` recalibrated probability, the `weight` of forecasts there and the weight of `events`
    among them. The components are in the score's unit and add up to it:
    `score = miscalibration − discrimination + uncertainty`.
    """

    forecast: Array
    fitted: Array
    weight: Array
    events: Array
    score: float
    miscalibration: float
    discrimination: float
    uncertainty: float
    count: int

    def recalibrated(self, probability: ArrayLike) -> Array:
        """Return the fitted curve at any probabilities, straight between the distinct forecasts.

        Fitted and used on the same questions it flatters: use it out of sample.
        """
        return np.asarray(np.interp(probabilities(probability), self.forecast, self.fitted))


@dataclass(frozen=True, slots=True, eq=False)
class Consistency:
    """What a perfectly calibrated forecaster saying the same would show.

    Pointwise limits `low` and `high` of the reliability curve at each `forecast` (at most 501 of
    the distinct ones), the mean miscalibration `expected` of such a forecaster, and the `p_value`:
    how often luck alone shows at least the miscalibration seen. At the outermost forecasts, where a
    single answer decides the curve, the limits may leave the diagonal.
    """

    forecast: Array
    low: Array
    high: Array
    level: float
    expected: float
    p_value: float
    resamples: int


def reliability(
    *,
    probability: ArrayLike,
    outcome: ArrayLike,
    weight: ArrayLike | None = None,
    score: Rule = "brier",
) -> Reliability:
    """Return the CORP reliability curve and decomposition.

    Lower miscalibration and higher discrimination are better; both are ≥ 0. Under the log score a 0
    or 1 that was wrong makes score and miscalibration infinite; nothing is clipped.

    Args:
        probability: p of yes, shape (n,), n ≥ 1.
        outcome: 0 or 1, shape (n,).
        weight: ≥ 0, shape (n,), not all zero; None weighs all alike. Rows of a path weigh
            `Path.weights`, never 1 / the realised duration.
        score: `brier` ((p − o)²) or `log` (nats).

    Raises:
        ValueError: a probability outside 0 to 1, an outcome other than 0 and 1, a weight below 0,
            a missing value, no forecast, or shapes that differ.

    >>> r = reliability(probability=[0.1, 0.4, 0.35, 0.8, 0.9, 0.65], outcome=[0, 0, 1, 1, 1, 0])
    >>> round(r.miscalibration, 6), round(r.discrimination, 6), r.uncertainty
    (0.066389, 0.138889, 0.25)
    """
    p, o = flat_pair(probability, outcome)
    w = np.ones(p.shape) if weight is None else _weights(weight, p)
    said, events, weights = _pooled(p, o, w)
    fitted = np.asarray(_fitter(said.size)(events, weights))
    total = weights.sum()
    mean, recalibrated, overall = (
        _mean_score(score, value, events, weights) for value in (said, fitted, events.sum() / total)
    )
    return Reliability(
        forecast=said,
        fitted=fitted,
        weight=weights,
        events=events,
        score=mean,
        miscalibration=max(0.0, mean - recalibrated),
        discrimination=max(0.0, overall - recalibrated),
        uncertainty=overall,
        count=p.size,
    )


def consistency(
    *,
    probability: ArrayLike,
    outcome: ArrayLike,
    cluster: Clusters = None,
    score: Rule = "brier",
    level: float = 0.9,
    resamples: int = 1000,
    seed: int = 0,
) -> Consistency:
    """Return the consistency band and a test of calibration, by resampling.

    Outcomes are drawn anew from the forecasts themselves and PAV is refitted. Valid for forecasts
    read at times fixed before the outcome. Within a cluster all outcomes hang on one uniform draw U
    (yes where U < p), which is exact for the rungs of one ladder and cautious elsewhere.

    Args:
        probability: p of yes, shape (n,), n ≥ 1.
        outcome: 0 or 1, shape (n,).
        cluster: n labels; None when every question stands alone.
        score: `brier` or `log`, for the miscalibration.
        level: the share of resampled curves between `low` and `high` at each forecast.
        resamples: how often outcomes are drawn.
        seed: of the draws.

    Returns:
        The band, the mean miscalibration of a calibrated forecaster, and the p-value
        (1 + resamples with at least the miscalibration seen) / (1 + resamples).

    Raises:
        ValueError: as `reliability`, a level outside 0 to 1, or fewer than one resample.

    >>> c = consistency(probability=[0.2] * 10, outcome=[1, 1, 1, 1, 1, 0, 0, 0, 0, 0])
    >>> round(float(c.low[0]), 6), round(float(c.high[0]), 6), c.p_value < 0.06
    (0.0, 0.4, True)
    """
    if not 0 < level < 1:
        raise ValueError(f"level = {level:g} lies outside 0 to 1")
    if resamples < 1:
        raise ValueError(f"resamples = {resamples} is less than one")
    p, o = flat_pair(probability, outcome)
    said, events, weights = _pooled(p, o, np.ones(p.shape))
    fit = _fitter(said.size * resamples)
    seen = _miscalibration(score, said, np.asarray(fit(events, weights)), events, weights)
    at = _places(said.size)
    curves, gains = np.empty((resamples, at.size)), np.empty(resamples)
    draws = _redrawn(p, said, weights, cluster, np.random.default_rng(seed))
    for i, redrawn in zip(range(resamples), draws, strict=False):
        fitted = np.asarray(fit(redrawn, weights))
        curves[i] = fitted[at]
        gains[i] = _miscalibration(score, said, fitted, redrawn, weights)
    low, high = np.quantile(curves, [(1 - level) / 2, (1 + level) / 2], axis=0)
    beyond = int((gains >= seen - 1e-12).sum())
    return Consistency(
        forecast=said[at],
        low=low,
        high=high,
        level=level,
        expected=float(gains.mean()),
        p_value=(1 + beyond) / (1 + resamples),
        resamples=resamples,
    )


def _places(count: int) -> npt.NDArray[np.intp]:
    """Return the indices, first and last among them, at which the band is drawn."""
    return np.linspace(0, count - 1, min(count, BAND_PLACES)).round().astype(np.intp)


def _weights(weight: ArrayLike, p: Array) -> Array:
    w = numbers(weight, "weight")
    same_shape(probability=p, weight=w)
    if not w.ndim or (w < 0).any() or not np.isfinite(w).all() or not w.any():
        raise ValueError("weights must be n finite numbers from 0 up, not all zero")
    return w


def _pooled(p: Array, o: Array, w: Array) -> tuple[Array, Array, Array]:
    """Return the distinct forecasts in order, with the weight of events and of all at each."""
    if not w.all():
        kept = w > 0
        p, o, w = p[kept], o[kept], w[kept]
    order = np.argsort(p)
    ordered, events, weights = p[order], (w * o)[order], w[order]
    changes = ordered[1:] != ordered[:-1]
    if changes.all():
        return ordered, events, weights
    first = np.flatnonzero(np.append(True, changes))
    return ordered[first], np.add.reduceat(events, first), np.add.reduceat(weights, first)


def _mean_score(score: Rule, said: Array | float, events: Array, weights: Array) -> float:
    """Return the weighted mean score of saying `said`; 0·∞ counts as 0."""
    others = weights - events
    if score == "brier":
        total = events * (1 - said) ** 2 + others * np.square(said)
    else:
        total = _times_surprise(events, said) + _times_surprise(others, 1 - said)
    return float(total.sum() / weights.sum())


def _times_surprise(weight: Array, p: Array | float) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(weight > 0, weight * np.abs(np.log(p)), 0.0)


def _miscalibration(
    score: Rule, said: Array, fitted: Array, events: Array, weights: Array
) -> float:
    return _mean_score(score, said, events, weights) - _mean_score(score, fitted, events, weights)


def _redrawn(
    p: Array, said: Array, weights: Array, cluster: Clusters, rng: np.random.Generator
) -> Iterator[Array]:
    """Yield, without end, numbers of events at each distinct forecast if all were calibrated."""
    if cluster is None:
        counts = weights.astype(np.int64)
        while True:
            yield rng.binomial(counts, said).astype(np.float64)
    labels = number_clusters(cluster, p.size)
    place = np.searchsorted(said, p)
    while True:
        luck = rng.random(int(labels.max()) + 1)[labels]
        yield np.bincount(place, luck < p, minlength=said.size)


def _fitter(steps: int) -> Callable[[Array, Array], Array | list[float]]:
    """Return the PAV that is cheaper for that many steps in all; both give the same fit."""
    return _pav_by_loop if steps <= STEPS_BY_LOOP else _pav_by_scipy


def _pav_by_scipy(events: Array, weights: Array) -> Array:
    from scipy.optimize import isotonic_regression

    return np.clip(isotonic_regression(events / weights, weights=weights).x, 0, 1)


def _pav_by_loop(events: Array, weights: Array) -> list[float]:
    """Return the increasing fit to events / weights: a block merges with earlier, higher ones."""
    blocks: list[tuple[float, float, int]] = []
    for happened, weight in zip(events.tolist(), weights.tolist(), strict=True):
        size = 1
        while blocks and blocks[-1][0] * weight >= happened * blocks[-1][1]:
            before, among, length = blocks.pop()
            happened, weight, size = happened + before, weight + among, size + length
        blocks.append((happened, weight, size))
    return [happened / weight for happened, weight, size in blocks for _ in range(size)]
