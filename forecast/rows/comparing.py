"""The rows of what compares forecasters: house rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.rows.tables import Rows, table

if TYPE_CHECKING:
    from forecast.verbs.ruling import HouseReport


def house_rows(report: HouseReport) -> Rows:
    """Return one row per target and forecaster by a house rule, then one per forecaster."""
    columns = (
        "scope", "rule", "better", "kind", "question", "target", "cluster", "forecaster", "answer",
        "forecasts", "targets", "clusters", "coverage", "score", "low", "high", "index",
    )  # fmt: skip
    rule = (report.name, report.house.better)
    targets = (
        (
            "target", *rule, s.kind, s.question, s.target, s.cluster, s.forecaster, s.answer,
            s.forecasts, 1, 1, s.coverage, s.score, None, None, None,
        )
        for s in report.scores
    )  # fmt: skip
    overall = (
        (
            "overall", *rule, o.kind, None, None, None, o.forecaster, None, o.forecasts, o.targets,
            o.clusters, o.coverage, o.score, o.low, o.high, o.index,
        )
        for o in report.overall
    )  # fmt: skip
    return table(columns, [*targets, *overall])
