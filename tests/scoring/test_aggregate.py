import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.scoring import aggregate

FOUR = [0.1, 0.2, 0.4, 0.5]
METHODS = [
    aggregate.mean,
    aggregate.median,
    aggregate.geometric_mean_of_odds,
    aggregate.extremized,
    aggregate.recency_weighted_median,
]
crowds = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=9)


class TestVectors:
    @pytest.mark.parametrize(
        ("method", "value"),
        [
            (aggregate.mean, 0.3),
            (aggregate.median, 0.3),
            (aggregate.geometric_mean_of_odds, 0.2694832),
            (aggregate.extremized, 0.1853440),
        ],
    )
    def test_methods(self, method, value):
        assert method(probability=FOUR) == pytest.approx(value, abs=5e-8)

    def test_extremizing_factor(self):
        assert aggregate.extremizing_factor(4) == pytest.approx(1.484641, abs=5e-7)
        assert aggregate.extremizing_factor(1) == 1
        assert aggregate.extremizing_factor(10**6) == pytest.approx(math.sqrt(3), abs=1e-5)

    def test_recency_weighted_median(self):
        oldest_first = [0.2, 0.4, 0.6, 0.9]
        assert aggregate.recency_weighted_median(probability=oldest_first) == 0.6
        assert aggregate.median(probability=oldest_first) == pytest.approx(0.5)
        assert aggregate.recency_weighted_median(probability=oldest_first[::-1]) == 0.4

    def test_two_weigh_alike(self):
        assert aggregate.recency_weighted_median(probability=[0.2, 0.6]) == pytest.approx(0.4)

    def test_pool_is_linear_and_weights_need_not_sum_to_one(self):
        pooled = aggregate.pool(probability=[0.3, 0.2], weight=[0.6, 0.4])
        assert pooled == pytest.approx(0.26)
        assert aggregate.pool(probability=[0.3, 0.2], weight=[3, 2]) == pytest.approx(0.26)


class TestProperties:
    @pytest.mark.parametrize("method", METHODS)
    @given(p=crowds)
    def test_one_opinion_is_kept(self, method, p):
        assert method(probability=p[:1]) == pytest.approx(p[0])

    @pytest.mark.parametrize("method", [m for m in METHODS if m is not aggregate.extremized])
    @given(p=crowds)
    def test_between_the_extremes(self, method, p):
        assert min(p) - 1e-12 <= method(probability=p) <= max(p) + 1e-12

    @pytest.mark.parametrize("method", METHODS[:-1])
    @given(p=crowds)
    def test_order_does_not_matter(self, method, p):
        assert method(probability=p) == method(probability=sorted(p))

    @pytest.mark.parametrize("method", METHODS[:-1])
    @given(p=crowds)
    def test_no_is_treated_as_yes_is(self, method, p):
        mirrored = method(probability=[1 - x for x in p])
        assert mirrored == pytest.approx(1 - method(probability=p), abs=1e-9)

    @given(p=crowds)
    def test_median_is_the_usual_one(self, p):
        assert aggregate.median(probability=p) == pytest.approx(statistics.median(p))


class TestEdges:
    def test_certainty_decides_the_mean_of_odds(self):
        assert aggregate.geometric_mean_of_odds(probability=[0.0, 0.9]) == 0
        assert aggregate.extremized(probability=[1.0, 0.1]) == 1
        with pytest.raises(ValueError, match="certain no and a certain yes"):
            aggregate.geometric_mean_of_odds(probability=[0.0, 1.0])

    @pytest.mark.parametrize("method", METHODS)
    @pytest.mark.parametrize(
        ("p", "message"),
        [
            ([], "one or more probabilities"),
            ([0.5, 1.5], r"probability\[1\] = 1\.5"),
            ([math.nan], r"probability\[0\] = nan"),
        ],
    )
    def test_refusals(self, method, p, message):
        with pytest.raises(ValueError, match=message):
            method(probability=p)

    @pytest.mark.parametrize(
        ("weight", "message"),
        [
            ([1], "2 values, 1 weights"),
            ([1, -1], r"weight\[1\] = -1"),
            ([0, 0], "all weights are zero"),
            ([1, math.nan], r"weight\[1\] = nan"),
        ],
    )
    def test_weights(self, weight, message):
        with pytest.raises(ValueError, match=message):
            aggregate.pool(probability=[0.2, 0.3], weight=weight)

    def test_weighted_quantile(self):
        assert aggregate.weighted_quantile(value=[3, 1, 2], weight=[0, 1, 1], level=1) == 2
        assert aggregate.weighted_quantile(value=[3, 1, 2], weight=[1, 1, 1], level=0) == 1
        with pytest.raises(ValueError, match="level = 2"):
            aggregate.weighted_quantile(value=[1], weight=[1], level=2)


@pytest.mark.parametrize("level", [-0.1, 1.1, math.nan])
def test_a_level_is_a_share(level):
    with pytest.raises(ValueError, match="lies outside 0 to 1"):
        aggregate.weighted_quantile(value=[1, 2], weight=[1, 1], level=level)


def test_no_value_may_be_missing():
    with pytest.raises(ValueError, match="a value is missing"):
        aggregate.weighted_quantile(value=[1, math.nan], weight=[1, 1])


class TestLimits:
    def test_the_least_and_the_greatest_are_quantiles(self):
        numbers = {"value": [3, 1, 2], "weight": [1, 1, 1]}
        assert aggregate.weighted_quantile(**numbers, level=0) == 1
        assert aggregate.weighted_quantile(**numbers, level=1) == 3

    def test_a_chance_near_nothing_stays_what_it_is(self):
        assert aggregate.geometric_mean_of_odds(probability=[1e-320] * 2) == pytest.approx(1e-320)

    def test_no_weight_is_infinite(self):
        with pytest.raises(ValueError, match=r"weight\[1\] = inf is not a number from 0 up"):
            aggregate.pool(probability=[0.1, 0.2], weight=[1, math.inf])
