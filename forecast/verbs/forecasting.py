"""From views to forecasts with their movers: what update and backtest have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from forecast.domain import AsOf, Forecast, Kind, ModelSpec, Question, QuestionType, Target, Value
from forecast.domain.distributions import LEVELS, number
from forecast.domain.ladders import as_curve, as_ladder
from forecast.inference.sampler import Progress, Sampler
from forecast.verbs import movers
from forecast.verbs.enginemark import engine_mark
from forecast.verbs.fits import Fit
from forecast.verbs.fitting import Request, fit
from forecast.verbs.headline import model_name
from forecast.verbs.movers import Fits, Mover, Plan
from forecast.verbs.workspace import Workspace

type Latest = Mapping[tuple[Target, str], Forecast]
"""The latest forecast of each target by each forecaster."""


@dataclass(frozen=True, slots=True)
class Move:
    """One line of an update: a target (or one option of it) under one model, was and now.

    Probabilities, or for a numeric question its unit (`now` is then the median). `start` is where
    the indicators' shares begin; `verdict` is that of the gates; `was_on` dates `was`.
    """

    question: Question
    target: Target
    model: str
    option: str
    was: float | None
    was_on: date | None
    now: float
    low: float
    high: float
    error: float
    start: float
    movers: tuple[Mover, ...]
    verdict: str
    reasons: tuple[str, ...] = ()

    @property
    def deadline(self) -> date:
        """The day the target ends on."""
        return self.question.deadline(self.target)

    @property
    def change(self) -> float | None:
        """How far the number moved; None at first, 0 within two Monte Carlo errors."""
        if self.was is None:
            return None
        change = self.now - self.was
        return change if abs(change) > max(2 * self.error, 5e-4) else 0.0


@dataclass(frozen=True, slots=True)
class Outlook:
    """One model's word on one question at one knowledge date: its fit, moves and forecasts."""

    request: Request
    fit: Fit
    moves: tuple[Move, ...]
    forecasts: tuple[Forecast, ...]

    @property
    def targets(self) -> tuple[Target, ...]:
        """What it speaks on: the targets of its moves, each once."""
        return tuple(dict.fromkeys(move.target for move in self.moves))


def open_targets(question: Question, as_of: AsOf) -> tuple[Target, ...]:
    """Return the targets that can still be forecast: not answered, deadline not over."""
    return tuple(
        target
        for target in question.targets
        if question.settled_by(target, as_of) is None
        and question.deadline(target) >= as_of.day
        and as_of.instant < question.closes(target)
    )


def requests(
    ws: Workspace, question: Question, as_of: AsOf, *, hindsight: bool = False
) -> list[Request]:
    """Return a request for each model that could speak on the question at `as_of`."""
    return _known(ws, question.id, as_of, hindsight) if open_targets(question, as_of) else []


def _known(ws: Workspace, name: str, as_of: AsOf, hindsight: bool) -> list[Request]:
    from forecast.book.views import models_at, view

    question = ws.book.questions[name]
    specs = models_at(question, as_of, hindsight)
    seen = view(ws.book, question, as_of, hindsight) if specs else None
    return [Request(spec, seen) for spec in specs if seen is not None]


def outlooks(
    ws: Workspace,
    asked: Sequence[Request],
    latest: Latest,
    *,
    kind: Kind,
    sampler: Sampler = "auto",
    attribute: bool = True,
    known: Fits | None = None,
    progress: Progress | None = None,
) -> list[Outlook]:
    """Fit every request and what attributes its move since the latest forecast, in one batch.

    Without `attribute` moves have no movers, which saves most of the fits. What is `known` already,
    refused or not, is not fitted again.
    """
    plans = [_plan(ws, r, latest) if attribute else movers.unattributed(r) for r in asked]
    fits = dict(known or {})
    needed = {r.identity: r for plan in plans for r in plan.requests if r.identity not in fits}
    fitted = fit(list(needed.values()), ws.cache, sampler=sampler, progress=progress)
    fits |= zip(needed, fitted, strict=True)
    return [_outlook(plan, fits, latest, ws.now, kind) for plan in plans]


def _plan(ws: Workspace, request: Request, latest: Latest) -> Plan:
    previous = _previous(request, latest)
    if previous is None:
        return movers.plan(request)
    question = request.view.question
    before = AsOf.at(previous.as_of, question.zone)
    if previous.kind is Kind.LIVE:
        before = AsOf(previous.as_of, previous.made_at, live=True)
    as_read = _as_read(ws, previous.detail.get("seen", {}))
    known = _known(as_read, question.id, before, hindsight=request.view.hindsight)
    then = next((r for r in known if r.spec.name == request.spec.name), None)
    return movers.plan(request, previous, then)


