"""What stood when, for every target and forecaster of the record at once.

The same as `history.paths` gives for a few, from columns instead of entries; tests hold them
together. What a forecast needs to be scored is left: the instants at which it changed, and to what.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from forecast.domain import Kind, Target, Value
from forecast.record.columns import KINDS, Lines
from forecast.record.history import LIVE

type Places = npt.NDArray[np.intp]

_MICRO = 1e6
_ENDS = (KINDS.index(Kind.WITHDRAWN), KINDS.index(Kind.RETRACTED))
_LIVE = tuple(KINDS.index(kind) for kind in LIVE)


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One forecaster's forecasts of one target as they came to stand, in order of time.

    `starts` are POSIX seconds, rising; `values` what stood from then on, None where nothing did.
    `backtest` says that they are replays.
    """

    target: Target
    forecaster: str
    starts: tuple[float, ...]
    values: tuple[Value | None, ...]
    backtest: bool = False


def traces(lines: Lines, questions: Sequence[str]) -> Iterator[Trace]:
    """Yield the trace of every target and forecaster, in order of both.

    `questions` says of which question each file of `lines` is; files of one question (of its former
    ids too) stand together, those written under the earlier id first. A trace in which nothing ever
    stood is left out.
    """
    live = lines.take(np.flatnonzero(np.isin(lines.kind, _LIVE)))
    if not len(live):
        return
    key = _keys(live, questions)
    stands = _stands(key, live)
    live, key = live.take(stands), key[stands]
    starts, values = (live.made_at / _MICRO).tolist(), _values(live)
    for begun, until in pairwise([*np.flatnonzero(_begins(key)).tolist(), key.size]):
        target = Target(questions[live.file[begun]], _day(int(live.rung[begun])))
        said = tuple(starts[begun:until]), tuple(values[begun:until])
        yield Trace(target, live.forecaster[begun], *said)


def _keys(live: Lines, questions: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return one number for each target and forecaster, in the order of both."""
    question = _places(questions)[live.file]
    people = _places(live.forecaster.tolist())
    targets = question * (date.max.toordinal() + 1) + live.rung
    return np.asarray(targets * (people.max() + 1) + people, np.int64)


def _places(names: Sequence[str]) -> npt.NDArray[np.int64]:
    """Return each name's place among all in order."""
    place = {name: number for number, name in enumerate(sorted(set(names)))}
    return np.fromiter(map(place.__getitem__, names), np.int64, len(names))


def _day(ordinal: int) -> date | None:
    return date.fromordinal(ordinal) if ordinal else None


def _values(live: Lines) -> list[Value | None]:
    values: list[Value | None] = [None if x != x else x for x in live.value.tolist()]
    for place in np.flatnonzero(live.shares != "").tolist():
        values[place] = {name: float(x) for name, x in json.loads(live.shares[place]).items()}
    return values


def _stands(key: npt.NDArray[np.int64], live: Lines) -> Places:
    """Return the lines that came to stand, by key and in order of time.

    What had not begun by the instant of a line after it never stood. Ends that end nothing are left
    out.
    """
    order = _merged(key, live)
    key, made, ends = key[order], live.made_at[order], np.isin(live.kind[order], _ENDS)
    last = np.append(key[1:] != key[:-1], True)
    earliest = _running(np.minimum, made[::-1], last[::-1])[::-1]
    stood = last | (made < np.append(earliest[1:], 0))
    order, key, ends = order[stood], key[stood], ends[stood]
    idle: npt.NDArray[np.bool_] = ends & (_begins(key) | np.append(True, ends[:-1]))
    return order[~idle]


def _merged(key: npt.NDArray[np.int64], live: Lines) -> Places:
    """Return the places of all lines by key, the strands of one key merged by time.

    None is re-ordered: a line made before the one it follows comes right after that.
    """
    strand = live.file * (int(live.strand.max()) + 1) + live.strand
    order = np.lexsort((strand, key))
    begins = _begins(key[order]) | _begins(strand[order])
    time = _running(np.maximum, live.made_at[order], begins)
    first = order[begins][np.cumsum(begins) - 1]
    return np.asarray(order[np.lexsort((first, time, key[order]))], np.intp)


def _begins(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Return where a run of equal labels begins."""
    begins = np.ones(labels.size, np.bool_)
    begins[1:] = labels[1:] != labels[:-1]
    return begins


def _running(
    extreme: np.ufunc, values: npt.NDArray[np.int64], begins: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Return the running maximum (or minimum) within the runs that begin at `begins`.

    Times rise nearly everywhere, and there it is the values themselves.
    """
    found = values.copy()
    astray = np.flatnonzero((extreme(values[1:], values[:-1]) != values[1:]) & ~begins[1:]) + 1
    bounds = np.append(np.flatnonzero(begins), values.size)
    for run in np.unique(np.searchsorted(bounds, astray, side="right") - 1).tolist():
        part = slice(bounds[run], bounds[run + 1])
        found[part] = extreme.accumulate(values[part])
    return found
