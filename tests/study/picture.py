"""The study's reliability curves as a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from forecast.plots.style import BAND, HUES, INK, Axes, plainly_titled, tick
from tests.study.markdown import NAMES
from tests.study.said import Chance
from tests.study.tables import FORECASTERS, Calibrated, calibrated

FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)


def draw(by_series: Mapping[str, Sequence[Chance]], path: Path) -> None:
    """Draw a row a series and a column a forecaster to a PNG file."""
    from matplotlib.figure import Figure

    rows, columns = len(by_series), len(FORECASTERS)
    figure = Figure(figsize=(3.2 * columns, 3.4 * rows), layout="constrained")
    for row, (series, chances) in enumerate(by_series.items()):
        for column, who in enumerate(FORECASTERS):
            axes = figure.add_subplot(rows, columns, row * columns + column + 1)
            _curve(axes, calibrated(chances, who))
            plainly_titled(axes, f"{series}: {NAMES[who]}")
    figure.savefig(path, dpi=110)


def _curve(axes: Axes, found: Calibrated) -> None:
    """Draw one curve over the band that a calibrated forecaster would stay in."""
    band, curve = found.band, found.curve
    axes.plot([0, 1], [0, 1], color=INK, linewidth=1, linestyle=":")
    axes.fill_between(band.forecast, band.low, band.high, color=INK, alpha=BAND, linewidth=0)
    axes.plot(curve.forecast, curve.fitted, color=HUES[0], linewidth=1.5)
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="said", ylabel="how often it came")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks(FIFTHS, [tick(p) for p in FIFTHS])
