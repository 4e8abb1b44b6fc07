"""Pictures with matplotlib: history, ladder, posterior, reliability.

Each draws on axes you give and returns them; probabilities are written as on the screens. A band or
bar is the 5–95% range over a model's parameters. Base rates are dotted. A model keeps its colour
from picture to picture, and so does a rung; both palettes can be told apart without seeing red and
green (Okabe and Ito 2008; viridis).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from forecast.domain import AsOf, Forecast, Question, QuestionType
from forecast.errors import UsageError
from forecast.render.console import Symbols
from forecast.render.words import (
    chance,
    day,
    deadline,
    median,
    numeric,
    plural,
    quantity,
    spread,
)
from forecast.settings import writer
from forecast.verbs.headline import HEADLINE, MODEL, model_name, sources
from forecast.verbs.reference import rolled_down
from forecast.verbs.show import ShowReport
from forecast.verbs.standing import Track

if TYPE_CHECKING:
    from forecast.verbs.calibration import CalibrationReport, Curve

type Axes = Any
"""Matplotlib's Axes, whose annotations do not know dates."""

type Colour = Any
"""Whatever matplotlib takes for a colour."""

INK = "#222222"
HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
BAND = 0.13
TITLE_WIDTH = 60
TOPS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
SYMBOLS = Symbols()


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
    lines = list(_lines(report, forecaster, rung))
    if not lines:
        raise UsageError(f"nothing was forecast of {question.id} yet", "see `forecast update`")
    ends = [_draw_path(report, line, axes) for line in lines]
    compared = len({line.track.target for line in lines}) == 1 and not question.options
    if compared and not forecaster:
        ends += _draw_base_rate(report, lines[0].track, axes)
        what = deadline(question, lines[0].track.target, SYMBOLS)
    else:
        what = _short(lines[0].track.forecaster)
    _title(axes, question, what + (", replayed" if report.backtest else ""))
    _dates(axes, question.zone)
    if numeric(question):
        axes.set_ylabel(question.unit)
    else:
        _probabilities(axes)
    _label_ends(axes, ends)
    return axes


def ladder(report: ShowReport, axes: Axes) -> Axes:
    """Draw the chance of the event by each day still ahead, known at the rungs, straight between.

    Raises UsageError for a question that has no rungs ahead, or of which nothing was said.
    """
    question = report.question
    ahead = [r for r in report.rungs if not r.settled and r.deadline > report.as_of.day]
    ends = []
    for name, colour in _colours(report).items():
        said = [(r.deadline, r.standing[name]) for r in ahead if name in r.standing]
        points = [(by, *_numbers(forecast, "")) for by, forecast in said]
        ends += _draw_ladder(report.as_of.day, points, _short(name), colour, axes)
    if not ends or question.type is not QuestionType.BINARY:
        raise UsageError(f"{question.id} has no ladder to draw", "name a day on which it was open")
    rates = [(r.deadline, r.base_rate) for r in ahead if isinstance(r.base_rate, float)]
    ends += _draw_dotted([(report.as_of.day, 0.0), *rates] if rates else [], axes)
    replayed = ", replayed" if report.backtest else ""
    _title(axes, question, f"by each day, as of {day(report.as_of.day, SYMBOLS)}{replayed}")
    _dates(axes, question.zone)
    _probabilities(axes)
    _label_ends(axes, ends)
    return axes


def posterior(draws: Any, question: Question, axes: Axes) -> Axes:
    """Draw the posterior of each rung's (or option's) probability, its mean and 5–95% range.

    Args:
        draws: equally weighted draws of `p`, shape (draw, rung or option).
        question: whose rungs they are; rungs that have passed (zero in every draw) are left out.
        axes: where to draw. Every hill has the same height, and the axis ends where one draw in two
            hundred lies beyond.

    Raises ValueError for draws of another shape.
    """
    import numpy as np

    values = np.asarray(draws, dtype=float)
    names = question.options or [deadline(question, t, SYMBOLS) for t in question.targets]
    if values.ndim != 2 or values.shape[1] != len(names) or not values.size:
        raise ValueError(f"draws of shape {values.shape}, not (draw, {len(names)})")
    hills = [(n, c, p) for n, c, p in zip(names, _shades(len(names)), values.T, strict=True)
             if p.any()]  # fmt: skip
    top = _top(max((float(np.quantile(p, 0.995)) for *_, p in hills), default=1.0))
    for row, (_, colour, p) in enumerate(reversed(hills)):
        _draw_hill(p, row, top, colour, axes)
    axes.set(xlim=(0, top), ylim=(-0.4, max(len(hills), 1)), xlabel="probability")
    axes.set_yticks(range(len(hills)), [name for name, *_ in reversed(hills)], parse_math=False)
    _mark(axes.xaxis)
    axes.tick_params(axis="y", length=0)
    _title(axes, question, "over the parameters: mean and 5–95%")
    axes.spines["left"].set_visible(False)
    return axes


