"""How sure a mean score is: intervals over clusters of questions, paired differences, power.

Questions, not forecasts, are independent, and where they share an event not even those: thirty
daily updates per question taken as independent give nominal 95% intervals that cover about a third.
So every function takes one score per question and the cluster each question belongs to.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from forecast.scoring.arrays import Array, ArrayLike, numbers
from forecast.scoring.student import quantile, two_sided

type Clusters = Sequence[Hashable] | npt.NDArray[np.generic] | None
type Method = Literal["t", "bootstrap"]

# More questions than this are as good as "never": the search for a sample size stops there.
MANY = 10**7


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over questions with its interval at `level`.

    `error` is the standard error over clusters. `low`, `high` and `error` are None where the data
    cannot give them, and `reason` says why.
    """

    mean: float
    low: float | None
    high: float | None
    error: float | None
    questions: int
    clusters: int
    level: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A paired difference of means, first minus second, over their common questions.

    `p_value` is of the two-sided t test that there is none. `further` is how many more questions
    like these it would take to detect a true difference of the size seen in 80% of cases at
    the interval's level: 0 if these were enough, None if it cannot be said.
    """

    interval: Interval
    p_value: float | None
    further: int | None


def cluster_interval(
    *,
    value: ArrayLike,
    cluster: Clusters = None,
    weight: ArrayLike | None = None,
    level: float = 0.95,
    method: Method = "t",
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Return the mean of one score per question, with an interval over clusters of questions.

    The standard error is √(G/(G−1)·Σ_c (Σ_{i∈c} wᵢ·(xᵢ − x̄))²) / Σw over G clusters, wᵢ being 1
    unless weights are given. `t`: mean ± t_{G−1}·error. `bootstrap`: the percentiles of the mean
    over resampled clusters.

    Args:
        value: shape (n,), n ≥ 1, in any unit; may be infinite, then there is no interval.
        cluster: n labels; None when every question stands alone.
        weight: n weights > 0; None weighs all alike.
        level: the coverage asked for, between 0 and 1.
        method: `t` or `bootstrap`.
        resamples: how often the bootstrap draws.
        seed: of the bootstrap.

    Returns:
        The interval; without ends, and with a reason, for fewer than two clusters, infinite scores,
        or clusters that do not vary.

    Raises:
        ValueError: a missing value, shapes that differ, no value, or a level outside 0 to 1.

    Source: Liang and Zeger (1986); Cameron, Gelbach and Miller (2008).

    >>> i = cluster_interval(value=[0.1, 0.2, 0.6, 0.3], cluster=["a", "a", "b", "c"])
    >>> round(i.mean, 6), round(i.low, 2), round(i.high, 2), i.clusters
    (0.3, -0.26, 0.86, 3)
    """
    x, labels = _checked(value, cluster)
    w = _weighed(weight, x)
    _between_0_and_1(level, "level")
    groups = int(labels.max()) + 1
    mean = float((w * x).sum())
    reason = _why_no_interval(x, labels, groups, w)
    if reason:
        return Interval(mean, None, None, None, x.size, groups, level, reason)
    error = _spread(x, labels, w) / math.sqrt(groups)
    if method == "t":
        half = quantile((1 + level) / 2, groups - 1) * error
        low, high = mean - half, mean + half
    else:
        low, high = _bootstrap(x, labels, w, level, resamples, seed)
    return Interval(mean, low, high, error, x.size, groups, level)


