"""Whatever a command writes, a failing disk is named, and what was there stays as it was."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from forecast.errors import Exit
from tests.cli.conftest import BOOK, STRIKE, WAR, Ran, Run
from tests.faults import Faults

TROOPS = "title: Troops\nkind: level\n"
FILES = {
    "book.yaml": BOOK,
    "war.yaml": WAR,
    "strike.yaml": STRIKE,
    "indicators/troops.yaml": TROOPS,
    "indicators/troops.csv": "observed_on,value\n2026-11-01,3\n",
}
COMMANDS = {
    "first predict": ["predict", "war@2027-03-01", ".4", "--by", "ben"],
    "predict": ["predict", "war@2027-03-01", ".4"],
    "withdraw": ["withdraw", "war@2027-03-01"],
    "resolve": ["resolve", "strike", "no", "--source", "Reuters"],
    "take back": ["resolve", "war@2026-12-01", "open", "--source", "a slip"],
    "observe": ["observe", "troops", "4", "--on", "2026-11-15", "--by", "US"],
    "new": ["new", "truce"],
    "new indicator": ["new", "polls", "--indicator", "level"],
    "update": ["update", "war"],
    "seal": ["seal"],
    "backtest": ["update", "strike", "--as-of", "2026-11-03"],
}

# After these the bytes are there, only not confirmed: the command may find its work done.
CONFIRMING = {"sync", "close", "release", "sync_directory"}


@pytest.fixture
def prepared(tmp_path: Path, run: Run) -> Path:
    """A book with something in every file."""
    root = tmp_path / "prepared"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    run("predict", "war@2027-03-01", ".3", "--book", root)
    run("resolve", "war@2026-12-01", "yes", "--source", "a rumour", "--book", root)
    return root


@pytest.fixture
def broken(run: Run) -> Callable[..., tuple[Ran, list[str]]]:
    """Run a command on a disk whose call number `fail` fails; return it and the calls made."""

    def call(fail: int, error: int | None, taken: int, *command: object) -> tuple[Ran, list[str]]:
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(fail, error, taken).planted(patch)
            return run(*command), faults.made

    return call


def contents(root: Path) -> dict[str, bytes]:
    paths = (p for p in root.rglob("*") if p.is_file() and "locks" not in p.parts)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in paths}


def keeps(before: dict[str, bytes], left: dict[str, bytes], after: dict[str, bytes]) -> None:
    """Every file is what it was, or what it was to be; records only grew."""
    assert before.keys() <= left.keys()
    for name, data in left.items():
        assert not name.endswith(".tmp")
        if name.endswith(".jsonl") and name.startswith("record/"):
            assert data.startswith(before.get(name, b""))
        elif ".forecast/cache" not in name and not name.endswith(".tsq"):  # a nonce differs
            assert data in (before.get(name), after.get(name)), name


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
def test_every_write_of_a_command_may_fail(name, prepared, tmp_path, run, broken) -> None:
    before = contents(prepared)
    shutil.copytree(prepared, tmp_path / "whole")
    done, made = broken(0, None, 0, *COMMANDS[name], "--book", tmp_path / "whole")
    assert done.code == 0, done.err
    after = contents(tmp_path / "whole")
    for number, call in enumerate(made, 1):
        for error, taken in faults(call):
            root = tmp_path / f"{number}-{error}-{taken}"
            shutil.copytree(prepared, root)
            failed, _ = broken(number, error, taken, *COMMANDS[name], "--book", root)
            assert failed.code == Exit.ENVIRONMENT, (call, failed)
            assert failed.out == ""
            assert "Traceback" not in failed.err and "\n  " in failed.err
            keeps(before, contents(root), after)
            whole = run("verify", "--book", root)
            assert whole.code == 0 or "[answer-unrecorded]" in whole.out, whole
            again = run(*COMMANDS[name], "--book", root)
            assert again.code == 0 or call in CONFIRMING, (call, again)
            assert again.code != 0 or run("verify", "--book", root).code == 0
            shutil.rmtree(root)


def faults(call: str) -> list[tuple[int | None, int]]:
    if call == "write":
        return [(None, 0), (None, 7), (errno.ENOSPC, 7), (errno.EIO, 0)]
    return [(errno.EIO, 0), (errno.EACCES, 0)]


@pytest.mark.slow
def test_a_book_is_begun_whole_or_not_at_all(tmp_path, broken) -> None:
    _, made = broken(0, None, 0, "init", tmp_path / "whole")
    for number, call in enumerate(made, 1):
        root = tmp_path / f"{number}"
        done, _ = broken(number, errno.ENOSPC, 5, "init", root)
        assert done.code == Exit.ENVIRONMENT, call
        assert "no book was begun" in done.err
        assert not root.exists() or list(root.iterdir()) == []
    assert broken(0, None, 0, "init", root)[0].code == 0
