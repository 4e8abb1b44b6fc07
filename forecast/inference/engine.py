"""Many models in, many posteriors out: the fast path first, NUTS for what its gates refuse."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from forecast.inference import gates
from forecast.inference.posterior import PROBABILITY, Posterior, refusal
from forecast.inference.sampler import Progress, Sampler

if TYPE_CHECKING:
    import pymc as pm

    from forecast.inference.density import Backend, Densities
    from forecast.inference.programs import Shaped

__all__ = ["Job", "Posterior", "Progress", "Sampler", "fit"]

_TOGETHER = 256  # posteriors at most
_WORTH_LOADING = 5_000  # posteriors of one shape for which compiled code is worth its loading
_WORTH_COMPILING = 100_000  # and for which it is worth compiling
_MEMORY = 1 << 26  # bytes of data at most

_one_thread = threading.RLock()  # programs hold numbers while they run


@dataclass(frozen=True)
class Job:
    """One model to fit.

    `model` is the model, or a function that builds it, which is called only where nothing of its
    key was built before. Models with the same `key` must have the same graph and differ in their
    data only; what is made of one then serves all. `data` holds the numbers of its containers by
    name; without them the model is built and asked. `seed` decides every random number. `output`
    names the deterministic to report: `p` holds probabilities, any other predictive draws. A model
    whose output is an average over simulated futures takes the number of the simulation to use from
    the data container `graph.REPLICATE`. Of `unknown_shape` is a posterior that nobody has looked
    at: `auto` is then NUTS.
    """

    model: pm.Model | Callable[[], pm.Model]
    key: str
    seed: int
    output: str = PROBABILITY
    data: Mapping[str, Any] | None = None
    unknown_shape: bool = False

    @cached_property
    def built(self) -> pm.Model:
        """The model itself, built at most once."""
        return self.model() if callable(self.model) else self.model


def fit(
    jobs: Sequence[Job],
    *,
    sampler: Sampler = "auto",
    progress: Progress | None = None,
    backend: Backend | None = None,
    total: int = 0,
) -> list[Posterior]:
    """Return the posterior of each job; one that cannot be trusted comes back refused, not raised.

    Models of one shape are evaluated together; `backend` says how, by default compiled where there
    are so many that it pays, which changes nothing but time (and the tenth digit). Where the jobs
    are a part of more, all of one shape or few, `total` says of how many. With `auto` a
    posterior that fails the gates of the fast path goes to NUTS, and what fails there is returned
    refused. Each result depends on its own job only, never on the others (but for that tenth
    digit). `progress` is called with the number done and the number of all. One thread at a time is
    served.
    """
    from threadpoolctl import threadpool_limits

    results: dict[int, Posterior] = {}
    # Matrices here are small: threads cost more than they bring, and can change the last bits.
    with _one_thread, threadpool_limits(limits=1, user_api="blas"), _keeping_garbage():
        for places, posteriors in _fitted(jobs, sampler, backend, total):
            results |= zip(places, posteriors, strict=True)
            if progress:
                progress(len(results), len(jobs))
    return [results[place] for place in range(len(jobs))]


@contextmanager
def _keeping_garbage() -> Iterator[None]:
    """Collect no garbage: graphs are a million objects that stay, arrays go without it."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _fitted(
    jobs: Sequence[Job], sampler: Sampler, backend: Backend | None, total: int
) -> Iterator[tuple[Sequence[int], list[Posterior]]]:
    """Yield posteriors with the places of their jobs, batch by batch."""
    from forecast.inference.graph import UnsuitableModelError
    from forecast.inference.programs import shaped, stacked

    groups: dict[Any, list[tuple[int, Shaped]]] = {}
    for place, job in enumerate(jobs):
        try:
            found = shaped(job)
        except UnsuitableModelError as error:
            yield [place], [refusal("none", job.output, gates.refused("none", str(error)))]
            continue
        groups.setdefault(found.shape, []).append((place, found))
    for members in groups.values():
        chosen = backend or _worth(jobs[members[0][0]], max(len(members), total))
        for batch in _batches(members):
            places = [place for place, _ in batch]
            densities = stacked([member for _, member in batch], chosen)
            yield places, _together([jobs[i] for i in places], densities, sampler)


def _worth(job: Job, count: int) -> Backend:
    """Return the backend that takes the least time for so many posteriors of a job's shape."""
    from forecast.inference.backends import note_compiled, was_compiled

    if count < _WORTH_LOADING or (count < _WORTH_COMPILING and not was_compiled(job.key)):
        return "interpreted"
    note_compiled(job.key)
    return "compiled"


def _batches(members: list[tuple[int, Shaped]]) -> Iterator[list[tuple[int, Shaped]]]:
    size = max(1, min(_TOGETHER, _MEMORY // max(1, members[0][1].bytes)))
    for start in range(0, len(members), size):
        yield members[start : start + size]


def _together(jobs: Sequence[Job], densities: Densities, sampler: Sampler) -> list[Posterior]:
    """Return the posteriors of jobs of one shape."""
    from forecast.inference import fast

    careful = sampler == "nuts" or (sampler == "auto" and jobs[0].unknown_shape)
    if careful and densities.dim:
        return [_nuts(job, densities, place) for place, job in enumerate(jobs)]
    posteriors = fast.sample(densities, jobs[0].output, [job.seed for job in jobs])
    if sampler == "auto":
        for place, posterior in enumerate(posteriors):
            if posterior.verdict == "refuse" and posterior.sampler == "fast":
                posteriors[place] = _nuts(jobs[place], densities, place)
    return posteriors


def _nuts(job: Job, densities: Densities, place: int) -> Posterior:
    import numpy as np

    from forecast.inference import nuts  # nutpie and ArviZ take seconds to import

    return nuts.sample(job, densities.take(np.array([place])))
