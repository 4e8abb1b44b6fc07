"""List: every question or rung with its status, number and answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from forecast.domain import Question, QuestionType, Status, Target, Value
from forecast.domain.questions import NEVER
from forecast.settings import writer
from forecast.verbs import refusals
from forecast.verbs.forecasting import open_targets
from forecast.verbs.headline import HEADLINE, MODEL, sources
from forecast.verbs.refusals import Attempt
from forecast.verbs.standing import Track, tracks_at
from forecast.verbs.update import due_targets
from forecast.verbs.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Listed:
    """One line: `value` is the headline, said on `said_on`, from a replay if `backtest`.

    `resolve` is the command that answers a target past its deadline, else empty; `refused` why a
    model it rests on was refused since it was said, else empty.
    """

    question: Question
    target: Target
    status: Status
    deadline: date
    value: Value | None
    said_on: date | None
    backtest: bool
    answer: str
    resolve: str
    refused: str


def listing(
    ws: Workspace,
    ids: tuple[str, ...] = (),
    *,
    day: date | None = None,
    due: bool = False,
    tags: tuple[str, ...] = (),
    status: str | None = None,
) -> list[Listed]:
    """Return a line for each target, in order of question and deadline.

    With `due` only those past their deadline without an answer. Live forecasts count; as of a past
    day without any, replayed ones do and say so.
    """
    me = writer(None)
    attempts = refusals.attempts(ws)
    lines: list[Listed] = []
    for question in ws.questions(ids):
        if tags and not set(tags) & set(question.tags):
            continue
        lines += _lines(ws, question, day, me, attempts)
    asked = {ws.target(text)[1] for text in ids}
    whole = {target.question for target in asked if target.rung is None}
    if asked:
        lines = [x for x in lines if x.question.id in whole or x.target in asked]
    if due:
        lines = [line for line in lines if line.resolve]
    return [line for line in lines if status is None or line.status == status]


def resolve_command(question: Question, target: Target) -> str:
    """Return the command that answers a target past its deadline."""
    unless = {QuestionType.BINARY: "no", QuestionType.DATE: NEVER}
    answer = unless.get(question.type, "ANSWER")
    return f'forecast resolve {target} {answer} --source "…"'


def _lines(
    ws: Workspace,
    question: Question,
    day: date | None,
    me: str,
    attempts: Sequence[Attempt],
) -> list[Listed]:
    as_of = ws.as_of(question, day)
    tracks = tracks_at(ws, question, as_of, me)
    if as_of.live:  # replays are no word on the present
        tracks = [track for track in tracks if not track.backtest]
    due, speaking = due_targets(question, as_of), open_targets(question, as_of)
    stale = refusals.since(ws, attempts, question, tracks, as_of)
    refused = "; ".join(
        f"{who.removeprefix(MODEL)} {stale[who]}" for who in sources(question, me) if who in stale
    )
    lines = []
    for target in question.targets:
        found = _headline(tracks, target)
        said = found.at(as_of.instant) if found else None
        settled = question.settled_by(target, as_of)
        lines.append(
            Listed(
                question=question,
                target=target,
                status=Status.RESOLVED if settled else question.status(as_of),
                deadline=question.deadline(target),
                value=said.value if said else None,
                said_on=said.as_of if said else None,
                backtest=bool(found and found.backtest),
                answer=settled.answer if settled else "",
                resolve=resolve_command(question, target) if target in due else "",
                refused=refused if target in speaking else "",
            )
        )
    return lines


def _headline(tracks: list[Track], target: Target) -> Track | None:
    return next((t for t in tracks if t.target == target and t.forecaster == HEADLINE), None)
