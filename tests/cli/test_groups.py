"""Scores by tag, type, family and horizon."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.cli.test_compare import at
from tests.cli.test_refusals import CHOICE

QUESTION = """\
question: Will it rain?
opens: 2026-08-01
deadline: 2026-10-09
headline: me
tags: [{tags}]
resolution_criteria: |
  Yes if it rains. Source: the weather office. Days in UTC. Annulled if unclear.
reference_class:
  name: days of rain
  events: 50
  cases: 100
  exposure: 70 days
  source: a count
"""


HALF = ("--against", "climatology")  # half of these were answered yes


@pytest.fixture
def tagged(run: Run, book: Path) -> Path:
    """Eight questions that ran to the end: right on the four `sure` ones, wrong on the `even`."""
    for n in range(8):
        tags = "rain, sure" if n % 2 else "rain, even"
        (book / f"rain-{n}.yaml").write_text(QUESTION.format(tags=tags), encoding="utf-8")
        assert run("predict", f"rain-{n}", "0.5", now=at(1)).code == 0
        later, answer = (0.9 + n / 100, "yes") if n % 2 else (0.7 + n / 100, "no")
        assert run("predict", f"rain-{n}", later, now=at(3)).code == 0
        known = ("--source", "the office", "--known", "2026-10-09")
        assert run("resolve", f"rain-{n}", answer, *known).code == 0
    return book


def groups(run: Run, dimension: str, *options: str) -> dict[str, Any]:
    rows = json.loads(run("score", "--group", dimension, *options, "--json").out)
    return {row["group"]: row for row in rows}


def test_a_question_counts_under_each_of_its_tags(run: Run, tagged: Path) -> None:
    found = groups(run, "tag", *HALF)
    assert {name: row["questions"] for name, row in found.items()} == {
        "rain": 8, "sure": 4, "even": 4,
    }  # fmt: skip
    assert found["sure"]["difference"] < 0 < found["even"]["difference"]


def test_many_groups_cost_something_and_words_say_which_differ(run: Run, tagged: Path) -> None:
    found = groups(run, "tag", *HALF)
    assert found["sure"]["adjusted"] >= 2 * found["sure"]["p_value"]
    shown = " ".join(run("score", "--group", "tag", *HALF).out.split())
    assert "against the share of yes, among 3 comparisons: even worse; sure better." in shown


def test_horizons_are_parts_of_the_schedule(run: Run, tagged: Path) -> None:
    found = groups(run, "horizon")
    assert list(found) == ["0–7 days", "7–30 days"]
    last_week = 0.5 * sum((0.1 - n / 100) ** 2 for n in (1, 3, 5, 7)) / 4
    last_week += 0.5 * sum((0.7 + n / 100) ** 2 for n in (0, 2, 4, 6)) / 4
    assert found["0–7 days"]["brier"] == pytest.approx(last_week)
    assert found["7–30 days"]["brier"] == pytest.approx(0.25 * 2 / 23)


def test_types_and_families(run: Run, tagged: Path) -> None:
    assert groups(run, "type")["binary"]["questions"] == 8
    assert run("score", "--group", "family").out.startswith("Nothing to score yet")


def test_a_model_that_is_gone_has_no_family(run: Run, book: Path) -> None:
    opened = datetime(2026, 10, 5, tzinfo=UTC)
    assert run("update", "strike", now=opened).code == 0
    assert run("resolve", "strike", "no", "--source", "Reuters").code == 0
    assert "base_rate" in run("score", "--group", "family").out
    text = (book / "strike.yaml").read_text(encoding="utf-8")
    (book / "strike.yaml").write_text(text.replace("model:\n  family: base_rate\n", ""))
    gone = run("score", "--group", "family")
    assert gone.code == 0
    assert gone.out.startswith("Nothing to score yet")


def test_one_reading_at_a_time(run: Run, tagged: Path) -> None:
    failed = run("score", "--group", "horizon", "--last")
    assert failed.code == 2
    assert "horizons are read in their own way" in failed.err


def test_screens_fit(run: Run, tagged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for width in (80, 60):
        monkeypatch.setenv("COLUMNS", str(width))
        for dimension in ("tag", "horizon", "type"):
            shown = run("score", "--group", dimension).out.splitlines()
            assert max(map(len, shown)) <= width


def test_a_pool_is_scored_beside_its_forecasters(run: Run, tagged: Path) -> None:
    rows = json.loads(run("score", "--aggregate", "median", "--json").out)
    overall = {row["forecaster"]: row["brier"] for row in rows if row["scope"] == "overall"}
    assert overall["pool/median"] == overall["ann"]


def test_options_are_pooled_one_by_one(
    run: Run, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three who spoke at once; the third said the mean of all."""
    (book / "vote.yaml").write_text(CHOICE, encoding="utf-8")
    for who, red in (("ann", 0.2), ("bob", 0.6), ("cleo", 0.4)):
        monkeypatch.setenv("FORECAST_BY", who)
        assert run("predict", "vote", f"red={red}", f"blue={1 - red}", now=at(2)).code == 0
    assert run("resolve", "vote", "red", "--source", "the office").code == 0
    rows = json.loads(run("score", "--aggregate", "mean", "--json").out)
    brier = {row["forecaster"]: row["brier"] for row in rows if row["scope"] == "overall"}
    assert brier["pool/mean"] == pytest.approx(brier["cleo"])
    assert brier["bob"] < brier["cleo"] < brier["ann"]
