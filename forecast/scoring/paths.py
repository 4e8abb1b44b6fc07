"""A forecaster's path through a question: which forecast stood when, and what that scores.

A path is a step function of time. Each forecast stands from its start until the next one by the
same forecaster, a withdrawal, or the end of scoring. Times are numbers in any one unit (POSIX
seconds, days); values may be whatever a score takes: a probability, a tuple over options.

The headline is the time average with the *scheduled* duration in the denominator. Time after an
early answer scores nothing but stays in the denominator; dividing by the covered time instead
(`per_covered_day`) rewards exaggeration whenever the event itself ends the question. Always show
coverage beside the headline, and score the reference over the same covered time (`common`).
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import mul, sub
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Window:
    """The time in which a question is scored, as instants in one unit.

    Scoring runs over [`open`, `end`). `close` is the scheduled close; `end` is when the answer was
    known, or `close` if that came first (which an answer known later is cut to, and which None
    means). An answer known before `open` leaves nothing to score.

    Raises ValueError unless all are finite and `open` < `close`.

    >>> Window(open=0, close=10, answered=4).end
    4.0
    >>> Window(open=0, close=10, answered=12).end
    10.0
    """

    open: float
    close: float
    answered: float | None = None

    def __post_init__(self) -> None:
        for name in ("open", "close", "answered"):
            _finite(getattr(self, name), name)
        if not self.open < self.close:
            raise ValueError(f"open = {self.open:g} is not before close = {self.close:g}")

    @property
    def end(self) -> float:
        """The end of scoring: when the answer was known, within [open, close]."""
        if self.answered is None:
            return float(self.close)
        return float(min(max(self.answered, self.open), self.close))

    @property
    def duration(self) -> float:
        """The scheduled duration, close − open: the headline's denominator."""
        return float(self.close - self.open)

    def at(self, share: float) -> float:
        """Return the instant at a share of the scheduled duration: 0 is open, 1 is close."""
        return self.open + share * self.duration


class Piece[V](NamedTuple):
    """A value that stood over [start, end)."""

    start: float
    end: float
    value: V

    @property
    def length(self) -> float:
        """How long it stood."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Path[V]:
    """What stood when, within a window: pieces in order of time that do not overlap.

    A piece is one place in `starts`, `ends` and `values`. `ignored` are the positions, in the order
    given, of forecasts made at or after the end.
    """

    window: Window
    starts: tuple[float, ...]
    ends: tuple[float, ...]
    values: tuple[V, ...]
    ignored: tuple[int, ...] = ()

    @classmethod
    def of(
        cls, window: Window, pieces: Iterable[Piece[V]], ignored: tuple[int, ...] = ()
    ) -> Path[V]:
        """Return the path of pieces that are in order of time and do not overlap."""
        rows = tuple(pieces)
        starts, ends, values = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(window, starts, ends, values, ignored)

    @property
    def pieces(self) -> tuple[Piece[V], ...]:
        """The pieces one by one."""
        return tuple(map(Piece, self.starts, self.ends, self.values))

    @property
    def lengths(self) -> list[float]:
        """How long each piece stood."""
        return list(map(sub, self.ends, self.starts))

    @property
    def covered(self) -> float:
        """How long a forecast stood, in the unit of time."""
        return math.fsum(self.lengths)

    @property
    def coverage(self) -> float:
        """The share of the scheduled duration in which a forecast stood, 0 to 1."""
        return self.covered / self.window.duration

    @property
    def weights(self) -> tuple[float, ...]:
        """Each piece's length ÷ the scheduled duration: its weight where pieces are pooled."""
        return tuple(length / self.window.duration for length in self.lengths)

    @property
    def first(self) -> V | None:
        """The first value that stood, or None."""
        return self.values[0] if self.values else None

    @property
    def last(self) -> V | None:
        """The last value that stood, or None.

        For description only: every last forecast of an event that ended its question early met YES.
        """
        return self.values[-1] if self.values else None

    def standing(self, at: float) -> V | None:
        """Return the value that stood at an instant, or None.

        A forecast made at exactly that instant stands; at the end and after it nothing does.
        """
        index = bisect_right(self.starts, at) - 1
        return self.values[index] if index >= 0 and at < self.ends[index] else None

    def map[W](self, change: Callable[[V], W]) -> Path[W]:
        """Return the path of `change(value)`, for example of scores."""
        return self.changed(tuple(map(change, self.values)))

    def changed[W](self, values: tuple[W, ...]) -> Path[W]:
        """Return the path of other values in the places of these, for example of their scores."""
        return Path(self.window, self.starts, self.ends, values, self.ignored)


