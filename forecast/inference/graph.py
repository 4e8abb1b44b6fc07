"""From a PyMC model to expressions of many posteriors at many points.

The model's graph is taken as it is and vectorized twice: over points of the unconstrained space,
and then over posteriors, each with data of its own. In this order a product of data and parameters
becomes one product of matrices a posterior.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pymc as pm

REPLICATE = "_replicate"
"""The data container by which a model that simulates its output is told which simulation to use.

A model whose output is an average over simulated futures (paths of a price) holds a multiple of 32
sets of random numbers, or a seed for each, and picks one by this integer modulo their number. Every
point is given a number of its own, and no two of the 32 scrambles numbers that are equal modulo 32,
so that the Monte Carlo error between scrambles contains that of the simulation.
"""

# Stable forms of naive expressions, and impossible parameters as a log density of -inf.
_REWRITES = ("canonicalize", "stabilize", "local_check_parameter_to_ninf_switch")


class UnsuitableModelError(ValueError):
    """The model is no density over continuous parameters, or hides its data from `pm.Data`."""


@dataclass(frozen=True)
class Expressions:
    """Outputs as expressions of points and data.

    `points` are the inputs that have a value for each posterior and point, shape (posterior, point,
    …), `data` by name those that have one for each posterior, (posterior, …). `axes` says of each
    output whether it has an axis of posteriors and one of points; without the first it has neither.
    """

    points: tuple[Any, ...]
    data: dict[str, Any]
    outputs: tuple[Any, ...]
    axes: tuple[tuple[bool, bool], ...]


@dataclass(frozen=True)
class Graphs:
    """A model's graphs: its initial point, its log density with gradient, and its outputs.

    `weighing` gives the log density and then the variables `names`: the constrained parameters and
    the public deterministics, the one asked for among them. If `simulates`, the variables are left
    out of it and stand in `simulation`, whose last input by point is the number of the replicate.
    """

    start: Expressions
    gradient: Expressions
    weighing: Expressions
    simulation: Expressions | None
    names: tuple[str, ...]


def graphs(model: pm.Model, output: str) -> Graphs:
    """Return the graphs of a model whose deterministic `output` is asked for.

    Raises UnsuitableModelError if the model has no such deterministic, discrete parameters, or
    shared variables that are no `pm.Data`.
    """
    import pytensor

    with pytensor.config.change_flags(traceback__limit=0):  # nodes need not say where they are from
        return _graphs(model, output)


def _graphs(model: pm.Model, output: str) -> Graphs:
    values, named = model.value_vars, _named(model, output)
    outputs = model.replace_rvs_by_values(named)
    density, *variables = _stable([model.logp(), *outputs])
    replicate = [model[REPLICATE]] if REPLICATE in model.named_vars else []
    weighed = [density] if replicate else [density, *variables]
    return Graphs(
        start=_vectorized(model, _initial_point(model), []),
        gradient=_vectorized(model, [density], values, gradient=True),
        weighing=_vectorized(model, weighed, values),
        simulation=_vectorized(model, variables, [*values, *replicate]) if replicate else None,
        names=tuple(variable.name for variable in named),
    )


def _named(model: pm.Model, output: str) -> list[Any]:
    discrete = [v.name for v in model.value_vars if not v.type.dtype.startswith("float")]
    if discrete:
        raise UnsuitableModelError(f"{', '.join(discrete)}: a discrete parameter; sum it out")
    if output not in model.named_vars:
        raise UnsuitableModelError(f"the model has no deterministic {output!r}")
    public = [v for v in model.deterministics if not v.name.split("::")[-1].startswith("_")]
    beside = [v for v in public if v is not model[output] and v not in model.free_RVs]
    return [*model.free_RVs, model[output], *beside]


def _initial_point(model: pm.Model) -> list[Any]:
    from pymc.initial_point import make_initial_point_expression

    expressions: list[Any] = make_initial_point_expression(
        free_rvs=model.free_RVs,
        rvs_to_transforms=model.rvs_to_transforms,
        initval_strategies=model.rvs_to_initial_values,
        return_transformed=True,
    )
    return _stable(expressions) if expressions else []


def _stable(expressions: list[Any]) -> list[Any]:
    """Return expressions in stable forms that NumPy evaluates by whole arrays."""
    from pytensor.graph.rewriting.utils import rewrite_graph

    from forecast.inference.spelling import spelled_out

    return spelled_out(rewrite_graph(expressions, include=_REWRITES))


def _vectorized(
    model: pm.Model, core: Sequence[Any], by_point: Sequence[Any], *, gradient: bool = False
) -> Expressions:
    """Return expressions, and the gradient of the first, with axes of posteriors and points.

    `by_point` are the variables that have a value for each point; all other inputs are data.
    """
    import pytensor
    from pytensor.graph.replace import vectorize_graph

    from forecast.inference.spelling import multiplied_together, plain, spelled_out

    core = _with_lengths(model, core)
    points = _over_axis(by_point)
    outputs = multiplied_together(vectorize_graph(core, points)) if core else []
    by_points = [new.ndim > old.ndim for new, old in zip(outputs, core, strict=True)]
    if gradient and points:
        inputs = list(points.values())
        outputs += pytensor.grad(outputs[0].sum(), inputs, disconnected_inputs="ignore")
        outputs = spelled_out(plain(outputs))
        by_points += [True] * len(inputs)
    everywhere, data = _over_axis(list(points.values())), _data_inputs(model, outputs, by_point)
    by_posterior = vectorize_graph(outputs, everywhere | data) if outputs else []
    return Expressions(
        points=tuple(everywhere.values()),
        data={variable.name: variable for variable in data.values()},
        outputs=tuple(by_posterior),
        axes=tuple(
            (new.ndim > old.ndim, pointwise)
            for new, old, pointwise in zip(by_posterior, outputs, by_points, strict=True)
        ),
    )


def _over_axis(variables: Sequence[Any]) -> dict[Any, Any]:
    """Return for each variable an input of the same type with one more axis before all."""
    return {v: v.type.clone(shape=(None, *v.type.shape))(name=v.name) for v in variables}


def _with_lengths(model: pm.Model, expressions: Sequence[Any]) -> list[Any]:
    """Return expressions with the lengths of dimensions as constants: they are shape, not data."""
    import pytensor.tensor as pt
    from pytensor.graph.replace import graph_replace

    shared = [v for v in _shared(expressions) if v.name in model.dim_lengths]
    lengths = {v: pt.constant(v.get_value(), dtype=v.dtype) for v in shared}
    return graph_replace(list(expressions), lengths) if lengths else list(expressions)


def _shared(expressions: Sequence[Any]) -> list[Any]:
    """Return the data that expressions use; PyMC may hold clones of one container."""
    from pytensor.compile.sharedvalue import SharedVariable
    from pytensor.graph.traversal import graph_inputs

    return [v for v in graph_inputs(expressions) if isinstance(v, SharedVariable)]


def _data_inputs(model: pm.Model, expressions: list[Any], but: Sequence[Any]) -> dict[Any, Any]:
    """Return, for every data container the expressions use, an input with an axis of posteriors."""
    found = [v for v in _shared(expressions) if v not in but]
    hidden = [v for v in found if v.name not in model.named_vars]
    if hidden:
        raise UnsuitableModelError(f"{hidden[0]}: not registered with pm.Data")
    inputs = {v.name: kind for v, kind in _over_axis(found).items()}
    return {v: inputs[v.name] for v in found}
