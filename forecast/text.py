"""Text from files and other people made safe to show, and near misses named."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

# Characters that steer a terminal or reorder text: C0, DEL, C1, bidi controls, line separators,
# byte-order mark and lone surrogates.
_UNSAFE = (
    {*range(0x20), *range(0x7F, 0xA0)}
    | {0x061C, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF}
    | {*range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x206A)}
    | {*range(0xD800, 0xE000)}
)
_VISIBLE = {code: f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}" for code in _UNSAFE}
_VISIBLE_LINES = {code: shown for code, shown in _VISIBLE.items() if code != 0x0A}

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
# Names that Windows keeps for devices, whatever their ending.
_DEVICES = {"con", "prn", "aux", "nul", *(f"{d}{n}" for d in ("com", "lpt") for n in range(10))}


def clean(text: str, *, lines: bool = False) -> str:
    r"""Return `text` with every control and direction-changing character made visible.

    With `lines` a newline is kept. Use it on everything that came from a file before it is shown.

    >>> clean("a\x1b[31mb")
    'a\\x1b[31mb'
    >>> clean("two\nlines", lines=True)
    'two\nlines'
    """
    return text.translate(_VISIBLE_LINES if lines else _VISIBLE)


def slug(text: str) -> str:
    """Return `text` as an id: lower case, digits and single hyphens, at most 64 characters.

    >>> slug("Will Russia invade Ukraine?")
    'will-russia-invade-ukraine'
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = "".join(c if c.isalnum() else " " for c in plain.lower()).split()
    return "-".join(words)[:64].strip("-")


def is_id(text: str) -> bool:
    """Say whether `text` may name a question, an indicator or a writer, and so a file.

    >>> is_id("ukraine-invasion"), is_id("../up"), is_id("aux")
    (True, False, False)
    """
    return _ID.fullmatch(text) is not None and text not in _DEVICES


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `did you mean 'x'?` for the nearest known word, or an empty string.

    >>> did_you_mean("relevence", ["relevance", "events"])
    "did you mean 'relevance'?"
    >>> did_you_mean("zzz", ["relevance"])
    ''
    """
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else ""


def plural(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is one.

    >>> plural(1, "question"), plural(3, "question")
    ('1 question', '3 questions')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
