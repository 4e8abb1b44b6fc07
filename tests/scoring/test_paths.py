import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.scoring.paths import (
    Path,
    Snapshot,
    Window,
    at_lead,
    common,
    path,
    per_covered_day,
    sampled,
    snapshot,
    time_average,
    together,
)

TEN_DAYS = Window(open=0, close=10)


def brier(outcome):
    return lambda p: (p - outcome) ** 2


def spans(p: Path):
    return [tuple(piece) for piece in p.pieces]


class TestVectors:
    answered_at_close = path(start=[0, 4, 9], value=[0.3, 0.6, 0.9], window=TEN_DAYS)
    begun_late = path(start=[2, 4, 9], value=[0.3, 0.6, 0.9], window=TEN_DAYS)

    def test_headline(self):
        assert time_average(self.answered_at_close.map(brier(1))) == pytest.approx(0.277, abs=1e-12)
        logs = self.answered_at_close.map(lambda p: -math.log(p))
        assert time_average(logs) == pytest.approx(0.7475379852, abs=1e-10)

    def test_first_and_last(self):
        scored = self.answered_at_close.map(brier(1))
        assert scored.first == pytest.approx(0.49)
        assert scored.last == pytest.approx(0.01)

    def test_begun_late(self):
        scored = self.begun_late.map(brier(1))
        assert scored.coverage == pytest.approx(0.8)
        assert per_covered_day(scored) == pytest.approx(0.22375)
        assert time_average(scored) == pytest.approx(0.179)


class TestEdgesOfThePath:
    def test_the_order_in_which_they_are_given_does_not_matter(self):
        mixed = path(start=[7, 12, 0, 4], value=[None, 0.9, 0.6, 0.8], window=TEN_DAYS)
        assert spans(mixed) == [(0, 4, 0.6), (4, 7, 0.8)]
        assert mixed.ignored == mixed.map(brier(1)).ignored == (1,)

    def test_before_open_counts_from_open(self):
        early = path(start=[-9, -5, 4], value=[0.1, 0.3, 0.6], window=TEN_DAYS)
        assert spans(early) == [(0, 4, 0.3), (4, 10, 0.6)]

    def test_spanning_the_end_is_cut_there(self):
        cut = path(start=[0], value=[0.3], window=Window(0, 10, answered=4))
        assert spans(cut) == [(0, 4, 0.3)]
        assert cut.coverage == pytest.approx(0.4)

    def test_time_after_an_early_answer_stays_in_the_denominator(self):
        early = path(start=[0], value=[0.5], window=Window(0, 10, answered=4)).map(brier(1))
        assert time_average(early) == pytest.approx(0.25 * 0.4)
        assert per_covered_day(early) == pytest.approx(0.25)

    @pytest.mark.parametrize("end", [4, 5])
    def test_at_or_after_the_end_is_ignored_and_named(self, end):
        late = path(start=[5, 0, 7], value=[0.9, 0.3, 1.0], window=Window(0, 10, answered=end))
        assert spans(late) == [(0, end, 0.3)]
        assert late.ignored == (0, 2)

    def test_exactly_at_the_scheduled_close_is_ignored(self):
        late = path(start=[10], value=[0.9], window=TEN_DAYS)
        assert (late.pieces, late.ignored) == ((), (0,))

    def test_an_answer_known_after_the_close_adds_no_time(self):
        assert path(start=[0], value=[0.3], window=Window(0, 10, answered=12)).covered == 10

    @pytest.mark.parametrize("nothing", [None, math.nan])
    def test_a_withdrawal_ends_it_and_a_later_forecast_begins_again(self, nothing):
        gap = path(start=[0, 4, 7], value=[0.3, nothing, 0.6], window=TEN_DAYS)
        assert spans(gap) == [(0, 4, 0.3), (7, 10, 0.6)]
        assert gap.coverage == pytest.approx(0.7)
        assert gap.standing(5) is None

    def test_withdrawn_before_open_never_stands(self):
        assert path(start=[-5, -1], value=[0.3, None], window=TEN_DAYS).pieces == ()

    def test_of_two_at_one_instant_the_later_in_order_stands(self):
        twice = path(start=[2, 2], value=[0.3, 0.4], window=TEN_DAYS)
        assert spans(twice) == [(2, 10, 0.4)]

    def test_answered_before_it_opened(self):
        nothing = path(start=[-5, 1], value=[0.3, 0.4], window=Window(0, 10, answered=-3))
        assert (nothing.pieces, nothing.coverage, nothing.ignored) == ((), 0, (1,))
        assert nothing.first is None
        assert nothing.last is None

    def test_no_forecast_has_no_score_rather_than_a_perfect_one(self):
        empty = path(start=[], value=[], window=TEN_DAYS)
        assert empty.coverage == 0
        assert time_average(empty) is None
        assert per_covered_day(empty) is None

    def test_an_infinite_score_stays_infinite(self):
        impossible = path(start=[0, 1], value=[0.0, 0.5], window=TEN_DAYS)
        scored = impossible.map(lambda p: math.inf if p == 0 else -math.log(p))
        assert time_average(scored) == math.inf

    def test_values_may_be_distributions(self):
        options = path(start=[0, 5], value=[(0.2, 0.8), (0.5, 0.5)], window=TEN_DAYS)
        assert options.standing(5) == (0.5, 0.5)
        assert time_average(options.map(lambda p: p[0])) == pytest.approx(0.35)

    def test_posix_seconds(self):
        opened, day = 1_642_377_600.0, 86_400.0
        window = Window(opened, opened + 43 * day, answered=opened + 38 * day)
        seconds = path(start=[opened + day / 2], value=[0.5], window=window)
        assert seconds.coverage == pytest.approx(37.5 / 43)


