"""Show: one question whole, with its number, history, evidence, base rate and models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from forecast.domain import (
    AsOf,
    Forecast,
    Indicator,
    Question,
    ReferenceClass,
    Settled,
    Status,
    Target,
    Value,
    View,
)
from forecast.errors import BookError
from forecast.settings import writer
from forecast.verbs import refusals
from forecast.verbs.forecasting import open_targets
from forecast.verbs.reference import base_rate, reference_class
from forecast.verbs.standing import Track, backfilled_tracks, tracks_at, until
from forecast.verbs.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Evidence:
    """An indicator as it was known: its visible readings, and why a model watches it.

    `uses` maps a model's name to the sentence its author gave as the reason; `stale` says that the
    last reading is older than it may be.
    """

    indicator: Indicator
    uses: dict[str, str]
    stale: bool


@dataclass(frozen=True, slots=True)
class Rung:
    """One target: who says what now, the base rate, and the answer if it was known."""

    target: Target
    deadline: date
    standing: dict[str, Forecast]
    base_rate: Value | None
    settled: Settled | None


@dataclass(frozen=True, slots=True)
class ShowReport:
    """A question whole at a knowledge date; `tracks` are its paths, `models` (name, sentence).

    `refused` says why models, by forecaster, were refused since they said what stands.
    """

    question: Question
    as_of: AsOf
    status: Status
    rungs: tuple[Rung, ...]
    tracks: tuple[Track, ...]
    evidence: tuple[Evidence, ...]
    models: tuple[tuple[str, str], ...]
    reference: ReferenceClass | None
    backtest: bool
    refused: Mapping[str, str]


def show(
    ws: Workspace, name: str, *, day: date | None = None, hindsight: bool = False
) -> ShowReport:
    """Return everything about one question that was known at a date, forecasts included.

    Where nothing was forecast live, replayed forecasts stand in and are marked. Raises UsageError
    for an unknown question or a day that has not come.
    """
    from forecast.book.views import models_at, stale, view

    question, _ = ws.target(name)
    as_of = ws.as_of(question, day)
    known = view(ws.book, question, as_of, hindsight=hindsight)
    specs = models_at(question, as_of, hindsight)
    over = question.status(as_of) in (Status.CLOSED, Status.RESOLVED)
    late = set() if over else {i.id for spec in specs for i in stale(known, spec)}
    tracks = tracks_at(ws, question, as_of, writer(None), hindsight=hindsight)
    tracks += until(backfilled_tracks(ws, question), as_of)
    return ShowReport(
        question=question,
        as_of=as_of,
        status=question.status(as_of),
        rungs=tuple(_rung(ws, question, t, tracks, as_of) for t in question.targets),
        tracks=tuple(tracks),
        evidence=tuple(
            Evidence(known.indicators[i], _uses(question, i), i in late) for i in known.indicators
        ),
        models=tuple((spec.name, _sentence(spec.family, spec.options, known)) for spec in specs),
        reference=reference_class(question),
        backtest=bool(tracks) and tracks[0].backtest,
        refused=_refused(ws, question, tracks, as_of),
    )


def _rung(
    ws: Workspace, question: Question, target: Target, tracks: list[Track], as_of: AsOf
) -> Rung:
    standing = {
        t.forecaster: said
        for t in tracks
        if t.target == target and (said := t.at(as_of.instant)) is not None
    }
    settled = question.settled_by(target, as_of)
    rate = None if settled else base_rate(ws, question, target, as_of.over)
    return Rung(target, question.deadline(target), standing, rate, settled)


def _refused(
    ws: Workspace, question: Question, tracks: list[Track], as_of: AsOf
) -> Mapping[str, str]:
    if not open_targets(question, as_of):
        return {}
    return refusals.since(ws, refusals.attempts(ws), question, tracks, as_of)


def _uses(question: Question, indicator: str) -> dict[str, str]:
    return {
        spec.name: use.why
        for spec in question.models
        for use in spec.options.indicators
        if use.use == indicator
    }


def _sentence(family: str, options: Any, known: View) -> str:
    """Return a model in one sentence, or why it cannot speak on what was known."""
    from forecast.families import get

    try:
        return get(family).sentence(options, known)
    except BookError as error:
        return f"It says nothing: {error.said}."
