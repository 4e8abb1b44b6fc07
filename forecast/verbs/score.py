"""Score: once questions resolve, how good each forecaster was, beside the base rate."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import batched
from typing import Any

from forecast.domain import AsOf, Question, Settled, Target, Value
from forecast.record.traces import Trace
from forecast.scoring import paths
from forecast.scoring.bulk import Headline
from forecast.scoring.paths import Path, Window
from forecast.settings import writer
from forecast.verbs.basis import USUAL, Basis, frequency, known_reference, reference_path
from forecast.verbs.bulk import Saying, usual, usual_scores
from forecast.verbs.clusters import cluster
from forecast.verbs.distributed import DistributionSkill, distribution_skills
from forecast.verbs.measures import Rule, alike, rules, scale
from forecast.verbs.pools import with_pools
from forecast.verbs.scored import Scored, scored
from forecast.verbs.summaries import Overall, TargetScore, summaries
from forecast.verbs.workspace import Workspace

TOGETHER = 500
"""Questions scored at a time, so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class ScoreReport:
    """Scores by target and overall; targets that cannot be scored are counted by reason.

    `over` had been answered before the time that the basis reads, `stale` counts replays left out
    because question or model have changed since. `overall` is of probabilities, `distributions` of
    numbers and dates.
    """

    targets: tuple[TargetScore, ...]
    overall: tuple[Overall, ...]
    unresolved: int
    void: int
    silent: int
    stale: int = 0
    hindsight: bool = False
    over: int = 0
    basis: Basis = USUAL
    distributions: tuple[DistributionSkill, ...] = ()


def score(
    ws: Workspace,
    ids: tuple[str, ...] = (),
    *,
    day: date | None = None,
    hindsight: bool = False,
    forecaster: str | None = None,
    basis: Basis = USUAL,
    pools: Sequence[str] = (),
) -> ScoreReport:
    """Score every answered target beside the base rate, or on another basis.

    The headline is time-averaged over the scheduled duration, early answers included, with the base
    rate rolled down over the same time. `pools` are methods by which all forecasters together
    become a virtual one.

    Live forecasts and backtests are scored apart and never added up. Questions annulled or
    ambiguous have no score.
    """
    found: list[TargetScore] = []
    counts = dict.fromkeys(("unresolved", "void", "beyond", "over", "silent", "stale"), 0)
    questions = ws.questions(ids)
    as_of = {question.id: ws.as_of(question, day) for question in questions}
    share = frequency(questions, list(as_of.values()))
    heard: set[str] = set()
    every = scored(ws, questions, writer(None), hindsight=hindsight)
    for some in batched(with_pools(ws, every, pools, day), TOGETHER):
        targets: list[list[Saying]] = []
        for each in some:
            heard.update(trace.forecaster for trace in each.traces)
            counts["stale"] += each.stale
            for target in each.question.targets:
                said = _said(each, target, as_of[each.question.id], basis)
                if isinstance(said, str):
                    counts[said] += 1
                else:
                    targets.append(said)
        for made in _judged(ws, targets, basis, share):
            counts["silent"] += not made
            found += made
    known_reference(basis, heard)
    del counts["beyond"]
    kept = [s for s in found if forecaster in (None, s.forecaster)]
    return ScoreReport(
        targets=tuple(kept),
        overall=tuple(summaries(kept)),
        distributions=tuple(distribution_skills(kept)),
        hindsight=hindsight,
        basis=basis,
        **counts,
    )


def _said(each: Scored, target: Target, as_of: AsOf, basis: Basis) -> list[Saying] | str:
    """Return what is to be scored of a target, or the reason why nothing is."""
    settled = each.question.settled_by(target, as_of)
    if settled is None:
        return "unresolved"
    if settled.void:
        return "void"
    span = window(each.question, target, settled)
    if not basis.reading.applies(span):
        return "beyond"
    if basis.reading.over(span):
        return "over"
    mine = (trace for trace in each.traces if trace.target == target)
    return [Saying(each, trace, settled, span) for trace in mine]