class TestStanding:
    steps = path(start=[1, 4], value=[0.3, 0.6], window=Window(0, 10, answered=8))

    @pytest.mark.parametrize(
        ("at", "value"),
        [(-1, None), (0.5, None), (1, 0.3), (3.999, 0.3), (4, 0.6), (7.999, 0.6), (8, None)],
    )
    def test_from_its_instant_until_the_end(self, at, value):
        assert self.steps.standing(at) == value

    def test_snapshot_midway_between_open_and_scheduled_close(self):
        assert snapshot(self.steps).value == 0.6
        assert snapshot(self.steps, share=0.05).value is None
        assert not snapshot(self.steps, share=0.05).over

    def test_questions_already_over_are_told_apart_from_those_without_forecast(self):
        over = snapshot(self.steps, share=0.8)
        assert (over.value, over.over) == (None, True)

    def test_lead_counts_back_from_the_scheduled_close(self):
        assert at_lead(self.steps, lead=7).value == 0.3
        assert at_lead(self.steps, lead=3).value == 0.6
        assert at_lead(self.steps, lead=2).over
        assert at_lead(self.steps, lead=0).over
        assert at_lead(self.steps, lead=11).value is None


class TestReferences:
    def test_a_function_is_taken_step_by_step_until_the_end(self):
        reference = sampled(lambda t: t / 10, window=Window(0, 10, answered=2.5), step=1)
        assert spans(reference) == [(0, 1, 0.0), (1, 2, 0.1), (2, 2.5, 0.2)]

    def test_scored_over_the_same_covered_time(self):
        forecaster = path(start=[2, 6], value=[0.3, None], window=TEN_DAYS)
        reference = sampled(lambda t: 0.5 - t / 20, window=TEN_DAYS, step=1)
        own, other = common([forecaster, reference])
        assert own.covered == other.covered == 4
        expected = sum((0.5 - t / 20) ** 2 for t in range(2, 6)) / 10
        assert time_average(other.map(brier(0))) == pytest.approx(expected)
        assert time_average(own.map(brier(0))) == time_average(forecaster.map(brier(0)))

    def test_together_says_who_stood_when(self):
        a = path(start=[0, 5], value=[0.7, None], window=TEN_DAYS)
        b = path(start=[3], value=[0.5], window=TEN_DAYS)
        assert spans(together([a, b])) == [
            (0, 3, (0.7, None)),
            (3, 5, (0.7, 0.5)),
            (5, 10, (None, 0.5)),
        ]

    def test_windows_must_agree(self):
        other = path(start=[0], value=[0.5], window=Window(0, 9))
        with pytest.raises(ValueError, match="one window"):
            together([path(start=[0], value=[0.5], window=TEN_DAYS), other])
        with pytest.raises(ValueError, match="one window"):
            common([])


class TestRefusals:
    @pytest.mark.parametrize(
        ("call", "message"),
        [
            (lambda: Window(3, 3), "open = 3 is not before close = 3"),
            (lambda: Window(3, math.inf), "close = inf is not finite"),
            (lambda: Window(0, 1, answered=math.nan), "answered = nan is not finite"),
            (lambda: path(start=[0, 1], value=[0.5], window=TEN_DAYS), "2 starts, 1 values"),
            (lambda: path(start=[math.nan], value=[0.5], window=TEN_DAYS), "start = nan"),
            (lambda: sampled(lambda t: 0.5, window=TEN_DAYS, step=0), "step = 0"),
            (lambda: sampled(lambda t: 0.5, window=TEN_DAYS, step=math.inf), "step = inf"),
            (lambda: snapshot(TestStanding.steps, share=1.1), "share = 1.1"),
            (lambda: at_lead(TestStanding.steps, lead=-1), "lead = -1"),
            (lambda: at_lead(TestStanding.steps, lead=math.inf), "lead = inf"),
            (lambda: together([]), "^expected one or more paths within one window$"),
        ],
    )
    def test_message_names_the_argument(self, call, message):
        with pytest.raises(ValueError, match=message):
            call()


@st.composite
def histories(draw):
    starts = draw(st.lists(st.integers(-5, 15), max_size=8, unique=True))
    values = [draw(st.one_of(st.none(), st.floats(0, 1))) for _ in starts]
    return starts, values, draw(st.one_of(st.none(), st.integers(-2, 12)))


