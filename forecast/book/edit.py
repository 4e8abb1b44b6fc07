"""Values spliced into a user's files: a resolution into YAML, a reading into CSV.

Everything else stays as it was, to the byte: comments, order, line ends. The result is parsed
again and must say what the file said, and the new value, before it replaces the file in one step.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from forecast.book import questions, readings
from forecast.book.replace import alone, read, replace
from forecast.book.source import Items, Node, Scalar, parse, plain
from forecast.book.source import Mapping as MappingNode
from forecast.domain import IndicatorKind, Observation, Resolution
from forecast.errors import BookError

_KEY = "resolution"
_USUAL_COLUMNS = ("observed_on", "known_on", "value", "low", "high", "by", "source", "note")


# Resolutions


def add_resolution(path: Path, resolution: Resolution, zone: str = "UTC") -> None:
    """Add a resolution to the question file at `path`: after earlier ones, at the end if none.

    `zone` is the time zone of a question that states none.

    Raises BookError if the file has problems of form or cannot take it, EnvironmentFailure if it
    changed meanwhile or cannot be written.
    """
    said = _said(resolution)
    with alone(path):
        old = read(path) or b""
        root, problems = parse(old, str(path))
        if root is None or problems:
            raise BookError(f"{path} has problems of its own", problems, "mend them first")
        new = _spliced(old.decode("utf-8"), root, said).encode("utf-8")
        _must_say(new, plain(root) | {_KEY: _joined(root, said)}, path, zone)
        replace(path, old, new)


def resolutions_text(resolutions: Iterable[Resolution]) -> str:
    """Return what a question file says to be answered so, on one line."""
    return f"{_KEY}: [{', '.join(_flow(_said(each)) for each in resolutions)}]"


def _must_say(new: bytes, expected: dict[str, Any], path: Path, zone: str) -> None:
    """Raise BookError unless the new text says just what is expected, and a question may."""
    root, problems = parse(new, str(path))
    if root is None or problems or plain(root) != expected:
        raise BookError(f"there is no safe place for it in {path}", hint="add it by hand")
    _, _, problems = questions.read_question(new, str(path), path.stem, zone)
    if serious := [problem for problem in problems if not problem.advice]:
        raise BookError(f"{path} would no longer be right: {serious[0].message}", serious)


def _said(resolution: Resolution) -> dict[str, str]:
    """Return the resolution as it is written: what it does not say is left out."""
    fields = ("rung", "answer", "happened_on", "known_at", "source", "note")
    values = {field: getattr(resolution, field) for field in fields}
    return {field: _written(value) for field, value in values.items() if value not in (None, "")}


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _joined(root: MappingNode, said: Mapping[str, str]) -> Any:
    """Return what the file's resolutions will be: the first one alone, more as a list."""
    before = plain(root).get(_KEY)
    if before is None:
        return said
    return [*(before if isinstance(before, list) else [before]), said]


def _spliced(text: str, root: MappingNode, said: Mapping[str, str]) -> str:
    node = root.values.get(_KEY)
    newline = newline_of(text)
    if node is None:
        lead = "" if text.endswith("\n") else newline
        return text + lead + newline + (f"{_KEY}:\n" + _block(said, "  ")).replace("\n", newline)
    if isinstance(node, Items):
        return _appended(text, node, said, newline)
    return _listed(text, node, said, newline)


