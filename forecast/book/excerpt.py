"""A problem shown in its file: the line, and a caret below the place."""

from __future__ import annotations

import unicodedata

from forecast.errors import Problem
from forecast.text import clean

_WIDTH = 80  # columns of a line that are shown


def excerpt(problem: Problem, text: str) -> str:
    r"""Return the line of `text` at which a problem stands, with a caret below its column.

    Control characters are made visible, long lines are cut around the place. An empty string if
    the problem concerns no line of the text.

    >>> found = Problem("q.yaml", 2, 8, "date-impossible", "there is no such day", "")
    >>> print(excerpt(found, "type: binary\nopens: 2022-02-30"))
    2 | opens: 2022-02-30
      |        ^
    """
    lines = text.split("\n")
    if not 1 <= problem.line <= len(lines):
        return ""
    line = lines[problem.line - 1].removesuffix("\r").removeprefix("\ufeff")
    start = max(0, problem.column - 1 - _WIDTH * 3 // 4) if len(line) > _WIDTH else 0
    lead = "…" if start else ""
    before = clean(line[start : problem.column - 1].replace("\t", " "))
    after = clean(line[problem.column - 1 : start + _WIDTH].replace("\t", " "))
    number = str(problem.line)
    caret = " " * (_columns(lead + before)) + "^"
    return f"{number} | {lead}{before}{after}\n{' ' * len(number)} | {caret}"


def _columns(text: str) -> int:
    """Return how many columns a terminal gives to a text."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    narrow = sum(unicodedata.combining(c) != 0 for c in text)
    return len(text) + wide - narrow
