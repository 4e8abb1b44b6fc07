"""Priors from what a file states: reference classes, elicited intervals, waiting times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from forecast.domain import ReferenceClass
from forecast.families.data import Data, placed
from forecast.families.fields import TAIL, Interval
from forecast.families.options import Waiting

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pytensor.tensor import TensorVariable

type Array = NDArray[np.float64]

_LOG_BETA = -12.0, 32.0  # of the Beta priors there are: beyond it rounding decides


def share_data(reference: ReferenceClass, name: str) -> Data:
    """Return the parameters of `share`'s prior. Requires `cases`."""
    assert reference.cases is not None
    events = reference.relevance * reference.events
    others = reference.relevance * (reference.cases - reference.events)
    return {f"{name}_alpha": events + 0.5, f"{name}_beta": others + 0.5}


def share(reference: ReferenceClass, name: str) -> TensorVariable:
    """Add the share of a reference class's cases in which the event came.

    p ~ Beta(r·events + ½, r·(cases − events) + ½), r the relevance: Jeffreys' prior updated by the
    cases. Requires `cases`.
    """
    import pymc as pm

    return pm.Beta(name, *placed(share_data(reference, name)))


def elicited_data(chance: Interval, name: str) -> Data:
    """Return an elicited probability, or the parameters of its prior."""
    if chance.exact:
        return {name: chance.low}
    alpha, beta = beta_of_chance(chance)
    return {f"{name}_alpha": alpha, f"{name}_beta": beta}


def elicited(chance: Interval, name: str) -> TensorVariable:
    """Add an elicited probability: a number as data, an interval as a Beta parameter."""
    import pymc as pm

    numbers = placed(elicited_data(chance, name))
    return numbers[0] if chance.exact else pm.Beta(name, *numbers)


def structure(reference: ReferenceClass) -> str:
    """Name which prior a reference class has: `cases` or `rate`."""
    return "rate" if reference.cases is None else "cases"


def hazard_data(reference: ReferenceClass) -> Data:
    """Return the numbers of `log_daily_hazard`."""
    if reference.cases is not None:
        return {"exposure": reference.exposure, **share_data(reference, "p_case")}
    return {
        "rate_shape": reference.relevance * reference.events + 0.5,
        "rate_days": reference.relevance * reference.exposure,
    }


def log_daily_hazard(reference: ReferenceClass) -> TensorVariable:
    """Add a reference class's parameter and return the log of the daily hazard it stands for.

    Cases: −ln(1 − p)/exposure with p the share of cases. Recurrent events: a rate
    ~ Gamma(r·events + ½, r·exposure), Jeffreys' prior updated by the days watched.
    """
    import pymc as pm
    import pytensor.tensor as pt

    numbers = placed(hazard_data(reference))
    if reference.cases is None:
        return pt.log(pm.Gamma("rate", *numbers))
    exposure, *prior = numbers
    return pt.log(-pt.log1p(-pm.Beta("p_case", *prior))) - pt.log(exposure)


def normal_of_ratio(interval: Interval) -> tuple[float, float]:
    """Return mean and standard deviation of the log of a ratio with this 80% interval.

    >>> mean, sd = normal_of_ratio(Interval(1.2, 3.0))
    >>> round(mean, 4), round(sd, 4)
    (0.6405, 0.3575)
    """
    from math import log

    low, high = log(interval.low), log(interval.high)
    return (low + high) / 2, (high - low) / (2 * TAIL)


def log_ratio_data(interval: Interval, name: str) -> Data:
    """Return the log of an elicited ratio, or the parameters of its prior."""
    mean, sd = normal_of_ratio(interval)
    return {name: mean} if interval.exact else {f"{name}_mean": mean, f"{name}_sd": sd}


def log_ratio(interval: Interval, name: str) -> TensorVariable:
    """Add the log of an elicited ratio: a number as data, an interval as a normal parameter."""
    import pymc as pm

    numbers = placed(log_ratio_data(interval, name))
    return numbers[0] if interval.exact else pm.Normal(name, *numbers)


