"""Posteriors by quasi-random importance sampling: exact in the limit, milliseconds in practice.

Around the best mode, points of scrambled Sobol sequences are drawn with heavy tails (see
`forecast.inference.proposal`) and weighted by the model's own density, the weights' tail smoothed
by a Pareto distribution. Independent scrambles give the Monte Carlo error. The method has a verdict
of its own (k-hat, the error, one mode); what it refuses belongs to NUTS.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from forecast.inference import gates
from forecast.inference.density import Densities, Index
from forecast.inference.modes import Modes, find_modes
from forecast.inference.posterior import Posterior, by_entry, judged, outside, refusal
from forecast.inference.proposal import HEAVY, SCRAMBLES, Proposals
from forecast.inference.psis import smooth
from forecast.sobol import MAX_DIM

type Array = NDArray[np.float64]

_POINTS = 16  # of each scramble at first
_SEARCHING = 64  # and to find where a posterior lies that the mode says too little of
_SIMULATED_POINTS = 8  # of as many, at which an output that is itself a simulation is taken
_DOUBLINGS = 5
_COMFORTABLE = 0.5  # k-hat up to which the mode's curvature is description enough


def sample(densities: Densities, output: str, seeds: Sequence[int]) -> list[Posterior]:
    """Return the posteriors of models of one shape, with the gates of the fast path.

    The draws of each double until its Monte Carlo error is half of what may be published and k-hat
    is within its limit, at most five times, and again five times from a better proposal. Each
    depends on its own data and seed only.
    """
    if densities.dim == 0:
        return [_exact(densities.take(np.array([i])), output) for i in range(densities.count)]
    if densities.dim > MAX_DIM:
        reason = f"{densities.dim} parameters are more than the {MAX_DIM} of the fast path"
        return [_refused(output, reason) for _ in seeds]
    modes = find_modes(densities, [np.random.default_rng(seed) for seed in seeds])
    who = [i for i, found in enumerate(modes) if len(found.points)]
    posteriors = [_refused(output, "no start found a maximum of the posterior") for _ in seeds]
    if who:
        chosen = [modes[i] for i in who]
        proposals = Proposals.around(
            densities.take(np.array(who)),
            [seeds[i] for i in who],
            np.stack([found.points[0] for found in chosen]),
            np.stack([found.root for found in chosen]),
        )
        estimates = _refine(proposals, output)
        for row, i in enumerate(who):
            posteriors[i] = estimates[row].posterior(output, modes[i], seeds[i])
    return posteriors


def _refused(output: str, reason: str) -> Posterior:
    return refusal("fast", output, gates.refused("fast", reason))


def _exact(densities: Densities, output: str) -> Posterior:
    """Return the one value of a model whose every parameter is fixed."""
    count = _SIMULATED_POINTS if densities.program.simulates else 1
    points = np.empty((1, SCRAMBLES, count, 0))
    possible = bool(np.isfinite(densities.gradient(points[:, 0, :1])[0]).all())
    weights = np.full((1, SCRAMBLES, count), 1.0 if possible else np.nan)
    draws = _variables(densities, points, {})
    (estimate,) = _estimates(weights, np.zeros(1), draws, output)
    verdict = gates.exact(error=estimate.error, outside=outside(output, estimate.draws[output]))
    return Posterior("exact", output, estimate.draws, None, estimate.mean, estimate.error, verdict)


@dataclass(frozen=True)
class _Estimate:
    """What some number of points says of one posterior.

    `weights` (n,) are smoothed and sum to one, over the `draws` at which the output was taken;
    `points` counts all that were weighed.
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

    def posterior(self, output: str, modes: Modes, seed: int) -> Posterior:
        """Return the posterior with its gates."""
        verdict = gates.fast(
            k_hat=self.k_hat,
            draws=self.points,
            error=self.error,
            modes=len(modes.points),
            stray=modes.stray,
            outside=outside(output, self.draws[output]),
        )
        return Posterior(
            "fast", output, self.draws, self.weights, self.mean, self.error, verdict, seed
        )


def _refine(proposals: Proposals, output: str) -> dict[int, _Estimate]:
    """Return each estimate, by the place of its posterior, from as many points as it takes.

    Where the weights turn out to have heavy tails, points with heavier ones say where the posterior
    lies, and all is drawn anew from there.
    """
    estimates = _doubled(_Rounds(proposals, output, _COMFORTABLE))
    astray = [i for i, e in estimates.items() if not (e.good() and e.k_hat <= _COMFORTABLE)]
    if astray:
        found = _found_anew(proposals.take(np.array(astray)), output)
        anew = _doubled(_Rounds(found, output))
        estimates |= {place: anew[row] for row, place in enumerate(astray)}
    return estimates


def _doubled(rounds: _Rounds) -> dict[int, _Estimate]:
    for doubling in range(_DOUBLINGS + 1):
        rounds.go_on(_POINTS << doubling)
    return rounds.estimates


def _found_anew(proposals: Proposals, output: str) -> Proposals:
    """Return proposals with heavy tails where points drawn by such say the posteriors lie."""
    rounds = _Rounds(replace(proposals, tail=HEAVY), output)
    rounds.go_on(_SEARCHING)
    return rounds.adapted()


