"""What show says of a question beside its numbers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import NOW, WAR, Run
from tests.cli.test_types import SIZE

COST = """\
question: What will it cost?
type: numeric
unit: euros
opens: 2026-11-01
deadline: 2026-12-01
resolution_criteria: By the register. Annulled or ambiguous if it closes.
model: {family: trend, series: price}
"""

PAST = (
    "past:\n  name: Since 2012\n  answers: {small: 3, middle: 5, large: 0}\n  source: a register\n"
)


def write_cost(book: Path, readings: int) -> None:
    """Add a question of what a series, read on so many days until 19 November, will come to."""
    (book / "cost.yaml").write_text(COST, encoding="utf-8")
    (book / "indicators").mkdir()
    definition = "title: A price\nkind: level\nunit: euros\n"
    (book / "indicators" / "price.yaml").write_text(definition, encoding="utf-8")
    days = [date(2026, 11, 19) - timedelta(days=n) for n in range(readings)]
    rows = "".join(f"{day},{day},{10 + n % 3}\n" for n, day in enumerate(reversed(days)))
    text = "observed_on,known_on,value\n" + rows
    (book / "indicators" / "price.csv").write_text(text, encoding="utf-8")


def test_a_model_that_cannot_speak_yet_hides_nothing_else(run: Run, book: Path) -> None:
    write_cost(book, readings=1)
    run("predict", "cost", "normal(12, 1)")
    done = run("show", "cost")
    assert done.code == 0
    said = " ".join(done.out.split())
    assert "ann on 1 Dec 26 12 50% within" in said
    assert "trend: It says nothing: price has 1 reading" in said
    assert "trend needs 10." in said


def test_a_base_rate_with_its_weight_and_source(run: Run, book: Path) -> None:
    text = WAR.replace("  source: ICB", "  relevance: .5\n  source: ICB, version 14")
    (book / "war.yaml").write_text(text, encoding="utf-8")
    lines = run("show", "war").out.splitlines()
    said = "6 of 75 crises, over 180 days, counted at 0.5 of their weight"
    assert [line.strip() for line in lines if said in line or "ICB" in line] == [
        said, "ICB, version 14",
    ]  # fmt: skip


def test_past_answers_with_their_source(run: Run, book: Path) -> None:
    (book / "size.yaml").write_text(SIZE + PAST, encoding="utf-8")
    said = run("show", "size").out
    assert "8 past answers: Since 2012" in said
    assert "a register" in said


@pytest.mark.parametrize(
    ("days", "commands", "following"),
    [
        (0, [], "forecast update war"),
        (200, [], "forecast list --due"),
        (200, [("resolve", "war", "no", "--source", "Reuters")], "forecast score war"),
    ],
    ids=["open", "closed", "resolved"],
)
def test_what_to_do_next(
    run: Run, book: Path, days: int, commands: list[tuple[str, ...]], following: str
) -> None:
    now = NOW + timedelta(days=days)
    for command in commands:
        assert run(*command, now=now).code == 0
    assert f"Next: {following}" in run("show", "war", now=now).out


def test_without_a_model_it_is_for_the_forecaster_to_speak(run: Run, book: Path) -> None:
    (book / "war.yaml").write_text(WAR.partition("model:")[0], encoding="utf-8")
    assert "Next: forecast predict war" in run("show", "war").out
