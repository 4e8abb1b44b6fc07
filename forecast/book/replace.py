"""A user's file changed in one step, by one writer at a time, only if nobody else changed it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast.disk import Disk, draft, environment
from forecast.errors import EnvironmentFailure
from forecast.locks import locked

_PATIENCE = 10.0  # seconds to wait for another writer
_UNDONE = "nothing counts as written"


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other `forecast` processes from editing files of the same book meanwhile.

    Raises EnvironmentFailure if one of them holds on for long, or the lock cannot be made.
    """
    lock = _book_of(path) / ".forecast" / "locks" / "edit.lock"
    with environment(path, _UNDONE), locked(lock, path, _PATIENCE, Disk()):
        yield


def _book_of(path: Path) -> Path:
    folder = path.resolve().parent
    return next((f for f in (folder, *folder.parents) if (f / "book.yaml").is_file()), folder)


def read(path: Path) -> bytes | None:
    """Return the bytes of a file, or None if there is none; EnvironmentFailure if it cannot be."""
    with environment(path, _UNDONE):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None


def replace(path: Path, old: bytes | None, new: bytes) -> None:
    """Put `new` in place of `old` (None: no file yet) in one step, on the disk when it returns.

    Raises EnvironmentFailure if it has changed since it was read, or the disk refuses; the file
    then is what it was or, where only the last sync failed, what it was to be.
    """
    disk = Disk()
    target = path.resolve()  # a link stays a link
    with environment(path, _UNDONE), draft(disk, target, new) as beside:
        if target.exists():
            beside.chmod(target.stat().st_mode & 0o7777)
        if read(target) != old:
            hint = "nothing was written; run the command again"
            raise EnvironmentFailure(f"{path} was changed by someone else just now", hint)
        disk.replace(beside, target)
        disk.sync_directory(target.parent)
