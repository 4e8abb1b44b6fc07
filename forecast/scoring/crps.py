"""The continuous ranked probability score of forecasts of a quantity.

CRPS = ∫ (F(x) − 1{x ≥ y})² dx, in the unit of the quantity. Lower is better, 0 to infinity; for a
forecast of a single number it is the absolute error. Every function takes `outcome=`, the value y
that came true, and raises ValueError for a missing value or shapes that do not fit.

Source: Matheson and Winkler (1976); Gneiting and Raftery (2007); for the closed forms, Jordan,
Krüger and Lerch (2019).
"""

from __future__ import annotations

import numpy as np

from forecast.scoring.arrays import Array, ArrayLike, numbers, probabilities, same_shape


def crps_samples(*, samples: ArrayLike, outcome: ArrayLike, fair: bool = False) -> Array:
    """Return the CRPS of draws: mean |xᵢ − y| − ½·mean |xᵢ − xⱼ|.

    Args:
        samples: shape (…, m), m ≥ 1 draws on the last axis, in any order.
        outcome: y, shape (…).
        fair: divide the second mean by m(m − 1) pairs instead of m², which estimates the score of
            the distribution drawn from without bias; needs m ≥ 2.

    >>> float(crps_samples(samples=[1, 3, 4, 8], outcome=5))
    1.125
    """
    x, y = _rows(samples, outcome, "samples", least=2 if fair else 1)
    m = x.shape[-1]
    ordered = np.sort(x, axis=-1)
    ranks = 2 * np.arange(1, m + 1) - m - 1
    pairs = (ordered * ranks).sum(axis=-1) / (m * (m - 1) if fair else m * m)
    return np.asarray(np.abs(x - y[..., np.newaxis]).mean(axis=-1) - pairs)


def crps_quantiles(*, quantiles: ArrayLike, levels: ArrayLike, outcome: ArrayLike) -> Array:
    """Return twice the mean pinball loss of quantiles.

    It approaches the CRPS as evenly spaced levels grow dense. Proper for the quantiles given;
    comparable only between forecasts at the same levels.

    Args:
        quantiles: shape (…, m), not decreasing along the last axis.
        levels: shape (m,), increasing, each strictly between 0 and 1.
        outcome: y, shape (…).

    Raises:
        ValueError: also for quantiles that cross and levels out of order or range.

    >>> said, at = [1, 2, 4, 7, 9], [0.1, 0.25, 0.5, 0.75, 0.9]
    >>> float(crps_quantiles(quantiles=said, levels=at, outcome=5).round(6))
    1.02
    """
    q, y = _rows(quantiles, outcome, "quantiles")
    level = numbers(levels, "levels")
    if level.shape != q.shape[-1:]:
        raise ValueError(f"levels have shape {level.shape}; quantiles {q.shape}")
    if not ((level > 0) & (level < 1)).all() or (np.diff(level) <= 0).any():
        raise ValueError("levels must increase strictly between 0 and 1")
    if (np.diff(q, axis=-1) < 0).any():
        raise ValueError("quantiles cross: a higher level has a lower value")
    error = y[..., np.newaxis] - q
    return np.asarray(2 * np.maximum(level * error, (level - 1) * error).mean(axis=-1))


def crps_by_day(*, chance: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the CRPS, in days, of the chances of an event by the end of each day of a window.

    Σ_d (F_d − 1{d ≥ y})², the Brier scores of "by day d" added up. It is the CRPS of the day on
    which the event came, all days after the window counting as one: what is said beyond it is
    neither asked nor scored. For a single day named with certainty it is the days it was off.

    Args:
        chance: F_d, shape (…, D), not decreasing along the last axis, D ≥ 1 days.
        outcome: y, the day from 0 to D − 1 on which it came, or D or more (also infinite) where it
            did not within the window; shape (…).

    Raises:
        ValueError: also for chances outside 0 to 1 or falling with time.

    Source: Gneiting and Ranjan (2011), the threshold-weighted CRPS with weight 1 on the window;
    Graf et al. (1999), the integrated Brier score of survival curves.

    >>> crps_by_day(chance=[[0, 0.5, 0.5, 0.8], [0, 0, 1, 1]], outcome=[1, 4]).round(6).tolist()
    [0.54, 2.0]
    """
    f, y = _rows(probabilities(chance, "chance"), outcome, "chance")
    if (np.diff(f, axis=-1) < 0).any():
        raise ValueError("chances fall with time: what came by one day came by every later one")
    came = np.arange(f.shape[-1]) >= y[..., np.newaxis]
    return np.asarray(((f - came) ** 2).sum(axis=-1))


def crps_normal(*, mean: ArrayLike, sd: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the CRPS of Normal(mean, sd), sd > 0.

    sd·(z·(2Φ(z) − 1) + 2φ(z) − 1/√π) with z = (y − mean)/sd.

    >>> float(crps_normal(mean=0, sd=1, outcome=0.5).round(8))
    0.33140353
    """
    from scipy.special import ndtr

    m, s, y = _alike(mean=mean, sd=sd, outcome=outcome)
    _positive(s, "sd")
    z = (y - m) / s
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(s * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)))


