"""Appending to the record and reading it.

A line is acknowledged (`append` returns) only after one checked write under the file's lock and a
sync to the device. Bytes once written are never changed or removed: a write that was cut short is
named, set aside (see `rows`) and followed by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from forecast.disk import Disk, cause, environment
from forecast.domain import Forecast, Kind, Target
from forecast.errors import EnvironmentFailure, Problem, RecordError, UsageError
from forecast.locks import locked
from forecast.record.files import record_files, recorded_questions
from forecast.record.lines import Entry, LineError, body, encode, restore
from forecast.record.rows import Tail, rows, tail
from forecast.text import clean, is_id

__all__ = ["Entry", "Ledger", "strict"]

_CHUNK = 1 << 20


def strict(problem: Problem) -> None:
    """Raise RecordError for a problem of the record that is more than advice."""
    if not problem.advice:
        raise RecordError(f"{problem.path}:{problem.line}: {problem.message}", problem.hint)


class Ledger:
    """The record of one book: `record/<question>/<writer>.jsonl` below its root.

    `notice` is told of every flaw that reading or appending meets; it may raise, as `strict` does,
    or collect, and then what is whole is read on. `timeout` is how many seconds to wait for another
    process's lock.
    """

    def __init__(
        self,
        root: Path,
        *,
        notice: Callable[[Problem], None] = strict,
        timeout: float = 30.0,
        disk: Disk | None = None,
    ) -> None:
        self.root = root
        self.folder = root / "record"
        self.notice = notice
        self._timeout = timeout
        self._disk = disk or Disk()

    def append(self, forecasts: Sequence[Forecast], writer: str) -> list[Entry]:
        """Record `forecasts` as `writer` and return their entries, as any reader will see them.

        One write per question. Raises RecordError for a forecast that cannot be a line (before
        anything is written) and EnvironmentFailure where disk, lock or permissions stand in the
        way: then nothing counts as recorded, though whole lines may stand in the file.
        """
        groups: dict[Path, dict[int, dict[str, Any]]] = {}
        for index, forecast in enumerate(forecasts):
            path = self.path(forecast.target.question, writer)
            groups.setdefault(path, {})[index] = _members(forecast)
        done: dict[int, Entry] = {}
        for path, members in groups.items():
            with environment(path, "nothing counts as recorded"):
                done.update(zip(members, self._append(path, [*members.values()]), strict=True))
        return [done[index] for index in sorted(done)]

    def entries(self, question: str | None = None, formerly: Sequence[str] = ()) -> Iterator[Entry]:
        """Yield the entries of one question, or all, file by file in the order of their lines.

        Lines under the question's `formerly` ids come first, their targets under its present id.
        """
        names = self.questions() if question is None else [*formerly, question]
        for name in names:
            for path in self.files(name):
                yield from self._read(path, question or name)

    def questions(self) -> list[str]:
        """Return the ids that have a record, whether or not their question file is still there."""
        with environment(self.folder, "the record cannot be read"):
            return recorded_questions(self.folder, self.notice)

    def files(self, question: str) -> list[Path]:
        """Return the record files of one question."""
        with environment(self.folder / question, "the record cannot be read"):
            return record_files(self.folder, question, self.notice)

    def path(self, question: str, writer: str) -> Path:
        """Return where `writer` records forecasts of `question`; UsageError for impossible ids."""
        for what, name in (("question", question), ("writer", writer)):
            if not is_id(name):
                hint = "use lower case letters, digits and hyphens"
                raise UsageError(f"{clean(name)!r} cannot name a {what}", hint)
        path = self.folder / question / f"{writer}.jsonl"
        if path.resolve() != self.root.resolve() / "record" / question / path.name:
            raise UsageError(f"{path} is reached by a symbolic link", "put the file itself there")
        return path

    def verify(self) -> list[Problem]:
        """Return everything the matter with the record; see `forecast.record.verify`."""
        from forecast.record.verify import verify

        return verify(self.root)

    def _read(self, path: Path, question: str) -> Iterator[Entry]:
        with environment(path, "the record cannot be read"):
            data = path.read_bytes()
        seen: set[str] = set()  # merging two branches twice may leave a line twice
        for row in rows(data, path):
            if row.problem:
                self.notice(row.problem)
            if row.entry and row.entry.hash not in seen:
                seen.add(row.entry.hash)
                yield _renamed(row.entry, question)

    def _append(self, path: Path, members: Sequence[dict[str, Any]]) -> list[Entry]:
        lock = self._lock_path(path)
        with locked(lock, path, self._timeout, self._disk), self._opened(path) as handle:
            data = self._contents(handle)
            if not data:
                self._sync_directories(path)
            end = tail(data, path)
            for problem in end.flaws:
                self.notice(problem)
            lines, entries = _chained(members, path, end)
            self._write(handle, path, end.glue + lines)
        return entries

    def _write(self, handle: int, path: Path, data: bytes) -> None:
        """Write all of `data` by one call and wait for the device; never tried twice."""
        taken = self._disk.write(handle, data)
        if taken != len(data):
            raise EnvironmentFailure(
                f"{path}: only {taken} of {len(data)} bytes could be written; "
                "nothing counts as recorded",
                "make room on the disk, then run it again: the cut line is set aside by itself",
            )
        try:
            self._disk.sync(handle)
        except OSError as error:
            raise EnvironmentFailure(
                f"{path}: the disk did not confirm the write ({cause(error)}); "
                "nothing counts as recorded",
                "check the disk, then `forecast verify`, then run it again",
            ) from error

    def _contents(self, handle: int) -> bytes:
        return b"".join(iter(lambda: self._disk.read(handle, _CHUNK), b""))

    @contextmanager
    def _opened(self, path: Path) -> Iterator[int]:
        for folder in (self.folder, path.parent):
            self._disk.make_directory(folder)
        handle = self._disk.open(path)
        try:
            yield handle
        except BaseException:
            with suppress(OSError):
                self._disk.close(handle)
            raise
        self._disk.close(handle)

    def _sync_directories(self, path: Path) -> None:
        """Make a new file's name durable, up to the book's root, before its first line is."""
        for folder in (path.parent, self.folder, self.root):
            self._disk.sync_directory(folder)

    def _lock_path(self, path: Path) -> Path:
        return self.root / ".forecast" / "locks" / f"{path.parent.name}.{path.stem}.lock"


def _members(forecast: Forecast) -> dict[str, Any]:
    try:
        if forecast.kind is Kind.BACKTEST:
            raise LineError("backtests are kept beside the record")
        return body(forecast)
    except LineError as error:
        about = f"{clean(str(forecast.target))} by {clean(forecast.forecaster)}"
        raise RecordError(f"the forecast of {about} cannot be recorded: {error}") from None


def _chained(members: Iterable[dict[str, Any]], path: Path, end: Tail) -> tuple[bytes, list[Entry]]:
    """Return the lines to add below `end`, each chained to the one before, and their entries."""
    lines: list[bytes] = []
    entries: list[Entry] = []
    writer = path.stem
    before, prev = (end.entry.seq, end.entry.hash) if end.entry else (0, None)
    for count, said in enumerate(members, 1):
        seq = before + count
        line, own = encode(said, writer, seq, prev)
        entries.append(Entry(restore(said), writer, seq, prev, own, path, end.lines + count))
        lines.append(line + b"\n")
        prev = own
    return b"".join(lines), entries


def _renamed(entry: Entry, question: str) -> Entry:
    target = entry.forecast.target
    if target.question == question:
        return entry
    return replace(entry, forecast=replace(entry.forecast, target=Target(question, target.rung)))
