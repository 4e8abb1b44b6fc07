"""Expectations over priors and posteriors by quadrature, in plain NumPy and SciPy.

Nothing here comes from the package: it is what the package's numbers are held to. Days count from
the clock's; arrays over days hold day d + 1 at index d.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import integrate, optimize, special, stats

TAIL = float(stats.norm.ppf(0.9))


@dataclass(frozen=True)
class Rule:
    """Nodes and weights of a quadrature; weights sum to one under the prior."""

    nodes: np.ndarray
    weights: np.ndarray


def beta(a: float, b: float, nodes: int = 60) -> Rule:
    """Return the rule of a Beta distribution (Gauss-Jacobi)."""
    x, w = special.roots_sh_jacobi(nodes, a + b - 1, a)
    return Rule(x, w / w.sum())


def gamma(shape: float, rate: float, nodes: int = 60) -> Rule:
    """Return the rule of a Gamma distribution (generalized Gauss-Laguerre)."""
    x, w = special.roots_genlaguerre(nodes, shape - 1)
    return Rule(x / rate, w / w.sum())


def normal(mean: float = 0.0, sd: float = 1.0, nodes: int = 40) -> Rule:
    """Return the rule of a normal distribution (Gauss-Hermite)."""
    x, w = np.polynomial.hermite_e.hermegauss(nodes)
    return Rule(mean + sd * x, w / w.sum())


def ratio(low: float, high: float) -> Rule:
    """Return the rule of the log of a ratio with this 80% interval."""
    return normal(math.log(low * high) / 2, math.log(high / low) / (2 * TAIL))


def grid(*rules: Rule) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the nodes of independent parameters, one point a row, and the weight of each point."""
    nodes = np.meshgrid(*(rule.nodes for rule in rules), indexing="ij")
    weights = np.meshgrid(*(rule.weights for rule in rules), indexing="ij")
    return [axis.ravel() for axis in nodes], np.prod(weights, axis=0).ravel()


def crises(relevance: float = 1.0) -> Rule:
    """Return the daily hazard of 6 events in 75 cases of 180 days."""
    share = beta(0.5 + 6 * relevance, 0.5 + 69 * relevance)
    return Rule(-np.log1p(-share.nodes) / 180, share.weights)


@cache
def elicited(low: float, high: float) -> tuple[float, float]:
    """Return the Beta parameters with these 10% and 90% points."""

    def miss(logs: np.ndarray) -> np.ndarray:
        return stats.beta.cdf([low, high], *np.exp(logs)) - [0.1, 0.9]

    # A normal distribution of the same two points on the logit scale is near.
    middle, sd = special.logit([low, high]).mean(), np.ptp(special.logit([low, high])) / (2 * TAIL)
    mean = special.expit(middle)
    size = 1 / (mean * (1 - mean) * sd**2)
    solved = optimize.root(miss, np.log([mean * size, (1 - mean) * size]), tol=1e-12)
    assert solved.success
    return tuple(np.exp(solved.x))


def mean_of(low: float, high: float) -> float:
    """Return the mean of that Beta distribution."""
    a, b = elicited(low, high)
    return a / (a + b)


def hazard(
    base: Rule,
    now: int,
    rungs: tuple[int, ...],
    multiple: np.ndarray | None = None,
    weights: np.ndarray | None = None,
) -> list[float]:
    """Return P(by each rung | not by now) for a daily hazard `base` times `multiple`.

    `multiple` (points, days) and `weights` (points,) go over the indicators' parameters.
    """
    multiple = np.ones((1, max(rungs))) if multiple is None else multiple
    weights = np.ones(1) if weights is None else weights

    def survival(days: int) -> float:
        total = multiple[:, : max(days, 0)].sum(axis=1)
        return float(weights @ np.exp(-np.outer(total, base.nodes)) @ base.weights)

    return [1 - survival(max(rung, now)) / survival(now) for rung in rungs]


def waiting(shape: str, low: float, high: float, days: int) -> np.ndarray:
    """Return each day's cumulative hazard of a waiting time with these 10% and 90% points."""
    fit = {"weibull": stats.weibull_min, "gamma": stats.gamma}.get(shape)
    if fit is None:
        wait = stats.lognorm(math.log(high / low) / (2 * TAIL), scale=math.sqrt(low * high))
    else:
        form = optimize.brentq(lambda a: fit(a).ppf(0.9) / fit(a).ppf(0.1) - high / low, 0.2, 20)
        wait = fit(form, scale=high / fit(form).ppf(0.9))
    return -np.diff(wait.logsf(np.arange(days + 1)))


