"""Columns and traces say what entries and paths say, whatever the record holds."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.disk import Disk
from forecast.domain import Forecast, Kind, Target
from forecast.errors import EnvironmentFailure, Problem, RecordError
from forecast.record import history, reading
from forecast.record.chains import chain
from forecast.record.columns import joined
from forecast.record.database import Database
from forecast.record.history import LIVE
from forecast.record.kept import Kept
from forecast.record.ledger import Ledger
from forecast.record.lines import VERSION, encode
from forecast.record.reading import recorded

SLOW = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
NOON = datetime(2022, 2, 18, 12, tzinfo=UTC)
RUNGS = (None, date(2022, 3, 1), date(2022, 7, 1))
SHARES = {"Kyiv": 0.25, "Warsaw": 0.75}


class Quick(Disk):
    """A disk that waits for no device."""

    def sync(self, handle: int) -> None:
        pass

    def sync_directory(self, path: Path) -> None:
        pass

    def lock(self, path: Path, timeout: float) -> Callable[[], None]:
        return lambda: None


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
        branches(Ledger(root, disk=Quick()), lines, writer, luck)
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


@settings(SLOW, max_examples=50)
@given(data=st.data())
def test_traces_are_the_paths(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory):
    ledger = Ledger(data.draw(records(tmp_path_factory.mktemp("book"))))
    found = by_traces(ledger)
    assert found == by_paths(ledger)
    assert all(a < b for _, _, starts, _ in found for a, b in pairwise(starts))


@settings(SLOW, max_examples=25)
@given(data=st.data())
def test_however_it_is_read_the_same_is_read(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
):
    root = data.draw(records(tmp_path_factory.mktemp("book")))
    for path in sorted(root.glob("record/*/*.jsonl")):
        path.write_bytes(data.draw(damaged(path.read_bytes())))
    by_line = read(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading, "SMALL", -1)
        patch.setattr(reading, "FRESH", -(10**18))
        assert read(root) == by_line  # by DuckDB, and kept
        assert read(root) == by_line  # what was kept


def read(root: Path) -> tuple[list[tuple[object, ...]], list[Problem]]:
    problems: list[Problem] = []
    return by_traces(Ledger(root, notice=problems.append)), problems


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Leave bytes as they are, change one, cut them, turn their line ends, mark a torn write."""
    how = draw(st.sampled_from(["fine", "fine", "change", "cut", "crlf", "torn", "blank"]))
    at = draw(st.integers(0, max(len(data) - 1, 0)))
    if how == "change" and data:
        other = draw(st.integers(0, 255).filter(lambda byte: byte != data[at]))
        return data[:at] + bytes([other]) + data[at + 1 :]
    changed = {
        "cut": data[:at],
        "crlf": data.replace(b"\n", b"\r\n"),
        "torn": data + b'{"as_of":#torn\n',
        "blank": data.replace(b"\n", b"\n\n", 1),
    }
    return changed.get(how, data)


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


@pytest.mark.parametrize("small", [1 << 20, -1], ids=["line by line", "by DuckDB"])
def test_a_trace_says_who_said_what_of_which_target_and_from_when(
    ledger: Ledger, say, monkeypatch: pytest.MonkeyPatch, small: int
):
    monkeypatch.setattr(reading, "SMALL", small)
    whole, rung = Target("war"), Target("war", date(2022, 3, 1))
    later = {"hours": 30 + 0.25 / 3600}  # a quarter of a second into another day
    said = [
        say(0.3, target=rung),
        say(0.2, target=whole),
        say(0.4, target=rung, forecaster="ben"),
        say(0.5, target=rung, **later),
        say(target=whole, kind=Kind.WITHDRAWN, **later),
        say(SHARES, target=Target("peace")),
    ]
    (entry, *_) = ledger.append(said, "ann")
    if small > 0:  # two branches merged twice
        entry.path.write_bytes(entry.path.read_bytes() * 2)
    found = list(recorded(ledger, [("war", ()), ("peace", ())]))
    first, second = 1645185600.0, 1645185600.0 + 30 * 3600 + 0.25  # 18 February 2022, 12:00 UTC
    assert [[(t.target, t.forecaster, t.starts, t.values) for t in each] for each in found] == [
        [
            (whole, "anna", (first, second), (0.2, None)),
            (rung, "anna", (first, second), (0.3, 0.5)),
            (rung, "ben", (first,), (0.4,)),
        ],
        [(Target("peace"), "anna", (first,), (SHARES,))],
    ]


def test_a_question_never_recorded_has_no_trace(ledger: Ledger):
    assert list(recorded(ledger, [("nothing", ()), ("nowhere", ("before",))])) == [[], []]


