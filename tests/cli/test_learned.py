"""The learned pool learns from what was answered before, and from no event of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from forecast.inference import engine
from tests.cli.conftest import Run

QUESTION = """\
question: Will it rain?
opens: 2026-{month:02d}-01
deadline: 2026-{month:02d}-20
headline: me
event: {event}
resolution_criteria: |
  Yes if it rains. Source: the weather office. Days in UTC. Annulled if unclear.
"""

# Month by month, the last question on the event of the first.
EVENTS = {3: "a", 4: "b", 5: "c", 6: "a"}


@pytest.fixture
def taught(monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray[Any, Any]]:
    """What each fit was taught, by a fit that learns nothing."""
    seen: list[np.ndarray[Any, Any]] = []

    def fit(jobs: list[engine.Job]) -> Iterator[Any]:
        for job in jobs:
            seen.append(job.model["said"].get_value())
            asked = job.model["asked"].get_value()
            yield SimpleNamespace(mean=np.full(len(asked), 0.5), verdict="publish")

    monkeypatch.setattr(engine, "fit", lambda jobs: list(fit(jobs)))
    return seen


@pytest.fixture
def rained(run: Run, book: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for month, event in EVENTS.items():
        text = QUESTION.format(month=month, event=event)
        (book / f"rain-{month}.yaml").write_text(text, encoding="utf-8")
        for who, p in {"ann": 0.1 * month, "bob": 0.5}.items():
            monkeypatch.setenv("FORECAST_BY", who)
            now = datetime(2026, month, 2, tzinfo=UTC)
            assert run("predict", f"rain-{month}", p, now=now).code == 0
        done = ("--source", "the office", "--known", f"2026-{month:02d}-20")
        assert run("resolve", f"rain-{month}", "yes", *done).code == 0
    return book


def test_only_earlier_answers_and_other_events_teach(
    run: Run, rained: Path, taught: list[np.ndarray[Any, Any]]
) -> None:
    rains = [f"rain-{month}" for month in EVENTS]
    assert run("score", *rains, "--aggregate", "learned").code == 0
    # Nothing is fitted for March; April knows March; May both; June no March, its own event.
    chances = [(1 / (1 + np.exp(-rows[:, 0]))).round(6).tolist() for rows in taught]
    assert chances == [[0.3], [0.3, 0.4], [0.4, 0.5]]


def test_before_anything_is_known_it_is_the_geometric_mean_of_odds(
    run: Run, rained: Path, taught: list[np.ndarray[Any, Any]]
) -> None:
    options = ("--aggregate", "learned", "--aggregate", "geometric", "--csv")
    rows = run("score", "rain-3", *options).out.splitlines()
    learned, geometric = (
        next(row for row in rows if row.startswith("target") and f"pool/{name}" in row)
        for name in ("learned", "geometric")
    )
    assert learned.replace("learned", "geometric") == geometric
    assert not taught


def test_a_refused_fit_leaves_nothing_standing(
    run: Run, rained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = SimpleNamespace(mean=np.array([np.nan]), verdict="refuse")
    monkeypatch.setattr(engine, "fit", lambda jobs: [refused for _ in jobs])
    shown = run("score", "rain-3", "rain-4", "--aggregate", "learned", "--json").out
    assert shown.count('"pool/learned"') == 2  # March, and overall