def cure(
    prior: float,
    evidence: tuple[float, float],
    daily: np.ndarray,
    now: int,
    rungs: tuple[int, ...],
    weights: np.ndarray | None = None,
) -> tuple[list[float], float]:
    """Return P(by each rung | data) and P(it will come | data) of the mixture cure model.

    `prior` is the mean of π, `evidence` the expected likelihoods if yes and if no, and `daily` the
    cumulative hazard of each day if yes, (days,) or over timing parameters (points, days) of these
    `weights`.
    """
    daily = np.atleast_2d(daily)
    weights = np.ones(1) if weights is None else weights

    def survival(days: int) -> float:
        return float(weights @ np.exp(-daily[:, : max(days, 0)].sum(axis=1)))

    yes, no = prior * evidence[0], (1 - prior) * evidence[1]
    whole = yes * survival(now) + no
    come = [yes * (survival(now) - survival(max(rung, now))) / whole for rung in rungs]
    return come, yes * survival(now) / whole


def by_now(low: float, high: float, day: int) -> float:
    """Return the probability that an expected report has come by `day`, if it comes."""
    time = stats.lognorm(math.log(high / low) / (2 * TAIL), scale=math.sqrt(low * high))
    return float(time.cdf(day))


def echoes(chances: list, came: list[bool], rho: float, expected: float = 1.0) -> float:
    """Return the expected likelihood of one group's reports under a one-factor Gaussian copula.

    Each chance is a number or a `Rule`; what comes has come by now with probability `expected`.
    Given the common factor reports and chances are independent, so that each is averaged by itself.
    """

    def given(u: float) -> float:
        total = stats.norm.pdf(u)
        for chance, here in zip(chances, came, strict=True):
            rule = chance if isinstance(chance, Rule) else Rule(np.array([chance]), np.ones(1))
            shifted = special.ndtri(rule.nodes) - math.sqrt(rho) * u
            heard = float(rule.weights @ special.ndtr(shifted / math.sqrt(1 - rho)))
            total *= heard if here else 1 - heard * expected
        return float(total)

    return integrate.quad(given, -9, 9, epsabs=1e-13, epsrel=1e-11, limit=400)[0]


def race(hazards: list[np.ndarray], weights: np.ndarray) -> list[float]:
    """Return P(first = k) for each cause, then P(none).

    `hazards` holds an array (points, days ahead) a cause; `weights` (points,) the posterior.
    """
    total = np.sum(hazards, axis=0)
    before = np.exp(total - np.cumsum(total, axis=1))
    share = np.divide(-np.expm1(-total), total, out=np.ones_like(total), where=total > 0)
    first = [weights @ (before * share * each).sum(axis=1) for each in hazards]
    none = weights @ np.exp(-total.sum(axis=1))
    return [float(p / weights.sum()) for p in (*first, none)]


def hanging(
    given: np.ndarray,
    quiet: np.ndarray,
    after: np.ndarray,
    weights: np.ndarray,
    rungs: tuple[int, ...],
) -> list[float]:
    """Return P(B by each rung) where B has hazard `quiet` before A comes and `after` from then on.

    `given` (points, days ahead) is A's hazard by day, the others (points,) are constant; all is
    integrated over A's time by Gauss-Legendre within each day.
    """
    x, w = np.polynomial.legendre.leggauss(12)
    within, share = (x + 1) / 2, w / 2
    start = np.cumsum(given, axis=1) - given
    answers = []
    for rung in rungs:
        survived = np.exp(-given[:, :rung].sum(axis=1) - rung * quiet)
        for moment, part in zip(within, share, strict=True):
            at = np.arange(rung) + moment
            density = given[:, :rung] * np.exp(-start[:, :rung] - moment * given[:, :rung])
            left = np.exp(-np.outer(quiet, at) - np.outer(after, rung - at))
            survived = survived + part * (density * left).sum(axis=1)
        answers.append(float(1 - weights @ survived / weights.sum()))
    return answers
