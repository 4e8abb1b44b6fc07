"""Backtest: replay a book as it would have been forecast, day by day, with no look-ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from forecast.domain import Forecast, Kind, Question, Target
from forecast.errors import UsageError
from forecast.inference.sampler import Progress, Sampler
from forecast.verbs.beside import Beside, beside
from forecast.verbs.fits import why
from forecast.verbs.fitting import Request, fit
from forecast.verbs.forecasting import Move, Outlook, outlooks, requests
from forecast.verbs.periods import whole_days
from forecast.verbs.supposing import views
from forecast.verbs.update import save_backtests
from forecast.verbs.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Replay:
    """One move of a backtest at one cutoff; `scored` is False before the question opened."""

    cutoff: date
    move: Move
    scored: bool


@dataclass(frozen=True, slots=True)
class Refusal:
    """A model that could not speak on a question at one cutoff, and why, in words."""

    cutoff: date
    question: str
    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class BacktestReport:
    """Every replayed forecast; `revised` names indicators without vintages.

    `beside` compares those of questions answered by now with what else could have been said.
    """

    start: date
    end: date
    replays: tuple[Replay, ...]
    revised: tuple[str, ...]
    refusals: tuple[Refusal, ...]
    hindsight: bool
    beside: tuple[Beside, ...] = ()

    @property
    def refused(self) -> int:
        """How many fits were refused."""
        return len(self.refusals)


def cutoffs(start: date, end: date, every: int) -> list[date]:
    """Return the days from `start` to `end`, both included where they fall, `every` days apart.

    >>> [str(d) for d in cutoffs(date(2022, 1, 17), date(2022, 2, 1), 7)]
    ['2022-01-17', '2022-01-24', '2022-01-31']
    """
    step = whole_days(every)
    if end < start:
        raise UsageError(f"--to {end} is before --from {start}", "give an end after the beginning")
    return [start + timedelta(days=n) for n in range(0, (end - start).days + 1, step)]


def backtest(
    ws: Workspace,
    ids: tuple[str, ...] = (),
    *,
    start: date,
    end: date,
    every: int = 7,
    sampler: Sampler = "auto",
    hindsight: bool = False,
    attribute: bool = False,
    progress: Progress | None = None,
) -> BacktestReport:
    """Forecast every question at every cutoff with only what was known then, and keep it apart.

    All cutoffs are fitted together, a part at a time; what the cache holds is not computed again,
    so a backtest that was stopped, however, goes on where it was. Hindsight includes what
    was elicited later, and marks it. With `attribute` every move is taken apart into its movers, at
    many times the cost.

    Raises UsageError for unknown ids, for dates that have not come and for a step of no days.
    """
    questions = ws.questions(ids)
    days = cutoffs(start, end, every)
    asked = {day: _requests(ws, questions, day, hindsight) for day in days}
    everything = [request for found in asked.values() for request in found]
    fitted = fit(everything, ws.cache, sampler=sampler, progress=progress)
    fits = dict(zip((request.identity for request in everything), fitted, strict=True))
    replays: list[Replay] = []
    kept: list[Forecast] = []
    refusals: list[Refusal] = []
    latest: dict[tuple[Target, str], Forecast] = {}
    for day in days:
        made = outlooks(
            ws,
            asked[day],
            latest,
            kind=Kind.BACKTEST,
            sampler=sampler,
            attribute=attribute,
            known=fits,
        )
        good = [outlook for outlook in made if not outlook.fit.refused]
        refusals += [_refusal(outlook, day) for outlook in made if outlook.fit.refused]
        forecasts = [f for outlook in good for f in outlook.forecasts]
        kept += forecasts
        latest |= {(f.target, f.forecaster): f for f in forecasts}
        replays += [Replay(day, move, _scored(move, day)) for o in good for move in o.moves]
    save_backtests(ws, kept, hindsight, period=f"{start}/{end}/P{every}D")
    return BacktestReport(
        start,
        end,
        tuple(replays),
        _revised(everything),
        tuple(refusals),
        hindsight,
        beside(ws, kept),
    )


def _requests(
    ws: Workspace, questions: Sequence[Question], day: date, hindsight: bool
) -> list[Request]:
    """Return what could be forecast on `day`: from each question's clock until its answer."""
    found: list[Request] = []
    for question in questions:
        if day >= question.clock:
            found += requests(ws, question, ws.as_of(question, day), hindsight=hindsight)
    return found


def _refusal(outlook: Outlook, day: date) -> Refusal:
    request, reason = outlook.request, why(outlook.fit.reasons)
    return Refusal(day, request.view.question.id, request.spec.name, reason)


def _scored(move: Move, day: date) -> bool:
    return day >= move.question.opens


def _revised(asked: Sequence[Request]) -> tuple[str, ...]:
    """Name the indicators, of parts too, whose readings are not as they were first published."""
    names = {
        indicator.id
        for request in asked
        for view in views(request.view)
        for indicator in view.indicators.values()
        if not indicator.vintages
    }
    return tuple(sorted(names))
