"""A graph run by NumPy: its operators one after another, each as PyTensor states it.

PyTensor's own virtual machine does the same and more, which for graphs of hundreds of small nodes
takes longer than their arithmetic. Equal nodes are computed once, and what is computed on the way
is kept no longer than the last node that reads it. Numbers lie in the function: one call at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

type Cell = list[Any]  # the one value a variable has at a time

_SMALL = 64  # elements up to which equal constants are known to be equal


class _Step(NamedTuple):
    run: Callable[[], object]
    made: tuple[Cell, ...]
    spent: tuple[Cell, ...]


class Interpreter:
    """A function of arrays, one for each input, that returns the outputs."""

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        cells = _Cells(inputs)
        nodes = cells.distinct(outputs)
        self._inputs = [cells.of(v) for v in inputs]
        self._outputs = [cells.of(v) for v in outputs]
        self._steps = list(_steps(nodes, cells, self._outputs))

    def __call__(self, *arrays: NDArray[Any]) -> list[NDArray[Any]]:
        """Return the outputs."""
        self._fill(arrays)
        for run, _, spent in self._steps:
            run()
            for cell in spent:
                cell[0] = None
        return [cell[0] for cell in self._outputs]

    def sizes(self, *arrays: NDArray[Any]) -> list[int]:
        """Return the size of every array that a call computes."""
        self._fill(arrays)
        found = []
        for run, made, _ in self._steps:
            run()
            found += [np.size(cell[0]) for cell in made]
        return found

    def _fill(self, arrays: Sequence[NDArray[Any]]) -> None:
        for cell, array in zip(self._inputs, arrays, strict=True):
            cell[0] = array


class _Cells(dict[Any, Cell]):
    """The cell of each variable; equal ones share it."""

    def __init__(self, inputs: Sequence[Any]) -> None:
        super().__init__({v: [None] for v in inputs})
        self._known: dict[Any, list[Cell]] = {}

    def distinct(self, outputs: Sequence[Any]) -> list[Any]:
        """Return the nodes behind outputs in order, of equal ones the first."""
        from pytensor.graph.traversal import toposort

        return [node for node in toposort(outputs, list(self)) if self._is_new(node)]

    def _is_new(self, node: Any) -> bool:
        read = [id(self.of(v)) for v in node.inputs]
        made = self._known.setdefault((node.op, *read), [])
        known = bool(made)
        made += [] if known else [[None] for _ in node.outputs]
        self.update(zip(node.outputs, made, strict=True))
        return not known

    def of(self, variable: Any) -> Cell:
        """Return the cell of a variable that is computed, or of a constant."""
        if variable not in self:
            self[variable] = self._constant(variable)
        return self[variable]

    def _constant(self, variable: Any) -> Cell:
        value = variable.data
        if not isinstance(value, np.ndarray) or value.size > _SMALL:
            return [value]
        key = (variable.type, value.tobytes())
        (cell,) = self._known.setdefault(key, [[value]])
        return cell


def _steps(nodes: Sequence[Any], cells: _Cells, kept: Iterable[Cell]) -> Iterable[_Step]:
    last: dict[int, int] = {}
    for place, node in enumerate(nodes):
        last |= {id(cells[v]): place for v in (*node.inputs, *node.outputs)}
    last |= {id(cell): -1 for cell in kept}
    computed = {id(cells[v]) for node in nodes for v in node.outputs}
    for place, node in enumerate(nodes):
        made = tuple(cells[v] for v in node.outputs)
        touched = {id(c): c for c in (*(cells[v] for v in node.inputs), *made)}
        spent = (c for k, c in touched.items() if last[k] == place and k in computed)
        yield _Step(_thunk(node, cells), made, tuple(spent))


def _thunk(node: Any, cells: _Cells) -> Callable[[], object]:
    """Return a function that computes the cells of a node's outputs from those of its inputs."""
    from pytensor.tensor.elemwise import DimShuffle, Elemwise

    read = [cells[v] for v in node.inputs]
    if isinstance(node.op, DimShuffle):
        return partial(_turn, read[0], cells[node.outputs[0]], *_places(node.op))
    node.op.prepare_node(node, None, None, "py")
    if isinstance(node.op, Elemwise) and (ufunc := _ufunc(node)) is not None:
        made = cells[node.outputs[0]]
        return partial(_apply, ufunc, read, made, np.dtype(node.outputs[0].dtype))
    ready = {v: [True] for v in (*node.inputs, *node.outputs)}
    thunk: Callable[[], object] = node.op.make_thunk(node, cells, ready, [], "py")
    return thunk


def _ufunc(node: Any) -> Callable[..., Any] | None:
    """Return what NumPy or SciPy call an elementwise operator; None where PyTensor does it."""
    op, named = node.op, node.op.nfunc_spec
    if op.inplace_pattern or named is None or named[2] != 1:
        return None
    if named[1] != len(node.inputs):  # sums and products of more than two
        return partial(_folded, op.nfunc) if named[1] == 2 and named[0] in _FOLDED else None
    return partial(op.nfunc, sig=node.tag.sig) if hasattr(node.tag, "sig") else op.nfunc


_FOLDED = ("add", "multiply")


def _folded(ufunc: Callable[..., Any], *arrays: Any) -> Any:
    return reduce(ufunc, arrays)


def _apply(ufunc: Callable[..., Any], read: list[Cell], made: Cell, dtype: np.dtype[Any]) -> None:
    made[0] = np.asarray(ufunc(*[cell[0] for cell in read]), dtype)


def _places(op: Any) -> tuple[tuple[int, ...], tuple[int, ...], tuple[Any, ...]]:
    """Return how a DimShuffle drops axes, orders the rest, and adds new ones."""
    kept = [axis for axis in op.new_order if axis != "x"]
    order = tuple(sorted(kept).index(axis) for axis in kept)
    return (
        tuple(op.drop),
        order,
        tuple(None if axis == "x" else slice(None) for axis in op.new_order),
    )


def _turn(
    read: Cell, made: Cell, drop: tuple[int, ...], order: tuple[int, ...], add: tuple[Any, ...]
) -> None:
    array = read[0].squeeze(drop) if drop else read[0]
    made[0] = array.transpose(order)[add]
