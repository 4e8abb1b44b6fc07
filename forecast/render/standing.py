"""Who says what of a question: now, and how it came to that."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from forecast.domain import Question, Value
from forecast.render.columns import GAP, line, widths
from forecast.render.console import Symbols, stdout
from forecast.render.words import (
    chance,
    day,
    deadline,
    median,
    numeric,
    quantity,
    sparkline,
    spread,
)
from forecast.text import clean
from forecast.verbs.headline import HEADLINE, MODEL, model_name
from forecast.verbs.show import Rung, ShowReport
from forecast.verbs.standing import Track

BASE = "base rate"
ANSWER = "answer"
TRAIL = 24  # forecasts drawn in a sparkline, the latest


def standing(report: ShowReport, s: Symbols) -> RenderableType:
    """One row a target (or option), one column a forecaster; a block a target where too wide."""
    titles = _titles(report)
    rows = [_row(report, rung, option, titles, s) for rung, option in _lines(report)]
    head = [Text(), *(_title(report, title) for title in titles)]
    wide = widths([head, *rows])
    if sum(wide) + GAP * len(wide) <= stdout().width:
        return Group(*(line(cells, wide) for cells in [head, *rows]))
    names = widths([[title] for title in head])
    lines: list[Text] = []
    for label, *cells in rows:
        lines.append(label)
        for title, cell in zip(head[1:], cells, strict=True):
            lines.append(line([Text("  "), title, cell], [0, *names, cell.cell_len]))
    return Group(*lines)


def _lines(report: ShowReport) -> list[tuple[Rung, str]]:
    return [(rung, option) for rung in report.rungs for option in report.question.options or ("",)]


def _titles(report: ShowReport) -> list[str]:
    """The columns: a headline that is not somebody's word, models as filed, people, the rest."""
    who = {name for rung in report.rungs for name in rung.standing}
    first = [HEADLINE] if len(report.question.headline.weights) > 1 and HEADLINE in who else []
    models = [name for spec in report.question.models if (name := model_name(spec.name)) in who]
    people = sorted(name for name in who - {HEADLINE} if not name.startswith(MODEL))
    rated = [BASE] if any(rung.base_rate is not None for rung in report.rungs) else []
    answered = [ANSWER] if any(rung.settled for rung in report.rungs) else []
    return [*first, *models, *people, *rated, *answered]


def _title(report: ShowReport, name: str) -> Text:
    ranged = any((f := rung.standing.get(name)) and f.interval for rung in report.rungs)
    shown = clean(name.removeprefix("model/")) + ("  90%" if ranged else "")
    return Text(shown, style="dim")


def _row(
    report: ShowReport, rung: Rung, option: str, titles: Sequence[str], s: Symbols
) -> list[Text]:
    cells = [Text(clean(option) or deadline(report.question, rung.target, s))]
    for title in titles:
        if title == BASE:
            cells.append(Text(chance(_pick(rung.base_rate, option), s)))
        elif title == ANSWER:
            cells.append(Text(_verdict(rung, option, s), style="bold"))
        else:
            cells.append(_said(report.question, rung, title, option, s))
    return cells


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
        return _levels(forecast.value, s)
    text = Text()
    text.append(chance(_pick(forecast.value, option), s), style="bold")
    if forecast.interval:
        text.append(f"  {spread(*forecast.interval, s)}", style="dim")
    return text


def _levels(levels: Value, s: Symbols) -> Text:
    assert not isinstance(levels, float)
    text = Text()
    text.append(quantity(median(levels), s), style="bold")
    if "0.05" in levels and "0.95" in levels:
        text.append(f"  {spread(levels['0.05'], levels['0.95'], s, number=True)}", style="dim")
    return text


def _pick(value: Value | None, option: str) -> float | None:
    if value is None or isinstance(value, float):
        return value
    return value.get(option)


def history(report: ShowReport, s: Symbols) -> list[Text]:
    """One line a target and forecaster: a sparkline, its ends, and the days they were said on."""
    rows = [
        _trail(report, track, option, s)
        for track in report.tracks
        if track.forecaster != HEADLINE and len(track.forecasts) > 1
        for option in report.question.options or ("",)
    ]
    if not rows:
        return []
    wide = widths(rows)
    if sum(wide) + GAP * len(wide) >= stdout().width:  # the days are in --csv
        rows = [cells[:-1] for cells in rows]
        wide = wide[:-1]
    return [line(cells, wide) for cells in rows]


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
        Text(f"{sparkline(scaled[-TRAIL:], s)}  {ends}"),
        Text(dates, style="dim"),
    ]


def _number(value: Value | None, option: str, number: bool) -> float:
    if isinstance(value, float):
        return value
    assert value is not None
    return median(value) if number else value[option]
