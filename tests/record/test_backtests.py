"""Backtests are kept by unit of work, in one step, and may be deleted at any time."""

from __future__ import annotations

import shutil
from datetime import date

import pytest

from forecast.disk import Disk
from forecast.domain import Kind, Target
from forecast.errors import EnvironmentFailure, RecordError, UsageError
from forecast.record.backtests import BacktestStore


@pytest.fixture
def store(root):
    return BacktestStore(root)


@pytest.fixture
def back(say):
    def make(value, day=1, **members):
        as_of = date(2022, 2, day)
        return say(value, kind=Kind.BACKTEST, as_of=as_of, forecaster="model/x", **members)

    return make


def test_a_unit_is_done_once_it_was_put(store, back):
    assert store.get("ab12") is None
    store.put("ab12", [back(0.1), back(0.2, 2)])
    assert store.get("ab12") == [back(0.1), back(0.2, 2)]
    store.put("ab12", [])
    assert store.get("ab12") == []


def test_deleting_them_loses_nothing_but_time(store, root, back):
    store.put("ab12", [back(0.1)])
    shutil.rmtree(root / ".forecast")
    assert store.get("ab12") is None
    assert list(store.forecasts()) == []


@pytest.mark.parametrize("left", [b"", b"\xff\n", b"{}\n", b'{"forecasts":2}\n{}\n', b"[]"])
def test_a_file_that_is_not_whole_counts_as_not_done(store, root, back, left):
    store.put("ab12", [back(0.1)])
    (root / ".forecast" / "backtests" / "ab" / "ab12.jsonl").write_bytes(left)
    assert store.get("ab12") is None
    assert list(store.forecasts()) == []


def test_a_file_cut_anywhere_counts_as_not_done(store, root, back):
    store.put("ab12", [back(0.1), back(0.2, 2)])
    path = root / ".forecast" / "backtests" / "ab" / "ab12.jsonl"
    whole = path.read_bytes()
    for cut in range(len(whole) - 1):  # without its last newline it is still whole
        path.write_bytes(whole[:cut])
        assert store.get("ab12") is None


def test_the_newest_of_each_target_forecaster_and_day_is_read_in_order(store, back):
    other = Target("a-question")
    store.put("ab12", [back(0.3, 2), back(0.1), back(0.5, target=other)])
    store.put("cd34", [back(0.2, hours=1)])
    store.put("aa00", [back(0.4, hours=0.5)])
    assert [(f.target.question, f.as_of.day, f.value) for f in store.forecasts()] == [
        ("a-question", 1, 0.5),
        ("ukraine-invasion", 1, 0.2),
        ("ukraine-invasion", 2, 0.3),
    ]


def test_a_replay_with_hindsight_does_not_take_the_place_of_one_without(store, back):
    seen = {"hindsight": True}
    store.put("ab12", [back(0.3), back(0.6, hours=1, detail=seen), back(0.7, hours=2, detail=seen)])
    assert sorted(f.value for f in store.forecasts()) == [0.3, 0.7]


def test_impossible_keys_and_forecasts_are_refused(store, back):
    with pytest.raises(UsageError, match="cannot name a unit") as caught:
        store.get("../../etc/passwd")
    assert caught.value.hint == "use a digest"
    with pytest.raises(RecordError, match="cannot be kept"):
        store.put("ab12", [back(2.0)])


def test_a_full_disk_leaves_the_earlier_result(store, root, back):
    class Full(Disk):
        def write(self, handle, data):
            return super().write(handle, data[:10])

    store.put("ab12", [back(0.1)])
    with pytest.raises(EnvironmentFailure, match=r"ab12\.jsonl: .*; the backtest was not kept$"):
        BacktestStore(root, disk=Full()).put("ab12", [back(0.2)])
    assert store.get("ab12") == [back(0.1)]
