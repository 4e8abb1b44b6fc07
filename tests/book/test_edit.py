"""Splicing changes what it should and not a byte more, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from forecast.book import edit
from forecast.book.edit import add_resolution, append_observation
from forecast.book.questions import read_question
from forecast.domain import Observation, Resolution
from forecast.errors import BookError, EnvironmentFailure

HEAD = """\
# A comment to keep.
question: Will it rain?   # another
opens: 2022-01-17
deadlines: [2022-02-01, 2022-03-01]
resolution_criteria: |
  As the weather office reports.

  Annulled if it closes.
"""
ANSWER = Resolution(
    "yes", date(2022, 2, 25), 'The office: "rain"', happened_on=date(2022, 2, 24), note="a\nb é"
)
ADDED = """\
answer: yes
happened_on: 2022-02-24
known_at: 2022-02-25
source: "The office: \\"rain\\""
note: "a\\nb é"
"""


def indented(lead: str, rest: str) -> str:
    first, *others = ADDED.splitlines(keepends=True)
    return lead + first + "".join(rest + line for line in others)


def resolved(tmp_path: Path, text: str) -> str:
    path = tmp_path / "rain.yaml"
    path.write_bytes(text.encode())
    add_resolution(path, ANSWER)
    return path.read_bytes().decode()


def test_a_first_resolution_goes_to_the_end(tmp_path: Path) -> None:
    assert resolved(tmp_path, HEAD) == HEAD + "\nresolution:\n" + indented("  ", "  ")


def test_a_missing_last_newline_is_added(tmp_path: Path) -> None:
    text = HEAD + "tags: [sky]"
    assert resolved(tmp_path, text) == text + "\n\nresolution:\n" + indented("  ", "  ")


def test_line_ends_stay_as_they_were(tmp_path: Path) -> None:
    text = HEAD.replace("\n", "\r\n")
    found = resolved(tmp_path, text)
    assert found.startswith(text)
    assert found.count("\n") == found.count("\r\n")


FIRST = """\
  answer: no   # for now
  rung: 2022-02-01
  known_at: 2022-02-02
  # why
  source: |
    The

    office
"""


def test_a_single_resolution_becomes_a_list(tmp_path: Path) -> None:
    tail = "\n# The end.\ntags: [sky]\n"
    found = resolved(tmp_path, HEAD + "resolution:\n" + FIRST + tail)
    moved = "".join(f"  {line}" if line.strip() else line for line in FIRST.splitlines(True))
    item = "  - " + moved.removeprefix("    ")
    assert item + indented("  - ", "    ") in found.replace(
        "\n\n  - answer: yes", "\n  - answer: yes"
    )
    assert found.startswith(HEAD)
    assert found.endswith("# The end.\ntags: [sky]\n")


@pytest.mark.parametrize(
    "before",
    [
        "resolution:\n- {answer: no, known_at: 2022-02-02, source: s}   # c\n# d\ntags: [a]\n",
        "resolution: {answer: no, known_at: 2022-02-02, source: s}\n",
        "resolution: [{answer: no, known_at: 2022-02-02, source: s}, ]   # c\n",
        "resolution: []\n",
        "resolution:\n  - answer: no\n    known_at: 2022-02-02\n    source: s",
    ],
)
def test_later_resolutions_follow_earlier_ones_in_any_form(tmp_path: Path, before: str) -> None:
    found = resolved(tmp_path, HEAD + before)
    question, _, problems = read_question(found.encode(), "rain.yaml", "rain", "UTC")
    assert question is not None
    assert not [p for p in problems if not p.advice]
    assert question.resolutions[-1] == ANSWER
    for comment in ("# A comment to keep.", "# another", *(["# c"] if "# c" in before else [])):
        assert comment in found


def test_a_broken_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "rain.yaml"
    path.write_text(HEAD + "tags: [", encoding="utf-8")
    before = path.read_bytes()
    with pytest.raises(BookError, match="problems of its own") as caught:
        add_resolution(path, ANSWER)
    assert caught.value.problems[0].code == "yaml-syntax"
    assert path.read_bytes() == before


def test_a_resolution_the_question_cannot_have_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rain.yaml"
    path.write_text(HEAD, encoding="utf-8")
    with pytest.raises(BookError, match="none of the deadlines"):
        add_resolution(path, replace(ANSWER, rung=date(2022, 2, 2)))
    assert path.read_text(encoding="utf-8") == HEAD


def test_a_file_changed_meanwhile_is_not_overwritten(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "rain.yaml"
    path.write_text(HEAD, encoding="utf-8")
    monkeypatch.setattr(edit, "_must_say", lambda *_: path.write_text("mine\n", encoding="utf-8"))
    with pytest.raises(EnvironmentFailure, match="changed by someone else"):
        add_resolution(path, ANSWER)
    assert path.read_text(encoding="utf-8") == "mine\n"
    assert [p.name for p in tmp_path.glob(".rain*")] == []


READING = Observation(
    date(2022, 2, 15), date(2022, 2, 16), 150000.0, by="US, of course", source='said "so"'
)


@pytest.fixture
def troops(tmp_path: Path) -> Path:
    (tmp_path / "troops.yaml").write_text("title: Troops\nkind: level\n", encoding="utf-8")
    return tmp_path / "troops.csv"


def test_a_first_reading_makes_the_file(troops: Path) -> None:
    assert append_observation(troops, READING) == 2
    assert troops.read_text(encoding="utf-8") == (
        "observed_on,known_on,value,low,high,by,source,note\n"
        '2022-02-15,2022-02-16,150000,,,"US, of course","said ""so""",\n'
    )


def test_columns_the_file_lacks_are_added_to_every_row(troops: Path) -> None:
    troops.write_bytes(b"\xef\xbb\xbfobserved_on,value\r\n2022-01-01,3\r\n\r\n2022-01-02,4")
    correction = Observation(
        date(2022, 1, 2), datetime(2022, 1, 5, 9, tzinfo=UTC), low=1.5, high=2.0, corrects=4
    )
    assert append_observation(troops, correction) == 5
    assert troops.read_bytes() == (
        b"\xef\xbb\xbfobserved_on,value,known_on,low,high,corrects\r\n"
        b"2022-01-01,3,,,,\r\n\r\n2022-01-02,4,,,,\r\n"
        b"2022-01-02,,2022-01-05T09:00:00+00:00,1.5,2,4\r\n"
    )


def test_a_note_of_several_lines_becomes_one(troops: Path) -> None:
    append_observation(troops, replace(READING, note="two\nlines"))
    assert "two lines" in troops.read_text(encoding="utf-8")


def test_a_reading_that_cannot_be_is_refused_and_nothing_written(troops: Path) -> None:
    append_observation(troops, READING)
    before = troops.read_bytes()
    with pytest.raises(BookError, match="no other reading on line 9"):
        append_observation(troops, replace(READING, corrects=9))
    with pytest.raises(BookError, match="before it was observed"):
        append_observation(troops, replace(READING, known_on=date(2022, 2, 14)))
    assert troops.read_bytes() == before


def test_a_folder_that_cannot_be_written_leaves_the_file(troops: Path, monkeypatch) -> None:
    append_observation(troops, READING)
    before = troops.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(EnvironmentFailure, match="no space left"):
        append_observation(troops, READING)
    assert troops.read_bytes() == before
    assert sorted(p.name for p in troops.parent.glob(".troops*")) == []
