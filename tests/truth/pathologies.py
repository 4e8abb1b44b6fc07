"""Models that go wrong in known ways, each with the status it must be given.

`python -m tests.truth.pathologies` sends all of them the whole way, NUTS included, and prints a
table; the tests hold the fast path's part of it. A pathology with an `exact` value, by closed form
or quadrature, is one that can be published; it must then be right. One without must be refused:
nothing below is published past a refused gate.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import integrate, special, stats

from forecast.inference.engine import Job, Sampler, fit
from forecast.inference.posterior import Posterior
from tests.truth.telling import ratio

type Array = np.ndarray


@dataclass(frozen=True)
class Pathology:
    """What is wrong (`says`), the model, and its exact probability if it is well defined.

    `fast` is the verdict of the fast path by itself, `status` that of the whole way.
    """

    says: str
    build: Callable[[], Any]
    exact: Callable[[], float] | None
    fast: str
    status: str


PATHOLOGIES: dict[str, Pathology] = {}


def pathology(
    says: str, *, exact: Callable[[], float] | None = None, fast: str = "", status: str = ""
) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Register the function that adds a pathological model to the current context."""
    verdict = "publish" if exact else "refuse"

    def register(build: Callable[[], Any]) -> Callable[[], Any]:
        PATHOLOGIES[build.__name__] = Pathology(
            says, build, exact, fast or verdict, status or verdict
        )
        return build

    return register


def posterior(name: str, sampler: Sampler) -> Posterior:
    """Return the posterior of a pathology."""
    import pymc as pm

    with pm.Model() as model:
        PATHOLOGIES[name].build()
    return fit([Job(model, f"pathology/{name}", 1)], sampler=sampler)[0]


def _mean(value: Callable[[Array], Array], log_density: Callable[[Array], Array]) -> float:
    """Return the expectation of a function of one parameter, by quadrature over −60 … 60."""
    x = np.linspace(-60, 60, 400_001)
    with np.errstate(over="ignore"):
        logs = log_density(x)
    weights = np.exp(logs - logs.max())
    return float(integrate.trapezoid(weights * value(x), x) / integrate.trapezoid(weights, x))


# Logistic regressions: y is 1 exactly where x is above 0.

_X, _Y = np.array([-2.0, -1.0, -0.5, 0.5, 1.0, 2.0]), np.array([0, 0, 0, 1, 1, 1])


def _logistic(slope: Any, x: Array = _X, y: Array = _Y) -> None:
    import pymc as pm

    pm.Bernoulli("y", logit_p=slope * pm.Data("x_seen", x), observed=pm.Data("y_seen", y))


def _log_likelihood(slope: Array, x: Array, y: Array) -> Array:
    signed = np.multiply.outer(slope, np.where(y == 1, x, -x))
    return -np.logaddexp(0, -signed).sum(axis=-1)


@pathology("separation under a flat prior: the slope has no finite mean, and no density at all")
def separation_under_a_flat_prior() -> None:
    import pymc as pm

    slope = pm.Flat("slope")
    _logistic(slope)
    pm.Deterministic("p", pm.math.sigmoid(slope * 0.1))


@pathology(
    "separation under a proper prior",
    exact=lambda: _mean(
        lambda b: special.expit(0.1 * b),
        lambda b: stats.norm.logpdf(b, 0, 2.5) + _log_likelihood(b, _X, _Y),
    ),
)
def separation_under_a_proper_prior() -> None:
    import pymc as pm

    slope = pm.Normal("slope", 0, 2.5)
    _logistic(slope)
    pm.Deterministic("p", pm.math.sigmoid(slope * 0.1))


@pathology(
    "readings a million times too large for their coefficient, and of the wrong sign",
    exact=lambda: _mean(
        lambda b: special.expit(0.1 * b),
        lambda b: stats.norm.logpdf(b, 0, 1) + _log_likelihood(b, 1e6 * _X, 1 - _Y),
    ),
)
def unscaled_values_that_contradict_the_prior() -> None:
    import pymc as pm

    slope = pm.Normal("slope", 0, 1)
    _logistic(slope, 1e6 * _X, 1 - _Y)
    pm.Deterministic("p", pm.math.sigmoid(slope * 0.1))


