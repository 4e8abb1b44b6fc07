"""Days since the clock: one timeline for every family that answers "by a date".

t = 0 is the end of the clock's day and day d the d-th after it. The timeline runs to the last
deadline; a hazard is constant within each day, days up to the as-of day have been survived, and the
rest lie ahead. Arrays over days have one entry for each day of the whole timeline, so that their
shape stays the same while time passes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forecast.domain import View
from forecast.families.data import Data, held, placed
from forecast.families.options import FamilyOptions

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.tensor import TensorVariable

    from forecast.families.base import Timed


_HIGHEST = 6.5  # log of a daily hazard: of 1e289 nobody survives the day


@dataclass(frozen=True, slots=True)
class Timeline:
    """Days 1 … `days` since the clock, of which `survived` are over; each rung's last day."""

    survived: int
    rungs: tuple[int, ...]

    @property
    def days(self) -> int:
        """The length of the timeline: to the last deadline or to now, whichever is later."""
        return max(1, self.survived, *self.rungs)


def timeline(view: View) -> Timeline:
    """Return the timeline of a view's question."""
    question = view.question
    rungs = tuple(max(0, (day - question.clock).days) for day in question.deadlines)
    return Timeline(view.survived, rungs)


def lived_data(time: Timeline) -> Data:
    """Return which days of the timeline are over, shape (days,)."""
    import numpy as np

    return {"lived": (np.arange(time.days) < time.survived).astype(float)}


@dataclass(frozen=True)
class Curve:
    """Survival from now on, given the parameters: log Q, the log probability of no event.

    `hazard` is that of each day, (days,), or one for all days, and counts where `ahead` (days,) is
    1. Where the event may never come, `through` makes log Q of minus the hazards' sum.
    """

    hazard: TensorVariable
    ahead: TensorVariable
    through: Callable[[TensorVariable], TensorVariable] | None = None

    def over(self, days: TensorVariable) -> TensorVariable:
        """Return log Q over those of the days ahead that (days, k) marks by 1, shape (k,)."""
        log_q = -_sum(self.hazard, days)
        return log_q if self.through is None else self.through(log_q)

    @property
    def daily(self) -> TensorVariable:
        """The hazard of each day, −ln(Q_d/Q_d−1), shape (days,); 0 on days that are over."""
        import pytensor.tensor as pt

        ahead = self.hazard * self.ahead
        if self.through is None:
            return ahead
        total = pt.cumsum(ahead)
        return steps(self.through(ahead - total), self.through(-total))


def survival(log_hazard: TensorVariable, time: Timeline) -> tuple[TensorVariable, Curve]:
    """Return the log probability of survival to now, and the curve from there.

    `log_hazard` holds the log of each day's hazard, shape (days,) or scalar.
    """
    hazard, lived = daily(log_hazard, time)
    return -_sum(hazard, lived), Curve(hazard, 1 - lived)


def daily(log_hazard: TensorVariable, time: Timeline) -> tuple[TensorVariable, TensorVariable]:
    """Return the hazard of each day, and which days are over; arguments as of `survival`."""
    import pytensor.tensor as pt

    (lived,) = placed(lived_data(time))
    # Bounded, so that days that do not count can be multiplied by 0, and sums cancel nothing.
    return pt.exp(pt.minimum(log_hazard, _HIGHEST)), lived


def _sum(hazard: TensorVariable, days: TensorVariable) -> TensorVariable:
    """Return the sum of hazards, (days,) or one for all, over the days marked in (days, …)."""
    return hazard @ days if hazard.ndim else hazard * days.sum(axis=0)


def steps(before: TensorVariable, after: TensorVariable) -> TensorVariable:
    """Return the hazard −ln(Q_d/Q_d−1) of days from log Q at their beginnings and ends.

    Below e^-700 nothing is left to lose; the bound keeps differences finite.
    """
    import pytensor.tensor as pt

    return pt.maximum(before, -700.0) - pt.maximum(after, -700.0)


def until_data(time: Timeline) -> Data:
    """Return for each rung which days lie between now and it, shape (days, rungs)."""
    import numpy as np

    day = np.arange(1, time.days + 1)[:, None]
    return {"until": ((day > time.survived) & (day <= np.array(time.rungs))).astype(float)}


def answer(curve: Curve, time: Timeline) -> None:
    """Add `p`: the probability of the event by each rung, given the parameters and none by now."""
    import pymc as pm
    import pytensor.tensor as pt

    (until,) = placed(until_data(time))
    pm.Deterministic("p", -pt.expm1(curve.over(until)))


def timed_data(family: Timed[Any], options: FamilyOptions, view: View) -> Data:
    """Return the numbers of `timed_model`."""
    return survival_data(family, options, view) | until_data(timeline(view))


def survival_data(family: Timed[Any], options: FamilyOptions, view: View) -> Data:
    """Return the numbers of a family's `survival_curve`, which is built if it does not say them."""
    if hasattr(family, "survival_data"):
        return family.survival_data(options, view)
    import pymc as pm

    with pm.Model() as model:
        family.survival_curve(options, view)
    return held(model)


def timed_model(family: Timed[Any], options: FamilyOptions, view: View) -> pm.Model:
    """Return the PyMC model of a timed family on a view."""
    import pymc as pm

    with pm.Model() as model:
        answer(family.survival_curve(options, view), timeline(view))
    return model
