"""How expressions become functions: interpreted, with nothing to compile, or compiled by Numba.

Both follow the same graph and differ in the rounding of their last digits. Compiling takes the best
part of a minute a function; what Numba made it keeps in PyTensor's compile directory, for every
process of the user, and it may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from forecast.inference.graph import Expressions

type Run = Callable[..., list[NDArray[Any]]]


def interpreted(expressions: Expressions) -> Run:
    """Return a function of points and data that PyTensor's Python linker runs with NumPy."""
    import pytensor
    from pytensor.compile.mode import Mode
    from pytensor.graph.rewriting.db import RewriteDatabaseQuery
    from pytensor.link.vm import VMLinker

    # To look for more than equal nodes takes longer than it saves: the graph is plain already.
    mode = Mode(VMLinker(use_cloop=False, c_thunks=False), RewriteDatabaseQuery(include=["merge1"]))
    inputs = [*expressions.points, *expressions.data.values()]
    run = pytensor.function(inputs, list(expressions.outputs), mode=mode, on_unused_input="ignore")
    run.trust_input = True
    return run  # type: ignore[no-any-return]


def was_compiled(key: str) -> bool:
    """Whether this user has compiled the functions of `key` before, and kept them."""
    return _mark(key).exists()


def note_compiled(key: str) -> None:
    """Remember that the functions of `key` are compiled; beside them, so that both go together."""
    with contextlib.suppress(OSError):
        _mark(key).parent.mkdir(parents=True, exist_ok=True)
        _mark(key).touch()


def _mark(key: str) -> Path:
    import numba
    import pytensor

    versions = f"{pytensor.__version__}/{numba.__version__}"
    name = hashlib.sha256(f"{versions}/{key}".encode()).hexdigest()[:32]
    return Path(pytensor.config.compiledir) / "forecast" / name


def compiled(expressions: Expressions) -> Run:
    """Return a function of points and data that Numba compiles, or has compiled before."""
    import pytensor

    inputs = [*expressions.points, *expressions.data.values()]
    with pytensor.config.change_flags(numba__fastmath=False):  # infinities are part of a density
        run = pytensor.function(
            inputs, list(expressions.outputs), mode="NUMBA", on_unused_input="ignore"
        )
    run.trust_input = True

    def evaluate(*arrays: NDArray[Any]) -> list[NDArray[Any]]:
        return list(run(*(np.ascontiguousarray(array) for array in arrays)))

    return evaluate


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
