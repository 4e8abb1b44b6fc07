import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.scoring.paths import Window, path, time_average
from forecast.scoring.readings import COVERED, LAST, SCHEDULED, band, lead, within

WINDOW = Window(open=0, close=10, answered=6)
SCORES = path(start=[1, 4], value=[0.4, 0.1], window=WINDOW)


def test_the_named_readings():
    assert SCHEDULED.value(SCORES) == pytest.approx((3 * 0.4 + 2 * 0.1) / 10)
    assert COVERED.value(SCORES) == pytest.approx((3 * 0.4 + 2 * 0.1) / 5)
    assert LAST.value(SCORES) == 0.1
    assert COVERED.caution.startswith("improper")
    assert LAST.caution.startswith("descriptive")
    assert not SCHEDULED.caution


def test_a_lead_is_counted_from_the_scheduled_close():
    assert lead(7).value(SCORES) == 0.4
    assert lead(5).value(SCORES) == 0.1
    assert lead(9.5).value(SCORES) is None
    assert lead(5).coverage(SCORES) == 0.5


def test_questions_over_by_then_drop_out():
    assert lead(4).over(WINDOW)
    assert not lead(4.01).over(WINDOW)
    assert band(0, 4).over(WINDOW)
    assert not band(0, 5).over(WINDOW)
    assert SCHEDULED.over(Window(0, 10, answered=-1))


def test_a_schedule_too_short_for_it_is_left_alone():
    assert not lead(11).applies(WINDOW)
    assert not band(10, 20).applies(WINDOW)
    assert lead(10).applies(WINDOW)
    assert band(10, 20).value(SCORES) is None
    assert lead(11).coverage(SCORES) == band(10, 20).coverage(SCORES) == SCORES.coverage


def test_a_band_has_its_own_coverage():
    assert band(5, 8).value(SCORES) == pytest.approx((2 * 0.4 + 1 * 0.1) / 3)
    assert band(5, 20).coverage(SCORES) == pytest.approx(4 / 5)


@pytest.mark.parametrize("ends", [(-1, 3), (3, 3), (4, 3)])
def test_a_band_that_cannot_be(ends):
    with pytest.raises(ValueError, match="0 ≤ least < most"):
        band(*ends)


def test_a_lead_that_cannot_be():
    with pytest.raises(ValueError, match="lead = -1"):
        lead(-1)


@given(
    starts=st.lists(st.integers(-3, 12), min_size=1, max_size=6, unique=True),
    answered=st.none() | st.integers(1, 12),
    cut=st.integers(1, 9),
)
def test_bands_add_up_to_the_headline(starts, answered, cut):
    values = [(start % 7) / 7 for start in starts]
    whole = path(start=starts, value=values, window=Window(0, 10, answered))
    parts = [(10 - cut, band(cut, 10)), (cut, band(0, cut))]
    total = sum(length * (reading.value(whole) or 0) for length, reading in parts)
    assert total / 10 == pytest.approx(time_average(whole) or 0)


def test_within_keeps_what_was_answered():
    part = within(SCORES, 2, 8)
    assert part.window == Window(2, 8, answered=6)
    assert part.coverage == pytest.approx(4 / 6)
    late = path(start=[1, 7], value=[0.4, 0.2], window=WINDOW)
    assert within(late, 2, 8).ignored == late.ignored == (1,)


def test_readings_are_named_as_they_are_called():
    assert lead(7, "a week before close").name == "a week before close"
    assert band(0, 7, "the last week").name == "the last week"
    assert lead(7).name == "a fixed time before the scheduled close"
    assert band(0, 7).name == "a part of the scheduled time"
