"""The rows of every command that keeps, shows or scores forecasts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING

from forecast.domain import Forecast, Settled, Target
from forecast.errors import Problem
from forecast.rows.tables import Cell, Rows, iso, spread, table

if TYPE_CHECKING:
    from forecast.record.ledger import Entry
    from forecast.verbs.backtest import BacktestReport
    from forecast.verbs.beside import Beside
    from forecast.verbs.forecasting import Move
    from forecast.verbs.listing import Listed
    from forecast.verbs.observe import ObserveReport
    from forecast.verbs.score import ScoreReport
    from forecast.verbs.show import ShowReport
    from forecast.verbs.update import UpdateReport

UPDATE = (
    "question", "title", "target", "deadline", "model", "option", "as_of", "kind", "was", "was_on",
    "now", "change", "low", "high", "error", "start", "movers", "verdict",
)  # fmt: skip


def update_rows(report: UpdateReport) -> Rows:
    """Return one row per target, model and option of an update."""
    return table(UPDATE, (_move(m, report.day, report.kind) for m in report.moves))


def _move(move: Move, day: date, kind: str) -> tuple[Cell, ...]:
    movers = "; ".join(f"{m.name} {m.change:+.6f}" for m in move.movers)
    return (
        move.question.id,
        move.question.title,
        str(move.target),
        iso(move.deadline),
        move.model,
        move.option,
        iso(day),
        str(kind),
        move.was,
        iso(move.was_on),
        move.now,
        move.change,
        move.low,
        move.high,
        move.error,
        move.start,
        movers,
        move.verdict,
    )


BESIDE = (
    "forecaster", "reference", "questions", "clusters", "brier", "reference_brier", "difference",
    "difference_low", "difference_high",
)  # fmt: skip


def backtest_rows(report: BacktestReport) -> Rows:
    """Return one row per cutoff, target, model and option, with `scored`; then the comparisons.

    Those are of scope `beside`: a forecaster with another over the same time.
    """
    replays = (
        (*_move(r.move, r.cutoff, "backtest"), r.scored, "replay", *(None,) * len(BESIDE))
        for r in report.replays
    )
    compared = ((*(None,) * (len(UPDATE) + 1), "beside", *_beside(each)) for each in report.beside)
    return table((*UPDATE, "scored", "scope", *BESIDE), (*replays, *compared))


def _beside(each: Beside) -> tuple[Cell, ...]:
    return (
        each.forecaster,
        each.reference,
        each.questions,
        each.clusters,
        each.brier,
        each.other,
        each.difference,
        each.low,
        each.high,
    )


def list_rows(lines: Iterable[Listed]) -> Rows:
    """Return one row per target and option of a listing."""
    columns = (
        "question", "title", "target", "type", "status", "deadline", "option", "headline",
        "said_on", "backtest", "answer", "resolve", "refused",
    )  # fmt: skip
    return table(
        columns,
        (
            (
                line.question.id,
                line.question.title,
                str(line.target),
                str(line.question.type),
                str(line.status),
                iso(line.deadline),
                option,
                number,
                iso(line.said_on),
                line.backtest,
                line.answer,
                line.resolve,
                line.refused,
            )
            for line in lines
            for option, number in spread(line.value)
        ),
    )


FORECAST = (
    "question", "target", "forecaster", "kind", "made_at", "as_of", "option", "value", "low",
    "high", "rationale",
)  # fmt: skip


def forecast_rows(forecasts: Iterable[Forecast]) -> Rows:
    """Return one row per forecast and option."""
    return table(FORECAST, (cells for f in forecasts for cells in _forecast(f)))


def _forecast(forecast: Forecast) -> Iterable[tuple[Cell, ...]]:
    low, high = forecast.interval or (None, None)
    for option, number in spread(forecast.value):
        yield (
            forecast.target.question,
            str(forecast.target),
            forecast.forecaster,
            str(forecast.kind),
            iso(forecast.made_at),
            iso(forecast.as_of),
            option,
            number,
            low,
            high,
            forecast.rationale,
        )


def record_rows(entries: Iterable[Entry]) -> Rows:
    """Return one row per recorded line and option, with its writer, place in the chain and hash."""
    columns = (*FORECAST, "writer", "seq", "hash")
    return table(
        columns,
        ((*cells, e.writer, e.seq, e.hash) for e in entries for cells in _forecast(e.forecast)),
    )


def show_rows(report: ShowReport) -> Rows:
    """Return the history of one question: every forecast of every target, in order."""
    return forecast_rows(f for track in report.tracks for f in track.forecasts)


def resolve_rows(targets: Mapping[Target, Settled]) -> Rows:
    """Return one row per target that an answer settled."""
    columns = ("question", "target", "answer", "known")
    return table(
        columns, ((t.question, str(t), s.answer, iso(s.known)) for t, s in targets.items())
    )


def observe_rows(report: ObserveReport) -> Rows:
    """Return the one reading that was written."""
    o = report.observation
    columns = ("indicator", "row", "observed_on", "known_on", "value", "low", "high", "seen_by")
    cells = (
        report.indicator.id,
        report.row,
        iso(o.observed_on),
        iso(o.known_on),
        o.value,
        o.low,
        o.high,
        " ".join(report.seen_by),
    )
    return table(columns, [cells])


def problem_rows(problems: Iterable[Problem]) -> Rows:
    """Return one row per problem."""
    columns = ("path", "line", "column", "code", "message", "hint", "advice")
    return table(
        columns,
        ((p.path, p.line, p.column, p.code, p.message, p.hint, p.advice) for p in problems),
    )


def score_rows(report: ScoreReport) -> Rows:
    """Return one row per scored target and forecaster, then one per forecaster over all questions.

    Those of probabilities are `overall`; those of numbers and dates, in units of their own, are
    `distributions` and have a skill and a difference without a unit.
    """
    columns = (
        "scope", "kind", "question", "target", "cluster", "forecaster", "answer", "forecasts",
        "questions", "coverage", "brier", "log", "crps", "reference_brier", "skill", "low", "high",
        "log_low", "log_high", "difference", "difference_low", "difference_high", "p_value",
        "clusters", "further", "reference_crps", "scale",
    )  # fmt: skip
    targets = (
        (
            "target", s.kind, s.question, s.target, s.cluster, s.forecaster, s.answer, s.forecasts,
            1, s.coverage, s.brier, s.log, s.crps, s.reference_brier, s.skill, None, None,
            None, None, s.difference, None, None, None, 1, None, s.reference_crps, s.scale,
        )
        for s in report.targets
    )  # fmt: skip
    overall = (
        (
            "overall", o.kind, None, None, None, o.forecaster, None, o.forecasts, o.questions,
            o.coverage, o.brier, o.log, None, o.reference_brier, o.skill, o.low, o.high,
            o.log_low, o.log_high, o.difference, o.difference_low, o.difference_high, o.p_value,
            o.clusters, o.further, None, None,
        )
        for o in report.overall
    )  # fmt: skip
    distributions = (
        (
            "distributions", d.kind, None, None, None, d.forecaster, None, d.forecasts,
            d.questions, d.coverage, None, None, None, None, d.skill, None, None, None, None,
            d.difference, d.difference_low, d.difference_high, d.p_value, d.clusters, d.further,
            None, None,
        )
        for d in report.distributions
    )  # fmt: skip
    return table(columns, [*targets, *overall, *distributions])
