"""Ways to read a path of scores as one number: the headline, and what may be asked for instead.

A reading looks at a part of a question's window and takes one number from what stood there. Only
`SCHEDULED`, `lead` and `band` are proper when the event itself ends the question, because what they
look at and divide by is fixed by the schedule; the others say so in their `caution`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from forecast.scoring.paths import Path, Piece, Window, at_lead, per_covered_day, time_average

type Part = tuple[float, float]
"""From when until when a reading looks; one instant where they are the same."""


def _whole(window: Window) -> Part:
    return window.open, window.close


def _last(path: Path[float]) -> float | None:
    return path.last


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a path of scores.

    `value` takes the number from the path of scores of the part read, None where nothing stood.
    `part` is that part of a question's window, None where the schedule does not reach it. `caution`
    is what must be said beside it.
    """

    name: str
    value: Callable[[Path[float]], float | None]
    part: Callable[[Window], Part | None] = _whole
    caution: str = ""

    def applies(self, window: Window) -> bool:
        """Whether the schedule reaches the part that is read."""
        return self.part(window) is not None

    def over(self, window: Window) -> bool:
        """Whether the answer was known before the part that is read began."""
        part = self.part(window)
        return part is not None and part[0] >= window.end

    def coverage(self, path: Path[Any]) -> float:
        """Return the share of the schedule in which a forecast stood, of the part read if any."""
        whole = _whole(path.window)
        begun, until = part = self.part(path.window) or whole
        return path.coverage if part == whole or begun == until else within(path, *part).coverage


SCHEDULED = Reading("averaged over the scheduled time", time_average)
"""The headline: the time average over the scheduled duration."""

COVERED = Reading(
    "averaged over the covered time",
    per_covered_day,
    caution="improper when events end questions early: exaggerating then pays",
)
"""The time average over the covered time alone."""

LAST = Reading(
    "the last forecast that stood",
    _last,
    caution="descriptive only: every last forecast of an event that ended its question met yes",
)
"""The last forecast that stood."""


def lead(span: float, name: str = "a fixed time before the scheduled close") -> Reading:
    """Return the reading of what stood `span` before the scheduled close, in the paths' unit.

    Raises ValueError if `span` is negative or not finite.

    >>> from forecast.scoring.paths import path
    >>> p = path(start=[0, 5], value=[0.25, 0.04], window=Window(0, 10))
    >>> lead(7).value(p), lead(2).value(p)
    (0.25, 0.04)
    """
    at_lead(Path(Window(0, 1), (), (), ()), lead=span)  # says what is wrong with it

    def part(window: Window) -> Part | None:
        at = window.close - span
        return (at, at) if at >= window.open else None

    return Reading(name, lambda path: at_lead(path, lead=span).value, part)


def band(least: float, most: float, name: str = "a part of the scheduled time") -> Reading:
    """Return the time average over the part of the schedule from `most` to `least` before close.

    The denominator is the scheduled length of that part, so that it is proper as the headline is.

    Raises ValueError unless 0 ≤ `least` < `most`.

    >>> from forecast.scoring.paths import path
    >>> p = path(start=[0, 5], value=[0.25, 0.04], window=Window(0, 10))
    >>> band(0, 5).value(p), band(5, 20).value(p)
    (0.04, 0.25)
    """
    if not 0 <= least < most:
        raise ValueError(f"expected 0 ≤ least < most; got {least:g} and {most:g}")

    def part(window: Window) -> Part | None:
        begun, until = max(window.open, window.close - most), window.close - least
        return (begun, until) if begun < until else None

    def value(path: Path[float]) -> float | None:
        found = part(path.window)
        return None if found is None else time_average(within(path, *found))

    return Reading(name, value, part)


def within[V](path: Path[V], begun: float, until: float) -> Path[V]:
    """Return the path as if the question had been open from `begun` and closed at `until`.

    Raises ValueError unless `begun` < `until`.

    >>> from forecast.scoring.paths import path
    >>> within(path(start=[2], value=[0.5], window=Window(0, 10)), 0, 4).coverage
    0.5
    """
    pieces = (
        Piece(max(piece.start, begun), min(piece.end, until), piece.value)
        for piece in path.pieces
        if piece.start < until and piece.end > begun
    )
    return Path.of(Window(begun, until, path.window.end), pieces, path.ignored)
