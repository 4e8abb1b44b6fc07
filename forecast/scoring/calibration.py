"""Over- and under-confidence in a few numbers, tests of calibration, and discrimination.

Give one forecast per question, read at a time fixed before the outcome. What the data cannot answer
(one forecast, one class, certain forecasts) is None with a reason, never a made-up number.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from forecast.scoring.arrays import Array, ArrayLike, flat_pair, probabilities
from forecast.scoring.student import normal_two_sided
from forecast.scoring.uncertainty import Clusters, number_clusters

ONE_CLASS = "every question was answered the same way"
CERTAIN = "a forecast of exactly 0 or 1 has no log-odds"
ALIKE = "all forecasts are the same"
SEPARATED = "the forecasts separate yes from no completely"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its standard error, or None and the reason why there is none."""

    value: float | None
    error: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Recalibration:
    """Cox's line: logit P(yes) = intercept + slope·logit(said).

    Calibrated is intercept 0, slope 1. A slope below 1 is overconfident (forecasts too near 0 and
    1), above 1 underconfident. Fields are None where they cannot be had, for the reason given.
    """

    intercept: float | None
    slope: float | None
    intercept_error: float | None = None
    slope_error: float | None = None
    reason: str = ""

    def happens(self, said: ArrayLike) -> Array | None:
        """Return how often what is said with these probabilities happens, by the line.

        Raises ValueError for a probability outside 0 to 1. None if there is no line.

        >>> float(Recalibration(0.0, 0.5).happens(0.9).round(6))
        0.75
        """
        if self.intercept is None or self.slope is None:
            return None
        p = probabilities(said, "said")
        with np.errstate(divide="ignore"):
            return np.asarray(_expit(self.intercept + self.slope * _logit(p)))


@dataclass(frozen=True, slots=True)
class ZTest:
    """A test statistic, standard normal under calibration, with its two-sided p-value."""

    statistic: float | None
    p_value: float | None
    reason: str = ""


def cox(*, probability: ArrayLike, outcome: ArrayLike, cluster: Clusters = None) -> Recalibration:
    """Return intercept and slope of the logistic regression of outcomes on the forecasts' log-odds.

    Args:
        probability: p of yes, shape (n,), n ≥ 1.
        outcome: 0 or 1, shape (n,).
        cluster: n labels for standard errors over clusters; None for those of independent
            questions (from the information matrix).

    Returns:
        The line; without numbers, and with a reason, for a forecast of exactly 0 or 1, a single
        class, forecasts all alike, or forecasts that separate the classes completely.

    Raises:
        ValueError: a probability outside 0 to 1, an outcome other than 0 and 1, a missing value, no
            forecast, or shapes that differ.

    Source: Cox (1958); Liang and Zeger (1986) for clusters.

    >>> line = cox(probability=[0.1, 0.4, 0.35, 0.8, 0.9, 0.65], outcome=[0, 0, 1, 1, 1, 0])
    >>> round(line.intercept, 6), round(line.slope, 6)
    (-0.211034, 1.082837)
    """
    p, o = flat_pair(probability, outcome)
    reason = _why_no_line(p, o)
    if reason:
        return Recalibration(None, None, reason=reason)
    design = np.column_stack([np.ones(p.size), _logit(p)])
    fit = _logistic(design, o, np.zeros(p.size))
    error = _errors(design, o, _expit(design @ fit), cluster)
    intercept, slope = (float(x) for x in fit)
    return Recalibration(intercept, slope, error[0], error[1])


def calibration_in_the_large(
    *, probability: ArrayLike, outcome: ArrayLike, cluster: Clusters = None
) -> Estimate:
    """Return by how much, in log-odds, the forecasts as a whole are too low.

    The intercept of the logistic regression with the slope held at 1: 0 is calibrated, negative
    means that less happened than was said. Arguments and errors are those of `cox`.

    Source: Cox (1958).

    >>> e = calibration_in_the_large(probability=[0.2, 0.4, 0.6], outcome=[0, 1, 1])
    >>> round(e.value, 3)
    1.242
    """
    p, o = flat_pair(probability, outcome)
    reason = CERTAIN if ((p == 0) | (p == 1)).any() else ONE_CLASS if _one_class(o) else ""
    if reason:
        return Estimate(None, reason=reason)
    design, offset = np.ones((p.size, 1)), _logit(p)
    fit = _logistic(design, o, offset)
    error = _errors(design, o, _expit(offset + fit[0]), cluster)
    return Estimate(float(fit[0]), error[0])


def spiegelhalter(*, probability: ArrayLike, outcome: ArrayLike) -> ZTest:
    """Return Spiegelhalter's Z: is the Brier score what calibrated forecasts would get?

    Z = Σ (o − p)(1 − 2p) / √Σ (1 − 2p)²·p(1 − p). Positive means a worse Brier score than expected
    (overconfident). Every forecast must be of a question of its own.

    Args:
        probability: p of yes, shape (n,), n ≥ 1.
        outcome: 0 or 1, shape (n,).

    Returns:
        The test; None with a reason when every forecast is 0, ½ or 1.

    Raises:
        ValueError: as `cox`.

    Source: Spiegelhalter (1986).

    >>> t = spiegelhalter(probability=[0.1, 0.4, 0.35, 0.8, 0.9, 0.65], outcome=[0, 0, 1, 1, 1, 0])
    >>> round(t.statistic, 6), round(t.p_value, 6)
    (0.063479, 0.949385)
    """
    p, o = flat_pair(probability, outcome)
    variance = float(((1 - 2 * p) ** 2 * p * (1 - p)).sum())
    if variance == 0:
        return ZTest(None, None, "every forecast is 0, one half or 1")
    z = float(((o - p) * (1 - 2 * p)).sum()) / math.sqrt(variance)
    return ZTest(z, normal_two_sided(z))


