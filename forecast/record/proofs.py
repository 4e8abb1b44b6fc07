"""What seals prove: by when a line of the record was there, whoever says otherwise later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.disk import cause, limited
from forecast.errors import Problem
from forecast.record import stamps
from forecast.record.commits import GitError, Held, commit_of, first_commits
from forecast.record.lines import Entry
from forecast.record.seals import FOLDER, Seal, broken, names_seal, read_all

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


class How(StrEnum):
    """What a proof rests on."""

    COMMIT = "commit"  # its author's clock, until others hold the commit
    STAMP = "time stamp"  # the signature of an authority its reader trusts


@dataclass(frozen=True, slots=True)
class Proof:
    """That a seal, and every line it fixes, was there by an instant, as a commit or stamp says."""

    by: datetime
    how: How
    seal: Seal
    commit: str = ""


def verify_seals(
    root: Path, entries: Sequence[Entry], roots: Sequence[Certificate] = ()
) -> tuple[list[Proof], list[Problem]]:
    """Return what the seals of the book at `root` prove, earliest first, and what is wrong.

    `entries` is its whole record. A time stamp proves something only under the certificates
    `roots`. Problems that are no advice are breaks: a seal or time stamp that was changed, a sealed
    line that is gone.
    """
    seals, problems = read_all(root)
    held, refused = _committed(root)
    problems += [*broken(seals, entries, root), *_missing(root, held), *refused]
    proofs: list[Proof] = []
    for seal in seals:
        found, flaws = _proofs(seal, held, roots)
        proofs += found
        problems += flaws
        if not (found or flaws or refused):
            text = "nothing but this file says when it was made"
            hint = "commit it and push the commit, or give it a time stamp"
            problems.append(Problem(str(seal.path), 1, 1, "seal-unproven", text, hint, advice=True))
    return sorted(proofs, key=lambda proof: proof.by), problems


def _committed(root: Path) -> tuple[Held, list[Problem]]:
    """Return what git holds of the seals, or nothing and that git refuses to say."""
    try:
        return first_commits(root, FOLDER), []
    except GitError as error:
        text = f"which seals were committed, and whether one is gone, git does not say: {error}"
        hint = "make `git log` work here, then run it again"
        return {}, [Problem(str(root / FOLDER), 0, 0, "git-refused", text, hint)]


def _missing(root: Path, held: Held) -> Iterator[Problem]:
    """Name the seals that were committed and are gone: with one goes what it proves."""
    for name in sorted({name for name, _ in held if names_seal(name)}):
        path = root / FOLDER / name
        if not path.exists():
            commit = next(commit for (own, _), commit in held.items() if own == name)
            text = f"the seal that commit {commit.id[:10]} holds is gone"
            hint = f"restore it: git checkout {commit.id[:10]} -- {FOLDER}/{name}"
            yield Problem(str(path), 0, 0, "seal-missing", text, hint)


def proven(proofs: Iterable[Proof], entries: Iterable[Entry]) -> dict[str, Proof]:
    """Return the earliest proof of each line, by its hash; `proofs` are in order of time.

    What a head follows was there when the head was.
    """
    parents = {entry.hash: entry.prev for entry in entries}
    found: dict[str, Proof] = {}
    for proof in proofs:
        for fixed in proof.seal.heads.values():
            for head in fixed:
                _follow(head, proof, parents, found)
    return found


def _follow(
    line: str | None, proof: Proof, parents: Mapping[str, str | None], found: dict[str, Proof]
) -> None:
    while line is not None and line in parents and line not in found:
        found[line] = proof
        line = parents[line]


def _proofs(
    seal: Seal, held: Held, roots: Sequence[Certificate]
) -> tuple[list[Proof], list[Problem]]:
    proofs: list[Proof] = []
    flaws: list[Problem] = []
    if commit := commit_of(held, seal.path.name, seal.data):
        proofs.append(Proof(commit.at, How.COMMIT, seal, commit.id))
    if seal.token.exists():
        stamp = _stamp(seal, roots)
        if isinstance(stamp, Problem):
            flaws.append(stamp)
        elif stamp.trusted:
            proofs.append(Proof(stamp.by, How.STAMP, seal))
        else:
            text = f"a time stamp of {stamp.by:%Y-%m-%d %H:%M:%S} UTC, by whom is not checked"
            hint = "give --roots with the root certificate of the authority"
            flaws.append(Problem(str(seal.token), 1, 1, "seal-untrusted", text, hint, advice=True))
    return proofs, flaws


def _stamp(seal: Seal, roots: Sequence[Certificate]) -> stamps.Stamp | Problem:
    try:
        asked = limited(seal.request, stamps.LARGEST) if seal.request.exists() else None
        return stamps.check(limited(seal.token, stamps.LARGEST), seal.data, asked, roots)
    except stamps.StampError as error:
        why = str(error)
    except OSError as error:
        why = f"cannot be read: {cause(error)}"
    hint = "restore it from a commit or backup, or ask for another"
    return Problem(str(seal.token), 1, 1, "seal-token", why, hint)
