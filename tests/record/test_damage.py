"""A little damage; more of it is `python -m tests.damage --flips 100000`."""

from __future__ import annotations

import pytest

from tests.damage import LAST, cuts, flips, written


def test_no_flipped_bit_goes_unnoticed_or_makes_a_line(tmp_path) -> None:
    count = flips(written(tmp_path), 500, seed=2)
    assert (count.named, count.false) == (500, 0)
    assert count.lost <= 2 * 500  # the newline between two lines costs both


@pytest.mark.slow
@pytest.mark.unmeasured
def test_every_cut_of_the_last_five_lines_keeps_what_is_before_it(tmp_path) -> None:
    count = cuts(written(tmp_path))
    assert count.damaged > 2000
    assert count.named == count.damaged - LAST  # where a line ends only a seal shows a cut
    assert (count.lost, count.false) == (0, 0)
