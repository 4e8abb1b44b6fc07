"""Where the record's files stand; symbolic links are never followed.

What bears the name of a part of the record and is none (a link, a file where a folder belongs, a
pipe) hides what was said, so `notice` is told of it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from forecast.errors import Problem
from forecast.text import is_id

type Notice = Callable[[Problem], None]


def recorded_questions(record: Path, notice: Notice) -> list[str]:
    """Return the ids that have a folder in the record."""
    named = [path for path in _within(record, notice) if is_id(path.name)]
    return [path.name for path in named if _stands(path, notice, folder=True)]


def record_files(record: Path, question: str, notice: Notice) -> list[Path]:
    """Return the record files of one question, in order."""
    if not (is_id(question) and _stands(record, notice, folder=True)):
        return []
    named = [path for path in _within(record / question, notice) if names_record(path.name)]
    return [path for path in named if _stands(path, notice)]


def names_record(name: str) -> bool:
    """Whether a file of that name, in a question's folder, is a record."""
    return name.endswith(".jsonl") and is_id(name.removesuffix(".jsonl"))


def hidden(path: Path, *, folder: bool = False) -> Problem | None:
    """Return why what stands at `path` is not read; None for a folder or file, or for nothing."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(mode):
        text, hint = "is a symbolic link and is not read", "put the file itself there"
        return Problem(str(path), 0, 0, "record-link", text, hint)
    if not (stat.S_ISDIR if folder else stat.S_ISREG)(mode):
        text = (
            f"is no {'folder' if folder else 'ordinary file'}, and what was said here is not read"
        )
        hint = "move it elsewhere, and restore the record from a commit or backup"
        return Problem(str(path), 0, 0, "record-hidden", text, hint)
    return None


def _stands(path: Path, notice: Notice, *, folder: bool = False) -> bool:
    problem = hidden(path, folder=folder)
    if problem:
        notice(problem)
    return problem is None


def _within(folder: Path, notice: Notice) -> list[Path]:
    """Return what stands in a folder, in order."""
    if not _stands(folder, notice, folder=True):
        return []
    try:
        with os.scandir(folder) as found:
            return sorted(folder / each.name for each in found)
    except FileNotFoundError:
        return []
