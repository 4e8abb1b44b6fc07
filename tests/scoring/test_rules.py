import math

import numpy as np
import pytest

from forecast.scoring.paths import Window, path
from forecast.scoring.rules import fatebook, forecastbench, goodjudgment, metaculus, predictionbook
from forecast.scoring.rules.days import days, excess

TEN_DAYS = Window(open=0, close=10)


def constant(p, start=0, window=TEN_DAYS):
    return path(start=[start], value=[p], window=window)


def close(value, expected, tolerance=5e-7):
    assert value == pytest.approx(expected, abs=tolerance)


class TestMetaculusBaseline:
    @pytest.mark.parametrize(
        ("p", "outcome", "score"),
        [
            (0.7, 1, 48.542683),
            (0.7, 0, -73.696559),
            (0.9, 1, 84.799691),
            (0.1, 1, -232.192809),
            (0.001, 1, -896.578428),
            (0.999, 1, 99.855658),
            ((0.3, 0.5, 0.2), 1, 36.907025),
            ((0.4, 0.3, 0.2, 0.1), 0, 33.903595),
        ],
    )
    def test_one_forecast_all_along(self, p, outcome, score):
        close(metaculus.baseline(constant(p), outcome=outcome), score)

    @pytest.mark.parametrize(
        ("open_bounds", "score"), [(0, 69.314718), (1, 71.879383), (2, 74.582744)]
    )
    def test_continuous(self, open_bounds, score):
        close(metaculus.continuous_baseline(constant(0.02), open_bounds=open_bounds), score)

    def test_continuous_beyond_an_open_bound(self):
        at_base = metaculus.continuous_baseline_at(0.05, open_bounds=1, outside=True)
        close(at_base, 0)
        close(metaculus.continuous_baseline(constant(0.05), open_bounds=1, outside=True), 0)
        with pytest.raises(ValueError, match="open_bounds = 0 cannot be"):
            metaculus.continuous_baseline_at(0.05, open_bounds=0, outside=True)

    def test_continuous_with_buckets_of_another_width(self):
        close(metaculus.continuous_baseline_at(0.02, open_bounds=0), 50 * math.log(0.02 * 200))
        halved = 50 * math.log(0.02 * 100)
        close(metaculus.continuous_baseline_at(0.02, open_bounds=0, buckets=100), halved)
        close(metaculus.continuous_baseline(constant(0.02), open_bounds=0, buckets=100), halved)

    @pytest.mark.parametrize(
        ("answered", "score", "coverage"),
        [(None, 30.863533, 0.7), (5, 17.302095, 0.5), (3, 7.891032, 0.3)],
    )
    def test_changes_withdrawal_and_early_answer(self, answered, score, coverage):
        window = Window(0, 10, answered)
        made = path(start=[0, 4, 7], value=[0.6, 0.8, None], window=window)
        close(metaculus.baseline(made, outcome=1), score)
        close(made.coverage, coverage)

    def test_started_before_open(self):
        early = constant(0.7, start=-5)
        close(metaculus.baseline(early, outcome=1), 48.542683)
        assert early.coverage == 1

    def test_zero_on_what_happened_is_minus_infinity(self):
        assert metaculus.baseline(constant(0.0), outcome=1) == -math.inf
        assert metaculus.baseline(constant(1.0), outcome=1) == 100

    def test_an_outcome_that_cannot_be(self):
        with pytest.raises(ValueError, match="outcome = 2 is none of the 2 options"):
            metaculus.baseline(constant(0.5), outcome=2)
        with pytest.raises(ValueError, match=r"probability = 1\.5"):
            metaculus.baseline(constant(1.5), outcome=1)


