"""Files made to hurt, each with exactly what is said about it: where, what, and the remedy.

What is merely wrong stands in the gallery of errors; here is what somebody means to do, or what a
spreadsheet, an editor or another alphabet does unasked.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from forecast.book import questions, readings
from forecast.book.load import load
from forecast.domain import AsOf, IndicatorKind, Question
from forecast.domain.times import known_instant
from forecast.errors import BookError, Problem
from forecast.verbs.workspace import Workspace
from tests.book.conftest import BOOK

RAIN = """\
question: Will it rain?
opens: 2022-01-17
deadline: 2022-03-01
resolution_criteria: As the weather office reports; annulled if it closes. Days in UTC.
"""
ORDERED = "type: ordered\n"
NINES = "9" * 5000


def question(added: str | bytes, base: str = RAIN) -> tuple[Question | None, list[Problem]]:
    more = added if isinstance(added, bytes) else added.encode("utf-8", "surrogatepass")
    found, _, problems = questions.read_question(base.encode() + more, "rain.yaml", "rain", "UTC")
    return found, problems


def table(data: str | bytes) -> tuple[int, list[Problem]]:
    raw = data if isinstance(data, bytes) else data.encode()
    found, problems = readings.read(raw, "x.csv", IndicatorKind.LEVEL, "Europe/Kyiv")
    return len(found), problems


def places(problems: list[Problem]) -> list[tuple[int, int, str]]:
    return [(p.line, p.column, p.code) for p in problems]


BOMB = "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("added", "line", "column", "code", "remedy"),
    [
        # what YAML can do
        ("a: &a [x, x]\n" + BOMB, 5, 4, "yaml-anchor", "write values out"),
        ("tags: [*a]\n", 5, 8, "yaml-alias", "write the value out"),
        ("<<: {tags: [a]}\n", 5, 1, "yaml-merge-key", "write the keys out"),
        ("background: !!python/object/apply:os.system [x]\n", 5, 13, "yaml-tag", "plain text"),
        ("background: !<%1b[31m> x\n", 5, 13, "yaml-tag", "plain text"),
        ("background: !!binary aGk=\n", 5, 13, "yaml-tag", "plain text"),
        ("opens: 2022-01-18\n", 5, 1, "yaml-duplicate-key", "keep one"),
        ('"opens": 2022-01-18\n', 5, 1, "yaml-duplicate-key", "keep one"),
        ("background: " + "[" * 3000 + "\n", 5, 44, "yaml-too-deep", "needs six"),
        ("background: " + "{a: " * 3000 + "\n", 5, 137, "yaml-too-deep", "needs six"),
        ("---\nquestion: x\n", 5, 1, "yaml-documents", "one question"),
        ("? [a, b]\n: c\n", 5, 3, "yaml-key", "key: value"),
        (f"background: {'x' * (1 << 20)}\n", 1, 1, "yaml-too-large", "CSV"),
        # characters
        ("background: a\x00b\n", 5, 14, "text-control", "delete"),
        ('background: "a\\0b"\n', 5, 13, "text-control", "delete"),
        ("background: a\x1b[31mb\n", 5, 14, "text-control", "delete"),
        ("background: a\x9b31mb\n", 5, 14, "text-control", "delete"),
        ("background: a\x85b\n", 5, 14, "text-control", "delete"),
        ("background: a\u2028b\n", 5, 14, "text-control", "delete"),
        ("background: a\ufeffb\n", 5, 14, "text-bom", "without a byte-order mark"),
        ("background: a\ud800b\n", 5, 14, "text-encoding", "UTF-8"),
        ('background: "\\ud800"\n', 5, 16, "yaml-syntax", "rewrite"),
        (b"background: caf\xe9\n", 5, 16, "text-encoding", "UTF-8"),
        # numbers
        (f"reference_class: {{events: {NINES}}}\n", 5, 27, "number-format", "fewer digits"),
        ("reference_class: {events: 1e400}\n", 5, 27, "number-not-finite", "larger unit"),
        ("reference_class: {events: .nan}\n", 5, 27, "number-format", "write digits"),
        ("reference_class: {events: -.inf}\n", 5, 27, "number-format", "write digits"),
        ("reference_class: {events: 0x10}\n", 5, 27, "number-format", "write digits"),
        ("reference_class: {events: 1:30}\n", 5, 27, "number-format", "write digits"),
        ("reference_class: {events: ٣}\n", 5, 27, "number-format", "write digits"),
        # days and times
        ("clock: 2021-02-29\n", 5, 8, "date-impossible", "calendar"),
        ("clock: 1900-02-29\n", 5, 8, "date-impossible", "calendar"),
        ("clock: 9999-12-31\n", 5, 8, "date-range", "1500 to 2999"),
        ("clock: 2021-W01-1\n", 5, 8, "date-format", "YYYY-MM-DD"),
        ("clock: ٢٠٢١-٠١-٠١\n", 5, 8, "date-format", "YYYY-MM-DD"),
        ("resolution: {known_at: 2022-02-24T24:00Z}\n", 5, 24, "time-impossible", "00:00"),
        ("resolution: {known_at: 2022-02-24 23:59:60Z}\n", 5, 24, "time-impossible", "23:59"),
        ("resolution: {known_at: 2022-02-24T12:00+25:00}\n", 5, 24, "time-impossible", "+23:59"),
        ("resolution: {known_at: 2022-03-27T03:30}\n", 5, 24, "time-without-offset", "+02:00"),
        ("timezone: ../../etc/localtime\n", 5, 11, "timezone-unknown", "Europe/Kyiv"),
        ("timezone: localtime\n", 5, 11, "timezone-unknown", "Europe/Kyiv"),
        # names that lead elsewhere
        ("formerly: ../../up\n", 5, 11, "id-pattern", "without .yaml"),
        ("model: {family: os.system}\n", 5, 17, "family-unknown", "hazard"),
        (
            "model: {family: hazard, indicators: [{use: ../up, hazard_ratio: 2}]}\n",
            5, 44, "id-pattern", "write up",
        ),
        (
            "model: {family: competing_risks, none: x, causes: {a: {question: /etc/passwd}}}\n",
            5, 66, "id-pattern", "write etc-passwd",
        ),
        # twins
        (ORDERED + "options: [Yes, YES]\n", 6, 16, "option-twice", "remove one"),
        (ORDERED + 'options: ["caf\\xe9", "cafe\\u0301"]\n', 6, 22, "option-twice", "remove one"),
        (ORDERED + "options: [A, Ａ]\n", 6, 14, "option-twice", "remove one"),
        ('models: {"\\xe9": {}, "e\\u0301": {}}\n', 5, 22, "yaml-duplicate-key", "keep one"),
    ],
)  # fmt: skip
def test_a_question_made_to_hurt(
    added: str | bytes, line: int, column: int, code: str, remedy: str
) -> None:
    found, problems = question(added)
    assert found is None
    first = next(p for p in problems if p.code == code)
    assert (first.line, first.column) == (line, column)
    assert remedy in first.hint


@pytest.mark.parametrize(
    "added",
    [
        "clock: 2020-02-29\n",
        "clock: 2000-02-29\n",
        "background: NO\ntags: [no, off, 'null', '=']\n",
        "background: \u202eturned\n",
        "resolution: {answer: no, known_at: 2022-03-27T03:30+02:00, source: s}\n",
    ],
)
def test_what_only_looks_strange_is_read(added: str) -> None:
    found, problems = question(added)
    assert found is not None
    assert all(problem.advice for problem in problems)


def test_line_ends_of_windows_and_of_old_are_read_alike() -> None:
    for end in ("\r\n", "\r"):
        found, problems = question(b"", RAIN.replace("\n", end))
        assert not problems
        assert found == question(b"")[0]


def test_text_is_composed() -> None:
    """An option typed on one system is the option another system spelled in two characters."""
    found, _ = question(ORDERED + 'options: ["cafe\\u0301", tea]\n')
    assert found is not None
    assert found.options == ("caf\u00e9", "tea")


@pytest.mark.parametrize(
    ("hour", "utc"),
    [
        ("2022-03-27T02:30+02:00", "2022-03-27T00:30"),  # before the gap, in Kyiv
        ("2022-03-27T03:30+02:00", "2022-03-27T01:30"),  # within it: no such wall time, one instant
        ("2022-03-27T04:30+03:00", "2022-03-27T01:30"),
        ("2022-10-30T03:30+03:00", "2022-10-30T00:30"),  # the fold: one wall time, two instants
        ("2022-10-30T03:30+02:00", "2022-10-30T01:30"),
    ],
)
def test_an_hour_with_its_offset_is_one_instant(hour: str, utc: str) -> None:
    found, problems = question(
        f"timezone: Europe/Kyiv\nresolution: {{answer: no, known_at: {hour}, source: s}}\n"
    )
    assert not problems
    assert found is not None
    instant = known_instant(found.resolutions[0].known_at, "Europe/Kyiv")
    assert instant.isoformat() == f"{utc}:00+00:00"


@pytest.mark.parametrize(
    ("day", "hours"), [("2022-03-27", 23), ("2022-10-30", 25), ("2022-02-28", 24)]
)
def test_a_day_is_as_long_as_it_is_there(day: str, hours: int) -> None:
    from datetime import date, timedelta

    whole = AsOf.at(date.fromisoformat(day), "Europe/Kyiv")
    before = AsOf.at(date.fromisoformat(day) - timedelta(days=1), "Europe/Kyiv")
    assert whole.instant - before.instant == timedelta(hours=hours)


HEAD = "observed_on,value,note\n"


@pytest.mark.parametrize(
    ("data", "line", "column", "code", "remedy"),
    [
        ("", 1, 1, "csv-empty", "names the columns"),
        ("\n \n", 1, 1, "csv-empty", "names the columns"),
        ("observed_on;value\n", 1, 1, "csv-column-unknown", "commas"),
        ("2022-01-01,1\n", 1, 1, "csv-column-unknown", "observed_on"),
        ("observed_on,value,value\n", 1, 19, "csv-column-twice", "keep one"),
        ("observed_on,value\r2022-01-01,1\r", 1, 18, "csv-quote", "delete it"),
        (HEAD + '2022-01-01,1,"a\nb"\n', 2, 14, "csv-quote", "same line"),
        (HEAD + '2022-01-01,1,"a" b\n', 2, 14, "csv-quote", "double every quote"),
        (HEAD + "2022-01-01,1\n", 2, 12, "csv-cells", "double quotes"),
        (HEAD + "2022-01-01,1,a,b\n", 2, 16, "csv-cells", "double quotes"),
        (HEAD + f"2022-01-01,{NINES},\n", 2, 12, "number-format", "fewer digits"),
        (HEAD + "2022-01-01,nan,\n", 2, 12, "number-format", "write digits"),
        (HEAD + "2022-01-01,1e400,\n", 2, 12, "number-not-finite", "larger unit"),
        (HEAD + "2022-01-01,²,\n", 2, 12, "number-format", "write digits"),
        (HEAD + "2021-02-29,1,\n", 2, 1, "date-impossible", "calendar"),
        (HEAD + f"2022-01-01,1,{'x' * 100_000}\n", 2, 100_001, "csv-line-too-long", "shorten"),
        (HEAD + "2022-01-01,1,a\x00\n", 2, 15, "text-control", "delete"),
        (HEAD + "2022-01-01,1,a\x1b[2J\n", 2, 15, "text-control", "delete"),
        (HEAD + "\ufeff2022-01-01,1,a\n", 2, 1, "text-bom", "without"),
        (b"\xef\xbb\xbf" + HEAD.encode() + b"2022-01-01,1,\xe9\n", 2, 14, "text-encoding", "UTF-8"),
        (HEAD.encode("utf-16"), 1, 1, "text-encoding", "UTF-8"),
        ("observed_on,value\n" + "2022-01-01,1\n" * 200_001, 200_002, 1, "csv-too-many-rows",
         "split"),
        ("a," * 200 + "a\n1\n", 1, 401, "csv-too-many-columns", "keep those"),
        (b"x" * (32 << 20) + b"x", 1, 1, "csv-too-large", "split"),
    ],
)  # fmt: skip
def test_a_table_made_to_hurt(
    data: str | bytes, line: int, column: int, code: str, remedy: str
) -> None:
    _, problems = table(data)
    assert places(problems)[0] == (line, column, code)
    assert remedy in problems[0].hint


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + HEAD.encode() + b"2022-01-01,1,a\n",
        HEAD.replace("\n", "\r\n") + "2022-01-01,1,a\r\n",
        HEAD + '2022-01-01,1,"a, ""b"""\n',
        HEAD + "2022-01-01,1,=HYPERLINK(1)\n",
        HEAD + "\n2022-01-01 , 1 ,\u202ea\n\n",
    ],
)
def test_what_a_spreadsheet_writes_is_read(data: str | bytes) -> None:
    assert table(data) == (1, [])


