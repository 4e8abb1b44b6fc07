import numpy as np
import pytest
import scoringrules
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import brier_score_loss, log_loss

from forecast.scoring import scores

P = [0.1, 0.4, 0.35, 0.8, 0.9, 0.65]
Y = [0, 0, 1, 1, 1, 0]
ORDERED = [[0.2, 0.5, 0.3], [0.6, 0.3, 0.1], [0.1, 0.2, 0.7]]
TRUE = [2, 0, 1]

BINARY = [scores.brier, scores.brier_two_sided, scores.logarithmic, scores.spherical]
SEVERAL = [
    scores.brier_categories,
    scores.brier_ordered,
    scores.rps,
    scores.log_categories,
    scores.ranked_logarithmic,
    scores.spherical_categories,
]
HIGHER_IS_BETTER = {scores.spherical, scores.spherical_categories}

chances = st.floats(0, 1)


def close(value, expected, tolerance=1e-8):
    np.testing.assert_allclose(value, expected, rtol=0, atol=tolerance)


@st.composite
def distributions(draw, options=4):
    weights = draw(
        st.lists(st.integers(0, 20), min_size=options, max_size=options).filter(lambda w: sum(w))
    )
    return np.array(weights) / sum(weights)


class TestVectors:
    def test_brier(self):
        close(scores.brier(probability=P, outcome=Y), [0.01, 0.16, 0.4225, 0.04, 0.01, 0.4225])
        close(scores.brier(probability=P, outcome=Y).mean(), 0.1775)

    def test_logarithmic(self):
        mean = scores.logarithmic(probability=P, outcome=Y).mean()
        close(mean, 0.5073890758988681, 1e-15)
        close(mean / np.log(2), 0.7320077036, 1e-10)

    def test_spherical(self):
        close(scores.spherical(probability=P, outcome=Y).mean(), 0.7896933183, 1e-10)

    def test_skill_against_the_sample_s_climatology(self):
        for score, expected in [(scores.brier, 0.29), (scores.logarithmic, 0.2679922964)]:
            own = score(probability=P, outcome=Y).mean()
            climatology = score(probability=np.mean(Y), outcome=Y).mean()
            close(scores.skill(score=own, reference=climatology), expected, 1e-10)

    def test_ordered_categories(self):
        close(scores.rps(probability=ORDERED, outcome=TRUE), [0.53, 0.17, 0.50])
        close(scores.brier_categories(probability=ORDERED, outcome=TRUE), [0.78, 0.26, 1.14])
        logs = scores.ranked_logarithmic(probability=ORDERED, outcome=TRUE)
        close(logs, [1.42711636, 0.61618614, 1.30933332])

    def test_good_judgment_open_ordered(self):
        first, second = [0.25, 0.25, 0.30, 0.20], [0.15, 0.45, 0.25, 0.15]
        close(scores.brier_ordered(probability=first, outcome=1), 0.2350)
        close(scores.brier_ordered(probability=second, outcome=2), 0.27)
        close(scores.brier_categories(probability=second, outcome=2), 0.81)

    def test_movement(self):
        close(scores.movement(before=0.6, after=0.7), 0.063743, 1e-6)


class TestAgreement:
    def test_with_scikit_learn_and_scoringrules_on_ties_zeros_and_ones(self):
        rng = np.random.default_rng(1)
        p = np.round(rng.random(500), 1)
        y = (rng.random(500) < 0.4).astype(float)
        brier = scores.brier(probability=p, outcome=y)
        close(brier.mean(), brier_score_loss(y, p), 1e-12)
        close(brier, scoringrules.brier_score(y, p), 1e-12)
        with np.errstate(divide="ignore"):
            logarithmic = scoringrules.log_score(y, p)
        close(scores.logarithmic(probability=p, outcome=y), logarithmic, 1e-12)
        assert np.isinf(scores.logarithmic(probability=p, outcome=y)).any()

    @pytest.mark.parametrize("answer", [0, 1])
    def test_single_class_and_a_single_forecast(self, answer):
        for n in (1, 20):
            p, y = np.linspace(0.1, 0.9, n), np.full(n, answer)
            close(scores.brier(probability=p, outcome=y).mean(), brier_score_loss(y, p), 1e-12)
            loss = log_loss(y, p, labels=[0, 1])
            close(scores.logarithmic(probability=p, outcome=y).mean(), loss, 1e-12)

    def test_with_scoringrules_on_categories(self):
        rng = np.random.default_rng(2)
        p = rng.dirichlet(np.ones(5), 200)
        k = rng.integers(5, size=200)
        close(scores.rps(probability=p, outcome=k), scoringrules.rps_score(k + 1, p), 1e-9)
        ranked = scores.ranked_logarithmic(probability=p, outcome=k)
        close(ranked, scoringrules.rls_score(k + 1, p), 1e-9)
        quadratic = ((p - np.eye(5)[k]) ** 2).sum(axis=-1)
        close(scores.brier_categories(probability=p, outcome=k), quadratic, 1e-12)