class TestMetaculusPeer:
    @staticmethod
    def three(answered=None, joins=0):
        window = Window(0, 10, answered)
        return [
            constant(0.7, window=window),
            constant(0.5, window=window),
            constant(0.3, joins, window),
        ]

    @pytest.mark.parametrize(
        ("paths", "outcome", "scores", "coverage"),
        [
            (three(), 1, [59.188505, 8.717669, -67.906174], [1, 1, 1]),
            (three(), 0, [-67.906174, 8.717669, 59.188505], [1, 1, 1]),
            (three(joins=3), 1, [51.526120, -3.991799, -47.534322], [1, 1, 0.7]),
            (three(6, joins=3), 1, [27.850719, -7.478866, -20.371852], [0.6, 0.6, 0.3]),
        ],
    )
    def test_vectors(self, paths, outcome, scores, coverage):
        close(metaculus.peer(paths, outcome=outcome), scores)
        close([each.coverage for each in paths], coverage)
        assert sum(metaculus.peer(paths, outcome=outcome)) == pytest.approx(0, abs=1e-9)

    def test_one_withdraws_and_the_other_stays_alone(self):
        leaves = path(start=[0, 5], value=[0.7, None], window=TEN_DAYS)
        close(metaculus.peer([leaves, constant(0.5)], outcome=1), [16.823612, -16.823612])

    def test_continuous_is_halved(self):
        whole = metaculus.peer(self.three(), outcome=1)
        half = metaculus.peer(self.three(), outcome=1, continuous=True)
        close(half, [score / 2 for score in whole])
        close(metaculus.spot_peer(self.three(), outcome=1, at=5, continuous=True), half)

    def test_everyone_withdrawing_does_not_double_the_score(self):
        both = [path(start=[0, 5], value=[p, None], window=TEN_DAYS) for p in (0.7, 0.5)]
        close(metaculus.peer(both, outcome=1), [16.823612, -16.823612])

    def test_alone_and_absent(self):
        absent = path(start=[], value=[], window=TEN_DAYS)
        assert metaculus.peer([constant(0.7), absent], outcome=1) == [0, None]

    def test_zero_on_what_happened(self):
        changed = path(start=[0, 5], value=[0.0, 0.5], window=TEN_DAYS)
        paths = [changed, constant(0.5), path(start=[5], value=[0.0], window=TEN_DAYS)]
        assert metaculus.peer(paths, outcome=1) == [-math.inf, math.inf, -math.inf]

    def test_spot_counts_a_forecast_made_at_that_instant(self):
        paths = self.three(joins=5)
        close(metaculus.spot_peer(paths, outcome=1, at=5), [59.188505, 8.717669, -67.906174])
        before = metaculus.spot_peer(paths, outcome=1, at=4.9)
        close(before[:2], [33.647224, -33.647224])
        assert before[2] is None

    def test_relative_is_over_the_time_actually_open(self):
        window = Window(0, 10, answered=4)
        mine, crowd = constant(0.8, start=2, window=window), constant(0.4, window=window)
        close(metaculus.relative(mine, crowd=crowd, outcome=1), 0.5)
        absent = path(start=[], value=[], window=window)
        assert metaculus.relative(absent, crowd=crowd, outcome=1) is None

    @pytest.mark.parametrize("p", [0.0, 0.4, 1.0])
    def test_relative_to_oneself_is_nothing(self, p):
        assert metaculus.relative(constant(p), crowd=constant(p), outcome=1) == 0


class TestGoodJudgmentOpen:
    @staticmethod
    def scored(start, value, window=TEN_DAYS):
        return path(start=start, value=value, window=window).map(lambda p: 2 * (1 - p) ** 2)

    def test_vector(self):
        week = self.scored([0, 3], [0.9, 0.95], Window(0, 7))
        close(goodjudgment.daily(week), 0.011429)

    def test_only_full_days_with_a_forecast_count(self):
        late = self.scored([2.5, 4, 6], [0.9, 0.5, None], Window(0, 10, answered=8.5))
        close(goodjudgment.daily(late), (2 * 0.02 + 2 * 0.5) / 4)

    def test_a_last_day_cut_short_by_the_answer_does_not_count(self):
        changed = self.scored([0, 8.2], [0.9, 0.1], Window(0, 10, answered=8.5))
        close(goodjudgment.daily(changed), 0.02)

    def test_a_day_on_which_nobody_has_a_forecast_is_left_out(self):
        paths = [self.scored([0, 3, 6], [p, None, p], Window(0, 7)) for p in (0.9, 0.5)]
        middle = (0.02 + 0.5) / 2
        close(goodjudgment.relative(paths), [0.02 - middle, 0.5 - middle])

    def test_no_full_day(self):
        assert goodjudgment.daily(self.scored([0], [0.9], Window(0, 10, answered=0.5))) is None

    def test_relative_to_the_median_of_those_present(self):
        paths = [self.scored([0], [0.9]), self.scored([0], [0.5]), self.scored([5], [0.7])]
        early, late = (0.02 + 0.5) / 2, 0.18
        expected = [
            (5 * (0.02 - early) + 5 * (0.02 - late)) / 10,
            (5 * (0.5 - early) + 5 * (0.5 - late)) / 10,
            0,
        ]
        close(goodjudgment.relative(paths), expected)

    def test_a_day_in_seconds(self):
        window = Window(0, 7 * 86400)
        week = self.scored([0, 3 * 86400], [0.9, 0.95], window)
        close(goodjudgment.daily(week, day=86400), 0.011429)
        for day in (0, math.inf):
            with pytest.raises(ValueError, match=rf"day = {day} is not positive and finite"):
                goodjudgment.daily(week, day=day)

    def test_days_before_the_unit_s_zero(self):
        assert days(Window(-1, 1), 0.75) == [(-1.0, -0.25), (-0.25, 0.5), (0.5, 1.0)]

    def test_as_bad_as_the_median_is_no_excess_even_where_both_are_infinite(self):
        assert excess([math.inf, 0.5, None], [math.inf, 0.25, 0.1]) == [0, 0.25, None]


