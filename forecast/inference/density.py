"""A PyMC model's own log density, gradient and output as plain functions of many points at once.

The model's graph is taken as it is, vectorized over points of the unconstrained space, and run by
PyTensor's Python linker with light rewrites: nothing is compiled in C or by Numba, so that a first
forecast takes a fraction of a second. Data containers become inputs, so that one program serves
all models with the same key.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pymc as pm

type Array = NDArray[np.float64]
type Data = Mapping[str, NDArray[Any]]

REPLICATE = "_replicate"
"""The data container by which a model that simulates its output is told which simulation to use.

A model whose output is an average over simulated futures (paths of a price) holds a multiple of 32
sets of random numbers, or a seed for each, and picks one by this integer modulo their number. Every
point is given a number of its own, and no two of the 32 scrambles numbers that are equal modulo 32,
so that the Monte Carlo error between scrambles contains that of the simulation.
"""

_BLOCK = 1 << 19  # points × elements of the largest data array evaluated in one call
_FEWEST = 64  # points in a block, whatever its data
_STEP = 1.5e-8  # root of the rounding error: the best relative step of a difference

# Stable forms of naive expressions, and impossible parameters as a log density of -inf.
_REWRITES = ("canonicalize", "stabilize", "local_check_parameter_to_ninf_switch")

# Without it a gradient's broadcasts run element by element in Python.
_BROADCASTS = "local_second_to_alloc"

# Done once before batching; to look for more of it afterwards takes longer than it saves.
_ALGEBRA = (
    "local_mul_canonizer",
    "local_add_canonizer",
    "local_greedy_distributor",
    "local_neg_to_mul",
    "local_sum_prod_of_mul_or_div",
    "local_pow_canonicalize",
)


class UnsuitableModelError(ValueError):
    """The model is no density over continuous parameters, or hides its data from `pm.Data`."""


@dataclass(frozen=True)
class BatchedFunction:
    """Expressions of a model as a function of unconstrained points and data.

    `data` names the data containers in the order in which `run` takes them; `batched` says for
    each result whether it has an axis of points at all (a constant has none). With `simulates` the
    last variable by point is the number of its replicate.
    """

    run: Callable[..., list[Any]]
    data: tuple[str, ...]
    batched: tuple[bool, ...]
    simulates: bool = False

    def __call__(self, parts: Sequence[NDArray[Any]], count: int, data: Data) -> list[Array]:
        """Return each expression at `count` points, given as one array (count, …) a variable."""
        arrays = [data[name] for name in self.data]
        rows = self._rows(arrays)
        blocks = [
            self._block([part[start : start + rows] for part in parts], arrays, count - start, rows)
            for start in range(0, count, rows)
        ]
        return [np.concatenate(pieces) for pieces in zip(*blocks, strict=True)]

    def _rows(self, arrays: Sequence[NDArray[Any]]) -> int:
        # Set by the model's data alone, so that a point's result cannot depend on its company.
        if self.simulates:  # a point takes one of the simulations along the first axis
            largest = max((array[:1].size for array in arrays if array.ndim), default=1)
            return max(1, _BLOCK // max(1, largest))
        largest = max((array.size for array in arrays), default=1)
        return max(_FEWEST, _BLOCK // max(1, largest))

    def _block(
        self, parts: Sequence[NDArray[Any]], arrays: Sequence[NDArray[Any]], left: int, rows: int
    ) -> list[Array]:
        with np.errstate(all="ignore"):  # judged by the gates, not by a warning
            results = self.run(*parts, *arrays)
        count = min(rows, left)
        return [
            np.asarray(r, float) if batched else np.repeat(np.asarray(r, float)[None], count, 0)
            for r, batched in zip(results, self.batched, strict=True)
        ]


@dataclass(frozen=True)
class Program:
    """What all models with one key share: their functions, without their data.

    `start` gives the initial point, one array a parameter; `gradient` the log density (with the
    Jacobians of the transforms) and its gradient by parameter; `expand` the constrained parameters
    and the output, named by `names`; of a model that simulates its output it takes the number of
    each point's replicate after the parameters.
    """

    start: BatchedFunction
    gradient: BatchedFunction
    expand: BatchedFunction
    names: tuple[str, ...]

    @property
    def simulates(self) -> bool:
        """Whether the output is a simulation."""
        return self.expand.simulates


@dataclass(frozen=True)
class Density:
    """The log density of one model with its data, over unconstrained points of shape (n, dim)."""

    program: Program
    data: Data = field(repr=False)

    @cached_property
    def _start_parts(self) -> list[Array]:
        return [part[0] for part in self.program.start([], 1, self.data)]

    @property
    def start(self) -> Array:
        """The model's initial point, typical of its priors, shape (dim,)."""
        return np.concatenate([part.ravel() for part in self._start_parts] or [np.empty(0)])

    @property
    def dim(self) -> int:
        """The number of unconstrained parameters."""
        return sum(part.size for part in self._start_parts)

    def gradient(self, points: Array) -> tuple[Array, Array]:
        """Return the log density (n,) and its gradient (n, dim); −inf or NaN where impossible."""
        count = len(points)
        value, *parts = self.program.gradient(self.split(points), count, self.data)
        flat = [part.reshape(count, -1) for part in parts]
        return value, np.concatenate(flat, axis=1) if flat else np.empty((count, 0))

    def hessian(self, points: Array, slopes: Array) -> Array:
        """Return the second derivatives (n, dim, dim) by differences of the gradient.

        `slopes` (n, dim) is the gradient at the points; costs n·dim gradients more.
        """
        count, dim = points.shape
        step = _STEP * np.maximum(1.0, np.abs(points))
        moved = points[:, None] + step[:, :, None] * np.eye(dim)
        _, ahead = self.gradient(moved.reshape(-1, dim))
        with np.errstate(invalid="ignore"):
            half = (ahead.reshape(count, dim, dim) - slopes[:, None]) / step[:, :, None]
        return (half + half.swapaxes(1, 2)) / 2

    def expand(self, points: Array, replicate: NDArray[np.int64]) -> dict[str, Array]:
        """Return the constrained parameters and the output by name, each (n, …).

        `replicate` (n,) numbers the points for a model that simulates its output.
        """
        parts = [*self.split(points), *([replicate] if self.program.simulates else [])]
        values = self.program.expand(parts, len(points), self.data)
        return dict(zip(self.program.names, values, strict=True))

    def split(self, points: Array) -> list[Array]:
        """Return points (n, dim) as one array (n, …) for each parameter of the model."""
        ends = np.cumsum([part.size for part in self._start_parts])
        pieces = np.split(points, ends[:-1], axis=1) if len(ends) else []
        return [
            piece.reshape(len(points), *part.shape)
            for piece, part in zip(pieces, self._start_parts, strict=True)
        ]