def paired_difference(
    *,
    first: ArrayLike,
    second: ArrayLike,
    cluster: Clusters = None,
    level: float = 0.95,
    method: Method = "t",
) -> Difference | None:
    """Return the mean of first − second over the questions that both forecast.

    With scores of which lower is better, negative means the first is better. Score both over the
    same covered time (`paths.common`) before. Two infinite scores of one sign differ by 0.

    Args:
        first: one score per question, shape (n,); NaN where this forecaster has none.
        second: the other's scores on the same questions, shape (n,); NaN likewise.
        cluster: n labels; None when every question stands alone.
        level: the coverage asked for, between 0 and 1.
        method: `t` or `bootstrap`, for the interval.

    Returns:
        The difference, or None if they have no question in common.

    Raises:
        ValueError: shapes that differ, or a level outside 0 to 1.

    >>> d = paired_difference(first=[0.1, 0.2, 0.3, 0.2], second=[0.2, 0.2, 0.5, float("nan")])
    >>> round(d.interval.mean, 3), d.interval.questions, d.further
    (-0.1, 3, 7)
    """
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != two.shape or one.ndim != 1:
        raise ValueError(f"expected two arrays of shape (n,); got {one.shape} and {two.shape}")
    both = ~(np.isnan(one) | np.isnan(two))
    if not both.any():
        return None
    labels = number_clusters(cluster, one.size)[both]
    with np.errstate(invalid="ignore"):
        gap = one[both] - two[both]
    if np.isnan(gap).any():  # both infinite: neither is better there
        gap = np.where(np.isnan(gap), 0.0, gap)
    interval = cluster_interval(value=gap, cluster=labels, level=level, method=method)
    if interval.error is None:
        return Difference(interval, None, None)
    p_value = two_sided(interval.mean / interval.error, interval.clusters - 1)
    further = further_questions(value=gap, cluster=labels, level=level)
    return Difference(interval, p_value, further)


def further_questions(
    *,
    value: ArrayLike,
    cluster: Clusters = None,
    difference: float | None = None,
    power: float = 0.8,
    level: float = 0.95,
) -> int | None:
    """Return how many more questions like these would be needed to detect a difference.

    The smallest G with √G ≥ (t_{(1+level)/2, G−1} + t_{power, G−1})·s / |difference|, s being the
    standard deviation over clusters, turned from clusters into questions at the present rate.

    Args:
        value: one (difference of) score per question, shape (n,).
        cluster: n labels; None when every question stands alone.
        difference: the true difference to detect, in the scores' unit; the one seen if None.
        power: the chance of detecting it, between ½ and 1.
        level: of the two-sided interval that must exclude 0.

    Returns:
        The number of further questions, 0 if these suffice; None if the scores do not vary between
        clusters, are infinite, the difference is 0, or more than ten million would be needed.

    Raises:
        ValueError: as `cluster_interval`, or a power outside ½ to 1.

    Source: Cohen (1988), the sample size of a t test.

    >>> further_questions(value=[-0.1, 0.0, -0.2, 0.1, -0.1], difference=0.1)
    8
    """
    x, labels = _checked(value, cluster)
    _between_0_and_1(level, "level")
    if not 0.5 <= power < 1:
        raise ValueError(f"power = {power:g} lies outside ½ to 1")
    w = _weighed(None, x)
    groups = int(labels.max()) + 1
    target = abs(float(x.mean()) if difference is None else difference)
    if _why_no_interval(x, labels, groups, w) or not target:
        return None
    needed = _clusters_needed(_spread(x, labels, w) / target, power, level)
    if needed is None:
        return None
    return max(0, math.ceil(needed * x.size / groups) - x.size)


def holm(*, p_value: ArrayLike) -> Array:
    """Return p-values adjusted for many comparisons, in the order given.

    The chance that any true null among them falls below α is at most α, whatever their dependence.

    Args:
        p_value: shape (m,), each between 0 and 1.

    Raises:
        ValueError: a missing value, or one outside 0 to 1.

    Source: Holm (1979).

    >>> holm(p_value=[0.01, 0.04, 0.03]).round(6).tolist()
    [0.03, 0.06, 0.06]
    """
    p = numbers(p_value, "p_value")
    if ((p < 0) | (p > 1)).any():
        raise ValueError("a p-value lies outside 0 to 1")
    order = np.argsort(p)
    steps = np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(steps, 1)
    return adjusted


