"""Mistakes one could make in a model, planted to see that calibration catches each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from forecast.families import get
from forecast.inference.engine import Job
from forecast.verbs.fitting import job
from tests.truth.hazards import (
    base_rate_of_cases,
    hazard,
    hazard_well_known,
    hazard_with_episodes,
)
from tests.truth.past import cases
from tests.truth.races import conditional
from tests.truth.series import trend_of_a_level
from tests.truth.telling import Story, Teller


@dataclass(frozen=True)
class Mistake:
    """What is done to a built model, and the story in which it is planted."""

    plant: Callable[[Any], None]
    story: Teller
    worlds: int = 200

    def job(self, story: Story) -> Job:
        """Return the inference job of a story with the mistake in its model."""
        spec, view = story.request.spec, story.request.view
        model = get(spec.family).build(spec.options, view)
        self.plant(model)
        right = job(story.request)
        return replace(right, model=model, data=None, key=f"{right.key}/{self.plant.__name__}")


def off_by_one_day(model: Any) -> None:
    """One day more is held to have been survived."""
    lived = np.append(1.0, model["lived"].get_value()[:-1])
    model["lived"].set_value(lived)
    model["until"].set_value(model["until"].get_value() * (1 - lived)[:, None])


def swapped_columns(model: Any) -> None:
    """Indicators are given each other's readings."""
    model["x"].set_value(model["x"].get_value()[:, ::-1])


def wrong_sign(model: Any) -> None:
    """What raises the hazard lowers it."""
    model["x"].set_value(-model["x"].get_value())


def episodes_that_teach_the_opposite(model: Any) -> None:
    """Past episodes are read with the wrong sign."""
    for name in ("episode_x", "episode_event_x"):
        model[name].set_value(-model[name].get_value())


def outcomes_swapped(model: Any) -> None:
    """Past cases with the event are read as those without."""
    model["came"].set_value(1 - model["came"].get_value())


def effect_reversed(model: Any) -> None:
    """What another event is believed to raise is believed to fall."""
    model["log_ratio_after_mean"].set_value(-model["log_ratio_after_mean"].get_value())


def likelihood_dropped(model: Any) -> None:
    """Having survived so far says nothing."""
    model.potentials.clear()


def jacobian_dropped(model: Any) -> None:
    """The density is not corrected for the scale on which parameters are sampled."""
    model.logp = partial(model.logp, jacobian=False)


def normalisation_missing(model: Any) -> None:
    """A density is not divided by its scale."""
    import pymc as pm
    import pytensor.tensor as pt

    *_, scale = model["returns"].owner.inputs
    with model:
        pm.Potential("unnormalised", pt.log(scale).sum())


MISTAKES = {
    mistake.plant.__name__: mistake
    for mistake in (
        Mistake(off_by_one_day, hazard_well_known),
        Mistake(swapped_columns, hazard_well_known),
        Mistake(wrong_sign, hazard),
        Mistake(likelihood_dropped, hazard),
        Mistake(episodes_that_teach_the_opposite, hazard_with_episodes, 60),
        Mistake(outcomes_swapped, cases, 60),
        Mistake(effect_reversed, conditional, 60),
        Mistake(jacobian_dropped, base_rate_of_cases),
        Mistake(normalisation_missing, trend_of_a_level, 40),
    )
}
