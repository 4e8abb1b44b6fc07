"""Simulation-based calibration: is the truth anywhere in its posterior as often as anywhere else?

S. Talts, M. Betancourt, D. Simpson, A. Vehtari & A. Gelman, "Validating Bayesian inference
algorithms with simulation-based calibration", 2018. Besides every parameter the probabilities and
the log likelihood are ranked, without which a posterior that forgot its data would pass (M. Modrák
et al., "Simulation-based calibration checking for Bayesian computation", 2023), and what then
happened is held to what was said. Ranks are judged by a simultaneous band for the empirical
distribution function (T. Säilynoja, P.-C. Bürkner & A. Vehtari, "Graphical test for discrete
uniformity", 2022; ArviZ's implementation).

`python -m tests.truth.calibration` does it in full, `--sampler nuts` by NUTS; the tests in small.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np

from forecast.inference import nuts
from forecast.inference.engine import Job, Sampler, fit
from forecast.inference.posterior import Posterior
from forecast.inference.programs import shaped, stacked
from forecast.verbs.fitting import job
from tests.truth.stories import STORIES
from tests.truth.telling import Array, Story, Teller

_BANDS = 20_000  # simulated samples a band is made of


@dataclass
class Ranks:
    """What many worlds say of one family.

    `pits` holds by quantity the share of the posterior below the truth, one entry a world; `said`
    and `came` the published probabilities and what then happened; `refused` counts posteriors that
    were not published.
    """

    pits: dict[str, list[float]] = field(default_factory=dict)
    said: list[float] = field(default_factory=list)
    came: list[float] = field(default_factory=list)
    worlds: int = 0
    refused: int = 0

    def verdicts(self, prob: float) -> dict[str, bool]:
        """Return for each quantity whether it stays inside its band of this probability."""
        inside = {name: within_band(np.array(pit), prob) for name, pit in self.pits.items()}
        return inside | ({"what came": abs(self.surprise) < _sds(prob)} if self.said else {})

    @property
    def surprise(self) -> float:
        """How many standard deviations more came than was said."""
        said, came = np.array(self.said), np.array(self.came)
        return float((came - said).sum() / math.sqrt((said * (1 - said)).sum()))


def _sds(prob: float) -> float:
    from scipy.stats import norm

    return float(norm.ppf((1 + prob) / 2))


def worlds(teller: Teller, count: int, seed: int) -> Iterator[Story]:
    """Yield `count` worlds in which nothing has happened yet."""
    rng = np.random.default_rng(seed)
    while count:
        told = teller(rng)
        if told is not None:
            count -= 1
            yield told


def calibrate(
    teller: Teller,
    count: int,
    *,
    seed: int = 1,
    sampler: Sampler = "fast",
    asked: Callable[[Story], Job] = lambda story: job(story.request),
) -> Ranks:
    """Return the ranks of `count` worlds of one family; `asked` makes a world's inference job."""
    stories = list(worlds(teller, count, seed))
    rng = np.random.default_rng(seed + 1)
    jobs = [replace(asked(story), seed=int(rng.integers(1 << 31))) for story in stories]
    ranks = Ranks(worlds=count)
    posteriors = map(_by_nuts, jobs) if sampler == "nuts" else fit(jobs, sampler=sampler)
    for story, posterior in zip(stories, posteriors, strict=True):
        if posterior.verdict == "refuse":
            ranks.refused += 1
        else:
            _rank(ranks, story, posterior, rng)
    return ranks


def _by_nuts(asked: Job) -> Posterior:
    """Return a posterior by NUTS, as soon as it may be published: ranks need no small error."""
    density = stacked([shaped(asked)])
    for effort in nuts.EFFORTS:
        posterior = nuts.sample(asked, density, [effort])
        if posterior.verdict != "refuse":
            break
    return posterior


