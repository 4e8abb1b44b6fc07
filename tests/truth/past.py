"""Worlds with a table of past cases, from which it is learned what their columns are worth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import special

from forecast.domain import PastCase
from tests.posterior_books import on
from tests.truth.telling import Array, Draws, Rng, Story, ask, by, first_day

_CASES, _EXPOSURE = 40, 18


def cases(rng: Rng) -> Story | None:
    """Forty past cases of three groups, and one more of the second group they hold."""
    now, rungs = int(rng.integers(0, 8)), (12, 24)
    of_case = rng.integers(0, 3, _CASES)
    _, first = np.unique(of_case, return_index=True)
    if len(first) < 3:
        return None
    of_case = np.argsort(np.argsort(first))[of_case]  # numbered as they appear
    level = rng.lognormal(3, 1, _CASES + 1)
    flag = np.append(rng.random(_CASES) < 0.3, 1.0).astype(float)
    x = np.column_stack([_scaled(level, 2 * level[:-1].std()), _scaled(flag, 1.0)])
    truth = {
        "typical": np.array(rng.beta(0.5, 0.5)),
        "between": np.array(abs(rng.normal())),
        "weight": 2.5 * rng.standard_t(7, 2),
        "group": rng.normal(size=3),
    }

    def log_odds(draws: Draws) -> Array:
        """Return the log odds of every case, the question's own last, (n, cases + 1)."""
        typical, between = (np.atleast_1d(draws[n])[:, None] for n in ("typical", "between"))
        shift = between * np.atleast_2d(draws["group"])[:, np.append(of_case, 1)]
        return special.logit(typical) + np.atleast_2d(draws["weight"]) @ x.T + shift

    came = rng.random(_CASES) < special.expit(log_odds(truth)[0, :-1])

    def log_likelihood(draws: Draws) -> Array:
        each = log_odds(draws)
        past = -np.logaddexp(0, np.where(came, -each[:, :-1], each[:, :-1])).sum(axis=1)
        return past - now * np.logaddexp(0, each[:, -1]) / _EXPOSURE

    daily = float(np.logaddexp(0, log_odds(truth)[0, -1])) / _EXPOSURE
    day = first_day(rng, np.full(60, daily))
    if day <= now:
        return None
    table = tuple(
        PastCase(
            f"case {k}",
            bool(came[k]),
            on(-100),
            {"level": float(level[k]), "flag": float(flag[k])},
            group=f"group {of_case[k]}",
        )
        for k in range(_CASES)
    )
    request = ask(
        "cases",
        {
            "cases": "past",
            "exposure": _EXPOSURE,
            "group": "group 1",
            "values": {"level": float(level[-1]), "flag": 1.0},
        },
        now,
        rungs,
    )
    return Story(
        request=replace(request, view=replace(request.view, cases={"past": table})),
        truth=truth,
        log_likelihood=log_likelihood,
        p=-np.expm1(-daily * (np.array(rungs) - now)),
        came=by(day, rungs),
    )


def _scaled(column: Array, scale: float) -> Array:
    """Return a column, the question's own value last, on the scale of the priors."""
    return (column - column[:-1].mean()) / scale
