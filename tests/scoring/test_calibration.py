import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from forecast.scoring import bins, calibration, corp, scores

P = [0.1, 0.4, 0.35, 0.8, 0.9, 0.65]
Y = [0, 0, 1, 1, 1, 0]
SAMPLE = {"probability": P, "outcome": Y}


def close(value, expected, tolerance=5e-8):
    np.testing.assert_allclose(value, expected, rtol=0, atol=tolerance)


@st.composite
def samples(draw, low=0.0, high=1.0):
    """Forecasts with many ties, also at 0 and 1, and any outcomes."""
    n = draw(st.integers(1, 25))
    grid = st.integers(0, 10).map(lambda i: low + (high - low) * i / 10)
    p = draw(st.lists(grid, min_size=n, max_size=n))
    o = draw(st.lists(st.integers(0, 1), min_size=n, max_size=n))
    return {"probability": np.array(p), "outcome": np.array(o)}


class TestCorpVectors:
    def test_brier(self):
        found = corp.reliability(**SAMPLE)
        close(found.miscalibration, 0.0663888889)
        close(found.discrimination, 0.1388888889)
        close(found.uncertainty, 0.25)
        close(found.recalibrated(P), [0, 1 / 3, 1 / 3, 1, 1, 1 / 3])

    def test_log(self):
        found = corp.reliability(**SAMPLE, score="log")
        parts = [found.miscalibration, found.discrimination, found.uncertainty]
        close(parts, [0.189132, 0.374890, 0.693147], 5e-7)


