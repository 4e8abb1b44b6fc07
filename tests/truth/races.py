"""Worlds of two events: which comes first, and what one does to the other."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from forecast.domain import (
    QuestionType,
)
from tests.truth.telling import (
    CASES,
    RECURRENT,
    Array,
    Draws,
    Rng,
    Story,
    ask,
    by,
    ratio,
)


def competing_risks(rng: Rng) -> Story | None:
    """Two constant hazards race."""
    now, last = int(rng.integers(0, 7)), 14
    truth = {
        "war::p_case": np.array(rng.beta(2.5, 3.5)),
        "truce::rate": np.array(rng.gamma(1.5, 1 / 10)),
    }

    def daily(draws: Draws) -> Array:
        war = -np.log1p(-np.atleast_1d(draws["war::p_case"])) / 12
        return np.stack([war, np.atleast_1d(draws["truce::rate"])])

    war, truce = daily(truth)[:, 0]
    when = rng.exponential(1 / np.array([war, truce]))
    if when.min() <= now:
        return None
    first = int(np.argmin(when)) if when.min() <= last else 2
    none = math.exp(-(war + truce) * (last - now))
    share = (1 - none) / (war + truce)
    causes = {
        "war": {"reference_class": CASES},
        "truce": {"reference_class": {"name": "truces", "events": 1, "exposure": 10}},
    }
    return Story(
        request=ask(
            "competing_risks",
            {"causes": causes, "none": "neither"},
            now,
            (last,),
            type=QuestionType.MULTIPLE_CHOICE,
            options=("war", "truce", "neither"),
        ),
        truth=truth,
        log_likelihood=lambda draws: -now * daily(draws).sum(axis=0),
        p=np.array([war * share, truce * share, none]),
        came=np.eye(3)[first],
    )


def conditional(rng: Rng) -> Story | None:
    """B's hazard changes once A, which has a constant hazard of its own, has come."""
    now, rungs = int(rng.integers(0, 8)), (12, 18)
    truth = {
        "given::rate": np.array(rng.gamma(2.5, 1 / 12)),
        "p_case": np.array(rng.beta(2.5, 3.5)),
        "log_ratio_after": np.array(rng.normal(*ratio(0.3, 10))),
    }

    def hazards(draws: Draws) -> tuple[Array, Array, Array]:
        quiet = -np.log1p(-draws["p_case"]) / 12
        return draws["given::rate"], quiet, quiet * np.exp(draws["log_ratio_after"])

    given, quiet, after = hazards(truth)
    first, second = rng.exponential(size=2)
    came = first / given
    day = second / quiet if second / quiet < came else came + (second - quiet * came) / after
    if min(came, day) <= now:
        return None
    ahead, leaving = np.array(rungs) - now, given + quiet
    neither = np.exp(-leaving * ahead)
    alone = given * (np.exp(-after * ahead) - neither) / (leaving - after)
    a = ask("base_rate", {"reference_class": RECURRENT}, now, rungs)
    b = ask(
        "conditional",
        {
            "reference_class": CASES,
            "given": {"question": "a"},
            "after": {"hazard_ratio": [0.3, 10]},
        },
        now,
        rungs,
    )
    part = replace(a.view, question=replace(a.view.question, id="a"))
    return Story(
        request=replace(b, view=replace(b.view, parts={"a": part})),
        truth=truth,
        log_likelihood=lambda draws: -now * np.atleast_1d(sum(hazards(draws)[:2])),
        p=1 - neither - alone,
        came=by(day, rungs),
    )
