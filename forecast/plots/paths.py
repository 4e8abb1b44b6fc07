"""What was said over time, and what is said of the times ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from forecast.domain import AsOf, Forecast, Question, QuestionType, Target, Value
from forecast.domain.distributions import number, quantile_at
from forecast.errors import UsageError
from forecast.plots.style import (
    BAND,
    HUES,
    INK,
    SYMBOLS,
    Axes,
    Colour,
    End,
    label_ends,
    mark_days,
    mark_probabilities,
    shades,
    short,
    titled,
)
from forecast.render.words import chance, day, deadline, numeric, quantity
from forecast.settings import writer
from forecast.text import clean
from forecast.verbs.headline import HEADLINE, model_name, sources
from forecast.verbs.reference import rolled_down
from forecast.verbs.show import ShowReport
from forecast.verbs.standing import Track

CROWDED = 12  # points, from which they are a curve rather than a ladder
_EVENTS = (QuestionType.BINARY, QuestionType.DATE)

type _Point = tuple[date, float, float, float]
"""A day with a chance and its range."""


@dataclass(frozen=True, slots=True)
class _Line:
    """What is drawn of one track: `option` picks from a choice's chances."""

    label: str
    colour: Colour
    track: Track
    option: str = ""


def history(
    report: ShowReport, axes: Axes, *, forecaster: str | None = None, rung: date | None = None
) -> Axes:
    """Draw what was said over time, from each forecast until the next.

    Shown are the rungs (or options) of one forecaster, the headline unless another is named; or,
    with `rung` or where there is only one, every forecaster beside the base rate as it rolls down.
    A line ends with its rung's schedule or when the answer was known.

    Raises UsageError where there is nothing to draw.
    """
    question = report.question
    lines = _lines(report, forecaster, rung)
    if not lines:
        raise UsageError(f"nothing was forecast of {question.id} yet", "see `forecast update`")
    ends = [_draw_path(report, line, axes) for line in lines]
    compared = len({line.track.target for line in lines}) == 1 and not question.options
    if compared and not forecaster:
        ends += _draw_base_rate(report, lines[0].track, axes)
        what = deadline(question, lines[0].track.target, SYMBOLS)
    else:
        what = short(lines[0].track.forecaster)
    titled(axes, question, what + (", backtest" if report.backtest else ""))
    mark_days(axes, question.zone)
    if numeric(question):
        axes.set_ylabel(clean(question.unit), parse_math=False)
    else:
        mark_probabilities(axes)
    label_ends(axes, ends)
    return axes


def ladder(report: ShowReport, axes: Axes) -> Axes:
    """Draw the chance of the event by each day still ahead, known at the rungs, straight between.

    Raises UsageError for a question that has no rungs ahead, or of which nothing was said.
    """
    question = report.question
    ahead = [r for r in report.rungs if not r.settled and r.deadline > report.as_of.day]
    ends = []
    for name, colour in _colours(report).items():
        said = [(rung, rung.standing[name]) for rung in ahead if name in rung.standing]
        points = [point for r, f in said for point in _ahead(report, r.deadline, f.value, f)]
        ends += _draw_ladder(report.as_of.day, points, short(name), colour, axes)
    if not ends or question.type not in _EVENTS:
        raise UsageError(f"{question.id} has no ladder to draw", "name a day on which it was open")
    rates = [p[:2] for r in ahead for p in _ahead(report, r.deadline, r.base_rate)]
    ends += _draw_dotted([(report.as_of.day, 0.0), *rates] if rates else [], axes)
    backtest = ", backtest" if report.backtest else ""
    titled(axes, question, f"by each day, as of {day(report.as_of.day, SYMBOLS)}{backtest}")
    mark_days(axes, question.zone)
    mark_probabilities(axes)
    label_ends(axes, ends)
    return axes


def _ahead(
    report: ShowReport, by: date, value: Value | None, said: Forecast | None = None
) -> list[_Point]:
    """Return the days ahead with the chances a value gives them, and how wide they were said."""
    if value is None:
        return []
    if isinstance(value, Mapping) and report.question.type is QuestionType.DATE:
        days = ((date.fromisoformat(day), p) for day, p in sorted(value.items()))
        return [(day, p, p, p) for day, p in days if day > report.as_of.day]
    shown = number(report.question.type, value)
    return [(by, shown, *((said and said.interval) or (shown, shown)))]


def _lines(report: ShowReport, forecaster: str | None, rung: date | None) -> list[_Line]:
    """Choose what a history shows: one forecaster's rungs or options, or everyone on one rung."""
    question = report.question
    tracks = [t for t in report.tracks if rung in (None, question.deadline(t.target))]
    if forecaster is None and not question.options and (rung or not question.ladder):
        hues = _colours(report)
        return [
            _Line(short(t.forecaster), hues[t.forecaster], t)
            for t in tracks
            if t.forecaster in hues
        ]
    who = forecaster or _leading(question, [t.forecaster for t in tracks])
    mine = {t.target: t for t in tracks if who in (t.forecaster, short(t.forecaster))}
    return _own_lines(question, mine)


