"""An indicator's CSV into observations, every bad cell named by line and column.

The fast path reads a row with nothing but dictionary look-ups; positions are worked out only for a
row that has something wrong.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator
from typing import Any

from forecast.book import scalars
from forecast.book.scalars import Refusal
from forecast.book.source import decode
from forecast.domain.indicators import IndicatorKind, Observation
from forecast.domain.times import local_day
from forecast.errors import Problem
from forecast.families.scalars import shown
from forecast.text import composed, did_you_mean

MAX_ROWS = 200_000
MAX_LINE = 100_000
MAX_BYTES = 32 << 20
COLUMNS = (
    "observed_on",
    "known_on",
    "value",
    "low",
    "high",
    "days",
    "by",
    "source",
    "note",
    "corrects",
)
_MOST_PROBLEMS = 100  # a file with more is wrong as a whole

_READ: dict[str, Callable[[str], Any]] = {
    "observed_on": scalars.day,
    "known_on": scalars.known,
    "value": scalars.number,
    "low": scalars.number,
    "high": scalars.number,
    "days": scalars.whole,
    "by": composed,
    "source": composed,
    "note": composed,
    "corrects": scalars.whole,
}


class _CellError(Exception):
    """A refusal and the column (by name, or by number from 0) it belongs to."""

    def __init__(self, cell: str | int, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.cell = cell
        self.refusal = refusal


def read(data: bytes, path: str, kind: IndicatorKind, zone: str = "UTC") -> tuple[
    tuple[Observation, ...], list[Problem]
]:  # fmt: skip
    """Return the observations of a CSV in file order, and every problem in it.

    `data` is UTF-8, with or without a byte-order mark, lines ended by LF or CRLF. `zone` places a
    dated `known_on` when a correction is compared with the row it corrects.
    """
    text = _decode(data, path)
    if isinstance(text, Problem):
        return (), [text]
    return _Reader(text, path, kind, zone).read()


def _decode(data: bytes, path: str) -> str | Problem:
    if len(data) > MAX_BYTES:
        return Problem(path, 1, 1, "csv-too-large", "the file is larger than 32 MiB", "split it")
    return decode(data.removeprefix(codecs.BOM_UTF8), path)


class _Reader:
    """Reads one file; each line of it is one row, so that a row can be named by its line."""

    def __init__(self, text: str, path: str, kind: IndicatorKind, zone: str) -> None:
        self.lines = text.replace("\r\n", "\n").split("\n")
        self.path, self.kind, self.zone = path, kind, zone
        self.columns: list[str] = []
        self.problems: list[Problem] = []

    def read(self) -> tuple[tuple[Observation, ...], list[Problem]]:
        observations: list[Observation] = []
        rows = self._rows()
        header = next(rows, None)
        if header is None:
            hint = "the first line names the columns: observed_on,value,source"
            empty = Problem(self.path, 1, 1, "csv-empty", "the file is empty", hint)
            return (), self.problems or [empty]
        if not self._header(*header):
            return (), self.problems
        for line, cells in rows:
            try:
                observations.append(self._observation(line, cells))
            except _CellError as error:
                self._complain(line, error.cell, error.refusal)
                if len(self.problems) >= _MOST_PROBLEMS:
                    break
        self._corrections(observations)
        return tuple(observations), self.problems

    def _rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield (line, cells) of every line that is not blank; none of a file with too many."""
        full = [n for n, text in enumerate(self.lines, start=1) if text and not text.isspace()]
        if len(full) > MAX_ROWS + 1:
            refusal = Refusal("csv-too-many-rows", f"more than {MAX_ROWS:,} rows", "split it")
            self._complain(full[MAX_ROWS + 1], 0, refusal)
            return
        for line in full:
            cells = self._cells(line, self.lines[line - 1])
            if cells is not None:
                yield line, cells

    def _cells(self, line: int, text: str) -> list[str] | None:
        if len(text) > MAX_LINE:
            refusal = Refusal(
                "csv-line-too-long", f"more than {MAX_LINE:,} characters", "shorten it"
            )
            self._problem(line, MAX_LINE + 1, refusal)
            return None
        if '"' not in text and "\r" not in text:
            return text.split(",")
        try:
            cells = next(csv.reader([text], strict=True))
        except (csv.Error, StopIteration):
            self._bad_quote(line, text)
            return None
        return cells

    def _bad_quote(self, line: int, text: str) -> None:
        if "\r" in text:
            column = text.index("\r") + 1
            refusal = Refusal("csv-quote", "a carriage return stands within a line", "delete it")
        else:
            column = _last_quoted(text)
            hint = "close it on the same line, and double every quote within a quoted cell"
            refusal = Refusal("csv-quote", "this quote does not end where its cell does", hint)
        self._problem(line, column, refusal)

    def _header(self, line: int, cells: list[str]) -> bool:
        self.columns = [cell.strip() for cell in cells]
        before = len(self.problems)
        for number, name in enumerate(self.columns):
            if name not in COLUMNS:
                hint = did_you_mean(name, COLUMNS) or f"known columns: {', '.join(COLUMNS)}"
                hint = "separate columns by commas" if ";" in name or "\t" in name else hint
                message = f"unknown column {shown(name)}"
                self._complain(line, number, Refusal("csv-column-unknown", message, hint))
            elif name in self.columns[:number]:
                message = f"the column {name!r} is named twice"
                self._complain(line, number, Refusal("csv-column-twice", message, "keep one"))
        if "observed_on" not in self.columns:
            message = "there is no column 'observed_on'"
            hint = "the day each reading is about must be given"
            self._complain(line, 0, Refusal("csv-column-missing", message, hint))
        return len(self.problems) == before

    def _observation(self, line: int, cells: list[str]) -> Observation:
        if len(cells) != len(self.columns):
            message = f"{len(cells)} cells under {len(self.columns)} columns"
            hint = "put a cell that contains a comma in double quotes"
            where = min(len(cells), len(self.columns)) - (len(cells) < len(self.columns))
            raise _CellError(where, Refusal("csv-cells", message, hint))
        row: dict[str, Any] = {}
        for name, cell in zip(self.columns, cells, strict=True):
            if text := cell.strip():
                try:
                    row[name] = _READ[name](text)
                except Refusal as refusal:
                    raise _CellError(name, refusal) from None
        return self._checked(row, line)

    def _checked(self, row: dict[str, Any], line: int) -> Observation:
        if "observed_on" not in row:
            refusal = Refusal("reading-undated", "no day of observation", "write YYYY-MM-DD")
            raise _CellError("observed_on", refusal)
        row.setdefault("known_on", row["observed_on"])
        if (known := local_day(row["known_on"], self.zone)) < row["observed_on"]:
            message = f"known on {known}, before it was observed"
            hint = "a reading is known on the day it is about, or later"
            raise _CellError("known_on", Refusal("known-before-observed", message, hint))
        self._check_value(row)
        self._check_days(row)
        return Observation(**row, row=line)

    def _check_value(self, row: dict[str, Any]) -> None:
        ends = [name for name in ("low", "high") if name in row]
        if not ends and "value" not in row:
            if self.kind is not IndicatorKind.EVENT:
                message, hint = "no reading", "write a value, or low and high (80% interval)"
                raise _CellError("value", Refusal("reading-missing", message, hint))
            row["value"] = 1.0
        if ends and "value" in row:
            message, hint = "both a value and an interval", "keep one of them"
            raise _CellError("value", Refusal("reading-twice", message, hint))
        if len(ends) == 1:
            other = "high" if ends == ["low"] else "low"
            message = f"{ends[0]} without {other}"
            raise _CellError(other, Refusal("reading-half", message, f"add {other}"))
        if ends and row["low"] > row["high"]:
            message = f"low {row['low']:g} is above high {row['high']:g}"
            raise _CellError("low", Refusal("interval-reversed", message, "swap them"))
        if self.kind is IndicatorKind.COUNT and row.get("value", row.get("low", 0)) < 0:
            where = "value" if "value" in row else "low"
            raise _CellError(where, Refusal("count-negative", "a count below 0", "write 0 or more"))

    def _check_days(self, row: dict[str, Any]) -> None:
        if "days" not in row:
            return
        if self.kind is not IndicatorKind.COUNT:
            hint = "leave the cell empty, or make the indicator `kind: count`"
            refusal = Refusal("days-needless", f"days, but this is a {self.kind}", hint)
            raise _CellError("days", refusal)
        if not 1 <= row["days"] <= 3660:
            refusal = Refusal(
                "days-out-of-range", f"a period of {row['days']} days", "write 1 to 3660"
            )
            raise _CellError("days", refusal)

    def _corrections(self, observations: list[Observation]) -> None:
        """Check that every correction names another row, which was known no later."""
        rows = {each.row: each for each in observations}
        broken = {problem.line for problem in self.problems}
        corrected: set[int] = set()
        for each in observations:
            if each.corrects is None or each.corrects in broken:
                continue
            if refusal := self._correction(each, rows.get(each.corrects), corrected):
                self._complain(each.row, "corrects", refusal)
            corrected.add(each.corrects)

    def _correction(
        self, new: Observation, old: Observation | None, corrected: set[int]
    ) -> Refusal | None:
        if old is None or old is new:
            hint = "write the line number of the row in this file that it replaces"
            return Refusal("corrects-nothing", f"no other reading on line {new.corrects}", hint)
        if old.row in corrected:
            hint = "correct the correction instead"
            return Refusal("corrects-twice", f"line {old.row} is already corrected", hint)
        before = local_day(old.known_on, self.zone)
        if local_day(new.known_on, self.zone) < before:
            hint = f"line {old.row} was known on {before}"
            return Refusal("corrects-earlier", "a correction known before what it corrects", hint)
        return None

    def _complain(self, line: int, cell: str | int, refusal: Refusal) -> None:
        if isinstance(cell, str):
            cell = self.columns.index(cell) if cell in self.columns else 0
        self._problem(line, _column(self.lines[line - 1], cell), refusal)

    def _problem(self, line: int, column: int, refusal: Refusal) -> None:
        found = Problem(self.path, line, column, refusal.code, refusal.message, refusal.hint)
        self.problems.append(found)


def _column(text: str, cell: int) -> int:
    """Return the column, from 1, at which a cell of a line begins (its quote included).

    >>> _column('2022-01-01,"a, b",3', 2)
    19
    """
    quoted, seen = False, 0
    for index, character in enumerate(text):
        if seen == cell:
            return index + 1
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            seen += 1
    return len(text) + 1


def _last_quoted(text: str) -> int:
    """Return the column of the quote that opens the cell in which quoting goes wrong."""
    cell_start, quoted = 0, False
    for index, character in enumerate(text):
        if character == '"':
            quoted = not quoted
            if not quoted and text[index + 1 : index + 2] not in {",", "", '"'}:
                return cell_start + 1
        elif character == "," and not quoted:
            cell_start = index + 1
    return cell_start + 1
