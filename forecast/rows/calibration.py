"""The rows of calibration: every question, then what they say together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.rows.tables import Cell, Rows, iso, table

if TYPE_CHECKING:
    from forecast.verbs.calibration import CalibrationReport
    from forecast.verbs.curves import Curve, Snapshot

QUESTION = (
    "scope", "kind", "forecaster", "question", "target", "cluster", "at", "probability",
    "calibrated", "band_low", "band_high", "outcome",
)  # fmt: skip
OVERALL = (
    "questions", "clusters", "brier", "brier_low", "brier_high", "miscalibration",
    "discrimination", "uncertainty", "expected", "p_value", "intercept", "intercept_error",
    "slope", "slope_error", "in_the_large", "auc", "auc_error", "z", "z_p_value",
    "binned_miscalibration", "binned_discrimination", "binned_error", "advice",
)  # fmt: skip


def calibration_rows(report: CalibrationReport) -> Rows:
    """Return one row per snapshot (`question`), then one per forecaster and kind (`overall`).

    A snapshot has what was said, what the curve makes of it, where luck alone would put the curve,
    and what happened.
    """
    questions = ((*_snapshot(s), *(None for _ in OVERALL)) for s in report.snapshots)
    overall = (_overall(curve) for curve in report.curves)
    return table((*QUESTION, *OVERALL), [*questions, *overall])


def _snapshot(s: Snapshot) -> tuple[Cell, ...]:
    return (
        "question", s.kind, s.forecaster, s.question, s.target, s.cluster, iso(s.at),
        s.probability, s.calibrated, s.low, s.high, s.outcome,
    )  # fmt: skip


def _overall(c: Curve) -> tuple[Cell, ...]:
    r, line = c.reliability, c.line
    helps = [each.method for each in c.advice if each.helps]
    return (
        "overall", c.kind, c.forecaster, *(None for _ in QUESTION[3:]),
        r.count, c.brier.clusters, r.score, c.brier.low, c.brier.high, r.miscalibration,
        r.discrimination, r.uncertainty, c.consistency.expected, c.consistency.p_value,
        line.intercept, line.intercept_error, line.slope, line.slope_error, c.large.value,
        c.discrimination.value, c.discrimination.error, c.surprise.statistic, c.surprise.p_value,
        c.binned.miscalibration, c.binned.discrimination, c.binned_error, " ".join(helps),
    )  # fmt: skip
