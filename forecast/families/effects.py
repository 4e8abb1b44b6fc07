"""Indicators that multiply a daily hazard: Σ_k β_k·x_k(t), the log hazard ratio on each day.

β_k ~ Normal with the 10% and 90% points of the elicited hazard ratio's logarithm, or exact.
Uncertain readings enter through one standard normal parameter per indicator, a drift through
another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from forecast.domain import View
from forecast.families.clock import Timeline, timeline
from forecast.families.features import Path, path
from forecast.families.options import HazardEffect
from forecast.families.priors import dimension, normal_of_ratio

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable


class Effects(NamedTuple):
    """The effects of a model in the order of their columns, elicited ratios before exact ones."""

    uses: Sequence[HazardEffect]
    ratios: Sequence[tuple[float, float]]  # mean and sd of the log hazard ratio
    paths: Sequence[Path]

    @property
    def elicited(self) -> int:
        """How many hazard ratios are uncertain."""
        return sum(sd > 0 for _, sd in self.ratios)

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
        parameters = f"b{self.elicited}z{len(self.uncertain)}w{len(self.drifting)}"
        return f"x{len(self.paths)}{parameters}"


def effects(uses: Sequence[HazardEffect], view: View, time: Timeline | None = None) -> Effects:
    """Return the effects of those uses that state a hazard ratio."""
    moving = sorted(
        ((u, u.hazard_ratio) for u in uses if u.hazard_ratio is not None),
        key=lambda pair: pair[1].exact,
    )
    time = time or timeline(view)
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
    """Return the log hazard ratio of every column: parameters first, then exact numbers."""
    import numpy as np
    import pymc as pm
    import pytensor.tensor as pt

    free, parts = moved.elicited, []
    if free:
        mean = pm.Data("log_hazard_ratio_mean", np.array([m for m, _ in moved.ratios[:free]]))
        sd = pm.Data("log_hazard_ratio_sd", np.array([s for _, s in moved.ratios[:free]]))
        dims = dimension("moves", [use.use for use in moved.uses[:free]])
        parts.append(pm.Normal("log_hazard_ratio", mean, sd, dims=dims))
    if free < len(moved.ratios):
        exact = np.array([m for m, _ in moved.ratios[free:]])
        parts.append(pm.Data("log_hazard_ratio_exact", exact))
    return pt.concatenate(parts)
