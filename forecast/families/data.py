"""The numbers that a model takes from a question, and the containers they go into.

What a view says is computed by functions that return numbers by name and know nothing of PyMC; the
functions that state a model put the same numbers into data containers. So `build` and `data` of a
family have one source, and a graph taken once serves all questions of its shape.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.tensor import TensorVariable

type Data = dict[str, Any]
"""Numbers or arrays by the name of the container that holds them."""


def placed(data: Data) -> list[TensorVariable]:
    """Add a container for each of `data` to the current model; return them in order."""
    import pymc as pm

    return [pm.Data(name, value) for name, value in data.items()]


def held(model: pm.Model) -> Data:
    """Return what the containers of a model hold."""
    return {variable.name: variable.get_value() for variable in model.data_vars}
