"""The screen of list: one line a target."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from forecast.render.console import Symbols, symbols
from forecast.render.words import day, deadline, headline, numeric
from forecast.text import clean
from forecast.verbs.listing import Listed


def list_screen(lines: Sequence[Listed], *, due: bool = False) -> RenderableType:
    """Draw a listing; with `due` the commands that answer what is past its deadline."""
    s = symbols()
    if not lines:
        return Text("Nothing is due." if due else "No questions match.")
    if due:
        return _due(lines, s)
    grid = Table.grid(padding=(0, 2, 0, 0))
    for heading in ("question", "", "status", "says", "answer"):
        grid.add_column(
            heading, no_wrap=heading != "question", ratio=1 if not grid.columns else None
        )
    grid.add_row(*(Text(h, style="dim") for h in ("question", "", "status", "says", "answer")))
    previous = ""
    for line in lines:
        name = "" if line.question.id == previous else line.question.id
        previous = line.question.id
        grid.add_row(
            Text(name, style="bold"),
            Text(deadline(line.question, line.target, s)),
            Text(str(line.status)),
            Text(_says(line, s)),
            Text(clean(line.answer)),
        )
    notes = []
    if any(line.backtest for line in lines):
        notes.append(Text("* replayed, not said live", style="dim"))
    if any(line.resolve for line in lines):
        notes.append(Text("Some are past their deadline: forecast list --due", style="yellow"))
    return Group(grid, *notes)


def _says(line: Listed, s: Symbols) -> str:
    value = headline(line.value, s, number=numeric(line.question))
    if line.said_on is None:
        return value
    return f"{value}{'*' if line.backtest else ''} ({day(line.said_on, s)})"


def _due(lines: Sequence[Listed], s: Symbols) -> RenderableType:
    parts: list[RenderableType] = []
    for line in lines:
        parts.append(Text(clean(line.question.title), style="bold"))
        parts.append(Text(f"  ended {day(line.deadline, s)}; answer it with"))
        parts.append(Text(f"  {line.resolve}"))
    ladder = any(line.question.ladder for line in lines)
    if ladder:
        note = (
            "If it happened, `forecast resolve ID --happened DATE --source …` settles every rung."
        )
        parts.append(Text(note, style="dim"))
    return Group(*parts)
