"""Simulated worlds in which the truth is known: what each family says happens, told forwards.

A story draws parameters from what a file states as prior, lets readings come and days pass, and
ends at a knowledge date on which nothing has happened yet (worlds in which it had are thrown away,
so that the parameters of those left follow the prior given survival). Nothing here comes from the
package's models: plain NumPy, written from the documented formulas, so that a mistake in a model
shows. Days count from the clock's; arrays over days hold day d + 1 at index d.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from forecast.domain import (
    AsOf,
    Indicator,
    IndicatorKind,
    ModelSpec,
    Observation,
    Question,
    QuestionType,
    View,
)
from forecast.families import get
from forecast.verbs.fitting import Request
from tests.exact import TAIL
from tests.posterior_books import CLOCK, on

type Array = np.ndarray
type Draws = Mapping[str, Array]
type Rng = np.random.Generator


@dataclass(frozen=True)
class Story:
    """One world up to its knowledge date.

    Attributes:
        request: the question as the package sees it.
        truth: the true parameters by the names the model gives them.
        log_likelihood: the probability, but for a constant, of all that was seen, at each of n
            draws of the parameters (n, …).
        p: the true probabilities given the parameters and all that was seen; None where only a
            simulation could tell.
        came: what then happened: 0 or 1 for each probability, or the number that was asked for.
    """

    request: Request
    truth: Draws
    log_likelihood: Callable[[Draws], Array] = field(repr=False)
    p: Array | None
    came: Array


type Teller = Callable[[Rng], Story | None]

# Reference classes of which little is known.
CASES = {"name": "cases", "events": 2, "cases": 5, "exposure": 12}
RECURRENT = {"name": "cases", "events": 2, "exposure": 12}


def ask(
    family: str,
    stated: Mapping[str, Any],
    now: int,
    rungs: tuple[int, ...],
    *indicators: Indicator,
    **question: Any,
) -> Request:
    """Return the request for a question of one model on day `now`."""
    options = get(family).Options.model_validate({"family": family, **stated})
    spec = ModelSpec("main", family, options)
    asked = Question(
        "q",
        "Will it?",
        **{"type": QuestionType.BINARY, "opens": CLOCK, "clock": CLOCK} | question,
        deadlines=tuple(on(rung) for rung in rungs),
        models=(spec,),
    )
    return Request(spec, View(asked, AsOf.at(on(now), "UTC"), {i.id: i for i in indicators}))


def event(name: str, *days: int) -> Indicator:
    """Return an event indicator that was heard of on these days."""
    seen = tuple(Observation(on(day), on(day), value=1.0) for day in days)
    return Indicator(name, IndicatorKind.EVENT, observations=seen)


def level(name: str, *readings: Observation) -> Indicator:
    """Return a level with these readings."""
    return Indicator(name, IndicatorKind.LEVEL, observations=readings)


def ratio(low: float, high: float) -> tuple[float, float]:
    """Return mean and sd of the log of a ratio with this 80% interval."""
    return math.log(low * high) / 2, math.log(high / low) / (2 * TAIL)


def first_day(rng: Rng, daily: Array) -> float:
    """Return the day on which an event of these daily cumulative hazards comes, or infinity."""
    reached = np.flatnonzero(np.cumsum(daily) > rng.exponential())
    return float(reached[0] + 1) if reached.size else math.inf


def by(day: float, rungs: tuple[int, ...]) -> Array:
    """Return 1 for each rung by which something that came on `day` has come."""
    return np.array([float(day <= rung) for rung in rungs])
