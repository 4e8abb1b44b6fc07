"""The screen of score: per question, then overall with what can and cannot be said."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import islice

from rich.console import Group, RenderableType
from rich.text import Text

from forecast.domain import Target
from forecast.render.columns import GAP, line, widths
from forecast.render.console import Symbols, stdout, symbols
from forecast.render.words import change, day, quantity, scored, spread
from forecast.scoring.readings import SCHEDULED
from forecast.text import clean, plural
from forecast.verbs.basis import BASE_RATE, CLIMATOLOGY, Basis
from forecast.verbs.distributed import DistributionSkill
from forecast.verbs.headline import HEADLINE, MODEL
from forecast.verbs.score import ScoreReport
from forecast.verbs.summaries import Overall, TargetScore

ROOM = 72  # columns below which the table leaves out what can be had from the rest

_AVERAGED = (
    "; averaged over each question's scheduled time, time after an early answer counting 0 for all"
)

_CRPS = (
    "CRPS: 0 is perfect, lower is better; for a number in its unit, from the quantiles given, and "
    "for a date in days, from opening to the last day. Units differ: over several questions only "
    "skill is told, each CRPS divided by what the reference expected of itself at the opening."
)

SHOWN = 100  # questions with lines of their own; more would bury what they come to

HEADINGS = {
    "live": "Live forecasts",
    "backtest": "Backtest: replays, not forecasts made at the time",
}


def score_screen(report: ScoreReport) -> RenderableType:
    """Draw scores: live and replayed under their own headings, never added up."""
    s = symbols()
    parts: list[RenderableType] = []
    for kind, heading in HEADINGS.items():
        scores = [score for score in report.targets if score.kind == kind]
        if not scores:
            continue
        note = " (with hindsight)" if report.hindsight and kind == "backtest" else ""
        parts += [Text(heading + note, style="bold"), *basis_words(report.basis)]
        parts += [*_clip_words(report.basis, scores), Text()]
        parts += [*_tables(scores, report.basis, s), Text()]
        mine = [overall for overall in report.overall if overall.kind == kind]
        if mine:
            parts += [Text("Overall", style="bold"), _overall(mine, report.basis, s), Text()]
            parts += [
                _words(o, report.basis, s) for o in mine if not o.forecaster.startswith(MODEL)
            ]
            parts += _infinite(scores)
            parts.append(Text())
        parts += _distributions(report, kind, s)
    parts += _notes(report, bool(parts))
    return Group(*parts)


def basis_words(basis: Basis) -> Iterator[Text]:
    """Say how paths are read, where not as usual."""
    if basis.reading is not SCHEDULED:
        yield Text(f"Read: {basis.reading.name}.")
    if basis.reading.caution:
        yield Text(f"This reading is {basis.reading.caution}.", style="yellow")


def _clip_words(basis: Basis, scores: Sequence[TargetScore]) -> Iterator[Text]:
    """Say what was clipped, and how many that moved."""
    if basis.clip:
        moved = plural(sum(score.clipped for score in scores), "forecast")
        yield Text(
            f"Clipped: log scores take the chance given to what happened within {basis.clip:g} to "
            f"{1 - basis.clip:g}; {moved} moved.",
            style="yellow",
        )


def reference_words(basis: Basis) -> tuple[str, str]:
    """Return what scores are compared with, as a column's title and in words."""
    named = {BASE_RATE: ("base", "the base rate"), CLIMATOLOGY: ("clim.", "the share of yes")}
    return named.get(basis.against, ("other", clean(basis.against.removeprefix(MODEL))))


def _tables(scores: Sequence[TargetScore], basis: Basis, s: Symbols) -> Iterator[RenderableType]:
    """Draw the first questions, and say how many more there are."""
    questions = dict.fromkeys(score.question for score in scores)
    first = set(islice(questions, SHOWN))
    yield _table([score for score in scores if score.question in first], basis, s)
    if len(questions) > SHOWN:
        more = plural(len(questions) - SHOWN, "more question")
        yield Text(f"{s.more} and {more}: --json and --csv hold them all", style="dim")


