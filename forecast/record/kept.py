"""Columns kept as Parquet between commands; whatever is wrong with them, they are read anew."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from forecast.disk import ours
from forecast.own import mac
from forecast.record.columns import Lines
from forecast.record.database import Database


@dataclass(frozen=True, slots=True)
class Kept:
    """Parquet files in `.forecast`, one for each batch of record files, named by `slot`.

    A file's name holds the `key` it was written under and its user's code of its bytes, so that one
    that is out of date, damaged or somebody else's is not taken for what is asked.
    """

    folder: Path
    database: Database

    def find(self, slot: str, key: str) -> Path | None:
        """Return where the lines of a batch are kept, or None if they are not, or not whole."""
        with suppress(OSError):
            for path in self.folder.glob(f"{slot}.{key}.*.parquet"):
                if path.name.split(".")[2] == _mac(path):
                    return path
        return None

    def store(self, slot: str, key: str, lines: Lines) -> None:
        """Keep the lines of a batch in place of what its slot held; nothing if the disk refuses."""
        draft = ours(self.folder / f".{slot}.{os.getpid()}.tmp")
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            if self.database.store(lines, draft):
                place = self.folder / f"{slot}.{key}.{_mac(draft)}.parquet"
                draft.replace(place)
                for path in self.folder.glob(f"{slot}.*.parquet"):
                    if path != place:
                        path.unlink(missing_ok=True)
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _mac(path: Path) -> str:
    with ours(path).open("rb") as file:
        return mac(file_digest(file, "sha256").digest())
