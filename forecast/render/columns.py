"""Rows of short cells in aligned columns, whose widths several blocks can share."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from forecast.render.console import Symbols

GAP = 2


def widths(rows: Sequence[Sequence[Text]]) -> list[int]:
    """Return the width each column needs.

    >>> widths([[Text("by 1 Feb 22"), Text("no")], [Text(""), Text("answer")]])
    [11, 6]
    """
    return [max(cell.cell_len for cell in column) for column in zip(*rows, strict=True)]


def line(cells: Sequence[Text], wide: Sequence[int], *, right: int = 0, gap: int = GAP) -> Text:
    """Return one row as a line, its last `right` columns to the right.

    >>> line([Text("a"), Text("1")], [3, 4], right=1).plain
    'a       1'
    """
    joined = Text()
    for index, (cell, width) in enumerate(zip(cells, wide, strict=True)):
        space = " " * (width - cell.cell_len)
        if index:
            joined.append(" " * gap)
        if index >= len(cells) - right:
            joined.append(space)
            joined.append_text(cell)
        else:
            joined.append_text(cell)
            joined.append(space)
    joined.rstrip()
    return joined


def short(text: str, width: int, s: Symbols) -> Text:
    """Return text cut to a width, with a mark where it was cut.

    >>> short("ceasefire-violations", 12, Symbols()).plain
    'ceasefire-v…'
    """
    return Text(text if len(text) <= width else text[: width - len(s.more)] + s.more)