_PROGRAMS: dict[tuple[Any, ...], Program] = {}


def density(model: pm.Model, key: str, output: str) -> Density:
    """Return the density of `model`, with the program of its `key` built once in this process.

    Raises UnsuitableModelError if the model has no deterministic `output`, discrete parameters, or
    shared variables that are no `pm.Data`.
    """
    signature = (key, output, *(_layout(v) for v in (*model.value_vars, *model.data_vars)))
    if signature not in _PROGRAMS:
        with _unhindered():
            _PROGRAMS[signature] = _program(model, output)
    program = _PROGRAMS[signature]
    used = {*program.start.data, *program.gradient.data, *program.expand.data}
    return Density(program, {name: data_value(model, name) for name in used})


@contextmanager
def _unhindered() -> Iterator[None]:
    """Build graphs without collecting garbage or noting where each node comes from: a third less.

    A graph is a hundred thousand objects that all stay, so that a collection finds nothing.
    """
    import pytensor

    collecting = gc.isenabled()
    gc.disable()
    try:
        with pytensor.config.change_flags(traceback__limit=0):
            yield
    finally:
        if collecting:
            gc.enable()


def _layout(variable: Any) -> tuple[str, str, tuple[int | None, ...]]:
    return variable.name, variable.type.dtype, variable.type.shape


def data_value(model: pm.Model, name: str) -> NDArray[Any]:
    """Return what a model holds in the data container `name`, or the length of that dim."""
    shared = model.dim_lengths[name] if name in model.dim_lengths else model[name]
    return np.asarray(shared.get_value(borrow=True))


def _program(model: pm.Model, output: str) -> Program:
    discrete = [v.name for v in model.value_vars if not v.type.dtype.startswith("float")]
    if discrete:
        raise UnsuitableModelError(f"{', '.join(discrete)}: a discrete parameter; sum it out")
    if output not in model.named_vars:
        raise UnsuitableModelError(f"the model has no deterministic {output!r}")
    public = [v for v in model.deterministics if not v.name.split("::")[-1].startswith("_")]
    beside = [v for v in public if v is not model[output] and v not in model.free_RVs]
    named = [*model.free_RVs, model[output], *beside]
    replicate = [model[REPLICATE]] if REPLICATE in model.named_vars else []
    values = model.value_vars
    return Program(
        start=_compile(model, _initial_point(model), []),
        gradient=_compile(model, [model.logp()], values, gradient=True),
        expand=_compile(model, model.replace_rvs_by_values(named), [*values, *replicate]),
        names=tuple(variable.name for variable in named),
    )


