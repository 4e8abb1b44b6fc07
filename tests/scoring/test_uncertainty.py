import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from forecast.scoring import student
from forecast.scoring.uncertainty import (
    cluster_interval,
    further_questions,
    holm,
    paired_difference,
    time_blocks,
)


class TestStudent:
    @pytest.mark.parametrize("df", [1, 2, 3, 4, 9, 30, 101, 1000, 1001, 50_000])
    def test_agrees_with_scipy(self, df):
        for t in (0, 0.3, 1, 2.5, 8):
            assert student.two_sided(t, df) == pytest.approx(2 * stats.t.sf(t, df), abs=2e-7)
        for level in (0.5, 0.8, 0.975, 0.995):
            expected = stats.t.ppf(level, df)
            assert student.quantile(level, df) == pytest.approx(expected, abs=1e-5)


class TestInterval:
    def test_without_clusters_it_is_the_t_interval(self):
        x = np.random.default_rng(0).random(12)
        found = cluster_interval(value=x)
        low, high = stats.t.interval(0.95, 11, x.mean(), stats.sem(x))
        assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
        assert found.questions == found.clusters == 12

    def test_copies_of_a_question_add_nothing(self):
        x = np.random.default_rng(1).random(10)
        alone = cluster_interval(value=x)
        rungs = cluster_interval(value=np.repeat(x, 4), cluster=np.repeat(np.arange(10), 4))
        assert (rungs.low, rungs.high) == (pytest.approx(alone.low), pytest.approx(alone.high))
        assert (rungs.questions, rungs.clusters) == (40, 10)

    @given(seed=st.integers(0, 100))
    def test_order_of_rows_does_not_matter(self, seed):
        rng = np.random.default_rng(seed)
        x, clusters = rng.random(15), rng.integers(6, size=15)
        order = rng.permutation(15)
        one = cluster_interval(value=x, cluster=clusters)
        two = cluster_interval(value=x[order], cluster=clusters[order])
        assert (one.low, one.high) == (pytest.approx(two.low), pytest.approx(two.high))

    def test_bootstrap_is_repeatable_and_near_the_t_interval(self):
        x = np.random.default_rng(2).random(200)
        one, two = (cluster_interval(value=x, method="bootstrap", seed=5) for _ in range(2))
        assert one == two
        by_t = cluster_interval(value=x)
        assert one.low == pytest.approx(by_t.low, abs=0.01)
        assert one.high == pytest.approx(by_t.high, abs=0.01)

    @pytest.mark.parametrize(
        ("weight", "middle"),
        [(None, 0.5), ([2, 3, 3], 0.75), ([6, 1, 1], 0.25)],
    )
    def test_bootstrap_of_two_clusters_is_known(self, weight, middle):
        """Of two clusters one comes twice, or each once, with chances of 1/4, 1/4 and 1/2."""
        if weight is None:
            given = {"value": [0, 1], "cluster": ["a", "b"]}
        else:
            given = {"value": [0, 0.5, 1.5], "cluster": ["a", "b", "b"], "weight": weight}
        wide = cluster_interval(**given, method="bootstrap")
        narrow = cluster_interval(**given, method="bootstrap", level=0.4)
        assert (wide.low, wide.high) == (0, pytest.approx(1))
        assert (narrow.low, narrow.high) == (pytest.approx(middle), pytest.approx(middle))

    @pytest.mark.parametrize(
        ("value", "cluster", "reason"),
        [
            ([0.2], None, "there is only one cluster of questions"),
            ([0.2, 0.4], ["a", "a"], "there is only one cluster of questions"),
            ([0.2, 0.2, 0.2], None, "the clusters do not vary"),
            ([0, 0], None, "the clusters do not vary"),
            ([0.2, np.inf], None, "a score is infinite"),
        ],
    )
    def test_no_interval_has_a_reason(self, value, cluster, reason):
        found = cluster_interval(value=value, cluster=cluster)
        assert (found.low, found.high, found.error, found.reason) == (None, None, None, reason)
        assert found.mean == pytest.approx(np.mean(value))
        asked = len(value), len(set(cluster or range(len(value)))), 0.95
        assert (found.questions, found.clusters, found.level) == asked

    def test_small_scores_vary_too(self):
        large, small = (cluster_interval(value=[x, 2 * x]) for x in (1, 1e-9))
        assert small.low == pytest.approx(large.low * 1e-9)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"value": []}, "n ≥ 1"),
            ({"value": [np.nan]}, r"value\[0\] = nan"),
            ({"value": [0.1, 0.2], "cluster": ["a"]}, "2 values, 1 clusters"),
            ({"value": [0.1, 0.2], "level": 95}, "level = 95"),
            ({"value": [0.1, 0.2], "level": 1}, "level = 1 lies outside"),
            ({"value": [0.1, 0.2], "level": 0}, "level = 0 lies outside"),
            ({"value": [0.1, 0.2], "weight": [1, np.nan]}, r"^weight\[1\] = nan is missing"),
        ],
    )
    def test_refusals(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            cluster_interval(**arguments)


class TestCoverage:
    """Thirty daily updates of each of 40 questions, two questions an event, skewed scores."""

    games, questions, days = 400, 40, 30

    def play(self, rng):
        event = np.repeat(rng.gamma(1.0, size=self.questions // 2), 2)
        question = 0.1 * event + 0.05 * rng.gamma(1.0, size=self.questions)
        return question[:, None] + rng.normal(0, 0.02, (self.questions, self.days))

    @staticmethod
    def covers(interval, truth):
        return interval.low <= truth <= interval.high

    def test_clusters_cover_where_rows_do_not(self):
        rng = np.random.default_rng(7)
        truth = 0.15
        events = np.repeat(np.arange(self.questions // 2), 2)
        by_cluster = by_row = 0
        for _ in range(self.games):
            scores = self.play(rng)
            found = cluster_interval(value=scores.mean(axis=1), cluster=events)
            by_cluster += self.covers(found, truth)
            rows = scores.ravel()
            half = 1.96 * rows.std(ddof=1) / np.sqrt(rows.size)
            by_row += abs(rows.mean() - truth) <= half
        assert 0.88 <= by_cluster / self.games <= 0.97
        assert by_row / self.games < 0.5


class TestDifference:
    def test_is_paired_over_common_questions(self):
        nan = np.nan
        first, second = [0.1, 0.2, nan, 0.3, 0.1], [0.3, nan, 0.1, 0.4, 0.2]
        found = paired_difference(first=first, second=second)
        expected = stats.ttest_rel([0.1, 0.3, 0.1], [0.3, 0.4, 0.2])
        assert found.interval.questions == 3
        assert found.interval.mean == pytest.approx(-0.4 / 3)
        assert found.p_value == pytest.approx(expected.pvalue)

    def test_turns_its_sign_with_the_order(self):
        rng = np.random.default_rng(3)
        a, b = rng.random((2, 20))
        one, two = paired_difference(first=a, second=b), paired_difference(first=b, second=a)
        assert one.interval.mean == -two.interval.mean
        assert one.interval.low == pytest.approx(-two.interval.high)
        assert one.p_value == two.p_value

    def test_its_interval_is_that_of_the_gaps(self):
        rng = np.random.default_rng(8)
        first, second = rng.random((2, 12))
        asked = {"cluster": np.arange(12) // 2, "level": 0.8}
        for method in ("t", "bootstrap"):
            found = paired_difference(first=first, second=second, method=method, **asked)
            gaps = cluster_interval(value=first - second, method=method, **asked)
            assert found.interval == gaps
            assert found.interval.level == 0.8
            assert found.further == further_questions(value=first - second, **asked)
        standard = paired_difference(first=first, second=second)
        assert standard.interval == cluster_interval(value=first - second)
        assert standard.interval.level == 0.95

    def test_copies_of_a_question_prove_no_more(self):
        first, second = np.random.default_rng(9).random((2, 8))
        alone = paired_difference(first=first, second=second)
        copied = paired_difference(
            first=np.repeat(first, 3), second=np.repeat(second, 3), cluster=np.repeat(range(8), 3)
        )
        assert copied.p_value == pytest.approx(alone.p_value)

    def test_nothing_in_common(self):
        assert paired_difference(first=[0.1, np.nan], second=[np.nan, 0.1]) is None

    def test_infinite_scores(self):
        inf = np.inf
        found = paired_difference(first=[inf, 0.1, 0.2], second=[inf, 0.2, 0.2])
        assert found.interval.mean == pytest.approx(-0.1 / 3)
        one_sided = paired_difference(first=[inf, 0.1, 0.2], second=[0.3, 0.2, 0.2])
        assert one_sided.interval.mean == inf
        assert (one_sided.p_value, one_sided.further) == (None, None)
        assert one_sided.interval.reason == "a score is infinite"

    def test_shapes(self):
        with pytest.raises(ValueError, match=r"got \(2,\) and \(1,\)"):
            paired_difference(first=[0.1, 0.2], second=[0.1])


class TestPower:
    def test_detects_four_times_in_five_with_that_many(self):
        rng = np.random.default_rng(4)
        pilot = rng.normal(0.5, 1, 10)
        total = 10 + further_questions(value=pilot, difference=0.5 * pilot.std(ddof=1))
        assert total == 34  # the textbook's sample size for half a standard deviation
        trials = rng.normal(0.5, 1, (4000, total))
        found = stats.ttest_1samp(trials, 0, axis=1).pvalue < 0.05
        assert found.mean() == pytest.approx(0.8, abs=0.03)

    def test_counts_questions_not_clusters(self):
        x = np.random.default_rng(5).normal(0.2, 1, 10)
        alone = further_questions(value=x, difference=0.5)
        doubled = further_questions(
            value=np.repeat(x, 2), cluster=np.repeat(range(10), 2), difference=0.5
        )
        assert doubled == 2 * alone

    @pytest.mark.parametrize("difference", [20, 8, 5, 3, 2, 1.5, 1, 0.7, 0.5, 0.3, 0.2, 0.1])
    def test_it_is_the_smallest_number_that_will_do(self, difference):
        def enough(n):
            reach = stats.t.ppf(0.95, n - 1) + stats.t.ppf(0.7, n - 1)
            return np.sqrt(n) >= reach * np.sqrt(0.5) / difference

        smallest = next(n for n in range(2, 1000) if enough(n))
        found = further_questions(value=[0, 1], difference=difference, power=0.7, level=0.9)
        assert found == smallest - 2

    def test_even_odds_of_detecting_it_may_be_asked_for(self):
        few = further_questions(value=[0, 1], difference=0.5, power=0.5)
        assert few < further_questions(value=[0, 1], difference=0.5)

    def test_enough_already(self):
        assert further_questions(value=[0.9, 1.0, 1.1, 1.0, 0.9]) == 0

    @pytest.mark.parametrize(
        ("value", "difference"),
        [([0.2], 0.1), ([0.2, 0.2], 0.1), ([0.1, -0.1], None), ([0.1, 0.2], 1e-9)],
    )
    def test_none_where_it_cannot_be_said(self, value, difference):
        assert further_questions(value=value, difference=difference) is None

    def test_power_is_between_one_half_and_one(self):
        for power in (0.2, 1):
            with pytest.raises(ValueError, match=f"power = {power} lies outside"):
                further_questions(value=[0.1, 0.2], power=power)
        with pytest.raises(ValueError, match=r"^level = 95 lies outside 0 to 1"):
            further_questions(value=[0.1, 0.2], level=95)


class TestManyComparisons:
    def test_holm(self):
        assert holm(p_value=[0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
        assert holm(p_value=[0.9, 0.8]).tolist() == [1, 1]
        assert holm(p_value=[]).tolist() == []
        assert holm(p_value=[0, 1]).tolist() == [0, 1]

    def test_refusals(self):
        with pytest.raises(ValueError, match="outside 0 to 1"):
            holm(p_value=[1.2])
        with pytest.raises(ValueError, match=r"^p_value\[0\] = nan is missing"):
            holm(p_value=[np.nan])

    def test_blocks_of_time(self):
        weekly = np.arange(0, 70, 7)
        assert time_blocks(time=weekly, length=28).tolist() == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2]
        assert time_blocks(time=[10.4, 10, 11], length=0.5).tolist() == [0, 0, 2]
        nothing = time_blocks(time=[], length=1)
        assert (nothing.tolist(), nothing.dtype) == ([], np.intp)
        with pytest.raises(ValueError, match="length = 0"):
            time_blocks(time=weekly, length=0)
        with pytest.raises(ValueError, match=r"^time\[1\] = nan is missing"):
            time_blocks(time=[0, np.nan], length=1)


class TestWeights:
    def test_whole_weights_count_as_copies_of_a_question_in_its_cluster(self):
        x, w = np.random.default_rng(6).random(8), np.arange(1, 9)
        copies = cluster_interval(value=np.repeat(x, w), cluster=np.repeat(np.arange(8), w))
        weighed = cluster_interval(value=x, weight=w)
        assert weighed.mean == pytest.approx(copies.mean)
        assert (weighed.low, weighed.high) == (
            pytest.approx(copies.low),
            pytest.approx(copies.high),
        )

    @pytest.mark.parametrize("weight", [[1, 0], [1, np.inf], [1]])
    def test_refusals(self, weight):
        with pytest.raises(ValueError, match="2 finite numbers greater than 0"):
            cluster_interval(value=[0.1, 0.2], weight=weight)
