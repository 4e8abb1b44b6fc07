"""Columns and traces say what entries and paths say, whatever the record holds."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecast.domain import Forecast, Kind, Target
from forecast.errors import Problem, RecordError
from forecast.record import history
from forecast.record.history import LIVE
from forecast.record.ledger import Ledger
from forecast.record.reading import recorded

NOON = datetime(2022, 2, 18, 12, tzinfo=UTC)
RUNGS = (None, date(2022, 3, 1), date(2022, 7, 1))
SHARES = {"Kyiv": 0.25, "Warsaw": 0.75}


@st.composite
def said(draw: st.DrawFn) -> Forecast:
    """Anything that may be recorded of one question; clocks step back and stand still."""
    kinds = st.sampled_from([Kind.LIVE] * 6 + [k for k in Kind if k is not Kind.BACKTEST])
    kind = draw(kinds)
    silent = kind in {Kind.WITHDRAWN, Kind.RETRACTED, Kind.RESOLUTION}
    value = draw(st.sampled_from([0.0, 1.0, 0.25, 1 / 3, SHARES]))
    return Forecast(
        target=Target("war", draw(st.sampled_from(RUNGS))),
        forecaster=draw(st.sampled_from(["ann", "model/base_rate", 'Zoë \\ "q"'])),
        kind=kind,
        made_at=NOON + timedelta(microseconds=draw(st.integers(0, 5)) * 250_000),
        as_of=NOON.date(),
        value=None if silent else value,
        rationale=draw(st.sampled_from(["", '"hash":"', "#torn"])),
    )


@st.composite
def records(draw: st.DrawFn, root: Path) -> Path:
    """A record of a question with a former id, two writers, merged branches and doubled lines."""
    luck = draw(st.randoms(use_true_random=False))
    for name, writer in (("war", "ann"), ("war", "ben"), ("strife", "ann")):
        lines = [replace(f, target=Target(name, f.target.rung)) for f in draw(st.lists(said()))]
        branches(Ledger(root), lines, writer, luck)
    return root


def branches(ledger: Ledger, lines: list[Forecast], writer: str, luck: random.Random) -> None:
    """Append lines, some of them on another branch, and merge the two as git does."""
    if not lines:
        return
    half = luck.randint(0, len(lines) - 1)
    fork = luck.randint(half, len(lines) - 1)
    path = ledger.path(lines[0].target.question, writer)
    before = written(ledger, path, lines[:half], writer)
    one = written(ledger, path, lines[half:fork], writer).removeprefix(before)
    if path.exists():
        path.write_bytes(before)
    other = written(ledger, path, lines[fork:], writer).removeprefix(before)
    twice = luck.choice([b"", one[: one.find(b"\n") + 1]])
    path.write_bytes(before + one + other + twice)


def written(ledger: Ledger, path: Path, lines: list[Forecast], writer: str) -> bytes:
    ledger.append(lines, writer)
    return path.read_bytes() if path.exists() else b""


def by_traces(ledger: Ledger) -> list[tuple[object, ...]]:
    (found,) = recorded(ledger, [("war", ("strife",))])
    return [(t.target, t.forecaster, t.starts, t.values) for t in found]


def by_paths(ledger: Ledger) -> list[tuple[object, ...]]:
    """The same from entries: each step's value, and None where a step ends and none follows."""
    found = []
    for (target, who), steps in history.paths(ledger.entries("war", ("strife",)), LIVE).items():
        made: dict[float, object] = {}
        for step in steps:
            made[step.start.timestamp()] = step.forecast.value
            if step.end is not None:
                made[step.end.timestamp()] = None
        if made:
            found.append((target, who, tuple(made), tuple(made.values())))
    return found


@settings(max_examples=50)
@given(data=st.data())
def test_traces_are_the_paths(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory):
    ledger = Ledger(data.draw(records(tmp_path_factory.mktemp("book"))))
    found = by_traces(ledger)
    assert found == by_paths(ledger)
    assert all(a < b for _, _, starts, _ in found for a, b in pairwise(starts))


def test_a_damaged_line_stops_the_reading_and_is_named(ledger: Ledger, say):
    (entry,) = ledger.append([say(0.3)], "anna")
    data = entry.path.read_bytes()
    entry.path.write_bytes(data.replace(b'"value":0.3', b'"value":0.4'))
    with pytest.raises(RecordError, match=r"anna\.jsonl:1: the line was changed"):
        list(recorded(ledger, [("ukraine-invasion", ())]))


def test_what_is_whole_is_read_on_where_flaws_are_collected(root: Path, say):
    problems: list[Problem] = []
    ledger = Ledger(root, notice=problems.append)
    *_, last = ledger.append([say(0.3), say(0.4, hours=1), say(0.5, hours=2)], "anna")
    data = last.path.read_bytes().replace(b'"value":0.4', b'"value":0.9')
    last.path.write_bytes(data + b'{"as_of":"20')
    (traces,) = recorded(ledger, [("ukraine-invasion", ())])
    assert [trace.values for trace in traces] == [(0.3, 0.5)]
    assert [problem.code for problem in problems] == ["record-damaged", "record-torn"]


def test_a_question_never_recorded_has_no_trace(ledger: Ledger):
    assert list(recorded(ledger, [("nothing", ()), ("nowhere", ("before",))])) == [[], []]
