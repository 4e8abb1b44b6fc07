"""Seals: the hash of every head at one moment, in a file that can be fixed where time is proven.

A seal is `seals/<day>-<digest>.json` beside the record: RFC 8785 bytes that name, for each record
file, its heads and how long their chains are. Every line a chain holds follows from its head, so a
seal fixes all that was said by then. The file's name holds the start of its own SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forecast.canonical import canonical
from forecast.disk import Disk, cause, environment, limited, make_directories, replace
from forecast.errors import Problem, UsageError
from forecast.record.lines import Entry, instant
from forecast.record.verify import heads
from forecast.text import is_id

FOLDER = "seals"
LARGEST = 1 << 26  # bytes of a seal; a thousand of them hold some nine heads
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}-([0-9a-f]{16})\.json")
_HASH = re.compile(r"[0-9a-f]{64}")

type Heads = Mapping[str, Mapping[str, int]]
"""Record file, as question/writer → hash of each head → the length of its chain."""


@dataclass(frozen=True, slots=True)
class Seal:
    """One seal as it stands in its file; `made_at` is its own word, and proves nothing."""

    path: Path
    made_at: datetime
    heads: Heads
    data: bytes

    @property
    def request(self) -> Path:
        """Where the request for a time stamp is kept."""
        return self.path.with_suffix(".tsq")

    @property
    def token(self) -> Path:
        """Where an authority's answer is kept."""
        return self.path.with_suffix(".tsr")


def heads_of(entries: Iterable[Entry]) -> dict[str, dict[str, int]]:
    """Return the heads of every record file among `entries`."""
    files: dict[str, list[Entry]] = {}
    for entry in entries:
        files.setdefault(f"{entry.path.parent.name}/{entry.writer}", []).append(entry)
    return {name: {head.hash: head.seq for head in heads(files[name])} for name in sorted(files)}


def write(root: Path, fixed: Heads, now: datetime, *, disk: Disk | None = None) -> Seal:
    """Write the seal of `fixed` into the book at `root`, made at the aware instant `now`.

    Raises EnvironmentFailure where the disk refuses.
    """
    data = canonical({"v": 1, "made_at": instant(now), "heads": fixed})
    day = now.astimezone(UTC).date()
    path = root / FOLDER / f"{day}-{hashlib.sha256(data).hexdigest()[:16]}.json"
    keep(path, data, disk=disk)
    return Seal(path, now, fixed, data)


def keep(path: Path, data: bytes, *, disk: Disk | None = None) -> None:
    """Write a seal, or what belongs to it.

    Raises UsageError where the seals' folder is a link, EnvironmentFailure where the disk refuses.
    """
    disk = disk or Disk()
    if path.parent.is_symlink():
        raise UsageError(f"{path.parent} is a symbolic link", "put the folder itself there")
    with environment(path, "nothing counts as sealed"):
        make_directories(disk, path.parent)
        replace(disk, path, data)


def read_all(root: Path) -> tuple[list[Seal], list[Problem]]:
    """Return the seals of the book at `root`, oldest first, and what is wrong with the others."""
    seals: list[Seal] = []
    problems: list[Problem] = []
    for path in sorted((root / FOLDER).glob("*.json")):
        found = _read(path)
        if isinstance(found, Seal):
            seals.append(found)
        else:
            text, hint = found, "restore it from a commit or backup"
            problems.append(Problem(str(path), 1, 1, "seal-changed", text, hint))
    return sorted(seals, key=lambda seal: (seal.made_at, seal.path)), problems


def names_seal(name: str) -> bool:
    """Whether a file of that name is a seal."""
    return _NAME.fullmatch(name) is not None


def _read(path: Path) -> Seal | str:
    """Return the seal in a file, or what is wrong with it."""
    try:
        data = limited(path, LARGEST)
    except OSError as error:
        return f"cannot be read: {cause(error)}"
    name = _NAME.fullmatch(path.name)
    if name is None or hashlib.sha256(data).hexdigest()[:16] != name[1]:
        return "is not the seal that its name says"
    try:
        return Seal(path, *_members(data), data)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "is no seal"


def _members(data: bytes) -> tuple[datetime, Heads]:
    """Return what a seal says; an exception of many kinds for what is none."""
    said = json.loads(data)
    made_at = datetime.fromisoformat(said["made_at"])
    if canonical(said) != data or said["v"] != 1 or instant(made_at) != said["made_at"]:
        raise ValueError
    if set(said) != {"v", "made_at", "heads"} or not all(map(_is_head, said["heads"].items())):
        raise ValueError
    return made_at, said["heads"]


def _is_head(item: tuple[str, Any]) -> bool:
    name, fixed = item
    question, _, writer = name.partition("/")
    return (
        is_id(question)
        and is_id(writer)
        and all(_HASH.fullmatch(own) and type(seq) is int for own, seq in fixed.items())
    )


def broken(seals: Iterable[Seal], entries: Iterable[Entry], root: Path) -> Iterator[Problem]:
    """Name the sealed lines that the record of the book at `root` no longer holds."""
    files: dict[str, dict[str, Entry]] = {}
    for entry in entries:
        files.setdefault(f"{entry.path.parent.name}/{entry.writer}", {})[entry.hash] = entry
    named: set[str] = set()
    for seal in seals:
        for name, fixed in seal.heads.items():
            lines = files.get(name, {})
            for own in fixed.keys() - lines.keys() - named:
                named.add(own)
                path = root / "record" / f"{name}.jsonl"
                yield _gone(seal, path, own, fixed[own], lines.values())


def _gone(seal: Seal, path: Path, own: str, seq: int, lines: Iterable[Entry]) -> Problem:
    """Say where a sealed line should stand: it was cut off, or another stands in its place."""
    sealed = f"the line that {seal.path.name} seals ({own[:12]}…, number {seq} of its chain)"
    hint = "restore the file from a commit or backup"
    known = list(lines)
    place = next((entry.line for entry in known if entry.seq == seq), None)
    if place is not None:
        text = f"this is not {sealed}: what was said has been rewritten"
        return Problem(str(path), place, 1, "record-rewritten", text, hint)
    last = max((entry.line for entry in known), default=0)
    text = f"the file ends before {sealed}: it was cut"
    return Problem(str(path), last, min(last, 1), "record-cut", text, hint)