class TestShapes:
    @pytest.mark.parametrize("score", SEVERAL)
    def test_each_forecast_is_scored_alone_however_they_are_arranged(self, score):
        rng = np.random.default_rng(3)
        p, k = rng.dirichlet(np.ones(4), (2, 3)), rng.integers(4, size=(2, 3))
        found = score(probability=p, outcome=k)
        alone = [
            [score(probability=p[i, j], outcome=k[i, j]).item() for j in range(3)] for i in range(2)
        ]
        assert found.shape == (2, 3)
        close(found, alone, 1e-12)

    def test_splits_of_rounded_probabilities_are_never_likelier_than_certain(self):
        """Those of 0.5, 0.50005 and 0 sum to one within the tolerance, and to more than one."""
        low, high = [0.5, 0.50005, 0.0], [0.0, 0.50005, 0.5]
        close(scores.ranked_logarithmic(probability=low, outcome=1), -np.log(0.50005), 1e-12)
        close(scores.ranked_logarithmic(probability=high, outcome=1), -np.log(0.50005), 1e-12)


class TestProperties:
    @pytest.mark.parametrize("score", BINARY)
    @given(truth=chances, other=chances)
    def test_honesty_pays_in_expectation(self, score, truth, other):
        def expected(said):
            with np.errstate(invalid="ignore"):
                parts = np.array([1 - truth, truth]) * score(probability=said, outcome=[0, 1])
            return np.nansum(parts)  # 0 · ∞: what cannot happen costs nothing

        sign = -1 if score in HIGHER_IS_BETTER else 1
        assert sign * expected(truth) <= sign * expected(other) + 1e-12

    @pytest.mark.parametrize("score", SEVERAL)
    @given(truth=distributions(), other=distributions())
    def test_honesty_pays_with_several_options(self, score, truth, other):
        def expected(said):
            each = score(probability=np.tile(said, (4, 1)), outcome=np.arange(4))
            with np.errstate(invalid="ignore"):
                return np.nansum(truth * each)

        sign = -1 if score in HIGHER_IS_BETTER else 1
        assert sign * expected(truth) <= sign * expected(other) + 1e-12

    @given(p=chances, outcome=st.integers(0, 1))
    def test_bounds(self, p, outcome):
        given = {"probability": p, "outcome": outcome}
        assert 0 <= scores.brier(**given) <= 1
        assert 0 <= scores.brier_two_sided(**given) <= 2
        assert 0 <= scores.spherical(**given) <= 1
        assert scores.logarithmic(**given) >= 0

    @given(p=chances, outcome=st.integers(0, 1))
    def test_two_categories_are_the_binary_score(self, p, outcome):
        said = [1 - p, p]
        two = scores.brier_two_sided(probability=p, outcome=outcome)
        close(scores.brier_categories(probability=said, outcome=outcome), two, 1e-12)
        close(scores.brier_ordered(probability=said, outcome=outcome), two, 1e-12)

    @given(before=chances, after=chances)
    def test_movement_is_symmetric_and_zero_only_at_rest(self, before, after):
        moved = scores.movement(before=before, after=after)
        assert moved == scores.movement(before=after, after=before)
        assert moved >= 0
        assert scores.movement(before=before, after=before) == 0


