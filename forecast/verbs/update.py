"""Update: turn what is known now into forecasts, and say what moved and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date

from forecast.domain import AsOf, Forecast, Kind, Question, Status, Target
from forecast.domain.times import local_day
from forecast.errors import Problem
from forecast.inference.sampler import Progress, Sampler
from forecast.verbs import refusals
from forecast.verbs.fitting import Request
from forecast.verbs.forecasting import Latest, Move, Outlook, open_targets, outlooks, requests
from forecast.verbs.headline import HEADLINE, myself, pooled
from forecast.verbs.memo import Memo
from forecast.verbs.standing import standing
from forecast.verbs.turns import alone
from forecast.verbs.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Stale:
    """An indicator whose last reading is older than it says it may be."""

    indicator: str
    last: date | None
    stale_after: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A question that has no new forecast, and why."""

    question: str
    reason: str


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What an update did: `added` forecasts went to the record (or to the backtests).

    `refused` counts those that were not written, as `added` would have. `problems` name the files
    that were left out.
    """

    kind: Kind
    day: date
    moves: tuple[Move, ...]
    stale: tuple[Stale, ...]
    skipped: tuple[Skipped, ...]
    due: tuple[Target, ...]
    added: int
    unchanged: int
    refused: int
    dry_run: bool = False
    problems: tuple[Problem, ...] = ()


def update(
    ws: Workspace,
    ids: tuple[str, ...] = (),
    *,
    day: date | None = None,
    sampler: Sampler = "auto",
    dry_run: bool = False,
    hindsight: bool = False,
    progress: Progress | None = None,
) -> UpdateReport:
    """Forecast every open question (or those named) as of now, or as of a past `day`.

    Live forecasts are appended to the record; an update as of a past day is a backtest and is
    kept apart. A forecast equal to the last one of the same day is not written twice; one refused
    by its gates is never written, and the last good one stands.

    Raises UsageError for unknown ids or a day to come, EnvironmentFailure where writing fails.
    """
    memo = Memo(ws, (ids, str(day), sampler, hindsight), live=day is None)
    known = None if refusals.refused(refusals.attempts(ws)) else memo.recall()
    if known is not None:
        return replace(known, dry_run=dry_run)
    questions = ws.questions(ids)
    as_ofs = {q.id: ws.as_of(q, day) for q in questions}
    live = all(as_of.live for as_of in as_ofs.values())
    kind = Kind.LIVE if live else Kind.BACKTEST
    asked = {
        q.id: requests(ws, q, as_ofs[q.id], hindsight=hindsight)
        for q in questions
        if _forecastable(q, as_ofs[q.id])
    }
    latest = _latest(ws, kind, as_ofs, hindsight)
    flat = [request for found in asked.values() for request in found]
    made = outlooks(ws, flat, latest, kind=kind, sampler=sampler, progress=progress)
    with nullcontext() if dry_run else alone(ws, "update"):
        # Read again under the lock: another update may have been quicker.
        said = standing(ws) if kind is Kind.LIVE else _replayed(ws, as_ofs, hindsight)
        new = _new(made, said)
        if not dry_run:
            _write(ws, kind, new, said, hindsight)
            refusals.keep(ws, made)
    published = len(_published(made))
    report = UpdateReport(
        kind=kind,
        day=day or local_day(ws.now, ws.book.zone),
        moves=tuple(move for outlook in made for move in outlook.moves),
        stale=tuple(_stale(made)),
        skipped=tuple(_skipped(questions, as_ofs, asked)),
        due=tuple(t for q in questions for t in due_targets(q, as_ofs[q.id])) if live else (),
        added=len(new),
        unchanged=published - len(new),
        refused=sum(len(o.targets) for o in made if o.fit.refused),
        dry_run=dry_run,
        problems=tuple(problem for problem in ws.book.problems if not problem.advice),
    )
    if not dry_run and not report.refused and memo.suits(as_ofs.values()):
        again = replace(report, added=0, unchanged=published)
        memo.keep(again, lambda: _latest(ws, kind, as_ofs, hindsight) == latest)
    return report


def due_targets(question: Question, as_of: AsOf) -> list[Target]:
    """Return the targets whose deadline is over and whose answer is not known."""
    return [
        target
        for target in question.targets
        if question.closes(target) <= as_of.instant and question.settled_by(target, as_of) is None
    ]


def _forecastable(question: Question, as_of: AsOf) -> bool:
    status = question.status(as_of)
    if status is Status.UPCOMING:
        return not as_of.live and as_of.day >= question.clock
    return status is Status.OPEN


def _latest(ws: Workspace, kind: Kind, as_ofs: dict[str, AsOf], hindsight: bool) -> Latest:
    if kind is Kind.LIVE:
        return standing(ws)
    found: dict[tuple[Target, str], Forecast] = {}
    for forecast in _backtests(ws, as_ofs, hindsight):
        key = forecast.target, forecast.forecaster
        before = forecast.as_of < as_ofs[forecast.target.question].day
        if before and (key not in found or found[key].as_of < forecast.as_of):
            found[key] = forecast
    return found


def _replayed(ws: Workspace, as_ofs: dict[str, AsOf], hindsight: bool) -> Latest:
    """Return what was replayed of this very day before."""
    return {
        (forecast.target, forecast.forecaster): forecast
        for forecast in _backtests(ws, as_ofs, hindsight)
        if forecast.as_of == as_ofs[forecast.target.question].day
    }


def _backtests(ws: Workspace, as_ofs: dict[str, AsOf], hindsight: bool) -> Iterable[Forecast]:
    for forecast in ws.backtests.forecasts():
        marked = bool(forecast.detail.get("hindsight"))
        if forecast.target.question in as_ofs and marked is hindsight:
            yield forecast


def _published(made: Sequence[Outlook]) -> list[Forecast]:
    return [f for outlook in made if not outlook.fit.refused for f in outlook.forecasts]


def _new(made: Sequence[Outlook], latest: Latest) -> list[Forecast]:
    return [f for f in _published(made) if not _said_already(f, latest)]


def _said_already(forecast: Forecast, latest: Latest) -> bool:
    last = latest.get((forecast.target, forecast.forecaster))
    if last is None:
        return False
    same = ("as_of", "view_digest", "model_digest", "question_digest")
    return all(getattr(last, name) == getattr(forecast, name) for name in same)


def _write(ws: Workspace, kind: Kind, new: list[Forecast], latest: Latest, hindsight: bool) -> None:
    if kind is Kind.BACKTEST:
        save_backtests(ws, new, hindsight)
        return
    from forecast.settings import writer

    me = writer(None)
    ws.ledger.append([*new, *headlines(ws, new, latest, me)], me)


def save_backtests(
    ws: Workspace, new: Iterable[Forecast], hindsight: bool, *, period: str = ""
) -> None:
    """Keep backtested forecasts, one unit of work a question, model and day (or `period`)."""
    from forecast.canonical import digest

    units: dict[str, list[Forecast]] = {}
    for forecast in new:
        detail = {**forecast.detail, "hindsight": True} if hindsight else forecast.detail
        unit = [
            forecast.target.question,
            forecast.forecaster,
            period or str(forecast.as_of),
            hindsight,
        ]
        units.setdefault(digest(unit), []).append(replace(forecast, detail=detail))
    for key, forecasts in units.items():
        ws.backtests.put(key, forecasts)


def headlines(ws: Workspace, new: Sequence[Forecast], latest: Latest, me: str) -> list[Forecast]:
    """Return the pooled headlines that change with `new` forecasts, to be recorded beside them."""
    now = {**latest, **{(f.target, f.forecaster): f for f in new}}
    pools = []
    for target in dict.fromkeys(f.target for f in new):
        question = ws.book.questions[target.question]
        if len(question.headline.weights) < 2:
            continue
        standing_now = {who: f for (t, who), f in now.items() if t == target}
        value = pooled(question, myself(standing_now, me), standing_now.get)
        if value is not None:
            source = next(f for f in new if f.target == target)
            pools.append(
                replace(
                    source,
                    forecaster=HEADLINE,
                    value=value,
                    interval=None,
                    gates={},
                    model_digest="",
                    view_digest="",
                    seed=None,
                    rationale="",
                    detail={"pool": dict(question.headline.weights)},
                )
            )
    return pools


def _stale(made: Sequence[Outlook]) -> Iterable[Stale]:
    from forecast.book.views import stale

    named: set[str] = set()
    for outlook in made:
        for indicator in stale(outlook.request.view, outlook.request.spec):
            if indicator.id in named:
                continue
            named.add(indicator.id)
            last = max((o.observed_on for o in indicator.observations), default=None)
            yield Stale(indicator.id, last, indicator.stale_after or 0)


def _skipped(
    questions: Sequence[Question], as_ofs: dict[str, AsOf], asked: dict[str, list[Request]]
) -> Iterable[Skipped]:
    for question in questions:
        as_of = as_ofs[question.id]
        if asked.get(question.id):
            continue
        yield Skipped(question.id, _reason(question, as_of))


def _reason(question: Question, as_of: AsOf) -> str:
    status = question.status(as_of)
    if status is Status.RESOLVED:
        return "resolved"
    if status is Status.CLOSED or not open_targets(question, as_of):
        return "past its deadline, waiting for its resolution"
    if status is Status.UPCOMING:
        return f"opens on {question.opens}"
    if not question.models:
        return "no model; say your own number with `forecast predict`"
    return "its model was elicited later (see --hindsight)"