def time_blocks(*, time: ArrayLike, length: float) -> npt.NDArray[np.intp]:
    """Return a cluster label per question: which block of `length`, counted from the earliest.

    For questions asked week after week of one series, whose neighbours share its luck.

    Args:
        time: when each question closes, shape (n,), in any unit.
        length: of a block, in the same unit.

    Raises:
        ValueError: a missing time, or a length that is not positive.

    Source: Künsch (1989), in its simplest form of blocks that do not overlap.

    >>> time_blocks(time=[3, 10, 18], length=7).tolist()
    [0, 1, 2]
    """
    t = numbers(time, "time")
    if not length > 0:
        raise ValueError(f"length = {length:g} is not positive")
    return np.floor((t - t.min()) / length).astype(np.intp) if t.size else np.zeros(0, np.intp)


def number_clusters(cluster: Clusters, n: int) -> npt.NDArray[np.intp]:
    """Return the clusters of n questions numbered from 0 in order of appearance.

    Raises ValueError if there are not n labels.

    >>> number_clusters(["b", "a", "b"], 3).tolist()
    [0, 1, 0]
    """
    if cluster is None:
        return np.arange(n)
    if len(cluster) != n:
        raise ValueError(f"lengths differ: {n} values, {len(cluster)} clusters")
    number: dict[Hashable, int] = {}
    return np.array([number.setdefault(label, len(number)) for label in cluster], dtype=np.intp)


def _checked(value: ArrayLike, cluster: Clusters) -> tuple[Array, npt.NDArray[np.intp]]:
    """Return the scores, and their clusters numbered from 0."""
    x = numbers(value, "value")
    if x.ndim != 1 or not x.size:
        raise ValueError(f"expected shape (n,), n ≥ 1; got {x.shape}")
    return x, number_clusters(cluster, x.size)


def _weighed(weight: ArrayLike | None, x: Array) -> Array:
    """Return n weights that sum to one."""
    if weight is None:
        return np.full(x.size, 1 / x.size)
    w = numbers(weight, "weight")
    if w.shape != x.shape or not (w > 0).all() or not np.isfinite(w).all():
        raise ValueError(f"weights must be {x.size} finite numbers greater than 0")
    return np.asarray(w / w.sum())


def _why_no_interval(x: Array, labels: npt.NDArray[np.intp], groups: int, w: Array) -> str:
    """Return why there can be no interval, or an empty string."""
    if not np.isfinite(x).all():
        return "a score is infinite"
    if groups < 2:
        return "there is only one cluster of questions"
    if _spread(x, labels, w) <= 1e-12 * np.abs(x).max():
        return "the clusters do not vary"
    return ""


def _spread(x: Array, labels: npt.NDArray[np.intp], w: Array) -> float:
    """Return the standard deviation over clusters of what each adds to the mean, times G."""
    sums = np.bincount(labels, w * (x - (w * x).sum()))
    groups = sums.size
    return float(np.sqrt((sums**2).sum() / (groups - 1))) * groups


def _bootstrap(
    x: Array, labels: npt.NDArray[np.intp], w: Array, level: float, resamples: int, seed: int
) -> tuple[float, float]:
    """Return the percentile interval of the mean over resampled clusters."""
    sums, sizes = np.bincount(labels, w * x), np.bincount(labels, w)
    rng = np.random.default_rng(seed)
    means = np.empty(resamples)
    for i in range(resamples):
        drawn = rng.integers(sums.size, size=sums.size)
        means[i] = sums[drawn].sum() / sizes[drawn].sum()
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _clusters_needed(ratio: float, power: float, level: float) -> int | None:
    """Return the smallest G ≥ 2 that detects a `ratio`-th of a standard deviation; None if MANY."""

    def enough(groups: int) -> bool:
        reach = quantile((1 + level) / 2, groups - 1) + quantile(power, groups - 1)
        return math.sqrt(groups) >= reach * ratio

    low, high = 1, 2
    while not enough(high):
        low, high = high, 2 * high
        if high > MANY:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _between_0_and_1(value: float, name: str) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name} = {value:g} lies outside 0 to 1")