def test_sources_that_look_the_same_are_the_same() -> None:
    data = "observed_on,value,by\n2022-01-01,1,caf\u00e9\n2022-01-02,1,cafe\u0301\n"
    found, _ = readings.read(data.encode(), "x.csv", IndicatorKind.LEVEL)
    assert len({each.by for each in found}) == 1


# The folder


def book(root: Path, *names: str) -> Path:
    root.mkdir()
    (root / "book.yaml").write_text(BOOK, encoding="utf-8")
    for name in names:
        (root / name).write_text(RAIN, encoding="utf-8")
    return root


def test_a_cause_that_is_like_no_option_is_told_the_options(tmp_path: Path) -> None:
    root = book(tmp_path / "book", "rain.yaml")
    model = "model: {family: competing_risks, none: b, causes: {zzz: {question: rain}}}\n"
    text = RAIN + "type: multiple_choice\noptions: [a, b]\n" + model
    (root / "first.yaml").write_text(text, encoding="utf-8")
    found = {p.code: p for p in load(root).problems}["cause-unknown"]
    assert (found.line, found.column, found.hint) == (7, 57, "name one of a, b")


@pytest.mark.skipif(sys.platform == "win32", reason="some of these names cannot exist there")
@pytest.mark.parametrize(
    ("name", "code", "remedy"),
    [
        ("Rain.yaml", "id-twin", "keep one"),
        ("ｒain.yaml", "id-twin", "keep one"),
        ("régn.yaml", "id-pattern", "regn.yaml"),
        ("re\u0301gn.yaml", "id-pattern", "regn.yaml"),
        ("nul.yaml", "id-reserved", "another"),
        ("x..yaml", "id-pattern", "rename it to x.yaml"),
        ("$(reboot).yaml", "id-pattern", "reboot.yaml"),
        ("a\x1b[31m.yaml", "id-pattern", "a-31m.yaml"),
        (f"{'x' * 65}.yaml", "id-pattern", "rename"),
    ],
)
def test_a_file_name_made_to_hurt(tmp_path: Path, name: str, code: str, remedy: str) -> None:
    root = book(tmp_path / "book", "rain.yaml")
    (root / name).write_text(RAIN, encoding="utf-8")
    made = load(root)
    (problem,) = (p for p in made.problems if not p.advice)
    assert (problem.line, problem.column, problem.code) == (1, 1, code)
    assert remedy in problem.hint
    assert "\x1b" not in str(problem)
    assert list(made.questions) == ["rain"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("where", ["rain.yaml", "indicators/troops.yaml", "indicators"])
def test_a_link_out_of_the_book_is_not_followed(tmp_path: Path, where: str) -> None:
    outside = tmp_path / "outside"
    (outside / "indicators").mkdir(parents=True)
    (outside / "indicators" / "troops.yaml").write_text("title: T\nkind: level\n")
    (outside / "rain.yaml").write_text(RAIN)
    root = book(tmp_path / "book")
    link = root / where
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(outside / where)
    made = load(root)
    assert [p.code for p in made.problems] == ["symlink-outside"]
    assert not made.questions
    assert not made.indicators


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
@pytest.mark.parametrize("where", [".forecast", ".forecast/cache", ".forecast/book.json"])
def test_nothing_is_written_through_a_link_out_of_the_book(tmp_path: Path, where: str) -> None:
    """A book from elsewhere may bring its own `.forecast`, ignored by git or not."""
    outside = tmp_path / "outside"
    outside.mkdir()
    root = book(tmp_path / "book", "rain.yaml")
    (root / where).parent.mkdir(exist_ok=True)
    (root / where).symlink_to(outside)
    with pytest.raises(BookError, match="is a link, and may lead out of the book"):
        Workspace.open(root)
    assert list(outside.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes there")
@pytest.mark.parametrize("where", ["rain.yaml", "indicators/troops.csv"])
def test_a_pipe_or_a_folder_is_no_file(tmp_path: Path, where: str) -> None:
    root = book(tmp_path / "book")
    (root / "indicators").mkdir()
    (root / "indicators" / "troops.yaml").write_text("title: T\nkind: level\n")
    os.mkfifo(root / where)
    (root / "snow.yaml").mkdir()
    found = [(Path(p.path).name, p.code) for p in load(root).problems]
    assert {name for name, _ in found} == {Path(where).name, "snow.yaml"}
    assert {code for _, code in found} == {"file-unreadable"}
