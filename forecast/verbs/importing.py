"""Import: what others said at their time, such as a crowd, put on record beside our own.

Kept as imported and never scored as live: it stands from when it was said (a day: from its end in
the question's zone), and backtests are compared with it.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from forecast.book.dated import Dated, DatedSheet
from forecast.book.scalars import Refusal
from forecast.book.sheet import MAX_BYTES, CellError
from forecast.disk import limited
from forecast.domain import Forecast, Kind, Question, QuestionType, Target
from forecast.domain.times import known_instant, local_day
from forecast.errors import BookError, UsageError
from forecast.settings import writer
from forecast.text import clean, plural
from forecast.verbs.turns import alone
from forecast.verbs.workspace import Workspace

type _Key = tuple[str, Target, datetime]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What was put on record, and how many rows of the file were there `before`."""

    added: tuple[Forecast, ...]
    before: int
    dry_run: bool


def import_forecasts(
    ws: Workspace,
    path: Path,
    forecaster: str | None = None,
    *,
    by: str | None = None,
    dry_run: bool = False,
) -> ImportReport:
    """Record the dated forecasts in the CSV at `path` as said by `forecaster`.

    Or, without one, by whom each row names. What is on record of a target and time already is
    passed over, so that a file may grow and be imported again.

    Raises BookError, with every problem's position and before anything is written, for a file that
    is not right throughout; UsageError where it cannot be read, or the name is reserved;
    EnvironmentFailure where writing fails.
    """
    me, named = writer(by), forecaster and writer(forecaster)
    sheet = DatedSheet.of(_bytes(path), clean(path.as_posix()))
    rows = _forecasts(ws, sheet, named)
    if sheet.problems:
        wrong = plural(len(sheet.problems), "problem")
        raise BookError(f"nothing was imported: {wrong} in {sheet.path}", sheet.problems)
    with nullcontext() if dry_run else alone(ws, "import"):  # another may bring the same rows
        known = _known(ws)
        fresh = tuple(forecast for key, forecast in rows.items() if key not in known)
        if fresh and not dry_run:
            ws.ledger.append(fresh, me)
    return ImportReport(fresh, len(rows) - len(fresh), dry_run)


def _known(ws: Workspace) -> set[_Key]:
    return {_key(e.forecast) for e in ws.ledger.entries() if e.forecast.kind is Kind.IMPORTED}


def _forecasts(ws: Workspace, sheet: DatedSheet, named: str | None) -> dict[_Key, Forecast]:
    """Return the rows that are forecasts by whose, of what and when; complain of the others."""
    found: dict[_Key, Forecast] = {}
    for row in sheet.forecasts():
        try:
            forecast = _forecast(ws, row, named)
            if (key := _key(forecast)) in found:
                hint = "keep one, or give them to two forecasters"
                again = f"{forecast.forecaster} said something of {forecast.target} then already"
                raise CellError("date", Refusal("forecast-twice", again, hint))
            found[key] = forecast
        except CellError as error:
            if not sheet.full:
                sheet.complain(row.line, error.cell, error.refusal)
    return found


def _forecast(ws: Workspace, row: Dated, named: str | None) -> Forecast:
    """Return a row as a forecast; CellError where it cannot be one."""
    question, target = _target(ws, row.target)
    made = known_instant(row.said, question.zone)
    if made > ws.now:
        hint = "give the time at which it was said"
        raise CellError("date", Refusal("date-range", f"{row.said} is to come", hint))
    return Forecast(
        target=target,
        forecaster=named or _whose(row),
        kind=Kind.IMPORTED,
        made_at=made,
        as_of=local_day(row.said, question.zone),
        value=row.probability,
        question_digest=question.digest,
        rationale=row.about.get("note", ""),
        detail={key: text for key, text in row.about.items() if key != "note"},
    )


def _target(ws: Workspace, text: str) -> tuple[Question, Target]:
    try:
        question, target = ws.target(text)
    except UsageError as error:
        raise CellError("target", Refusal("target-unknown", error.message, error.hint)) from None
    if question.type is not QuestionType.BINARY or (question.ladder and target.rung is None):
        hint = f"name a rung: {question.targets[0]}" if question.ladder else "leave the row out"
        message = f"{target} is not answered by one probability"
        raise CellError("target", Refusal("target-unknown", message, hint))
    return question, target


def _whose(row: Dated) -> str:
    if not (said := row.about.get("forecaster")):
        hint = "name one in a column `forecaster`, or for all rows with --forecaster"
        raise CellError("target", Refusal("value-empty", "no forecaster is named", hint))
    try:
        return writer(said)
    except UsageError as error:
        raise CellError(
            "forecaster", Refusal("forecaster-name", error.message, error.hint)
        ) from None


def _key(forecast: Forecast) -> _Key:
    return forecast.forecaster, forecast.target, forecast.made_at


def _bytes(path: Path) -> bytes:
    try:
        return limited(path, MAX_BYTES)
    except OSError as error:
        why = (error.strerror or "it cannot be read").lower()
        raise UsageError(f"{clean(str(path))}: {why}", "name a CSV file") from None