def _table(scores: Sequence[TargetScore], basis: Basis, s: Symbols) -> RenderableType:
    """A block a question, all in the same columns."""
    kept = list(_distinct(scores))
    titles = ("", "answer", "by", "Brier", reference_words(basis)[0], "skill", "cover")
    table = [[Text(t, style="dim") for t in titles], *(_cells(score, s) for score in kept)]
    narrow = stdout().width < ROOM
    if narrow:  # skill says what the base rate's score would
        table = [[*cells[:4], *cells[5:]] for cells in table]
    head, *rows = table
    wide, numbers = widths(table), len(head) - 3
    gap = 1 if narrow else GAP
    lines = [line(head, wide, right=numbers, gap=gap)]
    previous = ""
    for score, cells in zip(kept, rows, strict=True):
        if score.question != previous:
            lines.append(Text(score.question, style="bold"))
            previous = score.question
        lines.append(line(cells, wide, right=numbers, gap=gap))
    return Group(*lines)


def _distinct(scores: Sequence[TargetScore]) -> Iterator[TargetScore]:
    """Leave out a headline that is a single model's or person's word by another name."""
    others = {(o.target, o.brier, o.crps) for o in scores if o.forecaster != HEADLINE}
    for score in scores:
        if score.forecaster != HEADLINE or (score.target, score.brier, score.crps) not in others:
            yield score


def _cells(score: TargetScore, s: Symbols) -> list[Text]:
    rung = Target.parse(score.target).rung
    label = f" by {day(rung, s)}" if isinstance(rung, date) else " whole"
    who = clean(score.forecaster.removeprefix("model/"))
    if score.brier is None:
        label += ", CRPS"
        cells = [quantity(score.crps, s), quantity(score.reference_crps, s)]
    else:
        cells = [scored(score.brier, s), scored(score.reference_brier, s)]
    skill = s.none if score.skill is None else _percent(score.skill, s)
    texts = [label, clean(score.answer), who, *cells, skill, f"{score.coverage:.0%}"]
    return [Text(text) for text in texts]


def _percent(x: float, s: Symbols) -> str:
    text = f"{abs(x):.0%}"
    return text if x >= 0 or text == "0%" else s.minus + text


def _overall(rows: Sequence[Overall], basis: Basis, s: Symbols) -> RenderableType:
    titles = ("by", "Brier", "95%", reference_words(basis)[0], "log", "95%", "questions", "cover")
    rows_of_cells = [[Text(title, style="dim") for title in titles]]
    for row in sorted(rows, key=lambda row: row.forecaster != HEADLINE):
        wide = s.none if row.low is None else spread(max(row.low, 0), row.high, s)
        log = "infinite" if math.isinf(row.log) else scored(row.log, s)
        rows_of_cells.append(
            [
                Text(clean(row.forecaster.removeprefix("model/"))),
                Text(scored(row.brier, s), style="bold"),
                Text(wide),
                Text(scored(row.reference_brier, s)),
                Text(log),
                Text(s.none if row.log_low is None else _range(row.log_low, row.log_high, s)),
                Text(f"{row.questions} ({row.clusters})"),
                Text(f"{row.coverage:.0%}"),
            ]
        )
    if stdout().width < ROOM:  # the rows of --json have them all
        rows_of_cells = [[*cells[:5], cells[6]] for cells in rows_of_cells]
    needed = widths(rows_of_cells)
    return Group(*(line(cells, needed, right=len(cells) - 1) for cells in rows_of_cells))


def _range(low: float, high: float | None, s: Symbols) -> str:
    return f"{max(low, 0):.1f}{s.dash}{high:.1f}"


def _infinite(scores: Sequence[TargetScore]) -> Iterator[Text]:
    """Name what was given no chance at all and happened."""
    for forecaster in dict.fromkeys(score.forecaster for score in scores):
        infinite = (s for s in scores if s.forecaster == forecaster and s.log == math.inf)
        targets = [clean(score.target) for score in infinite]
        if targets:
            who = clean(forecaster.removeprefix(MODEL))
            yield Text(
                f"{who}: infinite log score, for no chance at all was given to what happened in "
                f"{', '.join(targets)}.",
                style="yellow",
            )


