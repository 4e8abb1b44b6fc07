"""Questions to ask of models, and the exact answer of a built model by quadrature.

Nothing is compiled and nothing sampled: PyTensor's Python linker evaluates the model's own graph.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

from forecast.domain import (
    AsOf,
    Indicator,
    IndicatorKind,
    ModelSpec,
    Observation,
    Question,
    QuestionType,
    ReferenceClass,
    View,
)
from forecast.families import get

CLOCK = date(2021, 11, 1)
CRISES = {"name": "crises", "events": "6", "cases": "75", "exposure": "180 days"}


def on(day: int) -> date:
    """Return the date of day t = `day`."""
    return CLOCK + timedelta(days=day)


def event(name: str, *days: int, by: str = "") -> Indicator:
    seen = tuple(Observation(on(d), on(d), value=1.0, by=by) for d in days)
    return Indicator(name, IndicatorKind.EVENT, observations=seen)


def level(name: str, *readings: Observation, **definition: Any) -> Indicator:
    return Indicator(name, IndicatorKind.LEVEL, observations=readings, **definition)


def at(day: int, value: float, **rest: Any) -> Observation:
    return Observation(on(day), on(day), value=value, **rest)


class Ask:
    """Builds views and takes expectations under a model's posterior."""

    clock, crises = CLOCK, CRISES
    on, event, level, at = (
        staticmethod(on),
        staticmethod(event),
        staticmethod(level),
        staticmethod(at),
    )

    def view(
        self,
        *indicators: Indicator,
        now: int = 77,
        rungs: tuple[int, ...] = (120,),
        **question: Any,
    ) -> View:
        """Return a binary question's view on day `now`, its rungs on those days."""
        stated = {"type": QuestionType.BINARY, "opens": on(0), "clock": CLOCK} | question
        asked = Question("q", "Will it?", deadlines=tuple(on(d) for d in rungs), **stated)
        return View(asked, AsOf.at(on(now), "UTC"), {i.id: i for i in indicators})

    def reference(self, stated: dict[str, Any]) -> ReferenceClass:
        """Return the domain's reference class from what a file would state."""
        from forecast.families.options import ReferenceClassOptions

        return ReferenceClassOptions.model_validate(stated).domain()

    def choice(
        self,
        parts: dict[str, View],
        family: str,
        stated: dict[str, Any] | None = None,
        **more: Any,
    ) -> View:
        """Return the view of "which first, e, l or neither", each part under one family."""
        spec = ModelSpec("main", family, self.options(family, **(stated or {})))
        options = ("e", "l", "neither")
        view = self.view(type=QuestionType.MULTIPLE_CHOICE, options=options, **more)
        named = {
            name: replace(part, question=replace(part.question, id=name, models=(spec,)))
            for name, part in parts.items()
        }
        return replace(view, parts=named)

    def options(self, family: str, **stated: Any) -> Any:
        """Return a family's options from what a file would state."""
        return get(family).Options.model_validate({"family": family, **stated})

    def model(self, view: View, family: str, **stated: Any) -> Any:
        return get(family).build(self.options(family, **stated), view)

    def mean(self, view: View, family: str, *, output: str = "p", **stated: Any) -> np.ndarray:
        """Return the exact posterior mean of an output of the model."""
        return expectation(self.model(view, family, **stated), output)


@pytest.fixture(scope="session")
def ask() -> Ask:
    return Ask()


def _mode() -> Any:
    """Return numpy evaluation of the whole batch, operation by operation: nothing compiled."""
    from pytensor.compile.mode import Mode

    return Mode("py", "fast_run").excluding("fusion")


@pytest.fixture(scope="session")
def evaluate() -> Callable[..., np.ndarray]:
    """Return the value of a PyTensor variable, some others given."""

    def value(variable: Any, given: dict[Any, Any] | None = None) -> np.ndarray:
        return np.asarray(variable.eval(given or {}, mode=_mode(), on_unused_input="ignore"))

    return value


def _grid_function(model: Any, output: str) -> tuple[Callable[..., Any], list[int]]:
    """Return a function from a batch of unconstrained points to log density and output."""
    import pytensor
    import pytensor.tensor as pt
    from pytensor.graph.replace import vectorize_graph

    points = pt.matrix("points")
    sizes = [v.size for v in model.initial_point().values()]
    computed = model[output].owner.inputs[0]  # behind the label, which would cost a loop
    results = [model.logp(), *model.replace_rvs_by_values([computed])]
    parts, start = {}, 0
    for variable, size in zip(model.value_vars, sizes, strict=True):
        part = points[:, start : start + size]
        parts[variable] = part if variable.ndim else part[:, 0]
        start += size
    batched = vectorize_graph(results, replace=parts)
    return pytensor.function([points], batched, mode=_mode(), on_unused_input="ignore"), sizes


@cache
def _gauss_legendre(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    return np.polynomial.legendre.leggauss(nodes)


def expectation(model: Any, output: str = "p") -> np.ndarray:
    """Integrate an output over the posterior by Gauss–Legendre on the box that holds the mass."""
    evaluate, sizes = _grid_function(model, output)
    dimensions = sum(sizes)
    if not dimensions:
        return np.asarray(evaluate(np.zeros((1, 0)))[1])
    wide = 60.0 if dimensions == 1 else 20.0
    low, high = np.full(dimensions, -wide), np.full(dimensions, wide)
    coarse = {1: 201, 2: 41}.get(dimensions, 17)
    for _ in range(4):
        axes = [np.linspace(a, b, coarse) for a, b in zip(low, high, strict=True)]
        grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, dimensions)
        log_density = np.nan_to_num(evaluate(grid)[0], nan=-np.inf)
        kept = grid[log_density > log_density.max() - 42]
        step = (high - low) / (coarse - 1)
        low, high = np.maximum(low, kept.min(0) - step), np.minimum(high, kept.max(0) + step)
    x, w = _gauss_legendre({1: 401, 2: 61}.get(dimensions, 51))
    axes = [a + (b - a) * (x + 1) / 2 for a, b in zip(low, high, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, dimensions)
    weights = np.prod(np.stack(np.meshgrid(*[w] * dimensions, indexing="ij"), -1), -1).ravel()
    log_density, values = evaluate(grid)
    posterior = weights * np.exp(log_density - log_density.max())
    return posterior @ values.reshape(len(grid), -1) / posterior.sum()
