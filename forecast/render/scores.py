"""The screen of score: per question, then overall with what can and cannot be said."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from forecast.domain import Target
from forecast.render.console import Symbols, symbols
from forecast.render.words import change, day, plural, quantity, spread
from forecast.text import clean
from forecast.verbs.headline import HEADLINE, MODEL
from forecast.verbs.score import Overall, ScoreReport, TargetScore

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
        parts += [Text(heading + note, style="bold"), Text(), _table(scores, s), Text()]
        mine = [overall for overall in report.overall if overall.kind == kind]
        if mine:
            parts += [Text("Overall", style="bold"), _overall(mine, s), Text()]
            parts += [_words(o, s) for o in mine if not o.forecaster.startswith(MODEL)]
            parts.append(Text())
    parts += _notes(report, bool(parts))
    return Group(*parts)


def _table(scores: Sequence[TargetScore], s: Symbols) -> RenderableType:
    grid = _grid(("", "answer", "by", "Brier", "base rate", "skill", "cover"), numbers=4)
    previous = ""
    for score in _distinct(scores):
        if score.question != previous:
            grid.add_row(Text(score.question, style="bold"))
            previous = score.question
        grid.add_row(*_cells(score, s))
    return grid


def _distinct(scores: Sequence[TargetScore]) -> Iterator[TargetScore]:
    """Leave out a headline that is a single model's or person's word by another name."""
    others = {(o.target, o.brier, o.crps) for o in scores if o.forecaster != HEADLINE}
    for score in scores:
        if score.forecaster != HEADLINE or (score.target, score.brier, score.crps) not in others:
            yield score


def _grid(titles: Sequence[str], numbers: int) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    for index in range(len(titles)):
        right = index >= len(titles) - numbers
        grid.add_column(no_wrap=True, justify="right" if right else "left")
    grid.add_row(*(Text(title, style="dim") for title in titles))
    return grid


def _cells(score: TargetScore, s: Symbols) -> list[Text]:
    rung = Target.parse(score.target).rung
    label = f" by {day(rung, s)}" if isinstance(rung, date) else " whole"
    who = clean(score.forecaster.removeprefix("model/"))
    if score.brier is None:
        number = f"CRPS {quantity(score.crps, s)}"
        cells = [number, s.none, s.none]
    else:
        skill = s.none if score.skill is None else _percent(score.skill, s)
        cells = [_score(score.brier, s), _score(score.reference_brier, s), skill]
    texts = [label, clean(score.answer), who, *cells, f"{score.coverage:.0%}"]
    return [Text(text) for text in texts]


def _score(x: float | None, s: Symbols) -> str:
    """A score to three places: differences between forecasters are small."""
    if x is None:
        return s.none
    return "<.001" if 0 < x < 0.0005 else f"{x:.3f}".removeprefix("0")


def _percent(x: float, s: Symbols) -> str:
    return f"{abs(x):.0%}" if x >= 0 else f"{s.minus}{abs(x):.0%}"


def _overall(rows: Sequence[Overall], s: Symbols) -> RenderableType:
    grid = _grid(("by", "Brier", "95%", "base rate", "log", "questions", "clusters", "cover"), 7)
    for row in sorted(rows, key=lambda row: row.forecaster != HEADLINE):
        wide = s.none if row.low is None else spread(max(row.low, 0), row.high, s)
        log = "infinite" if math.isinf(row.log) else _score(row.log, s)
        grid.add_row(
            Text(clean(row.forecaster.removeprefix("model/"))),
            Text(_score(row.brier, s), style="bold"),
            Text(wide),
            Text(_score(row.reference_brier, s)),
            Text(log),
            Text(str(row.questions)),
            Text(str(row.clusters)),
            Text(f"{row.coverage:.0%}"),
        )
    return grid


def _words(row: Overall, s: Symbols) -> Text:
    """Say what the difference from the base rate means, and how sure that is."""
    who = clean(row.forecaster.removeprefix("model/"))
    if row.difference is None or not row.compared:
        return Text(f"{who}: no base rate to compare with.")
    side = "better" if row.difference < 0 else "worse"
    on = plural(row.compared, "question")
    text = f"{who}: {abs(row.difference):.3f} {side} than the base rate on {on}"
    if row.difference_low is None or row.difference_high is None:
        return Text(f"{text}; too few to say how sure that is.")
    wide = f"{change(row.difference_low, s)} to {change(row.difference_high, s)}"
    text += f" (95% of the difference: {wide})."
    if row.difference_low <= 0 <= row.difference_high:
        text += " Luck cannot be told from skill"
        more = row.further
        text += f": that would take about {more:,} more questions like these." if more else "."
    return Text(text)


def _notes(report: ScoreReport, any_scores: bool) -> Iterator[Text]:
    if not any_scores:
        yield Text("Nothing to score yet: no answered question has a forecast.")
    else:
        legend = (
            "Brier: 0 is perfect, lower is better; averaged over each question's scheduled time, "
            "time after an early answer counting 0 for all. A ladder weighs as one question. "
            "Skill: share of the base rate's score saved, over the same time."
        )
        yield Text(legend, style="dim")
    left = [
        (report.unresolved, "not answered yet"),
        (report.void, "annulled or ambiguous"),
        (report.silent, "answered without a forecast"),
    ]
    words = [f"{number} {what}" for number, what in left if number]
    if words:
        yield Text(f"Not scored: {', '.join(words)}.", style="dim")
    if not any_scores:
        yield Text("Next: forecast update, or forecast backtest --from DATE --to DATE", style="dim")
