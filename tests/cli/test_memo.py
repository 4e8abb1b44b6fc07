"""Asking again of what has not changed: the same answer, and nothing computed for it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import forecast
from forecast.book.load import load
from forecast.canonical import canonical
from forecast.domain import Question
from forecast.verbs import memo, update
from forecast.verbs.plain import from_plain, to_plain
from tests.cli.conftest import NOW, Run

ROOT = Path(__file__).parents[2]
REPLAY = ("update", "--as-of", "2026-11-05")
LATER = NOW + timedelta(hours=1)

PROBE = """
import sys
from forecast.cli.main import run
code = run(sys.argv[1:])
slow = {"pymc", "numpy", "scipy", "pandas", "pydantic", "pydantic_core", "yaml"} & set(sys.modules)
sys.exit(f"imported {sorted(slow)}" if slow else code)
"""


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Say of each update from now on whether its memo told it."""
    found: list[bool] = []
    original = memo.Memo.recall

    def recall(self: memo.Memo) -> object:
        known = original(self)
        found.append(known is not None)
        return known

    monkeypatch.setattr(memo.Memo, "recall", recall)
    return found


def edit(path: Path, old: str, new: str) -> None:
    path.write_text(path.read_text("utf-8").replace(old, new), encoding="utf-8")


def test_a_replay_again_is_told_and_says_that_nothing_changed(
    run: Run, book: Path, looked: list[bool]
) -> None:
    first, again, third = (run(*REPLAY, now=NOW + timedelta(days=d)) for d in range(3))
    assert looked == [False, True, True]
    assert again.out.endswith(first.out[-33:])
    assert "Nothing changed" in again.out
    assert third == again


def test_what_is_told_is_what_would_be_computed(run: Run, book: Path, looked: list[bool]) -> None:
    run(*REPLAY)
    told = [run(*REPLAY, *form) for form in ((), ("--json",), ("--csv",), ("--dry-run",))]
    shutil.rmtree(book / ".forecast" / "cache")
    computed = [run(*REPLAY, *form) for form in (("--dry-run",), ("--csv",), ("--json",), ())]
    assert looked == [False, *[True] * 4, False, False, True, True]
    assert told == computed[::-1]


def test_a_live_update_is_told_until_the_day_is_over(
    run: Run, book: Path, looked: list[bool]
) -> None:
    for now in (NOW, NOW, LATER, NOW + timedelta(days=1), NOW):
        run("update", now=now)
    # The first adds to the record; the last looks back to before what was kept.
    assert looked == [False, False, True, False, False]


def test_a_reading_known_from_a_time_of_day_on_ends_what_is_told(
    run: Run, book: Path, looked: list[bool]
) -> None:
    folder = book / "indicators"
    folder.mkdir()
    (folder / "polls.yaml").write_text("title: x\nkind: level\nunit: x\n", encoding="utf-8")
    csv = "observed_on,known_on,value\n2026-11-20,2026-11-20T13:00:00Z,3\n"
    (folder / "polls.csv").write_text(csv, encoding="utf-8")
    for minutes in (0, 1, 59, 60):
        run("update", now=NOW + timedelta(minutes=minutes))
    assert looked == [False, False, True, False]


@pytest.mark.parametrize(
    "changed",
    [
        lambda book: edit(book / "war.yaml", "events: 6", "events: 7"),
        lambda book: edit(book / "book.yaml", "title: Test", "title: Other"),
        lambda book: (book / "strike.yaml").unlink(),
        lambda book: shutil.rmtree(book / ".forecast" / "backtests"),
        lambda book: shutil.rmtree(book / ".forecast" / "cache"),
        lambda book: [
            p.write_bytes(b"{}") for p in (book / ".forecast" / "cache").rglob("*.sqlite")
        ],
    ],
    ids=["question", "book", "gone", "backtests", "lost", "damaged"],
)
def test_nothing_is_told_once_anything_changed(
    run: Run, book: Path, looked: list[bool], changed: object
) -> None:
    run(*REPLAY)
    changed(book)  # type: ignore[operator]
    assert run(*REPLAY).code == 0
    assert looked == [False, False]


def test_nothing_is_told_by_another_program(
    run: Run, book: Path, looked: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(*REPLAY)
    monkeypatch.setattr(memo, "program", lambda: "another")
    run(*REPLAY)
    run("update", "war", "--as-of", "2026-11-05")
    assert looked == [False, False, False]


def test_files_left_out_are_named_each_time(run: Run, book: Path, looked: list[bool]) -> None:
    (book / "bad.yaml").write_text("question: Will it?\nopens: 2026-02-30\n", encoding="utf-8")
    first, again = run(*REPLAY), run(*REPLAY)
    assert looked == [False, True]
    assert first.code == again.code == 1
    assert first.err == again.err
    assert "bad.yaml:2:8: " in again.err


def test_a_change_while_it_is_fitted_is_not_forgotten(
    run: Run, book: Path, looked: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = update.outlooks

    def interrupted(*arguments: object, **options: object) -> object:
        made = original(*arguments, **options)  # type: ignore[arg-type]
        edit(book / "war.yaml", "events: 6", "events: 7")
        return made

    monkeypatch.setattr(update, "outlooks", interrupted)
    run(*REPLAY)
    run(*REPLAY)
    assert looked == [False, False]


def test_a_book_read_before_keeps_to_what_it_read(run: Run, book: Path, looked: list[bool]) -> None:
    opened = forecast.open(book, now=datetime(2026, 11, 20, 12, tzinfo=UTC))
    before = opened.update(as_of="2026-11-05").frame()
    edit(book / "war.yaml", "events: 6", "events: 30")
    after = opened.update(as_of="2026-11-05").frame()
    assert after["now"].tolist() == before["now"].tolist()
    run(*REPLAY)
    assert looked == [False, False, False]


def test_every_question_of_the_bundled_book_is_told_as_it_is() -> None:
    for question in load(ROOT / "questions").questions.values():
        said = json.loads(canonical(to_plain(question.heading())))
        assert from_plain(Question, said) == question.heading()


@pytest.mark.parametrize(("kind", "said"), [(float, 10**400), (date, "1 March"), (int, None)])
def test_what_is_no_such_value_is_refused_as_such(kind: type, said: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        from_plain(kind, said)


@pytest.mark.usefixtures("book")
def test_nothing_slow_is_imported_to_tell_it() -> None:
    first = [sys.executable, "-m", "forecast", *REPLAY]
    assert subprocess.run(first, capture_output=True, check=False).returncode == 0
    for form in ((), ("--json",)):
        command = [sys.executable, "-c", PROBE, *REPLAY, *form]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
