"""A disk on which one call fails: with an error, or for writes after only some bytes."""

from __future__ import annotations

import os
from typing import Any

import pytest

from forecast.disk import Disk

CALLS = (
    *("make_directory", "lock", "release", "open", "create", "read", "write", "sync", "close"),
    *("replace", "sync_directory"),
)


class Faults:
    """Counts the calls made to every `Disk`, and lets number `fail` fail (0: none).

    A failing write first writes `taken` bytes; without an `error` it then returns that number, as a
    full disk does.
    """

    def __init__(self, fail: int = 0, error: int | None = None, taken: int = 0) -> None:
        self.made: list[str] = []
        self.fail, self.error, self.taken = fail, error, taken

    def planted(self, patch: pytest.MonkeyPatch) -> Faults:
        """Put the fault into every disk until the patch is undone."""
        for name in set(CALLS) - {"write", "lock", "release"}:
            patch.setattr(Disk, name, self._counted(name, getattr(Disk, name)))
        patch.setattr(Disk, "lock", self._locking(Disk.lock))
        patch.setattr(Disk, "write", self._writing(Disk.write))
        return self

    def _due(self, name: str) -> bool:
        self.made.append(name)
        return len(self.made) == self.fail

    def _raise(self) -> None:
        if self.error is not None:
            raise OSError(self.error, os.strerror(self.error))

    def _step(self, name: str) -> None:
        if self._due(name):
            self._raise()

    def _counted(self, name: str, call: Any) -> Any:
        def counted(*arguments: Any, **options: Any) -> Any:
            self._step(name)
            return call(*arguments, **options)

        return counted

    def _writing(self, call: Any) -> Any:
        def write(disk: Disk, handle: int, data: bytes) -> int:
            if not self._due("write"):
                return call(disk, handle, data)
            taken = call(disk, handle, data[: self.taken]) if self.taken else 0
            self._raise()
            return taken

        return write

    def _locking(self, call: Any) -> Any:
        def lock(*arguments: Any) -> Any:
            self._step("lock")
            release = call(*arguments)

            def give_back() -> None:
                release()
                self._step("release")

            return give_back

        return lock
