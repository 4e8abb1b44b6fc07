"""Fitted results kept in a file, so that nothing is fitted twice; safe to delete at any time.

A result is filed under the digest of everything it was computed from, with a code of this user's. A
file that is missing, damaged, unreadable or somebody else's holds no results, and is never an
error. Needs neither PyMC nor NumPy.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast.canonical import canonical
from forecast.own import mac

_TABLE = "CREATE TABLE IF NOT EXISTS results (key TEXT PRIMARY KEY, digest TEXT, value TEXT)"
_PATIENCE = 5.0  # seconds another process may take to write
_AT_ONCE = 500  # keys asked for in one statement


@dataclass(frozen=True, slots=True)
class Cache:
    """JSON results in an SQLite file in `folder`; keys are hex digests."""

    folder: Path

    def load(self, keys: Collection[str]) -> dict[str, dict[str, Any]]:
        """Return what was stored under `keys`, as far as it is known, and still."""
        found: dict[str, dict[str, Any]] = {}
        if not self._path.exists():
            return found
        with suppress(sqlite3.Error, OSError), self._open() as file:
            for rows in _asked(file, sorted(set(keys))):
                read = ((key, _value(key, seal, text)) for key, seal, text in rows)
                found |= {key: value for key, value in read if value is not None}
        return found

    def store(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """File JSON values under their keys, all or none.

        A disk that is full or not writable costs the next command time, not this one its results.
        Raises ValueError if a value has no JSON spelling (NaN, infinities).
        """
        rows = [
            (key, _seal(key, value), canonical(value).decode()) for key, value in values.items()
        ]
        try:
            self._write(rows)
        except sqlite3.DatabaseError:
            with suppress(sqlite3.Error, OSError):
                if self._damaged():
                    self._path.unlink()
                    self._write(rows)
        except OSError:
            pass

    @property
    def _path(self) -> Path:
        return self.folder / "results.sqlite"

    def _write(self, rows: list[tuple[str, str, str]]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._open() as file, file:
            file.execute(_TABLE)
            file.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?)", rows)

    def _damaged(self) -> bool:
        """Whether the file is no database of ours, rather than busy or on a full disk."""
        try:
            with self._open() as file:
                file.execute(_TABLE)
                return file.execute("PRAGMA quick_check").fetchall() != [("ok",)]
        except sqlite3.OperationalError:
            return False
        except sqlite3.DatabaseError:
            return True

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_PATIENCE)) as file:
            file.execute("PRAGMA synchronous = OFF")  # what a power cut takes is computed again
            file.execute("PRAGMA trusted_schema = OFF")
            yield file


def _asked(file: sqlite3.Connection, keys: list[str]) -> Iterator[list[tuple[Any, ...]]]:
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        said = f"SELECT key, digest, value FROM results WHERE key IN ({marks})"
        yield file.execute(said, some).fetchall()


def _seal(key: str, value: object) -> str:
    return mac(canonical({"key": key, "value": value}))


def _value(key: str, seal: Any, text: Any) -> dict[str, Any] | None:
    """Return the value that was stored under a key, None if it is not whole."""
    try:
        value = json.loads(text)
        whole = seal == _seal(key, value)
    except (ValueError, TypeError, RecursionError):
        return None
    return value if whole and isinstance(value, dict) else None
