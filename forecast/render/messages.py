"""Short answers: what was written, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from forecast.domain import Forecast, Question, QuestionType
from forecast.errors import Problem
from forecast.render.console import Symbols, symbols
from forecast.render.values import WITHIN, headline, told
from forecast.render.words import day, deadline, headline_words, numeric, quantity, spread
from forecast.text import clean, plural
from forecast.verbs.importing import ImportReport
from forecast.verbs.observe import ObserveReport
from forecast.verbs.resolve import ResolveReport
from forecast.verbs.workspace import Workspace


def predicted(ws: Workspace, made: Sequence[Forecast], dry_run: bool) -> RenderableType:
    """Say what a forecaster's word was recorded as."""
    s = symbols()
    lines = []
    for f in made:
        question = ws.book.questions[f.target.question]
        value = _said(question, f, s)
        note = " (dated back: shown, never scored as live)" if f.kind == "backfilled" else ""
        lines.append(Text(f"{f.target}: {clean(f.forecaster)} says {value}{note}"))
    if any(said in (0, 1) for f in made for said in _chances(ws, f)):
        warning = f"{s.warn} 0 and 1 score infinitely badly (log score) if they are wrong."
        lines.append(Text(warning, style="yellow"))
    ending = "Dry run: nothing written." if dry_run else f"{len(made)} added to the record."
    question = ws.book.questions[made[0].target.question]
    if "me" not in question.headline.weights:
        ending += f" The headline stays {headline_words(question)}'s."
    return Group(*lines, Text(ending))


def _said(question: Question, forecast: Forecast, s: Symbols) -> str:
    """A value as it was understood: of a number and a date more than its middle."""
    value = headline(question, forecast.value, s)
    if question.type is QuestionType.DATE:
        return f"{deadline(question, forecast.target, s)}: {value}"
    widest = [*WITHIN][-1]
    wide = told(question, forecast.value, widest, s) if numeric(question) else s.none
    return value if wide == s.none else f"{value}, {widest} {wide}"


def _chances(ws: Workspace, forecast: Forecast) -> list[float]:
    """The probabilities that a log score judges; none of a number or a date."""
    type = ws.book.questions[forecast.target.question].type
    if forecast.value is None or type in (QuestionType.NUMERIC, QuestionType.DATE):
        return []
    shares = forecast.value
    return [*shares.values()] if isinstance(shares, Mapping) else [shares]


def imported(report: ImportReport) -> RenderableType:
    """Say whose forecasts of what were put on record."""
    s = symbols()
    lines = []
    for target, who in dict.fromkeys((f.target, f.forecaster) for f in report.added):
        days = [f.as_of for f in report.added if (f.target, f.forecaster) == (target, who)]
        first, last = day(min(days), s), day(max(days), s)
        span = first if first == last else f"{first} {s.dash} {last}"
        lines.append(Text(f"{target}: {plural(len(days), 'forecast')} of {clean(who)}, {span}"))
    done = f"{len(report.added)} added to the record"
    done = "Dry run: nothing written" if report.dry_run else done
    there = f", {report.before} on record before" if report.before else ""
    return Group(*lines, Text(f"{done}{there}; imported, never scored as live."))


def ended(forecasts: Sequence[Forecast]) -> RenderableType:
    """Say which forecasts no longer stand."""
    return Group(
        *(Text(f"{f.target}: {clean(f.forecaster)}'s forecast is {f.kind}") for f in forecasts)
    )


def observed(report: ObserveReport) -> RenderableType:
    """Say where a reading went and who will see it."""
    s = symbols()
    reading, unit = report.observation, clean(report.indicator.unit)
    told = quantity(reading.value, s)
    if reading.low is not None:
        told = spread(reading.low, reading.high, s, number=True)
    where = f"indicators/{report.indicator.id}.csv:{report.row}"
    dates = f"on {day(reading.observed_on, s)}, known {day(reading.known_on, s)}"
    lines = [Text(f"{where}: {told} {unit}".rstrip() + f" {dates}")]
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
