"""Scores on other bases than the usual: readings, references, clips."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from forecast.render import scores
from tests.cli.conftest import Run

SURE = """\
question: Will it rain?
opens: 2026-10-01
deadline: 2026-10-10
resolution_criteria: |
  Yes if it rains. Source: the weather office. Days in UTC. Annulled if unclear.
"""


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 10, day, hour, tzinfo=UTC)


@pytest.fixture
def answered(run: Run, book: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ann and Bob on two questions of ten days: rain came on day 5, no frost by the end."""
    for name, answer, known in (("rain", "yes", "2026-10-05"), ("frost", "no", "2026-10-11")):
        (book / f"{name}.yaml").write_text(SURE.replace("rain", name), encoding="utf-8")
        for who, first, then in (("ann", 0.2, 0.6), ("bob", 0.5, 0.0)):
            monkeypatch.setenv("FORECAST_BY", who)
            assert run("predict", name, first, now=at(1)).code == 0
            assert run("predict", name, then, now=at(3)).code == 0
        made = run("resolve", name, answer, "--source", "the office", "--known", known)
        assert made.code == 0, made.err
    monkeypatch.setenv("FORECAST_BY", "ann")
    return book


def brier(run: Run, *options: str, who: str = "ann") -> dict[str, Any]:
    rows = json.loads(run("score", "rain", "frost", *options, "--json").out)
    found = (row for row in rows if row["scope"] == "target" and row["forecaster"] == who)
    return {row["question"]: row["brier"] for row in found}


def test_readings(run: Run, answered: Path) -> None:
    early, later = 0.8**2, 0.4**2
    assert brier(run)["rain"] == pytest.approx((2 * early + 3 * later) / 10)
    covered = brier(run, "--per-covered-day")
    assert covered["rain"] == pytest.approx((2 * early + 3 * later) / 5)
    assert brier(run, "--last") == pytest.approx({"rain": later, "frost": 0.36})
    assert brier(run, "--lead", "9d") == pytest.approx({"rain": early, "frost": 0.04})


def test_cautions_are_on_the_screen(run: Run, answered: Path) -> None:
    assert "improper when events end questions early" in run("score", "--per-covered-day").out
    assert "descriptive only" in run("score", "--last").out
    late = run("score", "rain", "frost", "--lead", "2d").out
    assert "2 days before the scheduled close" in late
    assert "1 answered before the time read" in late


def test_a_reference_may_be_a_forecaster_or_the_share_of_yes(run: Run, answered: Path) -> None:
    def row(*options: str) -> dict[str, Any]:
        rows = json.loads(run("score", "frost", "rain", *options, "--json").out)
        return next(r for r in rows if r["scope"] == "overall" and r["forecaster"] == "ann")

    assert row()["reference_brier"] is None
    bob = json.loads(run("score", "frost", "rain", "--by", "bob", "--json").out)[-1]
    assert row("--against", "bob")["reference_brier"] == pytest.approx(bob["brier"])
    half = row("--against", "climatology")["reference_brier"]
    assert half == pytest.approx(0.25 * (1 + 0.5) / 2)
    assert "than bob on 2 questions" in run("score", "rain", "frost", "--against", "bob").out


def test_an_infinite_score_names_the_question_and_a_clip_is_said(run: Run, answered: Path) -> None:
    shown = " ".join(run("score", "rain", "frost").out.split())
    assert "bob: infinite log score" in shown
    assert "what happened in rain." in shown
    clipped = " ".join(run("score", "rain", "frost", "--clip", ".01").out.split())
    assert "within 0.01 to 0.99; 2 forecasts moved" in clipped
    assert "infinite" not in clipped


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--last", "--lead", "3d"), "exclude each other"),
        (("--clip", ".7"), "a clip of 0.7 cannot be"),
        (("--against", "carl"), "no 'carl' has forecast these questions"),
    ],
)
def test_wrong_use(run: Run, answered: Path, options: tuple[str, ...], message: str) -> None:
    failed = run("score", *options)
    assert failed.code == 2
    assert message in failed.err


def test_a_large_book_shows_the_first_questions_and_counts_the_others(
    run: Run, answered: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "SHOWN", 1)
    shown = run("score").out
    assert "\nfrost\n" in shown
    assert "\nrain\n" not in shown
    assert "and 1 more question: --json and --csv hold them all" in shown
    asked = json.loads(run("score", "--json").out)
    assert {row["question"] for row in asked} == {"frost", "rain", None}
