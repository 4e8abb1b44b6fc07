"""The screen of list: one line a target."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.text import Text

from forecast.render.columns import GAP, line, widths
from forecast.render.console import Symbols, stdout, symbols
from forecast.render.values import headline
from forecast.render.words import day, deadline
from forecast.text import clean
from forecast.verbs.listing import Listed


def list_screen(lines: Sequence[Listed], *, due: bool = False) -> RenderableType:
    """Draw a listing; with `due` the commands that answer what is past its deadline."""
    s = symbols()
    if not lines:
        return Text("Nothing is due." if due else "No questions match.")
    if due:
        return _due(lines, s)
    head = [Text(title, style="dim") for title in ("", "status", "says", "answer")]
    rows = [_cells(each, s) for each in lines]
    wide = widths([head, *rows])
    if sum(wide) + GAP * len(wide) > stdout().width:  # the days are in --csv
        rows = [_cells(each, s, dated=False) for each in lines]
        wide = widths([head, *rows])
    drawn = [line(head, wide)]
    for question, block in groupby(zip(lines, rows, strict=True), key=lambda p: p[0].question.id):
        drawn.append(Text(question, style="bold"))
        drawn += [line(cells, wide) for _, cells in block]
    notes = [Text(text, style="yellow") for text in _refused(lines, s)]
    if any(each.backtest for each in lines):
        notes.append(Text("* replayed, not said live", style="dim"))
    if any(each.resolve for each in lines):
        notes.append(Text("Some are past their deadline: forecast list --due", style="yellow"))
    return Group(*drawn, *notes)


def _refused(lines: Sequence[Listed], s: Symbols) -> dict[str, None]:
    """Say of each question once why its number is stale: what it rests on was refused since."""
    stale = [each for each in lines if each.refused]
    return dict.fromkeys(
        f"{s.warn} {each.question.id} is stale, {clean(each.refused)}" for each in stale
    )


def _cells(each: Listed, s: Symbols, *, dated: bool = True) -> list[Text]:
    return [
        Text(f" {deadline(each.question, each.target, s)}"),
        Text(str(each.status)),
        Text(_says(each, s, dated)),
        Text(clean(each.answer)),
    ]


def _says(each: Listed, s: Symbols, dated: bool) -> str:
    value = headline(each.question, each.value, s)
    if each.said_on is None:
        return value
    said = f" ({day(each.said_on, s)})" if dated else ""
    mark = f" {s.warn}" if each.refused else "*" if each.backtest else ""
    return f"{value}{mark}{said}"


def _due(lines: Sequence[Listed], s: Symbols) -> RenderableType:
    parts: list[RenderableType] = []
    for each in lines:
        parts.append(Text(clean(each.question.title), style="bold"))
        parts.append(Text(f"  ended {day(each.deadline, s)}; answer it with"))
        parts.append(Text(f"  {each.resolve}"))
    ladder = any(each.question.ladder for each in lines)
    if ladder:
        note = (
            "If it happened, `forecast resolve ID --happened DATE --source …` settles every rung."
        )
        parts.append(Text(note, style="dim"))
    return Group(*parts)
