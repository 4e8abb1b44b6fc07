"""Worlds of a series that goes on as it has."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import stats

from forecast.domain import (
    Indicator,
    IndicatorKind,
    Observation,
    QuestionType,
)
from tests.posterior_books import on
from tests.truth.telling import Array, Draws, Rng, Story, ask


def trend_of_a_level(rng: Rng) -> Story | None:
    """GARCH(1,1) returns with Student-t shocks, and the level five fixings on."""
    readings, ahead = 120, 5
    calm, tail = rng.lognormal(math.log(0.005), 1.5), rng.gamma(2, 10)
    persistence, share = rng.beta(8, 1.5), rng.beta(2, 10)
    start = rng.lognormal(0.5, 0.5)
    truth = {
        "calm": calm,
        "persistence": persistence,
        "reaction": share,
        "tail": tail,
        "start": start,
    }
    shocks = rng.standard_t(tail + 2, size=readings + ahead) * math.sqrt(tail / (tail + 2))
    moves = np.empty(readings + ahead)
    variance = (calm * start) ** 2
    for step, shock in enumerate(shocks):
        moves[step] = math.sqrt(variance) * shock
        variance = (
            calm**2 * (1 - persistence * (1 - share))
            + persistence * share * moves[step] ** 2
            + persistence * (1 - share) * variance
        )
    levels = 100 * np.exp(np.cumsum(np.append(0.0, moves)))
    if not (np.isfinite(levels).all() and levels.min() > 1e-100):
        return None
    seen = moves[:readings]
    return _numeric(IndicatorKind.LEVEL, levels, ahead, truth, lambda draws: _garch(draws, seen))


def _garch(draws: Draws, moves: Array) -> Array:
    calm, persistence, share, tail, start = (
        np.atleast_1d(draws[name]) for name in ("calm", "persistence", "reaction", "tail", "start")
    )
    variance, total = (calm * start) ** 2, np.zeros(len(calm))
    for move in moves:
        spread = np.sqrt(variance * tail / (tail + 2))
        total += stats.t.logpdf(move / spread, tail + 2) - np.log(spread)
        variance = (
            calm**2 * (1 - persistence * (1 - share))
            + persistence * share * move**2
            + persistence * (1 - share) * variance
        )
    return total


def trend_of_a_count(rng: Rng) -> Story | None:
    """Negative binomial counts whose rate follows them, and the count three periods on."""
    readings, ahead = 60, 3
    mean, size = rng.normal(0, 5), rng.lognormal(0, 1.5)
    persistence, share = rng.beta(4, 1.5), rng.beta(2, 2)
    truth = {"log_rate": mean, "persistence": persistence, "reaction": share, "size": size}
    counts = np.empty(readings + ahead)
    rate = mean
    for step in range(readings + ahead):
        if rate > 25:
            return None
        counts[step] = rng.poisson(rng.gamma(size, math.exp(rate) / size))
        rate = _next_rate(truth, counts[step], rate)
    seen = counts[:readings]
    return _numeric(IndicatorKind.COUNT, counts, ahead, truth, lambda draws: _counted(draws, seen))


def _next_rate(draws: Draws, count: float, rate: Any) -> Any:
    mean, phi, share = (draws[name] for name in ("log_rate", "persistence", "reaction"))
    follow = phi * share * (math.log1p(count) - mean)
    return mean + follow + phi * (1 - share) * (rate - mean)


def _counted(draws: Draws, counts: Array) -> Array:
    size, rate = np.atleast_1d(draws["size"]), np.atleast_1d(draws["log_rate"])
    total = np.zeros(len(size))
    for count in counts:
        total += stats.nbinom.logpmf(count, size, size / (size + np.exp(rate)))
        rate = _next_rate(draws, count, rate)
    return total


def _numeric(
    kind: IndicatorKind,
    values: Array,
    ahead: int,
    truth: Mapping[str, float],
    log_likelihood: Callable[[Draws], Array],
) -> Story:
    """Return the story of a number asked for `ahead` days after a daily series' last reading."""
    last = len(values) - 1 - ahead
    seen = tuple(
        Observation(on(d), on(d), value=float(v)) for d, v in enumerate(values[: last + 1])
    )
    return Story(
        request=ask(
            "trend",
            {"series": "series", "calendar": "daily"},
            last,
            (last + ahead,),
            Indicator("series", kind, observations=seen),
            type=QuestionType.NUMERIC,
        ),
        truth={key: np.array(value) for key, value in truth.items()},
        log_likelihood=log_likelihood,
        p=None,
        came=values[-1:],
    )
