"""Small books on disk, written in the tests that read them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from forecast.book.load import Book, load

BOOK = "format: 1\ntitle: Weather\ntimezone: UTC\n"

type MakeBook = Callable[..., Book]


@pytest.fixture
def book(tmp_path: Path) -> MakeBook:
    """Write files (name → text, with a book.yaml unless given) and load the book they make."""

    def make(files: dict[str, str], title: str = BOOK) -> Book:
        for name, text in {"book.yaml": title, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8", newline="")
        return load(tmp_path)

    return make
