"""Fitted results kept in files, so that nothing is fitted twice; safe to delete at any time.

A result is filed under the digest of everything it was computed from. A file that is missing,
damaged or unreadable is a result not known, never an error. Needs neither PyMC nor NumPy.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast.canonical import canonical, digest


@dataclass(frozen=True, slots=True)
class Cache:
    """JSON results in `folder`, one file a key; keys are hex digests."""

    folder: Path

    def load(self, key: str) -> dict[str, Any] | None:
        """Return what was stored under `key`, or None if that is not, or no longer, known."""
        try:
            entry = json.loads(self._path(key).read_bytes())
            value = entry["value"]
            whole = entry["digest"] == digest({"key": key, "value": value})
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return value if whole and isinstance(value, dict) else None

    def store(self, key: str, value: Mapping[str, Any]) -> None:
        """File a JSON value under `key`, whole or not at all.

        A disk that is full or not writable costs the next command time, not this one its result.
        Raises ValueError if the value has no JSON spelling (NaN, infinities).
        """
        entry = {"digest": digest({"key": key, "value": value}), "value": value}
        with contextlib.suppress(OSError):
            _replace(self._path(key), canonical(entry))

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / f"{key}.json"


def _replace(path: Path, content: bytes) -> None:
    """Write a file beside `path` and put it in its place; readers see the old one or the new."""
    try:
        handle, name = _draft(path)
    except FileNotFoundError:  # looked for no sooner: most results go where others are
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = _draft(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _draft(path: Path) -> tuple[int, str]:
    return tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
