"""A CSV of past cases, one a line: `<name>.csv` beside the questions, read where a model names it.

Fixed columns are those of `COLUMNS`; every other column is an indicator or a feature. Its cell is a
number, or for events the days on which they happened, separated by blanks.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from forecast.book import scalars
from forecast.book.scalars import Refusal
from forecast.book.sheet import CellError, Sheet, text_of
from forecast.domain.cases import PastCase, Seen
from forecast.domain.times import local_day
from forecast.errors import Problem
from forecast.families.scalars import shown
from forecast.text import composed, did_you_mean, is_id

COLUMNS = ("case", "outcome", "begins", "ends", "known_on", "group", "source", "note")
_OUTCOMES = {"yes": True, "1": True, "no": False, "0": False}
_DAYS = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(\s+\S+)*", re.ASCII)


def read(data: bytes, path: str, zone: str = "UTC") -> tuple[tuple[PastCase, ...], list[Problem]]:
    """Return the cases of a CSV in file order, and every problem in it.

    `data` is UTF-8; `zone` places a `known_on` that is an instant.
    """
    text = text_of(data, path)
    if isinstance(text, Problem):
        return (), [text]
    return _Reader(text, path, zone).read()


class _Reader(Sheet):
    """Reads one file into cases."""

    def __init__(self, text: str, path: str, zone: str) -> None:
        super().__init__(text, path)
        self.zone = zone

    def read(self) -> tuple[tuple[PastCase, ...], list[Problem]]:
        rows = self.rows()
        header = next(rows, None)
        if header is None:
            hint = "the first line names the columns: case,outcome,known_on,source,…"
            empty = Problem(self.path, 1, 1, "csv-empty", "the file is empty", hint)
            return (), self.problems or [empty]
        self._header(header[0], header[1])
        cases: list[PastCase] = []
        if self.problems:
            return (), self.problems
        for line, cells in rows:
            try:
                cases.append(self._case(line, cells))
            except CellError as error:
                self.complain(line, error.cell, error.refusal)
                if self.full:
                    break
        return tuple(cases), self.problems

    def _header(self, line: int, cells: list[str]) -> None:
        self.name_columns(line, cells)
        features = [name for name in self.columns if is_id(name)]
        self.know_columns(line, dict.fromkeys((*COLUMNS, *features)))
        self.need_column(line, "case", "name each case, so that it can be told from others")
        self.need_column(line, "outcome", "write yes where the event came, no where it did not")

    def _case(self, line: int, cells: list[str]) -> PastCase:
        row: dict[str, Any] = {"row": line, "seen": {}}
        for name, text in self.named(cells):
            try:
                if name in COLUMNS:
                    row[_FIELDS.get(name, name)] = _READ[name](text)
                else:
                    row["seen"][name] = _seen(text)
            except Refusal as refusal:
                raise CellError(name, refusal) from None
        self._check(row)
        return PastCase(**row)

    def _check(self, row: dict[str, Any]) -> None:
        for column, field, remedy in (
            ("case", "name", "name it, so that it can be told from others"),
            ("outcome", "outcome", "write yes or no"),
        ):
            if field not in row:
                refusal = Refusal("case-incomplete", f"a case without {field}", remedy)
                raise CellError(column, refusal)
        begins, ends = row.get("begins"), row.get("ends")
        if (begins is None) != (ends is None) or (begins and begins >= ends):
            message = "an episode begins on one day and ends on a later one"
            where = "begins" if begins is None else "ends"
            raise CellError(where, Refusal("case-span", message, "write both days, in this order"))
        row.setdefault("known_on", ends)
        if row["known_on"] is None:
            message = f"nothing says when the outcome of {shown(row['name'])} was known"
            hint = "add known_on, so that no replay looks ahead"
            raise CellError("known_on", Refusal("case-undated", message, hint))
        if ends and local_day(row["known_on"], self.zone) < ends:
            message = f"how it ended on {ends} was not known before that day"
            raise CellError("known_on", Refusal("case-known-early", message, "check both dates"))


def _outcome(text: str) -> bool:
    if text not in _OUTCOMES:
        hint = did_you_mean(text.lower(), _OUTCOMES) or "write yes or no"
        raise Refusal("case-outcome", f"{shown(text)} is no outcome", hint)
    return _OUTCOMES[text]


def _seen(text: str) -> Seen:
    if _DAYS.fullmatch(text):
        return tuple((scalars.day(each), 1.0) for each in text.split())
    return scalars.number(text)


_FIELDS = {"case": "name"}
_READ: dict[str, Callable[[str], Any]] = {
    "case": composed,
    "outcome": _outcome,
    "begins": scalars.day,
    "ends": scalars.day,
    "known_on": scalars.known,
    "group": composed,
    "source": composed,
    "note": composed,
}
