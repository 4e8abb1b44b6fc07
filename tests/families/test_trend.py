"""A simulated trend is recovered, and its futures are those of a step by step simulation."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from forecast.domain import (
    AsOf,
    Indicator,
    IndicatorKind,
    Observation,
    Question,
    QuestionType,
    Timing,
    View,
)
from forecast.errors import BookError
from forecast.families import get
from forecast.inference.engine import Job, fit
from forecast.inference.programs import shaped, stacked

TREND = get("trend")
NOW = date(2022, 1, 14)  # a Friday
MOVES = {"calm": 0.006, "persistence": 0.95, "reaction": 0.12, "tail": 4.0, "start": 2.0}
RATE = {"log_rate": 3.0, "persistence": 0.8, "reaction": 0.5, "size": 2.0}


def view(values, *rungs, kind=IndicatorKind.LEVEL, days=None, now=NOW, last=NOW, **question):
    """Return the view of a question on a series whose readings end on `last`."""
    days = np.ones(len(values), dtype=int) if days is None else days
    ends = [last - timedelta(days=int(back)) for back in np.cumsum(days[::-1])[::-1] - days]
    seen = tuple(
        Observation(end, end, value=float(value), days=int(span))
        for end, value, span in zip(ends, values, days, strict=True)
    )
    stated = {"type": QuestionType.BINARY, "opens": NOW, "clock": NOW} | question
    asked = Question("q", "Will it?", deadlines=tuple(rungs), **stated)
    return View(
        asked, AsOf.at(now, "UTC"), {"series": Indicator("series", kind, observations=seen)}
    )


def options(**stated):
    return TREND.Options.model_validate({"family": "trend", "series": "series", **stated})


def posterior(seen, output="p", **stated):
    chosen = options(**stated)
    job = Job(TREND.build(chosen, seen), TREND.key(chosen, seen), 1, output)
    return fit([job], sampler="fast")[0]


def density(chosen, seen, output):
    """Return the density of one model."""
    job = Job(TREND.build(chosen, seen), TREND.key(chosen, seen), 1, output)
    return stacked([shaped(job)])


def given(parameters, seen, output="p", **stated):
    """Return the output at known parameters, by all the model's own simulations."""
    chosen = options(**stated)
    d = density(chosen, seen, output)
    point = np.array(
        [
            value
            if name == "log_rate"
            else np.log(value / (1 - value))
            if name in ("persistence", "reaction")
            else np.log(value)
            for name, value in parameters.items()
        ]
    )
    number = np.arange(64)
    return d.variables(np.tile(point, (1, len(number), 1)), number)[output][0]


def garch_step(variance, shock, p):
    alpha = p["persistence"] * p["reaction"]
    beta = p["persistence"] - alpha
    return p["calm"] ** 2 * (1 - beta) + (alpha * shock**2 + beta) * variance


def shocks(rng, size, p):
    return rng.standard_t(p["tail"] + 2, size) * np.sqrt(p["tail"] / (p["tail"] + 2))


def levels(count, seed, p=MOVES):
    """Return a simulated series and the variance of its next step, one step after the other."""
    rng = np.random.default_rng(seed)
    variance, moves = (p["start"] * p["calm"]) ** 2, []
    for _ in range(count - 1):
        shock = shocks(rng, (), p)
        moves.append(np.sqrt(variance) * shock)
        variance = garch_step(variance, shock, p)
    return 75 * np.exp(np.append(0.0, np.cumsum(moves))), variance


def level_futures(last, variance, steps, paths=200_000, p=MOVES):
    rng = np.random.default_rng(99)
    variance, moved, walk = np.full(paths, variance), np.zeros(paths), []
    for _ in range(steps):
        shock = shocks(rng, paths, p)
        moved = moved + np.sqrt(variance) * shock
        variance = garch_step(variance, shock, p)
        walk.append(moved)
    return last * np.exp(np.array(walk))


def rate_step(log_rate, count, days, p):
    b = p["persistence"] * p["reaction"]
    a = p["persistence"] - b
    return (
        p["log_rate"]
        + b * (np.log1p(count / days) - p["log_rate"])
        + a * (log_rate - p["log_rate"])
    )


