"""What every picture shares: colours, axes in the words of the screens, names beside lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import fill
from typing import Any
from zoneinfo import ZoneInfo

from forecast.domain import Question
from forecast.render.console import Symbols
from forecast.text import clean
from forecast.verbs.headline import MODEL

type Axes = Any
"""Matplotlib's Axes, whose annotations do not know dates."""

type Colour = Any
"""Whatever matplotlib takes for a colour."""

INK = "#222222"
HUES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
BAND = 0.13
TITLE_WIDTH = 60
LINE_POINTS = 11
TOPS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
SYMBOLS = Symbols()


def short(forecaster: str) -> str:
    """Return a forecaster's name as people say it: a model's without `model/`."""
    return clean(forecaster.removeprefix(MODEL))


def shades(question: Question) -> Sequence[Colour]:
    """Return a colour for each option, or for each rung from the nearest, dark, to the last."""
    if question.options:
        return [HUES[i % len(HUES)] for i in range(len(question.options))]
    from matplotlib import colormaps

    # The palette's lightest third would not show as text on white.
    last = max(len(question.targets) - 1, 1)
    return [colormaps["viridis"](0.68 * i / last) for i in range(len(question.targets))]


type End = tuple[str, float, Colour]
"""A label, the value its line ends at, and its colour."""


def titled(axes: Axes, question: Question, what: str) -> None:
    """Say what was asked, and below it what is shown."""
    plainly_titled(axes, f"{fill(clean(question.title), TITLE_WIDTH)}\n{what}")


def plainly_titled(axes: Axes, text: str) -> None:
    """Set a title in which $ is a dollar, and take away the frame nobody reads."""
    axes.set_title(text, loc="left", fontsize="medium", parse_math=False)
    axes.spines[["top", "right"]].set_visible(False)


def mark_days(axes: Axes, zone: str) -> None:
    """Mark days in the question's zone."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(tz=ZoneInfo(zone), minticks=3, maxticks=7)
    words = ConciseDateFormatter(locator, tz=ZoneInfo(zone))
    words.formats[2] = words.zero_formats[2] = words.zero_formats[3] = "%d %b"
    words.offset_formats[2] = "%Y"
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(words)


def mark_probabilities(axes: Axes) -> None:
    """Let the axis begin at 0 and end at 1, or earlier where all that is drawn is small."""
    shared = axes.get_shared_y_axes().get_siblings(axes)
    top = top_of(max(other.dataLim.y1 for other in shared))
    axes.set(ylim=(0, top), ylabel="probability")
    mark(axes.yaxis)


def mark(axis: Any) -> None:
    """Mark an axis with a few round probabilities."""
    axis.get_major_locator().set_params(nbins=5, steps=[1, 2, 5, 10])
    axis.set_major_formatter(lambda p, _: tick(p))


def top_of(highest: float) -> float:
    """Return where an axis of probabilities ends that is to show one this high."""
    return next((top for top in TOPS if highest <= top), 1.0)


def tick(p: float) -> str:
    """Write a probability as on the screens: .2, and 0 and 1 whole."""
    return f"{p:.3g}".removeprefix("0") or "0"


def label_ends(axes: Axes, ends: Iterable[End]) -> None:
    """Write each line's name right of the axes, at the height of its end.

    The names follow when another picture on a shared axis changes its limits.
    """
    ordered = sorted(ends, key=lambda end: end[1])
    texts = [
        axes.text(1.01, 0, clean(label), color=colour, transform=axes.transAxes, va="center",
                  fontsize="small", parse_math=False)
        for label, _, colour in ordered
    ]  # fmt: skip

    def place(_: Axes) -> None:
        low, high = axes.get_ylim()
        line = LINE_POINTS / (axes.get_window_extent().height / axes.figure.dpi * 72)
        heights = _apart([(value - low) / (high - low) for _, value, _ in ordered], line)
        for text, height in zip(texts, heights, strict=True):
            text.set_y(height)

    place(axes)
    axes.callbacks.connect("ylim_changed", place)


def _apart(places: Iterable[float], gap: float) -> list[float]:
    """Move rising places apart by at least a gap, up and then down from 1.

    >>> [round(place, 2) for place in _apart([0.1, 0.12, 0.99, 1.0], 0.05)]
    [0.1, 0.15, 0.95, 1.0]
    """
    risen: list[float] = []
    for place in places:
        risen.append(max(place, risen[-1] + gap) if risen else place)
    lowered: list[float] = []
    for place in reversed(risen):
        lowered.append(min(place, lowered[-1] - gap if lowered else 1.0))
    return lowered[::-1]
