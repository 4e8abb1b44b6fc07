"""Commands run in-process at a fixed instant, on small books written by the tests."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forecast.cli.main import run as run_command

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

BOOK = "format: 1\ntitle: Test\ntimezone: UTC\n"

WAR = """\
question: Will there be war?
clock: 2026-10-01
opens: 2026-11-01
deadlines: [2026-12-01, 2027-03-01]
resolution_criteria: |
  Yes if a war begins. Source: Reuters. Days in UTC. Annulled if unclear.
reference_class:
  name: crises
  events: 6
  cases: 75
  exposure: 180 days
  source: ICB
model:
  family: base_rate
"""

STRIKE = """\
question: Will there be a strike?
opens: 2026-10-01
deadline: 2026-11-10
resolution_criteria: |
  Yes if a strike begins. Source: Reuters. Days in UTC. Annulled if unclear.
reference_class:
  name: strikes
  events: 3
  exposure: 365 days
  source: a count
model:
  family: base_rate
"""


@dataclass
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str


type Run = Callable[..., Ran]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run a command as `ann` on 20 November 2026, 80 columns wide, without colour."""
    monkeypatch.setenv("FORECAST_BY", "ann")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("NO_COLOR", "1")

    def call(*arguments: str | Path, now: datetime = NOW) -> Ran:
        code = run_command([str(a) for a in arguments], now=now)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book of two base-rate questions, found through FORECAST_BOOK."""
    root = tmp_path / "book"
    root.mkdir()
    for name, text in {"book": BOOK, "war": WAR, "strike": STRIKE}.items():
        (root / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("FORECAST_BOOK", str(root))
    return root


def slow_modules() -> set[str]:
    """The slow libraries imported so far."""
    return {"pymc", "pytensor", "arviz", "nutpie", "pandas", "matplotlib"} & set(sys.modules)