@pathology(
    "coefficients and values a million times apart, but fitting",
    exact=lambda: _mean(
        lambda b: special.expit(0.3 * b),
        lambda b: stats.norm.logpdf(b, 0, 1) + _log_likelihood(b, _X, _Y),
    ),
)
def unscaled_values_with_a_scaled_prior() -> None:
    import pymc as pm

    slope = pm.Normal("slope", 0, 1e-6)
    _logistic(slope, 1e6 * _X)
    pm.Deterministic("p", pm.math.sigmoid(slope * 3e5))


@pathology("an infinite reading")
def infinite_reading() -> None:
    import pymc as pm

    mu = pm.Normal("mu", 0, 1)
    pm.Normal("seen", mu, 1, observed=pm.Data("readings", np.array([0.1, np.inf])))
    pm.Deterministic("p", pm.math.sigmoid(mu))


@pathology("a reading that is missing (NaN) and was not left out")
def missing_reading() -> None:
    import pymc as pm

    mu = pm.Normal("mu", 0, 1)
    pm.Potential("seen", -((mu - np.array([0.1, np.nan])) ** 2).sum())
    pm.Deterministic("p", pm.math.sigmoid(mu))


@pathology(
    "no data at all: the prior speaks",
    exact=lambda: _mean(special.expit, lambda x: stats.norm.logpdf(x, 1, 1)),
)
def empty_data() -> None:
    import pymc as pm

    mu = pm.Normal("mu", 1, 1)
    pm.Normal("seen", mu, 1, observed=pm.Data("readings", np.empty(0)))
    pm.Deterministic("p", pm.math.sigmoid(mu))


@pathology("two certain sources that contradict each other: nothing is possible")
def contradicting_certainties() -> None:
    import pymc as pm
    import pytensor.tensor as pt

    prior = pm.Beta("prior", 2, 2)
    sure = pm.Data("sure", np.array([[1.0, 0.0], [0.0, 1.0]]))  # yes, no by source
    yes, no = pt.log(prior) + pt.log(sure[:, 0]).sum(), pt.log1p(-prior) + pt.log(sure[:, 1]).sum()
    pm.Potential("heard", pt.logaddexp(yes, no))
    pm.Deterministic("p", pt.sigmoid(yes - no))


@pathology("a certain report, and nothing against it", exact=lambda: 1.0)
def certainty() -> None:
    import pymc as pm
    import pytensor.tensor as pt

    prior = pm.Beta("prior", 2, 2)
    sure = pm.Data("sure", np.array([1.0, 0.0]))
    pm.Potential("heard", pt.log(prior * sure[0] + (1 - prior) * sure[1]))
    pm.Deterministic("p", prior * sure[0] / (prior * sure[0] + (1 - prior) * sure[1]))


@pathology("a likelihood of zero everywhere")
def impossible() -> None:
    import pymc as pm

    x = pm.Normal("x")
    pm.Potential("never", x * 0 - np.inf)
    pm.Deterministic("p", pm.math.sigmoid(x))


@pathology("no density: flat over the whole line")
def improper() -> None:
    import pymc as pm

    pm.Deterministic("p", pm.math.sigmoid(pm.Flat("x")))


@pathology("two equal modes, ten deviations apart")
def two_modes_far_apart() -> None:
    import pymc as pm
    import pytensor.tensor as pt

    x = pm.Normal("x", 0, 20)
    pm.Potential("either", pt.logaddexp(-((x - 5) ** 2) / 2, -((x + 5) ** 2) / 2))
    pm.Deterministic("p", pm.math.sigmoid(x))


