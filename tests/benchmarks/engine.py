"""What posteriors cost, beside NUTS and beside a bare import, as ratios measured in one run.

    python -m tests.benchmarks.engine [--full] [sampling] [update] [backtest] [explain]

`sampling`: 200 hazard posteriors (60 days survived, five indicators) against PyMC's own sampler and
against nutpie compiled once with data swapped, all warm, one core each. Both draw 2 chains of 1,000
after 500 tuning steps, without progress bar, checks or predictive draws; nutpie then also as many
as it needs to err no more than the engine. Root mean square errors are against four nutpie chains
of 20,000. `update`: the first update of the bundled book in a new
process with an empty compile directory and no compiler on the PATH, against `import pymc`.
`backtest`: 200 questions at 100 dates (20 at 20 unless --full) through the same path as every
verb, from views to kept fits. `explain`: 8 indicators, 256 posteriors, in a new process, imports
excluded. Fits are kept in new, empty folders. Times are of the processor, of all processes, so that
other programs disturb them less; `wall` says how long it took.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks import hazards

ROOT = Path(__file__).parents[2]
SETTINGS: dict[str, int] = {"draws": 1000, "tune": 500, "chains": 2}
ROUNDS = 25  # posteriors that stand for all with nutpie
PYMC_ROUNDS = 5  # where one costs seconds


def main() -> None:
    """Run the parts asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["sampling", "update", "backtest", "explain"])
    parser.add_argument("--full", action="store_true")
    asked = parser.parse_args()
    parts: dict[str, Callable[[bool], None]] = {
        "sampling": sampling,
        "update": update,
        "backtest": backtest,
        "explain": explain,
    }
    for name in asked.parts:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            parts[name](asked.full)


class Clock:
    """Processor time of this process and its children, and time on the wall."""

    cpu = wall = 0.0


@contextmanager
def timed() -> Iterator[Clock]:
    """Time what is done within."""
    clock, cpu, wall = Clock(), _processor(), time.perf_counter()
    yield clock
    clock.cpu, clock.wall = _processor() - cpu, time.perf_counter() - wall


def _processor() -> float:
    usages = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def line(what: str, clock: Clock, count: int = 1, beside: float = 0.0, more: str = "") -> None:
    """Print one measurement, and how many times another it is."""
    each = f"{1e3 * clock.cpu / count:10.2f} ms each" if count > 1 else f"{clock.cpu:10.2f} s"
    ratio = f"{beside:8.1f} ×" if beside else ""
    print(f"{what:44}{each:>20} (wall {clock.wall:7.1f} s) {ratio} {more}", flush=True)


def sampling(full: bool) -> None:
    """200 posteriors of one shape, and as many by NUTS as there is patience for."""
    from forecast.inference.engine import fit
    from forecast.verbs.fitting import job

    hazards.write(Path("book"), 200)
    jobs = [job(request) for request in hazards.requests(Path("book"), 1, first=60)]
    backends = ("interpreted", "compiled") if full else ("interpreted",)
    found: dict[str, tuple[float, np.ndarray]] = {}
    for backend in backends:
        fit(jobs[:2], sampler="fast", backend=backend)  # warm
        with timed() as clock:
            posteriors = fit(jobs, backend=backend)
        verdicts = Counter(p.verdict for p in posteriors)
        line(f"engine, {backend}, 200", clock, 200, more=str(dict(verdicts)))
        found[backend] = clock.cpu / 200, np.array([p.mean[0] for p in posteriors[:ROUNDS]])
    with timed() as clock:
        densities_alone(jobs)
    line("the densities alone, 512 points each", clock, 200)
    truth = np.array([_nutpie(job, draws=20_000, tune=1000, chains=4) for job in jobs[:ROUNDS]])

    def against(name: str, sampler: Callable[..., float], rounds: int, **settings: int) -> float:
        sampler(jobs[0], **settings)  # warm
        with timed() as clock:
            means = [sampler(job, **settings) for job in jobs[:rounds]]
        error = _rms(means, truth[:rounds])
        for backend, (cost, ours) in found.items():
            errors = f"rms error {error:.4f}, engine {_rms(ours, truth):.4f}"
            ratio = clock.cpu / rounds / cost
            line(f"{name} / engine, {backend}", clock, rounds, ratio, errors)
        return error

    against("pm.sample", _pymc, PYMC_ROUNDS, **SETTINGS)
    ours = max(_rms(means, truth) for _, means in found.values())
    for doubling in range(6):
        settings = SETTINGS | {"draws": SETTINGS["draws"] << doubling}
        if against(f"nutpie, {settings['draws']:,} draws", _nutpie, ROUNDS, **settings) <= ours:
            break


