"""The learned pool: what forecasters say together, recalibrated by what was answered before.

Out of sample by construction: a forecast is pooled by a fit to questions whose answer was known
before it was made, and that hang on no event of its own. Until anything is known it is the
geometric mean of odds, on which the fit's priors are centred.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from forecast.domain import Question, QuestionType, Settled, Target
from forecast.record.traces import Trace
from forecast.scoring.crowds import Said, Turn, pool, turns
from forecast.scoring.paths import snapshot
from forecast.verbs.clusters import cluster
from forecast.verbs.pools import LEARNED, POOL, said, sources
from forecast.verbs.score import trace_path
from forecast.verbs.scored import Scored

if TYPE_CHECKING:
    from forecast.inference.engine import Job
    from forecast.scoring.arrays import Array

type Answers = Callable[[Question, Target], Settled | None]
"""How a target was answered, as far as is known."""


@dataclass(frozen=True, slots=True)
class Example:
    """What forecasters said of an answered question, midway through its schedule."""

    backtest: bool
    cluster: str
    known: float
    said: dict[str, float]
    outcome: int


@dataclass(frozen=True, slots=True)
class Lesson:
    """Forecasts of one target between which nothing new was answered, and what was by then."""

    names: tuple[str, ...]
    spoken: tuple[Turn[float], ...]
    taught: tuple[Example, ...]


def with_learned(scored: Iterable[Scored], answers: Answers) -> Iterator[Scored]:
    """Yield questions with the forecaster `pool/learned`, where the answer is yes or no."""
    every = list(scored)
    examples = [example for each in every for example in _examples(each, answers)]
    for each in every:
        binary = each.question.type is QuestionType.BINARY
        made = [_pool(each.question, own, examples) for own in sources(each) if binary]
        yield replace(each, traces=[*each.traces, *made])


def _examples(each: Scored, answers: Answers) -> Iterator[Example]:
    """Yield what was said of a question's middle rung halfway, unless it was over by then."""
    question = each.question
    target = question.targets[(len(question.targets) - 1) // 2]
    settled = answers(question, target)
    if settled is None or settled.outcome is None:
        return
    for own in sources(each):
        read = {t.forecaster: snapshot(trace_path(question, t, settled)).value for t in own}
        then = {who: p for who, p in read.items() if isinstance(p, float)}
        if then and own[0].target == target:
            known = settled.known.timestamp()
            yield Example(own[0].backtest, cluster(question), known, then, settled.outcome)


def _pool(question: Question, own: Sequence[Trace], examples: Sequence[Example]) -> Trace:
    """Return the learned pool of one target's forecasters."""
    names = tuple(trace.forecaster for trace in own)
    fit = [
        example
        for example in examples
        if example.backtest == own[0].backtest
        and example.cluster != cluster(question)
        and not example.said.keys().isdisjoint(names)
    ]
    spoken = list(turns([_yes(question, trace) for trace in own]))
    values: list[float | None] = []
    for lesson in _lessons(names, spoken, fit):
        values += _learn(question, lesson)
    starts = tuple(turn.start for turn in spoken)
    return replace(own[0], forecaster=POOL + LEARNED, starts=starts, values=tuple(values))


def _yes(question: Question, trace: Trace) -> Said[float]:
    """Return a trace's forecasts of a question that is answered by yes or no."""
    starts, values = said(question, trace)
    return Said(starts, [value if isinstance(value, float) else None for value in values])


def _lessons(
    names: tuple[str, ...], spoken: Sequence[Turn[float]], fit: Sequence[Example]
) -> Iterator[Lesson]:
    """Yield a target's forecasts in runs between which no further answer became known."""
    runs: dict[int, list[Turn[float]]] = {}
    for turn in spoken:
        runs.setdefault(sum(example.known <= turn.start for example in fit), []).append(turn)
    by_time = sorted(fit, key=lambda example: example.known)
    for known, run in runs.items():
        yield Lesson(names, tuple(run), tuple(by_time[:known]))


def _learn(question: Question, lesson: Lesson) -> list[float | None]:
    """Return what is pooled at each turn; None where nobody stands, or the fit was refused."""
    from forecast.inference.engine import fit

    standing = [list(turn.standing.values()) for turn in lesson.spoken]
    if not lesson.taught:
        return [_chance(pool(now, method="geometric")) if now else None for now in standing]
    if not any(standing):
        return [None] * len(standing)
    posterior = fit([_job(question, lesson)])[0]
    refused = posterior.verdict == "refuse"
    answers = iter(posterior.mean.tolist())
    return [None if not now else None if refused else float(next(answers)) for now in standing]


def _chance(value: object) -> float:
    assert isinstance(value, float)
    return value


def _job(question: Question, lesson: Lesson) -> Job:
    """Return the model of a lesson, asked what to say at each turn at which somebody stands."""
    from forecast.inference.engine import Job
    from forecast.scoring.learned import model

    asked = [
        {lesson.names[place]: p for place, p in turn.standing.items()}
        for turn in lesson.spoken
        if turn.standing
    ]
    made = model(
        said=_table([example.said for example in lesson.taught], lesson.names),
        outcome=[example.outcome for example in lesson.taught],
        asked=_table(asked, lesson.names),
    )
    seed = int.from_bytes(hashlib.sha256(question.id.encode()).digest()[:4])
    return Job(made, f"learned pool of {len(lesson.names)}", seed)


def _table(rows: Sequence[dict[str, float]], names: Sequence[str]) -> Array:
    """Return chances by row and forecaster, NaN where one had said nothing."""
    import numpy as np

    return np.array([[row.get(name, np.nan) for name in names] for row in rows])
