"""Links and pipes that a book from elsewhere brings along in place of its working files."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from forecast.errors import BookError
from forecast.record.columns import joined
from forecast.record.database import Database
from forecast.record.kept import Kept
from forecast.verbs import fitting
from forecast.verbs.fitting import Fit, Request
from tests.cli.conftest import Run
from tests.golden.screens import stand_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")

PREDICT = ("predict", "war@2027-03-01", ".4")
RESOLVE = ("resolve", "strike", "no", "--source", "Reuters")
UPDATE = ("update", "war")
BACKTEST = ("update", "strike", "--as-of", "2026-11-03")

FILES = [
    ("book.json", PREDICT),
    ("locks/war.ann.holder", PREDICT),
    ("locks/war.ann.lock", PREDICT),
    ("locks/edit.holder", RESOLVE),
    ("locks/update.holder", UPDATE),
    ("cache/results.sqlite", UPDATE),
    ("cache/results.sqlite-journal", UPDATE),
    ("log/refused.jsonl", UPDATE),
]


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every posterior is refused, so that an update writes of that too."""

    def refuse(requests: Sequence[Request], *_: object) -> list[Fit]:
        gates = {"verdict": "refuse", "reasons": ["k-hat is .9"]}
        return [fitting.refused(request, gates) for request in requests]

    monkeypatch.setattr(fitting, "_compute", refuse)


def planted(book: Path, where: str) -> Path:
    """Return a place in the working folder, with the folders above it."""
    place = book / ".forecast" / where
    place.parent.mkdir(parents=True, exist_ok=True)
    return place


@pytest.mark.usefixtures("refusing")
@pytest.mark.parametrize(("where", "command"), FILES)
def test_no_file_is_written_through_a_link(
    run: Run, book: Path, tmp_path: Path, where: str, command: Sequence[str]
) -> None:
    treasure = tmp_path / "treasure"
    treasure.touch()  # to SQLite an empty database
    planted(book, where).symlink_to(treasure)
    done = run(*command)
    assert done.code == 1
    assert f"{Path(where).name} is a link" in done.err.replace("\n", "")
    assert "remove it" in done.err
    assert treasure.read_bytes() == b""


@pytest.mark.usefixtures("refusing")
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes there")
@pytest.mark.parametrize(("where", "command"), FILES)
def test_no_command_waits_for_a_pipe(
    run: Run, book: Path, where: str, command: Sequence[str]
) -> None:
    os.mkfifo(planted(book, where))
    done = run(*command)
    assert done.code == 1
    assert f"{Path(where).name} is no ordinary file" in done.err.replace("\n", "")


@pytest.fixture
def unit(run: Run, book: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a backtest."""
    monkeypatch.setattr(fitting, "_compute", stand_in)
    assert run(*BACKTEST).code == 0
    (path,) = (book / ".forecast" / "backtests").glob("*/*.jsonl")
    return path


def test_a_backtest_leaves_the_book_by_no_folder(run: Run, unit: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    unit.parent.rename(outside)
    unit.parent.symlink_to(outside)
    (outside / unit.name).unlink()
    done = run(*BACKTEST)
    assert done.code == 1
    assert f"backtests/{unit.parent.name} is a link" in done.err.replace("\n", "")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("kind", ["pipe", "endless"])
def test_no_backtest_is_read_without_end(run: Run, unit: Path, kind: str) -> None:
    unit.unlink()
    if kind == "pipe":
        os.mkfifo(unit)
    else:
        unit.symlink_to("/dev/zero")
    done = run("score")
    assert done.code == 1
    assert f"{unit.name} is" in done.err.replace("\n", "")


def test_kept_columns_are_neither_read_nor_written_through_a_link(tmp_path: Path) -> None:
    folder, outside = tmp_path / ".forecast" / "record", tmp_path / "outside"
    outside.mkdir()
    folder.mkdir(parents=True)
    (folder / "war.key.0.parquet").symlink_to("/dev/zero")
    kept = Kept(folder, Database())
    with pytest.raises(BookError, match="is a link"):
        kept.find("war", "key")
    (folder / "war.key.0.parquet").unlink()
    folder.rmdir()
    folder.symlink_to(outside)
    with pytest.raises(BookError, match="is a link"):
        kept.store("war", "key", joined([]))
    assert list(outside.iterdir()) == []


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    """A pipe into which nobody ever writes."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("command", [("verify", "--roots"), ("seal", "--token"), ("trust",)])
def test_no_command_waits_for_a_pipe_it_is_given(
    run: Run, book: Path, pipe: Path, command: Sequence[str]
) -> None:
    run(*PREDICT)
    run("seal")
    done = run(*command, pipe)
    assert done.code == 2
    assert str(pipe) in done.err.replace("\n", "")


@pytest.mark.parametrize("command", [("verify", "--roots"), ("seal", "--token"), ("trust",)])
def test_nothing_is_read_without_end(run: Run, book: Path, command: Sequence[str]) -> None:
    done = run(*command, "/dev/zero")
    assert done.code == 2
    assert "/dev/zero" in done.err


def test_a_token_that_is_a_folder_is_wrong_use(run: Run, book: Path, tmp_path: Path) -> None:
    done = run("seal", "--token", tmp_path)
    assert done.code == 2
    assert f"{tmp_path}: this is no ordinary file" in done.err.replace("\n", "")
