"""Posteriors by quasi-random importance sampling: exact in the limit, milliseconds in practice.

Around the mode, points of scrambled Sobol sequences are drawn from t distributions and weighted by
the model's own density, the weights' tail smoothed by a Pareto distribution. Independent
scrambles give the Monte Carlo error. The method has a verdict of its own (k-hat, the error, one
mode); what it refuses belongs to NUTS.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from forecast.inference import gates
from forecast.inference.density import Density
from forecast.inference.modes import Modes, find_modes
from forecast.inference.posterior import Posterior, by_entry, judged, refusal
from forecast.inference.psis import smooth
from forecast.sobol import MAX_DIM, Sobol

type Array = NDArray[np.float64]

_SCRAMBLES = 32  # so many that the error between them is itself known to an eighth
_POINTS = 32  # of each scramble at first
_SIMULATED_POINTS = 8  # of each scramble, at which an output that is itself a simulation is taken
_DOUBLINGS = 4
_DRAWS = 4096  # equally weighted, of which intervals are made
_FLANK: Array = np.arange(1.0, 7.0)  # sds from the mode at which the posterior's fall is measured
_WIDEST = 4.0  # a flank wider than this is no flank but another place
_COMFORTABLE = 0.5  # k-hat up to which the mode's curvature is description enough
_ADAPT = 10  # effective points a parameter, from which mean and covariance are learned
_FREEDOM = 8  # of the t proposal: tails heavy enough for almost any posterior


def sample(density: Density, output: str, seed: int) -> Posterior:
    """Return the posterior of a model, with the gates of the fast path.

    The draws double until the Monte Carlo error is half of what may be published and k-hat is
    within its limit, at most four times. The result depends on model, data and seed only.
    """
    if density.dim == 0:
        return _exact(density, output)
    if density.dim > MAX_DIM:
        reason = f"{density.dim} parameters are more than the {MAX_DIM} of the fast path"
        return refusal("fast", output, gates.refused("fast", reason))
    *streams, for_starts, for_draws = map(
        np.random.default_rng, np.random.SeedSequence(seed).spawn(_SCRAMBLES + 2)
    )
    modes = find_modes(density, for_starts)
    if not len(modes.points):
        reason = "no start found a maximum of the posterior"
        return refusal("fast", output, gates.refused("fast", reason))
    sequences = [Sobol(density.dim, stream) for stream in streams]
    proposal = _Proposal(density, modes.points[0], modes.root, sequences)
    estimate = _refine(density, proposal, output)
    return estimate.posterior(output, modes, for_draws)


def _exact(density: Density, output: str) -> Posterior:
    """Return the one value of a model whose every parameter is fixed."""
    count = _SIMULATED_POINTS if density.program.simulates else 1
    points = np.empty((_SCRAMBLES, count, 0))
    possible = bool(np.isfinite(density.gradient(points[0, :1])[0]).all())
    weights = np.full((_SCRAMBLES, count), 1.0 if possible else np.nan)
    estimate = _estimate(weights, 0.0, _expand(density, points, {}), output)
    draws = {name: _flat(values) for name, values in estimate.draws.items()}
    verdict = gates.exact(error=estimate.error)
    return Posterior("exact", output, draws, estimate.mean, estimate.error, verdict)


class _Proposal:
    """Independent split-t variates along the Cholesky directions of a covariance.

    Each direction has a scale of its own ahead and behind, wide enough for the posterior's flank
    there: Geweke (1989), Bayesian inference in econometric models using Monte Carlo integration,
    Econometrica 57. One Sobol sequence a scramble.
    """

    def __init__(
        self, density: Density, centre: Array, root: Array, sequences: list[Sobol]
    ) -> None:
        self._density, self._sequences = density, sequences
        self._centre, self._root = centre, root
        self._scales = _flanks(density, centre, root)

    def points(self, start: int, stop: int) -> tuple[Array, Array]:
        """Return points (scramble, n, dim) and minus their log proposal density but a constant."""
        from scipy.special import stdtrit

        uniform = np.stack([sequence.points(start, stop) for sequence in self._sequences])
        standard = stdtrit(_FREEDOM, uniform)
        scale = np.where(uniform > 0.5, *self._scales)
        tails = (_FREEDOM + 1) / 2 * np.log1p(standard**2 / _FREEDOM)
        minus_log = (tails + np.log(scale)).sum(axis=-1)
        return self._centre + (standard * scale) @ self._root.T, minus_log

    def adapted(self, points: Array, weights: Array) -> _Proposal:
        """Return a proposal with the mean and covariance of weighted points, if they have one."""
        with np.errstate(invalid="ignore", divide="ignore"):
            enough = 1 / (weights**2).sum() > _ADAPT * points.shape[1]
        if not enough:
            return self
        mean = weights @ points
        apart = points - mean
        covariance = apart.T @ (weights[:, None] * apart)
        return _Proposal(self._density, mean, np.linalg.cholesky(covariance), self._sequences)


def _flanks(density: Density, mode: Array, root: Array) -> Array:
    """Return scales (2, dim) ahead of and behind the mode, in units of the curvature's sd.

    A scale is the largest at which a normal density would have fallen as far as the posterior has,
    one to six sds out.
    """
    out = np.outer([1.0, -1.0], _FLANK).ravel()
    points = mode + (out[:, None, None] * root.T).reshape(-1, len(mode))
    top, _ = density.gradient(mode[None])
    values, _ = density.gradient(points)
    fall = np.maximum(top - values, 0).reshape(2, len(_FLANK), len(mode))
    with np.errstate(divide="ignore", invalid="ignore"):
        scales = _FLANK[:, None] / np.sqrt(2 * fall)
    return np.clip(np.nan_to_num(scales, nan=0.0, posinf=0.0).max(axis=1), 1.0, _WIDEST)


@dataclass(frozen=True)
class _Estimate:
    """What some number of points says; the leading axis of `weights` and `draws` is the scramble.

    `weights` (scramble, n) are smoothed and sum to one, over the points at which the output was
    taken; `points` counts all that were weighed.
    """

    weights: Array
    k_hat: float
    points: int
    draws: dict[str, Array]
    mean: Array
    error: Array

    def good(self) -> bool:
        """Whether more points would change nothing that is published."""
        within = self.k_hat <= gates.k_limit(self.points)
        return within and bool((self.error <= gates.TARGET_ERROR).all())

    def posterior(self, output: str, modes: Modes, rng: np.random.Generator) -> Posterior:
        """Return equally weighted draws, resampled systematically, with estimate and gates."""
        verdict = gates.fast(
            k_hat=self.k_hat,
            draws=self.points,
            error=self.error,
            modes=len(modes.points),
            stray=modes.stray,
        )
        chosen = _resample(self.weights.ravel(), rng)
        draws = {name: _flat(values)[chosen] for name, values in self.draws.items()}
        return Posterior("fast", output, draws, self.mean, self.error, verdict)


def _refine(density: Density, proposal: _Proposal, output: str) -> _Estimate:
    """Return the estimate from as many points as it takes.

    If the first do not suffice, or only just, they say where the posterior lies, and all is drawn
    anew from there.
    """
    estimate, points, weights = _rounds(density, proposal, output, last=0)
    if estimate.good() and estimate.k_hat <= _COMFORTABLE:
        return estimate
    proposal = proposal.adapted(points, weights)
    return _rounds(density, proposal, output, last=_DOUBLINGS)[0]


def _rounds(
    density: Density, proposal: _Proposal, output: str, last: int
) -> tuple[_Estimate, Array, Array]:
    """Return the estimate after up to `last` doublings, with all points and their weights."""
    first = _SIMULATED_POINTS if density.program.simulates else _POINTS
    points, log_weights = np.empty((_SCRAMBLES, 0, density.dim)), np.empty((_SCRAMBLES, 0))
    draws: dict[str, Array] = {}
    for doubling in range(last + 1):
        new, minus_log = proposal.points(points.shape[1], _POINTS << doubling)
        value, _ = density.gradient(_flat(new))
        points = np.concatenate([points, new], axis=1)
        log_weights = np.concatenate(
            [log_weights, value.reshape(minus_log.shape) + minus_log], axis=1
        )
        weights, k_hat = _weigh(log_weights)
        draws = _expand(density, points[:, : first << doubling], draws)
        estimate = _estimate(weights, k_hat, draws, output)
        if estimate.good():
            break
    return estimate, _flat(points), weights.ravel()


def _expand(density: Density, points: Array, known: dict[str, Array]) -> dict[str, Array]:
    """Return parameters and outputs at `points`, computing only those beyond what is `known`."""
    count = next(iter(known.values())).shape[1] if known else 0
    new = points[:, count:]
    # Scramble r takes replicates r, r + 32, …, so that no two scrambles share a simulation.
    number = np.arange(count, points.shape[1]) * _SCRAMBLES + np.arange(_SCRAMBLES)[:, None]
    values = density.expand(_flat(new), number.ravel())
    shaped = {name: v.reshape(*new.shape[:2], *v.shape[1:]) for name, v in values.items()}
    if not known:
        return shaped
    return {name: np.concatenate([known[name], v], axis=1) for name, v in shaped.items()}


def _estimate(weights: Array, k_hat: float, draws: dict[str, Array], output: str) -> _Estimate:
    total, count = weights.size, draws[output].shape[1]
    weights = weights[:, :count] / weights[:, :count].sum()
    flat = weights.ravel()
    values = _flat(draws[output])
    probabilities = judged(output, values, flat).reshape(_SCRAMBLES, count, -1)
    with np.errstate(invalid="ignore"):
        each = (weights[..., None] * probabilities).sum(axis=1) / weights.sum(axis=1)[:, None]
        mean = np.tensordot(flat, values, axes=1)
    error = each.std(axis=0, ddof=1) / math.sqrt(_SCRAMBLES)
    return _Estimate(weights, k_hat, total, draws, mean, by_entry(output, error, mean))


def _weigh(log_weights: Array) -> tuple[Array, float]:
    """Return smoothed weights and k-hat, all NaN where the density is anywhere undefined."""
    if np.isnan(log_weights).any() or np.isposinf(log_weights).any():
        return np.full_like(log_weights, np.nan), math.nan
    weights, k_hat = smooth(log_weights.ravel())
    return weights.reshape(log_weights.shape), k_hat


def _resample(weights: Array, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return indices in proportion to the weights (systematic resampling), `_DRAWS` or more.

    More draws than points round the weights less. Weights that are not finite give every point
    once: the gates have refused it already.
    """
    if not np.isfinite(weights).all():
        return np.arange(len(weights))
    count = max(_DRAWS, len(weights))
    ends = np.cumsum(weights)
    places = (np.arange(count) + rng.random()) / count * ends[-1]
    return np.asarray(np.minimum(np.searchsorted(ends, places), len(weights) - 1), dtype=np.intp)


def _flat(values: Array) -> Array:
    """Return values (scramble, n, …) with the points of all scrambles on one axis."""
    return values.reshape(values.shape[0] * values.shape[1], *values.shape[2:])
