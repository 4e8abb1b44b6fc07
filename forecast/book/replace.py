"""A user's file changed in one step, by one writer at a time, only if nobody else changed it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from forecast.errors import EnvironmentFailure

_PATIENCE = 10.0  # seconds to wait for another writer


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Keep other `forecast` processes from editing files of the same book meanwhile.

    Raises EnvironmentFailure if one of them holds on for long, or the lock cannot be made.
    """
    from filelock import FileLock, Timeout

    folder = _book_of(path) / ".forecast" / "locks"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / "edit.lock", timeout=_PATIENCE):
            yield
    except Timeout:
        hint = "wait for it to end, or end it"
        raise EnvironmentFailure("another forecast process is editing this book", hint) from None


def _book_of(path: Path) -> Path:
    folder = path.resolve().parent
    return next((f for f in (folder, *folder.parents) if (f / "book.yaml").is_file()), folder)


def read(path: Path) -> bytes | None:
    """Return the bytes of a file, or None if there is none; EnvironmentFailure if it cannot be."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _failure(path, error) from error


def replace(path: Path, old: bytes | None, new: bytes) -> None:
    """Put `new` in place of `old` (None: no file yet) in one step, on the disk when it returns.

    Raises EnvironmentFailure, with the file as it was, if it has changed since it was read or the
    disk refuses.
    """
    target = path.resolve()  # a link stays a link
    try:
        temporary = _written_beside(target, new)
    except OSError as error:
        raise _failure(path, error) from error
    try:
        if read(target) != old:
            hint = "nothing was written; run the command again"
            raise EnvironmentFailure(f"{path} was changed by someone else just now", hint)
        temporary.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise _failure(path, error) from error
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _written_beside(target: Path, data: bytes) -> Path:
    """Return a new file in the same folder, with the same permissions, that holds `data`."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o644)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
    return temporary


def _sync_folder(folder: Path) -> None:
    if hasattr(os, "O_DIRECTORY"):  # elsewhere a rename is on the disk when it returns
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _failure(path: Path, error: OSError) -> EnvironmentFailure:
    why = (error.strerror or str(error)).lower()
    hint = "nothing was written; check the disk and the permissions"
    return EnvironmentFailure(f"{path} cannot be changed: {why}", hint)
