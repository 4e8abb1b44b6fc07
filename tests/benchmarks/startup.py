"""How long a command takes when nothing changed, beside the bare import of its libraries.

    python -m tests.benchmarks.startup [--rounds 15]

Each round runs, in turn, `python -c "import click, rich, yaml"` and the commands below on a copy of
the bundled book that has been updated once, and the medians over the rounds are compared: the two
sides of a ratio are measured in the same seconds. Times are of the processor (user and system), so
that other programs disturb them less; bytecode is compiled, output goes to a pipe.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
BARE = (sys.executable, "-c", "import click, rich, yaml")
FORECAST = (sys.executable, "-m", "forecast")
UPDATE = ("update", "--as-of", "2022-02-18")
COMMANDS = (
    UPDATE,
    (*UPDATE, "--json"),
    ("list",),
    ("show", "ukraine-invasion"),
    ("check",),
    ("score",),
)


def main() -> None:
    """Run the rounds and print a line a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book"
        shutil.copytree(ROOT / "questions", book, ignore=shutil.ignore_patterns(".forecast"))
        for command in COMMANDS:  # compiles bytecode and fits what is to be fitted
            seconds((*FORECAST, *command), book)
        every = [
            (seconds(BARE, book), *(seconds((*FORECAST, *c), book) for c in COMMANDS))
            for _ in range(rounds)
        ]
    bare, *timed = map(statistics.median, zip(*every, strict=True))
    print(f"{'import click, rich, yaml':40} {bare:6.3f} s")
    for command, time in zip(COMMANDS, timed, strict=True):
        print(f"{'forecast ' + ' '.join(command):40} {time:6.3f} s {time / bare:6.1f} ×")


def seconds(command: tuple[str, ...], book: Path) -> float:
    """Return the processor time of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "FORECAST_BOOK": str(book), "FORECAST_BY": "ann"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    main()
