"""Whether every line of a record file is unchanged, and what follows what, from its bytes alone.

This reads no JSON: a line's hash is taken of its bytes as they stand, so that no changed byte goes
unnoticed, and `prev` is found by its place. What it cannot vouch for is left to `rows`, which says
what is the matter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from forecast.record.history import Strands

_HASH = b'"hash":"'
_HEX = 64
_PREV = re.compile(rb'"prev":(?:null|"([0-9a-f]{64})")')


@dataclass(frozen=True, slots=True)
class Chain:
    """The lines of a file in order: the hash of each, in hex, and the number of its strand."""

    hashes: Sequence[bytes]
    strands: Sequence[int]


def chain(data: bytes) -> Chain | None:
    """Return the chain of a file's bytes; None unless every line is whole, unchanged and its own.

    A line that stands twice, as merging two branches twice may leave it, counts as not its own.
    """
    *lines, rest = data.split(b"\n")
    places = [line.find(_HASH) for line in lines]
    hashes = [line[at + 8 : at + 72] for line, at in zip(lines, places, strict=True)]
    own = all(map(_unchanged, lines, places, hashes))
    if rest or not own or len(set(hashes)) < len(hashes):
        return None
    return Chain(hashes, _strands(lines, places, hashes))


def _unchanged(line: bytes, at: int, own: bytes) -> bool:
    """Say whether `own` is the hash of a line without its `hash` member, which stands at `at`."""
    end = at + len(_HASH) + _HEX
    rest = line[:at] + line[end + 2 :]
    return line[end : end + 2] == b'",' and sha256(rest).hexdigest().encode() == own


def _strands(lines: Sequence[bytes], places: Sequence[int], hashes: Sequence[bytes]) -> list[int]:
    """Number the strands; nearly always each line follows the one before, and there is but one."""
    follows = (b'"prev":"%s"' % own for own in hashes)
    if -1 not in map(bytes.find, lines[1:], follows, places[1:]):
        return [0] * len(lines)
    strands = Strands()
    parents = (_PREV.search(line, at) for line, at in zip(lines, places, strict=True))
    return [
        strands.number(found and found[1], own) for found, own in zip(parents, hashes, strict=True)
    ]