class TestProperties:
    @given(history=histories(), seed=st.randoms(use_true_random=False))
    def test_order_of_rows_does_not_matter(self, history, seed):
        starts, values, answered = history
        window = Window(0, 10, answered)
        rows = list(zip(starts, values, strict=True))
        seed.shuffle(rows)
        again = path(start=[s for s, _ in rows], value=[v for _, v in rows], window=window)
        assert again.pieces == path(start=starts, value=values, window=window).pieces

    @given(history=histories())
    def test_pieces_are_ordered_disjoint_and_within_the_window(self, history):
        starts, values, answered = history
        window = Window(0, 10, answered)
        made = path(start=starts, value=values, window=window)
        instants = [instant for piece in made.pieces for instant in piece[:2]]
        assert instants == sorted(instants)
        assert all(window.open <= t <= window.end for t in instants)
        assert 0 <= made.coverage <= 1
        assert sum(made.weights) == pytest.approx(made.coverage)

    @given(history=histories())
    def test_repeating_what_stands_changes_nothing(self, history):
        starts, values, answered = history
        window = Window(0, 10, answered)
        once = path(start=starts, value=values, window=window)
        again = [t + 0.5 for t in range(10) if once.standing(t + 0.5) is not None]
        twice = path(
            start=starts + again,
            value=values + [once.standing(t) for t in again],
            window=window,
        )
        score = brier(1)
        if once.pieces:
            assert time_average(twice.map(score)) == pytest.approx(time_average(once.map(score)))


class TestHonestyUnderAConstantHazard:
    """Each of 60 days the event may come, 30% in all; it is known, and ends it, at the day's end.

    The guide's figures (.113, .129, .200, .180) come from the same game, played at random.
    """

    days = 60
    daily = 1 - 0.7 ** (1 / 60)

    def said(self, day, shift):
        """Return P(event by close | not yet) at the start of a day, its logit moved by `shift`."""
        honest = 1 - (1 - self.daily) ** (self.days - day)
        return 1 / (1 + (1 - honest) / honest * math.exp(-shift))

    def expected(self, shift, average):
        """Return the expected score, summed over every day on which the event may come."""
        starts = range(self.days)
        values = [self.said(day, shift) for day in starts]

        def score(end, outcome):
            window = Window(0, self.days, answered=end)
            return average(path(start=starts, value=values, window=window).map(brier(outcome)))

        survived = 0.7 * score(self.days, 0)
        return survived + sum(
            (1 - self.daily) ** day * self.daily * score(day + 1, 1) for day in starts
        )

    def test_scheduled_duration_makes_honesty_best(self):
        honest = self.expected(0, time_average)
        assert honest == pytest.approx(0.113, abs=0.001)
        assert self.expected(0.8, time_average) == pytest.approx(0.129, abs=0.001)
        for shift in (-0.8, -0.2, -0.01, 0.01, 0.2, 0.8):
            assert honest < self.expected(shift, time_average)

    def test_covered_duration_rewards_exaggeration(self):
        honest = self.expected(0, per_covered_day)
        assert honest == pytest.approx(0.200, abs=0.0015)
        assert self.expected(0.8, per_covered_day) == pytest.approx(0.180, abs=0.001)


def test_a_reference_is_read_at_every_step_until_the_end():
    window = Window(1, 11, answered=8)
    found = sampled(lambda t: t / 100, window=window, step=2.5)
    assert found.window == window
    assert found.starts == (1.0, 3.5, 6.0)
    assert found.ends == (3.5, 6.0, 8.0)
    assert found.values == (0.01, 0.035, 0.06)
    assert Path.of(window, found.pieces) == found
    assert Path.of(window, (), (3,)) == Path(window, (), (), (), (3,))


def test_a_reference_is_read_in_short_steps_too():
    found = sampled(lambda t: t / 10, window=Window(-2, 2), step=0.5)
    assert found.starts == (-2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5)
    assert found.values == (-0.2, -0.15, -0.1, -0.05, 0.0, 0.05, 0.1, 0.15)


def test_snapshots_may_be_taken_at_open_and_at_close():
    whole = path(start=[0], value=[0.3], window=TEN_DAYS)
    assert snapshot(whole, share=0) == Snapshot(0.0, 0.3, over=False)
    assert snapshot(whole, share=1) == Snapshot(10.0, None, over=True)


def test_paths_taken_together_keep_their_window_and_what_they_left_out():
    window = Window(0, 4, answered=3)
    first = path(start=[0, 2, 9], value=[0.2, 0.3, 0.9], window=window)
    second = path(start=[1], value=[0.5], window=window)
    both = together([first, second])
    assert both.window == window
    assert both.values == ((0.2, None), (0.2, 0.5), (0.3, 0.5))
    one, other = common([first, second])
    assert (one.window, one.starts, one.ends, one.values) == (
        window,
        (1.0, 2.0),
        (2.0, 3.0),
        (0.2, 0.3),
    )
    assert (one.ignored, other.ignored) == (first.ignored, second.ignored)
    assert other.values == (0.5, 0.5)
