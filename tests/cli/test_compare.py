"""Several forecasters in one record, question by question."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

QUESTION = """\
question: Will it rain?
opens: 2026-10-01
deadline: 2026-10-10
headline: me
event: {event}
resolution_criteria: |
  Yes if it rains. Source: the weather office. Days in UTC. Annulled if unclear.
reference_class:
  name: days of rain
  events: 5
  cases: 10
  exposure: 10 days
  source: a count
"""


def at(day: int) -> datetime:
    return datetime(2026, 10, day, tzinfo=UTC)


@pytest.fixture
def rained(run: Run, book: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Twelve questions in ten events: ann is nearly right, bob says one half, carl joins late."""
    for n in range(12):
        event = f"storm-{max(n, 2)}"
        (book / f"rain-{n}.yaml").write_text(QUESTION.format(event=event), encoding="utf-8")
        said = {"ann": 0.75 + n / 100, "bob": 0.5} | ({"carl": 0.9} if n == 3 else {})
        for who, p in said.items():
            monkeypatch.setenv("FORECAST_BY", who)
            assert run("predict", f"rain-{n}", p, now=at(6 if who == "carl" else 1)).code == 0
        assert (
            run("resolve", f"rain-{n}", "yes", "--source", "it", "--known", "2026-10-10").code == 0
        )
    monkeypatch.setenv("FORECAST_BY", "ann")
    return book


def pairs(run: Run, *options: str) -> dict[tuple[str, str], Any]:
    rows = json.loads(run("compare", *options, "--json").out)
    return {(r["forecaster"], r["other"]): r for r in rows if r["scope"] == "pair"}


def test_pairs_are_over_the_same_questions_and_time(run: Run, rained: Path) -> None:
    found = pairs(run)[("bob", "carl")]
    assert (found["questions"], found["clusters"]) == (1, 1)
    assert found["difference"] == pytest.approx((0.25 - 0.01) / 2)
    assert found["p_value"] is None


def test_many_comparisons_cost_something(run: Run, rained: Path) -> None:
    everybody = pairs(run)[("ann", "bob")]
    alone = pairs(run, "--by", "ann", "--by", "bob")[("ann", "bob")]
    assert everybody["clusters"] == 10
    assert everybody["p_value"] == alone["adjusted"] == alone["p_value"]
    tested = [row for row in pairs(run).values() if row["p_value"] is not None]
    least = min(tested, key=lambda row: row["p_value"])
    assert least["adjusted"] == pytest.approx(len(tested) * least["p_value"])


def test_who_is_better_is_said_in_words(run: Run, rained: Path) -> None:
    shown = " ".join(run("compare").out.split())
    assert "ann is better than bob, by .2" in shown
    assert "The others cannot be told apart: luck cannot be told from skill" in shown


def test_pools_are_forecasters_too(run: Run, rained: Path) -> None:
    rows = json.loads(run("compare", "rain-0", "--aggregate", "mean", "--json").out)
    brier = {r["forecaster"]: r["brier"] for r in rows if r["scope"] == "forecaster"}
    assert brier["pool/mean"] == pytest.approx((1 - (0.75 + 0.5) / 2) ** 2)
    relative = {r["forecaster"]: r["difference"] for r in rows if r["scope"] == "forecaster"}
    assert relative["ann"] == pytest.approx(0.25**2 - 0.25)
    assert relative["ann"] == -relative["bob"]


def test_an_unknown_forecaster(run: Run, rained: Path) -> None:
    failed = run("compare", "--by", "anne")
    assert failed.code == 2
    assert "did you mean 'ann'?" in failed.err


def test_nothing_answered(run: Run, book: Path) -> None:
    assert "Nothing to compare yet" in run("compare").out
