"""The evidence behind a question: each indicator's latest readings, with who said so and where."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from forecast.domain import Indicator, IndicatorKind, Observation
from forecast.render.console import Symbols
from forecast.render.words import day, quantity, spread
from forecast.text import clean
from forecast.verbs.show import ShowReport

READINGS_SHOWN = 3


def evidence(report: ShowReport, s: Symbols, whole: bool) -> Iterator[RenderableType]:
    """Draw every indicator's latest readings; with `whole` addresses are written out."""
    for each in report.evidence:
        indicator = each.indicator
        text = Text(clean(indicator.title or indicator.id))
        if each.stale:
            text.append(f"  {s.warn} stale", style="yellow")
        yield text
        yield Padding(readings(indicator, s, whole=whole), (0, 0, 0, 2))


def readings(
    indicator: Indicator, s: Symbols, *, whole: bool = False, shown: int = READINGS_SHOWN
) -> RenderableType:
    """The last few readings, newest first: day, number, who said what and where."""
    seen = indicator.observations
    if not seen:
        return Text("no reading known yet", style="dim")
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, min_width=9)
    if indicator.kind is not IndicatorKind.EVENT:
        grid.add_column(no_wrap=True)
    grid.add_column(ratio=1, overflow="fold")
    for reading in seen[: -shown - 1 : -1]:
        cells = [Text(day(reading.observed_on, s))]
        if indicator.kind is not IndicatorKind.EVENT:
            cells.append(Text(_number_read(reading, s), style="bold"))
        grid.add_row(*cells, _told(reading, indicator, whole))
    if len(seen) > shown:
        grid.add_row(Text(f"+{len(seen) - shown:,} earlier", style="dim"))
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
    try:
        host = urlsplit(source).hostname
    except ValueError:
        host = None
    return (host or source).removeprefix("www.")
