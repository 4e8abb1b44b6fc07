"""Questions drawn from a family's own prior, with the truth that nobody is told.

`SIMULATIONS` maps a name to a function from a random generator to a `Simulated`: parameters are
drawn from the prior, data from the likelihood given them. Where the likelihood is that nothing has
happened by now, draws in which it has are drawn again, so that what is returned has the joint
distribution of the model. Whoever fits it and asks for the truth's rank among the draws must find
all ranks equally often (simulation-based calibration: S. Talts et al., "Validating Bayesian
inference algorithms with simulation-based calibration", 2018).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import repeat
from typing import Any

import numpy as np
from scipy import special

from forecast.domain import (
    AsOf,
    Indicator,
    IndicatorKind,
    ModelSpec,
    Observation,
    PastCase,
    Question,
    QuestionType,
    Resolution,
    View,
)
from forecast.families import get

TAIL = 1.2815515655446004
CLOCK = date(2021, 11, 1)
CRISES = {"name": "crises", "events": 6, "cases": 20, "exposure": "180 days"}
BANS = {"name": "bans", "events": 2, "cases": 40, "exposure": "365 days"}


@dataclass(frozen=True)
class Simulated:
    """A question with its data, and the parameters (by name) and `p` they were drawn from."""

    family: str
    options: Any
    view: View
    truth: Mapping[str, np.ndarray]


type Simulation = Callable[[np.random.Generator], Simulated]

SIMULATIONS: dict[str, Simulation] = {}


def simulation(draw: Callable[[np.random.Generator], Simulated | None]) -> Simulation:
    """Register a simulation; one that returns None has contradicted its data, and draws again."""

    def until(rng: np.random.Generator) -> Simulated:
        return next(found for found in map(draw, repeat(rng)) if found is not None)

    SIMULATIONS[draw.__name__] = until
    return until


def on(day: int) -> date:
    """Return the date of day t = `day`."""
    return CLOCK + timedelta(days=day)


def asked(*indicators: Indicator, now: int, rungs: tuple[int, ...]) -> View:
    """Return a binary question's view on day `now`."""
    days = tuple(on(rung) for rung in rungs)
    question = Question("q", "Will it?", QuestionType.BINARY, on(0), days, CLOCK)
    return View(question, AsOf.at(on(now), "UTC"), {each.id: each for each in indicators})


def stated(family: str, **options: Any) -> Any:
    """Return a family's options from what a file would state."""
    return get(family).Options.model_validate({"family": family, **options})


def share(rng: np.random.Generator, reference: dict[str, Any]) -> tuple[float, float]:
    """Draw the share of a reference class's cases with the event, and its daily hazard."""
    p = rng.beta(reference["events"] + 0.5, reference["cases"] - reference["events"] + 0.5)
    return p, -np.log1p(-p) / float(reference["exposure"].split()[0])