class _Rounds:
    """Estimates from more and more points, of those posteriors that still need them.

    `active` are the places of those; whose k-hat is above `k_most` no number of points would help.
    """

    def __init__(self, proposals: Proposals, output: str, k_most: float = math.inf) -> None:
        count, dim = proposals.centre.shape
        self._output, self._k_most = output, k_most
        self.active = np.arange(count)
        self._proposals = proposals
        self._points = np.empty((count, SCRAMBLES, 0, dim))
        self._log_weights = np.empty((count, SCRAMBLES, 0))
        self._draws: dict[str, Array] = {}
        self._weights = np.empty((count, 0))
        self.estimates: dict[int, _Estimate] = {}

    def go_on(self, stop: int) -> None:
        """Estimate anew, with `stop` points a scramble, what is not good yet."""
        self._keep(np.flatnonzero([not self._done(place) for place in self.active.tolist()]))
        if not self.active.size:
            return
        densities = self._proposals.densities
        new, minus_log = self._proposals.points(self._points.shape[2], stop)
        value, variables = densities.weigh(_flat(new))
        self._points = np.concatenate([self._points, new], axis=2)
        log_weights = value.reshape(minus_log.shape) + minus_log
        self._log_weights = np.concatenate([self._log_weights, log_weights], axis=2)
        self._weights, k_hat = smooth(_flat(self._log_weights))
        if densities.program.simulates:
            taken = self._points[:, :, : stop * _SIMULATED_POINTS // _POINTS]
            self._draws = _variables(densities, taken, self._draws)
        else:
            self._draws = _joined(self._draws, _by_scramble(variables, new.shape[1:3]))
        weights = self._weights.reshape(self._log_weights.shape)
        found = _estimates(weights, k_hat, self._draws, self._output)
        self.estimates |= zip(self.active.tolist(), found, strict=True)

    def adapted(self) -> Proposals:
        """Return the proposals of what is active, adapted to what its points say so far."""
        return self._proposals.adapted(_flat(self._points), self._weights)

    def _keep(self, rows: Index) -> None:
        if len(rows) < len(self.active):
            self.active, self._proposals = self.active[rows], self._proposals.take(rows)
            self._points, self._log_weights = self._points[rows], self._log_weights[rows]
            self._weights = self._weights[rows]
            self._draws = {name: values[rows] for name, values in self._draws.items()}

    def _done(self, place: int) -> bool:
        found = self.estimates.get(place)
        return found is not None and (found.good() or found.k_hat > self._k_most)


def _variables(densities: Densities, points: Array, known: dict[str, Array]) -> dict[str, Array]:
    """Return parameters and outputs at points (b, scramble, n, dim), computing what is not known.

    Scramble r takes replicates r, r + 32, …, so that no two scrambles share a simulation.
    """
    count = next(iter(known.values())).shape[2] if known else 0
    new = points[:, :, count:]
    number = np.arange(count, points.shape[2]) * SCRAMBLES + np.arange(SCRAMBLES)[:, None]
    values = densities.variables(_flat(new), number.ravel())
    return _joined(known, _by_scramble(values, new.shape[1:3]))


def _by_scramble(values: dict[str, Array], shape: tuple[int, ...]) -> dict[str, Array]:
    return {name: v.reshape(len(v), *shape, *v.shape[2:]) for name, v in values.items()}


def _joined(known: dict[str, Array], new: dict[str, Array]) -> dict[str, Array]:
    if not known:
        return new
    return {name: np.concatenate([known[name], v], axis=2) for name, v in new.items()}


def _estimates(
    weights: Array, k_hat: Array, draws: dict[str, Array], output: str
) -> list[_Estimate]:
    """Return estimates from weights (b, scramble, n) and draws (b, scramble, ≤ n, …)."""
    total, count = weights[0].size, draws[output].shape[2]
    weights = weights[:, :, :count]
    with np.errstate(invalid="ignore"):
        weights = weights / weights.sum(axis=(1, 2), keepdims=True)
        probabilities = _judged(output, _flat(draws[output]), _flat(weights))
        each = probabilities.reshape(*weights.shape, -1) * weights[..., None]
        by_scramble = each.sum(axis=2) / weights.sum(axis=2)[..., None]
        error = by_scramble.std(axis=1, ddof=1) / math.sqrt(SCRAMBLES)
        values = _flat(draws[output])
        columns = values.reshape(*values.shape[:2], -1)
        mean = (_flat(weights)[:, None] @ columns)[:, 0]
        # Rounding takes no mean beyond all that it is of: what is certain is 1.
        mean = np.clip(mean, columns.min(axis=1), columns.max(axis=1))
    mean = mean.reshape(len(mean), *values.shape[2:])
    return [
        _Estimate(
            weights=weights[i].ravel(),
            k_hat=float(k_hat[i]),
            points=total,
            draws={name: _flat(v[i : i + 1])[0] for name, v in draws.items()},
            mean=mean[i],
            error=by_entry(output, error[i], mean[i]),
        )
        for i in range(len(weights))
    ]


def _judged(output: str, values: Array, weights: Array) -> Array:
    """Return what the Monte Carlo error of each output is measured on, (b, draw, k)."""
    return np.stack([judged(output, v, w) for v, w in zip(values, weights, strict=True)])


def _flat(values: Array) -> Array:
    """Return values (b, scramble, n, …) with the points of all scrambles on one axis."""
    shape = values.shape
    return values.reshape(shape[0], shape[1] * shape[2], *shape[3:])
