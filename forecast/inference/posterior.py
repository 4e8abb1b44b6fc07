"""What a fit gives back: equally weighted draws, the estimate with its error, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

type Array = NDArray[np.float64]

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""Where a predictive distribution is judged: the Monte Carlo error of its CDF at these levels."""

PROBABILITY = "p"
"""The output that holds probabilities; any other holds predictive draws, one row a parameter."""


@dataclass(frozen=True)
class Posterior:
    """The posterior of one model, refused or not: `gates["verdict"]` says which.

    Attributes:
        sampler: `fast`, `nuts` or `exact` (no free parameters).
        output: name of the output in `draws`.
        draws: equally weighted draws by name, each (draw, …): the free parameters and the output.
            Points of the fast path appear as often as their weight asks.
        mean: the posterior mean of the output, which is better than the mean of its draws.
        mcse: its Monte Carlo error, in probability: an entry for each of `mean`, or for predictive
            draws that of their CDF at `LEVELS`.
        gates: diagnostics with `verdict` and `reasons`, JSON-able.
    """

    sampler: str
    output: str
    draws: dict[str, Array] = field(repr=False)
    mean: Array
    mcse: Array
    gates: dict[str, Any]

    @property
    def verdict(self) -> str:
        """Whether to publish, warn or refuse."""
        return str(self.gates["verdict"])

    def interval(self, prob: float = 0.9) -> tuple[Array, Array]:
        """Return the central interval of the output's draws, each end of the output's shape."""
        tails = (1 - prob) / 2
        values = self.draws[self.output]
        if not len(values):
            return np.full_like(self.mean, np.nan), np.full_like(self.mean, np.nan)
        low, high = np.quantile(values, [tails, 1 - tails], axis=0)
        return low, high

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


def refusal(sampler: str, output: str, gates: dict[str, Any]) -> Posterior:
    """Return the posterior of a model that gave no draws."""
    nothing = np.full((), np.nan)
    return Posterior(sampler, output, {output: np.empty(0)}, nothing, nothing, gates)


def judged(name: str, values: Array, weights: Array) -> Array:
    """Return what the Monte Carlo error of an output is measured on, (draw, k) probabilities.

    Probabilities are judged as they are; predictive draws (draw, path) by the share of each row
    below the quantiles of all.
    """
    if name == PROBABILITY:
        return values.reshape(len(values), -1)
    rows = values.reshape(len(values), -1)
    points = _quantiles(rows, weights)
    return np.stack([(rows <= point).mean(axis=1) for point in points], axis=1)


def by_entry(output: str, error: Array, mean: Array) -> Array:
    """Return errors of judged probabilities in the shape in which a posterior states them."""
    return error.reshape(mean.shape) if output == PROBABILITY else error


def _quantiles(rows: Array, weights: Array) -> Array:
    order = np.argsort(rows, axis=None)
    share = np.cumsum(np.repeat(weights / rows.shape[1], rows.shape[1])[order])
    index = np.searchsorted(share / share[-1], LEVELS)
    return rows.ravel()[order][np.minimum(index, order.size - 1)]


def _plain(values: Array) -> Any:
    plain = np.asarray(values, dtype=object)
    plain[~np.isfinite(values)] = None
    return plain.tolist()
