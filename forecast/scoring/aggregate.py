"""Several probabilities of one event into one. Standard library only, so that a list stays instant.

Every function takes n ≥ 1 probabilities of yes as a sequence and returns one. ValueError is raised
for none at all, for one outside 0 to 1 and for a missing one (NaN).
"""

from __future__ import annotations

import math
from collections.abc import Sequence


def mean(*, probability: Sequence[float]) -> float:
    """Return the mean of the probabilities (the linear pool; Stone 1961).

    >>> round(mean(probability=[0.1, 0.2, 0.4, 0.5]), 6)
    0.3
    """
    p = _checked(probability)
    return math.fsum(p) / len(p)


def median(*, probability: Sequence[float]) -> float:
    """Return the median; with an even number, the mean of the middle two.

    >>> round(median(probability=[0.1, 0.2, 0.4, 0.5]), 6)
    0.3
    """
    p = _checked(probability)
    return weighted_quantile(value=p, weight=[1.0] * len(p))


def pool(*, probability: Sequence[float], weight: Sequence[float]) -> float:
    """Return the weighted linear pool Σ wᵢ·pᵢ ÷ Σ wᵢ, as a question's headline states it.

    Raises ValueError also for a negative or missing weight, weights that are all zero, and lengths
    that differ.

    >>> round(pool(probability=[0.2, 0.4], weight=[0.6, 0.4]), 6)
    0.28
    """
    p, w = _checked(probability), _weights(weight, len(probability))
    return math.sumprod(w, p) / math.fsum(w)


def geometric_mean_of_odds(*, probability: Sequence[float]) -> float:
    """Return the probability whose log-odds are the mean of the log-odds.

    A certain 0 or 1 among them decides; both at once are refused with ValueError.

    Source: the logarithmic pool of Genest and Zidek (1986), with equal weights.

    >>> round(geometric_mean_of_odds(probability=[0.1, 0.2, 0.4, 0.5]), 7)
    0.2694832
    """
    return _expit(_mean_log_odds(_checked(probability)))


def extremized(*, probability: Sequence[float]) -> float:
    """Return the mean log-odds moved away from one half by the factor d(n), as a probability.

    d = n·(√(3n² − 3n + 1) − 2) / (n² − n − 1), which is 1 for a single forecast and tends to √3.
    It holds when forecasters share some, not all, of their information. Errors are those of
    `geometric_mean_of_odds`.

    Source: Neyman and Roughgarden (2021).

    >>> round(extremized(probability=[0.1, 0.2, 0.4, 0.5]), 6)
    0.185344
    """
    p = _checked(probability)
    return _expit(extremizing_factor(len(p)) * _mean_log_odds(p))


def extremizing_factor(n: int) -> float:
    """Return Neyman and Roughgarden's d for n ≥ 1 forecasts.

    >>> round(extremizing_factor(4), 6)
    1.484641
    """
    return n * (math.sqrt(3 * n * n - 3 * n + 1) - 2) / (n * n - n - 1)


def recency_weighted_median(*, probability: Sequence[float]) -> float:
    """Return the median with newer forecasts weighing more: wᵢ = exp(√i − √n), i = 1 the oldest.

    With two forecasts or fewer all weigh alike. Give one forecast a forecaster, oldest first.

    Source: Metaculus, the community prediction.

    >>> recency_weighted_median(probability=[0.2, 0.4, 0.6, 0.9])
    0.6
    """
    p = _checked(probability)
    weights = [math.exp(math.sqrt(i) - math.sqrt(len(p))) for i in range(1, len(p) + 1)]
    return weighted_quantile(value=p, weight=weights if len(p) > 2 else [1.0] * len(p))


def weighted_quantile(
    *, value: Sequence[float], weight: Sequence[float], level: float = 0.5
) -> float:
    """Return the weighted quantile of any numbers.

    The mean of the value at which the cumulative share of weight first reaches `level` and the
    value at which it first exceeds it, so that equal weights give the usual median.

    Args:
        value: n numbers, in any order.
        weight: n weights ≥ 0, not all zero.
        level: the share of weight below, 0 to 1.

    Raises:
        ValueError: lengths that differ, no value, a missing value, a negative weight, weights that
            are all zero, or a level outside 0 to 1.

    >>> weighted_quantile(value=[1, 2, 3], weight=[1, 1, 2])
    2.5
    """
    if not 0 <= level <= 1:
        raise ValueError(f"level = {level:g} lies outside 0 to 1")
    weights = _weights(weight, len(value))
    if any(math.isnan(v) for v in value):
        raise ValueError("a value is missing (NaN)")
    rows = sorted((v, w) for v, w in zip(value, weights, strict=True) if w > 0)
    goal = level * math.fsum(weights)
    slack = 1e-12 * math.fsum(weights)  # sums of equal weights must count as equal
    cumulative, reached = 0.0, None
    for v, w in rows:
        cumulative += w
        if reached is None and cumulative >= goal - slack:
            reached = v
        if reached is not None and cumulative > goal + slack:
            return (reached + v) / 2
    return rows[-1][0]


def _checked(probability: Sequence[float]) -> list[float]:
    p = [float(value) for value in probability]
    if not p:
        raise ValueError("expected one or more probabilities")
    for index, value in enumerate(p):
        if not 0 <= value <= 1:  # also false for NaN
            raise ValueError(f"probability[{index}] = {value:g} lies outside 0 to 1")
    return p


def _weights(weight: Sequence[float], n: int) -> list[float]:
    w = [float(value) for value in weight]
    if len(w) != n:
        raise ValueError(f"lengths differ: {n} values, {len(w)} weights")
    for index, value in enumerate(w):
        if not 0 <= value < math.inf:
            raise ValueError(f"weight[{index}] = {value:g} is not a number from 0 up")
    if not any(w):
        raise ValueError("all weights are zero")
    return w


def _mean_log_odds(p: list[float]) -> float:
    if 0 in p and 1 in p:
        raise ValueError("a certain no and a certain yes have no mean of odds")
    return math.fsum(_logit(value) for value in p) / len(p)


def _logit(p: float) -> float:
    if p in (0, 1):
        return math.inf if p else -math.inf
    return math.log(p) - math.log1p(-p)


def _expit(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else (e := math.exp(x)) / (1 + e)
