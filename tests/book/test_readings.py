"""A CSV becomes observations; a bad cell is named by line and column."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from forecast.book.readings import read
from forecast.book.sheet import MAX_ROWS
from forecast.domain import IndicatorKind, Observation
from forecast.errors import Problem

LEVEL, EVENT, COUNT = IndicatorKind.LEVEL, IndicatorKind.EVENT, IndicatorKind.COUNT


def good(text: str, kind: IndicatorKind = LEVEL) -> tuple[Observation, ...]:
    found, problems = read(text.encode(), "x.csv", kind)
    assert not problems
    return found


def only(text: str | bytes, kind: IndicatorKind = LEVEL, zone: str = "UTC") -> Problem:
    data = text.encode() if isinstance(text, str) else text
    _, problems = read(data, "x.csv", kind, zone)
    assert len(problems) == 1
    return problems[0]


def test_columns_may_stand_in_any_order_and_known_on_defaults_to_observed_on() -> None:
    (reading,) = good("note,value,observed_on\n'hm',3.5,2022-01-17\n")
    assert reading == Observation(date(2022, 1, 17), date(2022, 1, 17), 3.5, note="'hm'", row=2)


def test_rows_are_named_by_their_line_with_bom_crlf_and_blank_lines() -> None:
    text = "\ufeffobserved_on,low,high\r\n2022-01-17,1,2\r\n\r\n2022-01-18,3,4\r\n"
    first, second = good(text)
    assert (first.row, second.row) == (2, 4)
    assert (second.low, second.high, second.center) == (3, 4, 3.5)


def test_quoted_cells_may_hold_commas_and_quotes() -> None:
    (reading,) = good('observed_on,value,note\n2022-01-17,1,"a ""b"", c"\n')
    assert reading.note == 'a "b", c'


def test_an_event_without_value_counts_as_one() -> None:
    (reading,) = good("observed_on\n2022-01-17\n", EVENT)
    assert reading.value == 1


def test_a_time_of_knowledge_keeps_its_instant() -> None:
    (reading,) = good("observed_on,known_on,value\n2022-01-17,2022-01-17T21:30+02:00,1\n")
    assert reading.known_on == datetime(2022, 1, 17, 19, 30, tzinfo=UTC)


def test_a_reading_known_late_in_the_evening_elsewhere_is_of_the_day_in_the_books_zone() -> None:
    text = "observed_on,known_on,value\n2022-02-24,2022-02-23T23:00Z,1\n"
    found, problems = read(text.encode(), "x.csv", LEVEL, "Europe/Kyiv")
    assert len(found) == 1
    assert not problems
    assert only(text, zone="UTC").code == "known-before-observed"


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        ("2022-02-30,,1,,,", "date-impossible", 1),
        ("20220228,,1,,,", "date-format", 1),
        ("2022-02-28,2022-02-28T24:00Z,1,,,", "time-impossible", 12),
        ("2022-02-28,2022-02-28T10:00,1,,,", "time-without-offset", 12),
        ("2022-02-28,,20%,,,", "number-percent", 13),
        ('2022-02-28,,"90,000",,,', "number-format", 13),
        ("2022-02-28,,nan,,,", "number-format", 13),
        (f"2022-02-28,,{'9' * 5000},,,", "number-format", 13),
        ("2022-02-28,,,2,1,", "interval-reversed", 14),
        ("2022-02-28,,1,2,3,", "reading-twice", 13),
        ("2022-02-28,,,2,,", "reading-half", 16),
        ("2022-02-28,,,,,", "reading-missing", 13),
        ("2022-02-28,,1,,", "csv-cells", 16),
        ('2022-02-28,,1,,,"a', "csv-quote", 17),
        ('2022-02-28,,1,,,"a"b', "csv-quote", 17),
        ("2022-02-28,,1,,,a\rb", "csv-quote", 18),
    ],
)
def test_each_bad_cell_has_its_place(row: str, code: str, column: int) -> None:
    found = only(f"observed_on,known_on,value,low,high,note\n2022-01-01,,1,,,\n{row}\n")
    assert (found.code, found.line, found.column) == (code, 3, column)
    assert found.hint


def test_a_row_of_too_many_cells_is_named_where_they_begin() -> None:
    found = only("observed_on,value\n2022-02-28,90,000\n")
    assert (found.code, found.line, found.column) == ("csv-cells", 2, 15)


def test_a_quote_may_not_run_across_lines() -> None:
    _, problems = read(b'observed_on,value,note\n2022-01-17,1,"a\nb"\n', "x.csv", LEVEL)
    assert (problems[0].code, problems[0].line, problems[0].column) == ("csv-quote", 2, 14)


def test_semicolons_are_recognised() -> None:
    found, problems = read(b"observed_on;value\n2022-01-17;1\n", "x.csv", LEVEL)
    assert not found
    assert problems[0].hint == "separate columns by commas"


def test_all_bad_rows_are_named_at_once_and_the_good_ones_kept() -> None:
    text = "observed_on,value\n2022-02-30,1\n2022-03-01,2\n2022-03-02,x\n"
    found, problems = read(text.encode(), "x.csv", LEVEL)
    assert [reading.row for reading in found] == [3]
    assert [(p.line, p.code) for p in problems] == [(2, "date-impossible"), (4, "number-format")]


def test_counts_have_periods_and_cannot_be_negative() -> None:
    (reading,) = good("observed_on,value,days\n2022-01-17,12,3\n", COUNT)
    assert reading.days == 3
    assert only("observed_on,value\n2022-01-17,-1\n", COUNT).code == "count-negative"
    assert only("observed_on,value,days\n2022-01-17,1,0\n", COUNT).code == "days-out-of-range"
    assert only("observed_on,value,days\n2022-01-17,1,2\n", LEVEL).code == "days-needless"


def test_a_correction_may_correct_a_correction_but_no_row_twice() -> None:
    chain = "observed_on,value,corrects\n2022-01-17,1,\n2022-01-17,2,2\n2022-01-17,3,3\n"
    assert [reading.corrects for reading in good(chain)] == [None, 2, 3]
    assert only(chain.replace("3,3", "3,2")).code == "corrects-twice"
    assert only("observed_on,value,corrects\n2022-01-17,1,2\n").code == "corrects-nothing"


def test_too_many_rows_are_refused_with_their_place() -> None:
    text = "observed_on,value\n" + "2022-01-17,1\n" * (MAX_ROWS + 1)
    found, problems = read(text.encode(), "x.csv", LEVEL)
    assert found == ()
    assert [(p.code, p.line) for p in problems] == [("csv-too-many-rows", MAX_ROWS + 2)]


def test_a_file_wrong_throughout_is_not_read_to_its_end() -> None:
    _, problems = read(b"observed_on,value\n" + b'2022-01-17,"1\n' * 5_000, "x.csv", LEVEL)
    assert [p.code for p in problems] == ["csv-quote"] * 100


def test_bytes_that_are_no_text_are_named() -> None:
    found = only(b"observed_on,value,by\n2022-01-17,1,M\xfcnchen\n")
    assert (found.code, found.line, found.column) == ("text-encoding", 2, 15)
    found = only(b"observed_on,value,by\n2022-01-17,1,\x00\n")
    assert (found.code, found.line, found.column) == ("text-control", 2, 14)