class TestEdges:
    def test_zero_on_what_happened_is_infinite_and_never_clipped(self):
        assert np.isposinf(scores.logarithmic(probability=0, outcome=1))
        assert np.isposinf(scores.logarithmic(probability=1, outcome=0))
        assert np.isposinf(scores.log_categories(probability=[1, 0], outcome=1))
        assert scores.logarithmic(probability=1, outcome=1) == 0

    def test_a_clip_is_asked_for_and_counted(self):
        values, moved = scores.clipped(probability=[0, 0.005, 0.5, 1], margin=0.01)
        assert values.tolist() == [0.01, 0.01, 0.5, 0.99]
        assert moved == 3
        assert scores.clipped(probability=0.0, margin=0) == (0, 0)

    def test_skill_of_a_perfect_reference_is_undefined(self):
        for score, reference in [(0.1, 0), (0, 0), (np.inf, np.inf)]:
            assert np.isnan(scores.skill(score=score, reference=reference))
        assert scores.skill(score=0.1, reference=np.inf) == 1
        assert scores.skill(score=np.inf, reference=0.5) == -np.inf
        close(scores.skill(score=0.9, reference=0.8, best=1), 0.5)

    def test_a_single_number_goes_with_many(self):
        assert scores.brier(probability=0.5, outcome=[0, 1, 1]).tolist() == [0.25, 0.25, 0.25]


class TestRefusals:
    @pytest.mark.parametrize(
        ("probability", "outcome", "message"),
        [
            ([0.2, 1.0000001], [0, 1], r"probability\[1\] = 1 lies outside 0 to 1"),
            ([0, 1, -0.1], [0, 1, 0], r"^probability\[2\] = -0.1 lies outside 0 to 1$"),
            ([0, 1, 1.2], [0, 1, 0], r"^probability\[2\] = 1.2 lies outside 0 to 1$"),
            ([[0.2], [1.2]], [[0], [1]], r"^probability\[1, 0\] = 1.2 lies outside 0 to 1$"),
            (1.2, 1, r"^probability = 1.2 lies outside 0 to 1$"),
            ([0.1, None], [0, 1], r"^probability\[1\] = nan is missing \(NaN\)$"),
            ([0.1, 0.2], [0, None], r"^outcome\[1\] = nan is missing \(NaN\)$"),
            ([np.nan, 0.1], [0, 1], r"probability\[0\] = nan is missing"),
            ([0.2, 0.1], [0, 2], r"outcome\[1\] = 2 is neither 0 nor 1"),
            ([0.2, 0.1], [0, np.nan], r"outcome\[1\] = nan is missing"),
            ([0.2, 0.1], [0, 1, 1], r"^shapes differ: probability \(2,\), outcome \(3,\)$"),
            ([[0.2], [0.1]], [0, 1], "shapes differ"),
        ],
    )
    @pytest.mark.parametrize("score", BINARY)
    def test_binary(self, score, probability, outcome, message):
        with pytest.raises(ValueError, match=message):
            score(probability=probability, outcome=outcome)

    @pytest.mark.parametrize(
        ("probability", "outcome", "message"),
        [
            ([0.5, 0.6], 0, "sum to 1.1, not to one"),
            ([0.5, 0.5], 2, "outcome = 2 is no category from 0 to 1"),
            ([0.5, 0.5], 0.5, "is no category"),
            ([0.5, np.nan], 0, "is missing"),
            ([0.5, 0.5], np.nan, r"^outcome = nan is missing"),
            (
                [[0.5, 0.5]],
                [0, 1],
                r"^outcome has shape \(2,\); probability \(1, 2\) needs \(1,\)$",
            ),
            ([1.0], 0, "K ≥ 2 categories"),
            (0.5, 0, "K ≥ 2 categories"),
        ],
    )
    @pytest.mark.parametrize("score", SEVERAL)
    def test_categories(self, score, probability, outcome, message):
        with pytest.raises(ValueError, match=message):
            score(probability=probability, outcome=outcome)

    def test_margin(self):
        with pytest.raises(ValueError, match="margin"):
            scores.clipped(probability=0.5, margin=0.5)


class TestRefusalsByName:
    @pytest.mark.parametrize(
        ("function", "given", "said"),
        [
            (scores.skill, {"score": [float("nan")], "reference": [1]}, r"^score\["),
            (scores.skill, {"score": [1], "reference": [float("nan")]}, r"^reference\["),
            (
                scores.skill,
                {"score": [1, None], "reference": [1, 2]},
                r"^score\[1\] = nan is missing",
            ),
            (scores.skill, {"score": [1, 2], "reference": [1, 2, 3]}, "score.*reference"),
            (scores.movement, {"before": [1.5], "after": [0.5]}, r"^before\["),
            (scores.movement, {"before": [0.5], "after": [-0.5]}, r"^after\["),
            (scores.movement, {"before": [0.5, 0.5], "after": [0.5] * 3}, "before.*after"),
        ],
    )
    def test_what_is_wrong_is_named(self, function, given, said):
        with pytest.raises(ValueError, match=said):
            function(**given)
