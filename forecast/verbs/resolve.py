"""Resolve: write an answer into its question's file, and into the record."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from forecast.domain import (
    Forecast,
    Kind,
    Known,
    Question,
    QuestionType,
    Resolution,
    Settled,
    Target,
    Timing,
)
from forecast.domain.questions import NEVER, REOPENED, VOID
from forecast.domain.times import local_day
from forecast.errors import UsageError
from forecast.settings import writer
from forecast.text import clean
from forecast.verbs.workspace import Workspace

RESOLVER = "resolution"


@dataclass(frozen=True, slots=True)
class ResolveReport:
    """An answer as it was written, and how each of the question's targets now stands."""

    question: Question
    resolution: Resolution
    settled: dict[Target, Settled]


def resolve(
    ws: Workspace,
    name: str,
    answer: str | None = None,
    *,
    happened: date | None = None,
    known: Known | None = None,
    source: str,
    note: str = "",
    early: bool = False,
    by: str | None = None,
) -> ResolveReport:
    """Settle a question: every rung by `happened`, or one target by `answer`.

    The answer is spliced into the question's YAML with everything else left as it stands, and
    appended to the record, so that it cannot change silently. `known` defaults to today. `open`
    takes an earlier answer back. What is not over takes no answer but an event that happened;
    with `early` it does, where nothing can change it any more. What the file holds already and the
    record does not, to the letter, is only recorded.

    Raises UsageError for an answer the question cannot have, or dates that cannot be.
    """
    question, target = ws.target(name)
    resolution = Resolution(
        answer=_answer(question, answer, happened),
        known_at=known or ws.as_of(question, None).day,
        source=source,
        rung=target.rung,
        happened_on=happened if question.type is not QuestionType.DATE else None,
        note=note,
    )
    answered = question
    if not _only_filed(ws, question, resolution):
        answered = replace(question, resolutions=(*question.resolutions, resolution))
    _must_make_sense(ws, question, resolution)
    _must_agree(answered)
    if not early:
        _must_be_over(ws, question, resolution)
    from forecast.book.edit import add_resolution

    me = writer(by)  # who cannot be named must not have written half of it
    if answered is not question and _adds(question, answered):
        add_resolution(ws.root / f"{question.id}.yaml", resolution, question.zone)
    ws.ledger.append([line(ws, question, target, resolution)], me)
    settled = {t: s for t in question.targets if (s := answered.settled(t)) is not None}
    return ResolveReport(question, resolution, settled)


def given(question: Question, resolutions: Iterable[Resolution]) -> tuple[Resolution, ...]:
    """Return those of a question's `resolutions`, in their order, that `resolve` would write."""
    kept = replace(question, resolutions=())
    for resolution in resolutions:
        answered = replace(kept, resolutions=(*kept.resolutions, resolution))
        kept = answered if _adds(kept, answered) else kept
    return kept.resolutions


def _only_filed(ws: Workspace, question: Question, resolution: Resolution) -> bool:
    """Whether an answer stands in the question's file and not in its record."""
    entries = ws.ledger.entries(question.id, question.formerly)
    said = (e.forecast for e in entries if e.forecast.kind is Kind.RESOLUTION)
    recorded = (from_detail(forecast.detail) for forecast in said)
    return resolution in question.resolutions and resolution not in recorded


def _adds(question: Question, answered: Question) -> bool:
    """Whether the last answer of `answered` says anything that `question` does not."""
    changes = any(answered.settled(t) != question.settled(t) for t in question.targets)
    return changes or answered.resolutions[-1] not in question.resolutions


def line(ws: Workspace, question: Question, target: Target, resolution: Resolution) -> Forecast:
    """Return the record's line for an answer."""
    return Forecast(
        target=target,
        forecaster=RESOLVER,
        kind=Kind.RESOLUTION,
        made_at=ws.now,
        as_of=ws.as_of(question, None).day,
        value=None,
        question_digest=question.digest,
        detail=detail(resolution),
    )


def detail(resolution: Resolution) -> dict[str, str]:
    """Return an answer as the record keeps it: only what is said, as text.

    >>> detail(Resolution("yes", date(2022, 2, 24), "Reuters", happened_on=date(2022, 2, 24)))
    {'answer': 'yes', 'known_at': '2022-02-24', 'source': 'Reuters', 'happened_on': '2022-02-24'}
    """
    said = {
        "answer": resolution.answer,
        "known_at": resolution.known_at.isoformat(),
        "source": resolution.source,
        "rung": resolution.rung.isoformat() if resolution.rung else "",
        "happened_on": resolution.happened_on.isoformat() if resolution.happened_on else "",
        "note": resolution.note,
    }
    return {key: text for key, text in said.items() if text}


def from_detail(said: Mapping[str, Any]) -> Resolution | None:
    """Return the answer that `detail` turned into `said`, as the record holds it.

    None where it lacks what makes an answer; of what is there the record lets nothing else through.
    """
    if not said.keys() >= {"answer", "known_at", "source"}:
        return None
    return Resolution(
        answer=said["answer"],
        known_at=_known(said["known_at"]),
        source=said["source"],
        rung=_day(said.get("rung")),
        happened_on=_day(said.get("happened_on")),
        note=said.get("note", ""),
    )