class TestCorp:
    @pytest.mark.parametrize("score", ["brier", "log"])
    @given(sample=samples(0.05, 0.95))
    def test_components_are_not_negative_and_sum_to_the_score(self, score, sample):
        found = corp.reliability(**sample, score=score)
        rule = {"brier": scores.brier, "log": scores.logarithmic}[score]
        assert found.miscalibration >= 0
        assert found.discrimination >= 0
        total = found.miscalibration - found.discrimination + found.uncertainty
        close(total, rule(**sample).mean(), 1e-12)
        close(found.score, rule(**sample).mean(), 1e-12)

    @given(sample=samples(), seed=st.integers(0, 99))
    def test_order_of_rows_does_not_matter(self, sample, seed):
        order = np.random.default_rng(seed).permutation(sample["probability"].size)
        one = corp.reliability(**sample)
        two = corp.reliability(**{name: column[order] for name, column in sample.items()})
        assert one.miscalibration == two.miscalibration
        assert one.fitted.tolist() == two.fitted.tolist()

    @given(sample=samples())
    def test_fit_is_scikit_learn_s_with_ties_pooled(self, sample):
        found = corp.reliability(**sample)
        rate = found.events / found.weight
        theirs = IsotonicRegression(y_min=0, y_max=1).fit_transform(
            found.forecast, rate, sample_weight=found.weight
        )
        close(found.fitted, theirs, 1e-12)

    @given(sample=samples())
    def test_recalibrating_again_changes_nothing(self, sample):
        fitted = corp.reliability(**sample).recalibrated(sample["probability"])
        again = corp.reliability(probability=fitted, outcome=sample["outcome"])
        close(again.miscalibration, 0, 1e-12)

    def test_both_ways_to_fit_agree(self):
        rng = np.random.default_rng(1)
        p = rng.random(2000)
        y, w = rng.random(2000) < p**2, rng.random(2000) + 0.1
        _, events, weights = corp._pooled(p, y.astype(float), w)
        loop = corp._pav_by_loop(events, weights)
        close(loop, corp._pav_by_scipy(events, weights), 1e-12)

    def test_weights_count_as_copies(self):
        copies = corp.reliability(probability=np.repeat(P, 3), outcome=np.repeat(Y, 3))
        weighed = corp.reliability(**SAMPLE, weight=[3] * 6)
        close(weighed.miscalibration, copies.miscalibration)
        some = corp.reliability(**SAMPLE, weight=[1, 1, 1, 1, 1, 0])
        close(some.score, corp.reliability(probability=P[:5], outcome=Y[:5]).score)

    def test_it_says_what_it_counted(self):
        found = corp.reliability(
            probability=[0.4, 0.1, 0.4, 0.9], outcome=[1, 0, 0, 1], weight=[1, 2, 3, 0]
        )
        assert found.forecast.tolist() == [0.1, 0.4]
        assert found.weight.tolist() == [2, 4]
        assert found.events.tolist() == [0, 1]
        assert found.count == 4

    def test_certain_and_wrong_is_infinite_under_log(self):
        found = corp.reliability(probability=[0, 0.5, 1], outcome=[1, 0, 1], score="log")
        assert found.score == found.miscalibration == np.inf
        assert np.isfinite([found.discrimination, found.uncertainty]).all()

    @pytest.mark.parametrize("answer", [0, 1])
    def test_one_forecast_and_one_class(self, answer):
        found = corp.reliability(probability=[0.3], outcome=[answer])
        assert found.uncertainty == found.discrimination == 0
        close(found.miscalibration, (0.3 - answer) ** 2)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({"probability": [], "outcome": []}, "n ≥ 1"),
            ({"probability": [0.1], "outcome": [np.nan]}, r"outcome\[0\] = nan"),
            ({"probability": [0.1, 0.2], "outcome": [1]}, "shapes differ"),
            ({**SAMPLE, "weight": [0] * 6}, "^weights must be n finite numbers from 0 up, not all"),
            ({**SAMPLE, "weight": [1] * 5}, r"^shapes differ: probability \(6,\), weight \(5,\)"),
            ({**SAMPLE, "weight": [1] * 5 + [np.nan]}, r"^weight\[5\] = nan is missing"),
            ({**SAMPLE, "weight": [-1] * 6}, "from 0 up"),
        ],
    )
    def test_refusals(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            corp.reliability(**arguments)


class TestConsistency:
    def test_size_of_the_test_is_near_its_level(self):
        rng = np.random.default_rng(2)
        p_values = []
        for seed in range(300):
            p = np.round(rng.beta(0.7, 0.7, 50), 1)
            y = rng.random(50) < p
            found = corp.consistency(probability=p, outcome=y, resamples=99, seed=seed)
            p_values.append(found.p_value)
        assert 0.02 <= np.mean(np.array(p_values) <= 0.05) <= 0.09

    def test_rungs_of_a_ladder_are_no_false_alarm(self):
        rng = np.random.default_rng(3)
        p = np.sort(rng.random((20, 5)), axis=1)
        ladders = np.repeat(np.arange(20), 5)
        alarms = {"rungs": 0, "alone": 0}
        for seed in range(200):
            y = (rng.random((20, 1)) < p).ravel()
            shared = {"probability": p.ravel(), "outcome": y, "resamples": 99, "seed": seed}
            alarms["rungs"] += corp.consistency(**shared, cluster=ladders).p_value <= 0.05
            alarms["alone"] += corp.consistency(**shared).p_value <= 0.05
        assert alarms["rungs"] / 200 <= 0.09
        assert alarms["alone"] / 200 > 0.2

    @pytest.mark.parametrize(
        ("n", "expected"), [(20, 0.055), (50, 0.032), (100, 0.021), (200, 0.013), (500, 0.007)]
    )
    def test_what_a_calibrated_forecaster_shows(self, n, expected):
        rng = np.random.default_rng(n)
        found = [
            corp.consistency(probability=p, outcome=rng.random(n) < p, resamples=40).expected
            for p in rng.random((10, n))
        ]
        assert np.mean(found) == pytest.approx(expected, rel=0.25)

    def test_of_a_single_forecast_all_is_known(self):
        """Even odds are as wrong whatever comes; a certainty that failed is beyond all luck."""
        even = corp.consistency(probability=[0.5], outcome=[1], resamples=99, level=0.8)
        assert (even.p_value, even.expected) == (1, 0.25)
        assert (even.low.tolist(), even.high.tolist()) == ([0], [1])
        assert (even.level, even.resamples) == (0.8, 99)
        failed = corp.consistency(probability=[1.0], outcome=[0], resamples=99)
        assert (failed.p_value, failed.expected) == (0.01, 0)
        assert corp.consistency(probability=[1.0], outcome=[0], resamples=1).p_value == 0.5

    def test_rungs_of_one_ladder_come_together(self):
        """U below 0.3, between, or above 0.7: both come, the likelier alone, or neither."""
        ladder = {"probability": [0.3, 0.7], "outcome": [0, 1], "cluster": ["a", "a"]}
        found = corp.consistency(**ladder)
        assert found.expected == pytest.approx(0.6 * 0.29 + 0.4 * 0.09, abs=0.012)
        copies = corp.consistency(probability=[0.5] * 2, outcome=[0, 0], cluster=["a", "a"])
        assert copies.expected == 0.25
        alone = corp.consistency(probability=[0.5] * 2, outcome=[0, 0])
        assert alone.expected == pytest.approx(0.125, abs=0.02)

    def test_band_rises_repeats_itself_and_holds_the_diagonal_inside(self):
        p = np.linspace(0.02, 0.98, 49)
        one, two = (corp.consistency(probability=p, outcome=p > 0.5) for _ in range(2))
        assert one.low.tolist() == two.low.tolist()
        assert (np.diff(one.low) >= 0).all()
        inside = slice(3, -3)
        assert (one.low <= one.forecast)[inside].all()
        assert (one.forecast <= one.high)[inside].all()

    def test_overconfidence_is_found(self):
        rng = np.random.default_rng(5)
        truth = rng.random(400)
        said = expit(2.5 * logit(truth))
        found = corp.consistency(probability=said, outcome=rng.random(400) < truth)
        assert found.p_value < 0.01

    def test_a_band_of_many_forecasts_is_thinned(self):
        rng = np.random.default_rng(6)
        p = rng.random(3000)
        found = corp.consistency(probability=p, outcome=rng.random(3000) < p, resamples=20)
        assert found.forecast.size == corp.BAND_PLACES
        assert found.forecast[[0, -1]].tolist() == [p.min(), p.max()]

    def test_refusals(self):
        for level in (90, 1, 0):
            with pytest.raises(ValueError, match=f"level = {level} "):
                corp.consistency(**SAMPLE, level=level)
        with pytest.raises(ValueError, match="resamples = 0"):
            corp.consistency(**SAMPLE, resamples=0)
        with pytest.raises(ValueError, match="6 values, 1 clusters"):
            corp.consistency(**SAMPLE, cluster=["a"])


class TestWhenEventsEndQuestionsEarly:
    """An honest forecaster of events with constant hazards, over 60 questions of length 1."""

    games, questions = 150, 60

    def play(self, rng):
        """Return hazards, when the events came, and P(event by close) at any share of the time."""
        hazard = -np.log1p(-rng.uniform(0.05, 0.95, self.questions))
        return hazard, rng.exponential(1 / hazard), lambda t: -np.expm1(-hazard * (1 - t))

    def alarms(self, read):
        rng = np.random.default_rng(8)
        found = 0
        for seed in range(self.games):
            p, y = read(*self.play(rng))
            found += (
                corp.consistency(probability=p, outcome=y, resamples=99, seed=seed).p_value <= 0.05
            )
        return found / self.games

    def test_snapshots_at_a_fixed_time_raise_no_false_alarm(self):
        def midway(hazard, came, said):
            open_still = came > 0.5
            return said(0.5)[open_still], came[open_still] <= 1

        assert 0.01 <= self.alarms(midway) <= 0.1

    def test_last_forecasts_do(self):
        def last(hazard, came, said):
            return said(np.minimum(came, 0.95)), came <= 1

        assert self.alarms(last) > 0.9


class TestNumbers:
    def test_vectors(self):
        line = calibration.cox(**SAMPLE)
        close([line.intercept, line.slope], [-0.21103424, 1.08283651])
        close([line.intercept_error, line.slope_error], [1.0217, 0.8976], 5e-5)
        close(calibration.calibration_in_the_large(**SAMPLE).value, -0.19258626)
        z = calibration.spiegelhalter(**SAMPLE)
        close([z.statistic, z.p_value], [0.0634787369, 0.9493852906], 5e-11)
        close(calibration.auc(**SAMPLE).value, 0.7777777778)

    @given(sample=samples(0.05, 0.95))
    def test_cox_is_a_logistic_regression_or_says_why_not(self, sample):
        line = calibration.cox(**sample)
        if line.slope is None:
            assert line.reason
            return
        x = logit(sample["probability"])
        rate = expit(line.intercept + line.slope * x)
        gap = sample["outcome"] - rate
        close([gap.sum(), (gap * x).sum()], [0, 0], 1e-7)  # the likelihood equations

    def test_cox_agrees_with_scikit_learn(self):
        rng = np.random.default_rng(1)
        p = rng.uniform(0.02, 0.98, 300)
        y = rng.random(300) < expit(0.3 + 0.6 * logit(p))
        line = calibration.cox(probability=p, outcome=y)
        theirs = LogisticRegression(C=np.inf, tol=1e-10).fit(logit(p)[:, None], y)
        close([line.intercept, line.slope], [theirs.intercept_[0], theirs.coef_[0, 0]], 1e-5)
        assert line.slope + 3 * line.slope_error > 0.6 > line.slope - 3 * line.slope_error
        close(line.happens(p), theirs.predict_proba(logit(p)[:, None])[:, 1], 1e-5)

    def test_copies_of_a_question_do_not_sharpen_cox_over_clusters(self):
        rng = np.random.default_rng(2)
        p = rng.uniform(0.05, 0.95, 80)
        y = rng.random(80) < p
        alone = calibration.cox(probability=p, outcome=y, cluster=np.arange(80))
        copied = calibration.cox(
            probability=np.repeat(p, 9), outcome=np.repeat(y, 9), cluster=np.repeat(range(80), 9)
        )
        assert copied.slope_error == pytest.approx(alone.slope_error)
        one = calibration.cox(probability=p, outcome=y, cluster=["only"] * 80)
        assert one.slope_error is None

    @given(sample=samples())
    def test_auc_agrees_with_scikit_learn_on_ties(self, sample):
        found = calibration.auc(**sample)
        if np.unique(sample["outcome"]).size == 1:
            assert (found.value, found.reason) == (None, calibration.ONE_CLASS)
        else:
            theirs = roc_auc_score(sample["outcome"], sample["probability"])
            close(found.value, theirs, 1e-12)

    @pytest.mark.parametrize(("p", "y"), [(0.5, [0, 1]), ([[0.5]], [[1]]), ([], [])])
    def test_forecasts_come_one_to_a_question(self, p, y):
        with pytest.raises(ValueError, match=r"expected two arrays of shape \(n,\), n ≥ 1; got"):
            calibration.auc(probability=p, outcome=y)

    def test_auc_over_clusters(self):
        rng = np.random.default_rng(4)
        p = rng.uniform(0.05, 0.95, 400)
        y = rng.random(400) < p
        alone = calibration.auc(probability=p, outcome=y)
        single = calibration.auc(probability=p, outcome=y, cluster=np.arange(400))
        assert single.error == pytest.approx(alone.error, rel=0.02)
        copied = calibration.auc(
            probability=np.repeat(p, 4), outcome=np.repeat(y, 4), cluster=np.repeat(range(400), 4)
        )
        assert copied.error == pytest.approx(single.error)
        one = calibration.auc(probability=p, outcome=y, cluster=["only"] * 400)
        assert (one.value, one.error) == (alone.value, None)

    @pytest.mark.parametrize("outcome", [[0, 0, 1], [1, 1, 0]])
    def test_auc_of_a_single_yes_or_no_has_no_error(self, outcome):
        found = calibration.auc(probability=[0.2, 0.6, 0.4], outcome=outcome)
        assert (found.value, found.error) == (0.5, None)
        assert "fewer than two" in found.reason

    @pytest.mark.parametrize(
        ("p", "y", "reason"),
        [
            ([0.0, 0.5, 0.7], [0, 1, 0], calibration.CERTAIN),
            ([0.5, 1.0, 0.7], [0, 1, 0], calibration.CERTAIN),
            ([0.2, 0.5, 0.7], [1, 1, 1], calibration.ONE_CLASS),
            ([0.2], [1], calibration.ONE_CLASS),
            ([0.2, 0.2, 0.2], [0, 1, 1], calibration.ALIKE),
            ([0.2, 0.4, 0.6, 0.8], [0, 0, 1, 1], calibration.SEPARATED),
            ([0.2, 0.4, 0.6, 0.8], [1, 1, 0, 0], calibration.SEPARATED),
            ([0.2, 0.4, 0.4, 0.8], [0, 0, 1, 1], calibration.SEPARATED),
        ],
    )
    def test_no_line_has_a_reason(self, p, y, reason):
        line = calibration.cox(probability=p, outcome=y)
        assert (line.slope, line.reason) == (None, reason)
        assert line.happens(0.9) is None

    def test_extreme_forecasts_do_not_overflow(self):
        p = [1e-300, 1e-9, 0.5, 1 - 1e-12, 0.3, 0.6]
        line = calibration.cox(probability=p, outcome=[0, 1, 0, 0, 1, 1])
        assert np.isfinite([line.intercept, line.slope]).all()

    def test_spiegelhalter_of_forecasts_that_cannot_surprise(self):
        found = calibration.spiegelhalter(probability=[0, 0.5, 1], outcome=[0, 1, 1])
        assert (found.statistic, found.p_value) == (None, None)
        assert found.reason == "every forecast is 0, one half or 1"

    def test_an_intercept_s_error_is_that_of_a_share(self):
        """Of four said to be even three happen: √(1 / (4 · ¾ · ¼)), and by clusters of two 4/3."""
        said = {"probability": [0.5] * 4, "outcome": [1, 0, 1, 1]}
        alone = calibration.calibration_in_the_large(**said)
        close([alone.value, alone.error], [np.log(3), np.sqrt(4 / 3)])
        pairs = calibration.calibration_in_the_large(**said, cluster=["a", "a", "b", "b"])
        close([pairs.value, pairs.error], [np.log(3), 4 / 3])
        three = calibration.calibration_in_the_large(**said, cluster=["a", "a", "b", "c"])
        close(three.error, np.sqrt(1.5 * (0.25 + 2 * 0.0625)) / 0.75)

    def test_an_intercept_s_error_is_of_the_forecasts_moved_by_it(self):
        found = calibration.calibration_in_the_large(**SAMPLE)
        moved = expit(logit(np.array(P)) + found.value)
        close(moved.sum(), sum(Y), 1e-9)
        close(found.error, 1 / np.sqrt((moved * (1 - moved)).sum()), 1e-9)

    @pytest.mark.parametrize("certain", [0, 1])
    def test_no_intercept_moves_a_certain_forecast(self, certain):
        found = calibration.calibration_in_the_large(probability=[certain, 0.3], outcome=[0, 1])
        assert (found.value, found.error, found.reason) == (None, None, calibration.CERTAIN)

    @pytest.mark.parametrize(
        ("cluster", "error"), [("abba", 0.5), ("aabb", 0.0), ("abca", 0.375), ("aaaa", None)]
    )
    def test_auc_over_clusters_worked_by_hand(self, cluster, error):
        """Each adds ⅛ or −⅛ to the area of ¾: the middle two, which stand the wrong way, take."""
        found = calibration.auc(
            probability=[0.2, 0.6, 0.4, 0.8], outcome=[0, 0, 1, 1], cluster=list(cluster)
        )
        assert (found.value, found.error) == (0.75, error)
        alone = "there is only one cluster of questions"
        assert found.reason == ("" if len(set(cluster)) > 1 else alone)

    def test_what_is_asked_of_a_line_is_a_probability(self):
        with pytest.raises(ValueError, match=r"^said\[1\] = 1\.5 lies outside 0 to 1"):
            calibration.Recalibration(0.0, 1.0).happens([0.5, 1.5])

    def test_calibration_in_the_large_of_one_class(self):
        found = calibration.calibration_in_the_large(probability=[0.2, 0.3], outcome=[0, 0])
        assert (found.value, found.reason) == (None, calibration.ONE_CLASS)


class TestBins:
    @pytest.mark.parametrize(
        ("count", "parts"), [(10, (0.085625, 1 / 6)), (3, (0.0180556, 0.1388889))]
    )
    def test_murphy(self, count, parts):
        found = bins.murphy(**SAMPLE, bins=count)
        close([found.miscalibration, found.discrimination], parts, 5e-8)

    def test_within_bin_terms(self):
        found = bins.murphy(**SAMPLE)
        close([found.within_variance, found.within_covariance], [0.00020833, -0.00833333], 5e-9)

    @given(sample=samples(), count=st.integers(1, 12))
    def test_murphy_sums_to_the_score(self, sample, count):
        m = bins.murphy(**sample, bins=count)
        total = m.miscalibration - m.discrimination + m.uncertainty
        close(total + m.within_variance - m.within_covariance, m.score, 1e-12)
        close(m.score, scores.brier(**sample).mean(), 1e-12)

    def test_a_histogram_says_between_which_edges_it_counts(self):
        found = bins.histogram(**SAMPLE, bins=4)
        assert found.low.tolist() == [0, 0.25, 0.5, 0.75]
        assert found.high.tolist() == [0.25, 0.5, 0.75, 1]
        assert found.count.tolist() == [1, 2, 1, 2]
        close(found.forecast, [0.1, 0.375, 0.65, 0.85])
        close(found.happened, [0, 0.5, 0, 1])
        assert bins.histogram(**SAMPLE).low.size == 10
        assert bins.murphy(**SAMPLE, bins=4).bins == 4
        error = bins.expected_calibration_error(**SAMPLE, bins=4)
        close(error, (0.1 + 2 * 0.125 + 0.65 + 2 * 0.15) / 6)

    def test_edges_belong_to_the_bin_below(self):
        tenths = [i / 10 for i in range(11)]
        assert bins.bin_index(probability=tenths).tolist() == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

    @given(sample=samples())
    def test_histogram_and_calibration_error(self, sample):
        h = bins.histogram(**sample)
        assert h.count.sum() == sample["probability"].size
        by_bin = itertools.groupby(
            sorted(zip(*sample.values(), strict=True), key=lambda row: np.ceil(row[0] * 10 - 1e-9)),
            key=lambda row: max(np.ceil(row[0] * 10 - 1e-9), 1),
        )
        error = sum(abs(sum(p - o for p, o in rows)) for _, rows in by_bin)
        found = bins.expected_calibration_error(**sample)
        close(found, error / sample["probability"].size, 1e-12)

    def test_refusals(self):
        with pytest.raises(ValueError, match="bins = 0"):
            bins.histogram(**SAMPLE, bins=0)


def test_the_intercept_of_the_nearly_certain_is_found():
    """A whole step of Newton's method would lead far past it: logit(1/4) − logit(.999999)."""
    found = calibration.calibration_in_the_large(probability=[0.999999] * 4, outcome=[1, 0, 0, 0])
    close(found.value, logit(0.25) - logit(0.999999), 1e-9)