def _rank(ranks: Ranks, story: Story, posterior: Posterior, rng: np.random.Generator) -> None:
    effective = _effective(posterior)
    for name, (values, truth) in _compared(story, posterior).items():
        columns = values.reshape(len(values), -1)
        for k, true in enumerate(np.ravel(truth)):
            label = name if columns.shape[1] == 1 else f"{name}[{k}]"
            ranks.pits.setdefault(label, []).append(
                _share_below(columns[:, k], true, effective, rng)
            )
    if story.p is not None:
        # One entry a world: its rungs hang together, and count once between them.
        which = rng.integers(len(story.came))
        ranks.said.append(float(np.ravel(posterior.mean)[which]))
        ranks.came.append(float(story.came[which]))


def _compared(story: Story, posterior: Posterior) -> dict[str, tuple[Array, Array]]:
    """Return by quantity its draws and its truth: parameters, log likelihood, and the answer."""
    draws, truth = posterior.draws, story.truth
    likelihoods = story.log_likelihood(draws), story.log_likelihood(truth)
    answer = (
        {"value": (draws["value"].reshape(-1, 1), story.came)}
        if story.p is None
        else {"p": (draws["p"], story.p)}
    )
    parameters = {name: (draws[name], truth[name]) for name in truth}
    return parameters | answer | {"log likelihood": likelihoods}


def _effective(posterior: Posterior) -> float:
    """Return how many independent draws weighted ones are worth; others count in full."""
    if posterior.weights is None:
        return len(posterior.points[posterior.output])
    return float(1 / (posterior.weights**2).sum())


def _share_below(values: Array, truth: float, effective: float, rng: np.random.Generator) -> float:
    """Return where the truth ranks among so many effective draws, from 0 to 1.

    The truth counts as one of them, and shares out what it ties with at random: of 200 draws it is
    below all once in 201 times, whatever their weights.
    """
    near = 1e-9 * max(1.0, abs(truth))
    below, tied = np.mean(values < truth - near), np.mean(np.abs(values - truth) <= near)
    return float((effective * (below + rng.random() * tied) + rng.random()) / (effective + 1))


def within_band(pits: Array, prob: float) -> bool:
    """Return whether shares that should be uniform stay inside a simultaneous band."""
    from arviz_stats.ecdf_utils import compute_ecdf

    points, low, high = _band(len(pits), prob)
    shares = compute_ecdf(np.clip(pits, 0, 1), points)
    return bool(((shares >= low) & (shares <= high)).all())


@cache
def _band(count: int, prob: float) -> tuple[Array, Array, Array]:
    from arviz_stats.ecdf_utils import get_pointwise_confidence_band, simulate_confidence_bands

    points = np.arange(1, count) / count
    rng = np.random.default_rng(214)
    pointwise = simulate_confidence_bands(count, 1, points, prob, _BANDS, rng)
    return points, *get_pointwise_confidence_band(pointwise, count, points)


def main() -> int:
    """Calibrate every story, and print what left its band."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--worlds", type=int, default=1000)
    parser.add_argument("--sampler", choices=["fast", "nuts", "auto"], default="fast")
    parser.add_argument("--band", type=float, default=0.99, help="probability of each band")
    parser.add_argument("stories", nargs="*", default=[*STORIES])
    asked = parser.parse_args()
    outside = 0
    for name in asked.stories:
        ranks = calibrate(STORIES[name], asked.worlds, sampler=asked.sampler)
        verdicts = ranks.verdicts(asked.band)
        left = [quantity for quantity, inside in verdicts.items() if not inside]
        outside += len(left)
        surprise = f", what came {ranks.surprise:+.1f} sd" if ranks.said else ""
        print(
            f"{name}: {ranks.worlds} worlds, {ranks.refused} refused, "
            f"{len(verdicts) - len(left)} of {len(verdicts)} quantities inside{surprise}"
            + (f"; outside: {', '.join(left)}" if left else ""),
            flush=True,
        )
    return min(outside, 1)


if __name__ == "__main__":
    sys.exit(main())
