"""The mixture cure model: either the event comes after some wait, or it never will.

J. W. Boag, "Maximum likelihood estimates of the proportion of patients cured by cancer therapy",
1949; V. T. Farewell, "The use of mixture models for the analysis of survival data with long-term
survivors", 1982. With π the probability that it will come, S its survival curve if so, and E_1, E_0
the likelihoods of the evidence under either hypothesis, the hypothesis is summed out exactly:

    P(by X | π, S, E) = π·E_1·(S(now) − S(X)) / D,    D = π·E_1·S(now) + (1 − π)·E_0,

with ln D the log likelihood. The posterior mean is then the ratio of the expectations of numerator
and D over the prior, never an average of ratios. Everything is computed in logarithms.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from forecast.families.clock import Curve, Timeline, survival
from forecast.families.data import Data, placed
from forecast.families.options import Waiting
from forecast.families.priors import log_waiting_survival

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable


class Weights(NamedTuple):
    """Logs of what speaks for yes and for no: π·E_1 (· S(now)) and (1 − π)·E_0."""

    yes: TensorVariable
    no: TensorVariable


def weigh(probability: TensorVariable, log_evidence: tuple[Any, Any]) -> Weights:
    """Return the weights of the hypotheses from π and the log likelihoods of the evidence."""
    import pytensor.tensor as pt

    yes, no = log_evidence
    return Weights(pt.log(probability) + yes, pt.log1p(-probability) + no)


def sum_out(weights: Weights, name: str) -> TensorVariable:
    """Add the likelihood, the hypothesis summed out, and its probability under `name`.

    Returns the log odds of yes.
    """
    import pymc as pm
    import pytensor.tensor as pt

    log_odds = weights.yes - weights.no
    pm.Potential("evidence", weights.no + pt.softplus(log_odds))
    pm.Deterministic(name, pt.sigmoid(log_odds))
    return log_odds


def cure_curve(weights: Weights, log_hazard: TensorVariable, time: Timeline, name: str) -> Curve:
    """Add the likelihood with survival up to now; return the curve from there.

    `log_hazard` is each day's if the event is to come, `name` that hypothesis' probability.
    """
    import pytensor.tensor as pt

    past, if_yes = survival(log_hazard, time)
    yes = pt.sigmoid(sum_out(Weights(weights.yes + past, weights.no), name))
    return replace(if_yes, through=lambda log_q: pt.log1p(yes * pt.expm1(log_q)))


def waiting_data(waiting: Waiting, time: Timeline) -> Data:
    """Return the log of each day's share of the waiting time's cumulative hazard, (days,)."""
    import numpy as np

    log_s = log_waiting_survival(waiting, np.arange(time.days + 1.0))
    return {"log_waiting_hazard": np.log(np.maximum(-np.diff(log_s), 1e-300))}


def log_waiting_hazard(waiting: Waiting, time: Timeline) -> TensorVariable:
    """Add the log of each day's share of the waiting time's cumulative hazard, shape (days,)."""
    return placed(waiting_data(waiting, time))[0]
