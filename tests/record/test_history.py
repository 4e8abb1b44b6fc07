"""Which forecast stood when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from forecast.domain import Kind, Target
from forecast.record.history import in_order, latest, paths
from forecast.record.ledger import Ledger


def stood(ledger, say, **members):
    """(value, from hour, to hour, slip) of the one path in the record."""
    start = say().made_at
    hour = timedelta(hours=1)
    ((_, steps),) = paths(ledger.entries()).items()
    return [
        (s.forecast.value, (s.start - start) / hour, s.end and (s.end - start) / hour, s.slip)
        for s in steps
    ]


def test_a_forecast_stands_until_the_next_by_the_same_forecaster(ledger, say):
    ledger.append([say(0.3), say(0.4, hours=2)], "anna")
    assert stood(ledger, say) == [(0.3, 0, 2, False), (0.4, 2, None, False)]


def test_targets_and_forecasters_have_paths_of_their_own(ledger, say):
    other = Target("ukraine-invasion")
    ledger.append([say(0.3), say(0.4, forecaster="model/x"), say(0.5, target=other)], "anna")
    found = paths(ledger.entries())
    assert list(found) == [(other, "anna"), (say().target, "anna"), (say().target, "model/x")]
    assert all(len(steps) == 1 for steps in found.values())


def test_a_withdrawal_ends_a_path_until_the_next_forecast(ledger, say):
    ledger.append([say(0.3), say(hours=2, kind=Kind.WITHDRAWN)], "anna")
    assert stood(ledger, say) == [(0.3, 0, 2, False)]
    assert latest(ledger.entries(), say().target, "anna") is None
    ledger.append([say(0.5, hours=3)], "anna")
    assert stood(ledger, say) == [(0.3, 0, 2, False), (0.5, 3, None, False)]
    entry = latest(ledger.entries(), say().target, "anna")
    assert entry is not None
    assert entry.forecast.value == 0.5


def test_a_retraction_marks_the_slip_which_stood_until_then(ledger, say):
    ledger.append(
        [say(0.3), say(0.9, hours=2), say(hours=3, kind=Kind.RETRACTED), say(0.4, hours=5)],
        "anna",
    )
    assert stood(ledger, say) == [
        (0.3, 0, 2, False),
        (0.9, 2, 3, True),
        (0.4, 5, None, False),
    ]


def test_an_answer_is_no_forecast(ledger, say):
    ledger.append([say(0.3), say(hours=2, kind=Kind.RESOLUTION)], "anna")
    assert stood(ledger, say) == [(0.3, 0, None, False)]
    assert latest(ledger.entries(), Target("another"), "anna") is None


def test_writers_of_one_forecaster_are_merged_by_time(ledger, say):
    ledger.append([say(0.1), say(0.3, hours=2)], "anna")
    ledger.append([say(0.2, hours=1), say(0.4, hours=3)], "ben")
    assert [step[0] for step in stood(ledger, say)] == [0.1, 0.2, 0.3, 0.4]


def test_imported_forecasts_stand_at_their_original_time(ledger, say):
    kind = Kind.IMPORTED
    ledger.append([say(0.4, hours=4), say(0.2, hours=2, kind=kind), say(0.1, kind=kind)], "anna")
    assert [step[:3] for step in stood(ledger, say)] == [(0.1, 0, 2), (0.2, 2, 4), (0.4, 4, None)]


@pytest.mark.parametrize("back", [1, 10_000])
def test_where_the_clock_stepped_back_the_line_written_later_stands(ledger, say, back):
    ledger.append([say(0.1, hours=-20_000), say(0.2), say(0.3, hours=-back)], "anna")
    assert stood(ledger, say) == [(0.1, -20_000, -back, False), (0.3, -back, None, False)]


def test_branches_of_one_chain_are_merged_by_time(root, say):
    ledger = Ledger(root)
    (first,) = ledger.append([say(0.1)], "anna")
    before = first.path.read_bytes()
    ledger.append([say(0.2, hours=1), say(0.4, hours=3)], "anna")
    one = first.path.read_bytes()
    first.path.write_bytes(before)
    ledger.append([say(0.3, hours=2)], "anna")
    other = first.path.read_bytes().removeprefix(before)
    first.path.write_bytes(one + other)
    assert [step[0] for step in stood(ledger, say)] == [0.1, 0.2, 0.3, 0.4]


def test_of_two_said_at_one_instant_the_line_below_stands(ledger, say):
    ledger.append([say(0.3), say(0.4)], "anna")
    assert stood(ledger, say) == [(0.4, 0, None, False)]


def test_lines_of_all_are_told_in_order_of_time_and_no_chain_is_re_ordered(ledger, say):
    ledger.append([say(0.1), say(0.4, hours=3), say(0.5, hours=1)], "anna")
    ledger.append([say(0.2, hours=1), say(0.3, hours=2)], "ben")
    ledger.append([say(0.0, hours=-9, kind=Kind.IMPORTED)], "anna")
    told = [entry.forecast.value for entry in in_order(ledger.entries())]
    assert told == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5], (
        "what was said at hour 1 was written after hour 3"
    )
