"""A reliability diagram in characters, made to read without colour."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from forecast.render.console import Symbols, stdout
from forecast.verbs.curves import Curve

HEIGHT = 15  # odd, so that one half has a place
WIDE, NARROW = 61, 41  # columns of the diagram, the first from ROOM columns of screen on
ROOM = 76
MARGIN = "     "


class Grid:
    """Characters by column and row, both axes from 0 to 1."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.rows = [[" "] * width for _ in range(HEIGHT)]

    def column(self, p: float) -> int:
        """Return the column of a probability."""
        return round(p * (self.width - 1))

    def put(self, column: int, height: float, mark: str) -> None:
        """Write a mark at a column, at a height from 0 to 1."""
        self.rows[HEIGHT - 1 - round(height * (HEIGHT - 1))][column] = mark


def diagram(curve: Curve, s: Symbols) -> Iterator[Text]:
    """Yield how often it came (up) against what was said (right), and how much was said where."""
    grid = Grid(WIDE if stdout().width >= ROOM else NARROW)
    _band(grid, curve)
    for column in range(grid.width):
        grid.put(column, column / (grid.width - 1), s.dot)
    for said, fitted in zip(curve.reliability.forecast, curve.reliability.fitted, strict=True):
        grid.put(grid.column(float(said)), float(fitted), "o")
    labels = {0: "1 ", HEIGHT // 2: ".5", HEIGHT - 1: "0 "}
    for index, row in enumerate(grid.rows):
        yield Text(f"  {labels.get(index, '  ')} {s.bar}{''.join(row)}".rstrip())
    yield Text(f"{MARGIN}+{s.line * grid.width}")
    yield Text(f"{MARGIN} 0{'what was said':^{grid.width - 2}}1")
    yield from _histogram(curve, grid.width // 10, s)
    share = f"{curve.consistency.level:.0%}"
    yield Text(f"{MARGIN}o how often it came  {s.dot} calibrated", style="dim")
    yield Text(f"{MARGIN}: where luck alone would put it ({share})", style="dim")


def _band(grid: Grid, curve: Curve) -> None:
    """Shade where a calibrated curve would lie, between the least and the most that was said."""
    import numpy as np

    band = curve.consistency
    first, last = (grid.column(float(band.forecast[end])) for end in (0, -1))
    columns = np.arange(first, last + 1)
    low, high = (
        np.interp(columns / (grid.width - 1), band.forecast, edge) for edge in (band.low, band.high)
    )
    for column, below, above in zip(columns.tolist(), low, high, strict=True):
        for step in range(round(below * (HEIGHT - 1)), round(above * (HEIGHT - 1)) + 1):
            grid.put(column, step / (HEIGHT - 1), ":")


def _histogram(curve: Curve, tenth: int, s: Symbols) -> Iterator[Text]:
    """Yield bars and numbers of questions in each tenth: the sharp stay away from the middle."""
    counts = [0] * 10
    for snapshot in curve.snapshots:
        counts[min(9, int(snapshot.probability * 10))] += 1
    top = max(counts)
    bars = (s.blocks[round(n / top * (len(s.blocks) - 1))] if n else " " for n in counts)
    yield Text(f"{MARGIN} {''.join(f'{bar * (tenth - 1):^{tenth}}' for bar in bars)}".rstrip())
    numbers = "".join(f"{n or '':^{tenth}}" for n in counts)
    yield Text(f"{MARGIN} {numbers}".rstrip() + " questions")