def _known(text: str) -> Known:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _must_agree(answered: Question) -> None:
    if answered.contradictory:
        raise UsageError(
            "what came by one deadline came by every later one: the rungs would contradict",
            "answer the rungs together with --happened DATE, or take one back with `open`",
        )


def _must_be_over(ws: Workspace, question: Question, resolution: Resolution) -> None:
    """Refuse an answer that is early."""
    if is_early(ws, question, resolution):
        last = _last(question, resolution)
        raise UsageError(
            f"{last} is open until the end of {question.deadline(last)}",
            "wait, or give --early if nothing can change it any more",
        )


def is_early(ws: Workspace, question: Question, resolution: Resolution) -> bool:
    """Whether it answers no, or a state on a day, before the day is over: it could still change."""
    came = (question.timing is Timing.BY and resolution.answer == "yes") or _came(
        question, resolution
    )
    choice = bool(question.options) and question.timing is Timing.BY
    if resolution.answer in (*VOID, REOPENED) or came or choice:
        return False
    closes = question.closes(_last(question, resolution))
    return closes > ws.as_of(question, None).instant


def _last(question: Question, resolution: Resolution) -> Target:
    """Return the target of an answer, of one for a whole ladder the last."""
    return Target(question.id, resolution.rung) if resolution.rung else question.targets[-1]


def _answer(question: Question, answer: str | None, happened: date | None) -> str:
    if question.type is QuestionType.DATE and happened is not None:
        if answer not in (None, happened.isoformat()):
            hint = "leave one of them out"
            raise UsageError(f"--happened {happened} and the answer {clean(str(answer))}", hint)
        return happened.isoformat()
    if answer is None:
        if happened is None or question.type is not QuestionType.BINARY:
            raise UsageError(
                "no answer given", f"{_how(question)}, or --happened DATE for an event"
            )
        return "yes"
    if answer in VOID or (answer == REOPENED and question.resolutions):
        return answer
    if question.type is QuestionType.BINARY and answer not in ("yes", "no"):
        raise UsageError(f"{clean(answer)!r} is no answer to {question.id}", _how(question))
    if question.options and answer not in question.options:
        raise UsageError(f"{clean(answer)!r} is no answer to {question.id}", _how(question))
    fits = _FITS.get(question.type)
    if fits is not None and not fits(answer):
        raise UsageError(f"{clean(answer)!r} is no answer to {question.id}", _how(question))
    return answer


def _is_number(answer: str) -> bool:
    try:
        return math.isfinite(float(answer))
    except ValueError:
        return False


def _is_day(answer: str) -> bool:
    try:
        return date.fromisoformat(answer).isoformat() == answer
    except ValueError:
        return answer == NEVER


_FITS: Mapping[QuestionType, Callable[[str], bool]] = {
    QuestionType.NUMERIC: _is_number,
    QuestionType.DATE: _is_day,
}


def _came(question: Question, resolution: Resolution) -> date | None:
    """Return the day on which an answer says that the event came, if it says one."""
    dated = question.type is QuestionType.DATE and resolution.answer not in (
        *VOID,
        REOPENED,
        NEVER,
    )
    return date.fromisoformat(resolution.answer) if dated else resolution.happened_on


def _how(question: Question) -> str:
    answers = {
        QuestionType.BINARY: "yes, no",
        QuestionType.NUMERIC: "a number",
        QuestionType.DATE: f"the day it came, or {NEVER} for not by the last day",
    }.get(question.type, ", ".join(question.options))
    return f"answer {answers}, annulled or ambiguous, or open to take an answer back"


def _must_make_sense(ws: Workspace, question: Question, resolution: Resolution) -> None:
    if not resolution.source.strip():
        raise UsageError("an answer needs its source", "give --source with who says so and where")
    today = ws.as_of(question, None).day
    happened = _came(question, resolution)
    if question.ladder and resolution.answer == "yes" and not (resolution.rung or happened):
        raise UsageError(
            f"{question.id} is a ladder; a bare yes leaves open which rungs it settles",
            "give --happened DATE, or answer one rung as id@deadline",
        )
    if happened and resolution.rung:
        raise UsageError("a date settles every rung", f"leave out @{resolution.rung}")
    known_day = local_day(resolution.known_at, question.zone)
    if known_day > today:
        raise UsageError(f"{known_day} has not come yet", "say when the answer became known")
    if happened is None:
        return
    if happened > today:
        raise UsageError(f"{happened} has not come yet", "give the day on which it happened")
    if known_day < happened:
        raise UsageError(f"known on {known_day}, before it happened on {happened}", "mend --known")
    if resolution.answer == "no":
        raise UsageError(
            "what happened cannot be answered no", "leave out --happened, or the answer"
        )
