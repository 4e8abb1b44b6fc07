"""The table of halved and doubled intervals is made as it says, of the book as it stands."""

from __future__ import annotations

from math import log
from pathlib import Path

import pytest

from forecast.book.load import load
from forecast.families.fields import Interval
from tests.sensitivity import DAYS, LOG, LOGIT, QUESTION, ROOT, page, widened

PAGE = ROOT / "notebooks" / "sensitivity.md"


@pytest.mark.parametrize(("width", "low", "high"), [(1, 1, 4), (0.5, 2**0.5, 8**0.5), (2, 0.5, 8)])
def test_ratios_widen_about_their_geometric_middle(width: float, low: float, high: float) -> None:
    assert LOG.widened(Interval(1, 4), width) == pytest.approx((low, high))


@pytest.mark.parametrize("interval", [(0.2, 0.5), (0.8, 0.95), (0.7, 0.99)])
def test_chances_stay_chances(interval: tuple[float, float]) -> None:
    low, high = LOGIT.widened(Interval(*interval), 2)
    assert 0 < low < interval[0] < interval[1] < high < 1


def test_every_interval_of_a_model_is_widened_and_nothing_else() -> None:
    for spec in load(ROOT / "questions").questions[QUESTION].models:
        before, after = (o.model_dump() for o in (spec.options, widened(spec.options, 2)))
        for was, now in zip(before.pop("indicators"), after.pop("indicators"), strict=True):
            changed = {name for name in was if was[name] != now[name]}
            assert changed == {n for n, v in was.items() if isinstance(v, (list, Interval))}
        if "waiting" in before:
            (a, b), (c, d) = before.pop("waiting")["interval"], after.pop("waiting")["interval"]
            assert log(d / c) == pytest.approx(2 * log(b / a))
        assert before == after


@pytest.mark.slow
def test_the_page_is_of_this_book(tmp_path: Path) -> None:
    """Made anew it says the same, but for a thousandth or two of Monte Carlo error."""

    def cells(text: str) -> list[list[str]]:
        return [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| 202")]

    kept, made = cells(PAGE.read_text("utf-8")), cells(page(load(ROOT / "questions"), tmp_path))
    assert len(kept) == 2 * len(DAYS)
    for one, other in zip(kept, made, strict=True):
        assert one[0] == other[0]
        assert [float(x) for x in one[1:]] == pytest.approx([float(x) for x in other[1:]], abs=0.01)
