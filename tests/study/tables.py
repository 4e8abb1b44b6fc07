"""The study's scores: one row a series and forecaster, with intervals over blocks of weeks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from forecast.scoring.corp import Consistency, Reliability, consistency, reliability
from forecast.scoring.crps import crps_quantiles
from forecast.scoring.scores import brier
from forecast.scoring.uncertainty import Interval, cluster_interval, paired_difference, time_blocks
from forecast.verbs.fits import LEVELS
from tests.study.said import MODEL, PAST, WALK, Chance, Level

BLOCK = 13 * 7  # days: a quarter of weeks shares its calm or storm
FORECASTERS = (MODEL, WALK, PAST)

type Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One forecaster's mean score, and its difference from the walk's where it is another."""

    forecaster: str
    mean: Interval
    difference: Interval | None


@dataclass(frozen=True, slots=True)
class Calibrated:
    """One forecaster's curve, its band if calibrated, and the 90% range of MCB over blocks."""

    forecaster: str
    curve: Reliability
    band: Consistency
    low: float
    high: float


def brier_rows(chances: Sequence[Chance]) -> list[Row]:
    """Return the mean Brier score of each forecaster."""
    outcome = [c.outcome for c in chances]
    scores = {
        who: brier(probability=[c.said[who] for c in chances], outcome=outcome)
        for who in FORECASTERS
    }
    return list(_rows(scores, [c.week for c in chances]))


def crps_rows(levels: Sequence[Level]) -> list[Row]:
    """Return the mean CRPS of each forecaster, in the series' unit."""
    answer = [level.answer for level in levels]
    scores = {
        who: crps_quantiles(
            quantiles=[level.said[who] for level in levels], levels=LEVELS, outcome=answer
        )
        for who in FORECASTERS
    }
    return list(_rows(scores, [level.week for level in levels]))


def covered(levels: Sequence[Level], who: str) -> float:
    """Return the share of answers between a forecaster's 5% and 95% quantiles."""
    low, high = LEVELS.index(0.05), LEVELS.index(0.95)
    inside = [x.said[who][low] <= x.answer <= x.said[who][high] for x in levels]
    return sum(inside) / len(inside)


def calibrated(chances: Sequence[Chance], who: str, *, resamples: int = 1000) -> Calibrated:
    """Return a forecaster's calibration.

    The band draws each week's outcomes together, as one series answers them all; the range of the
    miscalibration resamples blocks of weeks.
    """
    said = np.array([c.said[who] for c in chances])
    came = np.array([c.outcome for c in chances])
    weeks = [c.week.toordinal() for c in chances]
    blocks = time_blocks(time=weeks, length=BLOCK)
    resampled = [
        reliability(probability=said[rows], outcome=came[rows]).miscalibration
        for rows in _resampled(blocks, resamples)
    ]
    low, high = np.quantile(resampled, [0.05, 0.95])
    return Calibrated(
        who,
        reliability(probability=said, outcome=came),
        consistency(probability=said, outcome=came, cluster=weeks, resamples=resamples),
        float(low),
        float(high),
    )


def _rows(scores: Mapping[str, Array], weeks: Sequence[date]) -> Iterator[Row]:
    blocks = time_blocks(time=[week.toordinal() for week in weeks], length=BLOCK)
    for who, score in scores.items():
        apart = paired_difference(first=score, second=scores[WALK], cluster=blocks)
        beside = None if who == WALK or apart is None else apart.interval
        yield Row(who, cluster_interval(value=score, cluster=blocks), beside)


def _resampled(blocks: NDArray[np.intp], resamples: int) -> Iterator[NDArray[np.intp]]:
    """Yield the rows of as many blocks as there are, drawn with replacement."""
    members = [np.flatnonzero(blocks == block) for block in np.unique(blocks)]
    rng = np.random.default_rng(0)
    for _ in range(resamples):
        yield np.concatenate([members[i] for i in rng.integers(len(members), size=len(members))])
