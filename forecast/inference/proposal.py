"""Where the fast path draws: heavy-tailed variates around each posterior's mode.

Independent variates along the Cholesky directions of a covariance. Each direction has a scale of
its own ahead and behind, wide enough for the posterior's flank there: Geweke (1989), Bayesian
inference in econometric models using Monte Carlo integration, Econometrica 57. He splits Student's
t, we the sinh of a normal variate, whose tails are as heavy as asked for and which costs nothing to
invert: Jones & Pewsey (2009), Sinh-arcsinh distributions, Biometrika 96. The variates are
quasi-random, by scrambled Sobol sequences that depend on a posterior's seed alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.inference.density import Densities, Index
from forecast.sobol import Sobol

type Array = NDArray[np.float64]

_KINDS = 16  # of sequences: to make one costs as much as to weigh its points
LIGHT, HEAVY = 0.2, 0.5  # tails about as heavy as those of t with 30, and with 8 degrees of freedom
SCRAMBLES = 32  # so many that the error between them is itself known to an eighth
_FLANK: Array = np.arange(1.0, 7.0)  # sds from the mode at which the posterior's fall is measured
_WIDEST = 4.0  # a flank wider than this is no flank but another place
_ADAPT = 10  # effective points a parameter, from which mean and covariance are learned


@dataclass(frozen=True)
class Proposals:
    """The proposal of each posterior: centre (b, dim), root (b, dim, dim), scales (b, 2, dim).

    Scales ahead of and behind the centre are in units of the standard deviations of `root`, `tail`
    is that of `variates`.
    """

    densities: Densities
    seeds: Sequence[int]
    centre: Array
    root: Array
    scales: Array
    tail: float = LIGHT

    @classmethod
    def around(
        cls, densities: Densities, seeds: Sequence[int], centre: Array, root: Array
    ) -> Proposals:
        """Return proposals with this centre and covariance, as wide as the posteriors there."""
        return cls(densities, seeds, centre, root, _flanks(densities, centre, root))

    def take(self, which: Index) -> Proposals:
        """Return the proposals of some of the posteriors."""
        seeds = [self.seeds[i] for i in which]
        rest = (self.centre[which], self.root[which], self.scales[which], self.tail)
        return Proposals(self.densities.take(which), seeds, *rest)

    def points(self, start: int, stop: int) -> tuple[Array, Array]:
        """Return points (b, scramble, n, dim) and minus their log densities but a constant."""
        asked = (self.tail, self.centre.shape[1], start, stop)
        variates = [_variates(seed % _KINDS, *asked) for seed in self.seeds]
        standard, minus_log = (np.stack(each) for each in zip(*variates, strict=True))
        flat = standard.reshape(len(standard), -1, standard.shape[-1])
        ahead, behind = self.scales.swapaxes(0, 1)[:, :, None]
        side = (flat > 0).astype(float)
        moved = flat * (behind + side * (ahead - behind))
        points = self.centre[:, None] + moved @ self.root.swapaxes(1, 2)
        logs = np.log(behind).sum(axis=2) + (side @ np.log(ahead / behind).swapaxes(1, 2))[..., 0]
        return points.reshape(standard.shape), minus_log + logs.reshape(minus_log.shape)

    def adapted(self, points: Array, weights: Array) -> Proposals:
        """Return proposals with the means and covariances of weighted points, where they have one.

        `points` (b, n, dim), `weights` (b, n).
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            effective = 1 / (weights**2).sum(axis=1)
        index = np.flatnonzero(effective > _ADAPT * points.shape[2])
        centre, root, scales = self.centre.copy(), self.root.copy(), self.scales.copy()
        if index.size:
            centre[index], root[index] = _moments(points[index], weights[index])
            scales[index] = _flanks(self.densities.take(index), centre[index], root[index])
        return Proposals(self.densities, self.seeds, centre, root, scales, self.tail)


def _moments(points: Array, weights: Array) -> tuple[Array, Array]:
    """Return the mean (b, dim) and a root (b, dim, dim) of the covariance of weighted points."""
    mean = (weights[:, None] @ points)[:, 0]
    apart = points - mean[:, None]
    covariance = (weights[:, :, None] * apart).swapaxes(1, 2) @ apart
    return mean, np.linalg.cholesky(covariance)


def _flanks(densities: Densities, centre: Array, root: Array) -> Array:
    """Return scales (b, 2, dim) ahead of and behind the centre, in units of the root's sds.

    A scale is the largest at which a normal density would have fallen as far as the posterior has,
    one to six sds out.
    """
    count, dim = centre.shape
    out = np.outer([1.0, -1.0], _FLANK).ravel()
    steps = out[:, None, None] * root.swapaxes(1, 2)[:, None]
    points = np.concatenate([centre[:, None], centre[:, None] + steps.reshape(count, -1, dim)], 1)
    values, _ = densities.weigh(points)
    fall = np.maximum(values[:, :1] - values[:, 1:], 0).reshape(count, 2, len(_FLANK), dim)
    with np.errstate(divide="ignore", invalid="ignore"):
        scales = _FLANK[:, None] / np.sqrt(2 * fall)
    return np.clip(np.nan_to_num(scales, nan=0.0, posinf=0.0).max(axis=2), 1.0, _WIDEST)


class _Variates(NamedTuple):
    standard: Array  # (scramble, n, dim)
    minus_log: Array  # (scramble, n)


@lru_cache(maxsize=64)
def _variates(kind: int, tail: float, dim: int, start: int, stop: int) -> _Variates:
    """Return variates of points `start` … `stop` − 1 of the sequences of a kind."""
    return _Variates(*variates(_sequences(kind, dim).points(start, stop), tail))


@lru_cache(maxsize=64)
def _sequences(kind: int, dim: int) -> Sobol:
    return Sobol(dim, np.random.default_rng([kind, dim]), SCRAMBLES)


def variates(uniform: Array, tail: float) -> tuple[Array, Array]:
    """Return sinh(tail·z)/tail, with z the normal quantiles of (…, dim) probabilities.

    And minus the log of their joint density (…,), but a constant. `tail` is above 0.

    >>> points, minus_log = variates(np.array([[0.5, 0.975]]), 0.2)
    >>> points.round(4).tolist(), minus_log.round(4).tolist()
    ([[0.0, 2.0105]], [1.9957])
    """
    from scipy.special import ndtri

    z = ndtri(uniform)
    return np.sinh(tail * z) / tail, (z**2 / 2 + np.log(np.cosh(tail * z))).sum(axis=-1)
