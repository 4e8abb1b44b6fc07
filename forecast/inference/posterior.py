"""What a fit gives back: weighted points, the estimate with its error, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float64]

JUDGED_AT = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Where a predictive distribution is judged: the Monte Carlo error of its CDF at these levels."""

PROBABILITY = "p"
"""The output that holds probabilities; any other holds predictive draws, one row a parameter."""


_DRAWS = 4096  # equally weighted, resampled from weighted points: more round the weights less


@dataclass(frozen=True)
class Posterior:
    """The posterior of one model, refused or not: `gates["verdict"]` says which.

    Attributes:
        sampler: `fast`, `nuts`, `exact` (no free parameters) or `none` (no density to sample).
        output: name of the output among the points.
        points: by name, each (point, …): the free parameters and the outputs.
        weights: of the points, summing to one; None where all weigh the same.
        mean: the posterior mean of the output.
        mcse: its Monte Carlo error, in probability: an entry for each of `mean`, or for predictive
            draws that of their CDF at `JUDGED_AT`.
        gates: diagnostics with `verdict` and `reasons`, JSON-able.
        seed: of the draws.
    """

    sampler: str
    output: str
    points: dict[str, Array] = field(repr=False)
    weights: Array | None = field(repr=False)
    mean: Array
    mcse: Array
    gates: dict[str, Any]
    seed: int = 0

    @property
    def verdict(self) -> str:
        """Whether to publish, warn or refuse."""
        return str(self.gates["verdict"])

    @cached_property
    def draws(self) -> Mapping[str, Array]:
        """Equally weighted draws by name, each (draw, …).

        Points of the fast path appear as often as their weight asks.
        """
        return self.points if self.weights is None else Draws(self.points, self.weights, self.seed)

    def expectation(self, name: str) -> Array:
        """Return the posterior mean of a variable, in its shape."""
        values = self.points[name]
        if self.weights is None:
            return np.asarray(values.mean(axis=0))
        return np.tensordot(self.weights, values, axes=1)

    def interval(self, prob: float = 0.9) -> tuple[Array, Array]:
        """Return the central interval of the output, each end of the output's shape."""
        tails = (1 - prob) / 2
        values = self.points[self.output]
        if not len(values) or (self.weights is not None and np.isnan(self.weights).any()):
            return np.full_like(self.mean, np.nan), np.full_like(self.mean, np.nan)
        low, high = _quantiles(values, self.weights, (tails, 1 - tails))
        return low, high

    def pooled(self, levels: Sequence[float]) -> Array:
        """Return the quantiles at `levels` of predictive draws, all of them together."""
        rows = self.points[self.output].reshape(len(self.points[self.output]), -1)
        weights = np.full(len(rows), 1 / len(rows)) if self.weights is None else self.weights
        return _pooled(rows, weights, levels)

    def summary(self) -> dict[str, Any]:
        """Return estimate, error, 90% interval and gates as JSON values; NaN becomes None."""
        low, high = self.interval()
        return {
            "sampler": self.sampler,
            "output": self.output,
            "mean": _plain(self.mean),
            "mcse": _plain(self.mcse),
            "interval": [_plain(low), _plain(high)],
            "gates": self.gates,
        }

    def tree(self) -> Any:
        """Return the draws as an ArviZ DataTree with one chain."""
        from arviz_base import from_dict

        return from_dict({"posterior": {name: d[None] for name, d in self.draws.items()}})


@dataclass(frozen=True)
class Draws(Mapping[str, Array]):
    """Points by name as often as their weight asks, chosen once one of them is asked for."""

    points: dict[str, Array] = field(repr=False)
    weights: Array = field(repr=False)
    seed: int

    @cached_property
    def _chosen(self) -> NDArray[np.intp]:
        return _resample(self.weights, np.random.default_rng(self.seed))

    def __getitem__(self, name: str) -> Array:
        return self.points[name][self._chosen]

    def __iter__(self) -> Iterator[str]:
        return iter(self.points)

    def __len__(self) -> int:
        return len(self.points)


def refusal(sampler: str, output: str, gates: dict[str, Any]) -> Posterior:
    """Return the posterior of a model that gave no draws."""
    nothing = np.full((), np.nan)
    return Posterior(sampler, output, {output: np.empty(0)}, None, nothing, nothing, gates)


def judged(name: str, values: Array, weights: Array) -> Array:
    """Return what the Monte Carlo error of an output is measured on, (draw, k) probabilities.

    Probabilities are judged as they are; predictive draws (draw, path) by the share of each row
    below the quantiles of all.
    """
    if name == PROBABILITY:
        return values.reshape(len(values), -1)
    rows = values.reshape(len(values), -1)
    points = _pooled(rows, weights, JUDGED_AT)
    return np.stack([(rows <= point).mean(axis=1) for point in points], axis=1)


def outside(name: str, values: Array) -> float:
    """Return how far an output strays from what it may be: 0 to 1 for probabilities."""
    if name != PROBABILITY or not values.size:
        return 0.0
    return float(np.maximum(-values, values - 1).max(initial=0.0))


def by_entry(output: str, error: Array, mean: Array) -> Array:
    """Return errors of judged probabilities in the shape in which a posterior states them."""
    return error.reshape(mean.shape) if output == PROBABILITY else error


def _pooled(rows: Array, weights: Array, levels: Sequence[float]) -> Array:
    """Return the quantiles of predictive draws (draw, path), all paths together."""
    order = np.argsort(rows, axis=None)
    share = np.cumsum(np.repeat(weights / rows.shape[1], rows.shape[1])[order])
    index = np.searchsorted(share / share[-1], levels)
    return rows.ravel()[order][np.minimum(index, order.size - 1)]


def _quantiles(values: Array, weights: Array | None, levels: Sequence[float]) -> Array:
    """Return quantiles (level, …) of weighted values (point, …), between points linearly."""
    if weights is None:
        return np.asarray(np.quantile(values, levels, axis=0))
    columns = values.reshape(len(values), -1)
    order = np.argsort(columns, axis=0)
    share = np.cumsum(weights[order], axis=0) - weights[order] / 2
    ordered = np.take_along_axis(columns, order, axis=0)
    found = [np.interp(levels, share[:, k], ordered[:, k]) for k in range(columns.shape[1])]
    return np.stack(found, axis=1).reshape(len(levels), *values.shape[1:])


def _resample(weights: Array, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return indices in proportion to the weights (systematic resampling).

    Weights that are not finite give every point once: the gates have refused it already.
    """
    if not np.isfinite(weights).all():
        return np.arange(len(weights))
    count = max(_DRAWS, len(weights))
    ends = np.cumsum(weights)
    places = (np.arange(count) + rng.random()) / count * ends[-1]
    return np.asarray(np.minimum(np.searchsorted(ends, places), len(weights) - 1), dtype=np.intp)


def _plain(values: Array) -> Any:
    plain = np.asarray(values, dtype=object)
    plain[~np.isfinite(values)] = None
    return plain.tolist()
