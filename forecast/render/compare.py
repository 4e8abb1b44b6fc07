"""The screen of compare: everybody on their own, then in pairs, and what can be said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from forecast.render.columns import line, short, widths
from forecast.render.console import Symbols, stdout, symbols
from forecast.render.scores import HEADINGS, ROOM
from forecast.render.words import change, scored, spread
from forecast.text import clean, plural
from forecast.verbs.compare import CompareReport, Entrant, Pair
from forecast.verbs.headline import MODEL

LEVEL = 0.05
LEFT_OUT = {
    "unresolved": "not answered yet",
    "void": "annulled or ambiguous",
    "silent": "answered without a forecast",
    "other": "answered by a number or date, whose units do not compare",
}


def compare_screen(report: CompareReport) -> RenderableType:
    """Draw who did how well, live and replayed under their own headings."""
    s = symbols()
    parts: list[RenderableType] = []
    for kind, heading in HEADINGS.items():
        entrants = [entrant for entrant in report.entrants if entrant.kind == kind]
        pairs = [pair for pair in report.pairs if pair.kind == kind]
        if entrants:
            note = " (with hindsight)" if report.hindsight and kind == "backtest" else ""
            parts += [Text(heading + note, style="bold"), Text(), _entrants(entrants, s), Text()]
        if pairs:
            parts += [Text("In pairs", style="bold"), _pairs(pairs, s), Text()]
            parts += [*_words(pairs, s), Text()]
    if not parts:
        parts.append(Text("Nothing to compare yet: no answered question has a forecast."))
    return Group(*parts, *_notes(report))


def name(forecaster: str, s: Symbols) -> Text:
    """Return a forecaster's name, short enough for a table of pairs."""
    return short(clean(forecaster.removeprefix(MODEL)), 18, s)


def _entrants(entrants: Sequence[Entrant], s: Symbols) -> RenderableType:
    titles = ("by", "Brier", "95%", "vs others", "95%", "questions", "cover")
    rows = [[Text(title, style="dim") for title in titles]]
    for e in sorted(entrants, key=lambda e: e.brier):
        cells = (
            scored(e.brier, s),
            unsigned(e.low, e.high, s),
            s.none if e.relative is None else signed(e.relative, s),
            between(e.relative_low, e.relative_high, s),
            f"{e.questions} ({e.clusters})",
            f"{e.coverage:.0%}",
        )
        rows.append([name(e.forecaster, s), *(Text(cell) for cell in cells)])
    if stdout().width < ROOM:
        rows = [[*cells[:4], cells[5]] for cells in rows]
    return _table(rows, 1)


def _pairs(pairs: Sequence[Pair], s: Symbols) -> RenderableType:
    titles = ("first", "second", "difference", "95%", "p", "questions")
    rows = [[Text(title, style="dim") for title in titles]]
    for pair in sorted(pairs, key=lambda pair: (pair.adjusted is None, pair.adjusted)):
        cells = (
            signed(pair.difference, s),
            between(pair.low, pair.high, s),
            s.none if pair.adjusted is None else p_value(pair.adjusted),
            f"{pair.questions} ({pair.clusters})",
        )
        rows.append([name(pair.first, s), name(pair.second, s), *(Text(cell) for cell in cells)])
    if stdout().width < ROOM:
        rows = [[*cells[:3], *cells[4:]] for cells in rows]
    return _table(rows, 2)


def _table(rows: Sequence[Sequence[Text]], left: int) -> RenderableType:
    wide = widths(rows)
    gap = 1 if stdout().width < ROOM else 2
    return Group(*(line(cells, wide, right=len(cells) - left, gap=gap) for cells in rows))


def signed(x: float, s: Symbols) -> str:
    """Return a difference of scores with its sign."""
    size = f"{abs(x):.3f}".removeprefix("0")
    return size if float(size) == 0 else ("+" if x > 0 else s.minus) + size


def unsigned(low: float | None, high: float | None, s: Symbols) -> str:
    """Return the interval of a score, which cannot fall below 0."""
    return s.none if low is None else spread(max(low, 0), high, s)


def between(low: float | None, high: float | None, s: Symbols) -> str:
    """Return the interval of a difference."""
    if low is None or high is None:
        return s.none
    return f"{change(low, s)} to {change(high, s)}"


def p_value(p: float) -> str:
    """Return a p-value in two places, small ones in three."""
    if p < 0.0005:
        return "<.001"
    return f"{p:.{3 if p < 0.1 else 2}f}".removeprefix("0")


def _words(pairs: Sequence[Pair], s: Symbols) -> Iterator[Text]:
    """Say which pairs can be told apart, and how far the others are from it."""
    apart = [pair for pair in pairs if pair.adjusted is not None and pair.adjusted <= LEVEL]
    for pair in apart:
        better, worse = (pair.first, pair.second)[:: -1 if pair.difference > 0 else 1]
        size = scored(abs(pair.difference), s)
        yield Text(f"{name(better, s)} is better than {name(worse, s)}, by {size}.")
    if len(apart) < len(pairs):
        whom = "These" if not apart else "The others"
        if len(pairs) == 1:
            whom = "The two"
        yield Text(
            f"{whom} cannot be told apart: luck cannot be told from skill{_nearest(pairs, s)}."
        )


def _nearest(pairs: Sequence[Pair], s: Symbols) -> str:
    open_still = [p for p in pairs if p.further and not (p.adjusted or 1) <= LEVEL]
    if not open_still:
        return ""
    pair = min(open_still, key=lambda pair: pair.further or 0)
    more = plural(pair.further or 0, "more question")
    return (
        f". Nearest to it are {name(pair.first, s)} and {name(pair.second, s)}, which some {more} "
        "like these would tell apart"
    )


def _notes(report: CompareReport) -> Iterator[Text]:
    if report.entrants:
        yield Text(
            "Brier: 0 is perfect, averaged over each question's scheduled time. Vs others: less "
            "the mean of the forecasters who stood at the same time. Pairs: the first less the "
            "second, on the same questions over the same time; below 0 the first is better. p is "
            "Holm's, for as many pairs as there are. 95% is over clusters of questions, whose "
            "number is in brackets.",
            style="dim",
        )
    words = [
        f"{plural(number, 'target')} {LEFT_OUT[reason]}"
        for reason, number in report.left_out.items()
        if number
    ]
    if words:
        yield Text(f"Not compared: {', '.join(words)}.", style="dim")