@pathology(
    "two modes that NUTS walks between",
    exact=lambda: _mean(
        lambda x: special.expit(x),
        lambda x: np.logaddexp(-((x - 1.8) ** 2) / 2, -((x + 1.2) ** 2) / 2),
    ),
    fast="refuse",
    status="warn",  # 16,000 draws that hang together: an error of .006
)
def two_modes_close_by() -> None:
    import pymc as pm
    import pytensor.tensor as pt

    x = pm.Flat("x")
    pm.Potential("either", pt.logaddexp(-((x - 1.8) ** 2) / 2, -((x + 1.2) ** 2) / 2))
    pm.Deterministic("p", pm.math.sigmoid(x))


@pathology("a mixture whose labels can be exchanged")
def labels_exchanged() -> None:
    import pymc as pm
    import pytensor.tensor as pt

    centres = pm.Normal("centres", 0, 10, shape=2)
    seen = pm.Data("seen", np.array([-5.1, -4.9, -5.0, 5.0, 4.8, 5.2]))[:, None]
    pm.Potential("mixed", pm.math.logsumexp(-((seen - centres) ** 2) / 2, axis=1).sum())
    pm.Deterministic("p", pt.sigmoid(centres[0]))


@pathology("a funnel: no scale fits both its ends")
def funnel() -> None:
    import pymc as pm

    depth = pm.Normal("depth", 0, 3)
    wide = pm.Normal("wide", 0, pm.math.exp(depth / 2), shape=9)
    pm.Deterministic("p", pm.math.sigmoid(depth + 0 * wide.sum()))


@pathology(
    "the same funnel written without its neck",
    exact=lambda: 0.5,
)
def funnel_unrolled() -> None:
    import pymc as pm

    depth, unit = pm.Normal("depth", 0, 3), pm.Normal("unit", 0, 1, shape=9)
    pm.Deterministic("p", pm.math.sigmoid(depth + 0 * unit.sum()))


@pathology(
    "tails so heavy that the mean does not exist, of a probability that has one",
    exact=lambda: _cauchy(),
)
def heavy_tails() -> None:
    import pymc as pm

    pm.Deterministic("p", pm.math.sigmoid(pm.Cauchy("x", 1, 1)))


def _cauchy() -> float:
    angle = np.linspace(-math.pi / 2, math.pi / 2, 2_000_003)[1:-1]
    return float(special.expit(1 + np.tan(angle)).mean())


@pathology(
    "two parameters of which only the sum is seen, correlated to a hundred-thousandth",
    exact=lambda: float(stats.norm.cdf(0.3 / math.sqrt(1 + 1e-4))),
)
def nearly_collinear() -> None:
    import pymc as pm

    a, b = pm.Normal("a", 0, 100), pm.Normal("b", 0, 100)
    pm.Normal("sum", a + b, 0.01, observed=pm.Data("seen", 0.3))
    pm.Deterministic("p", pm.math.invprobit(a + b))


@pathology(
    "a posterior that piles up at the end of its range",
    exact=lambda: 1 / 1001,
)
def piled_at_the_end() -> None:
    import pymc as pm

    share = pm.Uniform("share", 0, 1)
    pm.Binomial("none", n=pm.Data("n", 999), p=share, observed=pm.Data("k", 0))
    pm.Deterministic("p", share)


@pathology(
    "a prior with an infinite density at both ends, and nothing seen",
    exact=lambda: 0.5,
    fast="refuse",
    status="refuse",  # for divergences, with the right number
)
def infinite_at_the_ends() -> None:
    import pymc as pm

    pm.Deterministic("p", pm.Beta("share", 0.05, 0.05))


def _hazard_exact(events: float, cases: float, exposure: float, lived: int, ahead: int) -> float:
    prior = stats.beta(events + 0.5, cases - events + 0.5)

    def mean(days: float) -> float:
        return float(prior.expect(lambda p: (1 - p) ** (days / exposure)))

    return 1 - mean(lived + ahead) / mean(lived)


def _hazard(events: float, cases: float, exposure: float, lived: int, ahead: int) -> None:
    import pymc as pm
    import pytensor.tensor as pt

    counts = pm.Data("counts", np.array([events + 0.5, cases - events + 0.5]))
    days = pm.Data("days", np.array([lived, ahead]) / exposure)
    share = pm.Beta("share", counts[0], counts[1])
    pm.Potential("lived", days[0] * pt.log1p(-share))
    pm.Deterministic("p", -pt.expm1(days[1] * pt.log1p(-share)))


