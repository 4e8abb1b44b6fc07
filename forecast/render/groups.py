"""The screen of score --group: one forecaster's score by tag, type, family or horizon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Group as Parts
from rich.console import RenderableType
from rich.text import Text

from forecast.render.columns import line, short, widths
from forecast.render.compare import LEVEL, between, p_value, signed, unsigned
from forecast.render.console import Symbols, stdout, symbols
from forecast.render.scores import HEADINGS, ROOM, basis_words, reference_words
from forecast.render.words import scored
from forecast.text import clean, plural
from forecast.verbs.groups import Group, GroupReport
from forecast.verbs.headline import MODEL

PLURALS = {"tag": "tags", "type": "types", "family": "families", "horizon": "horizons"}


def group_screen(report: GroupReport) -> RenderableType:
    """Draw groups, live and replayed under their own headings."""
    s = symbols()
    parts: list[RenderableType] = []
    for kind, heading in HEADINGS.items():
        groups = [group for group in report.groups if group.overall.kind == kind]
        if groups:
            who = clean(groups[0].overall.forecaster.removeprefix(MODEL))
            title = f"{heading} {s.dot} {who} by {report.dimension}"
            note = " (with hindsight)" if report.hindsight and kind == "backtest" else ""
            parts += [Text(title + note, style="bold"), *basis_words(report.basis), Text()]
            parts += [_table(groups, report, s), Text(), _words(groups, report), Text()]
    if not parts:
        return Text("Nothing to score yet: no answered question of any group has a forecast.")
    return Parts(*parts, *_notes(report))


def _table(groups: Sequence[Group], report: GroupReport, s: Symbols) -> RenderableType:
    titles = (report.dimension, "Brier", "95%", "diff.", "95%", "p", "questions", "cover")
    rows = [[Text(title, style="dim") for title in titles]]
    rows += [[Text(cell) for cell in _cells(group, s)] for group in groups]
    if stdout().width < ROOM:  # the rows of --json have them all
        rows = [[*cells[:2], cells[3], *cells[5:]] for cells in rows]
    wide = widths(rows)
    gap = 1 if stdout().width < ROOM else 2
    return Parts(*(line(cells, wide, right=len(cells) - 1, gap=gap) for cells in rows))


def _cells(group: Group, s: Symbols) -> tuple[str, ...]:
    o = group.overall
    return (
        short(clean(group.name).replace("–", s.dash), 17, s).plain,
        scored(o.brier, s),
        unsigned(o.low, o.high, s),
        s.none if o.difference is None else signed(o.difference, s),
        between(o.difference_low, o.difference_high, s),
        s.none if group.adjusted is None else p_value(group.adjusted),
        f"{o.questions} ({o.clusters})",
        f"{o.coverage:.0%}",
    )


def _words(groups: Sequence[Group], report: GroupReport) -> Text:
    """Say which groups differ from the reference by more than luck."""
    tested = sum(group.adjusted is not None for group in groups)
    apart = [group for group in groups if group.adjusted is not None and group.adjusted <= LEVEL]
    reference, many = reference_words(report.basis)[1], PLURALS[report.dimension]
    if not apart:
        return Text(
            f"No {report.dimension} is told apart from {reference}: differences as large as these "
            f"come by luck where {plural(tested, 'comparison')} "
            f"{'is' if tested == 1 else 'are'} made."
            if tested
            else f"Too few questions in these {many} to say how sure any difference is."
        )
    told = "; ".join(f"{clean(group.name)} {_side(group)}" for group in apart)
    return Text(f"Beyond luck against {reference}, among {tested} comparisons: {told}.")


def _side(group: Group) -> str:
    return "better" if (group.overall.difference or 0) < 0 else "worse"


def _notes(report: GroupReport) -> Iterator[Text]:
    reference = reference_words(report.basis)[1]
    text = (
        f"Diff.: the Brier score less that of {reference}, below 0 is better. p is Holm's, for as "
        "many comparisons as there are. 95% is over clusters of questions, whose number is in "
        "brackets."
    )
    if report.dimension == "horizon":
        text += " Horizon: the time left to the scheduled close; each part counts as a question."
    if report.dimension == "tag":
        text += " A question with several tags counts under each."
    yield Text(text, style="dim")
