"""A seal is kept whole or not at all, under the day of its making in UTC."""

from __future__ import annotations

import errno
import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from forecast.disk import Disk
from forecast.errors import EnvironmentFailure
from forecast.record import seals

HEADS = {"war/ann": {"0" * 64: 3}}
NIGHT = datetime(2026, 11, 21, 1, 30, tzinfo=timezone(timedelta(hours=3)))


@pytest.mark.usefixtures("tokyo")
def test_a_seal_reads_back_as_it_was_written(root: Path) -> None:
    seal = seals.write(root, HEADS, NIGHT)
    assert seal.path.parent == root / "seals"
    assert seal.path.name.startswith("2026-11-20-")
    assert (seal.made_at, seal.heads) == (NIGHT, HEADS)
    assert seals.read_all(root) == ([seal], [])


def test_seals_are_told_oldest_first(root: Path) -> None:
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in (20, 3, 11)]
    made = {day: seals.write(root, HEADS, day) for day in days}
    assert seals.read_all(root)[0] == [made[day] for day in sorted(days)]


def test_where_the_disk_refuses_nothing_counts_as_sealed(root: Path) -> None:
    class Full(Disk):
        def replace(self, source: Path, target: Path) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

    said = (
        rf"^{re.escape(str(root / 'seals'))}/2026-11-20-\w{{16}}\.json: no space left on device; "
    )
    with pytest.raises(EnvironmentFailure, match=said + "nothing counts as sealed$"):
        seals.write(root, HEADS, NIGHT, disk=Full())
    assert list((root / "seals").iterdir()) == []