def _own_lines(question: Question, mine: Mapping[Target, Track]) -> list[_Line]:
    """Give each option, or else each rung, of one forecaster its line."""
    if question.options:
        options = zip(question.options, shades(question), strict=True)
        return [_Line(option, hue, t, option) for option, hue in options for t in mine.values()]
    rungs = zip(question.targets, shades(question), strict=True)
    return [
        _Line(deadline(question, target, SYMBOLS), hue, mine[target])
        for target, hue in rungs
        if target in mine
    ]


def _leading(question: Question, speakers: Sequence[str]) -> str:
    """Return the headline's one source, which has a range, or the headline where it is a pool."""
    heads = [*sources(question, writer(None))]
    wanted = (*(heads if len(heads) == 1 else ()), HEADLINE, *speakers)
    return next((who for who in wanted if who in speakers), "")


def _colours(report: ShowReport) -> dict[str, Colour]:
    """Give each forecaster a colour; the headline only where it is nobody's own word."""
    question = report.question
    who = dict.fromkeys(t.forecaster for t in report.tracks)
    models = [model_name(spec.name) for spec in question.models]
    others = sorted(who.keys() - {HEADLINE, *models})
    named = {name: HUES[i % len(HUES)] for i, name in enumerate([*models, *others])}
    found = {name: hue for name, hue in named.items() if name in who}
    if HEADLINE in who and (len(question.headline.weights) > 1 or not found):
        found[HEADLINE] = INK
    return found


def _draw_path(report: ShowReport, line: _Line, axes: Axes) -> End:
    """Draw one track as steps, broken where nothing stood."""
    track = line.track
    stops = (*track.starts[1:], _until(report, track))
    times = [t for span in zip(track.starts, stops, strict=True) for t in span]
    numbers = [_numbers(report.question, forecast, line.option) for forecast in track.forecasts]
    value, low, high = zip(*(n for n in numbers for _ in range(2)), strict=True)
    axes.fill_between(times, low, high, color=line.colour, alpha=BAND, linewidth=0)
    axes.plot(times, value, color=line.colour, linewidth=1.6)
    axes.plot(track.starts, value[::2], color=line.colour, marker="o", markersize=3, linestyle="")
    last = next((v for v in reversed(value) if v == v), 0.0)
    words = quantity if numeric(report.question) else chance
    return f"{line.label}  {words(last, SYMBOLS)}", last, line.colour


def _until(report: ShowReport, track: Track) -> datetime:
    """Return when the last word of a track stopped standing: answered, over, or now."""
    question = report.question
    settled = question.settled_by(track.target, report.as_of)
    known = [settled.known] if settled else []
    end = min(report.as_of.instant, question.closes(track.target), *known)
    return max(end, track.starts[-1])


def _numbers(question: Question, forecast: Forecast, option: str) -> tuple[float, float, float]:
    """Return value, low and high of one forecast; NaN where it ended what stood."""
    value = forecast.value
    if value is None:
        return (float("nan"),) * 3
    shown = number(question.type, value, option)
    if numeric(question) and isinstance(value, Mapping):
        return shown, quantile_at(value, 0.05), quantile_at(value, 0.95)
    return shown, *(forecast.interval or (shown, shown))


def _draw_base_rate(report: ShowReport, track: Track, axes: Axes) -> list[End]:
    """Draw the base rate at the end of each day over the span of a track."""
    question, reference = report.question, report.reference
    if reference is None or question.type not in _EVENTS:
        return []
    zone = ZoneInfo(question.zone)
    first = track.starts[0].astimezone(zone).date()
    last = _until(report, track).astimezone(zone).date()
    days = [first + timedelta(days=n - 1) for n in range((last - first).days + 1)]
    rates = [
        (AsOf.at(d, question.zone).instant, rate)
        for d in days
        if (rate := rolled_down(question, reference, track.target, d)) is not None
    ]
    return _draw_dotted(rates, axes)


def _draw_dotted(rates: Sequence[tuple[date, float]], axes: Axes) -> list[End]:
    """Draw base rates (day or instant, rate)."""
    if not rates:
        return []
    axes.plot(*zip(*rates, strict=True), color=INK, linestyle=":", linewidth=1.2)
    return [(f"base rate  {chance(rates[-1][1], SYMBOLS)}", rates[-1][1], INK)]


def _draw_ladder(
    start: date,
    points: Sequence[_Point],
    name: str,
    colour: Colour,
    axes: Axes,
) -> list[End]:
    """Draw one forecaster's chances (day, value, low, high) from nothing at the start."""
    if not points:
        return []
    days, value, low, high = zip((start, 0.0, 0.0, 0.0), *points, strict=True)
    axes.fill_between(days, low, high, color=colour, alpha=BAND, linewidth=0)
    axes.plot(days, value, color=colour, linewidth=1.6)
    size = 4 if len(points) < CROWDED else 0  # a curve has no rungs to mark
    axes.plot(days[1:], value[1:], color=colour, marker="o", markersize=size, linestyle="")
    return [(f"{name}  {chance(value[-1], SYMBOLS)}", value[-1], colour)]
