"""The fast path against long NUTS runs, on real and simulated data sets of every kind.

`python -m tests.truth.against_nuts` compares more than two hundred; the tests a handful. Every
published probability must lie within four combined Monte Carlo errors of NUTS, and state an error
of no more than .0025.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from forecast.book.load import load
from forecast.book.views import models_at, view
from forecast.domain import AsOf, Observation
from forecast.inference import engine, nuts
from forecast.inference.posterior import Posterior
from forecast.inference.programs import shaped, stacked
from forecast.verbs.fitting import Request, job
from forecast.verbs.forecasting import open_targets
from tests.posterior_books import on
from tests.truth.calibration import worlds
from tests.truth.stories import STORIES
from tests.truth.telling import ask, event, level

BOOK = Path(__file__).parents[2] / "questions"
DAYS = [date(2021, 12, 15), date(2022, 1, 19), date(2022, 2, 2), date(2022, 2, 18)]
LONG = nuts.Effort(tune=1000, draws=10_000, target_accept=0.9)


@dataclass(frozen=True)
class Compared:
    """One data set under both samplers."""

    name: str
    fast: Posterior
    long: Posterior

    @property
    def apart(self) -> float:
        """The largest difference in combined errors, of probabilities judged alike."""
        difference = np.abs(np.ravel(self.fast.mean) - np.ravel(self.long.mean))
        errors = np.ravel(np.hypot(self.fast.mcse, self.long.mcse))
        with np.errstate(divide="ignore"):
            return float(np.divide(difference, errors, where=difference > 0, out=0 * errors).max())


def of_the_bundled_book() -> Iterator[tuple[str, Request]]:
    """Yield every model of every real question at several days."""
    book = load(BOOK)
    for day, question in itertools.product(DAYS, book.questions.values()):
        as_of = AsOf.at(day, question.zone)
        if day >= question.clock and open_targets(question, as_of) and question.type != "numeric":
            for spec in models_at(question, as_of):
                request = Request(spec, view(book, question, as_of))
                yield f"{question.id}/{spec.name} on {day}", request


def simulated(each: int) -> Iterator[tuple[str, Request]]:
    """Yield worlds of every story whose answer is a probability."""
    for name, teller in STORIES.items():
        for number, story in enumerate(worlds(teller, each, seed=7)):
            if story.p is not None:
                yield f"{name} {number}", story.request


def of_the_edges() -> Iterator[tuple[str, Request]]:
    """Yield hazards with none or all events, extreme exposures and intervals, twin indicators."""
    counts, exposures = [(0, 10), (1, 2), (10, 10)], [1, 30, 73_000]
    intervals, twins = [(1.01, 1.02), (0.01, 100.0)], [False, True]
    for (events, cases), exposure, interval, twin in itertools.product(
        counts, exposures, intervals, twins
    ):
        reference = {"name": "cases", "events": events, "cases": cases, "exposure": exposure}
        uses = [{"use": "a", "hazard_ratio": list(interval), "lasts": 5}]
        seen = [event("a", 1)]  # on the first day
        if twin:
            uses.append({"use": "b", "hazard_ratio": list(interval), "per": 10, "baseline": 10})
            readings = (Observation(on(d), on(d), value=v) for d, v in ((1, 20.0), (6, 10.0)))
            seen.append(level("b", *readings))
        stated = {"reference_class": reference, "indicators": uses}
        name = f"{events} of {cases} in {exposure} days, ratio {interval}" + " twice" * twin
        yield name, ask("hazard", stated, 4, (6, 30), *seen)


def data_sets(each: int) -> Iterator[tuple[str, Request]]:
    """Yield all data sets by name, `each` worlds of every story among them."""
    yield from of_the_bundled_book()
    yield from of_the_edges()
    yield from simulated(each)


def compare(named: Iterator[tuple[str, Request]]) -> Iterator[Compared]:
    """Yield each data set under both samplers, models without free parameters left out."""
    names, requests = zip(*named, strict=True)
    jobs = [job(request) for request in requests]
    for name, asked, fast in zip(names, jobs, engine.fit(jobs, sampler="fast"), strict=True):
        if fast.sampler == "fast":
            yield Compared(name, fast, nuts.sample(asked, stacked([shaped(asked)]), [LONG]))


def main() -> int:
    """Print every comparison that is not as it should be, and a summary."""
    count = refused = unheard = wrong = 0
    farthest = 0.0
    for done in compare(data_sets(14)):
        count += 1
        if done.fast.verdict == "refuse":
            refused += 1
            print(f"refused by the fast path: {done.name}: {done.fast.gates['reasons']}")
            continue
        if done.long.verdict == "refuse":
            unheard += 1
            print(f"refused by NUTS: {done.name}: {done.long.gates['reasons']}")
        apart = 0.0 if done.long.verdict == "refuse" else done.apart  # it is nothing to be held to
        error = float(np.max(done.fast.mcse))
        farthest = max(farthest, apart)
        if not (apart <= 4 and error <= 0.0025):
            wrong += 1
            print(f"! {done.name}: {apart:.2f} errors apart, error {error:.4f}")
        sys.stdout.flush()
    print(
        f"{count} data sets, {refused} left to NUTS by the fast path, {unheard} refused by NUTS, "
        f"{wrong} wrong; largest difference {farthest:.2f} combined errors"
    )
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
