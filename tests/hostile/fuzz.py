"""Change files at random and read them: no crash, no hang, no growth, no refusal without its place.

    python -m tests.hostile.fuzz --files 1000000              the full form, hours of one core
    python -m tests.hostile.fuzz --reader question --seed 7 --only 1234     one finding again

A file is named by its reader, the seed and its number. Every reader's share of the files is stated
in `tests.hostile.readers`. Exit code 1 if anything was found.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from forecast.errors import Problem
from tests.hostile.readers import Reader, readers
from tests.hostile.texts import steering

SECONDS = 1.0  # of processor time, for one file
MEGABYTES = 200  # more than before the first file


@dataclass(frozen=True, slots=True)
class Finding:
    """What went wrong with one file."""

    reader: str
    seed: int
    number: int
    what: str

    def __str__(self) -> str:
        return f"--reader {self.reader} --seed {self.seed} --only {self.number}: {self.what}"


@dataclass
class Tally:
    """What became of one reader's files."""

    reader: str
    files: int = 0
    accepted: int = 0
    slowest: float = 0.0
    grown: float = 0.0
    findings: list[Finding] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.reader:<12}{self.files:>10,}{self.accepted:>10,}"
            f"{self.files - self.accepted - len(self.findings):>10,}{len(self.findings):>10,}"
            f"{self.slowest:>9.3f} s{self.grown:>7.0f} MB"
        )


HEAD = f"{'reader':<12}{'files':>10}{'read':>10}{'refused':>10}{'findings':>10}{'slowest':>11}"


def fuzz(reader: Reader, seed: int, numbers: Sequence[int], folder: Path) -> Tally:
    """Read the files of these numbers, in `folder` where they must stand on disk."""
    tally = Tally(reader.name)
    _attempt(reader, seed, -1, folder)  # imports count for none of the files
    before = _peak()
    for number in numbers:
        begun = time.process_time()
        accepted, flaws = _attempt(reader, seed, number, folder)
        taken = time.process_time() - begun
        tally.files += 1
        tally.accepted += accepted
        tally.slowest = max(tally.slowest, taken)
        tally.grown = max(tally.grown, _peak() - before)
        if taken > SECONDS:
            flaws.append(f"took {taken:.2f} s")
        if tally.grown > MEGABYTES:
            flaws.append(f"grew by {tally.grown:.0f} MB")
            before = _peak()
        tally.findings += [Finding(reader.name, seed, number, what) for what in flaws]
    return tally


def _attempt(reader: Reader, seed: int, number: int, folder: Path) -> tuple[bool, list[str]]:
    """Return whether a file was read without a serious problem, and what must not be."""
    data = reader.made(Random(f"{reader.name}/{seed}/{number}"))
    try:
        problems = list(reader.read(data, folder))
    except Exception:
        return False, [traceback.format_exc(limit=-3)]
    serious = [problem for problem in problems if not problem.advice]
    return not serious, [flaw for problem in problems for flaw in _flaws(problem, data)]


def _flaws(problem: Problem, data: bytes) -> Iterator[str]:
    """Say what a problem lacks: a place within its file, a remedy, text that is safe to show."""
    lines = data.count(b"\n") + data.count(b"\r") + 2
    if not (1 <= problem.line <= lines and problem.column >= 1):
        yield f"no place in the file: {problem}"
    if not problem.hint:
        yield f"no remedy: {problem}"
    if steering(str(problem)):
        yield f"not safe to show: {problem!r}"


def _peak() -> float:
    """The most memory this process has had so far, in megabytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def shares(files: int) -> Iterator[tuple[Reader, range]]:
    """Split a number of files among the readers."""
    found = readers()
    whole = sum(reader.share for reader in found)
    for reader in found:
        yield reader, range(-(-files * reader.share // whole))


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reader")
    parser.add_argument("--only", type=int, help="read one file, shown")
    asked = parser.parse_args()
    found = 0
    print(f"seed {asked.seed}\n{HEAD}")
    for reader, numbers in shares(asked.files):
        if asked.reader not in (None, reader.name):
            continue
        if asked.only is not None:
            print(reader.made(Random(f"{reader.name}/{asked.seed}/{asked.only}")))
            numbers = range(asked.only, asked.only + 1)
        with tempfile.TemporaryDirectory() as folder:
            tally = fuzz(reader, asked.seed, numbers, Path(folder))
        print(tally, flush=True)
        for finding in tally.findings[:20]:
            print(f"  {finding}", flush=True)
        found += len(tally.findings)
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
