"""Every call to the operating system fails in turn: no false word, no line lost, none changed."""

from __future__ import annotations

import errno
import os
import re

import pytest

from forecast.disk import Disk, environment
from forecast.errors import EnvironmentFailure, Exit
from forecast.record.ledger import Ledger
from tests.faults import CALLS, Faults

ERRORS = (errno.ENOSPC, errno.EIO, errno.EINTR, errno.EACCES)


def faulty(root, said, fail=0, error=None, taken=0) -> list[str]:
    """Append on a disk whose call number `fail` fails; return the calls made."""
    with pytest.MonkeyPatch.context() as patch:
        faults = Faults(fail, error, taken).planted(patch)
        Ledger(root).append(said, "anna")
    return faults.made


def calls(root, say) -> list[str]:
    return faulty(root, [say(0.3), say(0.4, hours=1)])


def test_an_append_makes_these_calls(tmp_path, say):
    assert set(calls(tmp_path, say)) == set(CALLS) - {"create", "replace"}
    assert calls(tmp_path, say).count("write") == 1


@pytest.mark.parametrize("fresh", [True, False], ids=["first line", "later line"])
@pytest.mark.parametrize("error", ERRORS, ids=[errno.errorcode[e] for e in ERRORS])
def test_no_failing_call_is_acknowledged_or_harms_a_line(tmp_path, say, error, fresh):
    (tmp_path / "count").mkdir()
    made = calls(tmp_path / "count", say)
    if not fresh:
        made = calls(tmp_path / "count", say)
    for number, name in enumerate(made, 1):
        for taken in (0, 1, 300, 700) if name == "write" else (0,):
            root = tmp_path / f"{number}-{taken}"
            root.mkdir()
            fails_well(root, say, (number, error, taken), fresh)


def fails_well(root, say, fault, fresh):
    healthy = Ledger(root)
    kept = [] if fresh else healthy.append([say(0.1), say(0.2, hours=1)], "anna")
    path = healthy.path("ukraine-invasion", "anna")
    before = path.read_bytes() if kept else b""
    with pytest.raises(EnvironmentFailure) as caught:
        faulty(root, [say(0.3, hours=2), say(0.4, hours=3)], *fault)
    assert caught.value.exit_code is Exit.ENVIRONMENT
    assert caught.value.message.startswith(f"{path}: ")
    assert caught.value.message.endswith("; nothing counts as recorded")
    assert caught.value.hint
    left = path.read_bytes() if path.exists() else b""
    assert left.startswith(before)
    added = healthy.append([say(0.5, hours=4)], "anna")
    entries = list(healthy.entries())
    assert entries[: len(kept)] == kept
    assert entries[-1:] == added
    assert path.read_bytes().startswith(left)
    assert [p for p in healthy.verify() if not p.advice] == []


@pytest.mark.parametrize("taken", [0, 1, 300, 500, 700])
def test_a_full_disk_that_takes_a_part_is_no_acknowledgement(tmp_path, say, taken):
    number = calls(tmp_path, say).index("write") + 1
    root = tmp_path / "book"
    root.mkdir()
    said = rf"only {taken} of \d+ bytes could be written; nothing counts as recorded$"
    with pytest.raises(EnvironmentFailure, match=said) as caught:
        faulty(root, [say(), say(hours=1)], number, taken=taken)
    assert caught.value.hint == (
        "make room on the disk, then run it again: the cut line is set aside by itself"
    )
    assert Ledger(root).append([say(hours=2)], "anna") == list(Ledger(root).entries())[-1:]
    assert [p for p in Ledger(root).verify() if not p.advice] == []


def test_a_failed_sync_says_to_look_at_the_disk(tmp_path, say):
    number = calls(tmp_path, say).index("sync") + 1
    (tmp_path / "book").mkdir()
    with pytest.raises(EnvironmentFailure) as caught:
        faulty(tmp_path / "book", [say()], number, errno.EIO)
    assert caught.value.message.endswith(
        "anna.jsonl: the disk did not confirm the write (input/output error); "
        "nothing counts as recorded"
    )
    assert caught.value.hint == "check the disk, then `forecast verify`, then run it again"


def test_a_record_that_cannot_be_read_is_a_failure_of_the_environment(ledger, say, monkeypatch):
    (entry,) = ledger.append([say()], "anna")

    def refuse(self):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(type(entry.path), "read_bytes", refuse)
    said = f"^{re.escape(str(entry.path))}: permission denied; the record cannot be read$"
    with pytest.raises(EnvironmentFailure, match=said):
        list(ledger.entries())
    (problem,) = ledger.verify()
    assert (problem.code, problem.advice) == ("record-unreadable", False)


def test_a_folder_that_cannot_be_listed_is_named(ledger, say, monkeypatch):
    ledger.append([say()], "anna")

    def refuse(folder):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "scandir", refuse)
    for read, folder in [
        (ledger.questions, ledger.folder),
        (ledger.verify, ledger.folder),
        (lambda: ledger.files("ukraine-invasion"), ledger.folder / "ukraine-invasion"),
    ]:
        said = f"^{re.escape(str(folder))}: permission denied; the record cannot be read$"
        with pytest.raises(EnvironmentFailure, match=said):
            read()


def test_an_error_without_a_word_of_its_own_is_named_by_its_kind(tmp_path):
    for error, word in ((TimeoutError(), "timeouterror"), (OSError("Gone"), "gone")):
        said = f"{word}; nothing"
        with pytest.raises(EnvironmentFailure, match=said), environment(tmp_path, "nothing"):
            raise error


def test_systems_without_directory_handles_need_no_directory_sync(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "O_DIRECTORY", raising=False)
    Disk().sync_directory(tmp_path / "not even there")
