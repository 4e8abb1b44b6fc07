"""Proper scores of single forecasts: one number per forecast, summaries are the caller's.

Arguments are keywords only, `probability=` and `outcome=`, since libraries disagree on their order.
Logarithms are natural. A probability of zero on what happened scores infinity under the logarithmic
rule; nothing is clipped unless `clipped` is called.
"""

from __future__ import annotations

import numpy as np

from forecast.scoring.arrays import (
    Array,
    ArrayLike,
    categories,
    numbers,
    pair,
    probabilities,
    same_shape,
)


def brier(*, probability: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the Brier score (p − o)² of each forecast of yes.

    Lower is better: 0 is best, 1 worst, 0.25 always saying one half.

    Args:
        probability: p of yes, any shape.
        outcome: 0 or 1, the same shape (either may be a single number).

    Returns:
        The scores, in the arguments' shape.

    Raises:
        ValueError: a probability outside 0 to 1, an outcome other than 0 and 1, a missing value, or
            shapes that differ.

    Source: Brier (1950), in the one-sided form.

    >>> brier(probability=[0.1, 0.8], outcome=[0, 1]).round(6).tolist()
    [0.01, 0.04]
    """
    p, o = pair(probability, outcome)
    return (p - o) ** 2


def brier_two_sided(*, probability: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the two-sided Brier score 2·(p − o)² of each forecast of yes.

    Brier's original, summed over yes and no. Lower is better, 0 to 2. Arguments and errors are
    those of `brier`.

    Source: Brier (1950).

    >>> float(brier_two_sided(probability=0.9, outcome=1).round(6))
    0.02
    """
    return 2 * brier(probability=probability, outcome=outcome)


def brier_categories(*, probability: ArrayLike, outcome: ArrayLike) -> Array:
    """Return Σₖ (fₖ − oₖ)² over the K categories of each forecast.

    Lower is better, 0 to 2.

    Args:
        probability: shape (…, K), each row summing to one.
        outcome: shape (…), the index 0 … K−1 of the category that came true.

    Returns:
        The scores, shape (…).

    Raises:
        ValueError: rows that do not sum to one, an outcome that is no category, a probability
            outside 0 to 1, a missing value, or shapes that do not fit.

    Source: Brier (1950).

    >>> float(brier_categories(probability=[0.15, 0.45, 0.25, 0.15], outcome=2).round(6))
    0.81
    """
    p, o = categories(probability, outcome)
    return np.asarray((p**2).sum(axis=-1) + 1 - 2 * _given(p, o))


def rps(*, probability: ArrayLike, outcome: ArrayLike, normalized: bool = False) -> Array:
    """Return the ranked probability score Σⱼ (Fⱼ − Oⱼ)² over the K−1 cumulative splits.

    For categories in order: being nearly right costs less. Lower is better, 0 to K−1, or 0 to 1
    if `normalized` divides by K−1. Arguments and errors are those of `brier_categories`.

    Source: Epstein (1969), Murphy (1971).

    >>> float(rps(probability=[0.2, 0.5, 0.3], outcome=2).round(6))
    0.53
    """
    p, o = categories(probability, outcome)
    splits = np.arange(p.shape[-1] - 1)
    cumulative = np.cumsum(p, axis=-1)[..., :-1]
    total = ((cumulative - (splits >= o[..., np.newaxis])) ** 2).sum(axis=-1)
    return np.asarray(total / (p.shape[-1] - 1) if normalized else total)


def brier_ordered(*, probability: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the mean two-sided Brier score over the K−1 splits of ordered categories.

    This is 2/(K−1) times `rps`. Lower is better, 0 to 2; for K = 2 it is `brier_two_sided`.
    Arguments and errors are those of `brier_categories`.

    Source: Good Judgment Open, "ordered categorical scoring rule".

    >>> float(brier_ordered(probability=[0.25, 0.25, 0.30, 0.20], outcome=1).round(6))
    0.235
    """
    return 2 * rps(probability=probability, outcome=outcome, normalized=True)


def logarithmic(*, probability: ArrayLike, outcome: ArrayLike) -> Array:
    """Return −ln of the probability given to what happened, in nats.

    Lower is better, 0 to infinity; infinite where what happened was given probability 0. Divide by
    ln 2 for bits. Arguments and errors are those of `brier`.

    Source: Good (1952).

    >>> logarithmic(probability=[0.5, 0.0], outcome=[1, 1]).round(6).tolist()
    [0.693147, inf]
    """
    p, o = pair(probability, outcome)
    return _surprise(np.where(o == 1, p, 1 - p))


def log_categories(*, probability: ArrayLike, outcome: ArrayLike) -> Array:
    """Return −ln of the probability given to the category that came true, in nats.

    Lower is better, 0 to infinity. Arguments and errors are those of `brier_categories`.

    Source: Good (1952).

    >>> float(log_categories(probability=[0.6, 0.3, 0.1], outcome=0).round(6))
    0.510826
    """
    return _surprise(_given(*categories(probability, outcome)))


def ranked_logarithmic(*, probability: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the logarithmic score summed over the K−1 cumulative splits of ordered categories.

    −Σⱼ ln of the probability given to the side of split j on which the outcome fell, in nats. Lower
    is better, 0 to infinity. Arguments and errors are those of `brier_categories`.

    Source: Tödter and Ahrens (2012), as the ranked ignorance score.

    >>> float(ranked_logarithmic(probability=[0.2, 0.5, 0.3], outcome=2).round(6))
    1.427116
    """
    p, o = categories(probability, outcome)
    splits = np.arange(p.shape[-1] - 1)
    below = np.minimum(np.cumsum(p, axis=-1)[..., :-1], 1)
    above = np.minimum(np.cumsum(p[..., ::-1], axis=-1)[..., -2::-1], 1)
    happened = np.where(splits >= o[..., np.newaxis], below, above)
    return np.asarray(_surprise(happened).sum(axis=-1))


def spherical(*, probability: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the probability given to what happened ÷ √(p² + (1 − p)²).

    Higher is better, 0 to 1. Arguments and errors are those of `brier`.

    Source: Roby (1965).

    >>> float(spherical(probability=0.8, outcome=1).round(6))
    0.970143
    """
    p, o = pair(probability, outcome)
    return np.asarray(np.where(o == 1, p, 1 - p) / np.hypot(p, 1 - p))


def spherical_categories(*, probability: ArrayLike, outcome: ArrayLike) -> Array:
    """Return the probability given to what happened ÷ √Σ fₖ².

    Higher is better, 0 to 1. Arguments and errors are those of `brier_categories`.

    Source: Roby (1965).

    >>> float(spherical_categories(probability=[0.6, 0.3, 0.1], outcome=0).round(6))
    0.884652
    """
    p, o = categories(probability, outcome)
    return np.asarray(_given(p, o) / np.sqrt((p**2).sum(axis=-1)))


def skill(*, score: ArrayLike, reference: ArrayLike, best: float = 0.0) -> Array:
    """Return the share of the way from a reference's score to the best possible one.

    skill = 1 − (score − best) / (reference − best), so 1 − score / reference where 0 is best.
    Higher is better: 1 is perfect, 0 as good as the reference, negative worse. It is for mean
    scores: the mean of single skills is not proper.

    Args:
        score: mean scores, any shape.
        reference: the reference's mean scores on the same forecasts, the same shape.
        best: the score of a perfect forecast.

    Returns:
        The skill; NaN where the reference is itself perfect or both scores are infinite.

    Raises:
        ValueError: a missing value, or shapes that differ.

    Source: Murphy (1988).

    >>> float(skill(score=0.1775, reference=0.25).round(6))
    0.29
    """
    own, other = numbers(score, "score"), numbers(reference, "reference")
    same_shape(score=own, reference=other)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (own - best) / (other - best)
    return np.asarray(np.where(other == best, np.nan, 1 - share))


def movement(*, before: ArrayLike, after: ArrayLike) -> Array:
    """Return how far a forecast of yes moved: Jeffreys' divergence, in bits.

    Σ (q − p)·log₂(q / p) over yes and no. Symmetric; 0 means unmoved, infinite that one of the two
    was certain where the other was not.

    Args:
        before: probabilities of yes, any shape.
        after: the later ones, the same shape.

    Raises:
        ValueError: a probability outside 0 to 1, a missing value, or shapes that differ.

    Source: Jeffreys (1946); used by Metaculus to rank movers.

    >>> float(movement(before=0.6, after=0.7).round(6))
    0.063743
    """
    p, q = probabilities(before, "before"), probabilities(after, "after")
    same_shape(before=p, after=q)
    return _divergence(p, q) + _divergence(1 - p, 1 - q)


def clipped(*, probability: ArrayLike, margin: float) -> tuple[Array, int]:
    """Return the probabilities moved into [margin, 1 − margin], and how many were moved.

    For when a clip was asked for; say so, with the count, wherever the scores are shown.

    Raises:
        ValueError: `margin` outside 0 to ½, a probability outside 0 to 1, or a missing value.

    >>> values, moved = clipped(probability=[0.0, 0.5], margin=0.01)
    >>> values.tolist(), moved
    ([0.01, 0.5], 1)
    """
    if not 0 <= margin < 0.5:
        raise ValueError(f"margin = {margin:g} lies outside 0 to ½")
    p = probabilities(probability)
    inside = np.clip(p, margin, 1 - margin)
    return inside, int((inside != p).sum())


def _given(p: Array, o: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> Array:
    """Return the probability each row gave to the category that came true."""
    return np.take_along_axis(p, o[..., np.newaxis], axis=-1)[..., 0]


def _surprise(p: Array) -> Array:
    """Return −ln p, infinite at 0 and never −0."""
    with np.errstate(divide="ignore"):
        return np.abs(np.log(p))


def _divergence(p: Array, q: Array) -> Array:
    """Return (q − p)·log₂(q / p), which is 0 where both are."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(p == q, 0.0, (q - p) * (np.log2(q) - np.log2(p)))
