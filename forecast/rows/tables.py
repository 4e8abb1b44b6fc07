"""Tables of plain cells, and their forms: JSON, CSV and DataFrame."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from forecast.domain import Value
from forecast.text import clean

if TYPE_CHECKING:
    import pandas as pd

type Cell = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Rows:
    """A table: its columns in order, and one dict per row with exactly those keys."""

    columns: tuple[str, ...]
    records: tuple[dict[str, Cell], ...]

    def __post_init__(self) -> None:
        for record in self.records:
            if tuple(record) != self.columns:
                raise ValueError(f"row keys {tuple(record)} are not the columns {self.columns}")


def table(columns: Sequence[str], records: Iterable[Sequence[Cell]]) -> Rows:
    """Return rows from columns and tuples of cells."""
    names = tuple(columns)
    return Rows(names, tuple(dict(zip(names, cells, strict=True)) for cells in records))


def to_json(rows: Rows) -> str:
    """Return rows as a JSON array of objects in ASCII; infinities, which JSON lacks, as text."""
    records = [{k: _json_cell(v) for k, v in record.items()} for record in rows.records]
    return json.dumps(records, indent=1) + "\n"


def to_csv(rows: Rows) -> str:
    """Return rows as CSV, whose text can neither steer a terminal nor run in a spreadsheet."""
    return "".join(_csv_line(c) for c in (rows.columns, *(r.values() for r in rows.records)))


def to_frame(rows: Rows) -> pd.DataFrame:
    """Return rows as a pandas DataFrame, its text safe to show."""
    import pandas as pd

    records = [{k: _shown(v) for k, v in record.items()} for record in rows.records]
    return pd.DataFrame(records, columns=list(rows.columns))


def _shown(cell: Cell) -> Cell:
    return clean(cell, lines=True) if isinstance(cell, str) else cell


def _json_cell(cell: Cell) -> Cell:
    if isinstance(cell, float) and not math.isfinite(cell):
        return None if math.isnan(cell) else str(cell)
    return cell


def _csv_line(cells: Iterable[Cell]) -> str:
    """Return one line; the writer's own ending makes it quote a cell that holds either of both."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([_csv_cell(cell) for cell in cells])
    return out.getvalue().removesuffix("\r\n") + "\n"


# What a spreadsheet begins a formula with, full-width forms among it; tabs and returns are shown.
_FORMULA = ("=", "+", "-", "@", "\n", "＝", "＋", "－", "＠")


def _csv_cell(cell: Cell) -> Cell:
    """Prefix what a spreadsheet reads as a formula (OWASP, CSV injection); numbers untouched."""
    shown = _shown(cell)
    if isinstance(shown, str) and shown.startswith(_FORMULA):
        return "'" + shown
    return _json_cell(shown)


def iso(day: date | datetime | None) -> str | None:
    """Return a day or instant as ISO text."""
    return None if day is None else day.isoformat()


def spread(value: Value | None) -> list[tuple[str, float | None]]:
    """Spread a value over rows: (option or quantile level, number)."""
    if isinstance(value, Mapping):
        return list(value.items())
    return [("", value)]
