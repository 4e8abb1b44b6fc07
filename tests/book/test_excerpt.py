"""An excerpt shows the line and puts the caret below the place."""

from __future__ import annotations

import pytest

from forecast.book.excerpt import excerpt
from forecast.errors import Problem


def below(text: str, line: int, column: int) -> str:
    """Return what the caret stands below."""
    shown, caret = excerpt(Problem("q.yaml", line, column, "c", "m", ""), text).split("\n")
    return shown[caret.index("^") :]


@pytest.mark.parametrize(
    ("text", "line", "column", "start"),
    [
        ("a: 1\nb: two\n", 2, 4, "two"),
        ("a:\tx\r\n", 1, 4, "x"),
        ("\ufeffa: x", 1, 1, "a"),
        ("x" * 500 + "here" + "y" * 500, 1, 501, "here"),
        ("a: \x1b[31mx", 1, 4, "\\x1b"),
    ],
)
def test_the_caret_stands_below_the_place(text: str, line: int, column: int, start: str) -> None:
    assert below(text, line, column).startswith(start)


def test_wide_characters_take_two_columns() -> None:
    shown = excerpt(Problem("q.yaml", 1, 4, "c", "m", ""), "日本語x")
    assert shown.split("\n")[1] == "  | " + " " * 6 + "^"


def test_the_end_of_a_line_and_places_outside_the_text() -> None:
    assert excerpt(Problem("q.yaml", 1, 3, "c", "m", ""), "ab").endswith("^")
    assert excerpt(Problem("q.yaml", 9, 1, "c", "m", ""), "ab") == ""