def draw(rng, log_rate, days, p):
    size = days * p["size"]
    return rng.negative_binomial(size, size / (size + days * np.exp(log_rate)))


def tallies(days, seed, p=RATE):
    rng = np.random.default_rng(seed)
    log_rate, counts = p["log_rate"], []
    for span in days:
        counts.append(draw(rng, log_rate, span, p))
        log_rate = rate_step(log_rate, counts[-1], span, p)
    return np.array(counts, dtype=float), log_rate


def tally_futures(log_rate, days, paths=200_000, p=RATE):
    rng = np.random.default_rng(99)
    log_rate, walk = np.full(paths, log_rate), []
    for span in days:
        walk.append(draw(rng, log_rate, span, p))
        log_rate = rate_step(log_rate, walk[-1], span, p)
    return np.array(walk)


IN_WEEKS = [NOW + timedelta(weeks=w) for w in (1, 3)]  # 5 and 15 weekdays ahead


class TestLevels:
    @pytest.mark.parametrize("side", ["above", "below"])
    @pytest.mark.parametrize("timing", [Timing.BY, Timing.ON])
    def test_chances_are_those_of_a_long_simulation(self, side, timing):
        values, variance = levels(300, 1)
        futures = level_futures(values[-1], variance, 15)
        limit = values[-1] * (1.03 if side == "above" else 0.97)
        beyond = futures > limit if side == "above" else futures < limit
        if timing is Timing.BY:
            beyond = np.logical_or.accumulate(beyond)
        p = given(MOVES, view(values, *IN_WEEKS, timing=timing), **{side: limit})
        np.testing.assert_allclose(p.mean(axis=0), beyond[[4, 14]].mean(axis=1), atol=0.004)

    def test_values_are_those_of_a_long_simulation_over_several_stretches(self):
        values, variance = levels(60, 2)
        futures = level_futures(values[-1], variance, 70, paths=50_000)[-1]
        seen = view(values, NOW + timedelta(weeks=14), type=QuestionType.NUMERIC)
        value = given(MOVES, seen, "value").ravel()
        at = [0.05, 0.25, 0.5, 0.75, 0.95]
        np.testing.assert_allclose(np.quantile(value, at), np.quantile(futures, at), rtol=0.01)

    def test_a_simulated_trend_is_recovered(self):
        inside = []
        for seed in range(4):
            values, variance = levels(500, seed)
            limit = 1.04 * values[-1]
            result = posterior(view(values, *IN_WEEKS), above=limit)
            assert result.verdict == "publish"
            assert (result.mcse <= 0.0025).all()
            crossed = (level_futures(values[-1], variance, 15, 50_000) > limit).any(axis=0).mean()
            low, high = result.interval(0.98)
            assert low[1] - 0.01 < crossed < high[1] + 0.01
            inside += [
                np.quantile(result.draws[name], 0.025)
                < true
                < np.quantile(result.draws[name], 0.975)
                for name, true in MOVES.items()
            ]
        assert sum(inside) >= 0.75 * len(inside)

    def test_the_likelihood_is_that_of_the_recursion(self):
        from scipy import stats

        values, _ = levels(40, 3)
        chosen, seen = options(above=80), view(values, *IN_WEEKS)
        d = density(chosen, seen, "p")
        moves = np.diff(np.log(values))
        variance, total = (MOVES["start"] * MOVES["calm"]) ** 2, 0.0
        for move in moves:
            nu = MOVES["tail"] + 2
            scale = np.sqrt(variance * (nu - 2) / nu)
            total += stats.t.logpdf(move, nu, scale=scale)
            variance = garch_step(variance, move / np.sqrt(variance), MOVES)
        c, f, r, t, s = MOVES.values()
        prior = (
            stats.norm.logpdf(np.log(c), np.log(0.005), 1.5)
            + stats.beta.logpdf(f, 8, 1.5)
            + np.log(f * (1 - f))
            + stats.beta.logpdf(r, 2, 10)
            + np.log(r * (1 - r))
            + stats.gamma.logpdf(t, 2, scale=10)
            + np.log(t)
            + stats.norm.logpdf(np.log(s), 0.5, 0.5)
        )
        point = np.log([[c, f / (1 - f), r / (1 - r), t, s]])
        assert d.gradient(point[None])[0].item() == pytest.approx(total + prior, abs=1e-5)

    def test_a_rung_further_out_is_never_lower_and_sides_are_complements(self):
        values, _ = levels(100, 4)
        rungs = [NOW + timedelta(weeks=w) for w in range(1, 9)]
        by = posterior(view(values, *rungs), above=1.02 * values[-1])
        assert (np.diff(by.mean) >= 0).all()
        seen = view(values, *rungs, timing=Timing.ON)
        above, below = (posterior(seen, **{s: values[-1] * 1.02}) for s in ("above", "below"))
        np.testing.assert_allclose(above.mean + below.mean, 1, atol=1e-9)

    def test_no_drift(self):
        values, _ = levels(200, 5)
        seen = view(values, NOW + timedelta(weeks=6), timing=Timing.ON)
        p = given(MOVES, seen, above=values[-1])
        assert p.mean() == pytest.approx(0.5, abs=0.003)


