"""Days since the clock: one timeline for every family that answers "by a date".

t = 0 is the end of the clock's day and day d the d-th after it. The timeline runs to the last
deadline; a hazard is constant within each day, days up to the as-of day have been survived, and the
rest lie ahead. Arrays over days have one entry for each day of the whole timeline, so that their
shape stays the same while time passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forecast.domain import View
from forecast.families.data import Data, held, placed
from forecast.families.options import FamilyOptions

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.tensor import TensorVariable

    from forecast.families.base import Timed


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


def daily(log_hazard: TensorVariable, time: Timeline) -> tuple[TensorVariable, TensorVariable]:
    """Return the hazards of the days that are over and of those ahead, each (days,), 0 elsewhere.

    `log_hazard` holds the log of each day's hazard, shape (days,) or scalar. Days on the other side
    of now are replaced before they are evaluated.
    """
    import numpy as np
    import pytensor.tensor as pt

    (lived,) = placed(lived_data(time))
    past = pt.exp(pt.switch(lived, log_hazard, -np.inf))
    return past, pt.exp(pt.switch(lived, -np.inf, log_hazard))


def survival(log_hazard: TensorVariable, time: Timeline) -> tuple[TensorVariable, TensorVariable]:
    """Return the log probability of survival to now, and log Q for every day of the timeline.

    `log_hazard` is that of `daily`.
    """
    import pytensor.tensor as pt

    past, ahead = daily(log_hazard, time)
    return -past.sum(), -pt.cumsum(ahead)


def by_day(curve: TensorVariable, days: TensorVariable) -> TensorVariable:
    """Return log Q, or another curve, at the ends of these days; 0 at day 0, the clock's."""
    import pytensor.tensor as pt

    return pt.switch(days > 0, curve[pt.maximum(days - 1, 0)], 0.0)


def rungs_data(time: Timeline) -> Data:
    """Return the last day of each rung."""
    import numpy as np

    return {"rungs": np.array(time.rungs)}


def answer(log_q: TensorVariable, time: Timeline) -> None:
    """Add `p`: the probability of the event by each rung, given the parameters and none by now."""
    import pymc as pm
    import pytensor.tensor as pt

    (rungs,) = placed(rungs_data(time))
    pm.Deterministic("p", -pt.expm1(by_day(log_q, rungs)))


def timed_data(family: Timed[Any], options: FamilyOptions, view: View) -> Data:
    """Return the numbers of `timed_model`."""
    return survival_data(family, options, view) | rungs_data(timeline(view))


def survival_data(family: Timed[Any], options: FamilyOptions, view: View) -> Data:
    """Return the numbers of a family's `log_survival`, which is built if it does not say them."""
    import pymc as pm

    if hasattr(family, "survival_data"):
        return family.survival_data(options, view)
    with pm.Model() as model:
        family.log_survival(options, view)
    return held(model)


def timed_model(family: Timed[Any], options: FamilyOptions, view: View) -> pm.Model:
    """Return the PyMC model of a timed family on a view."""
    import pymc as pm

    with pm.Model() as model:
        answer(family.log_survival(options, view), timeline(view))
    return model
