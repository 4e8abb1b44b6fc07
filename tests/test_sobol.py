"""The points are Sobol's, evenly spread and, scrambled, unbiased."""

import numpy as np
import pytest
from scipy.stats import qmc

from forecast.sobol import MAX_DIM, Sobol


def test_unscrambled_points_are_scipys():
    # SciPy walks in Gray code order: the same points in every block of a power of two.
    ours = Sobol(MAX_DIM).points(0, 256)
    theirs = qmc.Sobol(MAX_DIM, scramble=False, bits=32).random(256)
    np.testing.assert_array_equal(np.sort(ours, axis=0), np.sort(theirs, axis=0))
    assert {tuple(row) for row in ours} == {tuple(row) for row in theirs}


def test_scrambled_points_hold_one_in_every_cell():
    points = Sobol(MAX_DIM, np.random.default_rng(1)).points(0, 256)
    cells = np.sort((points * 256).astype(int), axis=0)
    np.testing.assert_array_equal(cells, np.tile(np.arange(256)[:, None], MAX_DIM))


def test_going_on_gives_the_same_points():
    sequence = Sobol(3, np.random.default_rng(1))
    whole = sequence.points(0, 64)
    parts = np.concatenate([sequence.points(0, 32), sequence.points(32, 64)])
    np.testing.assert_array_equal(whole, parts)


def test_error_falls_far_below_that_of_random_points():
    def estimate(seed):
        return np.prod(1.5 * np.sqrt(Sobol(4, np.random.default_rng(seed)).points(0, 512)), 1)

    means = np.array([estimate(seed).mean() for seed in range(40)])
    assert means.mean() == pytest.approx(1.0, abs=0.002)
    assert means.std() < 0.1 * estimate(0).std() / np.sqrt(512)


def test_too_many_dimensions():
    with pytest.raises(ValueError, match="dimensions"):
        Sobol(MAX_DIM + 1)
