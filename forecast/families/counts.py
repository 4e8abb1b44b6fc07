"""Counts whose rate follows what was counted before: a log-linear negative binomial model.

Of counts y_1 … y_T over periods of d_1 … d_T days,

    y_t ~ NegativeBinomial(mean d_t·λ_t, size d_t·k),
    ln λ_{t+1} = m + b·(ln(1 + y_t/d_t) − m) + a·(ln λ_t − m),    ln λ_1 = m,

so that a period of d days is the sum of d days at its rate λ_t; a + b is the persistence φ and
b = φ·reaction. Priors, which some dozen readings outweigh: m ~ Normal(0, 5), φ ~ Beta(4, 1.5),
reaction ~ Beta(2, 2), k ~ LogNormal(0, 1.5).

Source: K. Fokianos & D. Tjøstheim, "Log-linear Poisson autoregression", 2011, with the negative
binomial of V. Christou & K. Fokianos, "Quasi-likelihood inference for negative binomial time series
models", 2014.

Futures are simulated inside the model by an operator that draws them one period after the other;
its random numbers are fixed by the question's id and differ from one point of the posterior to the
next.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from forecast.families.data import Data, placed
from forecast.families.garch import lags

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray
    from pytensor.tensor import TensorVariable

    type Array = NDArray[np.float64]

PATHS = 512
_HIGHEST, _MOST = 30.0, 1e15  # of ln λ and of a count: beyond them NumPy has no Poisson variate


class Rate(NamedTuple):
    """The parameters of the recursion, and the log rate of the day after the last period."""

    mean: TensorVariable
    memory: TensorVariable
    reaction: TensorVariable
    size: TensorVariable
    next: TensorVariable


def rates_data(counts: Array, days: Array) -> Data:
    """Return the numbers of `rates`: earlier log counts by period, lengths, and the counts."""
    import numpy as np

    return {"seen": lags(np.log1p(counts / days)), "days": days, "counted": counts}


def rates(counts: Array, days: Array) -> Rate:
    """Add parameters and likelihood of `counts` over periods of `days` days, in order."""
    import pymc as pm
    import pytensor.tensor as pt

    lagged, period, counted = placed(rates_data(counts, days))
    mean = pm.Normal("log_rate", 0, 5)
    persistence = pm.Beta("persistence", 4, 1.5)
    share = pm.Beta("reaction", 2, 2)
    size = pm.LogNormal("size", 0, 1.5)
    reaction, memory = persistence * share, persistence * (1 - share)
    fade = pt.exp(pt.arange(lagged.shape[0]) * pt.log(memory))
    # The recursion written out, from a first day at the mean.
    log_rate = mean + reaction * (pt.dot(lagged, fade) - mean * (1 - fade) / (1 - memory))
    pm.NegativeBinomial(
        "counts",
        mu=period * pt.exp(log_rate[:-1]),
        alpha=period * size,
        observed=counted,
    )
    return Rate(mean, memory, reaction, size, log_rate[-1])


def futures_data(lengths: Sequence[int], seed: int) -> Data:
    """Return the numbers of `futures`."""
    import numpy as np

    return {"lengths": np.asarray(lengths, dtype=float), "seed": np.asarray(seed)}


def futures(
    state: Rate, lengths: Sequence[int], seed: int, which: TensorVariable
) -> TensorVariable:
    """Return simulated counts of the next periods, of `lengths` days, shape (PATHS, periods)."""
    periods, fixed = placed(futures_data(lengths, seed))
    return _simulation()(
        state.next,
        state.mean,
        state.memory,
        state.reaction,
        state.size,
        periods,
        fixed.astype("int64"),
        which.astype("int64"),
    )


@cache
def _simulation() -> Any:
    """Return `simulate` as an operator of PyTensor."""
    import pytensor.tensor as pt
    from pytensor.compile.ops import wrap_py

    scalars = [pt.dscalar] * 5
    return wrap_py(itypes=[*scalars, pt.dvector, pt.lscalar, pt.lscalar], otypes=[pt.dmatrix])(
        simulate
    )


def simulate(
    log_rate: Any,
    mean: Any,
    memory: Any,
    reaction: Any,
    size: Any,
    lengths: Array,
    seed: Any,
    which: Any,
) -> Array:
    """Return counts (PATHS, periods) drawn one period after the other."""
    import numpy as np

    rng = np.random.default_rng([int(seed), int(which)])
    log_rate = np.full(PATHS, float(log_rate))
    counts = np.empty((PATHS, len(lengths)))
    for period, days in enumerate(lengths):
        rate = np.exp(np.minimum(log_rate, _HIGHEST))
        expected = rng.gamma(days * size, rate / size, PATHS)
        counts[:, period] = rng.poisson(np.minimum(expected, _MOST))
        log_rate = (
            mean
            + reaction * (np.log1p(counts[:, period] / days) - mean)
            + memory * (log_rate - mean)
        )
    return counts
