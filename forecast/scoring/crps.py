"""The continuous ranked probability score of forecasts of a quantity.

CRPS = ∫ (F(x) − 1{x ≥ y})² dx, in the unit of the quantity. Lower is better, 0 to infinity; for a
forecast of a single number it is the absolute error. Every function takes `outcome=`, the value y
that came true, and raises ValueError for a missing value or shapes that do not fit.

The closed forms are those of the library scoringrules. Its import compiles for three seconds, so
what the record is scored by (quantiles, days) and samples are written out here.

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

    >>> float(crps_normal(mean=0, sd=1, outcome=0.5).round(8))
    0.33140353
    """
    m, s, y = _alike(mean=mean, sd=sd, outcome=outcome)
    _positive(sd=s)
    return _closed_form("normal", y, m, s)


def crps_lognormal(*, meanlog: ArrayLike, sdlog: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the CRPS of a quantity whose logarithm is Normal(meanlog, sdlog), sdlog > 0.

    >>> float(crps_lognormal(meanlog=0, sdlog=1, outcome=1).round(6))
    0.267405
    """
    m, s, y = _alike(meanlog=meanlog, sdlog=sdlog, outcome=outcome)
    _positive(sdlog=s)
    return _closed_form("lognormal", y, m, s, low=0.0)


def crps_student(
    *, df: ArrayLike, location: ArrayLike, scale: ArrayLike, outcome: ArrayLike
) -> Array:
    """Return the CRPS of location + scale·T, T Student's t with df > 1; scale > 0.

    >>> float(crps_student(df=4, location=0, scale=1, outcome=0.5).round(6))
    0.3551
    """
    d, m, s, y = _alike(df=df, location=location, scale=scale, outcome=outcome)
    if not (d > 1).all():
        raise ValueError("df must be greater than 1: below, the score is infinite")
    _positive(scale=s)
    return _closed_form("t", y, d, m, s)


def crps_uniform(*, low: ArrayLike, high: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the CRPS of Uniform(low, high), low < high.

    >>> float(crps_uniform(low=0, high=1, outcome=0.5).round(6))
    0.083333
    """
    least, most, y = _alike(low=low, high=high, outcome=outcome)
    if not (least < most).all():
        raise ValueError("low must be less than high")
    return _closed_form("uniform", y, least, most)


def crps_beta(*, a: ArrayLike, b: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the CRPS of Beta(a, b), a and b > 0, of a quantity between 0 and 1.

    >>> float(crps_beta(a=2, b=3, outcome=0.4).round(8))
    0.05160229
    """
    first, second, y = _alike(a=a, b=b, outcome=outcome)
    _positive(a=first, b=second)
    return _closed_form("beta", y, first, second, low=0.0, high=1.0)


def crps_gamma(*, shape: ArrayLike, scale: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the CRPS of Gamma(shape, scale), both > 0, of a quantity above 0.

    >>> float(crps_gamma(shape=2, scale=1, outcome=2).round(6))
    0.332682
    """
    k, s, y = _alike(shape=shape, scale=scale, outcome=outcome)
    _positive(shape=k, scale=s)
    return _closed_form("gamma", y, k, 1 / s, low=0.0)


def crps_poisson(*, rate: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the CRPS of Poisson(rate), rate > 0, of a count.

    >>> float(crps_poisson(rate=2.5, outcome=3).round(8))
    0.45760852
    """
    r, y = _alike(rate=rate, outcome=outcome)
    _positive(rate=r)
    return _closed_form("poisson", y, r, low=0.0)


def _closed_form(
    name: str, y: Array, *parameters: Array, low: float = -np.inf, high: float = np.inf
) -> Array:
    """Return scoringrules' score; outside the support it grows by the distance to it."""
    import scoringrules

    inside = np.clip(y, low, high)
    with np.errstate(divide="ignore"):
        score = getattr(scoringrules, f"crps_{name}")(inside, *parameters, backend="numpy")
    return np.asarray(score + np.abs(y - inside))


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


def _positive(**values: Array) -> None:
    for name, value in values.items():
        if not (value > 0).all():
            raise ValueError(f"{name} must be greater than 0")
