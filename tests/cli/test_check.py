"""What check finds that no file holds alone: records without their question, answers that clash."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import WAR, Run


@pytest.fixture
def said(run: Run, book: Path) -> Path:
    """The book of two questions, of one of which something was said twice."""
    for chance in (".2", ".3"):
        assert run("predict", "war@2027-03-01", chance).code == 0
    return book


def test_a_record_without_its_question_is_named_once(run: Run, said: Path) -> None:
    (said / "war.yaml").unlink()
    done = run("check")
    assert done.code == 1
    assert done.out.count("record-orphaned") == 1
    assert "war/ann.jsonl:1:1: the record holds forecasts of 'war', which is no question" in (
        done.out.replace("\n", "")
    )
    assert "restore war.yaml, or add `formerly: [war]`" in done.out


def test_a_question_that_was_renamed_and_says_so_has_its_record(run: Run, said: Path) -> None:
    (said / "war.yaml").rename(said / "conflict.yaml")
    assert "record-orphaned" in run("check").out
    (said / "conflict.yaml").write_text(f"{WAR}formerly: [war]\n", encoding="utf-8")
    assert run("check").code == 0
    assert ".30" in run("show", "conflict").out


def test_a_question_whose_file_is_broken_is_not_missing(run: Run, said: Path) -> None:
    (said / "war.yaml").write_text(WAR.replace("2026-11-01", "2026-11-31"), encoding="utf-8")
    done = run("check")
    assert done.code == 1
    assert "date-impossible" in done.out
    assert "record-orphaned" not in done.out


def test_rungs_answered_against_each_other_by_hand_are_named(run: Run, book: Path) -> None:
    answers = "resolution:\n" + "".join(
        f"  - {{rung: {rung}, answer: {answer}, known_at: 2026-11-19, source: Reuters}}\n"
        for rung, answer in (("2026-12-01", "yes"), ("2027-03-01", "no"))
    )
    (book / "war.yaml").write_text(WAR + answers, encoding="utf-8")
    done = run("check")
    assert done.code == 1
    assert "answered no although the event came by an earlier one" in " ".join(done.out.split())


def test_one_file_alone_may_be_asked_about(run: Run, book: Path) -> None:
    for name in ("war", "strike"):
        path = book / f"{name}.yaml"
        path.write_text(path.read_text("utf-8").replace("opens: 2026", "opens: 20266"), "utf-8")
    done = run("check", book / "war.yaml")
    assert done.code == 1
    assert "war.yaml" in done.out
    assert "strike.yaml" not in done.out
    missing = run("check", book / "peace.yaml")
    assert missing.code == 2
    assert "there is no file" in missing.err
