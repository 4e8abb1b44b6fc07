"""New: write a commented question or indicator file to fill in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

from forecast.domain import IndicatorKind, QuestionType
from forecast.domain.times import local_day
from forecast.errors import UsageError
from forecast.text import clean, is_id, slug
from forecast.verbs.workspace import Workspace

CHOICES = (QuestionType.MULTIPLE_CHOICE, QuestionType.ORDERED)


def new_question(
    ws: Workspace,
    name: str,
    *,
    title: str = "",
    type: QuestionType = QuestionType.BINARY,
    deadlines: Sequence[date] = (),
    options: Sequence[str] = (),
    unit: str = "",
) -> Path:
    """Write `<name>.yaml` with every part of a question, commented, and return its path.

    It opens today; the default deadline is 90 days on. Raises UsageError for an id that is none or
    is taken, a deadline that is over, or options where they do not belong.
    """
    from forecast.book.templates import new_question_text

    path = _free(ws, ws.root / f"{name}.yaml", name)
    today = local_day(ws.now, ws.book.zone)
    ends = sorted(deadlines) or [today + timedelta(days=90)]
    if ends[0] < today:
        raise UsageError(f"the deadline {ends[0]} is over", "give one that is to come")
    if (type in CHOICES) != bool(options):
        hint = "give --option once for each" if type in CHOICES else f"a {type} question has none"
        raise UsageError("a question to choose from needs its options", hint)
    text = new_question_text(
        title or f"Will {name.replace('-', ' ')}?",
        opens=today,
        deadlines=ends,
        type=type,
        options=options,
        unit=unit,
    )
    return _write(path, text)


def new_indicator(
    ws: Workspace, name: str, *, title: str = "", kind: IndicatorKind, unit: str = ""
) -> Path:
    """Write `indicators/<name>.yaml`, commented, and return its path; errors as `new_question`."""
    from forecast.book.templates import new_indicator_text

    path = _free(ws, ws.root / "indicators" / f"{name}.yaml", name)
    return _write(path, new_indicator_text(title or name.replace("-", " "), kind, unit))


def _free(ws: Workspace, path: Path, name: str) -> Path:
    if not is_id(name):
        near = slug(name)
        hint = "ids are lower-case letters, digits and hyphens"
        raise UsageError(f"{clean(name)!r} is no id", f"{hint}: {near}" if near else hint)
    if path.exists():
        raise UsageError(f"{path} already exists", "choose another id")
    return path


def _write(path: Path, text: str) -> Path:
    from forecast.disk import Disk, environment, write_new

    disk = Disk()
    with environment(path, "nothing was written"):
        disk.make_directory(path.parent)
        write_new(disk, path, text.encode())
    return path
