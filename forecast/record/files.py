"""Where the record's files stand; symbolic links are never followed."""

from __future__ import annotations

import os
from pathlib import Path

from forecast.text import is_id


def recorded_questions(record: Path) -> list[str]:
    """Return the ids that have a folder in the record."""
    return [path.name for path in _real(record) if path.is_dir() and is_id(path.name)]


def record_files(record: Path, question: str) -> list[Path]:
    """Return the record files of one question, in order."""
    found = _real(record / question) if is_id(question) else []
    return [path for path in found if is_record(path)]


def is_record(path: Path) -> bool:
    """Whether a path within a question's folder is a record: a file, by its name one of lines."""
    return path.suffix == ".jsonl" and is_id(path.stem) and path.is_file()


def _real(folder: Path) -> list[Path]:
    if folder.is_symlink():
        return []
    try:
        with os.scandir(folder) as found:
            return sorted(folder / each.name for each in found if not each.is_symlink())
    except (FileNotFoundError, NotADirectoryError):
        return []
