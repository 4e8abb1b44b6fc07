"""Advice names what would leave a stranger in doubt, and keeps quiet about good criteria."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast.book.load import load

HEAD = "question: Will it rain?\nopens: 2022-01-17\ndeadline: 2022-03-01\n"


@pytest.mark.parametrize(
    "criteria",
    [
        "Yes if Reuters confirms it. Annulled if Reuters closes.",
        "Settled by official statements; ambiguous if they contradict each other.",
        "The euro reference rate of the day; void if none is published.",
        "According to https://example.org; if there is no figure the question is cancelled.",
        "As the OSCE's daily report has it. If the mission ends, annulled.",
    ],
)
def test_good_criteria_raise_nothing(book, criteria: str) -> None:
    assert book({"rain.yaml": f'{HEAD}resolution_criteria: "{criteria}"\n'}).problems == ()


def test_a_zone_may_be_stated_in_the_criteria(book) -> None:
    criteria = "As the office reports by midnight UTC; annulled if it closes."
    text = f"{HEAD}resolution_criteria: {criteria}\n"
    assert book({"rain.yaml": text}, "format: 1\n").problems == ()


def test_advice_stands_at_the_criteria_and_fails_nothing(book) -> None:
    made = book({"rain.yaml": f"{HEAD}resolution_criteria: Yes if it rains.\n"})
    assert {p.code for p in made.problems} == {"criteria-source", "criteria-annulment"}
    assert {(p.line, p.column, p.advice) for p in made.problems} == {(4, 1, True)}
    assert "rain" in made.questions


def test_the_bundled_book_needs_none() -> None:
    assert load(Path(__file__).parents[2] / "questions").problems == ()
