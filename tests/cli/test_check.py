"""What check finds that no file holds alone: records without their question, answers that clash."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import STRIKE, WAR, Run


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
    assert "answered no although the event came by an earlier one; take the wrong one out" in (
        " ".join(done.out.split())
    )
    answered(book, "war", answers.rpartition("  - ")[0])
    follow(run, book)
    assert run("check").out == ""


@pytest.mark.parametrize(
    ("rows", "remedy"),
    [
        ("", "write down what was seen in each case"),
        ("2020,no,2020-03-01,,\n", "write down what was seen in each case"),
        ("2020,no,2020-03-01,,4\n", "there are values in wind"),
    ],
    ids=["no cases", "no values", "values elsewhere"],
)
def test_a_column_without_values_is_not_said_to_be_missing(
    run: Run, book: Path, rows: str, remedy: str
) -> None:
    model = "model: {family: cases, cases: past, exposure: 60 days, values: {rain: 3}}\n"
    (book / "war.yaml").write_text(WAR.partition("model:")[0] + model, encoding="utf-8")
    (book / "past.csv").write_text(f"case,outcome,known_on,rain,wind\n{rows}", encoding="utf-8")
    said = run("check").out
    assert f"no past case in past.csv has a value in a column 'rain'; {remedy}" in said


ANSWERS = [
    ("strike", "answer: no\n  known_at: 2026-11-12\n  source: Reuters"),
    ("strike", "answer: no\n  known_at: 2026-11-12T12:00+02:00\n  source: Reuters, 'late'"),
    ("strike", "answer: no\n  known_at: 2026-11-12 12:00:00+02:00\n  source: R\n  note: it's $5"),
    ("strike", "answer: no\n  known_at: 2026-11-12\n  source: R\n  note: |\n    two\n    lines"),
    ("war", "happened_on: 2026-11-15\n  answer: yes\n  known_at: 2026-11-15\n  source: Reuters"),
    ("war", "rung: 2026-12-01\n  answer: no\n  known_at: 2026-11-15\n  source: a treaty"),
    (
        "strike",
        "- {answer: no, known_at: 2026-11-12, source: R}\n"
        "  - {answer: yes, known_at: 2026-11-13, source: R}\n"
        "  - {answer: no, known_at: 2026-11-14, source: R}",
    ),
]


def answered(book: Path, name: str, text: str) -> None:
    """Write answers into a question's file by hand, in place of those it has."""
    path = book / f"{name}.yaml"
    asked = path.read_text("utf-8").partition("\nresolution:")[0].rstrip("\n")
    path.write_text(f"{asked}\n\n{text}\n", encoding="utf-8")


def follow(run: Run, book: Path) -> None:
    """Do what check says of a book's answers: write what it says into the file, then run it."""
    if put_back := re.search(r"(\w+)\.yaml:.*write `(resolution: .*)`: the last", run("check").out):
        answered(book, put_back[1], put_back[2])
    for command in re.findall(r"record it: `forecast (.*)` \[", run("check").out):
        script = f"printf '%s\\0' {command}"
        words = subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout
        done = run(*words.decode("utf-8").split("\0")[:-1])
        assert done.code == 0, done.err


@pytest.mark.parametrize(("name", "text"), ANSWERS)
def test_an_answer_written_by_hand_is_recorded_as_check_says(
    run: Run, book: Path, name: str, text: str
) -> None:
    answered(book, name, f"resolution:\n  {text}")
    before = (book / f"{name}.yaml").read_bytes()
    assert "[answer-unrecorded]" in run("check").out
    follow(run, book)
    assert run("check").out == ""
    assert (book / f"{name}.yaml").read_bytes() == before


@pytest.mark.parametrize(
    "text",
    [
        "resolution:\n  answer: yes\n  known_at: 2026-11-12\n  source: Reuters",
        "resolution: [{answer: no, known_at: 2026-11-12, source: AP, note: 'so, it is'}]",
        "",
    ],
    ids=["another", "sourced otherwise", "gone"],
)
def test_an_answer_changed_by_hand_is_mended_as_check_says(run: Run, book: Path, text: str) -> None:
    said = ("--source", "Reuters: a wire", "--note", "two\nlines")
    run("resolve", "strike", "no", "--known", "2026-11-12", *said)
    answered(book, "strike", text)
    assert "[answer-changed]" in run("check").out
    follow(run, book)
    assert run("check").out == ""
    assert run("resolve", "strike", "open", "--source", "a slip").code == 0
    assert run("check").out == ""


def test_an_answer_below_zero_is_an_answer(run: Run, book: Path) -> None:
    text = STRIKE.partition("reference_class:")[0] + "type: numeric\nunit: degrees\n"
    (book / "frost.yaml").write_text(text, encoding="utf-8")
    answered(book, "frost", "resolution: {answer: -5, known_at: 2026-11-12, source: R}")
    follow(run, book)
    assert run("check").out == ""


def test_a_known_that_is_no_instant_is_refused_with_its_remedy(run: Run, book: Path) -> None:
    done = run("resolve", "strike", "no", "--known", "2026-11-12T12:00", "--source", "R")
    assert done.code == 2
    assert "write 2026-11-12T12:00Z or an offset" in " ".join(done.err.split())


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
