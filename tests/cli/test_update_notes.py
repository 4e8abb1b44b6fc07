"""What update says beside its numbers: what is stale, and why a question got none."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast.verbs import fitting
from tests.cli.conftest import WAR, Run
from tests.golden.screens import stand_in

TROOPS = "title: Troops\nkind: level\nunit: soldiers\nstale_after: 4 weeks\n"
USES = """\
  family: hazard
  indicators:
    - use: troops
      hazard_ratio: [1.5, 4]
      per: 10
      baseline: 10
      elicited_on: 2026-10-01
      why: it tells
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "_compute", stand_in)


@pytest.fixture
def watched(book: Path) -> Path:
    """The book whose two questions, war and peace, both watch the troops."""
    (book / "indicators").mkdir()
    (book / "indicators" / "troops.yaml").write_text(TROOPS, encoding="utf-8")
    for name in ("war", "peace"):
        text = WAR.replace("  family: base_rate\n", USES)
        (book / f"{name}.yaml").write_text(text, encoding="utf-8")
    return book


def _stale(out: str) -> list[str]:
    return [line.strip() for line in out.splitlines() if "is stale" in line]


def test_an_indicator_unread_for_long_is_stale(run: Run, watched: Path) -> None:
    run("observe", "troops", "20", "--on", "2026-10-20", "--by", "Reuters")
    (said,) = _stale(run("update").out)  # once, though two questions watch it
    assert "troops is stale: last read 20 Oct 26, wanted every 28 days" in said


def test_an_indicator_never_read_is_stale_once_it_might_have_been(run: Run, watched: Path) -> None:
    (said,) = _stale(run("update").out)
    assert "troops is stale: never read" in said


def test_one_read_in_time_is_not_stale(run: Run, watched: Path) -> None:
    run("observe", "troops", "20", "--on", "2026-10-25", "--by", "Reuters")
    assert _stale(run("update").out) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("opens: 2026-11-01", "opens: 2026-11-25", "opens on 2026-11-25"),
        ("model:\n  family: base_rate\n", "", "no model; say your own number"),
        ("base_rate\n", "base_rate\n  elicited_on: 2026-11-30\n", "its model was elicited later"),
        (
            "[2026-12-01, 2027-03-01]",
            "[2026-11-10]",
            "past its deadline, waiting for its resolution",
        ),
    ],
    ids=["upcoming", "no model", "later", "closed"],
)
def test_a_question_without_a_number_says_why(
    run: Run, book: Path, before: str, after: str, said: str
) -> None:
    assert before in WAR
    (book / "war.yaml").write_text(WAR.replace(before, after), encoding="utf-8")
    done = run("update")
    assert done.code == 0
    assert "Nothing to forecast." in done.out
    assert f"war: {said}" in done.out
