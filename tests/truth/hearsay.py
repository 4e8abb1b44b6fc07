"""Worlds with a hidden truth that reports tell of: evidence and intent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special, stats

from forecast.domain import (
    Indicator,
    Timing,
)
from tests.exact import elicited, waiting
from tests.truth.telling import (
    CASES,
    Array,
    Draws,
    Rng,
    Story,
    ask,
    by,
    event,
    first_day,
    ratio,
)


@dataclass(frozen=True)
class _Reports:
    """Reports with an expected time, each heard by now or not, the first two echoing one leak."""

    if_yes: tuple[tuple[float, float], ...]
    if_no: tuple[tuple[float, float], ...]
    within: tuple[float, float]
    rho: float

    def draw(self, rng: Rng) -> dict[str, Array]:
        """Return the probabilities of the reports under either hypothesis."""
        sides = {"p_if_yes": self.if_yes, "p_if_no": self.if_no}
        return {n: np.array([rng.beta(*elicited(*c)) for c in side]) for n, side in sides.items()}

    def expected(self, now: int) -> float:
        """Return the probability that a report that comes has come by now."""
        time = stats.lognorm(ratio(*self.within)[1], scale=math.exp(ratio(*self.within)[0]))
        return float(time.cdf(now))

    def hear(self, rng: Rng, chances: Array, now: int) -> Array:
        """Return which reports have come by now, under the chances of what is true."""
        latent = rng.normal(size=len(chances))
        latent[:2] = math.sqrt(1 - self.rho) * latent[:2] + math.sqrt(self.rho) * rng.normal()
        ever = latent < special.ndtri(chances)
        return ever & (rng.random(len(chances)) < self.expected(now))

    def log_likelihood(self, chances: Array, came: Array, now: int) -> Array:
        """Return the log probability of what was heard, at chances (n, reports)."""
        chances, by_now = np.atleast_2d(chances), self.expected(now)
        alone = np.where(came, chances, 1 - chances * by_now)[:, 2:]
        u, w = np.polynomial.hermite_e.hermegauss(64)
        threshold = special.ndtri(chances[:, :2, None])
        given = special.ndtr((threshold - math.sqrt(self.rho) * u) / math.sqrt(1 - self.rho))
        both = np.where(came[:2, None], given, 1 - by_now * given).prod(axis=1)
        return np.log(alone).sum(axis=1) + np.log(both @ w / w.sum())

    def uses(self, **more: Any) -> list[dict[str, Any]]:
        """Return the reports as a file states them."""
        return [
            {
                "use": f"r{k}",
                "p_if_yes": list(yes),
                "p_if_no": list(no),
                "expected_within": list(self.within),
                **({"group": "leak"} if k < 2 else {}),
                **more,
            }
            for k, (yes, no) in enumerate(zip(self.if_yes, self.if_no, strict=True))
        ]

    def indicators(self, came: Array) -> list[Indicator]:
        """Return the reports' indicators, those that came heard of on day 1."""
        return [event(f"r{k}", *([1] if here else [])) for k, here in enumerate(came)]

    @property
    def groups(self) -> dict[str, Any]:
        """Return the groups as a file states them."""
        return {"leak": {"rho": self.rho}}


_REPORTS = _Reports(
    if_yes=((0.6, 0.95), (0.5, 0.9), (0.3, 0.8)),
    if_no=((0.1, 0.5), (0.05, 0.4), (0.4, 0.9)),
    within=(2.0, 12.0),
    rho=0.5,
)


def evidence_of_a_state(rng: Rng) -> Story | None:
    """A hypothesis, true or not from the start, and reports of it."""
    now = int(rng.integers(2, 20))
    truth = {"prior": np.array(rng.beta(*elicited(0.2, 0.7))), **_REPORTS.draw(rng)}
    holds = rng.random() < truth["prior"]
    came = _REPORTS.hear(rng, truth["p_if_yes" if holds else "p_if_no"], now)

    def weights(draws: Draws) -> tuple[Array, Array]:
        yes = _REPORTS.log_likelihood(draws["p_if_yes"], came, now)
        no = _REPORTS.log_likelihood(draws["p_if_no"], came, now)
        return np.log(draws["prior"]) + yes, np.log1p(-draws["prior"]) + no

    yes, no = weights(truth)
    return Story(
        request=ask(
            "evidence",
            {"prior": [0.2, 0.7], "indicators": _REPORTS.uses(), "groups": _REPORTS.groups},
            now,
            (25,),
            *_REPORTS.indicators(came),
            timing=Timing.ON,
        ),
        truth=truth,
        log_likelihood=lambda draws: np.logaddexp(*weights(draws)),
        p=special.expit(yes - no),
        came=np.array([float(holds)]),
    )


