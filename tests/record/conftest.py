"""A forecaster's small world: a book's root, its ledger, and forecasts to put into it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from forecast.domain import Forecast, Kind, Target
from forecast.record.ledger import Ledger

NOON = datetime(2022, 2, 18, 12, tzinfo=UTC)
BASE = Forecast(
    target=Target("ukraine-invasion", date(2022, 3, 1)),
    forecaster="anna",
    kind=Kind.LIVE,
    made_at=NOON,
    as_of=date(2022, 2, 18),
    value=0.34,
    rationale="Troops keep coming.",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine that stands in Tokyo, where the system lets a process say so."""
    move_clock = getattr(time, "tzset", lambda: None)
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    move_clock()
    yield
    monkeypatch.undo()
    move_clock()


@pytest.fixture
def ledger(root: Path) -> Ledger:
    return Ledger(root)


@pytest.fixture
def say() -> Callable[..., Forecast]:
    """`say(.3)` is a forecast of .3; `hours` moves it from noon, other members as named."""

    def make(value: Any = 0.34, *, hours: float = 0, **members: Any) -> Forecast:
        silent = {Kind.WITHDRAWN, Kind.RETRACTED, Kind.RESOLUTION}
        said = None if members.get("kind") in silent else value
        return replace(BASE, value=said, made_at=NOON + timedelta(hours=hours), **members)

    return make
