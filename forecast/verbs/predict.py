"""Predict, withdraw, retract: a forecaster's own word, appended to the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise

from forecast.domain import AsOf, Forecast, Kind, Question, Target, Value
from forecast.errors import UsageError
from forecast.settings import writer
from forecast.verbs.saying import said
from forecast.verbs.standing import standing
from forecast.verbs.update import headlines
from forecast.verbs.workspace import Workspace


def predict(
    ws: Workspace,
    name: str,
    words: Sequence[str],
    *,
    by: str | None = None,
    why: str = "",
    on: date | None = None,
    dry_run: bool = False,
) -> list[Forecast]:
    """Record what a forecaster says of a question, a rung, or a whole ladder at once.

    `words` are `.3`, `2022-03-01=.2`, `option=.4`, `5%=70` or `normal(76, 6)` (see `saying`). With
    `on` the forecast is dated back: it is kept as backfilled and never scored as live.

    Raises UsageError for what cannot be a forecast of this question: probabilities outside [0, 1],
    a ladder that falls with time, options that do not sum to 1, a question that is over.
    """
    question, target = ws.target(name)
    me = writer(by)
    as_of = ws.as_of(question, on)
    latest = standing(ws)
    values = said(question, target, words, as_of)
    for asked in values:
        _must_be_open(question, asked, as_of)
    _must_rise(question, me, values, latest)
    forecasts = [
        Forecast(
            target=asked,
            forecaster=me,
            kind=Kind.LIVE if as_of.live else Kind.BACKFILLED,
            made_at=ws.now,
            as_of=as_of.day,
            value=value,
            question_digest=question.digest,
            rationale=why,
        )
        for asked, value in values.items()
    ]
    if not dry_run:
        pools = headlines(ws, forecasts, latest, me) if as_of.live else []
        ws.ledger.append([*forecasts, *pools], me)
    return forecasts


def withdraw(
    ws: Workspace, name: str, *, kind: Kind = Kind.WITHDRAWN, by: str | None = None, why: str = ""
) -> list[Forecast]:
    """End the path of a forecaster's standing forecasts of a question or rung, from now on.

    `kind` RETRACTED marks the forecast as a slip; it stays in the record and scores until now.

    Raises UsageError where nothing stands.
    """
    question, target = ws.target(name)
    me = writer(by)
    latest = standing(ws)
    asked = [target] if target.rung or not question.ladder else list(question.targets)
    mine = [latest[key] for t in asked if (key := (t, me)) in latest]
    if not mine:
        hint = "forecasters are named by --by, FORECAST_BY, the settings, or the login"
        raise UsageError(f"{me} has no standing forecast of {target}", hint)
    ended = [
        Forecast(
            target=f.target,
            forecaster=me,
            kind=kind,
            made_at=ws.now,
            as_of=ws.as_of(question, None).day,
            value=None,
            question_digest=question.digest,
            rationale=why,
        )
        for f in mine
    ]
    ws.ledger.append(ended, me)
    return ended


def _must_be_open(question: Question, target: Target, as_of: AsOf) -> None:
    settled = question.settled_by(target, as_of)
    if settled:
        raise UsageError(f"{target} is answered ({settled.answer})", "it takes no more forecasts")
    if as_of.day > question.deadline(target):
        how = f"forecast resolve {target} … --source …"
        raise UsageError(f"{target} is past its deadline", f"it waits for its answer: `{how}`")


def _must_rise(
    question: Question,
    me: str,
    values: Mapping[Target, Value],
    latest: Mapping[tuple[Target, str], Forecast],
) -> None:
    """Refuse a ladder on which a later deadline is less likely than an earlier one."""
    if not question.ladder or question.timing != "by":
        return
    rungs: list[tuple[date, float]] = []
    for target in question.targets:
        value = values.get(target)
        if value is None and (target, me) in latest:
            value = latest[target, me].value
        if isinstance(value, float):
            rungs.append((question.deadline(target), value))
    for (sooner, more), (later, less) in pairwise(rungs):
        if less < more:
            raise UsageError(
                f"by {later} cannot be less likely ({less:g}) than by {sooner} ({more:g})",
                "what has happened by the earlier day has happened by the later; "
                "say both rungs together to change both",
            )
