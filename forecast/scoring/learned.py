"""Learned pooling: forecasters weighed and recalibrated by what became of their forecasts.

    logit p* = a + b·Σᵢ wᵢ·logit pᵢ / Σᵢ wᵢ        over the forecasters i who stand

with a ~ Normal(0, ½), b ~ LogNormal(0, ½) and w uniform on the simplex, so that nothing learned
means the geometric mean of odds, nearly: a = 0, b = 1 and equal weights are where the prior is
centred. Chances are held within .001 to .999 here, for a certain forecast has no finite log-odds.

The model is an ordinary `pm.Model`; its deterministic `p` holds the pooled chances asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from forecast.scoring.arrays import Array, ArrayLike, outcomes

if TYPE_CHECKING:
    import pymc as pm
    from pytensor.tensor import TensorVariable

HELD = 0.001  # from 0 and from 1


def model(*, said: ArrayLike, outcome: ArrayLike, asked: ArrayLike) -> pm.Model:
    """Return the model of `outcome` given what was said, and its answer to what is asked.

    Args:
        said: p of yes, shape (n, k), n ≥ 0 answered questions by k forecasters; NaN where one had
            said nothing, but never a whole row.
        outcome: 0 or 1, shape (n,).
        asked: p of yes, shape (m, k), m ≥ 1 sets of standing forecasts to pool; NaN likewise.

    Returns:
        A model whose deterministic `p` has shape (m,).

    Raises:
        ValueError: shapes that do not fit, a probability outside 0 to 1, or a row without any.

    >>> with model(said=[[0.2, 0.4]], outcome=[0], asked=[[0.2, np.nan]]) as pooling:
    ...     sorted(v.name for v in pooling.free_RVs)
    ['intercept', 'slope', 'weight']
    """
    import pymc as pm

    known, new = _log_odds(said, "said"), _log_odds(asked, "asked")
    answer = outcomes(outcome)
    if known[0].shape[1:] != new[0].shape[1:] or answer.shape != known[0].shape[:1]:
        raise ValueError(f"shapes differ: said {known[0].shape}, asked {new[0].shape}")
    with pm.Model() as made:
        intercept = pm.Normal("intercept", 0, 0.5)
        slope = pm.LogNormal("slope", 0, 0.5)
        weight = _weights(new[0].shape[1])
        learned = intercept + slope * _pooled("said", *known, weight)
        pm.Bernoulli("answered", logit_p=learned, observed=pm.Data("outcome", answer))
        pm.Deterministic("p", pm.math.sigmoid(intercept + slope * _pooled("asked", *new, weight)))
    return made


def _weights(forecasters: int) -> TensorVariable | Array:
    import pymc as pm

    if forecasters == 1:
        return np.ones(1)
    return pm.Dirichlet("weight", np.ones(forecasters))


def _pooled(
    name: str, log_odds: Array, heard: Array, weight: TensorVariable | Array
) -> TensorVariable:
    """Return the weighted mean log-odds of those heard, by row."""
    import pymc as pm

    x, there = pm.Data(name, log_odds), pm.Data(f"{name}_heard", heard)
    return (x * there * weight).sum(axis=1) / (there * weight).sum(axis=1)


def _log_odds(probability: ArrayLike, name: str) -> tuple[Array, Array]:
    """Return log-odds with 0 where there is none, and 1 where there is one, else 0."""
    p = np.asarray(probability, dtype=np.float64)
    heard = ~np.isnan(p)
    if p.ndim != 2 or not heard.any(axis=1).all():
        raise ValueError(
            f"{name} must have shape (n, k) with a forecast in every row; got {p.shape}"
        )
    if ((p < 0) | (p > 1)).any():
        raise ValueError(f"a probability in {name} lies outside 0 to 1")
    inside = np.clip(np.where(heard, p, 0.5), HELD, 1 - HELD)
    return np.log(inside) - np.log1p(-inside), heard.astype(np.float64)