def reliability(curve: Curve, axes: Axes) -> Axes:
    """Draw one reliability curve with what luck alone would show, and every question as a tick.

    Ticks at the top are questions that came true, at the bottom those that did not.
    """
    band, fitted = curve.consistency, curve.reliability
    axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=":")
    axes.fill_between(band.forecast, band.low, band.high, color=INK, alpha=BAND, linewidth=0,
                      label=f"{band.level:.0%} of calibrated forecasters")  # fmt: skip
    axes.plot(fitted.forecast, fitted.fitted, color=HUES[0], marker="o", markersize=4,
              clip_on=False, zorder=3, label="this one")  # fmt: skip
    for outcome, span in ((1, (1.02, 1.05)), (0, (-0.05, -0.02))):
        said = [s.probability for s in curve.snapshots if s.outcome == outcome]
        axes.vlines(said, *span, color=HUES[0], linewidth=1, alpha=0.6)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.06, 1.06), aspect="equal",
             xlabel="said", ylabel="how often it came")  # fmt: skip
    for axis in (axes.xaxis, axes.yaxis):
        _mark(axis)
    replayed = ", replayed" if curve.kind == "backtest" else ""
    what = f"{_short(curve.forecaster)}{replayed}: {plural(len(curve.snapshots), 'question')}"
    _plain_title(axes, what)
    axes.legend(loc="best", frameon=False, fontsize="small")
    return axes


def save_reliability(report: CalibrationReport, path: Path) -> None:
    """Draw every curve of a report to a PNG or SVG file; text in an SVG stays text.

    Raises UsageError for another kind of file, or when there is nothing to draw.
    """
    kind = path.suffix.lower()
    if kind not in {".png", ".svg"}:
        raise UsageError(f"cannot draw to {path.name}", "name a .png or .svg file")
    if not report.curves:
        raise UsageError("there is nothing to draw yet", "see `forecast calibration`")
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.6 * len(report.curves), 4.8), layout="constrained")
    for number, curve in enumerate(report.curves, start=1):
        reliability(curve, figure.add_subplot(1, len(report.curves), number))
    # Neither a date nor random ids: the same picture is the same file.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "forecast"}):
        figure.savefig(path, dpi=150, metadata={"Date": None} if kind == ".svg" else None)


def _lines(report: ShowReport, forecaster: str | None, rung: date | None) -> Iterator[_Line]:
    """Choose what a history shows: one forecaster's rungs or options, or everyone on one rung."""
    question = report.question
    tracks = [t for t in report.tracks if rung in (None, question.deadline(t.target))]
    if forecaster is None and not question.options and (rung or not question.ladder):
        colours = _colours(report)
        yield from (_Line(_short(t.forecaster), colours[t.forecaster], t)
                    for t in tracks if t.forecaster in colours)  # fmt: skip
        return
    who = forecaster or _leading(question, [t.forecaster for t in tracks])
    mine = {t.target: t for t in tracks if who in (t.forecaster, _short(t.forecaster))}
    if question.options:
        shades = _shades(len(question.options))
        yield from (_Line(option, colour, track, option) for track in mine.values()
                    for option, colour in zip(question.options, shades, strict=True))  # fmt: skip
        return
    shades = _shades(len(question.targets))
    for target, colour in zip(question.targets, shades, strict=True):
        if target in mine:
            yield _Line(deadline(question, target, SYMBOLS), colour, mine[target])


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
    colours = {name: hue for name, hue in named.items() if name in who}
    if HEADLINE in who and (len(question.headline.weights) > 1 or not colours):
        colours[HEADLINE] = INK
    return colours


def _shades(number: int) -> Sequence[Colour]:
    """Return colours from dark to light, one for each rung; the lightest still shows on white."""
    from matplotlib import colormaps

    viridis = colormaps["viridis"]
    return [viridis(0.68 * i / max(number - 1, 1)) for i in range(number)]


type _End = tuple[str, float, Colour]
"""A label, the value its line ends at, and its colour."""


def _draw_path(report: ShowReport, line: _Line, axes: Axes) -> _End:
    """Draw one track as steps, broken where nothing stood."""
    track = line.track
    stops = (*track.starts[1:], _until(report, track))
    times = [t for span in zip(track.starts, stops, strict=True) for t in span]
    numbers = [_numbers(forecast, line.option) for forecast in track.forecasts]
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


def _numbers(forecast: Forecast, option: str) -> tuple[float, float, float]:
    """Return value, low and high of one forecast; NaN where it ended what stood."""
    value = forecast.value
    if value is None:
        return (float("nan"),) * 3
    if not isinstance(value, Mapping):
        return (value, *(forecast.interval or (value, value)))
    if option:
        return (value[option],) * 3
    return median(value), value["0.05"], value["0.95"]