_WAITING = ("weibull", 3.0, 25.0)


def intent(rng: Rng) -> Story | None:
    """Meant or not; if meant it comes after some wait, sooner after a sign; reports tell of it."""
    now, rungs = int(rng.integers(3, 13)), (14, 24)
    truth = {
        "intent": np.array(rng.beta(2.5, 3.5)),
        "log_hazard_ratio": rng.normal(*ratio(0.5, 6), size=1),
        **_REPORTS.draw(rng),
    }
    meant = rng.random() < truth["intent"]
    came = _REPORTS.hear(rng, truth["p_if_yes" if meant else "p_if_no"], now)
    sign = int(rng.integers(1, now + 1))
    days = np.arange(1, rungs[-1] + 1)
    x = ((days >= sign) & (np.minimum(days, now) - sign < 5)).astype(float)
    wait = waiting(*_WAITING, rungs[-1])

    def daily(draws: Draws) -> Array:
        return wait * np.exp(np.atleast_2d(draws["log_hazard_ratio"]) * x)

    def weights(draws: Draws) -> tuple[Array, Array]:
        lived = -daily(draws)[:, :now].sum(axis=1)
        yes = _REPORTS.log_likelihood(draws["p_if_yes"], came, now) + lived
        no = _REPORTS.log_likelihood(draws["p_if_no"], came, now)
        return np.log(draws["intent"]) + yes, np.log1p(-draws["intent"]) + no

    day = first_day(rng, daily(truth)[0]) if meant else math.inf
    if day <= now:
        return None
    yes, no = weights(truth)
    ahead = np.array([-np.expm1(-daily(truth)[0, now:rung].sum()) for rung in rungs])
    timing = {"use": "s", "moves": "timing", "hazard_ratio": [0.5, 6], "lasts": 5, "ahead": "hold"}
    shape, *interval = _WAITING
    return Story(
        request=ask(
            "intent",
            {
                "reference_class": CASES,
                "waiting": {"shape": shape, "interval": interval},
                "indicators": [*_REPORTS.uses(moves="intent"), timing],
                "groups": _REPORTS.groups,
            },
            now,
            rungs,
            event("s", sign),
            *_REPORTS.indicators(came),
        ),
        truth=truth,
        log_likelihood=lambda draws: np.logaddexp(*weights(draws)),
        p=special.expit(yes - no) * ahead,
        came=by(day, rungs),
    )


def evidence_that_arrives(rng: Rng) -> Story | None:
    """A hypothesis whose event comes after some wait if it is true, and reports of it."""
    now, rungs = int(rng.integers(3, 13)), (14, 24)
    truth = {"prior": np.array(rng.beta(*elicited(0.3, 0.8))), **_REPORTS.draw(rng)}
    holds = rng.random() < truth["prior"]
    came = _REPORTS.hear(rng, truth["p_if_yes" if holds else "p_if_no"], now)
    daily = waiting("lognormal", 4.0, 30.0, rungs[-1])
    day = first_day(rng, daily) if holds else math.inf
    if day <= now:
        return None

    def weights(draws: Draws) -> tuple[Array, Array]:
        yes = _REPORTS.log_likelihood(draws["p_if_yes"], came, now) - daily[:now].sum()
        no = _REPORTS.log_likelihood(draws["p_if_no"], came, now)
        return np.log(draws["prior"]) + yes, np.log1p(-draws["prior"]) + no

    yes, no = weights(truth)
    ahead = np.array([-np.expm1(-daily[now:rung].sum()) for rung in rungs])
    return Story(
        request=ask(
            "evidence",
            {
                "prior": [0.3, 0.8],
                "arrives": {"interval": [4, 30], "shape": "lognormal"},
                "indicators": _REPORTS.uses(),
                "groups": _REPORTS.groups,
            },
            now,
            rungs,
            *_REPORTS.indicators(came),
        ),
        truth=truth,
        log_likelihood=lambda draws: np.logaddexp(*weights(draws)),
        p=special.expit(yes - no) * ahead,
        came=by(day, rungs),
    )
