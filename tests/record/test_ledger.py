"""What is acknowledged is in the record; what is in the record never changes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from forecast.disk import Disk
from forecast.domain import Kind, Target
from forecast.errors import EnvironmentFailure, Exit, RecordError, UsageError
from forecast.record.ledger import Ledger


def test_an_append_is_read_back_as_it_was_acknowledged(ledger, root, say):
    first = ledger.append([say(0.3), say(0.4, hours=1)], "anna")
    second = ledger.append([say(0.1234567, hours=2)], "anna")
    assert list(ledger.entries("ukraine-invasion")) == first + second
    assert [entry.line for entry in first + second] == [1, 2, 3]
    assert [entry.seq for entry in first + second] == [1, 2, 3]
    assert [entry.prev for entry in first + second] == [None, first[0].hash, first[1].hash]
    assert second[0].forecast.value == 0.123457
    assert second[0].path == root / "record" / "ukraine-invasion" / "anna.jsonl"
    assert ledger.verify() == []


def test_one_append_may_hold_several_questions_and_keeps_its_order(ledger, say):
    asked = [say(0.1), say(0.2, target=Target("other")), say(0.3)]
    entries = ledger.append(asked, "anna")
    assert [e.forecast for e in entries] == asked
    assert ledger.questions() == ["other", "ukraine-invasion"]
    assert [e.forecast.value for e in ledger.entries()] == [0.2, 0.1, 0.3]
    assert [e.forecast.value for e in ledger.entries("ukraine-invasion")] == [0.1, 0.3]
    assert list(ledger.entries("nobody-asked")) == []
    assert ledger.append([], "anna") == []


def test_every_writer_has_a_file_and_a_chain(ledger, say):
    ledger.append([say(0.3)], "anna")
    (entry,) = ledger.append([say(0.4, forecaster="ben")], "ben")
    assert entry.prev is None
    assert [path.name for path in ledger.files("ukraine-invasion")] == ["anna.jsonl", "ben.jsonl"]


def test_an_empty_record_is_no_problem(ledger):
    assert list(ledger.entries()) == []
    assert list(ledger.entries("nobody-asked")) == []
    assert list(ledger.entries("../../etc")) == []
    assert ledger.verify() == []


def test_nothing_beside_the_record_is_of_it(ledger, root, say):
    (entry,) = ledger.append([say()], "anna")
    (root / "war").mkdir()
    (root / "war" / "anna.jsonl").write_bytes(entry.path.read_bytes())
    (root / "record" / "notes.txt").write_bytes(b"")
    (root / "record" / "Not An Id").mkdir()
    assert ledger.questions() == ["ukraine-invasion"]
    assert ledger.files("../war") == []


def test_a_renamed_question_keeps_its_record(ledger, say):
    old = Target("old-name", say().target.rung)
    ledger.append([say(0.3, target=old)], "anna")
    ledger.append([say(0.4, hours=1)], "anna")
    found = list(ledger.entries("ukraine-invasion", ("old-name",)))
    assert [e.forecast.value for e in found] == [0.3, 0.4]
    assert {e.forecast.target for e in found} == {say().target}


@pytest.mark.parametrize("name", ["../up", "Anna", "", "con", "a" * 65, "a/b"])
def test_names_that_could_leave_the_book_are_refused(ledger, root, say, name):
    with pytest.raises(UsageError, match="cannot name a writer") as caught:
        ledger.append([say()], name)
    assert caught.value.hint == "use lower case letters, digits and hyphens"
    with pytest.raises(UsageError, match="cannot name a question"):
        ledger.append([say(target=Target(name))], "anna")
    assert list(root.iterdir()) == []


def test_a_symbolic_link_is_neither_written_through_nor_read(ledger, root, say, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (root / "record").mkdir()
    try:
        (root / "record" / "ukraine-invasion").symlink_to(outside, target_is_directory=True)
    except OSError:
        pytest.skip("symbolic links need a right that this user has not")
    with pytest.raises(UsageError, match="symbolic link") as caught:
        ledger.append([say()], "anna")
    assert caught.value.hint == "put the file itself there"
    assert list(outside.iterdir()) == []
    for read in (ledger.questions, lambda: ledger.files("ukraine-invasion")):
        with pytest.raises(RecordError, match="symbolic link"):
            read()
    assert [p.code for p in ledger.verify()] == ["record-link"]


def test_what_cannot_be_a_line_stops_the_append_before_anything_is_written(ledger, root, say):
    with pytest.raises(RecordError, match="ukraine-invasion@2022-03-01 by anna cannot be recorded"):
        ledger.append([say(0.3), say(1.3)], "anna")
    with pytest.raises(RecordError, match=r"recorded: backtests are kept beside the record$"):
        ledger.append([say(kind=Kind.BACKTEST)], "anna")
    assert list(root.iterdir()) == []


def test_a_cut_tail_is_set_aside_and_the_next_append_works(ledger, say):
    (first,) = ledger.append([say(0.3)], "anna")
    before = first.path.read_bytes()
    first.path.write_bytes(before + b'{"as_of":"2022-0')
    assert list(ledger.entries()) == [first]
    noticed = []
    collecting = Ledger(ledger.root, notice=noticed.append)
    (second,) = collecting.append([say(0.4, hours=1)], "anna")
    (noted,) = noticed
    assert (noted.path, noted.line) == (str(first.path), 2)
    assert (noted.code, noted.advice) == ("record-torn", True)
    assert (second.line, second.seq, second.prev) == (3, 2, first.hash)
    assert first.path.read_bytes().startswith(before + b'{"as_of":"2022-0#torn\n')
    assert list(ledger.entries()) == [first, second]
    assert [(p.code, p.line, p.advice) for p in ledger.verify()] == [("record-torn", 2, True)]


def test_after_several_cut_writes_the_chain_goes_on_from_the_last_whole_line(ledger, say):
    first, last = ledger.append([say(0.3), say(0.4, hours=1)], "anna")
    cut = b'{"as_of":"2022#torn\n{"as#torn\n{"as_of'
    first.path.write_bytes(first.path.read_bytes() + cut)
    noticed = []
    collecting = Ledger(ledger.root, notice=noticed.append)
    (added,) = collecting.append([say(0.5, hours=2)], "anna")
    assert [(p.path, p.line, p.code) for p in noticed] == [
        (str(first.path), line, "record-torn") for line in (3, 4, 5)
    ]
    assert (added.line, added.seq, added.prev) == (6, 3, last.hash)
    assert list(ledger.entries()) == [first, last, added]


def test_a_whole_last_line_without_newline_is_read_and_then_ended(ledger, say):
    (first,) = ledger.append([say(0.3)], "anna")
    first.path.write_bytes(first.path.read_bytes()[:-1])
    assert list(ledger.entries()) == [first]
    assert [(p.code, p.advice) for p in ledger.verify()] == [("record-unended", True)]
    (second,) = ledger.append([say(0.4, hours=1)], "anna")
    assert (second.line, second.prev) == (2, first.hash)
    assert ledger.verify() == []


def test_damage_is_named_by_file_and_line_and_stops_a_strict_ledger(ledger, say):
    first, second = ledger.append([say(0.3), say(0.4, hours=1)], "anna")
    changed = first.path.read_bytes().replace(b'"value":0.4', b'"value":0.9')
    first.path.write_bytes(changed)
    with pytest.raises(RecordError, match=r"anna\.jsonl:2: the line was changed") as caught:
        list(ledger.entries())
    assert caught.value.exit_code is Exit.RECORD
    assert "restore the file from a commit or backup" in caught.value.hint
    with pytest.raises(RecordError, match=r"anna\.jsonl:2"):
        ledger.append([say(0.5, hours=2)], "anna")
    assert first.path.read_bytes() == changed
    noticed = []
    collecting = Ledger(ledger.root, notice=noticed.append)
    assert list(collecting.entries()) == [first]
    (third,) = collecting.append([say(0.5, hours=2)], "anna")
    assert third.prev == first.hash
    assert {p.code for p in noticed} == {"record-damaged"}
    assert "record-damaged" in {p.code for p in ledger.verify()}
    assert second not in list(collecting.entries())


def test_line_ends_that_were_converted_are_named_and_still_read(ledger, say):
    entries = ledger.append([say(0.3), say(0.4, hours=1)], "anna")
    path = entries[0].path
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    noticed = []
    assert list(Ledger(ledger.root, notice=noticed.append).entries()) == entries
    (problem,) = ledger.verify()
    assert (problem.code, problem.line, problem.advice) == ("record-crlf", 1, False)
    assert ".gitattributes" in problem.hint


def test_a_line_that_stands_twice_is_read_once(ledger, say):
    entries = ledger.append([say(0.3), say(0.4, hours=1)], "anna")
    path = entries[0].path
    path.write_bytes(path.read_bytes() * 2)
    assert list(ledger.entries()) == entries


def test_a_long_file_is_read_piece_by_piece_before_an_append(ledger, say, monkeypatch):
    monkeypatch.setattr("forecast.record.ledger._CHUNK", 100)
    for hour in range(3):
        ledger.append([say(hours=hour)], "anna")
    assert [entry.seq for entry in ledger.entries()] == [1, 2, 3]
    assert ledger.verify() == []


def test_a_missing_book_is_a_failure_of_the_environment(root, say):
    with pytest.raises(EnvironmentFailure, match="nothing counts as recorded") as caught:
        Ledger(root / "nowhere").append([say()], "anna")
    assert caught.value.exit_code is Exit.ENVIRONMENT
    assert caught.value.hint


HOLD = """
import sys
from pathlib import Path
from forecast.disk import Disk
from forecast.locks import locked
lock = Path(sys.argv[1])
with locked(lock, lock, 5, Disk()):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_lock_held_too_long_names_who_holds_it(ledger, root, say):
    ledger.append([say(0.3)], "anna")
    lock = root / ".forecast" / "locks" / "ukraine-invasion.anna.lock"
    command = [sys.executable, "-c", HOLD, str(lock)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        assert holder.stdout.readline().strip() == b"held"
        with pytest.raises(EnvironmentFailure, match=f"process {holder.pid}") as caught:
            Ledger(root, timeout=0.1).append([say(0.4)], "anna")
        assert "wait for that process, or end it" in caught.value.hint
        holder.stdin.close()
    assert len(list(ledger.entries())) == 1
    ledger.append([say(0.4)], "anna")


@pytest.mark.parametrize("note", [None, b"\xff", b""])
def test_a_holder_without_a_readable_note_is_another_process(root, say, note):
    class Held(Disk):
        def lock(self, path, timeout):
            if note is not None:
                path.with_suffix(".holder").write_bytes(note)
            raise TimeoutError

    with pytest.raises(EnvironmentFailure, match="by another process"):
        Ledger(root, disk=Held()).append([say()], "anna")


APPEND = """
import sys
from dataclasses import replace
from pathlib import Path
from tests.record.conftest import BASE
from forecast.record.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
for step in range(20):
    ledger.append([replace(BASE, rationale=f"{sys.argv[2]} {step}")], "anna")
"""


def test_two_processes_append_to_one_chain_without_loss(ledger, root):
    workers = [
        subprocess.Popen([sys.executable, "-c", APPEND, str(root), name]) for name in ("a", "b")
    ]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    entries = list(ledger.entries())
    assert [entry.seq for entry in entries] == list(range(1, 41))
    assert {e.forecast.rationale for e in entries} == {f"{n} {i}" for n in "ab" for i in range(20)}
    assert all(problem.code == "record-clock" for problem in ledger.verify())


def test_forecasts_that_differ_only_in_place_have_different_hashes(ledger, say):
    same = [say(0.3), say(0.3), replace(say(0.3), target=Target("other"))]
    assert len({entry.hash for entry in ledger.append(same, "anna")}) == 3
