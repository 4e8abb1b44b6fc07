"""How long scoring takes, beside DuckDB's bare scan of the same files and beside other libraries.

    python -m tests.benchmarks.scoring [--questions 10000] [--forecasts 1000000] [--rounds 3]

Commands are whole processes, run in turn; each round compares them with a process that lets DuckDB
count the record's lines and average their values. Memory is a process's peak. What is done in
memory is compared with the least that must be done (a pass, a sort) and with other libraries.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.large import write

ROOT = Path(__file__).parents[2]
SCAN = """
import duckdb
print(duckdb.sql('''SELECT count(*), avg(value::DOUBLE)
    FROM read_json('record/**/*.jsonl', format='newline_delimited')''').fetchall())
"""
N = 1_000_000


@dataclass(frozen=True)
class Ran:
    """What a process took: seconds by the clock and of processors, and megabytes at its peak."""

    wall: float
    cpu: float
    peak: float


def main() -> None:
    """Write the book, run the rounds, and print a line for each comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--forecasts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book"
        write(book, asked.questions, asked.forecasts)
        size = sum(path.stat().st_size for path in book.glob("record/*/*.jsonl"))
        print(f"{asked.forecasts:,} forecasts, {asked.questions:,} questions, {size / 1e6:.0f} MB")
        time.sleep(2)  # until the files' times show every later change
        commands(book, asked.rounds)
    in_memory()


def commands(book: Path, rounds: int) -> None:
    """Compare commands with the bare scan: from nothing, and with what is kept."""
    run((sys.executable, "-c", SCAN), book)  # the system's own cache
    report("score, nothing kept", [(scan(book), forecast(book, "score"))])
    first = next(book.glob("record/*/*.jsonl"))
    for command in ("score", "calibration"):
        report(command, [(scan(book), forecast(book, command)) for _ in range(rounds)])
    os.utime(first)
    time.sleep(2)
    report("score, one file touched", [(scan(book), forecast(book, "score"))])


def scan(book: Path) -> Ran:
    """Let DuckDB read the record's lines and do next to nothing with them."""
    return run((sys.executable, "-c", SCAN), book)


def forecast(book: Path, command: str) -> Ran:
    """Run a command of the program on the book."""
    return run((sys.executable, "-m", "forecast", command, "--book", str(book)), book)


def run(command: tuple[str, ...], folder: Path) -> Ran:
    """Run a process and return what it took."""
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths, "FORECAST_BY": "ann"}
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, command
    wall = time.perf_counter() - begun
    return Ran(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def report(name: str, rounds: list[tuple[Ran, Ran]]) -> None:
    """Print the median ratio over the rounds, and what the median command took."""
    wall = statistics.median(own.wall / bare.wall for bare, own in rounds)
    cpu = statistics.median(own.cpu / bare.cpu for bare, own in rounds)
    own = statistics.median(own.wall for _, own in rounds)
    peak = max(own.peak for _, own in rounds)
    print(
        f"{name:26} {own:7.2f} s  {wall:5.2f} × the scan ({cpu:.2f} × of processor) {peak:5.0f} MB"
    )


def in_memory() -> None:
    """Compare what is done in memory with its floor and with other libraries."""
    luck = np.random.default_rng(0)
    p = luck.random(N)
    o = (luck.random(N) < p).astype(float)
    print(f"\nmean Brier score of {N:,} pairs, beside one pass over them (a dot product)")
    beside({"one pass": lambda: p @ o, **dict(briers(p, o))}, repeat=20)
    print(f"\nPAV of {N:,} distinct forecasts, beside their sort")
    beside({"the sort": lambda: np.argsort(p), **dict(isotonic(p, o))}, repeat=3)
    from forecast.scoring.corp import consistency

    few, came = p[:1000], o[:1000]
    took = timed(lambda: consistency(probability=few, outcome=came), 3)
    print(f"\nconsistency band, 1,000 resamples of 1,000 forecasts {took:.3f} s")


def briers(p: Any, o: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield the mean Brier score by ours and by others."""
    import scores.probability
    import scoringrules
    import sklearn.metrics
    import xarray

    from forecast.scoring.many import mean_brier

    said, came = xarray.DataArray(p), xarray.DataArray(o)
    yield "forecast", lambda: mean_brier(probability=p, outcome=o)
    yield "scoringrules", lambda: scoringrules.brier_score(o, p).mean()
    yield "scikit-learn", lambda: sklearn.metrics.brier_score_loss(o, p)
    yield "nci/scores", lambda: scores.probability.brier_score(said, came)


def isotonic(p: Any, o: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield the isotonic fit and the decomposition of the score by it."""
    from model_diagnostics.scoring import SquaredError, decompose
    from sklearn.isotonic import IsotonicRegression

    from forecast.scoring.corp import reliability

    yield "forecast (with MCB, DSC)", lambda: reliability(probability=p, outcome=o)
    yield "scikit-learn (fit alone)", lambda: IsotonicRegression().fit(p, o)
    yield "model-diagnostics", lambda: decompose(y_obs=o, y_pred=p, scoring_function=SquaredError())


def beside(calls: dict[str, Callable[[], Any]], repeat: int) -> None:
    """Print how long each takes, and how many times as long as the first."""
    for call in calls.values():
        call()  # imports, and memory that is new
    rounds = [[timed(call, 1) for call in calls.values()] for _ in range(repeat)]
    best = [min(times) for times in zip(*rounds, strict=True)]
    for name, took in zip(calls, best, strict=True):
        print(f"  {name:26} {took * 1e3:9.2f} ms {took / best[0]:7.2f} ×")


def timed(call: Callable[[], Any], repeat: int) -> float:
    """Return the least of some timings, in seconds."""
    times = []
    for _ in range(repeat):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return min(times)


if __name__ == "__main__":
    main()