class TestKept:
    @pytest.fixture(autouse=True)
    def large(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have every record read by DuckDB, and kept however fresh it is."""
        monkeypatch.setattr(reading, "SMALL", -1)
        monkeypatch.setattr(reading, "FRESH", -(10**18))

    @pytest.fixture
    def record(self, ledger: Ledger, say) -> Ledger:
        ledger.append([say(0.3), say(0.4, hours=1), say(SHARES, forecaster="Zoë")], "anna")
        return ledger

    def values(self, ledger: Ledger) -> list[tuple[object, ...]]:
        (traces,) = recorded(ledger, [("ukraine-invasion", ())])
        return [trace.values for trace in traces]

    def kept(self, root: Path) -> Path:
        (found,) = (root / ".forecast" / "record").iterdir()
        return found

    def test_what_is_kept_is_not_read_again(self, record, root, monkeypatch):
        assert self.values(record) == [(SHARES,), (0.3, 0.4)]
        assert self.kept(root).name.startswith("ukraine-invasion.")
        monkeypatch.setattr(Database, "read", None)
        assert self.values(record) == [(SHARES,), (0.3, 0.4)]

    def test_what_was_withdrawn_is_kept_as_withdrawn(self, record, say):
        record.append([say(hours=2, kind=Kind.WITHDRAWN)], "anna")
        first = self.values(record)
        assert first == [(SHARES,), (0.3, 0.4, None)]
        assert self.values(record) == first

    def test_a_line_more_is_read_and_takes_its_place(self, record, root, say):
        self.values(record)
        before = self.kept(root)
        record.append([say(0.5, hours=2)], "anna")
        assert self.values(record) == [(SHARES,), (0.3, 0.4, 0.5)]
        assert self.kept(root) != before

    @pytest.mark.parametrize(
        ("begun_twice", "stood"),
        [(False, (0.1, 0.2, 0.5, 0.4)), (True, (0.1, 0.2, 0.6, 0.5, 0.4))],
    )
    def test_merged_branches_are_read_as_line_by_line(
        self, ledger, say, monkeypatch, begun_twice, stood
    ):
        """The second branch's clock stepped back, and what it says is not taken for its place."""
        (first,) = ledger.append([say(0.1)], "anna")
        path, begun = first.path, first.path.read_bytes()
        *_, last = ledger.append([say(0.2, hours=1), say(0.4, hours=3)], "anna")
        data = path.read_bytes()
        path.write_bytes(begun)
        detail = {"prev": last.hash}
        ledger.append([say(0.3, hours=2, detail=detail), say(0.5, hours=1.5)], "anna")
        data += path.read_bytes().removeprefix(begun)
        if begun_twice:
            path.unlink()
            ledger.append([say(0.6, hours=1.2)], "anna")
            data += path.read_bytes()
        path.write_bytes(data)
        assert self.values(ledger) == [stood]
        monkeypatch.setattr(reading, "SMALL", 1 << 20)
        assert self.values(ledger) == [stood]

    @pytest.mark.parametrize("harm", [lambda d: d[:-9], lambda d: d[:99] + b"?" + d[100:]])
    def test_what_was_damaged_is_read_anew(self, record, root, harm):
        self.values(record)
        kept = self.kept(root)
        kept.write_bytes(harm(kept.read_bytes()))
        assert self.values(record) == [(SHARES,), (0.3, 0.4)]
        assert self.kept(root) == kept

    def test_a_line_changed_in_place_is_noticed_though_size_and_time_are_the_same(
        self, record, root
    ):
        self.values(record)
        path = root / "record" / "ukraine-invasion" / "anna.jsonl"
        times = path.stat()
        path.write_bytes(path.read_bytes().replace(b'"value":0.3', b'"value":0.2'))
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        with pytest.raises(RecordError, match=r"anna\.jsonl:1: the line was changed"):
            self.values(record)

    def test_what_duckdb_cannot_read_is_read_line_by_line(self, record, monkeypatch):
        self.values(record)
        monkeypatch.setattr(Database, "load", lambda *_: None)
        assert self.values(record) == [(SHARES,), (0.3, 0.4)]  # from the files, by DuckDB
        monkeypatch.setattr(Database, "read", lambda *_: None)
        assert self.values(record) == [(SHARES,), (0.3, 0.4)]

    def test_a_file_with_a_flaw_stands_beside_those_without(self, ledger, root, say):
        for hour, writer in enumerate(("anna", "ben", "carl")):
            ledger.append([say(hour / 10, hours=hour)], writer)
        path = root / "record" / "ukraine-invasion" / "ben.jsonl"
        path.write_bytes(path.read_bytes() + b'{"as_of":"20')
        assert self.values(ledger) == [(0.0, 0.1, 0.2)]

    def test_a_question_never_recorded_has_no_trace(self, ledger):
        assert list(recorded(ledger, [("nothing", ())])) == [[]]

    def test_what_may_change_unseen_is_not_kept(self, record, root, monkeypatch):
        monkeypatch.setattr(reading, "FRESH", 10**18)
        self.values(record)
        assert not (root / ".forecast" / "record").exists()

    def test_where_nothing_can_be_kept_all_is_read(self, record, root):
        (root / ".forecast" / "record").write_text("in the way", encoding="utf-8")
        assert self.values(record) == [(SHARES,), (0.3, 0.4)]

    def test_a_line_of_a_newer_version_is_left_to_the_strict_reader(self, record, root):
        path = root / "record" / "ukraine-invasion" / "anna.jsonl"
        members = json.loads(path.read_bytes().splitlines()[0]) | {"v": VERSION + 1}
        del members["hash"]
        line, _ = encode(members, "anna", members.pop("seq"), members.pop("prev"))
        path.write_bytes(line + b"\n")
        with pytest.raises(RecordError, match="newer version"):
            self.values(record)

    @pytest.mark.parametrize("year", ["0001", "9999"])
    def test_a_time_beyond_the_calendar_is_left_to_the_strict_reader(self, record, root, year):
        path = root / "record" / "ukraine-invasion" / "anna.jsonl"
        members = json.loads(path.read_bytes().splitlines()[0])
        del members["hash"]
        members["made_at"] = f"{year}-02-18T12:00:00Z"
        line, _ = encode(members, "anna", members.pop("seq"), members.pop("prev"))
        path.write_bytes(line + b"\n")
        with pytest.raises(RecordError, match="`made_at` is not of the years 1500 to 2999"):
            self.values(record)

    def test_a_file_that_vanishes_meanwhile_is_read_as_gone(self, record, root, monkeypatch):
        """What was there when the folder was listed may not be there any more."""
        path = root / "record" / "ukraine-invasion" / "anna.jsonl"

        def gone(self: Database, files: object, chains: object) -> None:
            path.unlink(missing_ok=True)

        monkeypatch.setattr(Database, "read", gone)
        with pytest.raises(EnvironmentFailure, match="the record cannot be read"):
            self.values(record)

    def test_what_cannot_be_looked_through_is_left_to_the_strict_reader(
        self, record, root, monkeypatch
    ):
        def refused(data: bytes) -> None:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(reading, "chain", refused)
        assert self.values(record) == [(SHARES,), (0.3, 0.4)]

    def test_many_questions_are_read_in_batches(self, ledger, say, monkeypatch):
        monkeypatch.setattr(reading, "BATCH", 2)
        asked = [f"q{number}" for number in range(5)]
        said = [replace(say(number / 10), target=Target(q)) for number, q in enumerate(asked)]
        ledger.append(said, "anna")
        for _ in range(2):  # read, then kept
            found = [trace.values for (trace,) in recorded(ledger, [(q, ()) for q in asked])]
            assert found == [(0.0,), (0.1,), (0.2,), (0.3,), (0.4,)]


def test_duckdb_says_what_it_cannot_read_or_keep(tmp_path: Path, ledger: Ledger, say):
    (entry,) = ledger.append([say(0.3)], "anna")
    database, chains = Database(), {0: chain(entry.path.read_bytes())}
    lines = database.read({0: entry.path}, chains)
    assert lines is not None
    assert not database.store(lines, tmp_path / "no" / "folder.parquet")
    assert database.load(tmp_path / "nothing.parquet") is None
    entry.path.unlink()
    assert database.read({0: entry.path}, chains) is None


def test_what_is_kept_is_found_by_its_own_slot_and_key_alone(tmp_path: Path, ledger: Ledger, say):
    (entry,) = ledger.append([say(0.3)], "anna")
    database = Database()
    lines = database.read({0: entry.path}, {0: chain(entry.path.read_bytes())})
    kept = Kept(tmp_path / "deep" / "down", database)
    assert kept.find("war", "old") is None
    kept.store("war", "old", lines)
    kept.store("peace", "old", lines)
    assert kept.find("war", "old") is not None
    assert kept.find("war", "new") is None
    kept.store("war", "new", lines)
    assert kept.find("war", "old") is None
    assert {path.name.rsplit(".", 2)[0] for path in kept.folder.iterdir()} == {
        "war.new",
        "peace.old",
    }
    in_the_way = Kept(entry.path, database)
    in_the_way.store("war", "new", lines)
    assert in_the_way.find("war", "new") is None


def test_a_disk_that_keeps_nothing_costs_nothing_but_time(tmp_path: Path, monkeypatch):
    database = Database()
    monkeypatch.setattr(Database, "store", lambda *_: False)
    Kept(tmp_path, database).store("war", "key", joined([]))
    assert list(tmp_path.iterdir()) == []
