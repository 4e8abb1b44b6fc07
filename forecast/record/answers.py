"""Answers in the record, so that none can change without a line that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from forecast.domain import Forecast, Kind, Known, Resolution, Target
from forecast.errors import RecordError
from forecast.record.lines import Entry, instant


def answer_line(
    question: str, resolution: Resolution, *, by: str, made_at: datetime, as_of: date
) -> Forecast:
    """Return the line that records how a question, or one rung of it, was answered by `by`."""
    happened = resolution.happened_on
    return Forecast(
        target=Target(question, resolution.rung),
        forecaster=by,
        kind=Kind.RESOLUTION,
        made_at=made_at,
        as_of=as_of,
        value=None,
        detail={
            "answer": resolution.answer,
            "happened_on": happened.isoformat() if happened else None,
            "known_at": _spelled(resolution.known_at),
            "source": resolution.source,
            "note": resolution.note,
        },
    )


def answers(entries: Iterable[Entry]) -> list[Resolution]:
    """Return the answers among `entries`, in their order; as in a question file, the last holds.

    Raises RecordError, naming file and line, for an answer that cannot be read.
    """
    return [_answer(entry) for entry in entries if entry.forecast.kind is Kind.RESOLUTION]


def _answer(entry: Entry) -> Resolution:
    detail = entry.forecast.detail
    try:
        happened = detail["happened_on"]
        return Resolution(
            answer=_text(detail, "answer"),
            known_at=_known(_text(detail, "known_at")),
            source=_text(detail, "source"),
            rung=entry.forecast.target.rung,
            happened_on=None if happened is None else date.fromisoformat(happened),
            note=_text(detail, "note"),
        )
    except (KeyError, TypeError, ValueError):
        place = f"{entry.path}:{entry.line}"
        raise RecordError(f"{place}: the recorded answer cannot be read") from None


def _text(detail: Mapping[str, Any], name: str) -> str:
    if not isinstance(detail[name], str):
        raise TypeError(name)
    return str(detail[name])


def _spelled(known: Known) -> str:
    return instant(known) if isinstance(known, datetime) else known.isoformat()


def _known(text: str) -> Known:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
