"""Files changed at random, in ways that break parsers: bytes, lines, words and borrowed parts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

# What a parser may stumble over, put in place of a word or between two.
TOKENS = [
    *("&a", "*a", "!!python/object:x", "!<%1b>", "<<:", "---", "...", "%YAML 9.9", "? ", "- ", "|"),
    *("{", "}", "[", "]", ": ", ":", ",", "#", '"', "'", "\\", "\t", "\r", "\n", "\n\n", " " * 40),
    *("[" * 40, "{a: " * 40, "9" * 5000, "-1", "0", "1e308", "1e-308", "1e400", ".nan", "-.inf"),
    *("0x10", "1_000", "20%", "1,5", "٣", "²", "½", "NaN", "Infinity", "true", "null", "~", "NO"),
    *("2022-02-30", "2021-02-29", "9999-12-31", "0001-01-01", "1500-01-01", "2999-12-31"),
    *("2022-02-24T24:00Z", "2022-03-27T03:30+02:00", "2022-02-24T12:00+99:99", "2022-W01-1"),
    *("\x00", "\x1b[31m", "\x85", "\u2028", "\u202e", "\ufeff", "\uffff", "\U0001f600", "e\u0301"),
    *("../../x", "/etc/passwd", "con", "$(x)", "`x`", "{0}", "%s", "x" * 100, "x" * 70_000),
    *("me", "model", "yes", "annulled", "open", "hazard", "365 days", "1e9 years", "0 days"),
]
_WORD = re.compile(r"[^\W_][\w.+-]*|\S", re.UNICODE)

type Mutation = Callable[[bytes, Random, Sequence[bytes]], bytes]


def mutated(seeds: Sequence[bytes], random: Random) -> bytes:
    """Return one of `seeds`, changed once or a few times."""
    data = random.choice(seeds)
    for _ in range(min(1 + int(random.expovariate(0.8)), 6)):
        data = random.choice(_MUTATIONS)(data, random, seeds)
    return data


def _span(data: Sequence[Any], random: Random, longest: int = 60) -> tuple[int, int]:
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.randrange(1, longest))


def _bytes(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    start, end = _span(data, random, 5)
    return data[:start] + random.randbytes(random.randrange(5)) + data[end:]


def _bit(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    if not data:
        return b"\0"
    place = random.randrange(len(data))
    return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]


def _cut(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    start, end = _span(data, random, len(data) // 3 + 2)
    return data[:start] + data[end:]


def _twice(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    start, end = _span(data, random, 400)
    return data[:end] + data[start:end] * random.choice((1, 1, 2, 30)) + data[end:]


def _borrow(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    other = random.choice(seeds)
    start, end = _span(other, random, 400)
    place = random.randrange(len(data) + 1)
    return data[:place] + other[start:end] + data[place:]


def _token(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    text = data.decode("utf-8", "surrogateescape")
    words = list(_WORD.finditer(text))
    start = end = random.randrange(len(text) + 1)
    if words and random.random() < 0.8:
        start, end = random.choice(words).span()
    other = random.choice(words).group() if words and random.random() < 0.3 else None
    return (text[:start] + (other or random.choice(TOKENS)) + text[end:]).encode(
        "utf-8", "surrogateescape"
    )


def _lines(data: bytes, random: Random, _: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    here, there = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(5):
        case 0:
            lines[here], lines[there] = lines[there], lines[here]
        case 1:
            del lines[here]
        case 2:
            lines.insert(there, lines[here])
        case 3:
            lines[here] = b" " * random.randrange(1, 5) + lines[here]
        case _:
            lines[here] = lines[here].lstrip()
    return b"\n".join(lines)


_MUTATIONS: tuple[Mutation, ...] = (
    _bytes, _bit, _cut, _twice, _borrow, *[_token] * 8, *[_lines] * 2,
)  # fmt: skip

_LEAVES: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**53, 2**53 + 1, 10**400, 0.5, -0.0, 1e308, "", "x", [], {}),
    *([None], {"": 0}, "\u0000", "\x1b[31m", "\ud800", "2022-02-30", "x" * 5000, [[[[[]]]]]),
    *({"0.5": 1}, {"0.5": "x"}, {"1": 2, "2": 1}, [0, 1], [1, 0], "ann", "model/x", "live"),
]


def mutated_json(value: Any, random: Random) -> Any:
    """Return a JSON value with one part of it, somewhere within, replaced, removed or added."""
    if isinstance(value, dict) and value and random.random() < 0.85:
        key = random.choice(list(value))
        changed = {**value, key: mutated_json(value[key], random)}
        if random.random() < 0.1:
            changed.pop(key)
        return changed
    if isinstance(value, list) and value and random.random() < 0.7:
        place = random.randrange(len(value))
        return [*value[:place], mutated_json(value[place], random), *value[place + 1 :]]
    if isinstance(value, str) and random.random() < 0.4:
        return mutated([json.dumps(value)[1:-1].encode()], random).decode("utf-8", "replace")
    return random.choice(_LEAVES)
