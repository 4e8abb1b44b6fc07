"""What an update said, kept so that asking again of what has not changed costs only looking.

A memo is filed under a digest of all that an update reads: the book's files, what its forecasts are
compared with, what was asked, this program and what is installed. It holds for as long as the
passing of time changes nothing. It may be lost or damaged at any time: then the work is done again.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.book.folder import digest_files, written
from forecast.canonical import digest
from forecast.domain import AsOf
from forecast.domain.times import end_of_day, local_day
from forecast.families import FAMILIES
from forecast.inference.cache import Cache
from forecast.verbs.plain import from_plain, to_plain
from forecast.verbs.workspace import Workspace

if TYPE_CHECKING:
    from forecast.verbs.update import UpdateReport


@dataclass(frozen=True)
class Memo:
    """The place of one update's report: of this workspace, for these `words`.

    `live` says whether it goes to the record, and so compares with it, or to the backtests.
    """

    ws: Workspace
    words: tuple[object, ...]
    live: bool

    def recall(self) -> UpdateReport | None:
        """Return what the update said last, if it would say it again now."""
        from forecast.verbs.update import UpdateReport

        if not self.ws.written:
            return None
        key = self._key()
        kept = Cache(self.ws.cache).load([key]).get(key)
        try:
            if kept is None or not self._holds(kept["since"], kept["until"]):
                return None
            return from_plain(UpdateReport, kept["report"])  # type: ignore[no-any-return]
        except (KeyError, TypeError, ValueError):
            return None

    def suits(self, as_ofs: Iterable[AsOf]) -> bool:
        """Say whether only what is looked at can change what is said at these knowledge dates.

        A model whose code is not ours may look at anything, and be trusted no longer.
        """
        models = [s for q in self.ws.book.questions.values() for s in q.models]
        ours = (s.family in FAMILIES and not s.options.code() for s in models)
        return all(as_of.live is self.live for as_of in as_ofs) and all(ours)

    def keep(self, report: UpdateReport, still: Callable[[], bool]) -> None:
        """Keep what the update will say when it is asked again and everything is as it was.

        `still` is asked whether what the update compared with is so.
        """
        key = self._key()
        if not self.ws.written or self.ws.written != written(self.ws.root) or not still():
            return
        until = min(_turns(self.ws)) if self.live else None
        value = {
            "since": self.ws.now.isoformat(),
            "until": until and until.isoformat(),
            "report": to_plain(report),
        }
        Cache(self.ws.cache).store({key: value})

    def _holds(self, since: str, until: str | None) -> bool:
        begun = datetime.fromisoformat(since) <= self.ws.now
        return begun and (until is None or self.ws.now < datetime.fromisoformat(until))

    def _key(self) -> str:
        said = self.ws.root / ("record" if self.live else ".forecast/backtests")
        files = self.ws.written, digest_files(said.glob("*/*.jsonl"))
        return digest(["update", program(), *files, *self.words])


def _turns(ws: Workspace) -> Iterator[datetime]:
    """Yield the instants to come at which a live view changes though no file does.

    Where a day ends, and where something is known from a time of day on.
    """
    for zone in {ws.book.zone, *(q.zone for q in ws.book.questions.values())}:
        yield end_of_day(local_day(ws.now, zone), zone)
    readings = (o.known_on for i in ws.book.indicators.values() for o in i.observations)
    answers = (r.known_at for q in ws.book.questions.values() for r in q.resolutions)
    ends = (case.known_on for table in ws.book.cases.values() for case in table)
    for known in (*readings, *answers, *ends):
        if isinstance(known, datetime) and known > ws.now:
            yield known


@cache
def program() -> str:
    """Return a digest of this program's code, of Python and of the names of what is installed."""
    package = Path(__file__).parents[1]
    folders = [folder for folder in map(Path, sys.path) if folder.is_dir()]
    installed = {e.name for f in folders for e in os.scandir(f) if _distribution(e.name)}
    sha = hashlib.sha256(digest_files(package.rglob("*.py")).encode())
    sha.update("\n".join([sys.version, *sorted(installed)]).encode())
    return sha.hexdigest()


def _distribution(name: str) -> bool:
    return name.endswith((".dist-info", ".egg-info"))
