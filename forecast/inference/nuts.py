"""Posteriors by the No-U-Turn sampler: the reference, and where the fast path gives up.

nutpie compiles a model once for each key and takes other data after that; a model it cannot
compile is sampled by PyMC itself. The chains start dispersed over every maximum that Newton's
method found, which it is asked for with more starts than on the fast path: chains which do not mix
then disagree, and R-hat shows it.
"""

from __future__ import annotations

import dataclasses
import gc
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.inference import gates
from forecast.inference.density import Densities
from forecast.inference.modes import THOROUGH, find_modes, starts_near
from forecast.inference.posterior import Posterior, by_entry, judged, outside, refusal
from forecast.inference.programs import container_value, signature

if TYPE_CHECKING:
    import pymc as pm

    from forecast.inference.engine import Job

type Array = NDArray[np.float64]

_CHAINS = 4
_GROUPS = 8  # of simulations, whose difference is their error
_SIMULATED_DRAWS = 256  # of each chain, at which an output that is itself a simulation is taken


@dataclass(frozen=True)
class Effort:
    """How long each chain is tuned and drawn from, and how careful its steps are."""

    tune: int
    draws: int
    target_accept: float


EFFORTS = (Effort(800, 1000, 0.9), Effort(2000, 4000, 0.99))
"""The usual run, and a longer, more careful one where gates or error ask for it."""


@dataclass(frozen=True)
class _Chains:
    points: Array  # (chain, draw, dim), unconstrained
    energy: Array  # (chain, draw)
    divergent: int


def sample(job: Job, density: Densities, efforts: Sequence[Effort] = EFFORTS) -> Posterior:
    """Return the posterior of a job by NUTS, with its gates; a failure is a refused posterior.

    `density` is the job's alone; the next of the `efforts`, which are one at least, is made where
    one does not suffice. Where the next cannot be finished, what there is stands.
    """
    posterior: Posterior | None = None
    for effort in efforts:
        try:
            chains = _run(job, density, effort)
        except RuntimeError as error:
            reason = str(error).split("\n", 1)[0]
            posterior = posterior or refusal("nuts", job.output, gates.refused("nuts", reason))
            break
        posterior = _posterior(density, chains, job.output)
        if posterior.verdict == "publish" and (posterior.mcse <= gates.TARGET_ERROR).all():
            break
    gc.collect(0)  # what this sampling left in cycles: nothing else may be collecting
    assert posterior is not None
    return posterior


def _run(job: Job, density: Densities, effort: Effort) -> _Chains:
    streams = np.random.SeedSequence(job.seed).spawn(_CHAINS + 1)
    rng = np.random.default_rng(streams[-1])
    starts = starts_near(density, find_modes(density, [rng], THOROUGH)[0], _CHAINS, rng)
    _, slopes = density.gradient(starts[None])
    if not (np.isfinite(slopes) & (slopes != 0)).all():
        raise RuntimeError("a chain would have to start where the density is flat or undefined")
    seeds = [int(stream.generate_state(1)[0]) for stream in streams[:-1]]
    compiled = _compiled(job)
    if compiled is None:
        return _run_pymc(job.built, density, seeds, starts, effort)
    return _run_nutpie(compiled.with_data(**_data(job, density, compiled)), seeds, starts, effort)


_COMPILED: dict[tuple[Any, ...], Any] = {}


def _compiled(job: Job) -> Any | None:
    """Return nutpie's compiled model of a job's key, or None where nutpie cannot compile it."""
    same = signature(job)
    if same not in _COMPILED:
        import nutpie

        names = [v.name for v in job.built.free_RVs]
        try:
            # Only the parameters: the outputs are evaluated from the draws, as on the fast path.
            compiled = nutpie.compile_pymc_model(job.built, var_names=names)
        except Exception:
            compiled = None
        gc.collect()  # compilers leave the most
        _COMPILED[same] = compiled
    return _COMPILED[same]


def _data(job: Job, density: Densities, compiled: Any) -> dict[str, NDArray[Any]]:
    """Return a job's data for all that nutpie's model takes; only lengths are not its program's."""
    names = [v.name for v in compiled.shared_var_keys]
    known = density.data
    return {n: known[n][0] if n in known else container_value(job.built, n) for n in names}


def _run_nutpie(compiled: Any, seeds: list[int], starts: Array, effort: Effort) -> _Chains:
    with _refusing():
        chains = zip(seeds, starts, strict=True)
        running = [_begun(compiled, seed, start, effort) for seed, start in chains]
        stats = [run.wait().sample_stats for run in running]
    return _Chains(
        points=np.concatenate([s["unconstrained_draw"].values for s in stats]),
        energy=np.concatenate([s["energy"].values for s in stats]),
        divergent=sum(int(s["diverging"].values.sum()) for s in stats),
    )


