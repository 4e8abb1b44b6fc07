"""What writing asks of the operating system, one small method a call.

Everything that is written into a book goes through a `Disk`, so that a test can let any single call
fail: a full disk, a lost permission, an interrupted write.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from forecast.errors import BookError, EnvironmentFailure
from forecast.text import clean

_BINARY: int = getattr(os, "O_BINARY", 0)  # Windows would turn every newline into two bytes
_NO_LINK: int = getattr(os, "O_NOFOLLOW", 0)
_NO_WAIT: int = getattr(os, "O_NONBLOCK", 0)
_WORK = ".forecast"
_NOT_ORDINARY = "this is no ordinary file"


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
        """Open an ordinary file for reading and appending, created if it is missing.

        OSError where it is none: a link leads elsewhere, and a pipe would never end.
        """
        there = os.O_APPEND | os.O_CREAT | _NO_LINK | _NO_WAIT
        handle = os.open(path, os.O_RDWR | there | _BINARY, 0o666)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError(errno.EINVAL, _NOT_ORDINARY)
        return handle

    def create(self, path: Path, *, new: bool = False) -> int:
        """Create a file for writing; one that is there is emptied, or with `new` refused."""
        there = os.O_EXCL if new else os.O_TRUNC
        return os.open(path, os.O_WRONLY | os.O_CREAT | there | _NO_LINK | _BINARY, 0o666)

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


def ours(path: Path) -> Path:
    """Return a `path` in a book's `.forecast`, to be read or written; it need not be there yet.

    Raises BookError where it, or a folder it lies in, is a link, a pipe or a device: a book from
    elsewhere may bring them, to have any file of its user overwritten, or a command wait for ever.
    """
    for place in (path, *path.parents):
        if why := _strange(place):
            hint = "remove it; what is needed there is made anew"
            raise BookError(f"{clean(str(place))} is {why}", hint=hint)
        if place.name == _WORK:
            break
    return path


def listed(folder: Path) -> list[Path]:
    """Return what lies in a folder in a book's `.forecast`, in order; nothing where there is none.

    Raises BookError, as `ours` does, for the folder and all in it, at the cost of listing it.
    """
    if not ours(folder).is_dir():
        return []
    with os.scandir(folder) as entries:
        found = {folder / entry.name: _plain(entry) for entry in entries}
    return sorted(path if plain else ours(path) for path, plain in found.items())


def _plain(entry: os.DirEntry[str]) -> bool:
    return entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)


def _strange(place: Path) -> str:
    """Say what a path is that is no plain file or folder; nothing where it is one, or is not."""
    try:
        mode = place.lstat().st_mode
    except OSError:  # whatever uses the path will say why
        return ""
    if stat.S_ISLNK(mode):
        return "a link, and may lead out of the book"
    return "" if stat.S_ISREG(mode) or stat.S_ISDIR(mode) else "no ordinary file"


def limited(path: Path, largest: int) -> bytes:
    """Return an ordinary file's bytes, cut one byte beyond `largest`; OSError where it is none."""
    if path.exists() and not path.is_file():  # a pipe would never end
        raise OSError(errno.EINVAL, _NOT_ORDINARY)
    with path.open("rb") as file:
        return file.read(largest + 1)


def whole(path: Path, largest: int) -> bytes:
    """Return an ordinary file's bytes; OSError where it is none, or has more than `largest`."""
    data = limited(path, largest)
    if len(data) > largest:
        raise OSError(errno.EFBIG, f"this has more than {largest} bytes")
    return data


def cause(error: OSError) -> str:
    """Return the system's own word for what it refused."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def make_directories(disk: Disk, path: Path) -> None:
    """Create a directory, and those above it, unless they are there."""
    for folder in (*reversed(path.parents), path):
        if not folder.is_dir():
            disk.make_directory(folder)


def write_new(disk: Disk, path: Path, data: bytes) -> None:
    """Create a file that holds `data`, on the device when it returns.

    Raises OSError, with nothing left behind, where the system refuses or the file is there already.
    """
    handle = disk.create(path, new=True)
    try:
        _write(disk, handle, data)
        disk.sync_directory(path.parent)
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


@contextmanager
def draft(disk: Disk, path: Path, data: bytes, *, durable: bool = True) -> Iterator[Path]:
    """Give a file beside `path` that holds `data`, to be renamed; gone again when it was not.

    `durable` waits for the device: what was renamed then survives a loss of power.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        _write(disk, disk.create(beside), data, durable=durable)
        yield beside
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def replace(disk: Disk, path: Path, data: bytes) -> None:
    """Put a file that holds `data` in the place of `path` in one step; OSError if refused."""
    with draft(disk, path, data) as beside:
        disk.replace(beside, path)
    disk.sync_directory(path.parent)


def _write(disk: Disk, handle: int, data: bytes, *, durable: bool = True) -> None:
    """Write all of `data` by one call, and close the handle."""
    try:
        if disk.write(handle, data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if durable:
            disk.sync(handle)
    finally:
        disk.close(handle)
