"""Pictures with matplotlib: reliability, ladder, history, posterior."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.domain import Question
from forecast.errors import UsageError

if TYPE_CHECKING:
    from forecast.verbs.calibration import CalibrationReport, Curve
    from forecast.verbs.show import ShowReport

type Axes = Any
"""Matplotlib's Axes, whose annotations do not know dates."""

INK, ACCENT, SOFT = "#222222", "#1f5fa8", "#b8c9dd"


def save_reliability(report: CalibrationReport, path: Path) -> None:
    """Draw every curve of a report to a PNG or SVG file.

    Raises UsageError for another kind of file, or when there is nothing to draw.
    """
    if path.suffix.lower() not in {".png", ".svg"}:
        raise UsageError(f"cannot draw to {path.name}", "name a .png or .svg file")
    if not report.curves:
        raise UsageError("there is nothing to draw yet", "see `forecast calibration`")
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5 * len(report.curves), 5), layout="constrained")
    for number, curve in enumerate(report.curves, start=1):
        reliability(curve, figure.add_subplot(1, len(report.curves), number))
    figure.savefig(path, dpi=150)


def reliability(curve: Curve, axes: Axes) -> Axes:
    """Draw one reliability curve with its consistency band and the histogram of forecasts."""
    band, fitted = curve.consistency, curve.reliability
    axes.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
    axes.fill_between(band.forecast, band.low, band.high, color=SOFT, alpha=0.6, linewidth=0,
                      label="calibrated, 90%")  # fmt: skip
    axes.plot(fitted.forecast, fitted.fitted, color=ACCENT, marker="o", markersize=4,
              label="observed")  # fmt: skip
    below = axes.inset_axes((0, 0, 1, 0.12))
    below.hist([s.probability for s in curve.snapshots], bins=[n / 20 for n in range(21)],
               color=INK, alpha=0.35)  # fmt: skip
    below.set_axis_off()
    name = curve.forecaster.removeprefix("model/")
    axes.set(
        xlim=(0, 1), ylim=(0, 1), aspect="equal",
        xlabel="said", ylabel="how often it came",
        title=f"{name}, {curve.kind}: {len(curve.snapshots)} questions",
    )  # fmt: skip
    axes.legend(loc="upper left", frameon=False)
    return axes


def history(report: ShowReport, axes: Axes, *, forecaster: str | None = None) -> Axes:
    """Draw the path of each rung, with the 5–95% range of its model."""
    for track in report.tracks:
        if forecaster not in (None, track.forecaster):
            continue
        made = [(s, f) for s, f in zip(track.starts, track.forecasts, strict=True)
                if isinstance(f.value, float)]  # fmt: skip
        if not made:
            continue
        times = [start for start, _ in made]
        label = (
            f"{track.forecaster.removeprefix('model/')} by {report.question.deadline(track.target)}"
        )
        (line,) = axes.plot(times, [f.value for _, f in made], drawstyle="steps-post", marker="o",
                            markersize=3, label=label)  # fmt: skip
        ranges = [f.interval or (f.value, f.value) for _, f in made]
        axes.fill_between(times, [low for low, _ in ranges], [high for _, high in ranges],
                          step="post", alpha=0.12, color=line.get_color(), linewidth=0)  # fmt: skip
    axes.set(ylim=(0, 1), ylabel="probability", title=report.question.title)
    axes.legend(frameon=False, fontsize="small")
    axes.figure.autofmt_xdate()
    return axes


def ladder(report: ShowReport, axes: Axes) -> Axes:
    """Draw the survival curve a ladder stands for: the chance of the event by each rung."""
    for name in dict.fromkeys(n for rung in report.rungs for n in rung.standing):
        points = [(rung.deadline, f) for rung in report.rungs if (f := rung.standing.get(name))]
        values = [f.value for _, f in points if isinstance(f.value, float)]
        if len(values) == len(points):
            axes.plot([d for d, _ in points], values, marker="o", label=name.removeprefix("model/"))
    rates = [(r.deadline, r.base_rate) for r in report.rungs if isinstance(r.base_rate, float)]
    axes.plot(
        [d for d, _ in rates], [p for _, p in rates], color=INK, linestyle=":", label="base rate"
    )
    axes.set(ylim=(0, 1), ylabel="chance of the event by then", title=report.question.title)
    axes.legend(frameon=False)
    axes.figure.autofmt_xdate()
    return axes


def posterior(draws: Any, question: Question, axes: Axes) -> Axes:
    """Draw the posterior of each rung's probability; `draws` has shape (draw, rung)."""
    import numpy as np

    values = np.asarray(draws)
    for index, target in enumerate(question.targets):
        axes.hist(values[:, index], bins=60, density=True, histtype="step",
                  label=f"by {question.deadline(target)}")  # fmt: skip
    axes.set(
        xlim=(0, 1), xlabel="probability given the parameters", yticks=[], title=question.title
    )
    axes.legend(frameon=False)
    return axes
