"""Short answers: what was written, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from forecast.domain import Forecast
from forecast.errors import Problem
from forecast.render.console import symbols
from forecast.render.words import day, headline, numeric
from forecast.text import clean
from forecast.verbs.observe import ObserveReport
from forecast.verbs.resolve import ResolveReport
from forecast.verbs.workspace import Workspace


def predicted(ws: Workspace, made: Sequence[Forecast], dry_run: bool) -> RenderableType:
    """Say what a forecaster's word was recorded as."""
    s = symbols()
    lines = []
    for f in made:
        question = ws.book.questions[f.target.question]
        value = headline(f.value, s, number=numeric(question))
        note = " (dated back: shown, never scored as live)" if f.kind == "backfilled" else ""
        lines.append(Text(f"{f.target}: {clean(f.forecaster)} says {value}{note}"))
    ending = "Dry run: nothing written." if dry_run else f"{len(made)} added to the record."
    return Group(*lines, Text(ending))


def ended(forecasts: Sequence[Forecast]) -> RenderableType:
    """Say which forecasts no longer stand."""
    return Group(
        *(Text(f"{f.target}: {clean(f.forecaster)}'s forecast is {f.kind}") for f in forecasts)
    )


def observed(report: ObserveReport) -> RenderableType:
    """Say where a reading went and who will see it."""
    s = symbols()
    reading = report.observation
    known = reading.known_on
    lines = [
        Text(f"indicators/{report.indicator.id}.csv:{report.row}: {day(reading.observed_on, s)}, "
             f"known {day(known, s)}"),
    ]  # fmt: skip
    if report.seen_by:
        lines.append(Text(f"`forecast update {' '.join(report.seen_by)}` now sees it."))
    else:
        lines.append(Text("No question uses this indicator yet.", style="yellow"))
    return Group(*lines)


def resolved(report: ResolveReport) -> RenderableType:
    """Say how each rung stands after an answer."""
    s = symbols()
    lines = []
    for target in report.question.targets:
        settled = report.settled.get(target)
        lines.append(Text(f"{target}: {clean(settled.answer) if settled else s.none}"))
    return Group(*lines, Text(f"Next: forecast score {report.question.id}", style="dim"))


def problem_lines(problems: Iterable[Problem]) -> RenderableType:
    """List problems, one a line, advice marked."""
    return Group(*(Text("advice " * problem.advice + clean(str(problem))) for problem in problems))