def _as_read(ws: Workspace, rows: Mapping[str, int]) -> Workspace:
    """Return the workspace with each indicator cut after the row an earlier forecast saw last.

    Before corrections are applied, so that what was corrected since stands as it was read.
    """
    indicators = {
        name: replace(
            indicator,
            observations=tuple(o for o in indicator.observations if o.row <= rows.get(name, o.row)),
        )
        for name, indicator in ws.book.indicators.items()
    }
    return Workspace(ws.root, ws.now, replace(ws.book, indicators=indicators))


def _previous(request: Request, latest: Latest) -> Forecast | None:
    """The latest forecast of the question's first target that has one; rungs move together."""
    question = request.view.question
    forecaster = model_name(request.spec.name)
    found = (latest.get((t, forecaster)) for t in open_targets(question, request.view.as_of))
    return next((f for f in found if f is not None), None)


def _outlook(plan: Plan, fits: Fits, latest: Latest, now: datetime, kind: Kind) -> Outlook:
    request = plan.now
    fitted = fits[request.identity]
    question = request.view.question
    moves, forecasts = [], []
    for target in open_targets(question, request.view.as_of):
        previous = latest.get((target, model_name(request.spec.name)))
        for option, index in indices(question, target):
            moves.append(_move(plan, fits, target, option, index, previous))
        if not fitted.refused:
            forecasts.append(_forecast(request, fitted, target, now, kind))
    return Outlook(request, fitted, tuple(moves), tuple(forecasts))


def indices(question: Question, target: Target) -> Iterable[tuple[str, int]]:
    """Where a target's values stand in a fit: (option, index).

    Of a number that is the median, of a date the chance by the last day.
    """
    if question.type is QuestionType.NUMERIC:
        return [("", LEVELS.index(0.5))]
    if question.options:
        return [(option, index) for index, option in enumerate(question.options)]
    return [("", _rung(question, target))]


def _rung(question: Question, target: Target) -> int:
    """Where a target stands among those its families answer: for a date, the last of a ladder."""
    return as_ladder(question).deadlines.index(question.deadline(target))


def interval(request: Request, fitted: Fit, index: int) -> tuple[float, float]:
    """Return the 5–95% range of value `index`; of the number itself for a numeric question."""
    if request.numeric:
        return fitted.value[LEVELS.index(0.05)], fitted.value[LEVELS.index(0.95)]
    return fitted.low[index], fitted.high[index]


def _move(
    plan: Plan, fits: Fits, target: Target, option: str, index: int, previous: Forecast | None
) -> Move:
    fitted = fits[plan.now.identity]
    question = plan.now.view.question
    said = previous.value if previous else None
    was = None if said is None else number(question.type, said, option)
    low, high = interval(plan.now, fitted, index)
    return Move(
        question=question.heading(),
        target=target,
        model=plan.now.spec.name,
        option=option,
        was=was,
        was_on=previous.as_of if previous else None,
        now=fitted.value[index],
        low=low,
        high=high,
        error=fitted.error[index],
        start=movers.start(plan, fits, index),
        movers=movers.movers(plan, fits, index, was),
        verdict=str(fitted.gates.get("verdict", "publish")),
        reasons=fitted.reasons,
    )


def _forecast(request: Request, fitted: Fit, target: Target, now: datetime, kind: Kind) -> Forecast:
    question = request.view.question
    interval = None
    if question.type in (QuestionType.BINARY, QuestionType.DATE):
        index = _rung(question, target)
        interval = (round(fitted.low[index], 6), round(fitted.high[index], 6))
    return Forecast(
        target=target,
        forecaster=model_name(request.spec.name),
        kind=kind,
        made_at=now,
        as_of=request.view.as_of.day,
        value=_value(request, target, fitted),
        interval=interval,
        question_digest=question.digest,
        model_digest=request.spec.digest,
        view_digest=request.view_digest,
        seed=request.seed,
        gates=fitted.gates,
        detail={"seen": movers.seen(request), **_extra(fitted, request.spec, question, target)},
    )


def _value(request: Request, target: Target, fitted: Fit) -> Value:
    question = request.view.question
    if question.type is QuestionType.NUMERIC:
        return {f"{level:g}": v for level, v in zip(LEVELS, fitted.value, strict=True)}
    if question.type is QuestionType.DATE:
        return as_curve(as_ladder(question), fitted.value, request.view.as_of.over)
    if question.options:
        return dict(zip(question.options, fitted.value, strict=True))
    return fitted.value[question.targets.index(target)]


def _extra(fitted: Fit, spec: ModelSpec, question: Question, target: Target) -> dict[str, object]:
    place = _rung(question, target)
    beside = {k: v[place] if isinstance(v, list) else v for k, v in fitted.extra.items()}
    return {"family": spec.family, "engine": engine_mark(), **beside}
