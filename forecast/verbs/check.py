"""Check: every problem in the book, and answers or records that do not fit it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from forecast.domain import Kind, Question, QuestionType, Resolution
from forecast.domain.times import local_day
from forecast.errors import Problem
from forecast.record.ledger import Entry
from forecast.verbs.resolve import detail
from forecast.verbs.workspace import Workspace


def check(ws: Workspace) -> tuple[Problem, ...]:
    """Return every problem: in the files, and between the files and the record; sorted."""
    entries = list(ws.ledger.entries())
    found = [*ws.book.problems, *_future(ws), *_orphans(ws, entries), *_answers(ws, entries)]
    return tuple(sorted(found))


def _future(ws: Workspace) -> Iterable[Problem]:
    """Advise on readings of days that have not come: a slip in the year, most often."""
    today = local_day(ws.now, ws.book.zone)
    for indicator in ws.book.indicators.values():
        path = indicator.path.removesuffix(".yaml") + ".csv"
        for reading in indicator.observations:
            if reading.observed_on > today + timedelta(days=1):
                yield Problem(
                    path,
                    reading.row,
                    1,
                    "reading-future",
                    f"{reading.observed_on} has not come yet",
                    "check the year",
                    advice=True,
                )


def _orphans(ws: Workspace, entries: Iterable[Entry]) -> Iterable[Problem]:
    """Name recorded questions that no file of the book holds any more."""
    known = set(ws.book.questions) | {n for q in ws.book.questions.values() for n in q.formerly}
    broken = {p.path.rsplit("/", 1)[-1].removesuffix(".yaml") for p in ws.book.problems}
    named: set[str] = set()
    for entry in entries:
        name = entry.forecast.target.question
        if name in known | broken | named:
            continue
        named.add(name)
        yield Problem(
            str(entry.path),
            entry.line,
            1,
            "record-orphaned",
            f"the record holds forecasts of {name!r}, which is no question of this book",
            f"restore {name}.yaml, or add `formerly: [{name}]` to the file it became",
        )


def _answers(ws: Workspace, entries: Iterable[Entry]) -> Iterable[Problem]:
    """Name answers that differ between a question's file and the record."""
    recorded: dict[str, list[dict[str, object]]] = {}
    for entry in entries:
        if entry.forecast.kind is Kind.RESOLUTION:
            said = dict(entry.forecast.detail)
            recorded.setdefault(entry.forecast.target.question, []).append(said)
    for question in ws.book.questions.values():
        if question.contradictory:
            yield Problem(
                question.path,
                0,
                0,
                "answers-contradict",
                "a rung is answered no although the event came by an earlier one",
                "take one answer back: `forecast resolve ID@DEADLINE open --source …`",
            )
        names = (question.id, *question.formerly)
        lines = [line for name in names for line in recorded.get(name, [])]
        yield from _compare(question, lines)


def _compare(question: Question, lines: list[dict[str, object]]) -> Iterable[Problem]:
    written = [detail(resolution) for resolution in question.resolutions]
    for resolution, said in zip(question.resolutions, written, strict=True):
        if said not in lines:
            yield Problem(
                question.path,
                0,
                0,
                "answer-unrecorded",
                f"the answer {resolution.answer!r} is not in the record",
                f"record it: `{_command(question, resolution)}`",
            )
    for line in lines:
        if line not in written:
            yield Problem(
                question.path,
                0,
                0,
                "answer-changed",
                f"the record holds the answer {line.get('answer')!r}, which the file does not",
                "put it back, or resolve again so that the change is recorded",
            )


def _command(question: Question, resolution: Resolution) -> str:
    rung = f"@{resolution.rung}" if resolution.rung else ""
    happened = f" --happened {resolution.happened_on}" if resolution.happened_on else ""
    implied = happened and question.type is QuestionType.BINARY
    answer = "" if implied else f" {resolution.answer}"
    return (
        f"forecast resolve {question.id}{rung}{answer}{happened} "
        f"--known {resolution.known_at} --source …"
    )
