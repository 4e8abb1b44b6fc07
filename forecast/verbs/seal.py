"""Seal: fix the heads of the record, and keep the time stamp an authority gives for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.disk import cause, environment, limited
from forecast.errors import UsageError
from forecast.text import clean
from forecast.verbs.workspace import Workspace

if TYPE_CHECKING:
    from forecast.record.seals import Seal
    from forecast.record.stamps import Stamp


@dataclass(frozen=True, slots=True)
class SealReport:
    """A seal; `new` unless it was there already. `stamp` is what an authority's answer says."""

    seal: Seal
    new: bool
    stamp: Stamp | None = None


def seal(ws: Workspace) -> SealReport:
    """Write the seal of the record as it stands, and a request to time-stamp it.

    Where nothing was recorded since, the last seal is returned. Raises RecordError where the record
    is not whole, UsageError where it is empty, EnvironmentFailure where the disk refuses.
    """
    from forecast.record import seals, stamps
    from forecast.record.ledger import strict

    for problem in ws.ledger.verify():
        strict(problem)
    entries = list(ws.ledger.entries())
    if not entries:
        raise UsageError("nothing is recorded yet", "say something with `forecast predict`")
    known, problems = seals.read_all(ws.root)
    for problem in (*problems, *seals.broken(known, entries, ws.root)):
        strict(problem)
    fixed = seals.heads_of(entries)
    last = known[-1] if known and known[-1].heads == fixed else None
    made = last or seals.write(ws.root, fixed, ws.now)
    if not made.request.exists():
        seals.keep(made.request, stamps.request(made.data))
    return SealReport(made, new=last is None)


def stamp(ws: Workspace, file: Path, roots: Sequence[Path] = ()) -> SealReport:
    """Keep an authority's answer to the request of one of the book's seals, checked.

    Under the root certificates in the PEM files `roots` its signature is checked too.

    Raises UsageError, with nothing written, for a file that is no answer, or one to something else,
    and where the seal has another answer already; EnvironmentFailure where the disk refuses, or
    what lies beside the seal cannot be read.
    """
    from forecast.record import seals, stamps

    shown = clean(str(file))
    try:
        answer = _answer(file, stamps.LARGEST)
        sealed = _stamped(ws, stamps.stamped_hash(answer))
        asked = _beside(sealed.request, stamps.LARGEST)
        found = stamps.check(answer, sealed.data, asked, stamps.certificates(roots))
    except stamps.StampError as error:
        hint = "send the .tsq that `forecast seal` wrote, and give the answer as it came"
        raise UsageError(f"{shown}:1: {error}", hint) from None
    if _beside(sealed.token, stamps.LARGEST) not in (None, answer):
        hint = f"remove {sealed.token.name} first if the new one is to stand"
        raise UsageError(f"{sealed.path.name} has a time stamp already", hint)
    seals.keep(sealed.token, answer)
    return SealReport(sealed, new=False, stamp=found)


def _answer(file: Path, largest: int) -> bytes:
    shown, hint = clean(str(file)), "give the authority's answer"
    try:
        return limited(file, largest)
    except FileNotFoundError:
        raise UsageError(f"there is no file {shown}", hint) from None
    except OSError as error:
        raise UsageError(f"{shown}: {cause(error)}", hint) from None


def _beside(path: Path, largest: int) -> bytes | None:
    """Return what is kept beside a seal, None if nothing is."""
    with environment(path, "nothing was written"):
        return limited(path, largest) if path.exists() else None


def _stamped(ws: Workspace, hashed: str) -> Seal:
    import hashlib

    from forecast.record.seals import read_all
    from forecast.record.stamps import StampError

    for known in read_all(ws.root)[0]:
        if hashlib.sha256(known.data).hexdigest() == hashed:
            return known
    raise StampError("is a time stamp of something else: no seal of this book has its hash")
