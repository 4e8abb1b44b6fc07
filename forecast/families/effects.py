"""Indicators that multiply a daily hazard: Σ_k β_k·x_k(t), the log hazard ratio on each day.

β_k ~ Normal with the 10% and 90% points of the elicited hazard ratio's logarithm, or exact.
Uncertain readings enter through one standard normal parameter per indicator, a drift through
another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from forecast.domain import View
from forecast.errors import BookError
from forecast.families.clock import timeline
from forecast.families.data import Data, placed
from forecast.families.features import Array, Path, path
from forecast.families.fields import TAIL
from forecast.families.options import HazardEffect
from forecast.families.priors import dimension, filled, filled_data, normal_of_ratio

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable

_RATIO = "log_hazard_ratio"
_ABSURD = 100.0  # log hazard ratio: no sampler walks where a hazard may be e^100 times another


class Effects(NamedTuple):
    """The effects of a model, one column of x each."""

    uses: Sequence[HazardEffect]
    ratios: Sequence[tuple[float, float]]  # mean and sd of the log hazard ratio
    paths: Sequence[Path]

    @property
    def elicited(self) -> list[int]:
        """Columns whose hazard ratio is uncertain."""
        return [k for k, (_, sd) in enumerate(self.ratios) if sd > 0]

    @property
    def uncertain(self) -> list[int]:
        """Columns whose readings are uncertain."""
        return [k for k, p in enumerate(self.paths) if p.sd.any()]

    @property
    def drifting(self) -> list[int]:
        """Columns that drift from now on."""
        return [k for k, p in enumerate(self.paths) if p.drift.any()]

    @property
    def key(self) -> str:
        """Name the structure: how many parameters of each kind, and columns."""
        parameters = f"b{len(self.elicited)}z{len(self.uncertain)}w{len(self.drifting)}"
        return f"x{len(self.paths)}{parameters}"


def effects(uses: Sequence[HazardEffect], view: View) -> Effects:
    """Return the effects of those uses that state a hazard ratio; BookError for absurd readings."""
    moving = [(use, use.hazard_ratio) for use in uses if use.hazard_ratio is not None]
    time = timeline(view)
    found = Effects(
        uses=[use for use, _ in moving],
        ratios=[normal_of_ratio(ratio) for _, ratio in moving],
        paths=[path(use, view, time) for use, _ in moving],
    )
    for use, (mean, sd), along in zip(*found, strict=True):
        farthest = abs(along.mean).max()
        if farthest * (abs(mean) + TAIL * sd) > _ABSURD:
            message = f"{use.use} is {farthest:,.4g} times its unit (`per`) from its baseline"
            raise BookError(message, hint="check its readings, and `per` and `baseline`")
    return found


def effects_data(moved: Effects) -> Data:
    """Return the numbers of `log_effect`."""
    if not moved.paths:
        return {}
    numbers = {**_prior_data(moved), **filled_data(_RATIO, *_means(moved)), **_paths_data(moved)}
    for name, columns, spread in _spreads(moved):
        if columns:
            numbers |= _spread_data(name, columns, spread)
    return numbers


def log_effect(moved: Effects) -> TensorVariable:
    """Add the parameters of the effects; return the log hazard ratio by day (0 without effects)."""
    return along(moved, log_ratios(moved))


def log_ratios(moved: Effects) -> TensorVariable:
    """Add the elicited log hazard ratios as parameters; return those of all columns."""
    import pymc as pm
    import pytensor.tensor as pt

    if not moved.paths:
        return pt.zeros(0)

    def draw() -> TensorVariable:
        dims = dimension("moving", [moved.uses[k].use for k in moved.elicited])
        return pm.Normal(_RATIO, *placed(_prior_data(moved)), dims=dims)

    return filled(_RATIO, *_means(moved), draw)


def along(moved: Effects, ratio: TensorVariable) -> TensorVariable:
    """Return the log hazard ratio by day from those of the columns; adds uncertain readings."""
    import pymc as pm
    import pytensor.tensor as pt

    if not moved.paths:
        return pt.zeros(())
    (x,) = placed(_paths_data(moved))
    total = x @ ratio
    for name, columns, spread in _spreads(moved):
        if columns:
            uses = [moved.uses[k].use for k in columns]
            z = pm.Normal(f"{name}_z", 0, 1, dims=dimension(name, uses))
            column, sd = placed(_spread_data(name, columns, spread))
            total = total + sd @ (z * ratio[column])
    return total


def _paths_data(moved: Effects) -> Data:
    import numpy as np

    return {"x": np.column_stack([p.mean for p in moved.paths])}


def _spreads(moved: Effects) -> Iterator[tuple[str, list[int], list[Array]]]:
    """Yield what spreads the paths: a name, the columns it concerns, and by how much by day."""
    yield "reading", moved.uncertain, [p.sd for p in moved.paths]
    yield "drift", moved.drifting, [p.drift for p in moved.paths]


def _spread_data(name: str, columns: list[int], spread: list[Array]) -> Data:
    import numpy as np

    return {
        f"{name}_column": np.array(columns),
        f"{name}_sd": np.column_stack([spread[k] for k in columns]),
    }


def _prior_data(moved: Effects) -> Data:
    import numpy as np

    if not moved.elicited:
        return {}
    mean, sd = np.transpose([moved.ratios[k] for k in moved.elicited])
    return {f"{_RATIO}_mean": mean, f"{_RATIO}_sd": sd}


def _means(moved: Effects) -> tuple[list[bool], list[float]]:
    """Return which log hazard ratios are uncertain, and the mean of each."""
    return [sd > 0 for _, sd in moved.ratios], [mean for mean, _ in moved.ratios]
