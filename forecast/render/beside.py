"""How replays did beside what else could have been said then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from forecast.render.columns import GAP, line, widths
from forecast.render.console import Symbols, stdout
from forecast.render.words import scored
from forecast.text import clean
from forecast.verbs.beside import Beside
from forecast.verbs.headline import HEADLINE


def beside_lines(found: Sequence[Beside], s: Symbols) -> Iterator[Text]:
    """Draw the headline beside each reference: both scores, and how sure the difference is."""
    rows = [_cells(each, s) for each in found if each.forecaster == HEADLINE]
    if not rows:
        return
    titles = ("beside", "questions", "Brier", "its", "difference", "95%")
    table = [[Text(title, style="dim") for title in titles], *rows]
    if sum(widths(table)) + GAP * len(titles) > stdout().width:  # both scores say the difference
        table = [[*cells[:-2], cells[-1]] for cells in table]
    wide = widths(table)
    yield Text("The headline beside what else there was", style="bold")
    yield from (line(cells, wide, right=len(wide) - 1) for cells in table)
    yield Text(
        "Brier of questions answered by now, over the time in which both stood: 0 is perfect, a "
        "difference below zero better than the other. In brackets: how many independent clusters. "
        "Each model's: --json.",
        style="dim",
    )


def _cells(row: Beside, s: Symbols) -> list[Text]:
    sure = row.low is not None and row.high is not None
    spread = f"{_signed(row.low, s)} to {_signed(row.high, s)}" if sure else "too few"
    return [
        Text(clean(row.reference)),
        Text(f"{row.questions} ({row.clusters})"),
        Text(scored(row.brier, s), style="bold"),
        Text(scored(row.other, s)),
        Text(_signed(row.difference, s)),
        Text(spread),
    ]


def _signed(x: float | None, s: Symbols) -> str:
    assert x is not None
    sign = "+" if x > 0 else s.minus if x < 0 else ""
    return sign + scored(abs(x), s)
