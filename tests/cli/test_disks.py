"""Real disks that are full or read-only, folders that are gone, and locks that others hold."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from forecast.book import replace
from forecast.disk import Disk
from forecast.errors import Exit
from tests.cli.conftest import BOOK, WAR, Run

SAY = ("predict", "war@2027-03-01", ".3")


def mount(*options: str) -> bool:
    command = shutil.which("mount")
    if command is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    return subprocess.run([command, *options], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A book on a disk of its own, of 64 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if not mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)):
        pytest.skip("mounting a disk needs a right that this user has not")
    try:
        for name, text in {"book": BOOK, "war": WAR}.items():
            (disk / f"{name}.yaml").write_text(text, encoding="utf-8")
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_named_and_costs_no_acknowledged_line(small: Path, run: Run) -> None:
    acknowledged = 0
    while (done := run(*SAY, "--why", "w" * 3000, "--book", small)).code == 0:
        acknowledged += 1
    assert done.code == Exit.ENVIRONMENT
    assert "record/war/ann.jsonl" in done.err
    assert "no space left on device" in done.err or "bytes could be written" in done.err
    assert "room" in done.err
    subprocess.run(["mount", "-o", "remount,size=1m", str(small)], check=True)
    assert run("verify", "--book", small).code == 0
    assert run(*SAY, "--book", small).code == 0
    text = (small / "record" / "war" / "ann.jsonl").read_text(encoding="utf-8")
    assert text.count('"kind":"live"') >= acknowledged + 1


def test_a_read_only_book_is_read_and_not_written(small: Path, run: Run) -> None:
    run(*SAY, "--book", small)
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    for command in (SAY, ("new", "truce"), ("resolve", "war", "annulled", "--source", "R")):
        done = run(*command, "--book", small)
        assert (done.code, done.out) == (Exit.ENVIRONMENT, "")
        assert "read-only file system" in done.err
        assert "may be used" in done.err
    assert run("show", "war", "--book", small).code == 0
    assert run("verify", "--book", small).code == 0


def test_a_record_whose_place_is_taken_is_named(run: Run, book: Path) -> None:
    (book / "record").write_text("not a folder", encoding="utf-8")
    for command in (SAY, ("check",), ("show", "war"), ("list",)):
        done = run(*command)
        assert done.code == Exit.RECORD
        assert str(book / "record") in done.err
    assert run("verify").code == Exit.RECORD
    assert (book / "record").read_text(encoding="utf-8") == "not a folder"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_neither_waited_for_nor_written_to(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="no ordinary file"):
        Disk().open(tmp_path / "pipe")


HOLD = """
import sys
from pathlib import Path
from forecast.book.replace import alone
with alone(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_who_edits_a_book_for_long_is_named(run: Run, book: Path, monkeypatch) -> None:
    monkeypatch.setattr(replace, "_PATIENCE", 0.1)
    command = [sys.executable, "-c", HOLD, str(book / "war.yaml")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdin is not None and holder.stdout is not None
        assert holder.stdout.readline().strip() == b"held"
        done = run("resolve", "war", "annulled", "--source", "Reuters")
        holder.stdin.close()
    assert done.code == Exit.ENVIRONMENT
    assert f"process {holder.pid}" in done.err
    assert socket.gethostname() in done.err and "since" in done.err
    assert "wait for that process, or end it" in done.err
    assert run("resolve", "war", "annulled", "--source", "Reuters").code == 0
