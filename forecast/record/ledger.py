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

from forecast.domain import Forecast, Target
from forecast.errors import EnvironmentFailure, Problem, RecordError, UsageError
from forecast.record.disk import Disk
from forecast.record.lines import Entry, LineError, decode, encode
from forecast.record.locks import locked
from forecast.record.rows import Tail, rows, tail
from forecast.text import clean, is_id

__all__ = ["GITATTRIBUTES", "Entry", "Ledger"]

# What a book's .gitattributes says, so that git keeps every byte and merges branches line by line.
GITATTRIBUTES = "*.jsonl -text merge=union\n"

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
        self._notice = notice
        self._timeout = timeout
        self._disk = disk or Disk()

    def append(self, forecasts: Sequence[Forecast], writer: str) -> list[Entry]:
        """Record `forecasts` as `writer` and return their entries, as any reader will see them.

        One write per question. Raises RecordError for a forecast that cannot be a line (before
        anything is written) and EnvironmentFailure where disk, lock or permissions stand in the
        way: then nothing counts as recorded, though whole lines may stand in the file.
        """
        self._check(forecasts, writer)
        groups: dict[str, list[int]] = {}
        for index, forecast in enumerate(forecasts):
            groups.setdefault(forecast.target.question, []).append(index)
        done: dict[int, Entry] = {}
        for question, indices in groups.items():
            entries = self._append_one(question, writer, [forecasts[i] for i in indices])
            done.update(zip(indices, entries, strict=True))
        return [done[index] for index in range(len(forecasts))]

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
        return [path.name for path in _sorted(self.folder) if is_id(path.name) and path.is_dir()]

    def files(self, question: str) -> list[Path]:
        """Return the record files of one question."""
        found = _sorted(self.folder / question) if is_id(question) else []
        return [path for path in found if path.suffix == ".jsonl" and is_id(path.stem)]

    def path(self, question: str, writer: str) -> Path:
        """Return where `writer` records forecasts of `question`; UsageError for impossible ids."""
        for name, text in (("question", question), ("writer", writer)):
            if not is_id(text):
                hint = "use lower case letters, digits and hyphens"
                raise UsageError(f"{clean(text)!r} cannot name a {name}", hint)
        path = self.folder / question / f"{writer}.jsonl"
        if not path.resolve().is_relative_to(self.root.resolve()):
            raise UsageError(f"{path} leads out of the book", "remove the symbolic link")
        return path

    def verify(self) -> list[Problem]:
        """Return everything the matter with the record; see `forecast.record.verify`."""
        from forecast.record.verify import verify

        return verify(self.root)

    def _read(self, path: Path, question: str) -> Iterator[Entry]:
        for row in rows(_bytes(path), path):
            if row.problem:
                self._notice(row.problem)
            if row.entry:
                yield _renamed(row.entry, question)

    def _check(self, forecasts: Iterable[Forecast], writer: str) -> None:
        for forecast in forecasts:
            self.path(forecast.target.question, writer)
            _encoded(forecast, writer, 1, None)

    def _append_one(self, question: str, writer: str, forecasts: Sequence[Forecast]) -> list[Entry]:
        path = self.path(question, writer)
        with _environment(path):
            self._make_directories(path.parent)
            lock = self._lock_path(question, writer)
            with locked(lock, path, self._timeout, self._disk), self._opened(path) as handle:
                data = self._contents(handle)
                if not data:
                    self._sync_directories(path.parent)
                end = tail(data, path)
                for problem in end.flaws:
                    self._notice(problem)
                lines = _chained(forecasts, writer, end)
                self._write(handle, path, end.glue + b"".join(lines))
        return [decode(line[:-1], path, number) for number, line in enumerate(lines, end.lines + 1)]

    def _write(self, handle: int, path: Path, data: bytes) -> None:
        """Write all of `data` by one call and wait for the device; never tried twice."""
        taken = self._disk.write(handle, data)
        if taken != len(data):
            raise EnvironmentFailure(
                f"{path}: the disk took only {taken} of {len(data)} bytes; nothing was recorded",
                "make room, then run the command again: the cut line is set aside by itself",
            )
        try:
            self._disk.sync(handle)
        except OSError as error:
            raise EnvironmentFailure(
                f"{path}: the disk did not confirm the write ({_cause(error)}); nothing counts as "
                "recorded",
                "check the disk, then `forecast verify`, then run the command again",
            ) from error

    def _contents(self, handle: int) -> bytes:
        chunks = []
        while chunk := self._disk.read(handle, _CHUNK):
            chunks.append(chunk)
        return b"".join(chunks)

    @contextmanager
    def _opened(self, path: Path) -> Iterator[int]:
        handle = self._disk.open(path)
        try:
            yield handle
        except BaseException:
            with suppress(OSError):
                self._disk.close(handle)
            raise
        self._disk.close(handle)

    def _make_directories(self, folder: Path) -> None:
        for path in (self.folder, folder):
            self._disk.make_directory(path)

    def _sync_directories(self, folder: Path) -> None:
        """Make a new file's name durable, up to the book's root, before its first line is."""
        for path in (folder, self.folder, self.root):
            self._disk.sync_directory(path)

    def _lock_path(self, question: str, writer: str) -> Path:
        folder = self.root / ".forecast" / "locks"
        for path in (folder.parent, folder):
            self._disk.make_directory(path)
        return folder / f"{question}.{writer}.lock"


def _chained(forecasts: Iterable[Forecast], writer: str, end: Tail) -> list[bytes]:
    """Return the lines of `forecasts`, each linked to the one before, the first to the tail."""
    lines = []
    seq, prev = (end.entry.seq, end.entry.hash) if end.entry else (0, None)
    for forecast in forecasts:
        seq += 1
        line = _encoded(forecast, writer, seq, prev)
        prev = decode(line[:-1]).hash
        lines.append(line)
    return lines


def _encoded(forecast: Forecast, writer: str, seq: int, prev: str | None) -> bytes:
    try:
        line = encode(forecast, writer=writer, seq=seq, prev=prev)
        decode(line[:-1])
    except LineError as error:
        target = clean(str(forecast.target))
        raise RecordError(
            f"the forecast of {target} by {clean(forecast.forecaster)} cannot be recorded: {error}"
        ) from None
    return line


def _renamed(entry: Entry, question: str) -> Entry:
    target = entry.forecast.target
    if target.question == question:
        return entry
    return replace(entry, forecast=replace(entry.forecast, target=Target(question, target.rung)))


def _sorted(folder: Path) -> list[Path]:
    with _environment(folder):
        return sorted(folder.iterdir()) if folder.is_dir() else []


def _bytes(path: Path) -> bytes:
    with _environment(path):
        return path.read_bytes()


@contextmanager
def _environment(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into a failure that says what to do."""
    try:
        yield
    except OSError as error:
        raise EnvironmentFailure(
            f"{path}: {_cause(error)}; nothing was recorded",
            "check that the folder exists, may be written and has room, then run it again",
        ) from error


def _cause(error: OSError) -> str:
    return (error.strerror or str(error) or type(error).__name__).lower()
