"""Operators written out in others that NumPy applies to whole arrays.

Left as they are, operators without a ufunc are evaluated number by number, a hundred times slower.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np


def spelled_out(expressions: list[Any]) -> list[Any]:
    """Return expressions with every operator that is a graph itself or has no ufunc written out."""
    from pytensor.graph.rewriting.utils import rewrite_graph

    for change in _changes():
        expressions = rewrite_graph(expressions, include=(), custom_rewrite=change)
    return expressions


@cache
def _changes() -> tuple[Any, ...]:
    import pytensor.scalar as ps
    import pytensor.tensor as pt
    from pytensor.compile.builders import OpFromGraph
    from pytensor.compile.rewriting import inline_ofg_node
    from pytensor.graph.rewriting.basic import dfs_rewriter, node_rewriter
    from pytensor.tensor.elemwise import Elemwise

    @node_rewriter([OpFromGraph])  # type: ignore[untyped-decorator]
    def inline(_: Any, node: Any) -> list[Any]:
        return list(inline_ofg_node(node))

    def softplus(x: Any) -> Any:
        size = pt.abs(x)  # whose slope at 0 is 0, so that softplus' is a half there
        return (x + size) / 2 + pt.log1p(pt.exp(-size))

    def clip(x: Any, low: Any, high: Any) -> Any:
        return pt.switch(x < low, low, pt.switch(x > high, high, x))

    def second(like: Any, value: Any) -> Any:
        return pt.switch(np.array(True), value, like)  # `value` in the shape of `like`

    spelt: dict[Any, Callable[..., Any]] = {ps.Softplus: softplus, ps.Clip: clip, ps.Second: second}

    @node_rewriter([Elemwise])  # type: ignore[untyped-decorator]
    def spell(_: Any, node: Any) -> list[Any] | None:
        written = spelt.get(type(node.op.scalar_op))
        if written is None:
            return None
        new = written(*node.inputs)
        return [new.astype(node.outputs[0].dtype)]

    return dfs_rewriter(inline), dfs_rewriter(spell)
