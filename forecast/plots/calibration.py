"""How often it came, against what was said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import UsageError
from forecast.plots.style import BAND, HUES, INK, Axes, plainly_titled, short, tick
from forecast.text import plural

if TYPE_CHECKING:
    from forecast.verbs.calibration import CalibrationReport
    from forecast.verbs.curves import Curve

TICKS = 100  # up to so many questions each has a tick of its own
MARKED = 60  # up to so many distinct forecasts each is marked on the curve
BINS = 20
BOTTOM, TOP = -0.14, 1.14
EDGES = {0: (BOTTOM, 1), 1: (TOP, -1)}  # outcome: where its ticks or bars begin, and which way
FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def reliability(curve: Curve, axes: Axes) -> Axes:
    """Draw one reliability curve with what luck alone would show, and what was said how often.

    At the top are the questions that came true, at the bottom those that did not: each a tick, or
    where they are many, in bars.
    """
    band, fitted = curve.consistency, curve.reliability
    axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=":")
    axes.fill_between(band.forecast, band.low, band.high, color=INK, alpha=BAND, linewidth=0,
                      label=f"calibrated, {band.level:.0%}")  # fmt: skip
    axes.plot(fitted.forecast, fitted.fitted, color=HUES[0], zorder=3, clip_on=False,
              marker="o" if fitted.forecast.size <= MARKED else "", markersize=4,
              label=short(curve.forecaster))  # fmt: skip
    many = len(curve.snapshots) > TICKS
    said = {
        outcome: [s.probability for s in curve.snapshots if s.outcome == outcome]
        for outcome in (0, 1)
    }
    (_bars if many else _ticks)(axes, said)
    what = "bars: how many" if many else "a tick a question"
    axes.set(
        xlim=(-0.02, 1.02),
        ylim=(BOTTOM, TOP),
        aspect="equal",
        xlabel=f"said  ({what}; came true above, did not below)",
        ylabel="how often it came",
    )
    axes.text(0.98, 0.02, _components(curve), ha="right", va="bottom", fontsize="small")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(FIFTHS, [tick(p) for p in FIFTHS])
    backtest = ", backtest" if curve.kind == "backtest" else ""
    number = plural(len(curve.snapshots), "question")
    plainly_titled(axes, f"{short(curve.forecaster)}{backtest}: {number}")
    legend = axes.legend(loc="upper left", bbox_to_anchor=(0, 0.9), frameon=False, fontsize="small")
    for text in legend.get_texts():
        text.set_parse_math(False)
    return axes


def _ticks(axes: Axes, said: Mapping[int, Sequence[float]]) -> None:
    """Draw a tick a question, from the edge where it belongs by its outcome."""
    for outcome, (edge, inward) in EDGES.items():
        axes.vlines(said[outcome], edge, edge + inward * 0.04, color=HUES[0], alpha=0.6)


def _bars(axes: Axes, said: Mapping[int, Sequence[float]]) -> None:
    """Draw histograms in twentieths from both edges, on one scale."""
    counts = {outcome: _counts(found) for outcome, found in said.items()}
    scale = 0.12 / max(max(found) for found in counts.values())
    places = [(place + 0.5) / BINS for place in range(BINS)]
    for outcome, (edge, inward) in EDGES.items():
        heights = [inward * scale * count for count in counts[outcome]]
        axes.bar(places, heights, width=0.8 / BINS, bottom=edge, color=HUES[0], alpha=0.6)


def _counts(said: Sequence[float]) -> list[int]:
    counts = [0] * BINS
    for p in said:
        counts[min(BINS - 1, int(p * BINS))] += 1
    return counts


def _components(curve: Curve) -> str:
    r = curve.reliability
    parts = (
        ("miscalibration", r.miscalibration),
        ("discrimination", r.discrimination),
        ("uncertainty", r.uncertainty),
    )
    return "\n".join(f"{name} {value:.3f}".replace(" 0.", " .") for name, value in parts)


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