def _begun(compiled: Any, seed: int, start: Array, effort: Effort) -> Any:
    """Return a chain that is being sampled in the background."""
    import nutpie

    return nutpie.sample(
        dataclasses.replace(compiled, initial_point_func=lambda _: start.copy()),
        draws=effort.draws,
        tune=effort.tune,
        target_accept=effort.target_accept,
        chains=1,
        cores=1,
        seed=seed,
        progress_bar=False,
        save_warmup=False,
        store_unconstrained=True,
        blocking=False,
    )


def _run_pymc(
    model: pm.Model, density: Densities, seeds: list[int], starts: Array, effort: Effort
) -> _Chains:
    """Sample with PyMC in Python alone: slow, and needs no compiler that could refuse the model."""
    import pymc as pm

    with _refusing():
        tree = pm.sample(
            model=model,
            draws=effort.draws,
            tune=effort.tune,
            target_accept=effort.target_accept,
            chains=_CHAINS,
            cores=1,
            random_seed=seeds[0],
            initvals=[_by_name(model, density, start) for start in starts],
            nuts_sampler="pymc",
            compile_kwargs={"mode": "FAST_COMPILE"},
            idata_kwargs={"include_transformed": True},
            compute_convergence_checks=False,
            quiet=True,
        )
    names = [v.name for v in model.value_vars]
    parts = [tree.posterior[name].values.reshape(_CHAINS, effort.draws, -1) for name in names]
    stats = tree.sample_stats
    return _Chains(
        np.concatenate(parts, axis=2), stats["energy"].values, int(stats["diverging"].values.sum())
    )


@contextmanager
def _refusing() -> Iterator[None]:
    """Raise RuntimeError for whatever a sampler raises of a model that it cannot sample."""
    try:
        yield
    except Exception as error:
        raise RuntimeError(str(error).strip()) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # Rust's, which is no Exception
            raise
        raise RuntimeError(str(error).strip()) from error


def _by_name(model: pm.Model, density: Densities, start: Array) -> dict[str, Array]:
    parts = density.split(start[None, None])
    return {v.name: part[0, 0] for v, part in zip(model.value_vars, parts, strict=True)}


def _posterior(density: Densities, chains: _Chains, output: str) -> Posterior:
    points = chains.points
    if density.program.simulates:
        points = points[:, :: max(1, points.shape[1] // _SIMULATED_DRAWS)]
    shape, size = points.shape[:2], points.shape[0] * points.shape[1]
    number = np.tile(np.arange(shape[1]), shape[0])  # every chain sees every simulation
    found = density.variables(points.reshape(1, size, -1), number)
    draws = {name: values[0] for name, values in found.items()}
    probabilities = judged(output, draws[output], np.full(size, 1 / size))
    columns = probabilities.reshape(*shape, -1)
    error = _diagnose("mcse", columns, constant=0.0)
    if density.program.simulates:
        error = np.hypot(error, _spread_of_simulations(probabilities, number))
    verdict = _gates(chains, columns, error, outside(output, draws[output]))
    mean = draws[output].mean(axis=0)
    return Posterior("nuts", output, draws, None, mean, by_entry(output, error, mean), verdict)


def _spread_of_simulations(probabilities: Array, number: NDArray[np.int64]) -> Array:
    """Return the standard error (k,) between eight groups that share no simulation."""
    groups = [probabilities[number % _GROUPS == g].mean(axis=0) for g in range(_GROUPS)]
    return np.asarray(np.std(groups, axis=0, ddof=1) / math.sqrt(_GROUPS))


def _gates(chains: _Chains, probabilities: Array, error: Array, strayed: float) -> dict[str, Any]:
    def both(name: str, constant: float, **options: Any) -> Array:
        of_output = _diagnose(name, probabilities, constant=constant, **options)
        # A parameter that never moved has failed; an output may be constant in all honesty.
        return np.append(_diagnose(name, chains.points, constant=np.nan, **options), of_output)

    return gates.nuts(
        rhat=both("rhat", 1.0),
        ess_bulk=both("ess", float(chains.energy.size), method="bulk"),
        ess_tail=both("ess", float(chains.energy.size), method="tail", prob=(0.05, 0.95)),
        divergent=chains.divergent,
        bfmi=_array_stats().bfmi(chains.energy, chain_axis=0, draw_axis=1),
        error=error,
        draws=chains.energy.size,
        outside=strayed,
    )


def _diagnose(name: str, draws: Array, *, constant: float, **options: Any) -> Array:
    """Return ArviZ's diagnostic of each column of draws (chain, draw, k); `constant` if it is."""
    columns = np.moveaxis(draws, 2, 0)
    moves = np.ptp(columns, axis=(1, 2)) > 0
    result = np.where(np.isfinite(columns).all(axis=(1, 2)), constant, np.nan)
    for k in np.flatnonzero(moves):
        result[k] = getattr(_array_stats(), name)(columns[k], chain_axis=0, draw_axis=1, **options)
    return result


def _array_stats() -> Any:
    from arviz_stats.base import array_stats

    return array_stats