def path[V](*, start: Sequence[float], value: Sequence[V | None], window: Window) -> Path[V]:
    """Return the path of one forecaster's forecasts of one question.

    A forecast made before `window.open` counts from there; one that spans the end is cut there; one
    made at or after it is ignored, and named in `Path.ignored`. Of several made at one instant the
    one given last stands.

    Args:
        start: when each forecast was made, n finite numbers in the window's unit, in any order.
        value: n forecasts; None or NaN is a withdrawal, after which nothing stands.
        window: the time in which the question is scored.

    Raises:
        ValueError: lengths that differ, or a start that is not finite.

    >>> p = path(start=[0, 4, 7], value=[0.6, 0.8, None], window=Window(0, 10))
    >>> p.coverage, p.last
    (0.7, 0.8)
    """
    if len(start) != len(value):
        raise ValueError(f"lengths differ: {len(start)} starts, {len(value)} values")
    for number in () if all(map(math.isfinite, start)) else start:
        _finite(number, "start")
    end = window.end
    made = [i for i in sorted(range(len(start)), key=start.__getitem__) if start[i] < end]
    begun = [float(max(start[i], window.open)) for i in made]
    stood = [
        (since, until, said)
        for since, until, i in zip(begun, [*begun[1:], end], made, strict=False)
        if until > since and (said := value[i]) is not None and said == said  # NaN is not
    ]
    starts, ends, values = zip(*stood, strict=True) if stood else ((), (), ())
    late = tuple(i for i, instant in enumerate(start) if instant >= end)
    return Path(window, starts, ends, values, late)


def sampled[V](function: Callable[[float], V | None], *, window: Window, step: float) -> Path[V]:
    """Return the step function that takes `function(t)` at open, open + step, … until the end.

    For a reference that is known by formula, such as a base rate rolled down day by day.

    Args:
        function: instant → value; None where there is none.
        window: the time in which the question is scored.
        step: the length of a step, in the window's unit.

    Raises:
        ValueError: a step that is not positive and finite.

    >>> sampled(lambda t: 1 - t / 4, window=Window(0, 4, answered=3), step=2).pieces
    (Piece(start=0.0, end=2.0, value=1.0), Piece(start=2.0, end=3.0, value=0.5))
    """
    if not 0 < step < math.inf:
        raise ValueError(f"step = {step:g} is not positive and finite")
    count = math.ceil((window.end - window.open) / step)
    starts = [t for i in range(count) if (t := window.open + i * step) < window.end]
    return path(start=starts, value=[function(t) for t in starts], window=window)


def together[V](paths: Sequence[Path[V]]) -> Path[tuple[V | None, ...]]:
    """Return the path of what each of several paths had standing, None where one had nothing.

    Its pieces lie between all the instants at which anything changed, from open to the end.

    Raises ValueError if there is no path, or the paths' windows differ.

    >>> a = path(start=[0], value=[0.2], window=Window(0, 4))
    >>> b = path(start=[3], value=[0.5], window=Window(0, 4))
    >>> together([a, b]).pieces[0]
    Piece(start=0.0, end=3.0, value=(0.2, None))
    """
    instants, places = _places(paths)
    values = (
        tuple(None if at is None else each.values[at] for each, at in zip(paths, row, strict=True))
        for row in zip(*places, strict=True)
    )
    return Path(paths[0].window, instants[:-1], instants[1:], tuple(values))


def common[V](paths: Sequence[Path[V]]) -> list[Path[V]]:
    """Return the paths cut to the time in which all of them stand, in the order given.

    Scores over these are comparable: same question, same instants. Errors are those of `together`.

    >>> forecaster = path(start=[1], value=[0.2], window=Window(0, 4))
    >>> reference = path(start=[0, 2], value=[0.4, 0.3], window=Window(0, 4))
    >>> forecaster, reference = common([forecaster, reference])
    >>> reference.coverage, reference.first
    (0.75, 0.4)
    """
    instants, places = _places(paths)
    shared = [n for n, row in enumerate(zip(*places, strict=True)) if None not in row]
    starts, ends = tuple(instants[n] for n in shared), tuple(instants[n + 1] for n in shared)
    return [
        Path(
            each.window,
            starts,
            ends,
            tuple(each.values[at] for n in shared if (at := place[n]) is not None),
            each.ignored,
        )
        for each, place in zip(paths, places, strict=True)
    ]


