"""How expressions become functions: interpreted, with nothing to compile, or compiled by Numba.

Both follow the same graph and differ in the rounding of their last digits. Compiling takes the best
part of a minute a function; what Numba made it keeps in PyTensor's compile directory, for every
process of the user, and it may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from forecast.inference.interpreter import Interpreter

if TYPE_CHECKING:
    from forecast.inference.graph import Expressions

type Run = Callable[..., list[NDArray[Any]]]

_KEPT = 31 << 20  # bytes; from 32 MB on glibc never keeps any


@cache
def _keep_memory() -> None:
    """Let arrays be made of the memory of earlier ones.

    glibc gives the memory of large arrays back, and a page new from the system costs more than most
    operations on it. What it keeps is as large as the largest array that was ever freed.
    """
    np.empty(_KEPT, dtype=np.uint8)


def interpreted(expressions: Expressions) -> Interpreter:
    """Return a function of points and data that NumPy evaluates."""
    _keep_memory()
    inputs = [*expressions.points, *expressions.data.values()]
    return Interpreter(inputs, expressions.outputs)


def was_compiled(key: str) -> bool:
    """Whether this user has begun to compile the functions of `key` before, and kept the mark."""
    return _mark(key).exists()


def note_compiled(key: str) -> None:
    """Remember that the functions of `key` are being compiled, beside where they will be kept."""
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
