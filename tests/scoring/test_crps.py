import numpy as np
import pytest
import scoringrules
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from forecast.scoring import crps, scores

PARAMETRIC = [
    (crps.crps_normal, {"mean": 1, "sd": 2}, stats.norm(1, 2)),
    (crps.crps_lognormal, {"meanlog": 0.2, "sdlog": 0.7}, stats.lognorm(0.7, scale=np.exp(0.2))),
    (crps.crps_student, {"df": 4, "location": 1, "scale": 2}, stats.t(4, 1, 2)),
    (crps.crps_uniform, {"low": -1, "high": 3}, stats.uniform(-1, 4)),
    (crps.crps_beta, {"a": 2, "b": 3}, stats.beta(2, 3)),
    (crps.crps_gamma, {"shape": 2, "scale": 0.5}, stats.gamma(2, scale=0.5)),
    (crps.crps_poisson, {"rate": 2.5}, stats.poisson(2.5)),
]


def close(value, expected, tolerance=5e-9):
    np.testing.assert_allclose(value, expected, rtol=0, atol=tolerance)


class TestVectors:
    def test_samples(self):
        close(crps.crps_samples(samples=[1, 3, 4, 8], outcome=5), 1.125)
        close(crps.crps_samples(samples=[1, 3, 4, 8], outcome=5, fair=True), 2 / 3)

    def test_parametric(self):
        close(crps.crps_normal(mean=0, sd=1, outcome=0.5), 0.33140353)
        close(crps.crps_beta(a=2, b=3, outcome=0.4), 0.05160229)
        close(crps.crps_poisson(rate=2.5, outcome=3), 0.45760852)

    def test_quantiles(self):
        said, levels = [1, 2, 4, 7, 9], [0.1, 0.25, 0.5, 0.75, 0.9]
        close(crps.crps_quantiles(quantiles=said, levels=levels, outcome=5), 1.02)


class TestAgreement:
    rng = np.random.default_rng(3)

    @pytest.mark.parametrize(("score", "parameters", "distribution"), PARAMETRIC)
    @pytest.mark.parametrize("outcome", [-1.0, 0.0, 0.3, 1.0, 2.0, 5.0])
    def test_closed_forms_are_the_integral_of_the_squared_gap(
        self, score, parameters, distribution, outcome
    ):
        edges = np.linspace(-60, 60, 120_001)
        middle = (edges[1:] + edges[:-1]) / 2
        gap = (distribution.cdf(middle) - (middle >= outcome)) ** 2
        close(score(outcome=outcome, **parameters), gap.sum() * 1e-3, 2e-4)

    def test_samples_and_quantiles_with_scoringrules(self):
        x, y = self.rng.integers(0, 9, (50, 20)).astype(float), self.rng.normal(4, 3, 50)
        close(crps.crps_samples(samples=x, outcome=y), scoringrules.crps_ensemble(y, x))
        fair = scoringrules.crps_ensemble(y, x, estimator="fair")
        close(crps.crps_samples(samples=x, outcome=y, fair=True), fair)
        q, levels = np.sort(x, axis=-1), np.arange(1, 21) / 21
        theirs = scoringrules.crps_quantile(y, q, levels)
        close(crps.crps_quantiles(quantiles=q, levels=levels, outcome=y), theirs)


class TestProperties:
    @given(
        x=st.lists(st.integers(-50, 50), min_size=1, max_size=8),
        y=st.integers(-60, 60),
    )
    def test_samples_score_is_the_integral_of_the_squared_gap(self, x, y):
        grid = np.arange(-61, 62)
        cdf = (np.sort(x)[:, None] <= grid).mean(axis=0)
        integral = ((cdf - (grid >= y)) ** 2)[:-1].sum()
        close(crps.crps_samples(samples=x, outcome=y), integral, 1e-9)

    def test_a_single_number_scores_its_absolute_error(self):
        close(crps.crps_samples(samples=[3.0], outcome=5), 2)
        close(crps.crps_quantiles(quantiles=[3.0], levels=[0.5], outcome=5), 2)

    @pytest.mark.parametrize(("score", "parameters"), [case[:2] for case in PARAMETRIC])
    def test_far_away_it_grows_by_the_distance(self, score, parameters):
        far, further = score(outcome=-1e4, **parameters), score(outcome=-1e4 - 1, **parameters)
        close(further - far, 1, 1e-6)

    @given(st.lists(st.floats(0, 1), min_size=1, max_size=6), st.integers(0, 7))
    def test_chances_by_day_score_as_options_in_order(self, chances, came):
        """Each day is an option, and so is "not by the last day"."""
        by_day = np.sort(chances)
        shares = np.diff(by_day, prepend=0, append=1)
        outcome = min(came, by_day.size)
        ranked = scores.rps(probability=shares, outcome=outcome)
        close(crps.crps_by_day(chance=by_day, outcome=came), ranked, 1e-9)

    def test_chances_of_several_are_scored_one_by_one(self):
        chances = np.sort(np.random.default_rng(5).random((2, 3, 6)), axis=-1)
        came = np.array([[0, 2, 5], [6, 3, 9]])
        found = crps.crps_by_day(chance=chances, outcome=came)
        alone = [
            [crps.crps_by_day(chance=chances[i, j], outcome=came[i, j]).item() for j in range(3)]
            for i in range(2)
        ]
        close(found, alone, 1e-12)

    def test_a_t_of_few_degrees_is_scored(self):
        heavy = crps.crps_student(df=1.5, location=0, scale=1, outcome=0.5)
        edges = np.linspace(-2000, 2000, 400_001)
        middle = (edges[1:] + edges[:-1]) / 2
        gap = (stats.t(1.5).cdf(middle) - (middle >= 0.5)) ** 2
        close(heavy, gap.sum() * 1e-2, 1e-4)

    def test_honesty_pays(self):
        rng = np.random.default_rng(4)
        y = rng.normal(1, 2, 20_000)
        honest = crps.crps_normal(mean=1, sd=2, outcome=y).mean()
        for mean, sd in [(0.5, 2), (1.5, 2), (1, 1.5), (1, 2.7)]:
            assert honest < crps.crps_normal(mean=mean, sd=sd, outcome=y).mean()


