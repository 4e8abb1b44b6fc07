"""An indicator's CSV into observations, every bad cell named by line and column.

A row is read with nothing but dictionary look-ups.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from forecast.book import scalars
from forecast.book.scalars import Refusal
from forecast.book.sheet import CellError, Sheet, text_of
from forecast.domain.indicators import IndicatorKind, Observation
from forecast.domain.times import local_day
from forecast.errors import Problem
from forecast.text import composed

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


def read(data: bytes, path: str, kind: IndicatorKind, zone: str = "UTC") -> tuple[
    tuple[Observation, ...], list[Problem]
]:  # fmt: skip
    """Return the observations of a CSV in file order, and every problem in it.

    `data` is UTF-8, with or without a byte-order mark, lines ended by LF or CRLF. `zone` places a
    dated `known_on` when a correction is compared with the row it corrects.
    """
    text = text_of(data, path)
    if isinstance(text, Problem):
        return (), [text]
    return _Reader(text, path, kind, zone).read()


class _Reader(Sheet):
    """Reads one file into observations."""

    def __init__(self, text: str, path: str, kind: IndicatorKind, zone: str) -> None:
        super().__init__(text, path)
        self.kind, self.zone = kind, zone

    def read(self) -> tuple[tuple[Observation, ...], list[Problem]]:
        observations: list[Observation] = []
        rows = self.rows()
        header = next(rows, None)
        if header is None:
            hint = "the first line names the columns: observed_on,value,source"
            empty = Problem(self.path, 1, 1, "csv-empty", "the file is empty", hint)
            return (), self.problems or [empty]
        self._header(header[0], header[1])
        if self.problems:
            return (), self.problems
        for line, cells in rows:
            try:
                observations.append(self._observation(line, cells))
            except CellError as error:
                self.complain(line, error.cell, error.refusal)
                if self.full:
                    break
        self._corrections(observations)
        return tuple(observations), self.problems

    def _header(self, line: int, cells: list[str]) -> None:
        self.name_columns(line, cells)
        self.know_columns(line, COLUMNS)
        self.need_column(line, "observed_on", "the day each reading is about must be given")

    def _observation(self, line: int, cells: list[str]) -> Observation:
        row: dict[str, Any] = {}
        for name, text in self.named(cells):
            try:
                row[name] = _READ[name](text)
            except Refusal as refusal:
                raise CellError(name, refusal) from None
        return self._checked(row, line)

    def _checked(self, row: dict[str, Any], line: int) -> Observation:
        if "observed_on" not in row:
            refusal = Refusal("reading-undated", "no day of observation", "write YYYY-MM-DD")
            raise CellError("observed_on", refusal)
        row.setdefault("known_on", row["observed_on"])
        if (known := local_day(row["known_on"], self.zone)) < row["observed_on"]:
            message = f"known on {known}, before it was observed"
            hint = "a reading is known on the day it is about, or later"
            raise CellError("known_on", Refusal("known-before-observed", message, hint))
        self._check_value(row)
        self._check_days(row)
        return Observation(**row, row=line)

    def _check_value(self, row: dict[str, Any]) -> None:
        ends = [name for name in ("low", "high") if name in row]
        if not ends and "value" not in row:
            if self.kind is not IndicatorKind.EVENT:
                message, hint = "no reading", "write a value, or low and high (80% interval)"
                raise CellError("value", Refusal("reading-missing", message, hint))
            row["value"] = 1.0
        if ends and "value" in row:
            message, hint = "both a value and an interval", "keep one of them"
            raise CellError("value", Refusal("reading-twice", message, hint))
        if len(ends) == 1:
            other = "high" if ends == ["low"] else "low"
            message = f"{ends[0]} without {other}"
            raise CellError(other, Refusal("reading-half", message, f"add {other}"))
        if ends and row["low"] > row["high"]:
            message = f"low {row['low']:g} is above high {row['high']:g}"
            raise CellError("low", Refusal("interval-reversed", message, "swap them"))
        if self.kind is IndicatorKind.COUNT and row.get("value", row.get("low", 0)) < 0:
            where = "value" if "value" in row else "low"
            raise CellError(where, Refusal("count-negative", "a count below 0", "write 0 or more"))

    def _check_days(self, row: dict[str, Any]) -> None:
        if "days" not in row:
            return
        if self.kind is not IndicatorKind.COUNT:
            hint = "leave the cell empty, or make the indicator `kind: count`"
            refusal = Refusal("days-needless", f"days, but this is a {self.kind}", hint)
            raise CellError("days", refusal)
        if not 1 <= row["days"] <= 3660:
            refusal = Refusal(
                "days-out-of-range", f"a period of {row['days']} days", "write 1 to 3660"
            )
            raise CellError("days", refusal)

    def _corrections(self, observations: list[Observation]) -> None:
        """Check that every correction names another row, which was known no later."""
        rows = {each.row: each for each in observations}
        broken = {problem.line for problem in self.problems}
        corrected: set[int] = set()
        for each in observations:
            if each.corrects is None or each.corrects in broken:
                continue
            if refusal := self._correction(each, rows.get(each.corrects), corrected):
                self.complain(each.row, "corrects", refusal)
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
