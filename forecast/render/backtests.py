"""The screen of backtest: what would have been said at each cutoff."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from forecast.render.beside import beside_lines
from forecast.render.columns import GAP, line, widths
from forecast.render.console import Symbols, stdout, symbols
from forecast.render.words import chance, day, deadline, numeric, quantity, sparkline
from forecast.text import clean, plural
from forecast.verbs.backtest import BacktestReport, Replay

REASONS_SHOWN = 3  # of one model of a question; those of too few readings differ by the day

type Row = tuple[Replay, Mapping[date, Replay]]
"""One target, option and model: any of its replays, and all by their cutoff."""


def backtest_screen(report: BacktestReport) -> RenderableType:
    """Draw a backtest: a line a target and model, a column a cutoff; a sparkline if too many."""
    s = symbols()
    span = f"{day(report.start, s)} {s.dash} {day(report.end, s)}"
    parts: list[RenderableType] = [
        Text(f"Backtest {span}: replays with only what was known each day", style="bold"),
        Text(),
        *_table(report, s),
        Text(),
        *_beside(report, s),
        *_notes(report, s),
    ]
    return Group(*parts)


def _beside(report: BacktestReport, s: Symbols) -> Iterator[Text]:
    drawn = list(beside_lines(report.beside, s))
    yield from [*drawn, Text()] if drawn else []


def _table(report: BacktestReport, s: Symbols) -> Iterator[Text]:
    cutoffs = sorted({replay.cutoff for replay in report.replays})
    rows = list(_rows(report.replays))
    days = [Text(_short(cutoff, s), style="dim") for cutoff in cutoffs]
    table = [[*_label(row, s), *_numbers(row, cutoffs, s)] for row in rows]
    for gap in (GAP, 1):
        wide = widths([[Text(), Text(), *days], *table])
        if sum(wide) + gap * len(wide) <= stdout().width:
            return _blocks(rows, [[Text(), Text(), *days], *table], len(days), gap)
    head = [Text(), Text(), Text("first to last", style="dim")]
    return _blocks(rows, [head, *([*_label(r, s), _trail(r, cutoffs, s)] for r in rows)], 0, GAP)


def _blocks(
    rows: Sequence[Row], table: Sequence[Sequence[Text]], right: int, gap: int
) -> Iterator[Text]:
    """Draw the head, then a block a question."""
    wide = widths(table)
    head, *lines = (line(cells, wide, right=right, gap=gap) for cells in table)
    yield head
    pairs = zip(rows, lines, strict=True)
    for _, block in groupby(pairs, key=lambda pair: pair[0][0].move.question.id):
        found = list(block)
        yield Text(clean(found[0][0][0].move.question.title), style="bold")
        yield from (drawn for _, drawn in found)


def _rows(replays: Sequence[Replay]) -> Iterator[Row]:
    """Gather replays by question, target, option and model, in the order they first appear."""
    found: dict[str, dict[tuple[str, str, str], dict[date, Replay]]] = {}
    for replay in replays:
        move = replay.move
        key = str(move.target), move.option, move.model
        rows = found.setdefault(move.question.id, {})
        rows.setdefault(key, {})[replay.cutoff] = replay
    for rows in found.values():
        for by_cutoff in rows.values():
            yield next(iter(by_cutoff.values())), by_cutoff


def _label(row: Row, s: Symbols) -> list[Text]:
    move = row[0].move
    label = clean(move.option) or deadline(move.question, move.target, s)
    return [Text(f" {label}"), Text(clean(move.model), style="dim")]


def _numbers(row: Row, cutoffs: Sequence[date], s: Symbols) -> list[Text]:
    return [Text(_number(row[1].get(cutoff), s)) for cutoff in cutoffs]


def _number(replay: Replay | None, s: Symbols) -> str:
    if replay is None:
        return s.dot
    show = quantity if numeric(replay.move.question) else chance
    return show(replay.move.now, s) + ("" if replay.scored else "*")


def _trail(row: Row, cutoffs: Sequence[date], s: Symbols) -> Text:
    made = [row[1][cutoff] for cutoff in cutoffs if cutoff in row[1]]
    values = [replay.move.now for replay in made]
    low, high = (min(values), max(values)) if numeric(made[0].move.question) else (0.0, 1.0)
    scaled = [(value - low) / ((high - low) or 1.0) for value in values]
    drawn = sparkline(scaled[-24:], s)
    return Text(f"{drawn}  {_number(made[0], s)} {s.arrow} {_number(made[-1], s)}")


def _short(cutoff: date, s: Symbols) -> str:
    return day(cutoff, s).rsplit(" ", 1)[0]


def _refusals(report: BacktestReport, s: Symbols) -> Iterator[RenderableType]:
    """Say how many fits were refused, and of each question and model why, each reason once."""
    if not report.refused:
        return
    yield Text(f"{s.warn} {plural(report.refused, 'fit')} refused", style="red")
    why: dict[tuple[str, str], Counter[str]] = {}
    for each in report.refusals:
        why.setdefault((each.question, each.model), Counter())[each.reason] += 1
    for (question, model), reasons in why.items():
        for told in _reasons(reasons):
            yield Padding(Text(f"{question} {clean(model)}: {told}", style="red"), (0, 0, 0, 2))


def _reasons(reasons: Counter[str]) -> Iterator[str]:
    for reason, times in list(reasons.items())[:REASONS_SHOWN]:
        yield f"{clean(reason)} ({times} times)" if times > 1 else clean(reason)
    if (more := len(reasons) - REASONS_SHOWN) > 0:
        yield f"and {plural(more, 'other reason')}"


def _notes(report: BacktestReport, s: Symbols) -> Iterator[RenderableType]:
    if report.hindsight:
        note = f"{s.warn} with hindsight: includes what was elicited later"
        yield Text(note, style="yellow")
    for name in report.revised:
        yield Text(f"{s.warn} {name} is revised data: it has no vintages", style="yellow")
    yield from _refusals(report, s)
    if any(not replay.scored for replay in report.replays):
        yield Text("* before the question opened: shown, never scored", style="dim")
    yield Text("Next: forecast score", style="dim")
