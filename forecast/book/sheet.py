"""The lines of a CSV file: decoded, split into cells, and every problem placed by line and column.

What the cells mean is for those who read one: an indicator's readings, past cases. Positions are
worked out only for what has something wrong.
"""

from __future__ import annotations

import codecs
import csv
from collections.abc import Collection, Iterator

from forecast.book.scalars import Refusal
from forecast.book.source import decode
from forecast.errors import Problem
from forecast.families.scalars import shown
from forecast.text import did_you_mean

MAX_ROWS = 200_000
MAX_COLUMNS = 200
MAX_LINE = 100_000
MAX_BYTES = 32 << 20
MOST_PROBLEMS = 100  # a file with more is wrong as a whole


class CellError(Exception):
    """A refusal and the column (by name, or by number from 0) it belongs to."""

    def __init__(self, cell: str | int, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.cell = cell
        self.refusal = refusal


def text_of(data: bytes, path: str) -> str | Problem:
    """Return a file's text, UTF-8 with or without a byte-order mark, or why it has none."""
    if len(data) > MAX_BYTES:
        return Problem(path, 1, 1, "csv-too-large", "the file is larger than 32 MiB", "split it")
    return decode(data.removeprefix(codecs.BOM_UTF8), path)


class Sheet:
    """One file; each line of it is one row, so that a row can be named by its line."""

    def __init__(self, text: str, path: str) -> None:
        self.lines = text.replace("\r\n", "\n").split("\n")
        self.path = path
        self.columns: list[str] = []
        self.problems: list[Problem] = []

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield (line, cells) of every line that is not blank; none of a file with too many.

        It ends early where more problems would help nobody.
        """
        full = [n for n, text in enumerate(self.lines, start=1) if text and not text.isspace()]
        if len(full) > MAX_ROWS + 1:
            refusal = Refusal("csv-too-many-rows", f"more than {MAX_ROWS:,} rows", "split it")
            self.complain(full[MAX_ROWS + 1], 0, refusal)
            return
        for line in full:
            if self.full:
                return
            cells = self._cells(line, self.lines[line - 1])
            if cells is None:
                continue
            if line == full[0] and len(cells) > MAX_COLUMNS:
                message, hint = f"more than {MAX_COLUMNS} columns", "keep those that are used"
                self.complain(line, MAX_COLUMNS, Refusal("csv-too-many-columns", message, hint))
                return
            yield line, cells

    def _cells(self, line: int, text: str) -> list[str] | None:
        if len(text) > MAX_LINE:
            refusal = Refusal(
                "csv-line-too-long", f"more than {MAX_LINE:,} characters", "shorten it"
            )
            self.problem(line, MAX_LINE + 1, refusal)
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
        self.problem(line, column, refusal)

    def name_columns(self, line: int, cells: list[str]) -> None:
        """Take the first line as the columns' names, none of them twice."""
        self.columns = [cell.strip() for cell in cells]
        for number, name in enumerate(self.columns):
            if name in self.columns[:number]:
                message = f"the column {name!r} is named twice"
                self.complain(line, number, Refusal("csv-column-twice", message, "keep one"))

    def know_columns(self, line: int, known: Collection[str]) -> None:
        """Complain of every column that has another name than these."""
        for number, name in enumerate(self.columns):
            if name not in known:
                hint = did_you_mean(name, known) or f"known columns: {', '.join(known)}"
                hint = "separate columns by commas" if ";" in name or "\t" in name else hint
                message = f"unknown column {shown(name)}"
                self.complain(line, number, Refusal("csv-column-unknown", message, hint))

    def need_column(self, line: int, name: str, why: str) -> None:
        """Complain if there is no such column."""
        if name not in self.columns:
            message = f"there is no column {name!r}"
            self.complain(line, 0, Refusal("csv-column-missing", message, why))

    def named(self, cells: list[str]) -> Iterator[tuple[str, str]]:
        """Yield column and text of every cell of a row that is not empty; CellError if misfit."""
        if len(cells) != len(self.columns):
            message = f"{len(cells)} cells under {len(self.columns)} columns"
            hint = "put a cell that contains a comma in double quotes"
            where = min(len(cells), len(self.columns)) - (len(cells) < len(self.columns))
            raise CellError(where, Refusal("csv-cells", message, hint))
        for name, cell in zip(self.columns, cells, strict=True):
            if text := cell.strip():
                yield name, text

    @property
    def full(self) -> bool:
        """Whether more problems would help nobody."""
        return len(self.problems) >= MOST_PROBLEMS

    def complain(self, line: int, cell: str | int, refusal: Refusal) -> None:
        """Add a problem at a cell, by its column's name or number."""
        if isinstance(cell, str):
            cell = self.columns.index(cell) if cell in self.columns else 0
        self.problem(line, _column(self.lines[line - 1], cell), refusal)

    def problem(self, line: int, column: int, refusal: Refusal) -> None:
        """Add a problem at a place."""
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
