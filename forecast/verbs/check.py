"""Check: every problem in the book, and answers or records that do not fit it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from datetime import timedelta

from forecast.domain import Kind, Question, QuestionType, Resolution, Target
from forecast.domain.distributions import suits
from forecast.domain.times import local_day
from forecast.errors import Problem
from forecast.record.history import in_order
from forecast.record.ledger import Entry
from forecast.text import clean
from forecast.verbs.resolve import from_detail, given, is_early
from forecast.verbs.workspace import Workspace


def check(ws: Workspace) -> tuple[Problem, ...]:
    """Return every problem: in the files, and between the files and the record; sorted."""
    entries = list(ws.ledger.entries())
    found = [
        *ws.book.problems,
        *_future(ws),
        *_untrusted(ws),
        *_orphans(ws, entries),
        *_unsuited(ws, entries),
        *answers(ws, entries),
    ]
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


def _untrusted(ws: Workspace) -> Iterable[Problem]:
    """Advise on models of the user's own that their settings do not let run as they are."""
    from forecast.families.python import UNTRUSTED, trusts  # which few books need

    for code in ws.book.code.values():
        if not trusts(code):
            message = "this file is not trusted, and is not run"
            hint = f"read it, then `forecast trust {code.shown}`"
            yield Problem(code.shown, 1, 1, UNTRUSTED, message, hint, advice=True)


def _unsuited(ws: Workspace, entries: Iterable[Entry]) -> Iterable[Problem]:
    """Advise on a question whose options or type are others than some forecasts of it have."""
    asked = {name: q for q in ws.book.questions.values() for name in (q.id, *q.formerly)}
    named: set[str] = set()
    for entry in entries:
        question, value = asked.get(entry.forecast.target.question), entry.forecast.value
        if question is None or value is None or suits(question, value) or question.id in named:
            continue
        named.add(question.id)
        message = f"the record holds forecasts of other options or another type ({_place(entry)})"
        hint = "they stand no longer: name the options as they were, or ask a new question"
        yield Problem(question.path, 1, 1, "record-unsuited", message, hint, advice=True)


def _place(entry: Entry) -> str:
    return f"{entry.path.parent.name}/{entry.path.name}:{entry.line}"


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


def answers(ws: Workspace, entries: Iterable[Entry]) -> Iterable[Problem]:
    """Name answers that contradict each other, or are not those of the record, in its order."""
    recorded: dict[str, list[Entry]] = {}
    for entry in in_order(entries):
        if entry.forecast.kind is Kind.RESOLUTION:
            recorded.setdefault(entry.forecast.target.question, []).append(entry)
    for question in ws.book.questions.values():
        names = (question.id, *question.formerly)
        yield from _compare(ws, question, [e for name in names for e in recorded.get(name, [])])


def _compare(ws: Workspace, question: Question, recorded: Iterable[Entry]) -> Iterable[Problem]:
    written = given(question, question.resolutions)
    lines = {answer: e for e in recorded if (answer := from_detail(e.forecast.detail))}
    kept = given(question, filter(None, (from_detail(e.forecast.detail) for e in recorded)))
    new = [resolution for resolution in written if resolution not in kept]
    if question.contradictory:
        text = "a rung is answered no although the event came by an earlier one"
        hint = "take one answer back: `forecast resolve ID@DEADLINE open --source …`"
        wrong = "take the wrong one out of the file"
        yield _problem(ws, question, "answers-contradict", text, wrong if new else hint)
    for resolution in new:
        text = f"the answer {clean(resolution.answer)!r} is not in the record"
        hint = f"record it: `{_command(ws, question, resolution)}`"
        yield _problem(ws, question, "answer-unrecorded", text, hint, resolution)
    for resolution in kept:
        if resolution not in written:
            line = lines[resolution]
            told = f"{clean(resolution.answer)!r} ({line.path.name}:{line.line})"
            text = f"the record holds the answer {told}, which the file does not"
            hint = _put_back(given(question, (*kept, *new)))
            yield _problem(ws, question, "answer-changed", text, hint)
    if written != kept and set(written) == set(kept):
        told = ", ".join(clean(resolution.answer) for resolution in kept)
        text = f"its answers are not in the order of the record, which is: {told}"
        hint = "put them into that order; the last one stands"
        yield _problem(ws, question, "answer-order", text, hint)


def _put_back(answers: Iterable[Resolution]) -> str:
    """Say how a file holds the answers of the record again, before what is new in it."""
    from forecast.book.edit import resolutions_text  # which few books need

    whole = resolutions_text(answers)
    return f"write `{whole}`: the last one stands, and `forecast resolve` changes it"


def _problem(
    ws: Workspace,
    question: Question,
    code: str,
    text: str,
    hint: str,
    resolution: Resolution | None = None,
) -> Problem:
    """Return a problem of a question's answers, placed at one of them or where they begin."""
    from forecast.book.source import locate, parse

    data = (ws.root / f"{question.id}.yaml").read_bytes()
    root, _ = parse(data, question.path)
    place: list[str | int] = ["resolution"]
    if resolution is not None:
        place += [question.resolutions.index(resolution), "answer"]
    mark = locate(root, place, key=True) if root else None
    line, column = (mark.line, mark.column) if mark else (1, 1)
    return Problem(question.path, line, column, code, text, hint)


def _command(ws: Workspace, question: Question, resolution: Resolution) -> str:
    """Return the command that records an answer of the file, to the letter."""
    happened = resolution.happened_on
    words = ["forecast", "resolve", str(Target(question.id, resolution.rung))]
    if not (happened and question.type is QuestionType.BINARY):
        words.append(resolution.answer)
    words += ["--happened", happened.isoformat()] if happened else []
    words += ["--known", resolution.known_at.isoformat(), "--source", resolution.source]
    words += ["--note", resolution.note] if resolution.note else []
    words += ["--early"] if is_early(ws, question, resolution) else []
    return " ".join(map(_quoted, words))


def _quoted(word: str) -> str:
    """Return a word as a shell reads it; one with line ends as bash and zsh do."""
    if word.isprintable():
        return shlex.quote(word)
    escaped = word.replace("\\", "\\\\").replace("'", "\\'")
    return f"$'{clean(escaped)}'"
