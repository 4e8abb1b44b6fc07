"""Metaculus: baseline, peer, spot and relative scores. Higher is better in all of them.

Paths hold the forecasts themselves: p of yes, or probabilities over K options. `outcome` is 0 or 1,
or the index of the option that came true. A probability of 0 on what happened scores −∞: nothing is
clipped. Unless said otherwise a score is averaged over the scheduled time: time without a forecast,
and after an early answer, counts 0 and stays in the denominator. ValueError is raised for an
outcome that cannot be, a probability outside 0 to 1, and paths of different windows.

Not copied: the original doubles a score when everyone has withdrawn, and compares a spot forecast
made at exactly the instant with a mean that leaves it out.

Source: Metaculus, "Scores FAQ".
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from forecast.scoring.paths import Path, common, time_average, together
from forecast.scoring.rules.given import Chance, log_given, options, total


def baseline_at(value: Chance, *, outcome: int) -> float:
    """Return 100·ln(p·K) / ln K of one forecast, p being what it gave to what happened.

    100 is perfect, 0 what saying 1/K for each option scores. For yes or no it is 100·(1 + log₂ p).

    >>> round(baseline_at(0.7, outcome=1), 6)
    48.542683
    """
    return 100 * (1 + log_given(value, outcome) / math.log(options(value)))


def baseline(path: Path[Chance], *, outcome: int) -> float | None:
    """Return the baseline score of a path, or None if no forecast ever stood.

    >>> from forecast.scoring.paths import Window, path
    >>> p = path(start=[0, 4, 7], value=[0.6, 0.8, None], window=Window(0, 10))
    >>> round(baseline(p, outcome=1), 6)
    30.863533
    """
    return time_average(path.map(lambda value: baseline_at(value, outcome=outcome)))


def continuous_baseline_at(
    mass: float, *, open_bounds: int, outside: bool = False, buckets: int = 200
) -> float:
    """Return 50·ln(mass / base) of one forecast of a quantity.

    Args:
        mass: the probability given to the bucket that came true, or to the tail beyond it.
        open_bounds: how many of the range's two bounds are open, 0 to 2.
        outside: whether the answer fell beyond an open bound. The base is then .05, otherwise
            (1 − .05·open_bounds) / buckets.
        buckets: how many the range is cut into.

    Raises:
        ValueError: a mass outside 0 to 1, open bounds other than 0, 1 and 2, or an answer outside a
            range that is closed.

    >>> round(continuous_baseline_at(0.02, open_bounds=0), 6)
    69.314718
    """
    if open_bounds not in (0, 1, 2) or (outside and not open_bounds):
        raise ValueError(f"open_bounds = {open_bounds} cannot be, with outside = {outside}")
    base = 0.05 if outside else (1 - 0.05 * open_bounds) / buckets
    return 50 * (log_given(mass, 1) - math.log(base))


def continuous_baseline(
    path: Path[float], *, open_bounds: int, outside: bool = False, buckets: int = 200
) -> float | None:
    """Return the baseline score of a path of masses, or None if no forecast ever stood.

    Arguments and errors are those of `continuous_baseline_at`.

    >>> from forecast.scoring.paths import Window, path
    >>> half = path(start=[5], value=[0.02], window=Window(0, 10))
    >>> round(continuous_baseline(half, open_bounds=0), 6)
    34.657359
    """

    def score(mass: float) -> float:
        return continuous_baseline_at(
            mass, open_bounds=open_bounds, outside=outside, buckets=buckets
        )

    return time_average(path.map(score))


def peer(
    paths: Sequence[Path[Chance]], *, outcome: int, continuous: bool = False
) -> list[float | None]:
    """Return each forecaster's peer score: how much better than the others who stood with them.

    At each instant 100·n/(n−1)·(ln p − mean of ln p over the n standing), which add up to 0, and 0
    for one who stands alone. Whoever ever gave 0 to what happened scores −∞, and those who stood
    with them +∞. Halved if `continuous`, where paths hold the masses of what came true and
    `outcome` is 1. None for a path on which nothing ever stood.

    >>> from forecast.scoring.paths import Window, path
    >>> paths = [path(start=[0], value=[p], window=Window(0, 10)) for p in (0.7, 0.5, 0.3)]
    >>> [round(score, 6) for score in peer(paths, outcome=1)]
    [59.188505, 8.717669, -67.906174]
    """
    moments = together(paths).map(lambda standing: _peers(standing, outcome, continuous))
    return [_over_schedule(moments, i) for i in range(len(paths))]


def spot_peer(
    paths: Sequence[Path[Chance]], *, outcome: int, at: float, continuous: bool = False
) -> list[float | None]:
    """Return the peer scores at one instant, None for those with nothing standing then.

    A forecast made at exactly that instant counts, for itself and against the others.

    >>> from forecast.scoring.paths import Window, path
    >>> paths = [path(start=[0], value=[p], window=Window(0, 10)) for p in (0.7, 0.5, 0.3)]
    >>> [round(score, 6) for score in spot_peer(paths, outcome=0, at=5)]
    [-67.906174, 8.717669, 59.188505]
    """
    return _peers([each.standing(at) for each in paths], outcome, continuous)


def relative(path: Path[Chance], *, crowd: Path[Chance], outcome: int) -> float | None:
    """Return the legacy relative score: log₂(p / crowd's p) over the time actually open.

    0 is as good as the crowd. Time in which not both stand counts 0; None if they never do.
    Dividing by the time open, not scheduled, makes it improper when the event ends the question.

    >>> from forecast.scoring.paths import Window, path
    >>> mine, crowd = (path(start=[0], value=[p], window=Window(0, 10)) for p in (0.8, 0.4))
    >>> round(relative(mine, crowd=crowd, outcome=1), 6)
    1.0
    """
    own, other = common([path, crowd])
    if not own.pieces:
        return None
    bits = (
        a.length * _bits(a.value, b.value, outcome)
        for a, b in zip(own.pieces, other.pieces, strict=True)
    )
    return total(bits) / (path.window.end - path.window.open)


def _bits(mine: Chance, theirs: Chance, outcome: int) -> float:
    own, other = log_given(mine, outcome), log_given(theirs, outcome)
    return 0.0 if own == other else (own - other) / math.log(2)


def _peers(standing: Sequence[Chance | None], outcome: int, continuous: bool) -> list[float | None]:
    """Return the peer scores among those standing, None for the others."""
    logs = [None if value is None else log_given(value, outcome) for value in standing]
    present = [x for x in logs if x is not None]
    scale = 50 if continuous else 100
    return [None if x is None else scale * _lead(x, present) for x in logs]


def _lead(own: float, present: Sequence[float]) -> float:
    """Return n/(n−1)·(own − mean) = own − the mean of the others; 0 for one alone."""
    if len(present) == 1:
        return 0.0
    if own == -math.inf:
        return own
    return len(present) / (len(present) - 1) * (own - math.fsum(present) / len(present))


def _over_schedule(moments: Path[list[float | None]], index: int) -> float | None:
    """Return ∫ dt of one forecaster's scores ÷ the scheduled duration; None if they have none."""
    terms = [p.length * v for p in moments.pieces if (v := p.value[index]) is not None]
    return total(terms) / moments.window.duration if terms else None