class TestFixings:
    def test_a_weekend_decides_nothing(self):
        values, _ = levels(50, 6)
        sunday = NOW + timedelta(days=2)
        assert posterior(view(values, sunday), above=1.0).mean == pytest.approx(0)
        on = posterior(view(values, sunday, timing=Timing.ON), above=1.0)
        assert on.mean == pytest.approx(1)
        daily = posterior(view(values, sunday), above=1.0, calendar="daily")
        assert daily.mean == pytest.approx(1)

    def test_on_a_weekend_the_last_fixing_before_it_counts(self):
        values, _ = levels(50, 6)
        friday, sunday = NOW + timedelta(days=7), NOW + timedelta(days=9)
        seen = view(values, friday, sunday, timing=Timing.ON)
        first, second = posterior(seen, above=values[-1]).mean
        assert first == second

    def test_a_fixing_that_is_over_but_not_read_is_a_step_and_decides_nothing(self):
        values, variance = levels(100, 7)
        later = NOW + timedelta(days=7)  # five fixings unread by then
        limit = 1.02 * values[-1]
        seen = view(values, NOW + timedelta(weeks=2), now=later, clock=NOW)
        futures = level_futures(values[-1], variance, 10)
        expected = (futures[5:] > limit).any(axis=0).mean()
        assert given(MOVES, seen, above=limit).mean() == pytest.approx(expected, abs=0.004)

    def test_a_passed_deadline(self):
        values, _ = levels(50, 6)
        seen = view(values, NOW - timedelta(days=3), clock=NOW - timedelta(days=30))
        assert posterior(seen, above=1.0).mean == pytest.approx(0)


