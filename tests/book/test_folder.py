"""What the files of a book say as a whole."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

from forecast.book import folder, sheet, source


def test_all_that_is_ever_read_of_a_file_counts(tmp_path: Path) -> None:
    assert max(sheet.MAX_BYTES, source.MAX_BYTES) < folder.READ
    table = tmp_path / "cases.csv"
    table.write_bytes(bytes(sheet.MAX_BYTES))
    before = folder.written(tmp_path)
    table.write_bytes(bytes(sheet.MAX_BYTES) + b"x")
    assert folder.written(tmp_path) != before


def test_a_huge_file_beside_the_questions_costs_little(tmp_path: Path) -> None:
    with (tmp_path / "film.bin").open("wb") as film:
        film.truncate(1 << 36)
    tracemalloc.start()
    try:
        folder.written(tmp_path)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()
