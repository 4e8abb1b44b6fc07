"""The reference of choices and numbers: what their own past says."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_types import COST, LATER, SIZE

SERIES = "title: The price\nkind: level\nunit: EUR\n"


def _write(book: Path, name: str, text: str) -> None:
    path = book / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _scored(run: Run, name: str, answer: str) -> dict[str, float]:
    assert run("resolve", name, answer, "--source", "x", now=LATER).code == 0
    rows = json.loads(run("score", name, "--json", now=LATER).out)
    return next(r for r in rows if r["forecaster"] == "ann" and r["scope"] == "target")


def test_options_are_compared_with_how_often_each_came(run: Run, book: Path) -> None:
    past = "past:\n  name: Since 2012\n  answers: {small: 3, middle: 5, large: 0}\n"
    _write(book, "size.yaml", SIZE + past)
    run("predict", "size", "small=.2", "middle=.5", "large=.3")
    screen = run("show", "size").out
    assert "8 past answers: Since 2012" in screen
    row = _scored(run, "size", "small")
    small, middle = 3.5 / 9.5, 5.5 / 9.5
    ranked = ((small - 1) ** 2 + (small + middle - 1) ** 2) / 2
    assert row["reference_brier"] == pytest.approx(ranked * row["coverage"])


def test_numbers_are_compared_with_those_that_were_answered_before(run: Run, book: Path) -> None:
    values = list(range(50, 150))
    _write(book, "cost.yaml", COST + f"past:\n  name: Years\n  answers: {values}\n")
    run("predict", "cost", "25%=70", "50%=76", "75%=90")
    row = _scored(run, "cost", "100")
    losses = []
    for level in (0.25, 0.5, 0.75):
        error = 100 - (50 + 100 * level - 0.5)
        losses.append(2 * max(level * error, (level - 1) * error))
    assert row["reference_crps"] == pytest.approx(sum(losses) / 3 * row["coverage"])


def test_a_number_off_a_series_is_compared_with_its_last_reading_moved_as_before(
    run: Run, book: Path
) -> None:
    """A series that grows by a tenth every day: every past move says what is to come."""
    start = date(2026, 10, 1)
    rows = [f"{start + timedelta(days=n)},{1.1**n}" for n in range(50)]
    _write(book, "indicators/price.yaml", SERIES)
    _write(book, "indicators/price.csv", "observed_on,value\n" + "\n".join(rows) + "\n")
    text = COST.replace("deadline: 2026-12-31", "deadline: 2026-11-25")
    _write(book, "cost.yaml", text + "model: {family: trend, series: price, calendar: daily}\n")
    run("predict", "cost", "50%=1000")
    screen = run("show", "cost").out
    moved = f"{1.1 ** (date(2026, 11, 25) - start).days:.4g}"
    assert moved in screen  # 19 November's reading, six days on


def test_what_was_not_known_yet_moves_no_reference(run: Run, book: Path) -> None:
    start = date(2026, 9, 1)
    rows = [
        f"{start + timedelta(days=n)},{start + timedelta(days=n)},{100 + n % 2}" for n in range(60)
    ]
    late = "2026-11-10,2026-12-20,900"
    _write(book, "indicators/price.yaml", SERIES)
    text = "observed_on,known_on,value\n" + "\n".join([*rows, late]) + "\n"
    _write(book, "indicators/price.csv", text)
    _write(book, "cost.yaml", COST + "model: {family: trend, series: price}\n")
    run("predict", "cost", "50%=100")
    assert "900" not in run("show", "cost", "--as-of", "2026-11-15").out
