"""One writer at a time, and a word about who that is for those who wait too long."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from forecast.disk import Disk, limited, ours
from forecast.errors import EnvironmentFailure
from forecast.text import clean

_NOTE = 1000  # bytes


@contextmanager
def locked(lock: Path, path: Path, timeout: float, disk: Disk) -> Iterator[None]:
    """Hold `lock`, in a book's `.forecast/locks/`, while `path` is written.

    Raises EnvironmentFailure, naming the holder, when another process keeps it for `timeout`
    seconds; OSError where the lock cannot be taken at all; BookError where it leaves the book.
    """
    holder = ours(lock.with_suffix(".holder"))
    for folder in (lock.parent.parent, lock.parent):
        disk.make_directory(folder)
    try:
        release = disk.lock(ours(lock), timeout)
    except TimeoutError:
        raise EnvironmentFailure(
            f"{path} is in use, for over {timeout:g} s now, by {_who(holder)}",
            "wait for that process, or end it if it hangs, then run the command again",
        ) from None
    try:
        _sign(holder)
        yield
    except BaseException:
        with suppress(OSError):
            release()
        raise
    release()


def _sign(holder: Path) -> None:
    """Leave a note for those who wait; a courtesy, so its failure stops nothing."""
    command = Path(sys.argv[0]).name or "python"
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    with suppress(OSError):
        note = f"process {os.getpid()} ({command}) on {socket.gethostname()} since {since}"
        holder.write_text(note, encoding="utf-8")


def _who(holder: Path) -> str:
    try:
        return clean(limited(holder, _NOTE).decode())[:200] or "another process"
    except (OSError, ValueError):
        return "another process"
