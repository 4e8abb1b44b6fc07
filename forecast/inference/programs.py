"""Which program serves a job: made once from the first model of its shape, kept in this process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from forecast.inference.density import Backend, Data, Densities, Program
from forecast.inference.graph import graphs

if TYPE_CHECKING:
    import pymc as pm

    from forecast.inference.engine import Job

_PROGRAMS: dict[tuple[Any, ...], Program] = {}


@dataclass(frozen=True)
class Shaped:
    """A job's program with the job's data, in the types in which the program takes them."""

    program: Program
    data: Data = field(repr=False)

    @property
    def shape(self) -> tuple[Any, ...]:
        """What models that can be evaluated together have in common."""
        return id(self.program), *(array.shape for array in self.data.values())

    @property
    def bytes(self) -> int:
        """The size of the data."""
        return sum(array.nbytes for array in self.data.values())


def shaped(job: Job) -> Shaped:
    """Return a job with the program of its shape; UnsuitableModelError as for `graphs`."""
    same = signature(job)
    if same not in _PROGRAMS:
        _PROGRAMS[same] = Program(graphs(job.built, job.output))
    program = _PROGRAMS[same]
    held = job.data if job.data is not None else _Held(job.built)
    data = {name: np.asarray(held[name], dtype=kind) for name, kind in program.data.items()}
    return Shaped(program, data)


def stacked(members: Sequence[Shaped], backend: Backend = "interpreted") -> Densities:
    """Return the densities of jobs of one shape."""
    data = {name: np.stack([m.data[name] for m in members]) for name in members[0].data}
    return Densities(members[0].program, data, len(members), backend)


def signature(job: Job) -> tuple[Any, ...]:
    """Return what jobs of one graph, and no others, have in common.

    Models that say nothing of their data may only claim to have one key, and are told apart.
    """
    if job.data is not None:
        return job.key, job.output
    model = job.built
    layouts = [(v.name, v.type.dtype, v.type.shape) for v in (*model.value_vars, *model.data_vars)]
    lengths = [(name, _Held(model)[name].item()) for name in model.dim_lengths]
    return job.key, job.output, *layouts, *lengths


@dataclass(frozen=True)
class _Held:
    """What a model's containers hold, and how long its dimensions are, by name."""

    model: pm.Model

    def __getitem__(self, name: str) -> Any:
        return container_value(self.model, name)


def container_value(model: pm.Model, name: str) -> Any:
    """Return what a model holds in the container `name`, or the length of that dimension."""
    shared = model.dim_lengths[name] if name in model.dim_lengths else model[name]
    if hasattr(shared, "get_value"):
        return np.asarray(shared.get_value(borrow=True))
    return np.asarray(shared.eval())
