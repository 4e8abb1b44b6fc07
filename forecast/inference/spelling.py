"""Graphs put in forms that NumPy evaluates fast, by whole arrays and products of matrices.

Left as they are, operators without a ufunc are evaluated number by number, a hundred times slower.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np


def spelled_out(expressions: list[Any]) -> list[Any]:
    """Return expressions with every operator that is a graph itself or has no ufunc written out."""
    for change in _changes():
        expressions = _changed(expressions, change)
    return expressions


def multiplied_together(expressions: list[Any]) -> list[Any]:
    """Return expressions with one product of matrices where a matrix met a vector a point."""
    from pytensor.graph.rewriting.basic import dfs_rewriter
    from pytensor.tensor.rewriting.math import local_batched_matmul_to_core_matmul

    return _changed(expressions, dfs_rewriter(local_batched_matmul_to_core_matmul))


def plain(gradients: list[Any]) -> list[Any]:
    """Return gradients without what is certain to be zero or one.

    The slope of a branch not taken has to be zero before anything that is not finite meets it. To
    look for more algebra in a gradient takes longer than it saves.
    """
    from pytensor.graph.rewriting.basic import dfs_rewriter
    from pytensor.tensor.rewriting import basic, elemwise, math

    change = dfs_rewriter(
        basic.local_second_sink,
        basic.local_useless_fill,
        basic.local_useless_elemwise,
        basic.local_useless_switch,
        basic.constant_folding,
        elemwise.local_dimshuffle_merge,
        elemwise.local_dimshuffle_lift,
        math.local_mul_switch_sink,
        math.local_div_switch_sink,
        math.local_mul_zero,
        math.local_zero_div,
    )
    return _changed(gradients, change)


def _changed(expressions: list[Any], change: Any) -> list[Any]:
    from pytensor.graph.rewriting.utils import rewrite_graph

    found: list[Any] = rewrite_graph(expressions, include=(), custom_rewrite=change)
    return found


@cache
def _changes() -> tuple[Any, ...]:
    import pytensor.scalar as ps
    import pytensor.tensor as pt
    from pytensor.compile.builders import OpFromGraph
    from pytensor.compile.rewriting import inline_ofg_node
    from pytensor.graph.rewriting.basic import dfs_rewriter, node_rewriter
    from pytensor.tensor.elemwise import Elemwise
    from pytensor.tensor.math import Dot, _matmul

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

    @node_rewriter([_matmul, Dot])  # type: ignore[untyped-decorator]
    def turn(_: Any, node: Any) -> list[Any] | None:
        """Multiply from the left by vectors, so that what belongs to a point lies together."""
        matrix, column = node.inputs
        if column.type.ndim != 2 or column.type.shape[1] != 1 or matrix.type.shape[0] == 1:
            return None
        return [(column.T @ matrix.T).T]

    spelt: dict[Any, Callable[..., Any]] = {ps.Softplus: softplus, ps.Clip: clip, ps.Second: second}

    @node_rewriter([Elemwise])  # type: ignore[untyped-decorator]
    def spell(_: Any, node: Any) -> list[Any] | None:
        written = spelt.get(type(node.op.scalar_op))
        if written is None:
            return None
        new = written(*node.inputs)
        return [new.astype(node.outputs[0].dtype)]

    return dfs_rewriter(inline), dfs_rewriter(spell, turn)
