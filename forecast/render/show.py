"""The screen of show: a question whole."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from forecast.domain import Indicator, IndicatorKind, Observation, Question, Status, Value
from forecast.render.console import Symbols, symbols
from forecast.render.words import (
    chance,
    day,
    deadline,
    duration,
    median,
    numeric,
    quantity,
    sparkline,
    spread,
)
from forecast.text import clean
from forecast.verbs.headline import HEADLINE, model_name
from forecast.verbs.show import Rung, ShowReport
from forecast.verbs.standing import Track

READINGS_SHOWN = 3


def show_screen(report: ShowReport, *, sources: bool = False) -> RenderableType:
    """Draw a question: numbers first, then how they came about, then what was asked.

    With `sources` every address is written out.
    """
    s = symbols()
    parts: list[RenderableType] = [
        Text(clean(report.question.title), style="bold"),
        Text(_standing(report, s), style="dim"),
        Text(),
        _numbers(report, s),
    ]
    if report.backtest:
        parts.append(Text("These are replays, not forecasts made at the time.", style="dim"))
    for heading, lines in (
        ("History", list(_history(report, s))),
        ("Evidence", list(_evidence(report, s, sources))),
        ("Models", list(_models(report))),
        ("Base rate", list(_base_rate(report, s))),
        ("Criteria", list(_criteria(report.question))),
        ("Answer", list(_answers(report, s))),
    ):
        if lines:
            parts += [
                Text(),
                Text(heading, style="bold"),
                *(Padding(x, (0, 0, 0, 1)) for x in lines),
            ]
    parts += [Text(), Text(_next(report), style="dim")]
    return Group(*parts)


def _standing(report: ShowReport, s: Symbols) -> str:
    question = report.question
    words = [question.id, str(report.status)]
    if not report.as_of.live:
        words.append(f"as of {day(report.as_of.day, s)}")
    span = f"{day(question.opens, s)} to {day(question.deadlines[-1], s)}"
    words.append(f"open {span}, days in {question.zone}")
    return f" {s.dot} ".join(words)


def _numbers(report: ShowReport, s: Symbols) -> RenderableType:
    """One row a target (or option), one column a forecaster."""
    shown = _columns(report)
    grid = Table.grid(padding=(0, 2, 0, 0))
    titles = ["", *(_title(report, name) for name in shown)]
    rated = any(rung.base_rate is not None for rung in report.rungs)
    answered = any(rung.settled for rung in report.rungs)
    titles += ["base rate"] * rated + ["answer"] * answered
    for _ in titles:
        grid.add_column(no_wrap=True)
    grid.add_row(*(Text(title, style="dim") for title in titles))
    for rung in report.rungs:
        for option in report.question.options or ("",):
            cells = [Text(clean(option) or deadline(report.question, rung.target, s))]
            cells += [_said(report.question, rung, name, option, s) for name in shown]
            if rated:
                cells.append(Text(chance(_pick(rung.base_rate, option), s)))
            if answered:
                cells.append(Text(_verdict(rung, option, s), style="bold"))
            grid.add_row(*cells)
    return grid


def _title(report: ShowReport, name: str) -> str:
    ranged = any((f := rung.standing.get(name)) and f.interval for rung in report.rungs)
    return clean(name.removeprefix("model/")) + ("  90%" if ranged else "")


def _columns(report: ShowReport) -> list[str]:
    """Who is shown: the headline where it is not somebody's word, models as filed, then people."""
    who = dict.fromkeys(name for rung in report.rungs for name in rung.standing)
    first = [HEADLINE] if len(who) > 2 else []
    models = [model_name(spec.name) for spec in report.question.models]
    order = [*first, *(name for name in models if name in who)]
    return [*order, *sorted(who.keys() - {*order, HEADLINE})]


def _verdict(rung: Rung, option: str, s: Symbols) -> str:
    if rung.settled is None:
        return s.none
    if not option:
        return clean(rung.settled.answer)
    return "yes" if rung.settled.answer == option else "no"


def _said(question: Question, rung: Rung, name: str, option: str, s: Symbols) -> Text:
    forecast = rung.standing.get(name)
    if forecast is None:
        return Text(s.none)
    if numeric(question) and not isinstance(forecast.value, float) and forecast.value:
        levels = forecast.value
        text = Text(quantity(median(levels), s), style="bold")
        if "0.05" in levels and "0.95" in levels:
            text.append(f"  {spread(levels['0.05'], levels['0.95'], s, number=True)}", style="dim")
        return text
    text = Text(chance(_pick(forecast.value, option), s), style="bold")
    if forecast.interval:
        text.append(f"  {spread(*forecast.interval, s)}", style="dim")
    return text


def _pick(value: Value | None, option: str) -> float | None:
    if value is None or isinstance(value, float):
        return value
    return value.get(option)


def _history(report: ShowReport, s: Symbols) -> Iterator[RenderableType]:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(4):
        grid.add_column(no_wrap=True)
    for track in report.tracks:
        if track.forecaster == HEADLINE or len(track.forecasts) < 2:
            continue
        for option in report.question.options or ("",):
            grid.add_row(*_trail(report, track, option, s))
    if grid.row_count:
        yield grid


