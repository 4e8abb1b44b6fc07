"""What stood when: the record's lines as one path per target and forecaster.

A forecast stands from `made_at` until the next one by the same forecaster, or until it is withdrawn
or retracted. A retraction marks the forecast standing then as a slip from that moment on: it keeps
its place and scores until then; afterwards nothing stands until the next forecast.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path as File

from forecast.domain import Forecast, Kind, Target
from forecast.record.lines import DATED, Entry


@dataclass(frozen=True, slots=True)
class Step:
    """One forecast and the time it stood: from its `made_at` to `end` (None: it stands still).

    `slip` says that it was retracted at `end`.
    """

    entry: Entry
    end: datetime | None = None
    slip: bool = False

    @property
    def forecast(self) -> Forecast:
        """What was said."""
        return self.entry.forecast

    @property
    def start(self) -> datetime:
        """The instant from which it stands."""
        return self.entry.forecast.made_at


type Path = tuple[Step, ...]

FORECASTS = frozenset(Kind) - {Kind.RESOLUTION}
LIVE = frozenset({Kind.LIVE, Kind.WITHDRAWN, Kind.RETRACTED})
"""What is scored: said at the time, and its ends."""


@dataclass(slots=True)
class Strands:
    """Numbers the strands of one file: runs of lines that each follow the one before."""

    _tips: dict[str | bytes, int] = field(default_factory=dict)
    _begun: int = 0

    def number(self, prev: str | bytes | None, own: str | bytes) -> int:
        """Return the strand of the next line, whose hash is `own`."""
        strand = self._tips.pop(prev or "", self._begun)
        self._begun += strand == self._begun
        self._tips[own] = strand
        return strand


def paths(
    entries: Iterable[Entry], kinds: Collection[Kind] = FORECASTS
) -> dict[tuple[Target, str], Path]:
    """Return the path of every (target, forecaster): what stood, in order, never overlapping.

    Give whole files; `kinds` says which of their lines count. The order is that of `made_at`,
    except that lines of one chain are never re-ordered: where the clock stepped back, the line
    written later stands, and those before it that had not begun by its `made_at` never stood and
    are left out.
    """
    lines: dict[tuple[Target, str], dict[tuple[File, int], list[Entry]]] = {}
    for strand, entry in _numbered(entries):
        if entry.forecast.kind in kinds:
            key = entry.forecast.target, entry.forecast.forecaster
            lines.setdefault(key, {}).setdefault(strand, []).append(entry)
    return {key: _path(_ordered(strands)) for key, strands in sorted(lines.items())}


def latest(entries: Iterable[Entry], target: Target, forecaster: str) -> Entry | None:
    """Return what `forecaster` says of `target` now; None if nothing, or nothing any more."""
    path = paths(entries).get((target, forecaster), ())
    return next((step.entry for step in path if step.end is None), None)


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries of whole files as they were said: by time, no chain ever re-ordered."""
    strands: dict[tuple[File, int], list[Entry]] = {}
    for strand, entry in _numbered(entries):
        strands.setdefault(strand, []).append(entry)
    return _ordered(strands)


def _numbered(entries: Iterable[Entry]) -> Iterator[tuple[tuple[File, int], Entry]]:
    """Yield entries, each with its file and its strand in it."""
    files: dict[File, Strands] = {}
    for entry in entries:
        known = files.setdefault(entry.path, Strands())
        yield (entry.path, known.number(entry.prev, entry.hash)), entry


def _ordered(strands: Mapping[tuple[File, int], list[Entry]]) -> list[Entry]:
    """Merge strands by time, each keeping its own order."""
    dated = [e for strand in strands.values() for e in strand if e.forecast.kind in DATED]
    written = [[e for e in strand if e.forecast.kind not in DATED] for strand in strands.values()]
    return list(heapq.merge(sorted(dated, key=_made_at), *written, key=_made_at))


def _path(entries: list[Entry]) -> Path:
    """Turn lines in order into steps; each ends at the earliest line after it."""
    steps: list[Step] = []
    end: datetime | None = None
    retracted = False
    for entry in reversed(entries):
        kind = entry.forecast.kind
        stood = end is None or _made_at(entry) < end
        if stood and kind not in {Kind.WITHDRAWN, Kind.RETRACTED}:
            steps.append(Step(entry, end, retracted))
        retracted = kind is Kind.RETRACTED
        end = min(end, _made_at(entry)) if end else _made_at(entry)
    return tuple(reversed(steps))


def _made_at(entry: Entry) -> datetime:
    return entry.forecast.made_at
