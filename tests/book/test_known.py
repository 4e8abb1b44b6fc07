"""A large book is read as it is, whatever is kept of it from before."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from forecast.book import known, load, questions
from forecast.book.load import Book
from forecast.verbs.init import example_book

RAIN = """\
question: Will it rain?
opens: 2022-01-17
deadline: 2022-03-01
resolution_criteria: As told, in UTC; annulled if it is not.
"""


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bundled book and a question that earns advice, counted as large and long unchanged."""
    monkeypatch.setattr(load, "LARGE", 1)
    monkeypatch.setattr(known, "FRESH", -(10**18))
    book = tmp_path / "book"
    shutil.copytree(example_book(), book, ignore=shutil.ignore_patterns(".forecast"))
    (book / "rain.yaml").write_text(RAIN, encoding="utf-8")
    return book


def read(root: Path, program: str = "1") -> Book:
    return load.load(root, lambda: program)


def parsed(root: Path, monkeypatch: pytest.MonkeyPatch, program: str = "1") -> list[str]:
    """Read the book and return the ids of the question files that were parsed for it."""
    found: list[str] = []
    original = questions.read_question

    def counted(data: bytes, path: str, id: str, zone: str | None = None):
        found.append(id)
        return original(data, path, id, zone)

    with monkeypatch.context() as patch:
        patch.setattr(questions, "read_question", counted)
        assert read(root, program) == load.load(root)
    return sorted(found[: len(found) - len(load.load(root).questions)])


def test_what_did_not_change_is_not_parsed_again(root, monkeypatch):
    assert len(parsed(root, monkeypatch)) == 11
    assert parsed(root, monkeypatch) == []
    assert [p.code for p in read(root).problems if p.path.endswith("rain.yaml")] == [
        "criteria-source"
    ]


def test_what_changed_is_parsed_even_if_size_and_time_are_the_same(root, monkeypatch):
    read(root)
    path = root / "rain.yaml"
    times = path.stat()
    path.write_text(RAIN.replace("Will it rain?", "Will it snow?"), encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert parsed(root, monkeypatch) == ["rain"]
    assert read(root).questions["rain"].title == "Will it snow?"


def test_another_program_or_zone_reads_anew(root, monkeypatch):
    read(root)
    assert len(parsed(root, monkeypatch, program="2")) == 11
    book = root / "book.yaml"
    book.write_text(book.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert parsed(root, monkeypatch, program="2") == []
    text = book.read_text(encoding="utf-8").replace("timezone: UTC", "timezone: Europe/Kyiv")
    book.write_text(text, encoding="utf-8")
    assert len(parsed(root, monkeypatch, program="2")) == 11


@pytest.mark.parametrize(
    "harm", [lambda d: d[:-9], lambda d: d.replace(b"rain", b"snow"), lambda d: b""]
)
def test_what_was_damaged_is_read_anew(root, monkeypatch, harm):
    read(root)
    kept = root / ".forecast" / "book.json"
    kept.write_bytes(harm(kept.read_bytes()))
    assert len(parsed(root, monkeypatch)) == 11
    assert parsed(root, monkeypatch) == []


def test_a_problem_between_files_has_its_place_in_a_file_not_parsed(root):
    read(root)
    (root / "indicators" / "troops.yaml").unlink()
    (root / "indicators" / "troops.csv").unlink()
    assert read(root) == load.load(root)
    missing = [p for p in read(root).problems if p.code == "indicator-missing"]
    assert missing and all(p.line > 1 for p in missing)


def test_a_file_that_needs_mending_is_named_every_time(root, monkeypatch):
    (root / "rain.yaml").write_text(RAIN.replace("2022-03-01", "2022-02-30"), encoding="utf-8")
    for _ in range(2):
        assert read(root) == load.load(root)
    assert [p.code for p in read(root).problems if not p.advice] == ["date-impossible"]


def test_what_may_change_unseen_or_is_small_is_not_kept(root, monkeypatch):
    monkeypatch.setattr(known, "FRESH", 10**18)
    read(root)
    assert len(parsed(root, monkeypatch)) == 11
    monkeypatch.setattr(load, "LARGE", 100)
    monkeypatch.setattr(known, "FRESH", -(10**18))
    read(root)
    assert not (root / ".forecast" / "book.json").exists()


def test_the_book_may_move(root, monkeypatch):
    read(root)
    moved = root.with_name("moved")
    root.rename(moved)
    found = read(moved)
    assert found.questions["rain"].path == f"{moved.as_posix()}/rain.yaml"
    assert all(problem.path.startswith(moved.as_posix()) for problem in found.problems)
