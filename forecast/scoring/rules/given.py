"""What the house rules share: the probability given to what happened, and infinite sums."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

type Chance = float | Sequence[float]
"""A probability of yes, or one probability for each of K options."""


def given(value: Chance, outcome: int) -> float:
    """Return the probability that a forecast gave to what happened.

    `outcome` is 0 or 1 for a probability of yes, else the index of the option that came true.
    Raises ValueError for an outcome that cannot be, or a probability outside 0 to 1.

    >>> given(0.75, 0), given((0.2, 0.5, 0.3), 2)
    (0.25, 0.3)
    """
    options = (1 - value, value) if isinstance(value, (int, float)) else value
    if outcome not in range(len(options)):
        raise ValueError(f"outcome = {outcome} is none of the {len(options)} options")
    p = options[int(outcome)]
    if not 0 <= p <= 1:
        raise ValueError(f"probability = {p:g} lies outside 0 to 1")
    return p


def log_given(value: Chance, outcome: int) -> float:
    """Return ln of `given`, −∞ for 0."""
    p = given(value, outcome)
    return math.log(p) if p else -math.inf


def options(value: Chance) -> int:
    """Return the number of options: 2 for a probability of yes."""
    return 2 if isinstance(value, (int, float)) else len(value)


def total(terms: Iterable[float]) -> float:
    """Return the sum, where −∞ outweighs everything, also +∞.

    >>> total([1.0, math.inf, -math.inf])
    -inf
    """
    values = list(terms)
    return -math.inf if -math.inf in values else math.fsum(values)