def _trail(report: ShowReport, track: Track, option: str, s: Symbols) -> list[Text]:
    said = [f for f in track.forecasts if f.value is not None]
    number = numeric(report.question)
    values = [_number(f.value, option, number) for f in said]
    low, high = (min(values), max(values)) if number else (0.0, 1.0)
    scaled = [(v - low) / ((high - low) or 1.0) for v in values]
    show = quantity if number else chance
    label = clean(option) or deadline(report.question, track.target, s)
    ends = f"{show(values[0], s)} {s.arrow} {show(values[-1], s)}"
    dates = f"{day(said[0].as_of, s)} {s.dash} {day(said[-1].as_of, s)}"
    return [
        Text(label),
        Text(clean(track.forecaster.removeprefix("model/")), style="dim"),
        Text(f"{sparkline(scaled[-24:], s)}  {ends}"),
        Text(dates, style="dim"),
    ]


def _number(value: Value | None, option: str, number: bool) -> float:
    if isinstance(value, float):
        return value
    assert value is not None
    return median(value) if number else value[option]


def _evidence(report: ShowReport, s: Symbols, whole: bool) -> Iterator[RenderableType]:
    for evidence in report.evidence:
        indicator = evidence.indicator
        text = Text(clean(indicator.title or indicator.id))
        if evidence.stale:
            text.append(f"  {s.warn} stale", style="yellow")
        yield text
        yield Padding(_readings(indicator, s, whole), (0, 0, 0, 2))


def _readings(indicator: Indicator, s: Symbols, whole: bool) -> RenderableType:
    """The last few readings, newest first: day, number, who said what and where."""
    readings = indicator.observations
    if not readings:
        return Text("no reading known yet", style="dim")
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, min_width=9)
    if indicator.kind is not IndicatorKind.EVENT:
        grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    for reading in readings[: -READINGS_SHOWN - 1 : -1]:
        cells = [Text(day(reading.observed_on, s))]
        if indicator.kind is not IndicatorKind.EVENT:
            cells.append(Text(_number_read(reading, s), style="bold"))
        grid.add_row(*cells, _told(reading, indicator, whole))
    if len(readings) > READINGS_SHOWN:
        grid.add_row(Text(f"+{len(readings) - READINGS_SHOWN:,} earlier", style="dim"))
    return grid


def _number_read(reading: Observation, s: Symbols) -> str:
    if reading.low is not None:
        return spread(reading.low, reading.high, s, number=True)
    return quantity(reading.value, s)


def _told(reading: Observation, indicator: Indicator, whole: bool) -> Text:
    """Who said what, then where: the site, or with `whole` the address in full."""
    text = Text(", ".join(clean(word) for word in (reading.by, reading.note) if word))
    source = reading.source or indicator.source
    if source:
        where = clean(source) if whole else clean(_site(source))
        text.append(f"{' ' if text else ''}({where})", style="dim")
    return text


def _site(source: str) -> str:
    """Return the host of an address without www, or a source in words as it is."""
    from urllib.parse import urlsplit

    try:
        host = urlsplit(source).hostname
    except ValueError:
        host = None
    return (host or source).removeprefix("www.")


def _models(report: ShowReport) -> Iterator[RenderableType]:
    for name, sentence in report.models:
        text = Text(f"{name}: ", style="dim")
        text.append(Text(clean(sentence), style="none"))
        yield text


def _base_rate(report: ShowReport, s: Symbols) -> Iterator[RenderableType]:
    reference = report.reference
    if reference is None:
        return
    cases = f" of {quantity(reference.cases, s)}" if reference.cases is not None else ""
    what = f"{quantity(reference.events, s)}{cases} {clean(reference.name)}"
    text = f"{what}, over {duration(reference.exposure)}"
    if reference.relevance != 1:
        text += f", counted at {reference.relevance:g} of their weight"
    yield Text(text)
    if reference.source:
        yield Text(clean(reference.source), style="dim")


def _criteria(question: Question) -> Iterator[RenderableType]:
    for paragraph in _reflowed(clean(question.resolution_criteria, lines=True)):
        yield Text(paragraph)


def _reflowed(text: str) -> list[str]:
    """Join the lines of a sentence broken for the file's width; a sentence's end stays one."""
    paragraphs: list[str] = []
    for line in text.strip().splitlines():
        if paragraphs and line.strip() and paragraphs[-1][-1:] not in (*".:;!?", ""):
            paragraphs[-1] += " " + line.strip()
        else:
            paragraphs.append(line.strip())
    return paragraphs


def _answers(report: ShowReport, s: Symbols) -> Iterator[RenderableType]:
    if report.status is not Status.RESOLVED:
        return
    for resolution in report.question.resolutions:
        when = f"on {day(resolution.happened_on, s)}" if resolution.happened_on else ""
        rung = f"{day(resolution.rung, s)}: " if resolution.rung else ""
        yield Text(f"{rung}{clean(resolution.answer)} {when}".strip())
        yield Text(clean(resolution.source), style="dim")


def _next(report: ShowReport) -> str:
    if report.status is Status.RESOLVED:
        return f"Next: forecast score {report.question.id}"
    if report.status is Status.CLOSED:
        return "Next: forecast list --due"
    return f"Next: forecast update {report.question.id}"
