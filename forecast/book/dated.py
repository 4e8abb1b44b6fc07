"""Others' dated forecasts in a CSV into values, every bad cell named by line and column.

One forecast a row: `date` (a day, or an instant with its offset), `target` (an id, or id@deadline),
`probability`; and, as far as known, who said it, the wording they were asked, a source and a note.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forecast.book import scalars
from forecast.book.scalars import Refusal
from forecast.book.sheet import CellError, Sheet, text_of
from forecast.domain.times import Known
from forecast.errors import Problem
from forecast.families.scalars import shown
from forecast.text import composed

COLUMNS = ("date", "target", "probability", "forecaster", "question", "source", "note")
NEEDED = {
    "date": "when each forecast was made must be given",
    "target": "write the id of its question, or id@deadline",
    "probability": "write a number from 0 to 1",
}


@dataclass(frozen=True, slots=True)
class Dated:
    """One forecast as it was found on `line`; `about` is what else the row says."""

    line: int
    said: Known
    target: str
    probability: float
    about: dict[str, str]


def _chance(text: str) -> float:
    chance = scalars.number(text)
    if not 0 <= chance <= 1:
        raise Refusal("probability-range", f"{shown(text)} is not from 0 to 1", "write .3 for 30%")
    return chance


_READ: dict[str, Callable[[str], Any]] = {
    "date": scalars.known,
    "target": str,
    "probability": _chance,
    **dict.fromkeys(COLUMNS[3:], composed),
}


class DatedSheet(Sheet):
    """Reads one file; `problems` are all that it found, and what its user complained of."""

    @classmethod
    def of(cls, data: bytes, path: str) -> DatedSheet:
        """Return the sheet of a file's bytes; a file that has no text is one with that problem."""
        text = text_of(data, path)
        if isinstance(text, str):
            return cls(text, path)
        empty = cls("", path)
        empty.problems.append(text)
        return empty

    def forecasts(self) -> list[Dated]:
        """Return the forecasts of all rows that are right."""
        rows = self.rows()
        header = next(rows, None)
        if header is None:
            hint = f"the first line names the columns: {','.join(NEEDED)}"
            empty = Problem(self.path, 1, 1, "csv-empty", "the file is empty", hint)
            self.problems = self.problems or [empty]
            return []
        self._header(*header)
        return [] if self.problems else [d for row in rows if (d := self._row(*row)) is not None]

    def _header(self, line: int, cells: list[str]) -> None:
        self.name_columns(line, cells)
        self.know_columns(line, COLUMNS)
        for name, why in NEEDED.items():
            self.need_column(line, name, why)

    def _row(self, line: int, cells: list[str]) -> Dated | None:
        try:
            row = {name: self._cell(name, text) for name, text in self.named(cells)}
            for name, why in NEEDED.items():
                if name not in row:
                    raise CellError(name, Refusal("value-empty", f"there is no {name}", why))
        except CellError as error:
            if not self.full:
                self.complain(line, error.cell, error.refusal)
            return None
        said, target, chance = (row.pop(name) for name in NEEDED)
        return Dated(line, said, target, chance, about=row)

    def _cell(self, name: str, text: str) -> Any:
        try:
            return _READ[name](text)
        except Refusal as refusal:
            raise CellError(name, refusal) from None
