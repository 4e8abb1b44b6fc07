"""Text that somebody might put into a title, to steer a terminal, a spreadsheet or a page."""

from __future__ import annotations

import unicodedata

HOSTILE = {
    "escape": "\x1b[31mred\x1b[0m \x1b]0;owned\x07 \x1b[2J",
    "link": "\x1b]8;;http://x.example\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;Y3VybA==\x07",
    "c1": "\x9b31m \x9d8;;http://x.example\x9c \x85next",
    "return": "Yes\rNo \x08\x08\x08 \x7f",
    "bidi": "\u202egpj.exe \u2066x\u2069 \u200f\u061c",
    "lines": "a\u2028b\u2029c\x0bd\x0ce\x1cf\ng",
    "hidden": "a\u200bb\u2060c\ufeffd\ufff9e\U000e0041",
    "markup": "X [/red] [link=http://x.example]y[/link] [bold] :smile:",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>&amp;",
    "formula": '=HYPERLINK("http://x.example")',
    "plus": "+1+cmd|' /C calc'!A0",
    "at": "@SUM(1)",
    "wide": "＝1＋1",
    "tab": "\t=1",
    "mathtext": r"$\frac{$ ^_ \$ %",
    "format": "{0} {x!r} %s %(a)d {{",
    "shell": "\"; rm -rf ~; $(reboot) `reboot` '",
    "letters": "é ё 一 👩‍👩‍👧 e\u0301",
}


def steering(text: str) -> list[str]:
    """Return the characters of shown text that could steer a terminal, reorder it or hide in it.

    By their category in Unicode, not by the list of the program: controls, formats (joiners apart,
    which letters and emoji need), line and paragraph separators, surrogates.
    """
    joiners = {"\u200c", "\u200d", "\u00ad"}
    bad = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return [c for c in text if unicodedata.category(c) in bad and c not in joiners and c != "\n"]


def quoted(text: str) -> str:
    """Return text as a YAML scalar in double quotes, everything unusual in it as an escape."""
    return '"' + "".join(_escaped(c) for c in text) + '"'


def _escaped(character: str) -> str:
    code = ord(character)
    if character.isascii() and character.isprintable() and character not in '"\\':
        return character
    return f"\\x{code:02x}" if code < 0x100 else f"\\U{code:08x}"