def newline_of(text: str) -> str:
    """Return how the lines of a text end, judged by the first."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def _block(said: Mapping[str, str], indent: str, dash: str = "") -> str:
    """Return a block mapping, its first line led by `dash`."""
    leads = [indent + dash, *[indent + " " * len(dash)] * (len(said) - 1)]
    pairs = zip(leads, said.items(), strict=True)
    return "".join(f"{lead}{key}: {scalar(value)}\n" for lead, (key, value) in pairs)


def _flow(said: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{key}: {scalar(value)}" for key, value in said.items()) + "}"


_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/@%+()'-]*(:[A-Za-z0-9./_@%+()'-]+)*", re.ASCII)


def scalar(text: str) -> str:
    r"""Return text as a YAML scalar: plain where that is safe, else in double quotes.

    >>> print(scalar("no"), scalar("a: b"), scalar("two\nlines"))
    no "a: b" "two\nlines"
    """
    if _PLAIN.fullmatch(text) and not text.endswith(" ") and text != "null":
        return text
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t"}
    return '"' + "".join(escapes.get(c) or _escaped(c) for c in text) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    if character.isprintable() and code < 0xD800:
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else character


def _appended(text: str, node: Items, said: Mapping[str, str], newline: str) -> str:
    """Return the text with one more item in the list `node`."""
    if node.flow and not node.items:
        place = node.end.index - 1
        return text[:place] + _flow(said) + text[place:]
    place = _content_end(node.items[-1])
    if node.flow:
        return f"{text[:place]}, {_flow(said)}{text[place:]}"
    place = _line_end(text, place)
    added = _block(said, " " * (node.start.column - 1), "- ").replace("\n", newline)
    return _ended(text[:place], newline) + added + text[place:]


def _listed(text: str, node: Node, said: Mapping[str, str], newline: str) -> str:
    """Return the text with the single mapping `node` made the first item of a list."""
    start, end = node.start.index, _content_end(node)
    if isinstance(node, Scalar) or node.flow:
        return f"{text[:start]}[{text[start:end]}, {_flow(said)}]{text[end:]}"
    end = _line_end(text, end)
    indent = " " * (node.start.column - 1)
    first, *rest = _ended(text[start:end], newline).removesuffix("\n").split("\n")
    lines = [f"- {first}", *(f"  {line}" if line.strip() else line for line in rest)]
    added = _block(said, indent, "- ").replace("\n", newline)
    return text[:start] + "\n".join(lines) + "\n" + added + text[end:]


def _ended(text: str, newline: str) -> str:
    return text if text.endswith("\n") else text + newline


def _content_end(node: Node) -> int:
    """Return where the last text of a node ends, without the comments that may follow."""
    match node:
        case Items(flow=False, items=[*_, last]):
            return _content_end(last)
        case MappingNode(flow=False, values=values):
            return _content_end(list(values.values())[-1])
        case Scalar() if node.end.column == 1:  # a block of text ends where the next line begins
            return node.end.index - 1
    return node.end.index


def _line_end(text: str, index: int) -> int:
    found = text.find("\n", index)
    return len(text) if found < 0 else found + 1


# Readings


def append_observation(path: Path, reading: Observation, zone: str = "UTC") -> int:
    """Append a reading to the CSV at `path`, made if it is missing; return its line.

    Columns the file has not are added to all its rows. `zone` is the book's time zone.

    Raises BookError if the file has problems or cannot take it, EnvironmentFailure if it changed
    meanwhile or cannot be written.
    """
    with alone(path):
        old = read(path)
        text = (old or b"").decode("utf-8-sig", "replace")
        before = _observations(old, path, zone, "has problems of its own") if text.strip() else ()
        new, row = _with_row(text, _cells(reading))
        data = (b"\xef\xbb\xbf" if (old or b"").startswith(b"\xef\xbb\xbf") else b"") + new.encode()
        after = _observations(data, path, zone, "cannot take this reading")
        if after[:-1] != before or after[-1].row != row:
            hint = "add it by hand"
            raise BookError(f"there is no safe place for a reading in {path}", hint=hint)
        replace(path, old, data)
    return row


def _observations(data: bytes | None, path: Path, zone: str, fault: str) -> tuple[Observation, ...]:
    found, problems = readings.read(data or b"", str(path), _kind(path), zone)
    if problems:
        raise BookError(f"{path} {fault}: {problems[0].message}", problems, problems[0].hint)
    return found


def _kind(path: Path) -> IndicatorKind:
    """Return the kind that the definition beside a CSV states."""
    definition = path.with_suffix(".yaml")
    indicator, problems = questions.read_indicator(
        read(definition) or b"", str(definition), path.stem
    )
    if indicator is None:
        raise BookError(f"{definition} has problems of its own", problems, "mend them first")
    return indicator.kind


def _cells(reading: Observation) -> dict[str, str]:
    """Return the cells that a reading fills, by column."""
    values = {name: getattr(reading, name) for name in readings.COLUMNS}
    if reading.days == 1:
        del values["days"]
    return {name: _cell(value) for name, value in values.items() if value not in (None, "")}


def _cell(value: object) -> str:
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return " ".join(_written(value).split())  # a row is one line


def _with_row(text: str, cells: Mapping[str, str]) -> tuple[str, int]:
    """Return the CSV with one more row, and that row's line."""
    newline = newline_of(text)
    if not text.strip():
        columns = [*_USUAL_COLUMNS, *(name for name in cells if name not in _USUAL_COLUMNS)]
        text = ",".join(columns) + newline
    header = next(line for line in text.split("\n") if line.strip())
    columns = [name.strip() for name in next(csv.reader([header.rstrip("\r")]))]
    missing = [name for name in cells if name not in columns]
    if missing:
        text = _widened(text, missing)
    row = _row([cells.get(name, "") for name in [*columns, *missing]])
    text = _ended(text, newline)
    return text + row + newline, text.count("\n") + 1


def _row(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _widened(text: str, missing: Sequence[str]) -> str:
    """Return the CSV with more columns on the right, empty in every row."""

    def wider() -> Iterator[str]:
        tail = "," + ",".join(missing)
        for line in text.split("\n"):
            content = line.rstrip("\r")
            yield content + tail + line[len(content) :] if content.strip() else line
            tail = "," * len(missing) if content.strip() else tail

    return "\n".join(wider())
