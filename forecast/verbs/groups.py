"""Scores by tag, type, family or horizon, with the honesty that many comparisons need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from forecast.errors import UsageError
from forecast.scoring.readings import SCHEDULED, band
from forecast.verbs.basis import DAY, USUAL, Basis
from forecast.verbs.headline import HEADLINE, model_name
from forecast.verbs.score import score
from forecast.verbs.summaries import Overall, TargetScore, summaries
from forecast.verbs.workspace import Workspace

DIMENSIONS = ("tag", "type", "family", "horizon")

# Days before the scheduled close, the last band without end.
BANDS = ((0, 7), (7, 30), (30, 90), (90, 365), (365, 10**6))


@dataclass(frozen=True, slots=True)
class Group:
    """One forecaster over the questions of one group (a tag, a horizon …).

    `adjusted` is Holm's p-value of the difference from the reference, for as many groups as were
    compared in its kind; None where there can be none.
    """

    name: str
    overall: Overall
    adjusted: float | None = None


@dataclass(frozen=True, slots=True)
class GroupReport:
    """Groups along one dimension; a question may be in several (tags) or none."""

    dimension: str
    groups: tuple[Group, ...]
    basis: Basis
    hindsight: bool = False


def grouped(
    ws: Workspace,
    dimension: str,
    ids: tuple[str, ...] = (),
    *,
    day: date | None = None,
    hindsight: bool = False,
    forecaster: str | None = None,
    basis: Basis = USUAL,
    pools: Sequence[str] = (),
) -> GroupReport:
    """Score groups of questions: the headline's score unless a forecaster is named.

    By family all its models are taken together. By horizon a path is cut by the time left to the
    scheduled close, each part scored as a question of its own.

    Raises UsageError for horizons on another reading than the scheduled time's.
    """
    if dimension == "horizon" and basis.reading is not SCHEDULED:
        raise UsageError("horizons are read in their own way", "leave the other reading out")
    who = None if dimension == "family" else forecaster or HEADLINE
    asked = [
        (
            name,
            score(ws, ids, day=day, hindsight=hindsight, forecaster=who, basis=each, pools=pools),
        )
        for name, each in _bases(dimension, basis)
    ]
    scores = [(name, target) for name, report in asked for target in report.targets]
    named = [pair for name, target in scores for pair in _named(ws, dimension, name, target)]
    groups = [
        Group(name, overall)
        for name in _in_order(dimension, [name for name, _ in named])
        for overall in summaries([target for own, target in named if own == name])
    ]
    return GroupReport(dimension, tuple(_holm(groups)), basis, hindsight)


def _bases(dimension: str, basis: Basis) -> Iterator[tuple[str, Basis]]:
    """Yield what to score: once, or once for each horizon."""
    if dimension != "horizon":
        yield "", basis
        return
    for least, most in BANDS:
        name = f"{least}–{most} days" if most < 10**6 else f"over {least} days"
        yield name, replace(basis, reading=band(least * DAY, most * DAY, name))


def _named(
    ws: Workspace, dimension: str, name: str, target: TargetScore
) -> Iterator[tuple[str, TargetScore]]:
    """Yield a score under every group it belongs to."""
    question = ws.book.questions[target.question]
    if dimension == "tag":
        yield from ((tag, target) for tag in question.tags)
    elif dimension == "type":
        yield str(question.type), target
    elif dimension == "horizon":
        yield name, target
    else:  # a model that the file no longer has belongs to no family
        for spec in question.models:
            if model_name(spec.name) == target.forecaster:
                yield spec.family, replace(target, forecaster="models")


def _in_order(dimension: str, names: Sequence[str]) -> list[str]:
    """Return groups by name, horizons from near to far."""
    return list(dict.fromkeys(names)) if dimension == "horizon" else sorted(set(names))


def _holm(groups: Sequence[Group]) -> Iterator[Group]:
    """Yield groups with the p-values of each kind adjusted for how many there are."""
    from forecast.scoring.uncertainty import holm

    known: dict[str, list[float]] = {}
    for group in groups:
        if group.overall.p_value is not None:
            known.setdefault(group.overall.kind, []).append(group.overall.p_value)
    adjusted = {kind: iter(holm(p_value=values).tolist()) for kind, values in known.items()}
    for group in groups:
        some = group.overall.p_value is not None
        yield replace(group, adjusted=next(adjusted[group.overall.kind])) if some else group
