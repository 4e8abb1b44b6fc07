"""Distributions of numbers and days, and their linear pools, against a plain reading of them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.domain.distributions import (
    chance_by,
    day_at,
    pool_curves,
    pool_quantiles,
    quantile_at,
)

LEVELS = ("0.05", "0.25", "0.5", "0.75", "0.95")
numbers = st.lists(st.integers(-20, 20).map(float), min_size=5, max_size=5).map(sorted)
quantiles = numbers.map(lambda values: dict(zip(LEVELS, values, strict=True)))


def _below(value: dict[str, float], x: float) -> float:
    """F(x) by a fine search through the quantile function."""
    at = [a / 400 for a in range(401) if quantile_at(value, a / 400) <= x]
    return at[-1] if at else 0.0


@settings(deadline=None, max_examples=50)
@given(quantiles, quantiles, st.floats(0.1, 0.9))
def test_a_pool_s_quantiles_are_where_the_mean_of_the_shares_reaches_their_level(
    one: dict[str, float], two: dict[str, float], weight: float
) -> None:
    pool = pool_quantiles([(weight, one), (1 - weight, two)])
    assert tuple(pool) == LEVELS
    for level, x in pool.items():
        share = weight * _below(one, x + 1e-6) + (1 - weight) * _below(two, x + 1e-6)
        before = weight * _below(one, x - 1e-6) + (1 - weight) * _below(two, x - 1e-6)
        assert before - 1e-2 <= float(level) <= share + 1e-2


@given(quantiles)
def test_a_pool_of_one_is_that_one(value: dict[str, float]) -> None:
    assert pool_quantiles([(1.0, value)]) == pytest.approx(value)
    assert pool_quantiles([(0.5, value), (0.5, value)]) == pytest.approx(value)


def test_a_pool_speaks_only_of_levels_that_nobody_leaves_open() -> None:
    wide = {"0.01": 0.0, "0.5": 5.0, "0.99": 10.0}
    narrow = {"0.25": 4.0, "0.5": 5.0, "0.75": 6.0}
    assert tuple(pool_quantiles([(0.5, wide), (0.5, narrow)])) == ("0.25", "0.5", "0.75")


def test_curves_pool_by_day() -> None:
    one = {"2024-02-28": 0.0, "2024-03-01": 0.4}  # over 29 February
    two = {"2024-02-29": 0.1, "2024-03-10": 0.2}
    pool = pool_curves([(0.25, one), (0.75, two)])
    assert pool["2024-02-29"] == pytest.approx(0.25 * 0.2 + 0.75 * 0.1)
    for day in (date(2024, 3, 1), date(2024, 3, 5), date(2024, 6, 1)):
        assert chance_by(pool, day) == pytest.approx(
            0.25 * chance_by(one, day) + 0.75 * chance_by(two, day)
        )


def test_the_day_of_a_level_is_the_first_by_which_it_is_reached() -> None:
    curve = {"2024-02-28": 0.0, "2024-03-09": 0.5, "2024-04-01": 0.6}
    for level in (0.01, 0.05, 0.25, 0.5, 0.55):
        day = day_at(curve, level)
        assert day is not None and chance_by(curve, day) >= level - 1e-9
        assert chance_by(curve, date.fromordinal(day.toordinal() - 1)) < level
    assert day_at(curve, 0.7) is None
