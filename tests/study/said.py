"""What was said of each week by the model and by the two it is held to, and what came."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from statistics import NormalDist

import numpy as np

from forecast.inference.sampler import Progress
from forecast.verbs.backtest import backtest
from forecast.verbs.fits import LEVELS
from forecast.verbs.headline import model_name
from forecast.verbs.reference import base_rate
from forecast.verbs.workspace import Workspace
from tests.study.books import QUANTILES, chance_id, level_id, threshold, write_book
from tests.study.weeks import Series, Walk, Week

MODEL, WALK, PAST = "trend", "walk", "past"
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Chance:
    """Probabilities of one binary question by forecaster, and the outcome."""

    week: date
    said: Mapping[str, float]
    outcome: int


@dataclass(frozen=True, slots=True)
class Level:
    """Quantiles at `LEVELS` of one numeric question by forecaster, in its unit, and the answer."""

    week: date
    said: Mapping[str, Sequence[float]]
    answer: float


@dataclass(frozen=True, slots=True)
class Said:
    """All that was said of a series; `refused` fits said nothing, and their questions are out."""

    chances: tuple[Chance, ...]
    levels: tuple[Level, ...]
    refused: int


def ask(
    series: Series,
    weeks: Iterable[Week],
    window: int,
    folder: Path,
    *,
    quantiles: Sequence[float] = QUANTILES,
    progress: Progress | None = None,
) -> Said:
    """Write the weeks as books in `folder`, one a year, replay each, and return what was said."""
    chances: list[Chance] = []
    levels: list[Level] = []
    refused = 0
    for year, found in groupby(weeks, key=lambda week: week.begins.year):
        asked = list(found)
        book = folder / f"{series.name}-{window}-{year}"
        write_book(book, series, asked, window, quantiles)
        ws = Workspace.open(book)
        report = backtest(ws, start=asked[0].begins, end=asked[-1].begins, progress=progress)
        refused += report.refused
        by_model = _by_model(ws)
        for week in asked:
            levels += _level(ws, week, by_model)
            chances += (c for q in quantiles for c in _chance(ws, series, week, q, by_model))
    return Said(tuple(chances), tuple(levels), refused)


def _by_model(ws: Workspace) -> dict[str, object]:
    """Return what the model said, by question."""
    made = (f for f in ws.backtests.forecasts() if f.forecaster == model_name(MODEL))
    return {forecast.target.question: forecast.value for forecast in made}


def _chance(
    ws: Workspace, series: Series, week: Week, quantile: float, by_model: Mapping[str, object]
) -> Iterable[Chance]:
    question = ws.question(chance_id(week, quantile))
    (target,) = question.targets
    said = by_model.get(question.id)
    settled = question.settled(target)
    if not isinstance(said, float) or settled is None or settled.outcome is None:
        return
    past = base_rate(ws, question, target, week.begins)
    assert isinstance(past, float)
    limit = threshold(series, week, quantile)
    yield Chance(
        week.begins, {MODEL: said, WALK: beyond(week.walk, limit), PAST: past}, settled.outcome
    )


def _level(ws: Workspace, week: Week, by_model: Mapping[str, object]) -> Iterable[Level]:
    said = by_model.get(level_id(week))
    if not isinstance(said, Mapping):
        return
    settled = ws.question(level_id(week)).settled(ws.question(level_id(week)).targets[0])
    assert settled is not None
    quantiles = {
        MODEL: [said[f"{level:g}"] for level in LEVELS],
        WALK: [walked(week.walk, level) for level in LEVELS],
        PAST: np.quantile(week.past, LEVELS).tolist(),
    }
    yield Level(week.begins, quantiles, float(settled.answer))


def beyond(walk: Walk, limit: float) -> float:
    """Return the walk's chance of ending above `limit`.

    >>> beyond(Walk(last=1.2, spread=0.01, shift=0), 1.2)
    0.5
    """
    gap = math.log((limit + walk.shift) / (walk.last + walk.shift))
    return 1 - NORMAL.cdf(gap / walk.spread)


def walked(walk: Walk, level: float) -> float:
    """Return the value that the walk ends below with probability `level`."""
    moved = (walk.last + walk.shift) * math.exp(walk.spread * NORMAL.inv_cdf(level))
    return max(moved - walk.shift, 0.0)
