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


def smooth(log_weights: Array) -> tuple[Array, Array]:
    """Return smoothed weights (b, n), each row summing to one, and the k-hat (b,) of their tails.

    k-hat is the Pareto shape of a row's largest weights. Log weights of −inf are points of no
    weight. With k-hat above `gates.k_limit(n)` the weights have no useful variance and the estimate
    is not to be trusted; k-hat is infinite where too few points carry weight to tell, 0 where all
    weigh the same, and NaN where a log weight is NaN or infinitely large. There, and where no point
    has any weight, the weights are NaN.

    >>> weights, k_hat = smooth(np.zeros((1, 100)))
    >>> float(weights[0, 0]), float(k_hat[0])
    (0.01, 0.0)
    """
    top = log_weights.max(axis=1, keepdims=True)  # NaN where any is
    with np.errstate(invalid="ignore"):
        weights = np.exp(log_weights - top)
    k_hat = np.where(np.isneginf(top[:, 0]), math.inf, np.nan)
    sound = np.flatnonzero(np.isfinite(top[:, 0]))
    if sound.size:
        weights[sound], k_hat[sound] = _smooth_tails(weights[sound])
        weights[sound] /= weights[sound].sum(axis=1, keepdims=True)
    return weights, k_hat


def _smooth_tails(weights: Array) -> tuple[Array, Array]:
    """Return weights with the largest of each row replaced by quantiles of a Pareto tail; and k."""
    count = weights.shape[1]
    size = math.floor(min(0.2 * count, 3 * math.sqrt(count)))
    order = np.argsort(weights, axis=1, kind="stable")
    tail = order[:, -size:]
    cutoff = np.take_along_axis(weights, order[:, -size - 1][:, None], axis=1)
    excess = np.take_along_axis(weights, tail, axis=1) - cutoff
    level = excess[:, -1] <= np.finfo(float).eps
    few = np.count_nonzero(excess > np.finfo(float).tiny, axis=1) < _FEWEST
    tied = excess[:, _quartile(size)] <= excess[:, 0]  # too many ties for any Pareto distribution
    k_hat = np.where(level, 0.0, math.inf)
    fits = np.flatnonzero(~(level | few | tied))
    if fits.size:
        k_hat[fits], scale = _fit_pareto(excess[fits])
        levels = (np.arange(size) + 0.5) / size
        smoothed = cutoff[fits] + _pareto_quantile(levels, k_hat[fits][:, None], scale[:, None])
        weights[fits[:, None], tail[fits]] = np.minimum(smoothed, 1.0)
    return weights, k_hat


def _quartile(count: int) -> int:
    return int(count / 4 + 0.5) - 1


def _fit_pareto(excess: Array) -> tuple[Array, Array]:
    """Return shape and scale of a generalized Pareto distribution for each sorted row (b, n).

    The shape is shrunk towards 0.5 with the weight of ten points, as in the PSIS paper.
    """
    count = excess.shape[1]
    grid = 30 + math.isqrt(count)
    theta = 1 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))
    theta = theta / (3 * excess[:, _quartile(count)][:, None]) + 1 / excess[:, -1:]
    shapes = np.log1p(-theta[:, :, None] * excess[:, None]).mean(axis=2)
    profile = count * (np.log(-theta / shapes) - shapes - 1)
    posterior = np.exp(profile - profile.max(axis=1, keepdims=True))
    posterior /= posterior.sum(axis=1, keepdims=True)
    posterior[posterior < 10 * np.finfo(float).eps] = 0
    best = (theta * posterior).sum(axis=1) / posterior.sum(axis=1)
    shape = np.log1p(-best[:, None] * excess).mean(axis=1)
    return (count * shape + 10 * 0.5) / (count + 10), -shape / best


def _pareto_quantile(levels: Array, shape: Array, scale: Array) -> Array:
    straight = np.abs(shape) < np.finfo(float).eps
    shape = np.where(straight, 1.0, shape)
    exceeded = np.where(straight, -np.log1p(-levels), np.expm1(-shape * np.log1p(-levels)) / shape)
    return np.asarray(scale * exceeded)