class TestRefusals:
    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: crps.crps_samples(samples=[], outcome=1), "1 or more samples"),
            (lambda: crps.crps_samples(samples=[1], outcome=1, fair=True), "2 or more samples"),
            (lambda: crps.crps_samples(samples=[[1, 2]], outcome=[1, 2]), "outcome has shape"),
            (lambda: crps.crps_samples(samples=[1, np.nan], outcome=1), r"samples\[1\] = nan"),
            (lambda: crps.crps_normal(mean=0, sd=0, outcome=1), "sd must be greater than 0"),
            (lambda: crps.crps_uniform(low=1, high=1, outcome=1), "low must be less than high"),
            (
                lambda: crps.crps_student(df=1, location=0, scale=1, outcome=1),
                "df must be greater than 1",
            ),
            (lambda: crps.crps_by_day(chance=[0.2, 0.1], outcome=1), "chances fall with time"),
            (lambda: crps.crps_by_day(chance=[0.2, 1.1], outcome=1), "lies outside 0 to 1"),
            (lambda: crps.crps_normal(mean=[0, 1], sd=1, outcome=[1] * 3), "shapes differ"),
            (
                lambda: crps.crps_quantiles(quantiles=[2, 1], levels=[0.1, 0.9], outcome=1),
                "quantiles cross",
            ),
            (
                lambda: crps.crps_quantiles(quantiles=[1, 2], levels=[0.9, 0.1], outcome=1),
                "levels must increase",
            ),
            (
                lambda: crps.crps_quantiles(quantiles=[1, 2], levels=[0.0, 0.5], outcome=1),
                "levels must increase",
            ),
            *(
                (
                    lambda ends=ends: crps.crps_quantiles(quantiles=[1, 2], levels=ends, outcome=1),
                    "^levels must increase strictly between 0 and 1$",
                )
                for ends in ([0.5, 1.0], [0.5, 1.5], [0.5, 0.5])
            ),
            (
                lambda: crps.crps_quantiles(quantiles=[1, 2], levels=[0.5], outcome=1),
                "levels have shape",
            ),
            (
                lambda: crps.crps_quantiles(quantiles=[1], levels=[np.nan], outcome=1),
                r"^levels\[0\] = nan",
            ),
            (
                lambda: crps.crps_quantiles(quantiles=[np.nan], levels=[0.5], outcome=1),
                r"^quantiles\[0\] = nan",
            ),
            (
                lambda: crps.crps_quantiles(quantiles=[1], levels=[0.5], outcome=np.nan),
                "^outcome = nan",
            ),
            (lambda: crps.crps_by_day(chance=[1.1], outcome=1), r"^chance\[0\] = 1.1"),
            (lambda: crps.crps_by_day(chance=0.1, outcome=1), "1 or more chance on the last axis"),
            (lambda: crps.crps_beta(a=0, b=1, outcome=1), "^a must be greater than 0"),
            (lambda: crps.crps_beta(a=1, b=0, outcome=1), "^b must be greater than 0"),
            (lambda: crps.crps_gamma(shape=0, scale=1, outcome=1), "^shape must be greater than 0"),
            (lambda: crps.crps_gamma(shape=1, scale=0, outcome=1), "^scale must be greater than 0"),
            (lambda: crps.crps_normal(mean=np.nan, sd=1, outcome=1), "^mean = nan is missing"),
        ],
    )
    def test_message(self, call, message):
        with pytest.raises(ValueError, match=message):
            call()
