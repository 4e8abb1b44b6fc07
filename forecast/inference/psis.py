"""Pareto smoothed importance sampling: weights with a tame tail, and how far to trust them.

Vehtari, Simpson, Gelman, Yao & Gabry (2024), Pareto smoothed importance sampling, JMLR 25;
the tail is fitted as in Zhang & Stephens (2009), Technometrics 51. Written here because importing
ArviZ costs more than fitting a question; the tests hold it to ArviZ's own.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float64]

_FEWEST = 5  # tail points below which no Pareto distribution can be fitted


def smooth(log_weights: Array) -> tuple[Array, float]:
    """Return smoothed weights (n,) that sum to one, and the Pareto shape k-hat of their tail.

    Log weights of −inf are points of no weight. With k-hat above `gates.k_limit(n)` the weights
    have no useful variance and the estimate is not to be trusted; k-hat is infinite where too few
    points carry weight to tell, and 0 where all weigh the same.

    >>> weights, k_hat = smooth(np.zeros(100))
    >>> float(weights[0]), k_hat
    (0.01, 0.0)
    """
    if not np.isfinite(log_weights).any():
        return np.full(len(log_weights), np.nan), math.inf
    logs = log_weights - np.max(log_weights)
    weights = np.exp(logs)
    k_hat = _smooth_tail(weights)
    return weights / weights.sum(), k_hat


def _smooth_tail(weights: Array) -> float:
    """Replace the largest weights in place by quantiles of a fitted Pareto tail; return its k."""
    count = len(weights)
    size = math.floor(min(0.2 * count, 3 * math.sqrt(count)))
    order = np.argsort(weights, kind="stable")
    tail = order[-size:]
    cutoff = float(weights[order[-size - 1]])
    excess = weights[tail] - cutoff
    if excess[-1] <= np.finfo(float).eps:
        return 0.0
    if np.count_nonzero(excess > np.finfo(float).tiny) < _FEWEST:
        return math.inf
    shape, scale = _fit_pareto(excess)
    if math.isfinite(shape):
        levels = (np.arange(size) + 0.5) / size
        weights[tail] = np.minimum(cutoff + _pareto_quantile(levels, shape, scale), 1.0)
    return shape


def _fit_pareto(excess: Array) -> tuple[float, float]:
    """Return shape and scale of a generalized Pareto distribution for sorted `excess`.

    The shape is shrunk towards 0.5 with the weight of ten points, as in the PSIS paper.
    """
    count = len(excess)
    grid = 30 + math.isqrt(count)
    quartile = excess[int(count / 4 + 0.5) - 1]
    if quartile <= excess[0]:
        return math.inf, math.nan  # too many ties for any Pareto distribution
    theta = 1 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))
    theta = theta / (3 * quartile) + 1 / excess[-1]
    shapes = np.log1p(-theta[:, None] * excess).mean(axis=1)
    profile = count * (np.log(-theta / shapes) - shapes - 1)
    posterior = np.exp(profile - profile.max())
    posterior /= posterior.sum()
    posterior[posterior < 10 * np.finfo(float).eps] = 0
    best = float(theta @ (posterior / posterior.sum()))
    shape = float(np.log1p(-best * excess).mean())
    return (count * shape + 10 * 0.5) / (count + 10), -shape / best


def _pareto_quantile(levels: Array, shape: float, scale: float) -> Array:
    if abs(shape) < np.finfo(float).eps:
        return -scale * np.log1p(-levels)
    return scale * np.expm1(-shape * np.log1p(-levels)) / shape