def _judged(
    ws: Workspace, targets: Sequence[Sequence[Saying]], basis: Basis, share: float | None
) -> Iterator[list[TargetScore]]:
    """Yield every forecaster's score of each target: of those of whom something stood."""
    at_once = [saying for said in targets for saying in said if usual(saying, basis)]
    found = iter(usual_scores(ws, at_once))
    for said in targets:
        of_kind = {s.trace.backtest: s for s in said if not usual(s, basis)}
        beside = {
            kind: reference_path(ws, s.each, s.trace, basis, s.window, share)
            for kind, s in of_kind.items()
        }
        scores = [
            _usual_score(s, next(found))
            if usual(s, basis)
            else target_score(s, beside[s.trace.backtest], basis)
            for s in said
        ]
        yield [score for score in scores if score is not None]


def _usual_score(saying: Saying, found: Headline | None) -> TargetScore | None:
    if found is None:
        return None
    return TargetScore(
        **_named(saying),
        forecasts=found.forecasts,
        ignored=found.ignored,
        coverage=found.coverage,
        brier=found.brier,
        log=found.log,
        crps=None,
        reference_brier=found.reference,
    )


def _named(saying: Saying) -> dict[str, Any]:
    question = saying.question
    return {
        "kind": "backtest" if saying.trace.backtest else "live",
        "question": question.id,
        "target": str(saying.trace.target),
        "cluster": cluster(question),
        "forecaster": saying.trace.forecaster,
        "answer": saying.settled.answer,
    }


def window(question: Question, target: Target, settled: Settled | None) -> Window:
    """Return the time in which a target, answered so, is scored; in POSIX seconds."""
    return Window(
        open=question.opened().timestamp(),
        close=question.closes(target).timestamp(),
        answered=settled.known.timestamp() if settled else None,
    )


def trace_path(question: Question, trace: Trace, settled: Settled | None) -> Path[Value]:
    """Return a trace as a path over its target's window."""
    span = window(question, trace.target, settled)
    return paths.path(start=trace.starts, value=trace.values, window=span)


def target_score(
    saying: Saying, reference: Path[Value] | None, basis: Basis = USUAL
) -> TargetScore | None:
    """Score one trace of an answered target; None if nothing stood in the part that is read."""
    question = saying.question
    said = trace_path(question, saying.trace, saying.settled)
    measures = rules(question, saying.settled.answer)
    judged = {name: scored_path(said, rule) for name, rule in measures.items()}
    clipped = _clip(judged, basis.clip)
    found = {name: basis.reading.value(path) for name, path in judged.items()}
    if all(value is None for value in found.values()):
        return None
    return TargetScore(
        **_named(saying),
        forecasts=len(said.values),
        ignored=len(said.ignored),
        coverage=basis.reading.coverage(said),
        brier=found.get("brier"),
        log=found.get("log"),
        crps=found.get("crps"),
        reference_brier=_compared(question, said, reference, measures.get("brier"), basis),
        clipped=clipped,
        reference_crps=_compared(question, said, reference, measures.get("crps"), basis),
        scale=scale(question, reference.first) if reference else None,
    )


def scored_path(said: Path[Value], rule: Rule) -> Path[float]:
    """Return a path of what each value scores by one rule."""
    return said.changed(tuple(rule(said.values).tolist()) if said.values else ())


def _clip(scored: dict[str, Path[float]], margin: float) -> int:
    """Hold log scores to what chances within [margin, 1 − margin] get; return how many moved."""
    if not margin or "log" not in scored:
        return 0
    best, worst = -math.log1p(-margin), -math.log(margin)
    before = scored["log"]
    scored["log"] = before.map(lambda score: min(max(score, best), worst))
    return sum(not best <= score <= worst for score in before.values)


def _compared(
    question: Question,
    said: Path[Value],
    reference: Path[Value] | None,
    rule: Rule | None,
    basis: Basis,
) -> float | None:
    """Return what the reference scored while anything was said; None where there is none."""
    if rule is None or reference is None:
        return None
    own, other = paths.common([said, reference])
    matched = other.changed(tuple(alike(question, own.values, other.values)))
    return basis.reading.value(scored_path(matched, rule))
