import math

import pytest

from forecast.scoring.crowds import METHODS, against_others, crowd_path, pool
from forecast.scoring.paths import Window, path

TEN = Window(0, 10)


@pytest.mark.parametrize(
    ("method", "value"),
    [("mean", 0.3), ("median", 0.3), ("geometric", 0.2694832), ("extremized", 0.1853440)],
)
def test_the_guide_s_vector_as_a_path(method, value):
    paths = [path(start=[0], value=[p], window=TEN) for p in (0.1, 0.2, 0.4, 0.5)]
    (piece,) = crowd_path(paths, method=method).pieces
    assert piece.value == pytest.approx(value, abs=5e-8)


def test_who_spoke_last_weighs_most():
    said = enumerate((0.2, 0.4, 0.6, 0.9))
    paths = [path(start=[day], value=[p], window=TEN) for day, p in said]
    assert crowd_path(paths, method="recent").last == pytest.approx(0.6)
    assert crowd_path(paths[::-1], method="recent").last == pytest.approx(0.6)


def test_only_those_who_stand_are_heard():
    left = path(start=[0, 4], value=[0.2, None], window=TEN)
    late = path(start=[6], value=[0.8], window=TEN)
    both = crowd_path([left, late], method="mean")
    assert [tuple(piece) for piece in both.pieces] == [(0, 4, 0.2), (6, 10, 0.8)]


def test_a_change_of_mind_and_a_silence_are_heard():
    changed = path(start=[0, 4, 6, 8], value=[0.2, 0.6, None, 0.4], window=TEN)
    alone = crowd_path([changed], method="mean")
    assert alone.pieces == changed.pieces
    other = path(start=[2], value=[0.8], window=TEN)
    both = crowd_path([changed, other], method="mean")
    assert both.starts == (0, 2, 4, 6, 8)
    assert both.values == pytest.approx((0.2, 0.5, 0.7, 0.8, 0.6))


def test_options_are_pooled_one_by_one():
    rows = [(0.2, 0.3, 0.5), (0.1, 0.1, 0.8), (0.6, 0.2, 0.2)]
    assert pool(rows, method="median") == pytest.approx((2 / 9, 2 / 9, 5 / 9))
    certain = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    assert pool(certain, method="median") == pytest.approx((1 / 3, 1 / 3, 1 / 3))


@pytest.mark.parametrize("method", METHODS)
def test_options_sum_to_one(method):
    pooled = pool([(0.2, 0.3, 0.5), (0.1, 0.1, 0.8), (0.4, 0.4, 0.2)], method=method)
    assert sum(pooled) == pytest.approx(1)


def test_contradictory_certainties_leave_one_half():
    assert pool([0.0, 1.0], method="geometric") == 0.5
    assert pool([0.0, 1.0], method="mean") == 0.5
    assert pool([1.0, 0.5], method="geometric") == 1
    assert pool([0.5, 0.0], method="extremized") == 0


def test_an_unknown_method():
    with pytest.raises(ValueError, match="is none of mean"):
        crowd_path([path(start=[0], value=[0.5], window=TEN)], method="best")


def test_against_the_others_who_stood_then():
    own = path(start=[0], value=[0.3], window=TEN)
    others = [
        path(start=[0, 5], value=[0.1, None], window=TEN),
        path(start=[4], value=[0.5], window=TEN),
    ]
    found = against_others(own, others)
    assert found == pytest.approx((4 * 0.2 + 1 * 0.0 + 5 * -0.2) / 10)
    assert against_others(own, []) is None
    assert against_others(own, [path(start=[], value=[], window=TEN)]) is None
    infinite = path(start=[0], value=[math.inf], window=TEN)
    assert against_others(infinite, [infinite]) == 0
