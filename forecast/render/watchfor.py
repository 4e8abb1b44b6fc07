"""The screen of watch-for: under each number, the next readings that could move it."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from forecast.domain import IndicatorKind
from forecast.render.asking import heading, show
from forecast.render.columns import line, short, widths
from forecast.render.console import Symbols, symbols
from forecast.render.words import chance, change, deadline, duration, numeric, quantity
from forecast.text import clean
from forecast.verbs.watchfor import Next, Watch, Watching, WatchReport

LABEL = 26  # characters of a reading


def watch_screen(report: WatchReport) -> RenderableType:
    """Draw a table a number: its indicators, the one expected to move it most first."""
    s = symbols()
    within = f"within {duration(report.within)}"
    parts: list[RenderableType] = [
        *heading(report.question, report.model, report.as_of, s, within),
    ]
    if not any(number.watches for number in report.numbers):
        nothing = f"{clean(report.model)} watches no indicator: no reading can move it."
        return Group(*parts, Text(), Text(nothing))
    for number in report.numbers:
        parts += [Text(), *_table(report, number, s)]
    parts += [Text(), *(Text(text, style="dim") for text in _legend(report))]
    return Group(*parts)


def _table(report: WatchReport, number: Watching, s: Symbols) -> Iterator[RenderableType]:
    label = clean(number.option) or deadline(report.question, number.target, s)
    yield Text(f"{label}  {show(report.question)(number.now, s)}", style="bold")
    titles = ("next reading", "would be", "change", "chance", "expected")
    rows = [[Text(title, style="dim") for title in titles]]
    known = [watch for watch in number.watches if watch.readings]
    for watch in known:
        rows += _rows(report, watch, s)
    wide = widths(rows)
    for cells in rows:
        yield Padding(line(cells, wide, right=4), (0, 0, 0, 1))
    for watch in number.watches:
        if watch.unknown:
            yield Padding(
                Text(f"{clean(watch.indicator.id)}: {watch.unknown}", style="dim"), (0, 1)
            )
    if number.drifting:
        yield Padding(Text(_drift(report, number, s), style="dim"), (0, 1))


def _drift(report: WatchReport, number: Watching, s: Symbols) -> str:
    """Say what the model does not foresee: readings that would move the number one way."""
    counted = numeric(report.question)
    drifts = [
        f"{clean(watch.indicator.id)} {change(watch.drift or 0.0, s, number=counted)}"
        for watch in number.drifting
    ]
    said = "On average, if they come as they came (the number does not foresee it)"
    return f"{said}: {', '.join(drifts)}"


def _rows(report: WatchReport, watch: Watch, s: Symbols) -> Iterator[list[Text]]:
    """A line for an indicator with what it is expected to do, then one for each reading."""
    shown, counted = show(report.question), numeric(report.question)
    size = s.none if watch.expected is None else shown(watch.expected, s)
    single = len(watch.readings) == 1
    name = short(clean(watch.indicator.id), LABEL, s)
    if not single:
        yield [name, Text(), Text(), Text(), Text(size, style="bold")]
    for each in watch.readings:
        yield [
            name if single else short(f"  {_reading(each.next, s)}", LABEL, s),
            Text(shown(each.would_be, s)),
            Text(change(each.change, s, number=counted)),
            Text(chance(each.chance, s)),
            Text(size if single else "", style="bold"),
        ]


def _reading(each: Next, s: Symbols) -> str:
    value = quantity(each.value, s)
    if each.indicator.kind is IndicatorKind.COUNT:
        return f"{each.kind}: {value}"
    return f"{value} ({change(each.change or 0.0, s, number=True)})"


def _legend(report: WatchReport) -> Iterator[str]:
    yield (
        "Each next reading is taken as known now: one more event; a level at the 10% and 90% "
        "points of its past changes; a count doubled and halved."
    )
    yield (
        f"Chance: that such a reading comes within {duration(report.within)}, at the rate they "
        "came since the clock. Expected: the changes weighed by it, up or down alike. "
        "Nothing was recorded."
    )
