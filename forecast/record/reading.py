"""The live forecasts of many questions at once: which reader reads them, and what is kept of it.

A small record is read line by line. A large one is read by DuckDB, a batch of questions at a time
so that memory stays bounded, and each batch is kept in `.forecast/record/` under the digest of its
files' names, sizes and times: it is read again once any of them changes, and may be deleted at any
time. The columns are the same every way.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from itertools import batched
from pathlib import Path

from forecast.disk import environment
from forecast.record.chains import Chain, chain
from forecast.record.columns import Lines, joined, read
from forecast.record.ledger import Ledger
from forecast.record.traces import Trace, traces

SMALL = 2 << 20
"""Bytes of a record that is read line by line: importing DuckDB takes as long."""
BATCH = 500
"""Questions read at a time."""
FRESH = 2 * 10**9
"""Nanoseconds for which a file's times do not show yet that it changed again."""
FORM = "1"
"""Of what is kept; another one is read anew."""

type Asked = tuple[str, Sequence[str]]
"""A question's id, and the ids under which it was recorded before."""


@dataclass(frozen=True, slots=True)
class _File:
    """A record file of a question (by its present id), and what shows that it was changed."""

    question: str
    path: Path
    size: int
    times: tuple[int, int]

    @property
    def stamp(self) -> str:
        """What differs once the file was changed."""
        return f"{self.size} {self.times}"


@dataclass(frozen=True, slots=True)
class _Batch:
    """Questions that are read at one time, and their files in order."""

    questions: Sequence[str]
    files: Sequence[_File]


def recorded(ledger: Ledger, asked: Sequence[Asked]) -> Iterator[list[Trace]]:
    """Yield the traces of each question, in the order asked.

    Flaws go to the ledger's `notice`, and what is whole is read on. Raises EnvironmentFailure where
    a file cannot be read.
    """
    with environment(ledger.folder, "the record cannot be read"):
        files = {question: list(_files(ledger, question, names)) for question, names in asked}
        small = sum(file.size for found in files.values() for file in found) <= SMALL
        batches = (
            _Batch(ids, [file for id in ids for file in files[id]]) for ids in batched(files, BATCH)
        )
        for batch, lines in (_one_by_one if small else _at_once)(ledger, batches):
            said: dict[str, list[Trace]] = {question: [] for question in batch.questions}
            for trace in traces(lines, [file.question for file in batch.files]):
                said[trace.target.question].append(trace)
            yield from said.values()


def _files(ledger: Ledger, question: str, formerly: Sequence[str]) -> Iterator[_File]:
    for name in (*formerly, question):
        for path in ledger.files(name):
            found = path.stat()
            yield _File(question, path, found.st_size, (found.st_mtime_ns, found.st_ctime_ns))


def _one_by_one(ledger: Ledger, batches: Iterable[_Batch]) -> Iterator[tuple[_Batch, Lines]]:
    for batch in batches:
        yield batch, read(enumerate(file.path for file in batch.files), ledger.notice)


def _at_once(ledger: Ledger, batches: Iterable[_Batch]) -> Iterator[tuple[_Batch, Lines]]:
    """Read by DuckDB, which is at one batch while the next is looked through here."""
    reader = _Reader(ledger)
    begun: deque[tuple[_Batch, Callable[[], Lines]]] = deque()
    with ThreadPoolExecutor(1) as aside:
        for batch in batches:
            begun.append((batch, reader.begin(batch, aside)))
            if len(begun) > 1:
                ready, finish = begun.popleft()
                yield ready, finish()
        for ready, finish in begun:
            yield ready, finish()


class _Reader:
    """Reads batches: what is kept of them, or their files by DuckDB, or line by line."""

    def __init__(self, ledger: Ledger) -> None:
        from forecast.record.database import Database
        from forecast.record.kept import Kept

        self._ledger = ledger
        self._database = Database()
        self._kept = Kept(ledger.root / ".forecast" / "record", self._database)

    def begin(self, batch: _Batch, aside: Executor) -> Callable[[], Lines]:
        """Begin to read a batch aside; what is returned waits for its lines."""
        slot, key = batch.questions[0], self._key(batch)
        kept = self._kept.find(slot, key)
        if kept is None:
            return self._anew(batch, aside)
        loading = aside.submit(self._database.load, kept)

        def finish() -> Lines:
            lines = loading.result()
            return self._anew(batch, aside)() if lines is None else lines

        return finish

    def _anew(self, batch: _Batch, aside: Executor) -> Callable[[], Lines]:
        chains = {n: found for n, file in enumerate(batch.files) if (found := _chain(file.path))}
        paths = {n: batch.files[n].path for n in chains}
        reading = aside.submit(self._database.read, paths, chains)

        def finish() -> Lines:
            fast = reading.result()
            left = [n for n in range(len(batch.files)) if fast is None or n not in chains]
            if fast is not None and not left:
                self._keep(batch, fast, aside)
                return fast
            slow = read(((n, batch.files[n].path) for n in left), self._ledger.notice)
            return joined([slow] if fast is None else [fast, slow])

        return finish

    def _keep(self, batch: _Batch, lines: Lines, aside: Executor) -> None:
        """Keep what was read, unless a file may change again within a tick of its clock."""
        newest = max((max(file.times) for file in batch.files), default=0)
        if time.time_ns() - newest > FRESH:
            aside.submit(self._kept.store, batch.questions[0], self._key(batch), lines)

    def _key(self, batch: _Batch) -> str:
        """Return a digest of all by which the files would show that they were changed."""
        said = (f"{file.path.relative_to(self._ledger.root)}\t{file.stamp}" for file in batch.files)
        return sha256("\n".join([FORM, *batch.questions, *said]).encode()).hexdigest()


def _chain(path: Path) -> Chain | None:
    try:
        return chain(path.read_bytes())
    except OSError:
        return None
