"""The small form of the coverage study; `python -m tests.scoring.coverage --full` is the whole."""

from __future__ import annotations

import pytest

from tests.scoring import coverage


def test_intervals_cover_where_rows_do_not() -> None:
    over_t, over_bootstrap, over_events, over_rows = coverage.coverage(150)
    for figure in (over_t, over_bootstrap, over_events):
        assert 0.88 <= figure.share <= 0.99, figure
    assert over_rows.share < 0.5, over_rows


@pytest.mark.parametrize("draw", [coverage.fixed, coverage.midway])
def test_the_calibration_tests_keep_their_level(draw: coverage.Draw) -> None:
    for share in coverage.alarms(draw, 120):
        assert share <= 0.11


def test_selection_by_outcome_and_repetition_cry_wolf() -> None:
    assert coverage.alarms(coverage.last, 10)[0] >= 0.9
    assert coverage.alarms(coverage.every_day, 20)[0] >= 0.5


def test_honesty_has_the_best_headline() -> None:
    for figure in coverage.honesty(3000):
        assert figure.least - 0.005 <= figure.share <= figure.most + 0.005, figure
