"""Who says what of a question: now, and how it came to that."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from forecast.domain import Question
from forecast.domain.distributions import number
from forecast.render.columns import GAP, line, widths
from forecast.render.console import Symbols, stdout
from forecast.render.values import parts, told
from forecast.render.words import chance, day, deadline, numeric, quantity, sparkline, spread
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
            if cell.plain:
                lines.append(line([Text("  "), title, cell], [0, *names, cell.cell_len]))
    return Group(*lines)


def _lines(report: ShowReport) -> list[tuple[Rung, str]]:
    return [(rung, part) for rung in report.rungs for part in parts(report.question)]


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
    report: ShowReport, rung: Rung, part: str, titles: Sequence[str], s: Symbols
) -> list[Text]:
    question = report.question
    cells = [Text(_label(question, rung, part, s))]
    for title in titles:
        if title == BASE:
            cells.append(Text(told(question, rung.base_rate, part, s)))
        elif title == ANSWER:
            cells.append(Text(_verdict(question, rung, part, s), style="bold"))
        else:
            cells.append(_said(question, rung, title, part, s))
    return cells


def _label(question: Question, rung: Rung, part: str, s: Symbols) -> str:
    if part and not question.options:
        return f" {part}"
    return clean(part) or deadline(question, rung.target, s)


def _verdict(question: Question, rung: Rung, part: str, s: Symbols) -> str:
    if rung.settled is None:
        return s.none
    if not question.options:
        return "" if part else clean(rung.settled.answer)
    return "yes" if rung.settled.answer == part else "no"


def _said(question: Question, rung: Rung, name: str, part: str, s: Symbols) -> Text:
    forecast = rung.standing.get(name)
    if forecast is None:
        return Text(s.none)
    wide = bool(part) and not question.options
    text = Text(told(question, forecast.value, part, s), style="dim" if wide else "bold")
    if forecast.interval and not wide:
        text.append(f"  {spread(*forecast.interval, s)}", style="not bold dim")
    return text


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
    question = report.question
    said = [f for f in track.forecasts if f.value is not None]
    values = [number(question.type, f.value, option) for f in said if f.value is not None]
    show = quantity if numeric(question) else chance
    label = clean(option) or deadline(question, track.target, s)
    ends = f"{show(values[0], s)} {s.arrow} {show(values[-1], s)}"
    dates = f"{day(said[0].as_of, s)} {s.dash} {day(said[-1].as_of, s)}"
    return [
        Text(label),
        Text(clean(track.forecaster.removeprefix("model/")), style="dim"),
        Text(f"{sparkline(_heights(question, values[-TRAIL:]), s)}  {ends}"),
        Text(dates, style="dim"),
    ]


def _heights(question: Question, values: Sequence[float]) -> list[float]:
    """Scale to a sparkline's height: chances as they are, numbers between their own extremes."""
    if not numeric(question):
        return list(values)
    low, high = min(values), max(values)
    return [(v - low) / (high - low) if high > low else 0.5 for v in values]
