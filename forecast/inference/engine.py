"""Many models in, many posteriors out: the fast path first, NUTS for what its gates refuse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from forecast.inference import gates
from forecast.inference.posterior import PROBABILITY, Posterior, refusal

if TYPE_CHECKING:
    import pymc as pm

    from forecast.inference.density import Density

type Sampler = Literal["auto", "fast", "nuts"]
type Progress = Callable[[int, int], None]

__all__ = ["Job", "Posterior", "Progress", "Sampler", "fit"]


@dataclass(frozen=True)
class Job:
    """One model to fit.

    Models with the same `key` must have the same graph and differ in their data only; what is
    compiled for one then serves all. `seed` decides every random number. `output` names the
    deterministic to report: `p` holds probabilities, any other predictive draws. A model whose
    output is an average over simulated futures takes the number of the simulation to use from the
    data container `density.REPLICATE`.
    """

    model: pm.Model
    key: str
    seed: int
    output: str = PROBABILITY


def fit(
    jobs: Sequence[Job], *, sampler: Sampler = "auto", progress: Progress | None = None
) -> list[Posterior]:
    """Return the posterior of each job; one that cannot be trusted comes back refused, not raised.

    With `auto` a posterior that fails the gates of the fast path goes to NUTS, and what fails
    there is returned refused. Each result depends on its own job only, never on the others.
    `progress` is called with the number done and the number of all.
    """
    from threadpoolctl import threadpool_limits

    results: list[Posterior] = []
    # Matrices here are small: threads cost more than they bring, and can change the last bits.
    with threadpool_limits(limits=1, user_api="blas"):
        for job in jobs:
            results.append(_fit(job, sampler))
            if progress:
                progress(len(results), len(jobs))
    return results


def _fit(job: Job, sampler: Sampler) -> Posterior:
    from forecast.inference import fast
    from forecast.inference.density import UnsuitableModelError, density

    try:
        evaluated = density(job.model, job.key, job.output)
    except UnsuitableModelError as error:
        return refusal(sampler, job.output, gates.refused(sampler, str(error)))
    if sampler == "nuts" and evaluated.dim:
        return _nuts(job, evaluated)
    posterior = fast.sample(evaluated, job.output, job.seed)
    if sampler == "auto" and posterior.verdict == "refuse" and posterior.sampler == "fast":
        return _nuts(job, evaluated)
    return posterior


def _nuts(job: Job, evaluated: Density) -> Posterior:
    from forecast.inference import nuts  # nutpie and ArviZ take seconds to import

    return nuts.sample(job.model, evaluated, job.key, job.output, job.seed)
