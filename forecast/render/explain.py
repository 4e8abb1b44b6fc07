"""The screen of explain: a waterfall a number, from where it starts to where it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from forecast.render.asking import heading, show
from forecast.render.columns import GAP, line, short, widths
from forecast.render.console import Symbols, stdout, symbols
from forecast.render.evidence import readings
from forecast.render.words import change, day, deadline, numeric, spread
from forecast.text import clean
from forecast.verbs.explain import Explained, ExplainReport, Step

LABEL = 22  # characters of a step's name
LEAST_BAR = 16  # columns of bars below which "without" makes room for them
READINGS = 2  # of each indicator


def explain_screen(report: ExplainReport) -> RenderableType:
    """Draw each number as a waterfall, then the latest readings of what moved it."""
    s = symbols()
    since = [f"since {day(report.since, s)}"] if report.since else []
    parts: list[RenderableType] = [
        *heading(report.question, report.model, report.as_of, s, *since),
    ]
    for number in report.numbers:
        parts += [Text(), *_waterfall(report, number, s)]
    parts += [Text(), *_legend(report)]
    if report.readings:
        title = "New readings" if report.since else "Latest readings"
        parts += [Text(), Text(title, style="bold"), *_readings(report, s)]
    parts += [Text(), Text(f"Next: forecast watch-for {report.question.id}", style="dim")]
    return Group(*parts)


def _waterfall(report: ExplainReport, number: Explained, s: Symbols) -> Iterator[RenderableType]:
    """A heading, then a line a step: what it is, how far it goes, where it leads, and a bar."""
    label = clean(number.option) or deadline(report.question, number.target, s)
    shown, counted = show(report.question), numeric(report.question)
    title = Text(label, style="bold")
    title.append(f"  {shown(number.now, s)}", style="bold")
    title.append(f"  {spread(number.low, number.high, s, number=counted)}", style="dim")
    yield title
    head = [Text(word, style="dim") for word in ("", "change", "leads to", "without it")]
    rows = [_cells(report, step, s) for step in number.steps]
    rows.append(
        [Text("now", style="bold"), Text(), Text(shown(number.now, s), style="bold"), Text()]
    )
    wide = widths([head, *rows])
    room = stdout().width - 1 - sum(wide) - GAP * len(wide)
    if room < LEAST_BAR:
        head, *rows = ([*cells[:-1]] for cells in [head, *rows])
        room += wide.pop() + GAP
    bars = [Text(), *_bars(number, room, s)]
    for cells, bar in zip([head, *rows], bars, strict=True):
        drawn = line(cells, wide, right=len(wide) - 1)
        drawn.pad_right(sum(wide) + GAP * len(wide) - drawn.cell_len)
        drawn.append_text(bar)
        drawn.rstrip()
        yield Padding(drawn, (0, 0, 0, 1))


def _cells(report: ExplainReport, step: Step, s: Symbols) -> list[Text]:
    shown, counted = show(report.question), numeric(report.question)
    moved = "" if step.change is None else change(step.change, s, number=counted)
    without = "" if step.without is None else shown(step.without, s)
    style = "bold" if step.change is None else ""
    return [
        short(_label(report, step, s), LABEL, s),
        Text(moved),
        Text(shown(step.value, s), style=style),
        Text(without, style="dim"),
    ]


def _label(report: ExplainReport, step: Step, s: Symbols) -> str:
    if step.cause == "earlier":
        return f"on {day(report.since, s)}"
    return clean(step.name)


def _bars(number: Explained, room: int, s: Symbols) -> list[Text]:
    """Draw the first value and the last whole, and every step from where it begins to its end."""
    values = [step.value for step in number.steps]
    low = min(0.0, *values) if max(values) <= 1 else min(values) - (max(values) - min(values)) / 4
    scale = (room - 1) / ((max(values) - low) or 1.0)
    ends = [round((value - low) * scale) for value in values]
    bars = [Text(s.full * max(1, ends[0]))]
    for start, end in pairwise(ends):
        bars.append(_bar(start, end, s))
    return [*bars, Text(s.full * max(1, ends[-1]))]


def _bar(start: int, end: int, s: Symbols) -> Text:
    if start == end:
        return Text(" " * start + s.bar, style="dim")
    sign, style = (s.rise, "red") if end > start else (s.fall, "green")
    return Text(" " * min(start, end) + sign * abs(end - start), style=style)


def _legend(report: ExplainReport) -> Iterator[Text]:
    orders = "all orders" if report.exact else "a balanced set of orders"
    itself = "The model itself: what it says on its first day with no reading at all. "
    text = (
        f"{'' if report.since else itself}What readings do together is shared among them by "
        f"Shapley's rule, over {orders} of their coming. Without it (on narrow screens only in "
        "--csv): the number had that one alone no new reading."
    )
    yield Text(text, style="dim")


def _readings(report: ExplainReport, s: Symbols) -> Iterator[RenderableType]:
    for name in _by_weight(report.numbers):
        yield Padding(Text(clean(name)), (0, 0, 0, 1))
        yield Padding(readings(report.readings[name], s, shown=READINGS), (0, 0, 0, 3))


def _by_weight(numbers: Sequence[Explained]) -> list[str]:
    """Indicators in the order in which the last number names them."""
    return [step.name for step in numbers[-1].steps if step.cause == "indicator"]