class TestFatebook:
    window = Window(0, 10, answered=4.5)
    a = path(start=[0, 2.25], value=[0.6, 0.9], window=window)
    b = path(start=[1.5], value=[0.5], window=window)

    def test_vectors(self):
        close(fatebook.score(self.a, outcome=1), 0.1625)
        close(fatebook.score(self.b, outcome=1), 0.388889)
        close(fatebook.relative([self.a, self.b], outcome=1), [-0.14875, 0.14875])

    def test_who_joins_late_looks_better(self):
        late = constant(0.5, start=5)
        close(fatebook.score(late, outcome=1), 0.25)
        assert late.coverage == 0.5

    def test_absent(self):
        absent = path(start=[], value=[], window=self.window)
        assert fatebook.score(absent, outcome=1) is None


class TestPredictionBook:
    def test_every_forecast_counts_once(self):
        close(predictionbook.score(probability=[0.7, 0.9], outcome=[1, 0]), (0.09 + 0.81) / 2)
        assert predictionbook.score(probability=[], outcome=[]) is None

    def test_lengths(self):
        with pytest.raises(ValueError, match="1 forecasts, 0 outcomes"):
            predictionbook.score(probability=[0.5], outcome=[])


class TestForecastBench:
    def test_harder_questions_are_made_up_for(self):
        difficulty = {"x": -0.1, "y": 0.0, "z": 0.1}
        ability = {"good": 0.1, "half": 0.25, "bad": 0.3}
        asked = {"good": "yz", "half": "xyz", "bad": "xy"}
        rows = [(a + difficulty[q], name, q) for name, a in ability.items() for q in asked[name]]
        brier, who, which = zip(*rows, strict=True)
        table = forecastbench.adjusted(brier=brier, forecaster=who, question=which)
        close({name: s.adjusted for name, s in table.items()}, ability, 1e-9)
        assert table["good"].questions == 2

    def test_always_one_half_gets_a_quarter(self):
        rows = {"half": [0.25] * 4, "other": [0.01, 0.64, 0.04, 0.09]}
        table = forecastbench.adjusted(
            brier=[score for scores in rows.values() for score in scores],
            forecaster=[name for name in rows for _ in range(4)],
            question=list("wxyz") * 2,
        )
        close(table["half"].adjusted, 0.25, 1e-12)
        close(table["half"].index, 50, 1e-9)

    def test_index(self):
        close([forecastbench.brier_index(b) for b in (0.25, 0.09, 0, 1)], [50, 70, 100, 0])
        assert forecastbench.brier_index(-0.01) > 100

    def test_forecasters_who_share_nothing_cannot_be_compared(self):
        with pytest.raises(ValueError, match="no chain of shared questions"):
            forecastbench.adjusted(brier=[0.1, 0.2], forecaster="ab", question="xy")

    def test_nor_can_two_circles_that_share_nothing(self):
        rng = np.random.default_rng(1)
        rows = [(half, who, q) for half in "ab" for who in range(30) for q in range(40)]
        chosen = [row for row in rows if rng.random() < 0.5]
        asked = {
            "forecaster": [row[:2] for row in chosen],
            "question": [row[::2] for row in chosen],
        }
        brier = rng.random(len(chosen))
        with pytest.raises(ValueError, match=r"^no chain of shared questions connects all"):
            forecastbench.adjusted(brier=brier, **asked)
        asked["question"][-1] = asked["question"][0]
        assert len(forecastbench.adjusted(brier=brier, **asked)) == 60

    def test_a_missing_score_is_named(self):
        with pytest.raises(ValueError, match=r"^brier\[1\] = nan is missing"):
            forecastbench.each(brier=[0.1, math.nan], forecaster="ab", question="xx")

    def test_scores_stand_in_one_row(self):
        for brier in ([], [[0.1, 0.2]]):
            with pytest.raises(ValueError, match="expected scores of shape"):
                forecastbench.each(brier=brier, forecaster="ab", question="xx")
