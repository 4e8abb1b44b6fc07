"""The small form of the fuzzer: every reader's share of twenty thousand files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hostile.fuzz import fuzz, shares
from tests.hostile.readers import Reader

FILES = 20_000
SHARES = list(shares(FILES))


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize(("reader", "numbers"), SHARES, ids=[r.name for r, _ in SHARES])
def test_changed_files_are_read_or_refused_with_a_place(
    reader: Reader, numbers: range, tmp_path: Path
) -> None:
    """No crash, nothing over a second or 200 MB; every refusal has its place and its remedy."""
    tally = fuzz(reader, 1, numbers, tmp_path)
    assert not tally.findings, "\n".join(map(str, tally.findings[:10]))
    assert tally.accepted < tally.files, "some were refused"
    assert tally.accepted, "some were read"


def test_the_shares_are_whole() -> None:
    assert sum(len(numbers) for _, numbers in SHARES) >= FILES
