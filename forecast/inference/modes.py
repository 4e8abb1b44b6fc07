"""Newton's method from many starts at once: where posteriors peak, and whether only there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from forecast.inference.density import Densities, Index

type Array = NDArray[np.float64]

_ITERATIONS = 100
USUAL: tuple[float, ...] = (2.0,) * 3
"""How far from the initial point the first starts are drawn, one entry each: 2 is as in Stan."""
THOROUGH = (2.0,) * 16 + (8.0,) * 8 + (32.0,) * 8
_AROUND_MODE = 8  # starts of the second round
_SPREAD = (3.0, 10.0)  # distance of the second round's starts from the mode, in posterior sds
_CONVERGED = 1e-6  # squared Newton decrement: within a thousandth of a posterior sd
_SINGULAR = 1e-13  # ratio of curvatures below which the lesser is rounding
_ROUNDING = 1e-8  # of a curvature, per unit of slope
_SAME = 0.1  # squared distance, in posterior sds, below which two ends are one mode
_NEGLIGIBLE = 1e-4  # share of the probability below which another mode changes nothing published
_CUTS: Array = 0.125 ** np.arange(16.0)  # of the longest part of a Newton step, the whole first


@dataclass(frozen=True)
class Modes:
    """Where the starts of one posterior ended.

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
        return covariance_root(self.precision)


def find_modes(
    densities: Densities,
    streams: Sequence[np.random.Generator],
    reaches: Sequence[float] = USUAL,
) -> list[Modes]:
    """Return the maxima of each posterior, from starts around its prior and then around the best.

    `streams` holds a source of random numbers for each, `reaches` says how far the first starts go.
    """
    start = densities.start
    near = np.stack([_near(x, reaches, rng) for x, rng in zip(start, streams, strict=True)])
    first = _climb(densities, start[:, None], start)
    first = first.joined(_climb(densities, near, start, first.peaks()))
    found = [_nowhere(densities.dim, 1 + near.shape[1]) for _ in streams]
    who = np.flatnonzero(first.arrived.any(axis=1))
    if not who.size:
        return found
    first = first.take(who)
    peaks = first.peaks()
    rngs = [streams[i] for i in who.tolist()]
    far = np.stack([_far(*each) for each in zip(peaks.points, peaks.precision, rngs, strict=True)])
    ends = first.joined(_climb(densities.take(who), far, peaks.points, peaks))
    for row, i in enumerate(who.tolist()):
        found[i] = _distinct(ends.take(np.array([row])))
    return found


def starts_near(densities: Densities, modes: Modes, count: int, rng: np.random.Generator) -> Array:
    """Return `count` starts for chains, two posterior sds or so around each maximum in turn.

    Without a maximum they lie within two units of the model's initial point. `densities` holds the
    one posterior that is to be sampled.
    """
    if not len(modes.points):
        jitter = rng.uniform(-2, 2, size=(1, count, densities.dim))
        starts = _finite(densities, densities.start[:, None] + jitter, densities.start)[0]
        return np.asarray(starts[0])
    anchors = modes.points[np.arange(count) % len(modes.points)]
    jitter = 2 * rng.normal(size=(count, densities.dim)) @ modes.root.T
    starts = _finite(densities, (anchors + jitter)[None], modes.points[:1])[0]
    return np.asarray(starts[0])


@dataclass(frozen=True)
class _Ends:
    """Where climbs ended: points (b, s, dim), and whether each arrived at a maximum."""

    points: Array
    values: Array
    precision: Array
    arrived: NDArray[np.bool_]

    def take(self, which: Index) -> _Ends:
        return _Ends(
            self.points[which], self.values[which], self.precision[which], self.arrived[which]
        )

    def joined(self, more: _Ends) -> _Ends:
        return _Ends(
            np.concatenate([self.points, more.points], axis=1),
            np.concatenate([self.values, more.values], axis=1),
            np.concatenate([self.precision, more.precision], axis=1),
            np.concatenate([self.arrived, more.arrived], axis=1),
        )

    def peaks(self) -> _Peaks:
        """Return each posterior's highest maximum so far."""
        highest = np.argmax(np.where(self.arrived, self.values, -np.inf), axis=1)
        each = np.arange(len(highest))
        precision = self.precision[each, highest]
        precision[~self.arrived[each, highest]] = np.nan
        return _Peaks(self.points[each, highest], self.values[each, highest], precision)


class _Peaks(NamedTuple):
    """A maximum of each posterior, (b, dim), (b,) and (b, dim, dim); NaN precision where none."""

    points: Array
    values: Array
    precision: Array

    def reached(self, owner: Index, points: Array) -> NDArray[np.bool_]:
        """Whether points (k, dim) of posteriors `owner` are so near that they can be no other."""
        apart = points - self.points[owner]
        square = np.einsum("ki,kij,kj->k", apart, self.precision[owner], apart)
        return np.asarray(square < _SAME)


def _nowhere(dim: int, starts: int) -> Modes:
    return Modes(np.empty((0, dim)), np.empty((0, 0)), starts)


def _near(start: Array, reaches: Sequence[float], rng: np.random.Generator) -> Array:
    """Return a start within each of the reaches of the initial point."""
    unit = rng.uniform(-1, 1, size=(len(reaches), len(start)))
    return start + np.array(reaches)[:, None] * unit


