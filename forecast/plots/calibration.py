"""How often it came, against what was said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from forecast.errors import UsageError
from forecast.plots.style import BAND, HUES, INK, Axes, plainly_titled, short, tick
from forecast.text import plural

if TYPE_CHECKING:
    from forecast.verbs.calibration import CalibrationReport, Curve

FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def reliability(curve: Curve, axes: Axes) -> Axes:
    """Draw one reliability curve with what luck alone would show, and every question as a tick.

    Ticks at the top are questions that came true, at the bottom those that did not.
    """
    band, fitted = curve.consistency, curve.reliability
    axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=":")
    axes.fill_between(band.forecast, band.low, band.high, color=INK, alpha=BAND, linewidth=0,
                      label=f"calibrated, {band.level:.0%}")  # fmt: skip
    axes.plot(fitted.forecast, fitted.fitted, color=HUES[0], marker="o", markersize=4,
              clip_on=False, zorder=3, label=short(curve.forecaster))  # fmt: skip
    for outcome, span in ((1, (1.02, 1.05)), (0, (-0.05, -0.02))):
        said = [s.probability for s in curve.snapshots if s.outcome == outcome]
        axes.vlines(said, *span, color=HUES[0], linewidth=1, alpha=0.6)
    axes.set(
        xlim=(-0.02, 1.02),
        ylim=(-0.06, 1.06),
        aspect="equal",
        xlabel="said  (a tick a question: came true above, did not below)",
        ylabel="how often it came",
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(FIFTHS, [tick(p) for p in FIFTHS])
    backtest = ", backtest" if curve.kind == "backtest" else ""
    number = plural(len(curve.snapshots), "question")
    plainly_titled(axes, f"{short(curve.forecaster)}{backtest}: {number}")
    for text in axes.legend(loc="best", frameon=False, fontsize="small").get_texts():
        text.set_parse_math(False)
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
