"""Worlds in which an event may come any day: base_rate, and hazard with its indicators."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from forecast.domain import (
    Observation,
)
from tests.exact import TAIL
from tests.posterior_books import on
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
    level,
    ratio,
)


def base_rate_of_cases(rng: Rng) -> Story | None:
    """A share of cases, Beta(2.5, 3.5) over six days."""
    return _constant(
        rng, {"cases": 5, "exposure": 6}, rng.beta(2.5, 3.5), "p_case", lambda p: -np.log1p(-p) / 6
    )


def base_rate_of_recurrent_events(rng: Rng) -> Story | None:
    """A rate, Gamma(2.5, 12)."""
    return _constant(rng, {"exposure": 12}, rng.gamma(2.5, 1 / 12), "rate", lambda rate: rate)


def _constant(
    rng: Rng, stated: dict[str, int], truth: float, name: str, daily: Callable[[Any], Any]
) -> Story | None:
    now, rungs = int(rng.integers(0, 7)), (8, 14)
    day = first_day(rng, np.full(60, daily(truth)))
    if day <= now:
        return None
    reference = {"name": "cases", "events": 2, **stated}
    return Story(
        request=ask("base_rate", {"reference_class": reference}, now, rungs),
        truth={name: np.array(truth)},
        log_likelihood=lambda draws: -now * daily(draws[name]),
        p=-np.expm1(-daily(truth) * (np.array(rungs) - now)),
        came=by(day, rungs),
    )


type Ratios = tuple[tuple[float, float], ...]


def hazard(rng: Rng) -> Story | None:
    """A daily hazard of which little is known, and three indicators."""
    return _hazard(rng, CASES, ((0.5, 8.0), (0.4, 3.0), (1.0, 4.0)))


def hazard_well_known(rng: Rng) -> Story | None:
    """The same of which much is known: a day too many, or a reading misplaced, would show."""
    many = {"name": "cases", "events": 200, "cases": 500, "exposure": 12}
    return _hazard(rng, many, ((3.0, 4.0), (0.85, 0.95), (1.2, 1.3)))


def _hazard(rng: Rng, reference: Mapping[str, Any], ratios: Ratios) -> Story | None:
    """An event that fades, an uncertain level, and a level that drifts, on a daily hazard."""
    now, rungs = int(rng.integers(3, 13)), (14, 20)
    days = np.arange(1, rungs[-1] + 1)
    events, others = reference["events"], reference["cases"] - reference["events"]
    truth = {
        "p_case": rng.beta(events + 0.5, others + 0.5),
        "log_hazard_ratio": rng.normal(*np.transpose([ratio(*each) for each in ratios])),
        "reading_z": rng.normal(size=1),
        "drift_z": rng.normal(size=1),
    }
    heard, read, turned = (int(day) for day in rng.integers((1, 0, 1), now + 1))
    middle, half = rng.normal(60, 10), rng.uniform(5, 15)
    late = 100 + rng.normal(0, 60)

    fading = 0.5 ** (np.maximum(days - now, 0) / 3)
    x_event = ((days >= heard) & (np.minimum(days, now) - heard < 4)) * fading
    x_level = (middle - 50) / 10 * (days >= read)
    sd_level = half / TAIL / 10 * (days >= read)
    x_walk = (late - 100) / 50 * (days >= turned)
    walk = abs(late - 100) / 50 / math.sqrt(now) * np.sqrt(np.maximum(days - now, 0))

    def daily(draws: Draws) -> Array:
        b, z, w = (np.atleast_2d(draws[n]) for n in ("log_hazard_ratio", "reading_z", "drift_z"))
        base = np.log(-np.log1p(-np.atleast_1d(draws["p_case"])) / 12)[:, None]
        level, drifting = x_level + z * sd_level, x_walk + w * walk
        return np.exp(base + b[:, :1] * x_event + b[:, 1:2] * level + b[:, 2:] * drifting)

    mine = daily(truth)[0]
    day = first_day(rng, mine)
    if day <= now:
        return None
    uses = [
        {"use": "w", "lasts": 4, "ahead": {"fade": 3}},
        {"use": "l", "per": 10, "baseline": 50},
        {"use": "d", "per": 50, "baseline": 100, "ahead": "drift"},
    ]
    stated = [{**use, "hazard_ratio": list(r)} for use, r in zip(uses, ratios, strict=True)]
    return Story(
        request=ask(
            "hazard",
            {"reference_class": reference, "indicators": stated},
            now,
            rungs,
            event("w", heard),
            level("l", Observation(on(read), on(read), low=middle - half, high=middle + half)),
            level(
                "d",
                Observation(on(0), on(0), value=100.0),
                Observation(on(turned), on(turned), value=late),
            ),
        ),
        truth=truth,
        log_likelihood=lambda draws: -daily(draws)[:, :now].sum(axis=1),
        p=np.array([-np.expm1(-mine[now:rung].sum()) for rung in rungs]),
        came=by(day, rungs),
    )


def hazard_with_episodes(rng: Rng) -> Story | None:
    """A level whose worth is learned from six past episodes of up to twenty days."""
    now, rungs, longest = int(rng.integers(2, 10)), (12, 18), 20
    truth = {
        "p_case": np.array(rng.beta(2.5, 3.5)),
        "log_hazard_ratio": rng.normal(*ratio(0.3, 8), size=1),
    }
    stood, read = rng.normal(size=6), float(rng.normal())

    def daily(draws: Draws, x: Any) -> Array:
        base = -np.log1p(-np.atleast_1d(draws["p_case"])) / 12
        return base * np.exp(np.atleast_2d(draws["log_hazard_ratio"])[:, 0] * x)

    ends = [first_day(rng, np.full(longest, daily(truth, x))) for x in stood]
    day = first_day(rng, np.full(60, daily(truth, read)))
    if day <= now:
        return None

    def log_likelihood(draws: Draws) -> Array:
        total = -now * daily(draws, read)
        for x, end in zip(stood, ends, strict=True):
            each = daily(draws, x)
            if end <= longest:
                total = total - (end - 1) * each + np.log(-np.expm1(-each))
            else:
                total = total - longest * each
        return total

    past = [
        {
            "name": f"episode {k}",
            "begins": str(on(-60 * (k + 1))),
            "ends": str(on(int(min(end, longest)) - 60 * (k + 1))),
            "outcome": "yes" if end <= longest else "no",
            "readings": {"l": float(x)},
        }
        for k, (x, end) in enumerate(zip(stood, ends, strict=True))
    ]
    uses = [{"use": "l", "hazard_ratio": [0.3, 8]}]
    return Story(
        request=ask(
            "hazard",
            {"reference_class": CASES, "indicators": uses, "episodes": past},
            now,
            rungs,
            level("l", Observation(on(0), on(0), value=read)),
        ),
        truth=truth,
        log_likelihood=log_likelihood,
        p=-np.expm1(-daily(truth, read) * (np.array(rungs) - now)),
        came=by(day, rungs),
    )
