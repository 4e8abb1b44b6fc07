"""The log densities of many posteriors of one shape, each with its own data, at many points each.

One program, made from the graph of one model, serves all models that differ in their data alone.
Arrays begin with an axis of posteriors and one of points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from forecast.inference.backends import Run, compiled, interpreted
from forecast.inference.graph import Expressions, Graphs
from forecast.inference.interpreter import Interpreter

type Array = NDArray[np.float64]
type Index = NDArray[np.intp]
type Data = Mapping[str, NDArray[Any]]
type Backend = Literal["interpreted", "compiled"]

_BLOCK = 1 << 19  # elements of the largest array in one call: few calls, in little memory
_STEP = 1.5e-8  # root of the rounding error: the best relative step of a difference


class Function:
    """Expressions as a function of points and data, evaluated in blocks.

    The size of a block follows from the shapes of the data alone, so that a posterior's numbers do
    not depend on its company.
    """

    def __init__(self, expressions: Expressions) -> None:
        self.data = {name: v.type.dtype for name, v in expressions.data.items()}
        self._kinds = [v.type.dtype for v in expressions.points]
        self._axes = expressions.axes
        self._expressions = expressions
        self._rows: dict[tuple[Any, ...], int] = {}

    @cached_property
    def _interpreted(self) -> Interpreter:
        return interpreted(self._expressions)

    @cached_property
    def _compiled(self) -> Run:
        return compiled(self._expressions)

    def __call__(
        self,
        points: Sequence[NDArray[Any]],
        data: Data,
        shape: tuple[int, ...],
        backend: Backend = "interpreted",
    ) -> list[Array]:
        """Return each output as (posterior, point, …), for points (posterior, point, …)."""
        run = self._compiled if backend == "compiled" else self._interpreted
        arrays = [data[name] for name in self.data]
        points = [p.astype(k, copy=False) for p, k in zip(points, self._kinds, strict=True)]
        count, places, *_ = shape
        results: list[Array] = []
        for posteriors, rows in self._blocks(points, arrays, count, places):
            block = [part[posteriors, rows] for part in points]
            found = self._evaluate(run, [*block, *(array[posteriors] for array in arrays)])
            if not results:
                results = [np.empty((count, places, *f.shape[2:])) for f in found]
            for result, values in zip(results, found, strict=True):
                result[posteriors, rows] = values
        return results

    def _evaluate(self, run: Run, inputs: list[NDArray[Any]]) -> list[Array]:
        """Return the outputs with both axes, of length one where nothing depends on it."""
        with np.errstate(all="ignore"):  # judged by the gates, not by a warning
            found = run(*inputs)
        outputs = []
        for value, (by_posterior, by_point) in zip(found, self._axes, strict=True):
            value = np.asarray(value, float)
            value = value if by_posterior else value[None]
            outputs.append(value if by_point else value[:, None])
        return outputs

    def _blocks(
        self, points: Sequence[NDArray[Any]], data: list[NDArray[Any]], count: int, places: int
    ) -> list[tuple[slice, slice]]:
        rows = self._points_a_block(points, data)
        together = max(1, rows // places)
        rows = min(rows, places)
        return [
            (slice(b, b + together), slice(p, p + rows))
            for b in range(0, count, together)
            for p in range(0, places, rows)
        ]

    def _points_a_block(self, points: Sequence[NDArray[Any]], data: list[NDArray[Any]]) -> int:
        shape = tuple(array.shape[1:] for array in data)
        if shape not in self._rows:
            self._rows[shape] = max(1, _BLOCK // self._width(points, data))
        return self._rows[shape]

    def _width(self, points: Sequence[NDArray[Any]], data: list[NDArray[Any]]) -> int:
        """Return by how many elements the largest of all arrays grows with every point."""
        one, two = (
            self._sizes([part[:1, [0] * n] for part in points], [array[:1] for array in data])
            for n in (1, 2)
        )
        growth: list[int] = [b - a for a, b in zip(one, two, strict=True)]
        return max([1, *growth])

    def _sizes(self, points: list[NDArray[Any]], data: list[NDArray[Any]]) -> list[int]:
        with np.errstate(all="ignore"):
            return self._interpreted.sizes(*points, *data)


class Program:
    """What all models of one shape share: their functions, without their data.

    `names` are the constrained parameters and the outputs, in the order of `weighing` (after the
    log density) or of `simulation`.
    """

    def __init__(self, taken: Graphs) -> None:
        self.start = Function(taken.start)
        self.gradient = Function(taken.gradient)
        self.weighing = Function(taken.weighing)
        self.simulation = Function(taken.simulation) if taken.simulation else None
        self.names = taken.names
        functions = (self.start, self.gradient, self.weighing, self.simulation)
        self.data = {name: kind for f in functions if f for name, kind in f.data.items()}

    @property
    def simulates(self) -> bool:
        """Whether the output is a simulation."""
        return self.simulation is not None


@dataclass(frozen=True)
class Densities:
    """The log densities of posteriors, over points of the unconstrained space.

    `data` holds for each container an array with an axis of posteriors before all. `backend` is
    that of the gradient, where compiling pays: what is weighed is thousands of exponentials, which
    NumPy computes as fast as any compiler here.
    """

    program: Program
    data: Data = field(repr=False)
    count: int
    backend: Backend = "interpreted"

    def take(self, which: Index) -> Densities:
        """Return some of the posteriors, each as often as it is named."""
        if len(which) == self.count and (which == np.arange(self.count)).all():
            return self
        data = {name: array[which] for name, array in self.data.items()}
        return Densities(self.program, data, len(which), self.backend)

    @cached_property
    def _start_parts(self) -> list[Array]:
        parts = self.program.start([], self.data, (self.count, 1))
        return [part[:, 0] for part in parts]

    @property
    def start(self) -> Array:
        """The models' initial points, typical of their priors, shape (posterior, dim)."""
        flat = [part.reshape(self.count, -1) for part in self._start_parts]
        return np.concatenate(flat, axis=1) if flat else np.empty((self.count, 0))

    @property
    def dim(self) -> int:
        """The number of unconstrained parameters."""
        return int(self.start.shape[1])

    def gradient(self, points: Array) -> tuple[Array, Array]:
        """Return the log density (b, n) and its gradient (b, n, dim) at points (b, n, dim).

        −inf or NaN where impossible.
        """
        value, *parts = self.program.gradient(
            self.split(points), self.data, points.shape, self.backend
        )
        flat = [part.reshape(*points.shape[:2], -1) for part in parts]
        return value, np.concatenate(flat, axis=2) if flat else np.empty_like(points)

    def scattered(self, owner: Index, points: Array) -> tuple[Array, Array]:
        """Return log density (k, c) and gradient (k, c, dim) at points (k, c, dim).

        Points k are asked of posterior `owner[k]`; owners come in order.
        """
        who, first, each = np.unique(owner, return_index=True, return_counts=True)
        row = np.repeat(np.arange(len(who)), each)
        column = np.arange(len(owner)) - np.repeat(first, each)
        # Posteriors with fewer points than the most repeat their first.
        packed = np.repeat(points[first][:, None], each.max(), axis=1)
        packed[row, column] = points
        shape = packed.shape
        value, slope = self.take(who).gradient(packed.reshape(len(who), -1, shape[-1]))
        return value.reshape(shape[:3])[row, column], slope.reshape(shape)[row, column]

    def hessian(self, owner: Index, points: Array, slopes: Array) -> Array:
        """Return second derivatives (k, dim, dim) at points (k, dim) by differences of gradients.

        `slopes` (k, dim) is the gradient at the points; costs k·dim gradients more.
        """
        step = _STEP * np.maximum(1.0, np.abs(points))
        moved = points[:, None] + step[:, :, None] * np.eye(points.shape[1])
        _, ahead = self.scattered(owner, moved)
        with np.errstate(invalid="ignore"):
            half = (ahead - slopes[:, None]) / step[:, :, None]
        return (half + half.swapaxes(1, 2)) / 2

    def weigh(self, points: Array) -> tuple[Array, dict[str, Array]]:
        """Return the log density (b, n) and all variables by name, each (b, n, …).

        Of models that simulate their output the density alone; see `variables`.
        """
        value, *variables = self.program.weighing(self.split(points), self.data, points.shape)
        names = () if self.program.simulates else self.program.names
        return value, dict(zip(names, variables, strict=True))

    def variables(self, points: Array, replicate: NDArray[np.int64]) -> dict[str, Array]:
        """Return the constrained parameters and the outputs by name, each (b, n, …).

        `replicate` (n,) numbers the points for models that simulate their output.
        """
        if self.program.simulation is None:
            return self.weigh(points)[1]
        parts = [*self.split(points), np.broadcast_to(replicate, points.shape[:2])]
        values = self.program.simulation(parts, self.data, points.shape)
        return dict(zip(self.program.names, values, strict=True))

    def split(self, points: Array) -> list[Array]:
        """Return points (b, n, dim) as one array (b, n, …) for each parameter of the model."""
        ends = np.cumsum([part[0].size for part in self._start_parts])
        pieces = np.split(points, ends[:-1], axis=2) if len(ends) else []
        return [
            piece.reshape(*points.shape[:2], *part.shape[1:])
            for piece, part in zip(pieces, self._start_parts, strict=True)
        ]