def crps_lognormal(*, meanlog: ArrayLike, sdlog: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the CRPS of a quantity whose logarithm is Normal(meanlog, sdlog), sdlog > 0.

    y·(2Φ(w) − 1) − 2·exp(meanlog + sdlog²/2)·(Φ(w − sdlog) + Φ(sdlog/√2) − 1), w the standardised
    ln y (−∞ for y ≤ 0).

    >>> float(crps_lognormal(meanlog=0, sdlog=1, outcome=1).round(6))
    0.267405
    """
    from scipy.special import ndtr

    m, s, y = _alike(meanlog=meanlog, sdlog=sdlog, outcome=outcome)
    _positive(s, "sdlog")
    with np.errstate(divide="ignore"):
        w = (np.log(np.maximum(y, 0)) - m) / s
    upper = ndtr(w - s) + ndtr(s / np.sqrt(2)) - 1
    return np.asarray(y * (2 * ndtr(w) - 1) - 2 * np.exp(m + s**2 / 2) * upper)


def crps_beta(*, a: ArrayLike, b: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the CRPS of Beta(a, b), a and b > 0, of a quantity between 0 and 1.

    y·(2F(y; a, b) − 1) + a/(a + b)·(1 − 2F(y; a + 1, b) − 2B(2a, 2b)/(a·B(a, b)²)).

    >>> float(crps_beta(a=2, b=3, outcome=0.4).round(8))
    0.05160229
    """
    from scipy.special import betainc, betaln

    first, second, y = _alike(a=a, b=b, outcome=outcome)
    _positive(first, "a")
    _positive(second, "b")
    inside = np.clip(y, 0, 1)
    spread = 2 / first * np.exp(betaln(2 * first, 2 * second) - 2 * betaln(first, second))
    below = 1 - 2 * betainc(first + 1, second, inside) - spread
    return np.asarray(
        y * (2 * betainc(first, second, inside) - 1) + first / (first + second) * below
    )


def crps_poisson(*, rate: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the CRPS of Poisson(rate), rate > 0, of a count.

    (y − λ)(2F(y) − 1) + 2λ·f(⌊y⌋) − λ·e^{−2λ}·(I₀(2λ) + I₁(2λ)).

    >>> float(crps_poisson(rate=2.5, outcome=3).round(8))
    0.45760852
    """
    from scipy.special import gammaln, i0e, i1e, pdtr

    r, y = _alike(rate=rate, outcome=outcome)
    _positive(r, "rate")
    count = np.floor(y)
    seen = np.maximum(count, 0)
    below = np.where(count < 0, 0.0, pdtr(seen, r))
    mass = np.where(count < 0, 0.0, np.exp(seen * np.log(r) - r - gammaln(seen + 1)))
    return np.asarray((y - r) * (2 * below - 1) + 2 * r * mass - r * (i0e(2 * r) + i1e(2 * r)))


def _rows(value: ArrayLike, outcome: ArrayLike, name: str, least: int = 1) -> tuple[Array, Array]:
    """Return arrays of shapes (…, m) and (…), m ≥ `least`."""
    x, y = numbers(value, name), numbers(outcome, "outcome")
    if not x.ndim or x.shape[-1] < least:
        raise ValueError(f"expected {least} or more {name} on the last axis; got {x.shape}")
    if y.shape != x.shape[:-1]:
        raise ValueError(f"outcome has shape {y.shape}; {name} {x.shape} need {x.shape[:-1]}")
    return x, y


def _alike(**values: ArrayLike) -> list[Array]:
    """Return checked arrays of one shape (each may be a single number)."""
    arrays = {name: numbers(value, name) for name, value in values.items()}
    same_shape(**arrays)
    return list(arrays.values())


def _positive(value: Array, name: str) -> None:
    if not (value > 0).all():
        raise ValueError(f"{name} must be greater than 0")
