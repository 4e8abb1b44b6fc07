"""Question files as they were last read, so that in a large book only what changed is read again.

Kept in one JSON file that may be deleted at any time. A file counts as unchanged while its size and
times are the same; one whose times do not show yet that it changed again is not kept. A model's
options are checked anew, for they may lean on more than the file.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from forecast.book.crossings import Draft
from forecast.book.questions import models, raw_models
from forecast.book.source import Mapping, Mark, parse, plain
from forecast.book.validation import Findings
from forecast.disk import Disk, draft, make_directories
from forecast.domain import Question
from forecast.errors import Problem
from forecast.families import FAMILIES
from forecast.own import mac

FRESH = 2 * 10**9
"""Nanoseconds for which a file's times do not show yet that it changed again."""

START = Mark(1, 1, 0)


@dataclass(frozen=True, slots=True)
class Entry:
    """What a healthy file said: its question without models, these as written, and advice."""

    stamp: str
    question: Question
    models: dict[str, Any]
    advice: tuple[Problem, ...]


class Unread(Findings):
    """The findings of a file that was not parsed this time: it is once a place in it is asked."""

    def __init__(self, file: Path, path: str, problems: list[Problem]) -> None:
        self.path, self.problems = path, problems
        self._file = file

    @cached_property
    def root(self) -> Mapping:  # type: ignore[override]
        """The tree of the file's text."""
        tree, _ = parse(self._file.read_bytes(), self.path)
        return tree or Mapping(START, START, False)


class Known:
    """The question files of a book as read before, under a `key` for all else that counts."""

    def __init__(self, file: Path, key: str) -> None:
        self._file = file
        self._key = key
        self._before = self._load()
        self._now: dict[str, Entry] = {}

    def recall(self, id: str, file: Path, path: str) -> Draft | None:
        """Return the question of a file that is as it was when it was read, and healthy then."""
        entry = self._before.get(id)
        if entry is None or entry.stamp != _stamp(file):
            return None
        findings = Unread(file, path, [replace(problem, path=path) for problem in entry.advice])
        specs = models(raw_models(entry.models), findings)
        if len(findings.problems) > len(entry.advice):
            return None
        self._now[id] = entry
        return Draft(replace(entry.question, models=tuple(specs), path=path), findings)

    def keep(self, id: str, file: Path, draft: Draft) -> None:
        """Keep what was just read, before it is looked at beside other files."""
        stamp = _stamp(file)
        if stamp and all(spec.family in FAMILIES for spec in draft.question.models):
            tree = draft.findings.root.values
            written: dict[str, Any] = {k: plain(tree[k]) for k in ("model", "models") if k in tree}
            question = replace(draft.question, models=())
            self._now[id] = Entry(stamp, question, written, tuple(draft.findings.problems))

    def save(self) -> None:
        """Write what is known now, if it is not what was; nothing where the disk refuses."""
        if self._now.keys() == self._before.keys() and all(
            self._now[id] is self._before[id] for id in self._now
        ):
            return
        body = _ENTRIES.dump_json(self._now)
        disk = Disk()
        with suppress(OSError):
            make_directories(disk, self._file.parent)
            with draft(disk, self._file, self._head(body) + body, durable=False) as beside:
                disk.replace(beside, self._file)

    def _load(self) -> dict[str, Entry]:
        with suppress(OSError, ValueError):
            content = self._file.read_bytes()
            body = content[_HEAD:]
            if content[:_HEAD] == self._head(body):
                return _ENTRIES.validate_json(body)
        return {}

    def _head(self, body: bytes) -> bytes:
        return mac(self._key.encode() + body).encode() + b"\n"


def _stamp(file: Path) -> str:
    """Return what differs once a file was changed; empty while that may not show yet."""
    try:
        found = file.stat()
    except OSError:
        return ""
    times = found.st_mtime_ns, found.st_ctime_ns
    return "" if time.time_ns() - max(times) < FRESH else f"{found.st_size} {times}"


_ENTRIES = TypeAdapter(dict[str, Entry])
_HEAD = 65  # bytes: a digest, and a newline
