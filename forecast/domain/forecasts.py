"""Forecasts: what was said, when, by whom and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from forecast.domain.questions import Target


class Kind(StrEnum):
    """Where a forecast comes from; kinds are never mixed in a score."""

    LIVE = "live"
    BACKFILLED = "backfilled"  # dated back by hand: shown, never scored as live
    IMPORTED = "imported"
    BACKTEST = "backtest"
    WITHDRAWN = "withdrawn"  # ends a path
    RETRACTED = "retracted"  # marks a slip from now on
    RESOLUTION = "resolution"  # an answer, kept so that answers cannot change silently


type Value = float | Mapping[str, float]
"""A probability; or option → probability; or, for numbers, quantile level → value ("0.5": 76.2)."""

type Gates = Mapping[str, Any]
"""Diagnostics by name, with `verdict`: publish, warn or refuse."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """One immutable forecast of one target.

    `value` is None for a withdrawal; `interval` is the 5–95% range of a binary probability over the
    posterior of the parameters. Digests are SHA-256 hex of what the number was computed from.
    """

    target: Target
    forecaster: str
    kind: Kind
    made_at: datetime
    as_of: date
    value: Value | None
    interval: tuple[float, float] | None = None
    question_digest: str = ""
    model_digest: str = ""
    view_digest: str = ""
    seed: int | None = None
    gates: Gates = field(default_factory=dict)
    rationale: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
