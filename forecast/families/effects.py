"""Indicators that multiply a daily hazard: Σ_k β_k·x_k(t), the log hazard ratio on each day.

β_k ~ Normal with the 10% and 90% points of the elicited hazard ratio's logarithm, or exact.
Uncertain readings enter through one standard normal parameter per indicator, a drift through
another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from forecast.domain import View
from forecast.families.clock import timeline
from forecast.families.features import Path, path
from forecast.families.options import HazardEffect
from forecast.families.priors import dimension, filled, normal_of_ratio

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable


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
    """Return the effects of those uses that state a hazard ratio."""
    moving = [(use, use.hazard_ratio) for use in uses if use.hazard_ratio is not None]
    time = timeline(view)
    return Effects(
        uses=[use for use, _ in moving],
        ratios=[normal_of_ratio(ratio) for _, ratio in moving],
        paths=[path(use, view, time) for use, _ in moving],
    )


def log_effect(moved: Effects) -> TensorVariable:
    """Add the parameters of the effects; return the log hazard ratio by day (0 without effects)."""
    import numpy as np
    import pymc as pm
    import pytensor.tensor as pt

    if not moved.paths:
        return pt.zeros(())
    ratio = _log_ratio(moved)
    x = pm.Data("x", np.column_stack([p.mean for p in moved.paths]))
    total = x @ ratio
    for name, columns, spread in (
        ("reading", moved.uncertain, [p.sd for p in moved.paths]),
        ("drift", moved.drifting, [p.drift for p in moved.paths]),
    ):
        if columns:
            uses = [moved.uses[k].use for k in columns]
            z = pm.Normal(f"{name}_z", 0, 1, dims=dimension(name, uses))
            column = pm.Data(f"{name}_column", np.array(columns))
            sd = pm.Data(f"{name}_sd", np.column_stack([spread[k] for k in columns]))
            total = total + sd @ (z * ratio[column])
    return total


def _log_ratio(moved: Effects) -> TensorVariable:
    """Add the elicited log hazard ratios as parameters; return those of all columns."""
    import numpy as np
    import pymc as pm

    name, elicited = "log_hazard_ratio", moved.elicited

    def draw() -> TensorVariable:
        mean, sd = np.transpose([moved.ratios[k] for k in elicited])
        dims = dimension("moving", [moved.uses[k].use for k in elicited])
        return pm.Normal(name, pm.Data(f"{name}_mean", mean), pm.Data(f"{name}_sd", sd), dims=dims)

    return filled(name, [sd > 0 for _, sd in moved.ratios], [m for m, _ in moved.ratios], draw)
