"""Text from files and other people made safe to show, and near misses named."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

# Characters that steer a terminal, reorder text or hide in it: C0, DEL, C1, bidi controls, line
# separators, invisible marks and tags, byte-order mark and lone surrogates.
_UNSAFE = (
    {*range(0x20), *range(0x7F, 0xA0)}
    | {0x061C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0xFEFF}
    | {*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFFF9, 0xFFFC)}
    | {*range(0xD800, 0xE000), *range(0xE0000, 0xE0080)}
)


def _spelled(code: int) -> str:
    """Return a character as an escape that shows which it is."""
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"


_VISIBLE = {code: _spelled(code) for code in _UNSAFE}
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
    if text.isprintable():  # what can do harm is not
        return text
    return text.translate(_VISIBLE_LINES if lines else _VISIBLE)


# Names of environment variables that hold secrets; PATH and AUTHOR are none of them.
_SECRET = re.compile(
    r"PASSW|PASSPHRASE|SECRET|TOKEN|KEY\b|_KEY|_PWD|CREDENTIAL|DSN|DATABASE"
    r"|PASS(?![^_])|(?<![^_])(?:PAT|AUTH)(?![^_])",
    re.IGNORECASE,
)
# How the login of an address begins: a name with a password, which may hold anything, or a word.
_LOGIN = re.compile(r"(?<=://)(?:[^/:]*:|[^/]*@)")


def redact(text: str, environment: Mapping[str, str]) -> str:
    """Return `text` without the secrets that the environment holds, or an address carries.

    >>> redact("no luck with k3y at https://ann:p/w@example.org", {"TSA_TOKEN": "k3y!"})
    'no luck with k3y at https://***@example.org'
    >>> redact("no luck with k3y!", {"TSA_TOKEN": "k3y!"})
    'no luck with ***'
    """
    secrets = {value for name, value in environment.items() if _SECRET.search(name)}
    # A shorter one could not be told from any other word.
    spelled = {form for secret in secrets if len(secret) > 3 for form in _spellings(secret)}
    for form in sorted(spelled, key=len, reverse=True):
        text = text.replace(form, "***")
    return re.sub(r"\S+", _without_login, text)


def _spellings(secret: str) -> Iterator[str]:
    """Yield a secret as it is, and as it stands in a message that quotes it or made it visible."""
    for said in (secret, clean(secret)):
        single = repr(f'"{said}')[2:-1]  # a " within has Python take ', and escape those
        yield from (said, single, single.replace(r"\'", "'"))


def _without_login(word: re.Match[str]) -> str:
    said, end = word[0], word[0].rfind("@")  # what follows the last @ is the host
    found = _LOGIN.search(said, 0, end + 1)
    return f"{said[: found.start()]}***{said[end:]}" if found else said


def composed(text: str) -> str:
    """Return `text` in Unicode's composed form (NFC): what looks the same is the same.

    >>> composed("e\u0301") == "\u00e9"
    True
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def folded(text: str) -> str:
    """Return `text` without differences of case, width or composition, to find near twins.

    >>> folded("Ｔruce") == folded("TRUCE")
    True
    """
    return unicodedata.normalize("NFKC", text).casefold()


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