def auc(*, probability: ArrayLike, outcome: ArrayLike, cluster: Clusters = None) -> Estimate:
    """Return the chance that a yes was given a higher probability than a no, ties counting half.

    Higher is better: 1 tells them apart perfectly, ½ not at all. It sees order only, not
    calibration. The standard error is DeLong's, or over clusters Obuchowski's.

    Args:
        probability: p of yes, shape (n,), n ≥ 1.
        outcome: 0 or 1, shape (n,).
        cluster: n labels; None when every question stands alone.

    Returns:
        The area; None with a reason if there is only one class. No error with fewer than two of
        each class, or a single cluster.

    Raises:
        ValueError: as `cox`.

    Source: Hanley and McNeil (1982); DeLong, DeLong and Clarke-Pearson (1988); Obuchowski (1997).

    >>> e = auc(probability=[0.1, 0.4, 0.35, 0.8, 0.9, 0.65], outcome=[0, 0, 1, 1, 1, 0])
    >>> round(e.value, 6)
    0.777778
    """
    p, o = flat_pair(probability, outcome)
    if _one_class(o):
        return Estimate(None, reason=ONE_CLASS)
    yes, no = np.sort(p[o == 1]), np.sort(p[o == 0])
    of_yes = _share_below(no, yes)
    of_no = 1 - _share_below(yes, no)
    area = float(of_yes.mean())
    if min(yes.size, no.size) < 2:
        return Estimate(area, reason="fewer than two questions of one answer")
    if cluster is not None:
        return _auc_over_clusters(p, o, number_clusters(cluster, p.size), area)
    variance = of_yes.var(ddof=1) / yes.size + of_no.var(ddof=1) / no.size
    return Estimate(area, math.sqrt(variance))


def _auc_over_clusters(
    p: Array, o: Array, labels: np.ndarray[tuple[int, ...], np.dtype[np.intp]], area: float
) -> Estimate:
    """Return the area with the error of what each cluster adds to it, of both classes together."""
    groups, yes = int(labels.max()) + 1, o == 1
    if groups < 2:
        return Estimate(area, reason="there is only one cluster of questions")
    added = np.empty(p.size)
    added[yes] = (_share_below(np.sort(p[~yes]), p[yes]) - area) / yes.sum()
    added[~yes] = (1 - _share_below(np.sort(p[yes]), p[~yes]) - area) / (~yes).sum()
    sums = np.bincount(labels, added)
    return Estimate(area, float(np.sqrt(groups / (groups - 1) * (sums**2).sum())))


def _share_below(ordered: Array, value: Array) -> Array:
    """Return the share of `ordered` below each value, ties counting half."""
    under = np.searchsorted(ordered, value, side="left")
    through = np.searchsorted(ordered, value, side="right")
    return np.asarray((under + through) / 2 / ordered.size)


def _one_class(o: Array) -> bool:
    return bool((o == o[0]).all())


def _why_no_line(p: Array, o: Array) -> str:
    """Return why the logistic regression has no finite maximum, or an empty string."""
    if ((p == 0) | (p == 1)).any():
        return CERTAIN
    if _one_class(o):
        return ONE_CLASS
    if (p == p[0]).all():
        return ALIKE
    yes, no = p[o == 1], p[o == 0]
    if no.max() <= yes.min() or yes.max() <= no.min():
        return SEPARATED
    return ""


def _logistic(design: Array, o: Array, offset: Array) -> Array:
    """Return the coefficients of greatest likelihood, by Newton's method; they must be finite."""
    fit, step, left = np.zeros(design.shape[1]), np.full(design.shape[1], np.inf), 100
    best = _log_likelihood(design @ fit + offset, o)
    while left and np.abs(step).max() >= 1e-12 * (1 + np.abs(fit).max()):
        mean = _expit(design @ fit + offset)
        step = np.linalg.solve(_information(design, mean), design.T @ (o - mean))
        share = 1.0
        while (value := _log_likelihood(design @ (fit + share * step) + offset, o)) < best - 1e-12:
            share /= 2
        fit, best, left = fit + share * step, value, left - 1
    return fit


def _log_likelihood(eta: Array, o: Array) -> float:
    return float((o * eta - np.logaddexp(0, eta)).sum())


def _information(design: Array, mean: Array) -> Array:
    return np.asarray(design.T @ (design * (mean * (1 - mean))[:, np.newaxis]))


def _errors(design: Array, o: Array, mean: Array, cluster: Clusters) -> list[float | None]:
    """Return standard errors: of independent questions, or the sandwich over clusters."""
    covariance = np.linalg.inv(_information(design, mean))
    if cluster is not None:
        labels = number_clusters(cluster, o.size)
        groups = int(labels.max()) + 1
        if groups < 2:
            return [None] * design.shape[1]
        scores = np.zeros((groups, design.shape[1]))
        np.add.at(scores, labels, design * (o - mean)[:, np.newaxis])
        covariance = groups / (groups - 1) * covariance @ (scores.T @ scores) @ covariance
    return [float(variance) ** 0.5 for variance in np.diag(covariance)]


def _logit(p: Array) -> Array:
    return np.log(p) - np.log1p(-p)


def _expit(x: Array) -> Array:
    return np.asarray((1 + np.tanh(x / 2)) / 2)  # never overflows
