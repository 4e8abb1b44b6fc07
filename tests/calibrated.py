"""Simulation-based calibration of the families that learn from cases or hang on other questions.

    python -m tests.calibrated            # 100 simulations a family, seconds
    python -m tests.calibrated --full     # 1,000

For each simulation (tests/simulations.py) the fast path fits the question, and the truth's rank
among its draws is taken: of every parameter and of p. Ranks are judged by the largest distance of
their distribution from the uniform one (Kolmogorov and Smirnov); what is printed is the chance of
one as large, the smallest of all quantities times their number.
"""

from __future__ import annotations

import argparse
from collections import Counter
from functools import partial

import numpy as np
from scipy import stats

from forecast.families import get
from forecast.inference import engine
from forecast.inference.engine import Job
from tests.simulations import SIMULATIONS, Simulated


def ranks(
    name: str, count: int, seed: int = 1, planted: str = ""
) -> tuple[dict[str, np.ndarray], Counter[str]]:
    """Return the ranks (between 0 and 1) by quantity, and how often each verdict was given.

    `planted` tells the graphs of a model with a planted mistake from those of the right one.
    """
    rng = np.random.default_rng([seed, *name.encode()])
    drawn = [SIMULATIONS[name](rng) for _ in range(count)]
    jobs = [_job(each, k, planted) for k, each in enumerate(drawn)]
    posteriors = engine.fit(jobs, sampler="fast")
    found: dict[str, list[float]] = {}
    for each, posterior in zip(drawn, posteriors, strict=True):
        if posterior.verdict == "refuse":
            continue
        for quantity, truth in each.truth.items():
            draws = posterior.draws[quantity].reshape(len(posterior.draws[quantity]), -1)
            for k, value in enumerate(np.ravel(truth)):
                found.setdefault(f"{quantity}[{k}]", []).append((draws[:, k] < value).mean())
    return {k: np.array(v) for k, v in found.items()}, Counter(p.verdict for p in posteriors)


def _job(each: Simulated, seed: int, planted: str) -> Job:
    family, asked = get(each.family), (each.options, each.view)
    key = family.key(*asked) + planted
    return Job(partial(family.build, *asked), key, seed, data=family.data(*asked))


def chance(found: dict[str, np.ndarray]) -> float:
    """Return the chance that some quantity's ranks are as far from uniform as the worst (Šidák)."""
    worst = min(stats.kstest(each, "uniform").pvalue for each in found.values())
    return float(1 - (1 - worst) ** len(found))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--full", action="store_true", help="1,000 simulations a family")
    count = 1000 if parser.parse_args().full else 100
    for name in SIMULATIONS:
        found, verdicts = ranks(name, count)
        print(f"{name}: {dict(verdicts)}, chance of ranks as uneven {chance(found):.3f}")
        for quantity, each in found.items():
            print(f"  {quantity:22} mean {each.mean():.3f}  sd {each.std():.3f}  n {len(each)}")


if __name__ == "__main__":
    main()
