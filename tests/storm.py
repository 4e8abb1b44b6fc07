"""Kill writers at random moments and count what was lost.

    python -m tests.storm --kills 10000 --writers 8

Every writer appends three rungs at a time, as fast as it can, and says on stdout which lines were
acknowledged. After each round of kills the record must hold every acknowledged line and verify.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from forecast.domain import Forecast, Kind, Target
from forecast.record.ledger import Ledger
from forecast.record.verify import verify

RUNGS = (date(2022, 2, 1), date(2022, 3, 1), date(2022, 7, 1))
SAID = Forecast(
    target=Target("storm"),
    forecaster="model/storm",
    kind=Kind.LIVE,
    made_at=datetime(2022, 1, 17, tzinfo=UTC),
    as_of=date(2022, 1, 17),
    value=0.25,
    gates={"verdict": "publish", "khat": 0.31, "mcse": 0.0004},
    rationale="as long as a forecaster's reason may well be, so that a line has its usual length",
)
ROUNDS_PER_QUESTION = 10


@dataclass
class Count:
    """What a storm did."""

    kills: int = 0
    acknowledged: int = 0
    lost: int = 0
    breaks: int = 0
    set_aside: int = 0

    def __str__(self) -> str:
        return (
            f"kills {self.kills}  acknowledged {self.acknowledged}  lost {self.lost}  "
            f"breaks {self.breaks}  torn lines set aside {self.set_aside}"
        )


def storm(root: Path, *, kills: int, writers: int, shared: bool, seed: int) -> Count:
    """Kill `kills` writers, `writers` at a time, each with its own file or all with one."""
    chance = random.Random(seed)
    count = Count()
    acknowledged: set[str] = set()
    while count.kills < kills:
        question = f"storm-{count.kills // (writers * ROUNDS_PER_QUESTION)}"
        names = ["storm" if shared else f"storm-{number}" for number in range(writers)]
        heard = list(one_round(root, question, names, chance))
        acknowledged.update(heard)
        count.kills += writers
        kept = {entry.hash for entry in Ledger(root).entries(question)}
        count.lost += len(set(heard) - kept)
    everything = {entry.hash for entry in Ledger(root, notice=lambda _: None).entries()}
    count.acknowledged = len(acknowledged)
    count.lost = max(count.lost, len(acknowledged - everything))
    problems = verify(root)
    count.breaks = sum(not problem.advice for problem in problems)
    count.set_aside = sum(problem.code == "record-torn" for problem in problems)
    return count


def one_round(root: Path, question: str, names: list[str], chance: random.Random) -> Iterator[str]:
    """Start a writer per name, kill each at a random moment, and yield what was acknowledged."""
    command = [sys.executable, "-m", "tests.storm", "--append", str(root), question]
    running = [subprocess.Popen([*command, name], stdout=subprocess.PIPE) for name in names]
    for process in running:
        assert process.stdout is not None
        process.stdout.readline()  # it is ready, and begins
    for process in running:
        time.sleep(chance.uniform(0, 0.04))
        process.kill()
    for process in running:
        assert process.stdout is not None
        with process:
            said = process.stdout.read().decode()
        yield from (line for line in said.split("\n")[:-1])


def append_forever(root: Path, question: str, writer: str) -> None:
    """Append and acknowledge on stdout until killed."""
    ledger = Ledger(root)
    ladder = [replace(SAID, target=Target(question, rung)) for rung in RUNGS]
    print("ready", flush=True)
    while True:
        entries = ledger.append(ladder, writer)
        sys.stdout.write("".join(f"{entry.hash}\n" for entry in entries))
        sys.stdout.flush()


def main() -> None:
    """Run a storm from the command line and print its counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--writers", type=int, default=8, help="how many write at once")
    parser.add_argument("--shared", action="store_true", help="all write the same file")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--append", nargs=3, metavar=("ROOT", "QUESTION", "WRITER"))
    asked = parser.parse_args()
    if asked.append:
        root, question, writer = asked.append
        append_forever(Path(root), question, writer)
    with tempfile.TemporaryDirectory() as folder:
        count = storm(
            Path(folder),
            kills=asked.kills,
            writers=asked.writers,
            shared=asked.shared,
            seed=asked.seed,
        )
    print(count)
    sys.exit(bool(count.lost or count.breaks))


if __name__ == "__main__":
    main()
