"""How far a model's own parameters leave its number open."""

from __future__ import annotations

from typing import Any

from forecast.domain import Question
from forecast.plots.style import SYMBOLS, Axes, Colour, mark, shades, titled, top_of
from forecast.render.words import chance, deadline, spread
from forecast.text import clean


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
    options = [clean(option) for option in question.options]
    names = options or [deadline(question, t, SYMBOLS) for t in question.targets]
    if values.ndim != 2 or values.shape[1] != len(names) or not values.size:
        raise ValueError(f"draws of shape {values.shape}, not (draw, {len(names)})")
    hills = [(n, c, p) for n, c, p in zip(names, shades(question), values.T, strict=True)
             if p.any()]  # fmt: skip
    top = top_of(max((float(np.quantile(p, 0.995)) for *_, p in hills), default=1.0))
    for row, (_, colour, p) in enumerate(reversed(hills)):
        _draw_hill(p, row, top, colour, axes)
    axes.set(xlim=(0, top), ylim=(-0.4, max(len(hills), 1)), xlabel="probability")
    axes.set_yticks(range(len(hills)), [name for name, *_ in reversed(hills)], parse_math=False)
    mark(axes.xaxis)
    axes.tick_params(axis="y", length=0)
    titled(axes, question, "over the parameters: mean and 5–95%")
    axes.spines["left"].set_visible(False)
    return axes


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