@lru_cache(maxsize=1024)
def beta_of_chance(interval: Interval) -> tuple[float, float]:
    """Return the Beta parameters with 10% and 90% points at the interval's ends.

    Of intervals so narrow that rounding decides, the narrowest Beta that can be told is returned.

    >>> from scipy.stats import beta
    >>> a, b = beta_of_chance(Interval(0.5, 0.9))
    >>> [round(float(q), 9) for q in beta.ppf([0.1, 0.9], a, b)]
    [0.5, 0.9]
    """
    from math import exp

    from scipy.special import betaincc, btdtria

    def alpha(log_beta: float) -> float:
        return float(btdtria(0.1, exp(log_beta), interval.low))

    def beyond(log_beta: float) -> float:  # the larger beta, the closer the two points
        return float(betaincc(alpha(log_beta), exp(log_beta), interval.high)) - 0.1

    found = _root(beyond, *_LOG_BETA)
    return alpha(found), exp(found)


def _root(falling: Callable[[float], float], low: float, high: float) -> float:
    """Return where a falling function crosses 0, to the last bit, or the end nearest to it.

    Bisection: SciPy's optimizers take longer to import than all there is to solve here.
    """
    while low < (middle := (low + high) / 2) < high:
        low, high = (middle, high) if falling(middle) > 0 else (low, middle)
    return middle


def log_waiting_survival(waiting: Waiting, days: Array) -> Array:
    """Return ln P(T > t) of an elicited waiting time at t in days, any shape.

    The distribution is the one of its shape with 10% and 90% points at the interval's ends.
    """
    import numpy as np

    shapes = {"lognormal": _lognormal, "weibull": _weibull, "gamma": _gamma}
    with np.errstate(divide="ignore"):  # ln 0 at the clock, where survival is sure
        return shapes[waiting.shape](waiting.interval, days)


def _lognormal(interval: Interval, days: Array) -> Array:
    import numpy as np
    from scipy.special import log_ndtr

    mean, sd = normal_of_ratio(interval)
    return np.asarray(log_ndtr((mean - np.log(days)) / sd))


def _weibull(interval: Interval, days: Array) -> Array:
    import numpy as np

    early, late = -np.log(0.9), -np.log(0.1)  # cumulative hazard at the two points
    power = np.log(late / early) / np.log(interval.high / interval.low)
    return np.asarray(-late * (days / interval.high) ** power)


def _gamma(interval: Interval, days: Array) -> Array:
    import numpy as np
    from scipy.special import gammaincc, gammaincinv, gammaln

    shape = _gamma_shape(interval.high / interval.low)
    x = days * float(gammaincinv(shape, 0.9)) / interval.high
    # Beyond the smallest float the first terms of the asymptotic series stand in.
    tail = (
        (shape - 1) * np.log(x) - x - gammaln(shape) - np.log1p(-(shape - 1) / np.maximum(x, shape))
    )
    survival = gammaincc(shape, x)
    return np.where(survival > 1e-290, np.log(np.maximum(survival, 1e-290)), tail)


def _gamma_shape(ratio: float) -> float:
    """Return the shape of the gamma distribution whose 90% point is `ratio` times its 10% point."""
    from math import exp, log

    from scipy.special import gammaincinv

    def miss(log_shape: float) -> float:
        early, late = gammaincinv(exp(log_shape), [0.1, 0.9])
        return float(late / early) - ratio

    return exp(_root(miss, log(0.05), log(1e8)))


def filled_data(name: str, uncertain: Sequence[bool], exact: Sequence[float]) -> Data:
    """Return the numbers of `filled` but those of its parameters."""
    import numpy as np

    if all(uncertain):
        return {}
    numbers: Data = {f"{name}_exact": np.array(exact)}
    if any(uncertain):
        numbers[f"{name}_free"] = np.array(uncertain, dtype=float)
        numbers[f"{name}_place"] = np.maximum(np.cumsum(uncertain) - 1, 0)
    return numbers


def filled(
    name: str, uncertain: Sequence[bool], exact: Sequence[float], draw: Callable[[], TensorVariable]
) -> TensorVariable:
    """Return a vector whose uncertain entries are parameters and whose others are data.

    `draw` adds the parameters, one for each uncertain entry, in order.
    """
    import pytensor.tensor as pt

    if all(uncertain):
        return draw()
    numbers, *chosen = placed(filled_data(name, uncertain, exact))
    if not chosen:
        return numbers
    free, place = chosen
    return pt.switch(free, draw()[place], numbers)


def dimension(name: str, labels: Sequence[str]) -> str:
    """Add a dimension to the current model, its coordinates the indicators' ids."""
    import pymc as pm

    model = pm.modelcontext(None)
    full = model.name_for(f"{name}_indicator")
    model.add_coord(full, list(labels))
    return str(full)
