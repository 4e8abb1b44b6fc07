"""Do intervals cover, does the calibration test keep its level, does honesty score best?

Run `python -m tests.scoring.coverage` for a glance and with `--full` for figures worth quoting.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from forecast.scoring import corp
from forecast.scoring.calibration import spiegelhalter
from forecast.scoring.many import pieces
from forecast.scoring.uncertainty import Interval, cluster_interval

type Array = NDArray[np.float64]
type Draw = Callable[[np.random.Generator], tuple[Array, Array]]

QUESTIONS, DAYS, RESAMPLES = 60, 30, 199


@dataclass(frozen=True)
class Figure:
    """One measured share, with the range it should lie in."""

    what: str
    share: float
    least: float
    most: float

    @property
    def fine(self) -> bool:
        return self.least <= self.share <= self.most

    def __str__(self) -> str:
        verdict = "ok" if self.fine else "OUTSIDE"
        return f"{self.what:62} {self.share:6.3f}   {self.least:.2f} to {self.most:.2f}   {verdict}"


def daily_scores(rng: np.random.Generator, questions: int = QUESTIONS) -> Array:
    """Return Brier scores of daily updates, (questions, days): a question's luck is its days'."""
    truth = rng.beta(1.0, 1.0, questions)
    came = (rng.random(questions) < truth)[:, None]
    drift = rng.normal(0, 0.15, (questions, DAYS)).cumsum(axis=1)
    said = expit(logit(truth)[:, None] + rng.normal(0, 0.5, (questions, 1)) + drift)
    return np.asarray((said - came) ** 2)


def coverage(games: int, seed: int = 1) -> Iterator[Figure]:
    """Measure how often nominal 95% intervals hold the expected score."""
    truth = float(daily_scores(np.random.default_rng(0), 400_000).mean())
    hits = dict.fromkeys(("t", "bootstrap", "events", "rows"), 0)
    for game in range(games):
        rng = np.random.default_rng([seed, game])
        scores = daily_scores(rng)
        mean = scores.mean(axis=1)
        hits["t"] += _holds(cluster_interval(value=mean), truth)
        hits["bootstrap"] += _holds(
            cluster_interval(value=mean, method="bootstrap", resamples=500), truth
        )
        rungs = np.repeat(mean, 3)  # three questions that hang on one event
        events = np.repeat(np.arange(QUESTIONS), 3)
        hits["events"] += _holds(cluster_interval(value=rungs, cluster=events), truth)
        hits["rows"] += _holds(cluster_interval(value=scores.ravel()), truth)
    share = {name: count / games for name, count in hits.items()}
    yield Figure("interval over questions, t: covers", share["t"], 0.90, 0.97)
    yield Figure("interval over questions, bootstrap: covers", share["bootstrap"], 0.90, 0.97)
    yield Figure("interval over events of three questions: covers", share["events"], 0.90, 0.97)
    yield Figure("rows taken as independent: covers", share["rows"], 0.25, 0.42)


def _holds(interval: Interval, truth: float) -> bool:
    return interval.low is not None and interval.low <= truth <= interval.high


def fixed(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw calibrated forecasts of questions that run to their close."""
    said = rng.beta(0.8, 0.8, QUESTIONS).round(2)
    return said, (rng.random(QUESTIONS) < said).astype(float)


def _hazards(rng: np.random.Generator) -> tuple[Array, Array]:
    """Return constant hazards per schedule, and when the events came (schedules have length 1)."""
    hazard = -np.log1p(-rng.uniform(0.05, 0.95, 2 * QUESTIONS))
    return hazard, rng.exponential(1 / hazard)


def midway(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw snapshots halfway of events that end their questions; those over drop out."""
    hazard, came = _hazards(rng)
    left = came > 0.5
    return -np.expm1(-hazard * 0.5)[left], (came[left] <= 1).astype(float)


def last(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw what stood last before such questions ended: selected by the outcome."""
    hazard, came = _hazards(rng)
    return -np.expm1(-hazard * (1 - np.minimum(came, 0.95))), (came <= 1).astype(float)


def every_day(rng: np.random.Generator) -> tuple[Array, Array]:
    """Draw daily updates of calibrated forecasts, taken for questions of their own."""
    said, came = fixed(rng)
    return np.repeat(said, DAYS), np.repeat(came, DAYS)


def alarms(draw: Draw, games: int, seed: int = 2) -> tuple[float, float]:
    """Return how often CORP's test and Spiegelhalter's accuse a calibrated forecaster at .05."""
    corp_test = z_test = 0
    for game in range(games):
        said, came = draw(np.random.default_rng([seed, game]))
        found = corp.consistency(probability=said, outcome=came, resamples=RESAMPLES, seed=game)
        corp_test += found.p_value <= 0.05
        z = spiegelhalter(probability=said, outcome=came).p_value
        z_test += z is not None and z <= 0.05
    return corp_test / games, z_test / games


def size(games: int) -> Iterator[Figure]:
    """Measure the calibration tests' size at nominal .05, and what selection does to it."""
    for what, draw in (("questions run to their close", fixed), ("events end them early", midway)):
        corp_test, z_test = alarms(draw, games)
        yield Figure(f"calibration test, {what}: false alarms", corp_test, 0.03, 0.07)
        yield Figure(f"Spiegelhalter's test, {what}: false alarms", z_test, 0.03, 0.07)
    few = max(20, games // 10)
    yield Figure("read at the last forecast: false alarms", alarms(last, few)[0], 0.9, 1.0)
    yield Figure("daily updates as questions: false alarms", alarms(every_day, few)[0], 0.7, 1.0)


def honesty(games: int, seed: int = 3) -> Iterator[Figure]:
    """Compare, on the same games, the honest headline with those who shift every logit."""
    days, daily = 60, 1 - 0.7 ** (1 / 60)
    rng = np.random.default_rng(seed)
    ends = rng.geometric(daily, games)
    answered, came = np.minimum(ends, days).astype(float), ends <= days
    honest = 1 - (1 - daily) ** (days - np.arange(days))
    question, start = np.repeat(np.arange(games), days), np.tile(np.arange(days), games)
    stood = pieces(
        question=question, start=start, open=np.zeros(games), close=np.full(games, days),
        answered=answered,
    )  # fmt: skip
    shifts = (-0.8, -0.4, -0.2, 0.0, 0.2, 0.4, 0.8)
    mean = {}
    for shift in shifts:
        said = expit(logit(honest) + shift)
        mean[shift] = stood.time_average((np.tile(said, games) - came[question]) ** 2).mean()
    best = min(mean, key=mean.__getitem__)
    yield Figure("honest headline under a constant hazard", float(mean[0.0]), 0.11, 0.116)
    yield Figure("everybody's best shift of the logit (0 is honest)", best, 0.0, 0.0)


def study(games: int) -> Iterator[Figure]:
    """Yield every figure, from so many games."""
    yield from coverage(games)
    yield from size(games)
    yield from honesty(20 * games)


if __name__ == "__main__":
    number = 2000 if "--full" in sys.argv else 200
    found = []
    for figure in study(number):
        print(figure, flush=True)
        found.append(figure.fine)
    sys.exit(not all(found))
