"""The operating system's part in the record, one small method a call.

Everything the record does to files goes through a `Disk`, so that a test can let any single call
fail: a full disk, a lost permission, an interrupted write.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

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
        if not hasattr(os, "O_DIRECTORY"):  # Windows keeps names with the file system's journal
            return
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
