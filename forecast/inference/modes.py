"""Newton's method from many starts at once: where a posterior peaks, and whether only there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.inference.density import Density

type Array = NDArray[np.float64]

_ITERATIONS = 100
_NEAR_BASE, _AROUND_MODE = 4, 8  # starts of the first and of the second round
_SPREAD = (3.0, 10.0)  # distance of the second round's starts from the mode, in posterior sds
_CONVERGED = 1e-6  # squared Newton decrement: within a thousandth of a posterior sd
_SINGULAR = 1e-13  # ratio of curvatures below which the lesser is rounding
_ROUNDING = 1e-8  # of a curvature, per unit of slope
_SAME = 1e-2  # squared distance, in posterior sds, below which two ends are one mode
_NEGLIGIBLE = 1e-4  # share of the probability below which another mode changes nothing published
_CUTS: Array = 0.125 ** np.arange(16.0)  # of the longest part of a Newton step, the whole first


@dataclass(frozen=True)
class Modes:
    """Where the starts ended.

    `points` (m, dim) are the distinct maxima, best first, `precision` (dim, dim) minus the second
    derivatives at the best, and `stray` how many starts reached no maximum. Maxima that hold less
    than one part in ten thousand of the probability (by Laplace's approximation) are left out.
    """

    points: Array
    precision: Array
    stray: int

    @property
    def root(self) -> Array:
        """A root (dim, dim) of the best maximum's covariance: standard z become z @ root.T."""
        return _covariance_root(self.precision)


def find_modes(density: Density, rng: np.random.Generator) -> Modes:
    """Return the maxima reached from starts around the priors and then around the best maximum."""
    first = _climb(density, _finite(density, _around_start(density, rng), density.start))
    if not first.arrived.any():
        return Modes(np.empty((0, density.dim)), np.empty((0, 0)), len(first.points))
    best = first.best()
    wide = _around_mode(first.points[best], first.precision[best], rng)
    second = _climb(density, _finite(density, wide, first.points[best]))
    return _distinct(_join(first, second))


def starts_near(density: Density, modes: Modes, count: int, rng: np.random.Generator) -> Array:
    """Return `count` starts for chains, two posterior sds or so around each maximum in turn.

    Without a maximum they lie within two units of the model's initial point.
    """
    if not len(modes.points):
        jitter = rng.uniform(-2, 2, size=(count, density.dim))
        return _finite(density, density.start + jitter, density.start)
    anchors = modes.points[np.arange(count) % len(modes.points)]
    jitter = 2 * rng.normal(size=(count, density.dim)) @ modes.root.T
    return _finite(density, anchors + jitter, anchors)


@dataclass(frozen=True)
class _Ends:
    points: Array
    values: Array
    precision: Array
    arrived: NDArray[np.bool_]

    def best(self) -> int:
        return int(np.argmax(np.where(self.arrived, self.values, -np.inf)))


def _join(first: _Ends, second: _Ends) -> _Ends:
    return _Ends(
        np.concatenate([first.points, second.points]),
        np.concatenate([first.values, second.values]),
        np.concatenate([first.precision, second.precision]),
        np.concatenate([first.arrived, second.arrived]),
    )


def _around_start(density: Density, rng: np.random.Generator) -> Array:
    """Return the initial point and starts within two units of it, where Stan begins its chains."""
    jitter = rng.uniform(-2, 2, size=(_NEAR_BASE, density.dim))
    jitter[0] = 0
    return density.start + jitter


def _around_mode(mode: Array, precision: Array, rng: np.random.Generator) -> Array:
    """Return starts several posterior sds from the mode, in opposite pairs of directions."""
    directions = rng.normal(size=(_AROUND_MODE // 2, len(mode)))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    paired = np.concatenate([directions, -directions])
    distance = np.linspace(*_SPREAD, _AROUND_MODE)[:, None]
    starts: Array = mode + distance * paired @ _covariance_root(precision).T
    return starts


def _covariance_root(precision: Array) -> Array:
    inverse: Array = np.linalg.inv(np.linalg.cholesky(precision))
    return inverse.T


def _finite(density: Density, starts: Array, anchor: Array) -> Array:
    """Return the starts, drawn towards `anchor` by halves until their log density is finite."""
    for _ in range(20):
        values, slopes = density.gradient(starts)
        bad = ~(np.isfinite(values) & np.isfinite(slopes).all(axis=1))
        if not bad.any():
            break
        starts = np.where(bad[:, None], (starts + anchor) / 2, starts)
    return starts


def _climb(density: Density, starts: Array) -> _Ends:
    """Return where damped Newton steps lead from each start (n, dim)."""
    points = starts.copy()
    values, slopes = density.gradient(points)
    precision = np.full((*points.shape, points.shape[1]), np.nan)
    arrived = np.zeros(len(points), dtype=bool)
    index = np.flatnonzero(np.isfinite(values) & np.isfinite(slopes).all(axis=1))
    for _ in range(_ITERATIONS):
        if not index.size:
            break
        precision[index] = curvature = -density.hessian(points[index], slopes[index])
        step, axes, size, positive = _newton_steps(curvature, slopes[index])
        done = positive & (size < _CONVERGED)
        arrived[index[done]] = True
        index, step, axes, size = index[~done], step[~done], axes[~done], size[~done]
        if not index.size:
            break
        moved, value, slope = _search(density, points[index], values[index], step, axes, size)
        better = value > values[index]
        index = index[better]
        points[index], values[index], slopes[index] = moved[better], value[better], slope[better]
    return _Ends(points, values, precision, arrived)


def _newton_steps(curvature: Array, slopes: Array) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """Return ascent steps (k, dim), their axes, squared Newton decrements, and where peaks are.

    The parts of a step lie along the axes of curvature, the columns of (k, dim, dim). Where the
    curvature is of the wrong sign a part is turned round, so that each goes up.
    """
    usable = np.isfinite(curvature).all(axis=(1, 2))
    curvature = np.where(usable[:, None, None], curvature, np.eye(curvature.shape[1]))
    roots, axes = np.linalg.eigh(curvature)
    positive = usable & (roots[:, 0] > _SINGULAR * roots[:, -1])
    # Less curvature than this is the rounding of a difference of slopes.
    least = _ROUNDING * np.linalg.norm(slopes, axis=1, keepdims=True) + np.finfo(float).tiny
    size = np.maximum(np.abs(roots), least)
    along = np.einsum("kij,ki->kj", axes, slopes)
    return along / size, axes, (along**2 / size).sum(axis=1), positive


def _search(
    density: Density, points: Array, values: Array, steps: Array, axes: Array, promised: Array
) -> tuple[Array, Array, Array]:
    """Return the best point on the way of each step, with its log density and gradient.

    The whole step is tried first. Where that did not go up by a fifth of what it promised (a
    quadratic would go up by all of it), its longest parts are cut shorter and shorter.
    """
    moved, reached, slopes = _best_of(density, points, steps, axes, _CUTS[:1])
    short = np.flatnonzero(~(reached > values + 0.1 * promised))
    if short.size:
        retried = _best_of(density, points[short], steps[short], axes[short], _CUTS)
        moved[short], reached[short], slopes[short] = retried
    return moved, reached, slopes


def _best_of(
    density: Density, points: Array, steps: Array, axes: Array, cuts: Array
) -> tuple[Array, Array, Array]:
    with np.errstate(invalid="ignore", over="ignore"):
        longest = np.abs(steps).max(axis=1)[:, None, None] * cuts[:, None]
        tried = points[:, None] + np.einsum(
            "kij,kcj->kci", axes, np.clip(steps[:, None], -longest, longest)
        )
    values, slopes = density.gradient(tried.reshape(-1, points.shape[1]))
    slopes = slopes.reshape(tried.shape)
    usable = np.isfinite(tried).all(axis=2) & np.isfinite(slopes).all(axis=2)
    usable &= np.isfinite(values).reshape(usable.shape)
    reached = np.where(usable, values.reshape(usable.shape), -np.inf)
    best = np.argmax(reached, axis=1)
    each = np.arange(len(points))
    return tried[each, best], reached[each, best], slopes[each, best]


def _distinct(ends: _Ends) -> Modes:
    """Return the ends that are maxima of their own and hold probability worth naming."""
    index = np.flatnonzero(ends.arrived)
    index = index[np.argsort(-ends.values[index], kind="stable")]
    mass = np.array([_log_mass(ends, int(i)) for i in index])
    kept: list[int] = []
    for i in index[mass > mass.max() + np.log(_NEGLIGIBLE)]:
        if not any(_together(ends, int(i), j) for j in kept):
            kept.append(int(i))
    stray = len(ends.points) - len(index)
    return Modes(ends.points[kept], ends.precision[kept[0]], stray)


def _log_mass(ends: _Ends, i: int) -> float:
    """Return the log of the probability around an end, by Laplace's approximation, unnormalised."""
    return float(ends.values[i] - np.linalg.slogdet(ends.precision[i])[1] / 2)


def _together(ends: _Ends, i: int, j: int) -> bool:
    apart = ends.points[i] - ends.points[j]
    return bool(apart @ ends.precision[j] @ apart < _SAME)
