"""The screen of whatif: what is, what would be anyway by then, and what would be."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from forecast.domain import IndicatorKind
from forecast.render.asking import heading, show
from forecast.render.columns import GAP, line, widths
from forecast.render.console import Symbols, stdout, symbols
from forecast.render.words import change, day, deadline, duration, numeric, quantity, spread
from forecast.text import clean
from forecast.verbs.whatif import Supposed, WhatIf, WhatIfReport


def whatif_screen(report: WhatIfReport) -> RenderableType:
    """Draw what is supposed, then a line a number."""
    s = symbols()
    waits = report.on > report.as_of.day
    rows = [_cells(report, number, waits, s) for number in report.numbers]
    head = [Text(word, style="dim") for word in _titles(waits)]
    wide = widths([head, *rows])
    if sum(wide) + GAP * len(wide) > stdout().width:  # the ranges are in --csv
        rows = [[*cells[:2], *cells[3:-1]] for cells in rows]
        head = [*head[:2], *head[3:-1]]
        wide = widths([head, *rows])
    lines = [Padding(line(cells, wide), (0, 0, 0, 1)) for cells in [head, *rows]]
    return Group(
        *heading(report.question, report.model, report.as_of, s),
        Text(),
        Text("Suppose", style="bold"),
        *(Padding(Text(_supposed(each, s)), (0, 0, 0, 1)) for each in report.supposed),
        Text(),
        *lines,
        Text(),
        Text(_legend(report, waits, s), style="dim"),
    )


def _titles(waits: bool) -> list[str]:
    passing = ["time passing"] if waits else []
    return ["", "was", "90%", *passing, "readings", "would be", "90%"]


def _cells(report: WhatIfReport, number: WhatIf, waits: bool, s: Symbols) -> list[Text]:
    shown, counted = show(report.question), numeric(report.question)
    label = clean(number.option) or deadline(report.question, number.target, s)
    passing = change(number.quiet - number.was, s, number=counted)
    return [
        Text(label),
        Text(shown(number.was, s)),
        Text(spread(number.was_low, number.was_high, s, number=counted), style="dim"),
        *([Text(passing)] if waits else []),
        Text(change(number.would_be - number.quiet, s, number=counted)),
        Text(shown(number.would_be, s), style="bold"),
        Text(spread(number.low, number.high, s, number=counted), style="dim"),
    ]


def _supposed(each: Supposed, s: Symbols) -> str:
    reading = each.reading
    what = "one more"
    if each.indicator.kind is not IndicatorKind.EVENT:
        what = f"{quantity(reading.value, s)} {clean(each.indicator.unit)}".rstrip()
    if each.indicator.kind is IndicatorKind.COUNT:
        what += f" in {duration(reading.days)}"
    return f"{each.indicator.id}: {what} on {day(reading.observed_on, s)}"


def _legend(report: WhatIfReport, waits: bool, s: Symbols) -> str:
    seen = f"Seen from the end of {day(report.on, s)}, if nothing else becomes known by then. "
    return f"{seen if waits else ''}Nothing was recorded."