def _initial_point(model: pm.Model) -> list[Any]:
    from pymc.initial_point import make_initial_point_expression

    expressions: list[Any] = make_initial_point_expression(
        free_rvs=model.free_RVs,
        rvs_to_transforms=model.rvs_to_transforms,
        initval_strategies=model.rvs_to_initial_values,
        return_transformed=True,
    )
    return expressions


def _compile(
    model: pm.Model, expressions: list[Any], by_point: list[Any], *, gradient: bool = False
) -> BatchedFunction:
    """Return expressions, and the gradient of the first, with an axis of points before all.

    `by_point` are the variables that have a value for each point; all other inputs are data.
    """
    import pytensor
    import pytensor.tensor as pt
    from pytensor.compile.mode import FAST_COMPILE
    from pytensor.graph.replace import vectorize_graph
    from pytensor.graph.rewriting.utils import rewrite_graph

    stable = _spelled_out(rewrite_graph(expressions, include=_REWRITES)) if expressions else []
    points = [pt.tensor(v.name, dtype=v.dtype, shape=(None, *v.type.shape)) for v in by_point]
    inputs = _data_inputs(model, stable, by_point)
    replace = {**inputs, **dict(zip(by_point, points, strict=True))}
    results = vectorize_graph(stable, replace) if stable else []
    batched = [new.ndim > old.ndim for new, old in zip(results, stable, strict=True)]
    if gradient and points:
        results += pytensor.grad(results[0].sum(), points, disconnected_inputs="ignore")
        batched += [True] * len(points)
    data = list(dict.fromkeys(inputs.values()))
    mode = FAST_COMPILE.including(_BROADCASTS).excluding(*_ALGEBRA)
    run = pytensor.function([*points, *data], results, mode=mode, on_unused_input="ignore")
    run.trust_input = True
    simulates = any(v.name == REPLICATE for v in by_point)
    return BatchedFunction(run, tuple(v.name for v in data), tuple(batched), simulates)


def _spelled_out(expressions: list[Any]) -> list[Any]:
    """Return expressions with what NumPy cannot do to a whole array at once written out.

    Operators that are graphs themselves (logsumexp) and softplus, which no ufunc computes: left
    whole, they are evaluated number by number, a hundred times slower.
    """
    import pytensor.tensor as pt
    from pytensor.compile.builders import OpFromGraph
    from pytensor.compile.rewriting import inline_ofg_node
    from pytensor.graph.rewriting.basic import dfs_rewriter, node_rewriter
    from pytensor.graph.rewriting.utils import rewrite_graph

    @node_rewriter([OpFromGraph])  # type: ignore[untyped-decorator]
    def inline(_: Any, node: Any) -> list[Any]:
        return list(inline_ofg_node(node))

    @node_rewriter([pt.softplus])  # type: ignore[untyped-decorator]
    def softplus(_: Any, node: Any) -> list[Any]:
        (x,) = node.inputs
        size = pt.abs(x)  # whose slope at 0 is 0, so that softplus' is a half there
        return [(x + size) / 2 + pt.log1p(pt.exp(-size))]

    for change in (inline, softplus):
        expressions = rewrite_graph(expressions, include=(), custom_rewrite=dfs_rewriter(change))
    return expressions


def _data_inputs(model: pm.Model, expressions: list[Any], but: list[Any]) -> dict[Any, Any]:
    """Return an input variable for every data container the expressions use."""
    from pytensor.compile.sharedvalue import SharedVariable
    from pytensor.graph.traversal import graph_inputs

    shared = [v for v in graph_inputs(expressions) if isinstance(v, SharedVariable)]
    found = [v for v in shared if v not in but]
    hidden = [v for v in found if v.name not in model.named_vars | model.dim_lengths]
    if hidden:
        raise UnsuitableModelError(f"{hidden[0]}: not registered with pm.Data")
    by_name = {v.name: v.type(name=v.name) for v in found}  # PyMC may hold clones of one container
    return {v: by_name[v.name] for v in found}