def densities_alone(jobs: list[Any]) -> None:
    """Evaluate density and outputs at as many points as a posterior first takes."""
    from forecast.inference.programs import shaped, stacked

    for start in range(0, len(jobs), 64):
        densities = stacked([shaped(job) for job in jobs[start : start + 64]])
        densities.weigh(np.repeat(densities.start[:, None], 512, axis=1))


def _rms(means: Any, truth: Any) -> float:
    return float(np.sqrt(np.mean((np.ravel(means) - np.ravel(truth)) ** 2)))


def _pymc(job: Any, **settings: int) -> float:
    import pymc as pm

    tree = pm.sample(
        model=job.built,
        cores=1,
        random_seed=1,
        progressbar=False,
        quiet=True,
        compute_convergence_checks=False,
        var_names=["p"],
        **settings,
    )
    return float(tree.posterior["p"].mean())


_NUTPIE: list[Any] = []


def _nutpie(job: Any, **settings: int) -> float:
    import nutpie

    if not _NUTPIE:
        _NUTPIE.append(nutpie.compile_pymc_model(job.built, var_names=["p"]))
    (compiled,) = _NUTPIE
    names = {v.name for v in compiled.shared_var_keys}
    held = {v.name: v.get_value() for v in job.built.data_vars if v.name in names}
    tree = nutpie.sample(
        compiled.with_data(**held), cores=1, seed=1, progress_bar=False, **settings
    )
    return float(tree.posterior["p"].mean())


def update(_: bool) -> None:
    """The first update of the bundled book, against a bare import of PyMC."""
    ignore = shutil.ignore_patterns(".forecast")
    shutil.copytree(ROOT / "questions", "book", ignore=ignore)
    Path("bin").mkdir()
    environment = {
        **os.environ,
        "PATH": str(Path("bin").resolve()),
        "PYTENSOR_FLAGS": f"base_compiledir={Path('compiled').resolve()}",
        "PYTHONPATH": str(ROOT),
    }

    def run(*command: str) -> Clock:
        with timed() as clock:
            subprocess.run([sys.executable, *command], env=environment, check=True, stdout=-3)
        return clock

    def first() -> Clock:
        for made in ("book/.forecast", "compiled"):
            shutil.rmtree(made, ignore_errors=True)
        return run("-m", "forecast", "update", "--book", "book", "--as-of", "2022-02-18")

    run("-c", "import pymc")  # bytecode
    pairs = [(run("-c", "import pymc"), first()) for _ in range(5)]
    for bare, whole in pairs:
        line("import pymc", bare)
        line("first update of the bundled book", whole, beside=whole.cpu / bare.cpu)
    ratio = np.median([whole.wall / bare.wall for bare, whole in pairs])
    print(f"the median of the times on the wall is {ratio:.1f} ×, by {os.cpu_count()} processors")


def backtest(full: bool) -> None:
    """Questions × dates by the path of every verb."""
    from forecast.verbs.fitting import fit

    questions, cutoffs = (200, 100) if full else (20, 20)
    hazards.write(Path("book"), questions)
    with timed() as views:
        asked: list[Any] = list(hazards.requests(Path("book"), cutoffs))
    count = len(asked)
    line("book and views", views, count)
    with timed() as keys:
        for request in asked:
            request.key("auto")
    line("keys", keys, count)
    with timed() as clock:
        fits = fit(asked, Path("cache"))
    verdicts = Counter(f.gates["verdict"] for f in fits)
    samplers = Counter(f.gates["sampler"] for f in fits)
    line(f"{count:,} posteriors", clock, count, more=f"{dict(verdicts)} {dict(samplers)}")
    with timed() as again:
        fit(asked, Path("cache"))
    line("the same, kept", again, count)


_EXPLAIN = """
import time
from datetime import datetime, timezone, date
import pymc, threadpoolctl, scipy.special, forecast.book.load, forecast.verbs.fitting
import forecast.inference.fast
from forecast.verbs.explain import explain
from forecast.verbs.workspace import Workspace
ws = Workspace.open("book", now=datetime(2022, 1, 20, 12, tzinfo=timezone.utc))
start = time.perf_counter(), time.process_time()
explain(ws, "q000", day=date(2022, 1, 17))
print(time.perf_counter() - start[0], time.process_time() - start[1])
"""


def explain(_: bool) -> None:
    """256 posteriors of one question, beyond start-up."""
    hazards.write(Path("book"), 1, indicators=8)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", _EXPLAIN]
    clock = Clock()
    said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    clock.wall, clock.cpu = map(float, said.stdout.split())
    line("explain, 8 indicators, beyond start-up", clock)


if __name__ == "__main__":
    main()
