"""The operating system's part in the record: where files stand, and one small method a call.

Everything that appending does to files goes through a `Disk`, so that a test can let any single
call fail: a full disk, a lost permission, an interrupted write.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast.errors import EnvironmentFailure
from forecast.text import is_id

_BINARY: int = getattr(os, "O_BINARY", 0)  # Windows would turn every newline into two bytes


class Disk:
    """The real calls; each raises OSError where the system does."""

    def make_directory(self, path: Path) -> None:
        """Create one directory unless it is there."""
        path.mkdir(exist_ok=True)

    def lock(self, path: Path, timeout: float) -> Callable[[], None]:
        """Take the lock at `path` and return what releases it; TimeoutError after `timeout` s.

        The operating system frees the lock of a process that ends, however it ends.
        """
        from filelock import FileLock

        lock = FileLock(path)
        lock.acquire(timeout=timeout)
        return lambda: lock.release()

    def open(self, path: Path) -> int:
        """Open a file for reading and appending, created if it is missing."""
        return os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | _BINARY, 0o666)

    def create(self, path: Path) -> int:
        """Create a file for writing, emptied if it is there."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o666)

    def read(self, handle: int, size: int) -> bytes:
        """Return up to `size` bytes from the current place; none at the end of the file."""
        return os.read(handle, size)

    def write(self, handle: int, data: bytes) -> int:
        """Write once and return how many bytes the system took."""
        return os.write(handle, data)

    def sync(self, handle: int) -> None:
        """Return when the file's bytes are on the device."""
        os.fsync(handle)

    def close(self, handle: int) -> None:
        """Give the handle back."""
        os.close(handle)

    def replace(self, source: Path, target: Path) -> None:
        """Rename `source` to `target` in one step."""
        source.replace(target)

    def sync_directory(self, path: Path) -> None:
        """Return when a directory's names are on the device, where the system can tell."""
        if not hasattr(os, "O_DIRECTORY"):  # Windows keeps names in the file system's own journal
            return
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def environment(path: Path, effect: str) -> Iterator[None]:
    """Turn what the system refuses into an EnvironmentFailure that says so and what to do."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFailure(
            f"{path}: {cause(error)}; {effect}",
            "check that the book's folder is there, may be used and has room, then run it again",
        ) from error


def cause(error: OSError) -> str:
    """Return the system's own word for what it refused."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def recorded_questions(record: Path) -> list[str]:
    """Return the ids that have a folder in the record; symbolic links are never followed."""
    return [path.name for path in _real(record) if path.is_dir() and is_id(path.name)]


def record_files(record: Path, question: str) -> list[Path]:
    """Return the record files of one question, in order."""
    found = _real(record / question) if is_id(question) else []
    return [path for path in found if path.suffix == ".jsonl" and is_id(path.stem)]


def _real(folder: Path) -> list[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.is_symlink())
