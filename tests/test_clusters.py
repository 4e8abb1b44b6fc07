"""Which questions count as one."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from forecast.domain import ModelSpec, Question, QuestionType
from forecast.verbs.clusters import cluster


def question(last: date, *, event: str | None = None, series: str | None = None) -> Question:
    options = SimpleNamespace(series=series) if series else None
    models = (ModelSpec("hazard", "hazard", None), ModelSpec("trend", "trend", options))
    opens = date(2022, 1, 1)
    return Question(
        "q", "Will it?", QuestionType.BINARY, opens, (last,), opens, event=event, models=models
    )


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (question(date(2022, 3, 1)), "q"),
        (question(date(2022, 3, 31), series="rub"), "rub/2022-Q1"),
        (question(date(2022, 4, 1), series="rub"), "rub/2022-Q2"),
        (question(date(2022, 12, 31), series="rub"), "rub/2022-Q4"),
        (question(date(2022, 3, 1), event="war", series="rub"), "war"),
    ],
)
def test_an_event_first_then_a_series_in_quarters(asked: Question, expected: str) -> None:
    assert cluster(asked) == expected