def _places[V](paths: Sequence[Path[V]]) -> tuple[tuple[float, ...], list[list[int | None]]]:
    """Return the instants at which anything changed, and what of each path stood from each on."""
    if len({each.window for each in paths}) != 1:
        raise ValueError("expected one or more paths within one window")
    window = paths[0].window
    cuts = {float(window.open), window.end}
    for each in paths:
        cuts.update(each.starts, each.ends)
    instants = tuple(sorted(cuts))
    return instants, [_standing(each, instants[:-1]) for each in paths]


def _standing(path: Path[Any], instants: Sequence[float]) -> list[int | None]:
    """Return the place of the piece that stood at each of some rising instants."""
    found: list[int | None] = []
    at, count = -1, len(path.starts)
    for instant in instants:
        while at + 1 < count and path.starts[at + 1] <= instant:
            at += 1
        found.append(at if at >= 0 and instant < path.ends[at] else None)
    return found


def time_average(path: Path[float]) -> float | None:
    """Return the headline: ∫ score dt over the covered time ÷ the scheduled duration.

    Proper for a proper score, also when the event ends the question early. It keeps the score's
    unit and orientation; since time without a forecast adds nothing, it is to be read beside the
    coverage or against a reference over the same time.

    Args:
        path: of scores (`path.map(score)`), which may be infinite.

    Returns:
        The average, or None if no forecast ever stood.

    >>> p = path(start=[0, 4, 9], value=[0.3, 0.6, 0.9], window=Window(0, 10))
    >>> round(time_average(p.map(lambda chance: (chance - 1) ** 2)), 6)
    0.277
    """
    return _integral(path) / path.window.duration if path.values else None


def per_covered_day(path: Path[float]) -> float | None:
    """Return ∫ score dt over the covered time ÷ the covered time, or None if there is none.

    Improper when the event itself ends the question: exaggerating then pays. Label it so.

    >>> p = path(start=[2, 4, 9], value=[0.3, 0.6, 0.9], window=Window(0, 10))
    >>> round(per_covered_day(p.map(lambda chance: (chance - 1) ** 2)), 6)
    0.22375
    """
    return _integral(path) / path.covered if path.values else None


@dataclass(frozen=True, slots=True)
class Snapshot[V]:
    """What stood at one instant fixed before the outcome was known.

    `over` says that the question had been answered by then: it drops out and is counted.
    """

    at: float
    value: V | None
    over: bool


def snapshot[V](path: Path[V], *, share: float = 0.5) -> Snapshot[V]:
    """Return what stood at a share of the scheduled duration, by default midway.

    The instant depends on the schedule alone, never on the answer, so that a set of snapshots may
    be read for calibration.

    Raises ValueError if `share` lies outside 0 to 1.

    >>> snapshot(path(start=[0], value=[0.2], window=Window(0, 10, answered=5)))
    Snapshot(at=5.0, value=None, over=True)
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share = {share:g} lies outside 0 to 1")
    return _snapshot(path, path.window.at(share))


def at_lead[V](path: Path[V], *, lead: float) -> Snapshot[V]:
    """Return what stood `lead` before the scheduled close (not before the answer).

    Nothing stands before open. The last instant is the one just before close, so a lead of 0 has
    always passed.

    Raises ValueError if `lead` is negative or not finite.

    >>> at_lead(path(start=[0], value=[0.2], window=Window(0, 10)), lead=7)
    Snapshot(at=3.0, value=0.2, over=False)
    """
    if not 0 <= lead < math.inf:
        raise ValueError(f"lead = {lead:g} is negative or not finite")
    return _snapshot(path, path.window.close - lead)


def _snapshot[V](path: Path[V], at: float) -> Snapshot[V]:
    return Snapshot(float(at), path.standing(at), at >= path.window.end)


def _integral(path: Path[float]) -> float:
    return math.fsum(map(mul, path.lengths, path.values))


def _finite(value: float | None, name: str) -> None:
    if value is not None and not math.isfinite(value):
        raise ValueError(f"{name} = {value} is not finite")