def _far(mode: Array, precision: Array, rng: np.random.Generator) -> Array:
    """Return starts several posterior sds from the mode, in opposite pairs of directions."""
    directions = rng.normal(size=(_AROUND_MODE // 2, len(mode)))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    paired = np.concatenate([directions, -directions])
    distance = np.linspace(*_SPREAD, _AROUND_MODE)[:, None]
    starts: Array = mode + distance * paired @ covariance_root(precision).T
    return starts


def covariance_root(precision: Array) -> Array:
    """Return a root (…, dim, dim) of the inverse of precisions (…, dim, dim)."""
    inverse: Array = np.linalg.inv(np.linalg.cholesky(precision))
    return inverse.swapaxes(-1, -2)


def _finite(densities: Densities, starts: Array, anchor: Array) -> tuple[Array, Array, Array]:
    """Return starts (b, s, dim) drawn towards `anchor` (b, dim) by halves until they are possible.

    With their log densities (b, s) and gradients (b, s, dim).
    """
    starts = starts.copy()
    values, slopes = densities.gradient(starts)
    for _ in range(20):
        row, column = np.nonzero(~_possible(values, slopes))
        if not row.size:
            break
        nearer = (starts[row, column] + anchor[row]) / 2
        value, slope = densities.scattered(row, nearer[:, None])
        starts[row, column], values[row, column], slopes[row, column] = (
            nearer,
            value[:, 0],
            slope[:, 0],
        )
    return starts, values, slopes


def _possible(values: Array, slopes: Array) -> NDArray[np.bool_]:
    return np.asarray(np.isfinite(values) & np.isfinite(slopes).all(axis=-1))


def _climb(
    densities: Densities, starts: Array, anchor: Array, peaks: _Peaks | None = None
) -> _Ends:
    """Return where damped Newton steps lead from each start (b, s, dim).

    A climb that comes near one of the `peaks` found before ends there.
    """
    shape, dim = starts.shape[:2], starts.shape[2]
    flat = [x.reshape(-1, *x.shape[2:]) for x in _finite(densities, starts, anchor)]
    points, values, slopes = flat
    owner = np.repeat(np.arange(shape[0]), shape[1])
    precision = np.full((len(points), dim, dim), np.nan)
    arrived = np.zeros(len(points), dtype=bool)
    index = np.flatnonzero(_possible(values, slopes))
    for _ in range(_ITERATIONS):
        if not index.size:
            break
        curvature = -densities.hessian(owner[index], points[index], slopes[index])
        precision[index] = curvature
        step, axes, size, positive = _newton_steps(curvature, slopes[index])
        done = positive & (size < _CONVERGED)
        arrived[index[done]] = True
        index, step, axes, size = index[~done], step[~done], axes[~done], size[~done]
        if not index.size:
            break
        moved, value, slope = _search(
            densities, owner[index], points[index], values[index], step, axes, size / 2
        )
        better = value > values[index]
        index = index[better]
        points[index], values[index], slopes[index] = moved[better], value[better], slope[better]
        if peaks is not None:
            there = peaks.reached(owner[index], points[index])
            known, index = index[there], index[~there]
            points[known], values[known], precision[known] = (x[owner[known]] for x in peaks)
            arrived[known] = True
    return _Ends(
        points.reshape(*shape, dim),
        values.reshape(shape),
        precision.reshape(*shape, dim, dim),
        arrived.reshape(shape),
    )


@np.errstate(over="ignore", invalid="ignore")  # far out, where no step is taken
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
    densities: Densities,
    owner: Index,
    points: Array,
    values: Array,
    steps: Array,
    axes: Array,
    promised: Array,
) -> tuple[Array, Array, Array]:
    """Return the best point on the way of each step, with its log density and gradient.

    The whole step is tried first. Where that did not go up by a fifth of what it promised (a
    quadratic would go up by all of it), its longest parts are cut shorter and shorter.
    """
    moved, reached, slopes = _best_of(densities, owner, points, steps, axes, _CUTS[:1])
    short = np.flatnonzero(~(reached > values + 0.2 * promised))
    if short.size:
        retried = _best_of(densities, owner[short], points[short], steps[short], axes[short], _CUTS)
        moved[short], reached[short], slopes[short] = retried
    return moved, reached, slopes


def _best_of(
    densities: Densities, owner: Index, points: Array, steps: Array, axes: Array, cuts: Array
) -> tuple[Array, Array, Array]:
    with np.errstate(invalid="ignore", over="ignore"):
        longest = np.abs(steps).max(axis=1)[:, None, None] * cuts[:, None]
        tried = points[:, None] + np.einsum(
            "kij,kcj->kci", axes, np.clip(steps[:, None], -longest, longest)
        )
    values, slopes = densities.scattered(owner, tried)
    usable = np.isfinite(tried).all(axis=2) & _possible(values, slopes)
    reached = np.where(usable, values, -np.inf)
    best = np.argmax(reached, axis=1)
    each = np.arange(len(points))
    return tried[each, best], reached[each, best], slopes[each, best]


def _distinct(ends: _Ends) -> Modes:
    """Return the ends of one posterior that are maxima of their own and hold probability."""
    index = np.flatnonzero(ends.arrived[0])
    points, values, precision = (x[0][index] for x in (ends.points, ends.values, ends.precision))
    # The log of the probability around each, by Laplace's approximation, unnormalised.
    mass = values - np.linalg.slogdet(precision)[1] / 2
    kept: list[int] = []
    for i in np.argsort(-values, kind="stable"):
        negligible = mass[i] <= mass.max() + np.log(_NEGLIGIBLE)
        if not negligible and not any(_same(points[i], points[j], precision[j]) for j in kept):
            kept.append(int(i))
    stray = ends.arrived.shape[1] - len(index)
    return Modes(points[kept], precision[kept[0]], stray)


def _same(one: Array, other: Array, precision: Array) -> bool:
    apart = one - other
    return bool(apart @ precision @ apart < _SAME)
