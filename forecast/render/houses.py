"""The screen of score --rule: the same record as another site would score it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from forecast.domain import Target
from forecast.render.columns import line, widths
from forecast.render.console import Symbols, symbols
from forecast.render.scores import HEADINGS
from forecast.render.words import day
from forecast.text import clean, plural
from forecast.verbs.headline import HEADLINE, MODEL
from forecast.verbs.ruling import HouseOverall, HouseReport, HouseScore

LEFT_OUT = {
    "unresolved": "not answered yet",
    "void": "annulled or ambiguous",
    "silent": "answered without a forecast",
    "unfit": "without a score by this rule",
}


def house_screen(report: HouseReport) -> RenderableType:
    """Draw a house's scores: live and replayed under their own headings, never added up."""
    s, places = symbols(), report.house.places
    sense = f"{report.house.better} is better"
    parts: list[RenderableType] = [Text(f"{report.house.title}: {sense}", style="bold")]
    parts += [Text(report.house.note, style="dim"), Text()]
    for kind, heading in HEADINGS.items():
        scores = [score for score in report.scores if score.kind == kind]
        if scores:
            mine = [overall for overall in report.overall if overall.kind == kind]
            note = " (with hindsight)" if report.hindsight and kind == "backtest" else ""
            parts += [Text(heading + note, style="bold"), Text(), _table(scores, places, s)]
            parts += [Text(), Text("Overall", style="bold"), _overall(mine, places, s), Text()]
            parts += [_words(len(mine)), Text()]
    if not report.scores:
        parts.append(Text("Nothing to score by this rule yet."))
    return Group(*parts, *_left_out(report))


def _table(scores: Sequence[HouseScore], places: int, s: Symbols) -> RenderableType:
    kept = list(_distinct(scores))
    rows = [[Text(t, style="dim") for t in ("", "answer", "by", "score", "cover")]]
    rows += [_cells(score, places, s) for score in kept]
    wide = widths(rows)
    head, *body = (line(cells, wide, right=2) for cells in rows)
    lines, previous = [head], ""
    for score, drawn in zip(kept, body, strict=True):
        if score.question != previous:
            lines.append(Text(score.question, style="bold"))
            previous = score.question
        lines.append(drawn)
    return Group(*lines)


def _distinct(scores: Sequence[HouseScore]) -> Iterator[HouseScore]:
    """Leave out a headline that is a single forecaster's word by another name."""
    others = {(each.target, each.score) for each in scores if each.forecaster != HEADLINE}
    for each in scores:
        if each.forecaster != HEADLINE or (each.target, each.score) not in others:
            yield each


def _cells(score: HouseScore, places: int, s: Symbols) -> list[Text]:
    rung = Target.parse(score.target).rung
    label = f" by {day(rung, s)}" if rung else " whole"
    who = clean(score.forecaster.removeprefix(MODEL))
    cells = (
        label,
        clean(score.answer),
        who,
        number(score.score, s, places),
        f"{score.coverage:.0%}",
    )
    return [Text(cell) for cell in cells]


def _overall(rows: Sequence[HouseOverall], places: int, s: Symbols) -> RenderableType:
    indexed = any(row.index is not None for row in rows)
    titles = ("by", "score", "95%", "index", "scored", "cover")
    table = [[Text(title, style="dim") for title in titles]]
    for row in sorted(rows, key=lambda row: row.forecaster != HEADLINE):
        wide = s.none
        if row.low is not None and row.high is not None:
            wide = f"{number(row.low, s, places)} to {number(row.high, s, places)}"
        cells = (
            clean(row.forecaster.removeprefix(MODEL)),
            number(row.score, s, places),
            wide,
            s.none if row.index is None else f"{row.index:.1f}",
            f"{row.targets} ({row.clusters})",
            f"{row.coverage:.0%}",
        )
        table.append([Text(cell) for cell in cells])
    if not indexed:
        table = [[*cells[:3], *cells[4:]] for cells in table]
    wide_enough = widths(table)
    return Group(*(line(cells, wide_enough, right=len(cells) - 1) for cells in table))


def number(x: float, s: Symbols, places: int) -> str:
    """Return a score of any size.

    >>> number(-0.0834, Symbols(), 3), number(-math.inf, Symbols(), 1)
    ('−.083', '−infinite')
    """
    size = "infinite" if math.isinf(x) else f"{abs(x):,.{places}f}".removeprefix("0")
    return (s.minus if x < 0 else "") + size


def _words(forecasters: int) -> Text:
    text = (
        "Scored: answered targets, rungs of a ladder one by one as the house would; in brackets "
        "how many independent clusters, over which the 95% interval is taken."
    )
    if forecasters == 1:
        text += " With a single forecaster there is nobody to be compared with."
    return Text(text, style="dim")


def _left_out(report: HouseReport) -> Iterator[Text]:
    words = [
        f"{plural(number, 'target')} {LEFT_OUT[reason]}"
        for reason, number in report.left_out.items()
        if number
    ]
    if words:
        yield Text(f"Not scored: {', '.join(words)}.", style="dim")
