"""The rows of what compares forecasters: in pairs, in groups, by house rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.rows.tables import Rows, table

if TYPE_CHECKING:
    from forecast.verbs.compare import CompareReport
    from forecast.verbs.groups import GroupReport
    from forecast.verbs.ruling import HouseReport


def group_rows(report: GroupReport) -> Rows:
    """Return one row per group and forecaster."""
    columns = (
        "dimension", "group", "kind", "forecaster", "forecasts", "questions", "clusters",
        "coverage", "brier", "low", "high", "log", "log_low", "log_high", "reference_brier",
        "skill", "difference", "difference_low", "difference_high", "p_value", "adjusted",
        "further",
    )  # fmt: skip
    return table(
        columns,
        (
            (
                report.dimension, group.name, o.kind, o.forecaster, o.forecasts, o.questions,
                o.clusters, o.coverage, o.brier, o.low, o.high, o.log, o.log_low, o.log_high,
                o.reference_brier, o.skill, o.difference, o.difference_low, o.difference_high,
                o.p_value, group.adjusted, o.further,
            )
            for group in report.groups
            for o in (group.overall,)
        ),
    )  # fmt: skip


def compare_rows(report: CompareReport) -> Rows:
    """Return one row per forecaster, then one per pair (`forecaster` less `other`).

    Of a forecaster `difference` is from the others who stood at the same time.
    """
    columns = (
        "scope", "kind", "forecaster", "other", "questions", "clusters", "coverage", "brier",
        "low", "high", "difference", "difference_low", "difference_high", "p_value", "adjusted",
        "further",
    )  # fmt: skip
    alone = (
        (
            "forecaster", e.kind, e.forecaster, None, e.questions, e.clusters, e.coverage, e.brier,
            e.low, e.high, e.relative, e.relative_low, e.relative_high, None, None, None,
        )
        for e in report.entrants
    )  # fmt: skip
    pairs = (
        (
            "pair", p.kind, p.first, p.second, p.questions, p.clusters, None, None, None, None,
            p.difference, p.low, p.high, p.p_value, p.adjusted, p.further,
        )
        for p in report.pairs
    )  # fmt: skip
    return table(columns, [*alone, *pairs])


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