def log_ratio(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw the log of a ratio with this 80% interval."""
    return rng.normal(np.log(low * high) / 2, np.log(high / low) / (2 * TAIL))


def first_day(rng: np.random.Generator, hazards: np.ndarray) -> int | None:
    """Draw the day (from 1) of an event with these daily hazards, None if it does not come."""
    came = np.flatnonzero(rng.random(len(hazards)) < -np.expm1(-hazards))
    return int(came[0]) + 1 if len(came) else None


@simulation
def hazard_with_episodes(rng: np.random.Generator) -> Simulated | None:
    """An event that has not come in 77 days, and twelve past episodes of at most 400."""
    p, base = share(rng, CRISES)
    slope = log_ratio(rng, 1.2, 5.0)
    day = np.arange(1, 401)

    def hazards(since: int) -> np.ndarray:
        return base * np.exp(slope * (day >= since))

    if first_day(rng, hazards(60)[:77]):
        return None
    episodes = []
    for number, since in enumerate(rng.integers(1, 800, 12)):
        begins = date(1990 + number, 1, 1)
        came = first_day(rng, hazards(int(since)))
        seen = [begins + timedelta(days=int(since))] if since <= (came or 400) else []
        episodes.append(
            {
                "name": f"of {begins.year}",
                "begins": begins,
                "ends": begins + timedelta(days=came or 400),
                "outcome": "yes" if came else "no",
                "readings": {"w": seen},
            }
        )
    w = Indicator("w", IndicatorKind.EVENT, observations=(Observation(on(60), on(60), value=1.0),))
    use = {"use": "w", "hazard_ratio": [1.2, 5.0], "lasts": "3 years", "ahead": "hold"}
    return Simulated(
        "hazard",
        stated("hazard", reference_class=CRISES, indicators=[use], episodes=episodes),
        asked(w, now=77, rungs=(100, 150)),
        {
            "p_case": np.array(p),
            "log_hazard_ratio": np.array([slope]),
            "p": -np.expm1(-base * np.exp(slope) * np.array([23, 73])),
        },
    )


@simulation
def conditional(rng: np.random.Generator) -> Simulated | None:
    """An event that hangs on another, 60 days on: the other may have come by then."""
    p_given, given = share(rng, CRISES)
    p_case, before = share(rng, BANS)
    more = log_ratio(rng, 5, 80)
    after, rungs = before * np.exp(more), np.array([90, 120])
    came = first_day(rng, np.full(60, given))
    if first_day(rng, np.where(np.arange(60) < (came or 60), before, after)):
        return None
    view = asked(now=60, rungs=(90, 120))
    spec = ModelSpec("main", "base_rate", stated("base_rate", reference_class=CRISES))
    answers = (Resolution("yes", on(came), "a source", happened_on=on(came)),) if came else ()
    part = replace(view.question, id="a", models=(spec,), resolutions=answers)
    truth = {"p_case": np.array(p_case), "log_ratio_after": np.array(more)}
    days = rungs - 60
    if came:
        truth["p"] = -np.expm1(-after * days)
    else:
        gap = given + before - after
        alone = given * np.exp(-after * days) * -np.expm1(-gap * days) / gap
        truth |= {"given::p_case": np.array(p_given)}
        truth["p"] = -np.expm1(-(given + before) * days) - alone
    return Simulated(
        "conditional",
        stated(
            "conditional",
            reference_class=BANS,
            given={"question": "a"},
            after={"hazard_ratio": [5, 80]},
        ),
        replace(view, parts={"a": replace(view, question=part)}),
        truth,
    )


@simulation
def cases(rng: np.random.Generator) -> Simulated | None:
    """An event that has not come in 40 days, beside forty past cases of three groups."""
    size, names = 40, ("a", "b", "c")
    groups = rng.integers(0, 3, size)
    columns = {"level": rng.lognormal(3, 1, size), "flag": (rng.random(size) < 0.3).astype(float)}

    def table(outcomes: np.ndarray) -> tuple[PastCase, ...]:
        return tuple(
            PastCase(
                str(i),
                bool(outcomes[i]),
                on(-100),
                {name: float(x[i]) for name, x in columns.items()},
                group=names[groups[i]],
            )
            for i in range(size)
        )

    options = stated(
        "cases",
        cases="past",
        exposure="180 days",
        group="b",
        values={"level": float(rng.lognormal(3, 1)), "flag": 1.0},
    )
    view = asked(now=40, rungs=(90, 180))
    blank = replace(view, cases={"past": table(np.zeros(size))})
    numbers = get("cases").data(options, blank)
    typical, between = rng.beta(0.5, 0.5), abs(rng.normal())
    weight, group = 2.5 * rng.standard_t(7, 2), rng.normal(size=3)
    intercept = special.logit(typical)
    shift = between * group
    log_odds = intercept + numbers["case_x"] @ weight + shift[numbers["case_group"]]
    own = intercept + numbers["own_x"] @ weight + shift[numbers["own_group"]]
    hazard = np.logaddexp(0, own) / 180
    if rng.random() < -np.expm1(-40 * hazard):
        return None
    outcomes = rng.random(size) < special.expit(log_odds)
    return Simulated(
        "cases",
        options,
        replace(view, cases={"past": table(outcomes)}),
        {
            "typical": np.array(typical),
            "between": np.array(between),
            "weight": weight,
            "group": group,
            "p": -np.expm1(-hazard * np.array([50, 140])),
        },
    )
