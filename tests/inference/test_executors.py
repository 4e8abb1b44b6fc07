"""Parts are computed in order, wherever they are, and a process that dies costs time alone."""

import multiprocessing
import os
import sys
import time

import pytest

from forecast.inference import executors
from forecast.inference.executors import spread


def doubled(part):
    return [2 * x for x in part], os.getpid()


def dies_elsewhere(part):
    if os.getpid() != part[0]:
        os._exit(1)
    return part[1]


@pytest.fixture
def two(monkeypatch):
    """Two cores, and a main module that is ours."""
    monkeypatch.setattr(executors, "cores", lambda: 2)
    monkeypatch.setattr(executors, "_main_may_be_imported", lambda: True)


def test_one_part_or_one_core_needs_no_other_process(monkeypatch):
    monkeypatch.setattr(executors, "cores", lambda: 1)
    assert list(spread(doubled, [[1], [2, 3]])) == [([2], os.getpid()), ([4, 6], os.getpid())]


@pytest.mark.slow
def test_parts_come_back_in_order_from_other_processes(two):
    found = list(spread(doubled, [[k] for k in range(6)]))
    assert [values for values, _ in found] == [[2 * k] for k in range(6)]
    assert os.getpid() not in {process for _, process in found}


@pytest.mark.slow
def test_what_a_dead_process_leaves_is_computed_here(two):
    assert list(spread(dies_elsewhere, [(os.getpid(), k) for k in range(4)])) == [0, 1, 2, 3]


def sleeps(part):
    time.sleep(part)


@pytest.mark.slow
def test_an_interruption_ends_all_processes(two):
    begun = spread(sleeps, [0, 600, 600])
    next(begun)
    with pytest.raises(KeyboardInterrupt):
        begun.throw(KeyboardInterrupt)
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("error", [OSError(38, "Function not implemented"), ImportError("_sem")])
def test_a_system_without_what_it_takes_computes_here(two, monkeypatch, error):
    def refuse(*_, **__):
        raise error

    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor", refuse)
    assert list(spread(doubled, [[1], [2, 3]])) == [([2], os.getpid()), ([4, 6], os.getpid())]


@pytest.mark.parametrize("at", ["submit", "start"])
def test_where_no_process_may_be_started_all_is_computed_here(two, monkeypatch, at):
    def refuse(*_, **__):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    place = {
        "submit": "concurrent.futures.ProcessPoolExecutor.submit",
        "start": "multiprocessing.context.SpawnProcess.start",
    }
    monkeypatch.setattr(place[at], refuse)
    assert list(spread(doubled, [[1], [2, 3]])) == [([2], os.getpid()), ([4, 6], os.getpid())]


def test_somebody_elses_script_is_not_run_again(monkeypatch, tmp_path):
    main = type(sys)("__main__")
    main.__spec__, main.__file__ = None, str(tmp_path / "mine.py")
    monkeypatch.setitem(sys.modules, "__main__", main)
    assert not executors._main_may_be_imported()
    del main.__file__
    assert executors._main_may_be_imported()
