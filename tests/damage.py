"""Damage a record file, bit by bit and byte by byte, and count what goes unnoticed.

    python -m tests.damage --flips 100000

A flipped bit is detected if `verify` names a line of the file; every line that is read all the same
must be one that was written. A file cut at any byte of its last five lines must be named unless the
cut fell between lines, keep every line before the cut, and take the next append.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from forecast.domain import Forecast, Kind, Target
from forecast.record.ledger import Ledger
from forecast.record.rows import rows
from forecast.record.verify import verify_bytes

NOON = datetime(2022, 2, 18, 12, tzinfo=UTC)
SAID = Forecast(
    target=Target("war", date(2022, 3, 1)),
    forecaster="model/hazard",
    kind=Kind.LIVE,
    made_at=NOON,
    as_of=date(2022, 2, 18),
    value=0.34,
    interval=(0.12, 0.61),
    gates={"verdict": "publish", "khat": 0.31},
    rationale="Troops keep coming; the “exercises” were prolonged.",
)
LINES = 8
LAST = 5


@dataclass
class Count:
    """What damage did; `kept` are lines read all the same, `false` lines that nobody wrote."""

    damaged: int = 0
    named: int = 0
    kept: int = 0
    lost: int = 0
    false: int = 0

    def __str__(self) -> str:
        return (
            f"{self.damaged} times: named {self.named}, lines still read {self.kept}, "
            f"lost {self.lost}, read but never written {self.false}"
        )


def written(folder: Path) -> Path:
    """Write a record of eight lines and return its file."""
    said = [replace(SAID, made_at=NOON + timedelta(hours=n)) for n in range(LINES)]
    return Ledger(folder).append(said, "ann")[0].path


def read(data: bytes, path: Path) -> list[str]:
    """Return the hashes of the lines that are read."""
    return [row.entry.hash for row in rows(data, path) if row.entry]


def flips(path: Path, many: int, seed: int) -> Count:
    """Flip one bit at a time, anywhere in the file."""
    whole = path.read_bytes()
    true = read(whole, path)
    chance = random.Random(seed)
    count = Count(damaged=many)
    for _ in range(many):
        changed = bytearray(whole)
        changed[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        found = read(bytes(changed), path)
        count.named += bool(verify_bytes(bytes(changed), path))
        count.kept += len(set(found) & set(true))
        count.lost += len(set(true) - set(found))
        count.false += len(set(found) - set(true))
    return count


def cuts(path: Path) -> Count:
    """Cut the file at every byte of its last lines, and append to what is left."""
    whole = path.read_bytes()
    true = read(whole, path)
    count = Count()
    for end in _ends(whole):
        path.write_bytes(whole[:end])
        count.damaged += 1
        count.named += bool(verify_bytes(whole[:end], path))
        before = whole[: end + 1].count(b"\n")  # a line that only lacks its newline is whole
        found = read(whole[:end], path)
        count.kept += len(found)
        count.lost += found != true[:before]
        (added,) = Ledger(path.parents[2], notice=lambda _: None).append([SAID], "ann")
        count.false += read(path.read_bytes(), path) != [*found, added.hash]
    path.write_bytes(whole)
    return count


def _ends(whole: bytes) -> Iterator[int]:
    lines = whole.splitlines(keepends=True)
    yield from range(len(whole) - sum(map(len, lines[-LAST:])), len(whole))


def main() -> None:
    """Damage a file from the command line and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flips", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = written(Path(folder))
        cut = cuts(path)
        flipped = flips(path, asked.flips, asked.seed)
    between = LAST  # cuts where a line ends cannot be seen in the file: a seal shows them
    print(f"cut {cut}")
    print(f"bits flipped {flipped}")
    unnoticed = cut.damaged - between - cut.named + flipped.damaged - flipped.named
    sys.exit(bool(unnoticed or cut.lost or cut.false or flipped.false))


if __name__ == "__main__":
    main()
