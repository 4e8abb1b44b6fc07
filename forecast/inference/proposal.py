"""Where the fast path draws: t variates around each posterior's mode, scaled to its flanks.

Independent split-t variates along the Cholesky directions of a covariance. Each direction has a
scale of its own ahead and behind, wide enough for the posterior's flank there: Geweke (1989),
Bayesian inference in econometric models using Monte Carlo integration, Econometrica 57. The
variates are quasi-random, by scrambled Sobol sequences that depend on a posterior's seed alone.
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

SCRAMBLES = 32  # so many that the error between them is itself known to an eighth
_FLANK: Array = np.arange(1.0, 7.0)  # sds from the mode at which the posterior's fall is measured
_WIDEST = 4.0  # a flank wider than this is no flank but another place
_ADAPT = 10  # effective points a parameter, from which mean and covariance are learned


@dataclass(frozen=True)
class Proposals:
    """The proposal of each posterior: centre (b, dim), root (b, dim, dim), scales (b, 2, dim).

    Scales ahead of and behind the centre are in units of the standard deviations of `root`.
    """

    densities: Densities
    seeds: Sequence[int]
    centre: Array
    root: Array
    scales: Array

    @classmethod
    def around(
        cls, densities: Densities, seeds: Sequence[int], centre: Array, root: Array
    ) -> Proposals:
        """Return proposals with this centre and covariance, as wide as the posteriors there."""
        return cls(densities, seeds, centre, root, _flanks(densities, centre, root))

    def take(self, which: Index) -> Proposals:
        """Return the proposals of some of the posteriors."""
        seeds = [self.seeds[i] for i in which]
        rest = (self.centre[which], self.root[which], self.scales[which])
        return Proposals(self.densities.take(which), seeds, *rest)

    def points(self, start: int, stop: int) -> tuple[Array, Array]:
        """Return points (b, scramble, n, dim) and minus their log densities but a constant."""
        variates = [_variates(seed, self.centre.shape[1], start, stop) for seed in self.seeds]
        standard, minus_log = (np.stack(each) for each in zip(*variates, strict=True))
        ahead, behind = self.scales[:, 0], self.scales[:, 1]
        side = standard > 0
        scale = np.where(side, ahead[:, None, None], behind[:, None, None])
        logs = np.where(side, np.log(ahead)[:, None, None], np.log(behind)[:, None, None])
        moved = (standard * scale).reshape(len(standard), -1, standard.shape[-1])
        points = self.centre[:, None] + moved @ self.root.swapaxes(1, 2)
        return points.reshape(standard.shape), minus_log + logs.sum(axis=-1)

    def adapted(self, points: Array, weights: Array) -> Proposals:
        """Return proposals with the means and covariances of weighted points, where they have one.

        `points` (b, n, dim), `weights` (b, n).
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            effective = 1 / (weights**2).sum(axis=1)
        index = np.flatnonzero(effective > _ADAPT * points.shape[2])
        if not index.size:
            return self
        centre, root, scales = self.centre.copy(), self.root.copy(), self.scales.copy()
        centre[index], root[index] = _moments(points[index], weights[index])
        scales[index] = _flanks(self.densities.take(index), centre[index], root[index])
        return Proposals(self.densities, self.seeds, centre, root, scales)


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


@lru_cache(maxsize=64)  # views of one question and model share their seed
def _variates(seed: int, dim: int, start: int, stop: int) -> _Variates:
    """Return t variates of points `start` … `stop` − 1 of a seed's sequences."""
    return _Variates(*student(_sequences(seed, dim).points(start, stop)))


@lru_cache(maxsize=64)
def _sequences(seed: int, dim: int) -> Sobol:
    return Sobol(dim, np.random.default_rng([seed, dim]), SCRAMBLES)


def student(uniform: Array) -> tuple[Array, Array]:
    """Return the quantiles of Student's t with 8 degrees of freedom at (…, dim) probabilities.

    And minus the log of their joint density (…,), but a constant. Eight degrees give tails heavy
    enough for almost any posterior. With r = 1 − |t|/√(8 + t²), the probability beyond ±|t| is
    35/16·(2r⁴ − 12r⁵/5 + r⁶ − r⁷/7), a polynomial that Newton's method inverts.

    >>> quantile, _ = student(np.array([[0.975]]))
    >>> round(float(quantile[0, 0]), 6)
    2.306004
    """
    beyond = 2 * np.minimum(uniform, 1 - uniform)
    q = np.sqrt(np.sqrt(beyond))
    r = q * (_LEAD + q * (_BEND + q * (1 - _LEAD - _BEND)))  # right at both ends
    for _ in range(3):
        tail = r**4 * (2 + r * (-2.4 + r * (1 - r / 7)))
        r = r - (tail - beyond * 16 / 35) / (r * (2 - r)) ** 3
    spread = r * (2 - r)  # 8/(8 + t²)
    t = np.sign(uniform - 0.5) * (1 - r) * np.sqrt(8 / spread)
    return t, -4.5 * np.log(spread).sum(axis=-1)


_LEAD = (8 / 35) ** 0.25
_BEND = 0.3 * _LEAD**2