class TestCounts:
    DAYS = np.tile([1, 1, 1, 1, 3], 30)

    @pytest.mark.parametrize("timing", [Timing.BY, Timing.ON])
    def test_chances_are_those_of_a_long_simulation(self, timing):
        counts, log_rate = tallies(self.DAYS, 1)
        futures = tally_futures(log_rate, [1] * 7)
        beyond = futures > 40
        if timing is Timing.BY:
            beyond = np.logical_or.accumulate(beyond)
        rungs = [NOW + timedelta(days=d) for d in (1, 7)]
        seen = view(counts, *rungs, kind=IndicatorKind.COUNT, days=self.DAYS, timing=timing)
        p = given(RATE, seen, above=40)
        np.testing.assert_allclose(p.mean(axis=0), beyond[[0, 6]].mean(axis=1), atol=0.01)

    def test_a_fixing_after_a_weekend_covers_three_days(self):
        counts, log_rate = tallies(self.DAYS, 2)
        futures = tally_futures(log_rate, [3, 1])  # Monday and Tuesday after Friday the 14th
        seen = view(
            counts,
            NOW + timedelta(days=4),
            kind=IndicatorKind.COUNT,
            days=self.DAYS,
            type=QuestionType.NUMERIC,
        )
        value = given(RATE, seen, "value", calendar="weekdays")
        assert value.mean() == pytest.approx(futures[1].mean(), rel=0.03)
        assert value.std() == pytest.approx(futures[1].std(), rel=0.05)

    def test_a_simulated_trend_is_recovered(self):
        inside = []
        for seed in range(4):
            counts, log_rate = tallies(np.tile(self.DAYS, 2), seed)
            seen = view(
                counts,
                NOW + timedelta(days=7),
                kind=IndicatorKind.COUNT,
                days=np.tile(self.DAYS, 2),
            )
            result = posterior(seen, above=60)
            assert result.verdict == "publish"
            crossed = (tally_futures(log_rate, [1] * 7, 50_000) > 60).any(axis=0).mean()
            low, high = result.interval(0.98)
            assert low[0] - 0.02 < crossed < high[0] + 0.02
            inside += [
                np.quantile(result.draws[name], 0.025)
                < true
                < np.quantile(result.draws[name], 0.975)
                for name, true in RATE.items()
            ]
        assert sum(inside) >= 0.75 * len(inside)

    @pytest.mark.parametrize("timing", [Timing.BY, Timing.ON])
    def test_weekly_counts_are_fixed_weekly(self, timing):
        """Readings and futures over one period, so that one threshold suits both."""
        weeks = np.full(60, 7)
        counts, log_rate = tallies(weeks, 3)
        beyond = tally_futures(log_rate, [7] * 3) > 160
        if timing is Timing.BY:
            beyond = np.logical_or.accumulate(beyond)
        none = float(timing is Timing.ON and counts[-1] > 160)  # no week ends within six days
        rungs = [NOW + timedelta(days=d) for d in (6, 7, 21)]
        seen = view(counts, *rungs, kind=IndicatorKind.COUNT, days=weeks, timing=timing)
        p = given(RATE, seen, above=160).mean(axis=0)
        np.testing.assert_allclose(p, [none, *beyond[[0, 2]].mean(axis=1)], atol=0.01)

    def test_a_further_week_as_all_before_is_no_surprise(self):
        counts = 70 + np.random.default_rng(4).integers(-5, 6, 60)
        week, weeks = timedelta(weeks=1), np.full(60, 7)
        asked = {"kind": IndicatorKind.COUNT, "days": weeks}
        before = posterior(view(counts, NOW + week, **asked), above=50)
        assert before.mean > 0.95
        after = posterior(
            view(counts, NOW + 3 * week, now=NOW + week, last=NOW + week, **asked), above=50
        )
        assert after.mean == pytest.approx(1)

    @pytest.mark.parametrize(
        ("usual", "last", "came"), [(1, 3, False), (7, 3, False), (31, 30, True)]
    )
    def test_only_a_count_over_a_period_like_the_others_decides(self, usual, last, came):
        """A sum over a weekend is no day beyond the threshold; a shorter month is a month."""
        days = np.append(np.full(30, usual), last)
        later = NOW + timedelta(days=2)
        seen = view(
            np.append(np.full(30, 20.0), 90.0),
            later + timedelta(days=1),
            kind=IndicatorKind.COUNT,
            days=days,
            now=later,
            last=later,
        )
        (p,) = posterior(seen, above=50).mean
        assert p == 1 if came else p < 0.2

    @pytest.mark.parametrize("calendar", ["daily", "weekdays"])
    def test_a_calendar_that_its_periods_do_not_keep_is_refused(self, calendar):
        days = np.full(20, 7)
        seen = view(
            np.full(20, 70.0), NOW + timedelta(weeks=2), kind=IndicatorKind.COUNT, days=days
        )
        stated = {"above": 50, "calendar": calendar}
        (found,) = TREND.check(options(**stated), seen.question, seen.indicators)
        assert (found.path, found.code) == (("calendar",), "series-cadence")
        with pytest.raises(BookError, match="counts 7 days at a time") as refused:
            posterior(seen, **stated)
        assert found.hint == refused.value.hint == "leave calendar out"
        del stated["calendar"]
        assert not list(TREND.check(options(**stated), seen.question, seen.indicators))
        assert posterior(seen, **stated).mean > 0.9
        assert "fixings of 7 days" in TREND.sentence(options(**stated), seen)

    def test_a_period_is_the_sum_of_its_days(self):
        """One period of three days at a stated rate, against three days summed."""
        from scipy import stats

        counts = np.full(12, 30.0)
        chosen = options(above=1)
        seen = view(counts, NOW + timedelta(days=1), kind=IndicatorKind.COUNT, days=np.full(12, 3))
        d = density(chosen, seen, "p")
        m, f, r, k = RATE.values()
        prior = (
            stats.norm.logpdf(m, 0, 5)
            + stats.beta.logpdf(f, 4, 1.5)
            + np.log(f * (1 - f))
            + stats.beta.logpdf(r, 2, 2)
            + np.log(r * (1 - r))
            + stats.norm.logpdf(np.log(k), 0, 1.5)
        )
        log_rate, total = m, 0.0
        for count in counts:
            size = 3 * k
            total += stats.nbinom.logpmf(count, size, size / (size + 3 * np.exp(log_rate)))
            log_rate = rate_step(log_rate, count, 3, RATE)
        point = np.array([[m, np.log(f / (1 - f)), np.log(r / (1 - r)), np.log(k)]])
        assert d.gradient(point[None])[0].item() == pytest.approx(total + prior, abs=1e-5)


