"""Student's t and the normal distribution without SciPy, whose import costs more than a score."""

from __future__ import annotations

import math

# Beyond this many degrees of freedom the finite series is slower than it is better.
SERIES = 1000


def two_sided(t: float, df: int) -> float:
    """Return P(|T| ≥ |t|) for Student's t with `df` ≥ 1 degrees of freedom.

    The finite series for whole degrees of freedom (Abramowitz and Stegun 26.7.3–4), and beyond 1000
    of them their normal approximation 26.7.8.

    >>> round(two_sided(2.776445, 4), 6)
    0.05
    """
    if df > SERIES:
        return normal_two_sided(t * (1 - 1 / (4 * df)) / math.sqrt(1 + t * t / (2 * df)))
    angle = math.atan(abs(t) / math.sqrt(df))
    sine, square = math.sin(angle), math.cos(angle) ** 2
    odd = df % 2
    term = total = math.cos(angle) if odd else 1.0
    for k in range(2 + odd, df - 1, 2):
        term *= square * (k - 1) / k
        total += term
    if not odd:
        return max(0.0, 1 - sine * total)
    inside = angle + (sine * total if df > 1 else 0.0)
    return max(0.0, 1 - 2 / math.pi * inside)


def quantile(level: float, df: int) -> float:
    """Return the t with P(T ≤ t) = `level`, for `level` in [½, 1).

    >>> round(quantile(0.975, 4), 6)
    2.776445
    """
    tail = 2 * (1 - level)
    high = 1.0
    while two_sided(high, df) > tail:
        high *= 2
    low = 0.0
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        if two_sided(middle, df) > tail:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def normal_two_sided(z: float) -> float:
    """Return P(|Z| ≥ |z|) for a standard normal Z.

    >>> round(normal_two_sided(1.959964), 6)
    0.05
    """
    return math.erfc(abs(z) / math.sqrt(2))
