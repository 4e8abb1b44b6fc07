"""The record as columns: what scoring needs of every line, for as many lines as there are.

A line as an `Entry` costs some forty microseconds and a kilobyte; a million of them wait a minute.
Here a line is one place in each of a few arrays, whoever read it: line by line (this file), or many
files at once (`database`). Both read the same, flaws included: a file in which anything at all is
the matter is always read line by line, and `notice` is told of each flaw.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from forecast.canonical import canonical
from forecast.domain import Forecast, Kind
from forecast.errors import Problem
from forecast.record.history import Strands
from forecast.record.lines import Entry
from forecast.record.rows import rows

KINDS = tuple(Kind)
"""What the numbers of `Lines.kind` mean."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

type Column = npt.NDArray[Any]
type Notice = Callable[[Problem], None]


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """n whole lines, in the order of their files and within a file in that of its lines.

    Each column has shape (n,). `file` is an index of the files read; `strand` numbers the runs of
    lines of one file that each follow the one before (two branches that were merged leave several);
    `kind` is an index of `KINDS`; `rung` is the rung's day as an ordinal, 0 for a whole question;
    `forecaster` is a name; `made_at` counts microseconds since 1970. `value` is a probability, NaN
    where there is none; a distribution stands in `shares`, as JSON, else there is empty text.
    """

    file: Column
    strand: Column
    kind: Column
    rung: Column
    forecaster: Column
    made_at: Column
    value: Column
    shares: Column

    def __len__(self) -> int:
        return self.file.size

    def take(self, chosen: Column) -> Lines:
        """Return the lines at some places."""
        return Lines(*(getattr(self, each.name)[chosen] for each in fields(Lines)))


_TYPES = {
    "file": np.int32,
    "strand": np.int32,
    "kind": np.int8,
    "rung": np.int32,
    "forecaster": np.object_,
    "made_at": np.int64,
    "value": np.float64,
    "shares": np.object_,
}


def columns(**cells: Any) -> Lines:
    """Return lines from their columns by name; TypeError if these are not the columns of lines."""
    return Lines(**{name: np.asarray(cells[name], _TYPES[name]) for name in cells})


def joined(parts: Sequence[Lines]) -> Lines:
    """Return the lines of several in the order of their files; no file is in two of them."""
    if not parts:
        return columns(**dict.fromkeys(_TYPES, ()))
    found = Lines(
        *(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(Lines))
    )
    if (np.diff(found.file) >= 0).all():
        return found
    return found.take(np.argsort(found.file, kind="stable"))


def read(files: Iterable[tuple[int, Path]], notice: Notice) -> Lines:
    """Return the lines of numbered files, read one by one; OSError where one cannot be read."""
    found = [cells for number, path in files for cells in _of_file(number, path, notice)]
    if not found:
        return joined([])
    return columns(**dict(zip(_TYPES, zip(*found, strict=True), strict=True)))


def _of_file(number: int, path: Path, notice: Notice) -> Iterator[tuple[object, ...]]:
    strands, seen = Strands(), set[str]()  # merging two branches twice may leave a line twice
    for row in rows(path.read_bytes(), path):
        if row.problem:
            notice(row.problem)
        if row.entry and row.entry.hash not in seen:
            seen.add(row.entry.hash)
            yield number, strands.number(row.entry.prev, row.entry.hash), *_cells(row.entry)


def _cells(entry: Entry) -> tuple[object, ...]:
    said = entry.forecast
    rung = said.target.rung
    return (
        KINDS.index(said.kind),
        rung.toordinal() if rung else 0,
        said.forecaster,
        _microseconds(said.made_at),
        said.value if isinstance(said.value, float) else np.nan,
        _shares(said),
    )


def _microseconds(instant: datetime) -> int:
    since = instant - _EPOCH
    return (since.days * 86400 + since.seconds) * 10**6 + since.microseconds


def _shares(said: Forecast) -> str:
    if said.value is None or isinstance(said.value, float):
        return ""
    return canonical(dict(said.value)).decode()