class TestBounds:
    def test_too_few_readings(self):
        with pytest.raises(BookError, match="9 readings"):
            posterior(view(np.full(9, 75.0), *IN_WEEKS), above=80)

    def test_a_level_of_zero(self):
        with pytest.raises(BookError, match="not above 0"):
            posterior(view(np.append(np.full(20, 75.0), 0.0), *IN_WEEKS), above=80)

    def test_a_horizon_of_decades(self):
        with pytest.raises(BookError, match="fixings"):
            posterior(view(levels(30, 1)[0], NOW + timedelta(days=9000)), above=80)

    def test_the_window_is_the_last_readings(self):
        values, _ = levels(200, 8)
        whole = posterior(view(values, *IN_WEEKS), above=80, window=100)
        short = posterior(view(values[-100:], *IN_WEEKS), above=80)
        np.testing.assert_array_equal(whole.mean, short.mean)

    def test_only_the_question_decides_the_random_numbers(self):
        values, _ = levels(50, 9)
        first, second = (posterior(view(values, *IN_WEEKS), above=76) for _ in range(2))
        np.testing.assert_array_equal(first.mean, second.mean)

    @pytest.mark.parametrize(
        ("stated", "question", "indicator", "code"),
        [
            ({}, {}, {}, "threshold-missing"),
            ({"above": 80, "below": 70}, {}, {}, "threshold-twice"),
            ({"above": 80}, {"type": QuestionType.NUMERIC}, {}, "threshold-unused"),
            ({"above": 80}, {}, {"kind": IndicatorKind.EVENT}, "series-kind"),
            ({"above": 80}, {}, {"every": 7}, "series-cadence"),
            ({"above": 0}, {}, {}, "threshold-range"),
            ({"above": 80}, {}, {}, None),
            ({"above": 80}, {}, {"kind": IndicatorKind.COUNT, "every": 7}, None),
        ],
    )
    def test_complaints(self, stated, question, indicator, code):
        asked = view(np.full(20, 75.0), *IN_WEEKS, **question).question
        known = {"series": Indicator("series", **{"kind": IndicatorKind.LEVEL, **indicator})}
        complaints = list(TREND.check(options(**stated), asked, known))
        assert [c.code for c in complaints] == ([code] if code else [])

    def test_a_sentence(self):
        said = TREND.sentence(options(above=80), view(levels(50, 1)[0], *IN_WEEKS))
        assert "last 50 readings" in said
        assert "weekday fixings" in said
