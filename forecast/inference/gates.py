"""Verdicts on a posterior: publish, publish with a warning, or refuse.

Bad models often return normally (a separated regression gave a mean of 1e27 without one
divergence), so a number is published only after every check here, and any check that is not
finite refuses. The limits are those of the tables below; the reasons are words for the user.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

type Verdict = Literal["publish", "warn", "refuse"]


@dataclass(frozen=True, slots=True)
class Limit:
    """Up to `publish` a check is silent, up to `warn` it is logged, beyond it refuses.

    With `floor` the check is one of at least: down to `publish`, down to `warn`.

    >>> [ERROR.verdict(x) for x in (0.004, 0.008, 0.02, float("nan"))]
    ['publish', 'warn', 'refuse', 'refuse']
    >>> ESS.verdict(300)
    'warn'
    """

    label: str
    publish: float
    warn: float
    floor: bool = False

    def verdict(self, value: float) -> Verdict:
        """Return the verdict on `value`; anything not finite refuses."""
        if not math.isfinite(value):
            return "refuse"
        sign = -1 if self.floor else 1
        if sign * value <= sign * self.publish:
            return "publish"
        return "warn" if sign * value <= sign * self.warn else "refuse"

    def reason(self, value: float) -> str:
        """Return in words why `value` is not simply published."""
        if not math.isfinite(value):
            return f"{self.label} is not finite"
        side = "below" if self.floor else "above"
        return f"{self.label} {value:.3g} is {side} {self.publish:.3g}"


ERROR = Limit("Monte Carlo error of the output", 0.005, 0.01)
RHAT = Limit("R-hat", 1.01, 1.05)
ESS = Limit("effective sample size", 400, 200, floor=True)
DIVERGENT = Limit("share of divergent draws", 0.0, 0.001)
BFMI = Limit("E-BFMI", 0.3, 0.2, floor=True)

RANGE = Limit("distance of a probability from 0 to 1", 1e-9, 1e-9)

TARGET_ERROR = 0.0025
"""Samplers go on towards this error, half of what may be published."""


def k_limit(draws: int) -> float:
    """Return the largest Pareto k-hat at which `draws` importance draws can be trusted.

    min(0.7, 1 − 1 / log10 S), Vehtari et al. (2024), Pareto smoothed importance sampling, JMLR 25.

    >>> k_limit(1000), k_limit(100_000)
    (0.6666666666666667, 0.7)
    """
    return min(0.7, 1 - 1 / math.log10(draws))


def fast(
    *,
    k_hat: float,
    draws: int,
    error: ArrayLike,
    modes: int,
    stray: int,
    outside: float = 0.0,
) -> dict[str, Any]:
    """Return the gates of the fast path; a refusal here sends the model to NUTS.

    Args:
        k_hat: Pareto shape of the importance weights.
        draws: how many importance draws.
        error: Monte Carlo errors of the output, in probability.
        modes: distinct maxima the dispersed starts found.
        stray: starts that did not arrive at a maximum.
        outside: how far a probability lies from 0 to 1 at most; it is a mistake of the model.
    """
    limit = k_limit(draws)
    return _gates(
        "fast",
        [
            (Limit("Pareto k-hat", limit, limit), "k_hat", k_hat),
            (ERROR, "mcse", _largest(error)),
            (Limit("number of modes", 1, 1), "modes", float(modes)),
            (Limit("starts that found no maximum", 0, 0), "stray", float(stray)),
            (RANGE, "outside", outside),
        ],
        {"draws": draws, "k_limit": limit},
    )


def exact(*, error: ArrayLike, outside: float = 0.0) -> dict[str, Any]:
    """Return the gates of a model without free parameters: only its own simulation can err."""
    checks = [(ERROR, "mcse", _largest(error)), (RANGE, "outside", outside)]
    return _gates("exact", checks, {"draws": 1})


def nuts(
    *,
    rhat: ArrayLike,
    ess_bulk: ArrayLike,
    ess_tail: ArrayLike,
    divergent: int,
    bfmi: ArrayLike,
    error: ArrayLike,
    draws: int,
    outside: float = 0.0,
) -> dict[str, Any]:
    """Return the gates of a NUTS run.

    `rhat` and the effective sample sizes hold one value for every parameter and every entry of the
    output, `bfmi` one for every chain, `error` the Monte Carlo errors of the output.
    """
    checks = [
        (RHAT, "rhat", _largest(rhat)),
        (_named("bulk", ESS), "ess_bulk", _smallest(ess_bulk)),
        (_named("tail", ESS), "ess_tail", _smallest(ess_tail)),
        (DIVERGENT, "divergent", divergent / draws if draws else math.nan),
        (BFMI, "bfmi", _smallest(bfmi)),
        (ERROR, "mcse", _largest(error)),
        (RANGE, "outside", outside),
    ]
    return _gates("nuts", checks, {"draws": draws})


def refused(sampler: str, reason: str) -> dict[str, Any]:
    """Return the gates of a model that could not be sampled at all."""
    return {"sampler": sampler, "verdict": "refuse", "reasons": [reason]}


def _gates(
    sampler: str, checks: Iterable[tuple[Limit, str, float]], facts: dict[str, Any]
) -> dict[str, Any]:
    verdicts: set[Verdict] = set()
    reasons: list[str] = []
    for limit, name, value in checks:
        verdict = limit.verdict(value)
        verdicts.add(verdict)
        if verdict != "publish":
            reasons.append(limit.reason(value))
        # JSON has no NaN; None with the reason beside it says the same.
        facts[name] = value if math.isfinite(value) else None
    worst: Verdict = next((v for v in ("refuse", "warn") if v in verdicts), "publish")
    return {"sampler": sampler, "verdict": worst, "reasons": reasons, **facts}


def _named(which: str, limit: Limit) -> Limit:
    return Limit(f"{which} {limit.label}", limit.publish, limit.warn, limit.floor)


def _largest(values: ArrayLike) -> float:
    array = np.asarray(values, dtype=float)
    return float(array.max(initial=0.0)) if np.isfinite(array).all() else math.nan


def _smallest(values: ArrayLike) -> float:
    array = np.asarray(values, dtype=float)
    return float(array.min()) if array.size and np.isfinite(array).all() else math.nan
