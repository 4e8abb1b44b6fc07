"""How expressions become functions: run operation by operation, with nothing to compile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from forecast.inference.graph import Expressions

type Run = Callable[..., list[NDArray[Any]]]

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


def interpreted(expressions: Expressions) -> Run:
    """Return a function of points and data that PyTensor's Python linker runs with NumPy."""
    import pytensor
    from pytensor.compile.mode import FAST_COMPILE

    run = pytensor.function(
        [*expressions.points, *expressions.data.values()],
        list(expressions.outputs),
        mode=FAST_COMPILE.including(_BROADCASTS).excluding(*_ALGEBRA),
        on_unused_input="ignore",
    )
    run.trust_input = True
    return run  # type: ignore[no-any-return]


def sizes(run: Any, inputs: Sequence[NDArray[Any]]) -> list[int]:
    """Return the size of every array that a call of an interpreted function computes."""
    graph = run.maker.fgraph
    known = dict(zip(graph.inputs, inputs, strict=True))
    found = []
    with np.errstate(all="ignore"):
        for node in graph.toposort():
            cells: list[list[Any]] = [[None] for _ in node.outputs]
            arguments = [known[v] if v in known else v.data for v in node.inputs]  # noqa: SIM401
            node.op.perform(node, arguments, cells)
            known |= {v: value for v, (value,) in zip(node.outputs, cells, strict=True)}
            found += [np.size(value) for (value,) in cells]
    return found
