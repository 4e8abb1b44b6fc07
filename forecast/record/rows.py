"""A record file as rows: whole entries, writes that were cut short, and damage.

A write that was cut leaves a last line without newline. It is never removed: the next append ends
it with the mark `#torn` and goes on below, so that it stays visible and can be told from damage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from forecast.errors import Problem
from forecast.record.lines import Entry, LineError, decode

_TORN = b"#torn"
_CONFLICT = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")


class Flaw(StrEnum):
    """What is the matter with a line; the first three lose nothing."""

    TORN = "record-torn"
    UNENDED = "record-unended"
    CRLF = "record-crlf"
    DAMAGED = "record-damaged"


_HINTS = {
    Flaw.TORN: "nothing that was acknowledged ends like this; appending goes on below it",
    Flaw.UNENDED: "nothing is missing; the next append ends it",
    Flaw.CRLF: "put `*.jsonl -text merge=union` into .gitattributes and check the file out again; "
    "committed so, or without git: turn its line ends back to LF, which restores every byte",
    Flaw.DAMAGED: "restore the file from a commit or backup; do not mend the line by hand",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a record file: its entry where it is whole, its flaw where it has one."""

    path: Path
    number: int
    entry: Entry | None
    flaw: Flaw | None = None
    reason: str = ""

    @property
    def problem(self) -> Problem | None:
        """The flaw as a problem; advice where no acknowledged line can be lost by it."""
        if self.flaw is None:
            return None
        advice = self.flaw in {Flaw.TORN, Flaw.UNENDED}
        hint = _HINTS[self.flaw]
        return Problem(str(self.path), self.number, 1, self.flaw, self.reason, hint, advice)


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a record file: how many lines, the last whole entry, and what stands after it.

    `glue` must come before the next line so that it starts on a line of its own.
    """

    lines: int
    entry: Entry | None
    glue: bytes
    flaws: tuple[Problem, ...]


def rows(data: bytes, path: Path) -> Iterator[Row]:
    """Yield every line of a record file's bytes as a row, in order."""
    *ended, last = data.split(b"\n")
    for number, raw in enumerate(ended, 1):
        yield _ended(raw, path, number)
    if last:
        yield _unended(last, path, len(ended) + 1)


def tail(data: bytes, path: Path) -> Tail:
    """Return where a record file ends; only what follows its last whole entry is looked at."""
    *ended, last = data.split(b"\n")
    seen = [_unended(last, path, len(ended) + 1)] if last else []
    glue = _glue(seen[0]) if seen else b""
    number = len(ended)
    while number and not (seen and seen[-1].entry):
        seen.append(_ended(ended[number - 1], path, number))
        number -= 1
    flaws = tuple(row.problem for row in reversed(seen) if row.problem)
    return Tail(len(ended) + bool(last), seen[-1].entry if seen else None, glue, flaws)


def _glue(row: Row) -> bytes:
    return _TORN + b"\n" if row.flaw is Flaw.TORN else b"\n"


def _ended(raw: bytes, path: Path, number: int) -> Row:
    line = raw.removesuffix(b"\r")
    if line.endswith(_TORN):
        return _set_aside(line.removesuffix(_TORN), path, number)
    try:
        entry = decode(line, path, number)
    except LineError as error:
        reason = "a git conflict marker" if line.startswith(_CONFLICT) else str(error)
        return Row(path, number, None, Flaw.DAMAGED, reason)
    if line != raw:
        return Row(path, number, entry, Flaw.CRLF, "line ends were turned into CR LF")
    return Row(path, number, entry)


def _set_aside(raw: bytes, path: Path, number: int) -> Row:
    """What was set aside was cut; appending never puts the mark to a line that is whole."""
    if _unended(raw, path, number).flaw is Flaw.TORN:
        return Row(path, number, None, Flaw.TORN, "a write was cut short here and set aside")
    return Row(path, number, None, Flaw.DAMAGED, "a whole line was marked as one cut short")


def _unended(raw: bytes, path: Path, number: int) -> Row:
    """A last line without newline is whole, or was cut; a whole one with more bytes is damage."""
    if entry := _whole(raw, path, number):
        return Row(path, number, entry, Flaw.UNENDED, "the last line does not end with a newline")
    if _whole(raw[:-1], path, number):
        return Row(path, number, None, Flaw.DAMAGED, "the newline of the last line was changed")
    return Row(path, number, None, Flaw.TORN, "a write was cut short here")


def _whole(raw: bytes, path: Path, number: int) -> Entry | None:
    try:
        return decode(raw, path, number)
    except LineError:
        return None