def _words(row: Overall, basis: Basis, s: Symbols) -> Text:
    """Say what the difference from the reference means, and how sure that is."""
    who, reference = clean(row.forecaster.removeprefix("model/")), reference_words(basis)[1]
    if row.difference is None or not row.compared:
        return Text(f"{who}: nothing to compare with ({reference}).")
    on = plural(row.compared, "question")
    if row.difference == 0:
        return Text(f"{who}: exactly as good as {reference} on {on}.")
    side = "better" if row.difference < 0 else "worse"
    text = f"{who}: {scored(abs(row.difference), s)} {side} than {reference} on {on}"
    if row.difference_low is None or row.difference_high is None:
        return Text(f"{text}; too few to say how sure that is.")
    wide = f"{change(row.difference_low, s)} to {change(row.difference_high, s)}"
    text += f" (95% of the difference: {wide})."
    if row.difference_low <= 0 <= row.difference_high:
        text += " Luck cannot be told from skill"
        text += f": {_would_take(row.further)}." if row.further else "."
    return Text(text)


def _distributions(report: ScoreReport, kind: str, s: Symbols) -> Iterator[Text]:
    """Say how good forecasts of numbers and dates were, taken together."""
    rows = [row for row in report.distributions if row.kind == kind]
    if rows:
        against = reference_words(report.basis)[1]
        yield Text(f"Numbers and dates, by skill against {against}", style="bold")
        yield from (_skill(row, s) for row in rows if _own_word(row, rows))
        yield Text()


def _own_word(row: DistributionSkill, rows: Sequence[DistributionSkill]) -> bool:
    """Whether this is not a headline that only repeats somebody's word."""
    others = {o.difference for o in rows if o.forecaster != HEADLINE}
    return row.forecaster != HEADLINE or row.difference not in others


def _skill(row: DistributionSkill, s: Symbols) -> Text:
    """Say how much of the reference's score was saved, and how sure that is."""
    who, on = clean(row.forecaster.removeprefix(MODEL)), plural(row.questions, "question")
    text = f"{who}: {_percent(row.skill, s)} on {on}"
    if row.difference_low is None or row.difference_high is None:
        return Text(f"{text}; too few to say how sure that is.")
    wide = f"{change(row.difference_low, s)} to {change(row.difference_high, s)}"
    text += f" (scaled difference {change(row.difference, s)}, 95% {wide})."
    if row.difference_low <= 0 <= row.difference_high:
        text += " Luck cannot be told from skill"
        text += f": {_would_take(row.further)}." if row.further else "."
    return Text(text)


def _would_take(further: int) -> str:
    return f"that would take about {further:,} more questions like these"


def _notes(report: ScoreReport, any_scores: bool) -> Iterator[Text]:
    if not any_scores:
        yield Text("Nothing to score yet: no answered question has a forecast.")
    else:
        usual = report.basis.reading is SCHEDULED
        title, reference = reference_words(report.basis)
        legend = (
            f"Brier: 0 is perfect, lower is better{_AVERAGED if usual else ''}. "
            "A ladder weighs as one question. "
            f"{title.capitalize()}: {reference} over the same time; skill: the share of its score "
            "saved. "
            "Cover: the share of the scheduled time in which a forecast stood; log: -ln of the "
            "chance given to what happened. In brackets: how many independent clusters."
        )
        if any(score.crps is not None for score in report.targets):
            legend += f" {_CRPS}"
        yield Text(legend, style="dim")
    left = [
        (report.unresolved, "not answered yet"),
        (report.void, "annulled or ambiguous"),
        (report.silent, "answered without a forecast"),
        (report.over, "answered before the time read"),
        (report.stale, "replays of an earlier wording or model (run the backtest again)"),
    ]
    words = [f"{number} {what}" for number, what in left if number]
    if words:
        yield Text(f"Not scored: {', '.join(words)}.", style="dim")
    if not any_scores:
        yield Text("Next: forecast update, or forecast backtest --from DATE --to DATE", style="dim")
