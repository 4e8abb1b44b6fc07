"""The screens of update and backtest: what is the number, what was it, what moved it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from math import isnan

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from forecast.domain import Kind
from forecast.render.columns import GAP, line, widths
from forecast.render.console import Symbols, stdout, symbols
from forecast.render.words import chance, change, day, deadline, numeric, quantity, spread
from forecast.text import clean
from forecast.verbs.fits import why
from forecast.verbs.forecasting import Move
from forecast.verbs.shapley import QUICK_LIMIT
from forecast.verbs.update import UpdateReport

MOVERS_SHOWN = 3
MOVERS_WIDTH = 28  # below this they go to a line of their own


def update_screen(report: UpdateReport) -> RenderableType:
    """Draw an update: a block a question, then what is stale, due or left out, then what next."""
    s = symbols()
    parts: list[RenderableType] = []
    if report.kind is Kind.BACKTEST:
        note = f"as of {day(report.day, s)}: a replay, kept apart from the record"
        parts += [Text(note, style="dim"), Text()]
    wide = widths([_numbers(move, s) for move in report.moves])
    for _, moves in groupby(report.moves, key=lambda move: move.question.id):
        parts += [*_question(list(moves), wide, s), Text()]
    if any(move.verdict != "refuse" for move in report.moves):
        parts.append(_legend())
    if any(len(move.movers) > QUICK_LIMIT for move in report.moves):
        note = f"Of more than {QUICK_LIMIT} movers each has its share in the order of the file;"
        parts.append(Text(f"{note} `forecast explain` averages over many orders.", style="dim"))
    parts += _notes(report, s)
    return Group(*parts)


def _question(moves: list[Move], wide: list[int], s: Symbols) -> Iterator[RenderableType]:
    """A block a question: its title, then a line for each target, by model where there are two."""
    yield Text(clean(moves[0].question.title), style="bold")
    models = list(dict.fromkeys(move.model for move in moves))
    for model in models:
        if len(models) > 1:
            yield Text(f" {clean(model)}", style="dim")
        for move in moves:
            if move.model == model:
                yield _line(move, wide, s)


def _line(move: Move, wide: list[int], s: Symbols) -> RenderableType:
    """One target; what moved it stands beside the numbers, or below where there is no room."""
    numbers = line(_numbers(move, s), wide)
    indent = sum(wide) + GAP * len(wide) + 1
    if stdout().width - indent < MOVERS_WIDTH:
        return Group(Padding(numbers, (0, 0, 0, 1)), Padding(_moved_by(move, s), (0, 0, 0, 5)))
    grid = Table.grid()
    grid.add_column(width=indent, no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    grid.add_row(Padding(numbers, (0, 0, 0, 1)), _moved_by(move, s))
    return grid


def _numbers(move: Move, s: Symbols) -> list[Text]:
    number = numeric(move.question)
    show = quantity if number else chance
    label = clean(move.option) or deadline(move.question, move.target, s)
    if move.verdict == "refuse":
        standing = "none yet" if move.was is None else f"{show(move.was, s)} stands"
        return [Text(label), Text(standing), Text("")]
    numbers = Text(f"{show(move.was, s)} {s.arrow} ")
    numbers.append(show(move.now, s), style="bold")
    return [Text(label), numbers, Text(spread(move.low, move.high, s, number=number))]


def _moved_by(move: Move, s: Symbols) -> Text:
    """What moved the number; at first, what carries it away from the model without readings."""
    if move.verdict == "refuse":
        return Text(f"{s.warn} refused: {clean(why(move.reasons))}", style="red")
    number = numeric(move.question)
    shown = move.movers[:MOVERS_SHOWN]
    words = [f"{clean(m.name)} {change(m.change, s, number=number)}" for m in shown]
    if len(move.movers) > MOVERS_SHOWN:
        words.append("…" if s.dot == "·" else "...")
    text = f" {s.dot} ".join(words)
    if move.was is None:
        show = quantity if number else chance
        begun = "" if isnan(move.start) else f"no readings: {show(move.start, s)}"
        text = f"{begun} {s.dot} {text}" if begun and text else text or "first forecast"
    elif not text or move.change == 0:
        text = f"no change {s.dot} {text}" if text else "no change"
    result = Text(text)
    if move.verdict == "warn":
        result.append(f"  {s.warn} {clean('; '.join(move.reasons))}", style="yellow")
    return result


def _legend() -> Text:
    return Text(
        "Ranges are 5–95% over the model's own inputs: how far they leave the number open."
        if symbols().dash == "–"
        else "Ranges are 5-95% over the model's own inputs: how far they leave the number open.",
        style="dim",
    )


def _notes(report: UpdateReport, s: Symbols) -> Iterator[Text]:
    for stale in report.stale:
        last = f"last read {day(stale.last, s)}" if stale.last else "never read"
        text = f"{s.warn} {stale.indicator} is stale: {last}, wanted every {stale.stale_after} days"
        yield Text(f"{text}; `forecast observe {stale.indicator} …`", style="yellow")
    for target in report.due:
        text = f"{s.warn} {target} is past its deadline; see `forecast list --due`"
        yield Text(text, style="yellow")
    for skipped in report.skipped:
        yield Text(f"{skipped.question}: {skipped.reason}", style="dim")
    yield Text(_counts(report))
    yield Text(_next(report), style="dim")


def _counts(report: UpdateReport) -> str:
    if not report.moves:
        return "Nothing to forecast."
    where = "the record" if report.kind is Kind.LIVE else "the backtests"
    if report.dry_run:
        return f"Dry run: {report.added} new for {where}, nothing written."
    if report.added == 0 and report.refused == 0:
        return f"Nothing changed since the last update of that day: nothing added to {where}."
    text = f"{report.added} added to {where}"
    if report.unchanged:
        text += f", {report.unchanged} as before"
    if report.refused:
        text += f", {report.refused} refused{_standing(report)}"
    return f"{text}."


def _standing(report: UpdateReport) -> str:
    """Say that what was said before stands, where anything was."""
    last = any(move.verdict == "refuse" and move.was is not None for move in report.moves)
    return " (the last good forecast stands)" if last else ""


def _next(report: UpdateReport) -> str:
    if report.moves:
        return f"Next: forecast show {report.moves[0].question.id}"
    if report.kind is Kind.LIVE:
        return "Next: `forecast list`, or replay a past day with --as-of DATE."
    return "Next: forecast list"
