"""The smoothed weights and k-hat are ArviZ's, and k-hat finds the tail it is given."""

import warnings

import numpy as np
import pytest

from forecast.inference.psis import smooth


def one(log_weights):
    weights, k_hat = smooth(log_weights[None])
    return weights[0], float(k_hat[0])


def arviz_psislw(log_weights):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from arviz_stats.base import array_stats

        # ArviZ's array level expects minus the log weights.
        logs, k_hat = array_stats.psislw(-log_weights)
    weights = np.exp(logs - logs.max())
    return weights / weights.sum(), float(k_hat)


@pytest.mark.parametrize("shape", [0.1, 0.4, 0.7, 1.2])
@pytest.mark.parametrize("count", [200, 1024, 8192])
def test_agrees_with_arviz(shape, count):
    uniform = np.random.default_rng(count).random(count)
    log_weights = -shape * np.log(uniform)
    weights, k_hat = one(log_weights)
    expected, expected_k = arviz_psislw(log_weights)
    assert k_hat == pytest.approx(expected_k, abs=1e-6)
    np.testing.assert_allclose(weights, expected, rtol=1e-6)


def test_finds_the_tail():
    uniform = np.random.default_rng(1).random(100_000)
    assert one(-0.5 * np.log(uniform))[1] == pytest.approx(0.5, abs=0.15)


def test_no_weight_at_all():
    weights, k_hat = one(np.full(50, -np.inf))
    assert np.isnan(weights).all()
    assert k_hat == np.inf


def test_all_weight_on_a_few_points():
    log_weights = np.full(1000, -np.inf)
    log_weights[:3] = 0.0, -0.5, -1.0
    assert one(log_weights)[1] == np.inf


def test_points_of_no_weight_get_none():
    log_weights = np.random.default_rng(2).normal(size=500)
    log_weights[::10] = -np.inf
    weights, k_hat = one(log_weights)
    assert (weights[::10] == 0).all()
    assert np.isfinite(k_hat)


def test_a_row_is_smoothed_as_if_it_were_alone():
    rows = np.random.default_rng(3).normal(size=(6, 300)) * np.arange(6)[:, None]
    rows[2, ::7] = -np.inf
    rows[4, 5] = np.nan
    weights, k_hat = smooth(rows)
    for row, weight, k in zip(rows, weights, k_hat, strict=True):
        alone, k_alone = one(row)
        np.testing.assert_allclose(weight, alone, rtol=1e-13)
        np.testing.assert_allclose(k, k_alone, rtol=1e-13)
