"""A question's options or type may change after somebody spoke: what was said stays on record."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from forecast.domain import Question, QuestionType
from forecast.domain.distributions import suits
from tests.cli.conftest import NOW, Run
from tests.cli.test_refusals import CHOICE, LEVEL

ANSWER = "resolution: {answer: green, known_at: 2026-11-25, source: s}\n"
COMMANDS = (["list"], ["show", "vote"], ["score"], ["calibration"], ["compare"], ["list", "--json"])


@pytest.fixture
def vote(run: Run, book: Path) -> Path:
    """A choice of which two things were said, an hour apart."""
    path = book / "vote.yaml"
    path.write_text(CHOICE, encoding="utf-8")
    for hours, said in enumerate((("red=.2", "blue=.8"), ("red=.3", "blue=.7"))):
        assert run("predict", "vote", *said, now=NOW + timedelta(hours=hours)).code == 0
    return path


@pytest.mark.parametrize(
    "now",
    [
        CHOICE.replace("blue", "green") + ANSWER,
        CHOICE.replace("[red, blue]", "[red, blue, green]"),
        LEVEL,
        LEVEL.replace("numeric", "binary").replace("unit: EUR\n", ""),
    ],
    ids=["renamed", "more", "a number", "yes or no"],
)
def test_what_suits_no_more_stands_no_more_and_is_named(run: Run, vote: Path, now: str) -> None:
    vote.write_text(now, encoding="utf-8")
    later = NOW + timedelta(days=30)
    for command in COMMANDS:
        assert run(*command, now=later).code in {0, 1}, command
    assert "ann" not in run("show", "vote", now=later).out
    (advice,) = [line for line in run("check", now=later).out.splitlines() if "unsuited" in line]
    assert advice.startswith("advice ")
    assert "vote/ann.jsonl:1" in advice
    assert run("verify", now=later).code in {0, 1}, "the record itself is whole"


def test_what_is_said_afterwards_stands(run: Run, vote: Path) -> None:
    vote.write_text(CHOICE.replace("blue", "green"), encoding="utf-8")
    assert run("predict", "vote", "red=.4", "green=.6", now=NOW + timedelta(days=1)).code == 0
    shown = run("show", "vote", now=NOW + timedelta(days=2)).out
    assert ".60" in shown
    assert ".70" not in shown


def test_what_was_said_of_the_same_options_stands_in_any_order(run: Run, vote: Path) -> None:
    vote.write_text(CHOICE.replace("[red, blue]", "[blue, red]"), encoding="utf-8")
    assert ".70" in run("show", "vote", now=NOW + timedelta(days=1)).out


@pytest.mark.parametrize(
    ("type", "options", "value", "fits"),
    [
        (QuestionType.BINARY, (), 0.2, True),
        (QuestionType.BINARY, (), {"0.5": 1.0}, False),
        (QuestionType.ORDERED, ("a", "b"), {"b": 0.5, "a": 0.5}, True),
        (QuestionType.ORDERED, ("a", "b"), {"a": 1.0}, False),
        (QuestionType.MULTIPLE_CHOICE, ("a", "b"), 0.2, False),
        (QuestionType.NUMERIC, (), {"0.05": 1.0, "0.5": 2.0}, True),
        (QuestionType.NUMERIC, (), {"1e-05": 1.0, "0.5": 2.0}, True),
        (QuestionType.NUMERIC, (), {"2022-03-01": 0.5}, False),
        (QuestionType.DATE, (), {"2022-03-01": 0.5, "2022-04-01": 0.6}, True),
        (QuestionType.DATE, (), {"0.5": 1.0}, False),
        (QuestionType.DATE, (), 0.2, False),
    ],
)
def test_what_suits_a_type(
    type: QuestionType, options: tuple[str, ...], value: object, fits: bool
) -> None:
    day = NOW.date()
    asked = Question("q", "Q?", type, opens=day, deadlines=(day,), clock=day, options=options)
    assert suits(asked, value) is fits  # type: ignore[arg-type]