@pathology("no event in any case", exact=lambda: _hazard_exact(0, 50, 100, 10, 100))
def no_events() -> None:
    _hazard(0, 50, 100, 10, 100)


@pathology("an event in every case", exact=lambda: _hazard_exact(50, 50, 100, 3, 5))
def nothing_but_events() -> None:
    _hazard(50, 50, 100, 3, 5)


@pathology("an exposure of a thousandth of a day", exact=lambda: _hazard_exact(1, 10, 1e-3, 0, 1))
def tiny_exposure() -> None:
    _hazard(1, 10, 1e-3, 0, 1)


@pathology("an exposure of a million days", exact=lambda: _hazard_exact(1, 10, 1e6, 100, 1000))
def huge_exposure() -> None:
    _hazard(1, 10, 1e6, 100, 1000)


def _extreme_exact() -> float:
    def value(x: Array) -> Array:
        return -np.expm1(-0.01 * np.exp(np.minimum(x, 700)) * 10)

    def log_density(x: Array) -> Array:
        return -((x / _EXTREME) ** 2) / 2 - 0.01 * np.exp(np.minimum(x, 700)) * 30

    return _mean(value, log_density)


_EXTREME = ratio(1e-4, 1e4)[1]


@pathology(
    "a hazard ratio anywhere between a ten-thousandth and ten thousand", exact=_extreme_exact
)
def extreme_interval() -> None:
    import pymc as pm
    import pytensor.tensor as pt

    slope = pm.Normal("slope", 0, _EXTREME)
    hazard = pm.Data("hazard", 0.01) * pt.exp(slope)
    pm.Potential("lived", -30 * hazard)
    pm.Deterministic("p", -pt.expm1(-10 * hazard))


@pathology("a probability above one")
def above_one() -> None:
    import pymc as pm

    pm.Deterministic("p", 1 + pm.Exponential("x", 1))


@pathology("an output that is not a number in places")
def output_undefined_in_places() -> None:
    import pymc as pm
    import pytensor.tensor as pt

    x = pm.Normal("x")
    pm.Deterministic("p", pt.sigmoid(pt.log(x)))


@pathology("a discrete parameter that was not summed out")
def discrete_parameter() -> None:
    import pymc as pm

    holds = pm.Bernoulli("holds", 0.3)
    pm.Normal("seen", holds, 1, observed=pm.Data("reading", 0.4))
    pm.Deterministic("p", holds + pm.Normal("x") * 0)


@pathology("a model that answers nothing")
def no_output() -> None:
    import pymc as pm

    pm.Normal("x")


@pathology("a density that overflows where the sampler looks")
def overflowing() -> None:
    import pymc as pm
    import pytensor.tensor as pt

    x = pm.Normal("x", 0, 1)
    pm.Potential("explodes", pt.exp(pt.exp(pt.exp(x + 3))))
    pm.Deterministic("p", pm.math.sigmoid(x))


def main() -> int:
    """Print the table of all pathologies, each sent the whole way; 1 if any is not as stated."""
    wrong = 0
    for name, case in PATHOLOGIES.items():
        found = posterior(name, "auto")
        mean = float(np.ravel(found.mean)[0])
        exact = case.exact() if case.exact else math.nan
        right = found.verdict == case.status
        if found.verdict != "refuse" and case.exact:
            right &= abs(mean - exact) <= 4 * float(np.max(found.mcse)) + 1e-6
        wrong += not right
        reasons = "; ".join(found.gates["reasons"])[:60]
        print(
            f"{'  ' if right else '! '}{name:40} {found.sampler:5} {found.verdict:8}"
            f" {mean:8.5f} {exact:8.5f}  {reasons}"
        )
    print(f"{wrong} of {len(PATHOLOGIES)} pathologies not as stated")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
