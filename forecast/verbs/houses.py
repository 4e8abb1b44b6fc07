"""The scoring rules of other sites by name: what each asks of a case, and what to say of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from forecast.domain import QuestionType
from forecast.scoring.paths import Path, snapshot
from forecast.verbs.basis import DAY
from forecast.verbs.cases import Case
from forecast.verbs.measures import rules
from forecast.verbs.pools import field

type Scores = dict[str, float | None]
"""Forecaster → score of one case."""


@dataclass(frozen=True, slots=True)
class House:
    """One site's rule.

    `scores` gives every case's scores, for those of a type it knows (`types`). With `by_forecast` a
    mean weighs every forecast alike, otherwise every target. `index` is another way to say a mean,
    `places` how many decimals are worth showing. `note` says what the rule is, where it is weak,
    and which quirk of the original is not copied.
    """

    title: str
    better: Literal["higher", "lower"]
    note: str
    scores: Callable[[Sequence[Case]], list[Scores]]
    types: frozenset[QuestionType] = frozenset({QuestionType.BINARY})
    by_forecast: bool = False
    index: Callable[[float], float] | None = None
    places: int = 3


_OPTIONS = frozenset({QuestionType.BINARY, QuestionType.MULTIPLE_CHOICE, QuestionType.ORDERED})


def _each(rule: Callable[[Case], Scores]) -> Callable[[Sequence[Case]], list[Scores]]:
    return lambda cases: [rule(case) for case in cases]


def _baseline(case: Case) -> Scores:
    from forecast.scoring.rules.metaculus import baseline

    outcome = case.outcome
    return {who: baseline(path, outcome=outcome) for who, path in case.chances.items()}


def _peer(case: Case) -> Scores:
    from forecast.scoring.rules.metaculus import peer

    mine = case.field_chances
    scores = peer(list(mine.values()), outcome=case.outcome) if mine else []
    return dict(zip(mine, scores, strict=True))


def _spot(case: Case) -> Scores:
    from forecast.scoring.rules.metaculus import spot_peer

    mine = case.field_chances
    scores = spot_peer(list(mine.values()), outcome=case.outcome, at=case.window.at(0.5))
    return dict(zip(mine, scores, strict=True))


def _relative(case: Case) -> Scores:
    from forecast.scoring.crowds import crowd_path
    from forecast.scoring.rules.metaculus import relative

    mine, outcome = case.field_chances, case.outcome
    if not mine:
        return {}
    everybody = crowd_path(list(mine.values()), method="recent")
    return {who: relative(path, crowd=everybody, outcome=outcome) for who, path in mine.items()}


def _two_sided(case: Case) -> dict[str, Path[float]]:
    """The Brier score, summed over both sides, of what stood: 0 to 2."""
    from forecast.verbs.score import scored_path

    brier = rules(case.question, case.settled.answer)["brier"]
    scored = {who: scored_path(path, brier) for who, path in case.paths.items()}
    return {who: path.map(lambda score: 2 * score) for who, path in scored.items()}


def _daily(case: Case) -> Scores:
    from forecast.scoring.rules.goodjudgment import daily

    return {who: daily(path, day=DAY) for who, path in _two_sided(case).items()}


def _daily_relative(case: Case) -> Scores:
    from forecast.scoring.rules.goodjudgment import relative

    mine = field(_two_sided(case))
    return dict(zip(mine, relative(list(mine.values()), day=DAY), strict=True))


def _fatebook(case: Case) -> Scores:
    from forecast.scoring.rules.fatebook import score

    paths, outcome = case.chances, case.outcome
    return {who: score(path, outcome=outcome, day=DAY) for who, path in paths.items()}


def _fatebook_relative(case: Case) -> Scores:
    from forecast.scoring.rules.fatebook import relative

    mine = case.field_chances
    scores = relative(list(mine.values()), outcome=case.outcome, day=DAY)
    return dict(zip(mine, scores, strict=True))


def _predictionbook(case: Case) -> Scores:
    from forecast.scoring.rules.predictionbook import score

    outcome = case.outcome
    said = {who: list(path.values) for who, path in case.chances.items()}
    return {who: score(probability=ps, outcome=[outcome] * len(ps)) for who, ps in said.items()}


def _forecastbench(cases: Sequence[Case]) -> list[Scores]:
    """Score what stood midway, less how hard the question was for all."""
    from forecast.scoring.rules.forecastbench import each

    rows = [
        (place, who, (read.value - case.outcome) ** 2)
        for place, case in enumerate(cases)
        for who, path in case.field_chances.items()
        if (read := snapshot(path)).value is not None
    ]
    found: list[Scores] = [{} for _ in cases]
    if rows:
        places, names, brier = zip(*rows, strict=True)
        adjusted = each(brier=brier, forecaster=names, question=places).tolist()
        for place, who, score in zip(places, names, adjusted, strict=True):
            found[place][who] = score
    return found


def _brier_index(score: float) -> float:
    from forecast.scoring.rules.forecastbench import brier_index

    return brier_index(score)


_EARLY = "Time without a forecast or after an early answer counts 0."
_LATE = "Days without a forecast are left out, so that who joins late looks better: see cover."

HOUSES = {
    "metaculus": House(
        "Metaculus baseline score", "higher",
        "100 is perfect, 0 what saying 1/K for each of K options scores, without a floor. "
        + _EARLY,
        _each(_baseline), _OPTIONS, places=1,
    ),
    "metaculus-peer": House(
        "Metaculus peer score", "higher",
        "How much better than the others who stood at the same time; all add up to 0. " + _EARLY
        + " Unlike the original, a score is not doubled when everybody has withdrawn.",
        _each(_peer), _OPTIONS, places=1,
    ),
    "metaculus-spot": House(
        "Metaculus spot peer score", "higher",
        "The peer score of what stood midway through the schedule. Unlike the original, a forecast "
        "made at exactly that instant counts among those it is compared with.",
        _each(_spot), _OPTIONS, places=1,
    ),
    "metaculus-relative": House(
        "Metaculus relative score (legacy)", "higher",
        "log2 of p over the crowd's p, for what happened, averaged over the time actually open: "
        "improper when events end questions early. The crowd is the recency-weighted median.",
        _each(_relative), _OPTIONS,
    ),
    "gjopen": House(
        "Good Judgment Open", "lower",
        "The two-sided Brier score (0 to 2; for ordered options its mean over their splits) of "
        "what stood at the end of each full day, averaged. Improper when events end questions "
        "early. " + _LATE,
        _each(_daily), _OPTIONS,
    ),
    "gjopen-relative": House(
        "Good Judgment Open, relative", "lower",
        "Each day's two-sided Brier score less that day's median over all forecasters, averaged: 0 "
        "is as good as the median.",
        _each(_daily_relative), _OPTIONS,
    ),
    "fatebook": House(
        "Fatebook", "lower",
        "The two-sided Brier score (0 to 2) of each day's mean chance, over the whole time the "
        "question was open. " + _LATE,
        _each(_fatebook),
    ),
    "fatebook-relative": House(
        "Fatebook, relative", "lower",
        "Each day's Fatebook score less that day's median over all forecasters: 0 is as good as "
        "the median.",
        _each(_fatebook_relative),
    ),
    "predictionbook": House(
        "PredictionBook", "lower",
        "The mean Brier score (0 to 1) of every forecast made, however long it stood, so that who "
        "updates often near the end looks better.",
        _each(_predictionbook), by_forecast=True,
    ),
    "forecastbench": House(
        "ForecastBench", "lower",
        "The Brier score (0 to 1) of what stood midway through the schedule, less how hard the "
        "question was for all; always saying one half scores .25. The index is 100 when perfect, "
        "50 for always one half.",
        _forecastbench, index=_brier_index,
    ),
}  # fmt: skip