def _draw_base_rate(report: ShowReport, track: Track, axes: Axes) -> list[_End]:
    """Draw the base rate at the end of each day over the span of a track."""
    question, reference = report.question, report.reference
    if reference is None or question.type is not QuestionType.BINARY:
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


def _draw_dotted(rates: Sequence[tuple[date, float]], axes: Axes) -> list[_End]:
    """Draw base rates (day or instant, rate)."""
    if not rates:
        return []
    axes.plot(*zip(*rates, strict=True), color=INK, linestyle=":", linewidth=1.2)
    return [(f"base rate  {chance(rates[-1][1], SYMBOLS)}", rates[-1][1], INK)]


def _draw_ladder(
    start: date,
    points: Sequence[tuple[date, float, float, float]],
    name: str,
    colour: Colour,
    axes: Axes,
) -> list[_End]:
    """Draw one forecaster's chances (day, value, low, high) from nothing at the start."""
    if not points:
        return []
    days, value, low, high = zip((start, 0.0, 0.0, 0.0), *points, strict=True)
    axes.fill_between(days, low, high, color=colour, alpha=BAND, linewidth=0)
    axes.plot(days, value, color=colour, linewidth=1.6)
    axes.plot(days[1:], value[1:], color=colour, marker="o", markersize=4, linestyle="")
    return [(f"{name}  {chance(value[-1], SYMBOLS)}", value[-1], colour)]


def _draw_hill(p: Any, row: int, top: float, colour: Colour, axes: Axes) -> None:
    """Draw the histogram of one rung on its own line, with its range, mean and numbers."""
    import numpy as np

    counts, edges = np.histogram(p, bins=np.linspace(0, top, 61))
    axes.stairs(row + 0.8 * counts / max(counts.max(), 1), edges, baseline=row, color=colour,
                fill=True, alpha=0.35)  # fmt: skip
    low, high = (float(q) for q in np.quantile(p, (0.05, 0.95)))
    mean = float(p.mean())
    axes.plot([low, high], [row - 0.12] * 2, color=colour, linewidth=2.5, solid_capstyle="butt")
    axes.plot([mean], [row - 0.12], color=colour, marker="o", markersize=6)
    axes.text(1.01, row, f"{chance(mean, SYMBOLS)}  ({spread(low, high, SYMBOLS)})", color=colour,
              va="center", fontsize="small", transform=axes.get_yaxis_transform())  # fmt: skip


def _short(forecaster: str) -> str:
    return forecaster.removeprefix(MODEL)


def _title(axes: Axes, question: Question, what: str) -> None:
    """Say what was asked, and below it what is shown."""
    _plain_title(axes, f"{fill(question.title, TITLE_WIDTH)}\n{what}")


def _plain_title(axes: Axes, text: str) -> None:
    """Set a title in which $ is a dollar, and take away the frame nobody reads."""
    axes.set_title(text, loc="left", fontsize="medium", parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)


def _dates(axes: Axes, zone: str) -> None:
    """Mark days in the question's zone."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(tz=ZoneInfo(zone), minticks=3, maxticks=7)
    words = ConciseDateFormatter(locator, tz=ZoneInfo(zone))
    words.formats[2] = words.zero_formats[2] = words.zero_formats[3] = "%d %b"
    words.offset_formats[2] = "%Y"
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(words)


def _probabilities(axes: Axes) -> None:
    """Let the axis begin at 0 and end at 1, or earlier where all that is drawn is small."""
    shared = axes.get_shared_y_axes().get_siblings(axes)
    top = _top(max(other.dataLim.y1 for other in shared))
    axes.set(ylim=(0, top), ylabel="probability")
    _mark(axes.yaxis)


def _mark(axis: Any) -> None:
    """Mark an axis with probabilities as on the screens: .2, and 0 and 1 whole."""
    axis.get_major_locator().set_params(nbins=5, steps=[1, 2, 5, 10])
    axis.set_major_formatter(lambda p, _: f"{p:.3g}".removeprefix("0") or "0")


def _top(highest: float) -> float:
    return next((top for top in TOPS if highest <= top), 1.0)


def _label_ends(axes: Axes, ends: Iterable[_End]) -> None:
    """Write each line's name beside its end, right of the axes, apart where they would meet."""
    height = axes.get_window_extent().height / axes.figure.dpi * 72
    gap = 11 / height
    low, high = axes.get_ylim()
    ordered = sorted(ends, key=lambda end: end[1])
    places = [(value - low) / (high - low) for _, value, _ in ordered]
    for i in range(1, len(places)):
        places[i] = max(places[i], places[i - 1] + gap)
    for i in reversed(range(len(places))):
        above = places[i + 1] - gap if i + 1 < len(places) else 1.0
        places[i] = min(places[i], above)
    for place, (text, _, colour) in zip(places, ordered, strict=True):
        axes.text(1.01, place, text, color=colour, transform=axes.transAxes, va="center",
                  fontsize="small", parse_math=False)  # fmt: skip
