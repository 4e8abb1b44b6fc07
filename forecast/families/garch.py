"""Levels that drift nowhere and move in bursts: GARCH(1,1) with Student-t shocks.

Of the log returns r_1 … r_T of the readings in the window,

    r_t = σ_t·ε_t,    σ²_{t+1} = c²·(1 − β) + α·r²_t + β·σ²_t,

with ε_t Student-t with ν degrees of freedom, scaled to variance one, and σ_1 = c·start. c is the
calm: the standard deviation to which σ falls while nothing moves; φ = α + β is the persistence and
α = φ·reaction. Priors, which a hundred readings outweigh: c ~ LogNormal(ln .005, 1.5),
φ ~ Beta(8, 1.5), reaction ~ Beta(2, 10), ν − 2 ~ Gamma(2, .1), start ~ LogNormal(.5, .5).
(The calm is stated rather than the long-run variance, which grows without bound as φ nears 1. Where
σ stood when the window opens is not known; the usual guess, the mean square of the very returns it
is to explain, makes posteriors of the calm too sure.)

Source: T. Bollerslev, "A conditionally heteroskedastic time series model for speculative prices and
rates of return", 1987.

Futures are simulated inside the model from random numbers fixed by the question's id. With z and w
standard normal and s = z² + w², z·√(ν(e^{s/ν} − 1)/s) is Student-t with ν degrees of freedom (R. W.
Bailey, "Polar generation of random variates with the t-distribution", 1994), smooth in ν, so that a
path moves smoothly with the parameters. The z of a path are rotated so that its first Sobol
dimensions carry most of where the path ends (P. Acworth, M. Broadie & P. Glasserman, "A comparison
of some Monte Carlo and quasi Monte Carlo techniques for option pricing", 1998).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from forecast.families.data import Data, placed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pytensor.tensor import TensorVariable

PATHS = 512  # futures in each set
_SHORT = 32  # steps up to which there are 64 sets, and beyond half as many
_STRETCH = 32  # steps whose product of factors cannot underflow
_QUASI = 32  # dimensions of a path that are quasi-random; the rest add little


class Volatility(NamedTuple):
    """The parameters of the recursion, and the variance of the step after the last reading."""

    constant: TensorVariable
    reaction: TensorVariable
    memory: TensorVariable
    tail: TensorVariable
    next: TensorVariable


def returns_data(levels: NDArray[np.float64]) -> Data:
    """Return the numbers of `returns`: earlier squares by step, and the moves."""
    import numpy as np

    moves = np.diff(np.log(levels))
    return {"squares": lags(moves**2), "moves": moves}


def returns(levels: NDArray[np.float64]) -> Volatility:
    """Add parameters and likelihood of the log returns of `levels`, positive and in order."""
    import numpy as np
    import pymc as pm
    import pytensor.tensor as pt

    lagged, moves = placed(returns_data(levels))
    calm = pm.LogNormal("calm", np.log(0.005), 1.5)
    persistence = pm.Beta("persistence", 8, 1.5)
    share = pm.Beta("reaction", 2, 10)
    tail = pm.Gamma("tail", 2, 0.1)
    start = pm.LogNormal("start", 0.5, 0.5)
    reaction, memory = persistence * share, persistence * (1 - share)
    fade = pt.exp(pt.arange(lagged.shape[0]) * pt.log(memory))
    # The recursion written out: its start fades into the calm, squared moves add up discounted.
    variance = calm**2 * (1 + (start**2 - 1) * fade) + reaction * pt.dot(lagged, fade)
    spread = pt.sqrt(variance[:-1] * tail / (tail + 2))
    pm.StudentT("returns", nu=tail + 2, sigma=spread, observed=moves)
    return Volatility(calm**2 * (1 - memory), reaction, memory, tail, variance[-1])


def lags(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrix whose row t holds x_t, x_{t−1}, … x_1 and then zeros; row 0 is empty.

    >>> import numpy as np
    >>> lags(np.array([2.0, 3.0]))
    array([[0., 0., 0.],
           [2., 0., 0.],
           [3., 2., 0.]])
    """
    import numpy as np

    count = len(x) + 1
    index = np.subtract.outer(np.arange(count), np.arange(count))
    return np.where(index > 0, np.append(0.0, x)[np.maximum(index, 0)], 0.0)


def futures_data(last: float, steps: int, seed: int) -> Data:
    """Return the numbers of `futures`."""
    direction, radius = shocks(steps, seed)
    return {"direction": direction, "radius": radius, "last": last}


def futures(
    state: Volatility, last: float, steps: int, seed: int, which: TensorVariable
) -> TensorVariable:
    """Return simulated levels at the next `steps` fixings, shape (PATHS, steps).

    `which` picks one of the sets of futures, each of which is as good as the others.
    """
    import pytensor.tensor as pt

    direction, radius, start = placed(futures_data(last, steps, seed))
    which = which % radius.shape[0]
    # Bailey's variate times √((ν − 2)/ν), which has variance one.
    size = pt.sqrt(state.tail * pt.expm1(radius[which] / (state.tail + 2)))
    shock = direction[which] * size
    moves = shock * pt.sqrt(_variances(state, shock, steps))
    return start * pt.exp(pt.cumsum(moves, axis=-1))


def _variances(state: Volatility, shock: TensorVariable, steps: int) -> TensorVariable:
    """Return the variance of each simulated step, (PATHS, steps), in closed form by stretches.

    One step maps a variance x to c + a·x with a = β + α·shock². Over a stretch these compose to
    A_k·(x + c·Σ_{j ≤ k} 1/A_j) with A the running product of the a.
    """
    import pytensor.tensor as pt

    before, variances = state.next, shock
    for start in range(0, steps, _STRETCH):
        here = slice(start, start + _STRETCH)
        factor = state.memory + state.reaction * shock[:, here] ** 2
        product = pt.cumprod(factor, axis=-1)
        after = product * (before + state.constant * pt.cumsum(1 / product, axis=-1))
        variances = pt.set_subtensor(variances[:, here], (after - state.constant) / factor)
        before = after[:, -1][:, None]
    return variances


def stretches(steps: int) -> int:
    """Return in how many stretches so many steps are simulated: the graph has a part for each."""
    return -(-steps // _STRETCH)


@lru_cache(maxsize=2)  # megabytes, the same for every view of a question with as many steps ahead
def shocks(steps: int, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return z/√s and s = z² + w² of Bailey's method, each (sets, PATHS, steps).

    The sets are stretches of one Sobol sequence; together they cover the futures more evenly than
    each alone, so that the error between them overstates that of their mean, never the reverse.
    """
    import numpy as np
    from scipy.special import ndtri

    from forecast.sobol import Sobol

    sets, quasi = 64 if steps <= _SHORT else 32, min(_QUASI, steps)
    rng = np.random.default_rng(seed)
    z, w = rng.normal(size=(2, sets, PATHS, steps))
    points = Sobol(quasi, rng).points(0, sets * PATHS)
    z[..., :quasi] = ndtri(points).reshape(sets, PATHS, quasi)
    z = z @ _rotation(steps)
    squared = z**2 + w**2
    return z / np.sqrt(squared), squared


def _rotation(steps: int) -> NDArray[np.float64]:
    """Return the orthogonal matrix from principal components of a random walk to its steps."""
    import numpy as np

    time = np.arange(1, steps + 1)
    size, vectors = np.linalg.eigh(np.minimum.outer(time, time).astype(float))
    walk = vectors[:, ::-1] * np.sqrt(size[::-1])
    return np.diff(walk, axis=0, prepend=0.0).T
