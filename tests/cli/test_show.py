"""What show says of a question beside its numbers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import NOW, WAR, Run
from tests.cli.test_types import SIZE

PAST = (
    "past:\n  name: Since 2012\n  answers: {small: 3, middle: 5, large: 0}\n  source: a register\n"
)


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
