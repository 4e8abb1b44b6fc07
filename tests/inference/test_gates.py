"""The gates' table, row by row, at its edges."""

import json
import math

import pytest

from forecast.inference import gates


def fast(**changes):
    good = {"k_hat": 0.2, "draws": 1024, "error": [0.001], "modes": 1, "stray": 0}
    return gates.fast(**{**good, **changes})


def nuts(**changes):
    good = {
        "rhat": [1.0, 1.005],
        "ess_bulk": [900.0, 2000.0],
        "ess_tail": [800.0],
        "divergent": 0,
        "bfmi": [0.9, 1.1],
        "error": [0.001],
        "draws": 4000,
    }
    return gates.nuts(**{**good, **changes})


def test_a_good_posterior_is_published_without_a_word():
    for result in (fast(), nuts(), gates.exact(error=[0.0])):
        assert result["verdict"] == "publish"
        assert result["reasons"] == []


FAST_ROWS = [
    ({"k_hat": 0.66}, "publish"),
    ({"k_hat": 0.68}, "refuse"),  # 1 - 1/log10(1024) = 0.668
    ({"k_hat": 0.69, "draws": 16384}, "publish"),
    ({"k_hat": 0.71, "draws": 16384}, "refuse"),
    ({"k_hat": math.inf}, "refuse"),
    ({"error": [0.001, 0.005]}, "publish"),
    ({"error": [0.001, 0.0051]}, "warn"),
    ({"error": [0.01]}, "warn"),
    ({"error": [0.0101]}, "refuse"),
    ({"error": [0.001, math.nan]}, "refuse"),
    ({"modes": 2}, "refuse"),
    ({"modes": 0, "stray": 8}, "refuse"),
    ({"stray": 1}, "refuse"),
    ({"outside": 1e-12}, "publish"),
    ({"outside": 1e-6}, "refuse"),
    ({"outside": math.nan}, "refuse"),
]

NUTS_ROWS = [
    ({"rhat": [1.0, 1.01]}, "publish"),
    ({"rhat": [1.0, 1.02]}, "warn"),
    ({"rhat": [1.0, 1.06]}, "refuse"),
    ({"rhat": [1.0, math.nan]}, "refuse"),
    ({"ess_bulk": [5000.0, 400.0]}, "publish"),
    ({"ess_bulk": [5000.0, 399.0]}, "warn"),
    ({"ess_bulk": [5000.0, 199.0]}, "refuse"),
    ({"ess_tail": [200.0]}, "warn"),
    ({"ess_tail": [199.0]}, "refuse"),
    ({"ess_tail": [math.nan]}, "refuse"),
    ({"divergent": 4}, "warn"),
    ({"divergent": 5}, "refuse"),
    ({"bfmi": [1.0, 0.3]}, "publish"),
    ({"bfmi": [1.0, 0.29]}, "warn"),
    ({"bfmi": [1.0, 0.19]}, "refuse"),
    ({"bfmi": [math.nan]}, "refuse"),
    ({"error": [0.006]}, "warn"),
    ({"error": [0.02]}, "refuse"),
    ({"draws": 0}, "refuse"),
]


@pytest.mark.parametrize(("change", "verdict"), FAST_ROWS)
def test_fast(change, verdict):
    assert_verdict(fast(**change), verdict)


@pytest.mark.parametrize(("change", "verdict"), NUTS_ROWS)
def test_nuts(change, verdict):
    assert_verdict(nuts(**change), verdict)


def assert_verdict(result, verdict):
    assert result["verdict"] == verdict
    assert bool(result["reasons"]) == (verdict != "publish")
    json.dumps(result, allow_nan=False)


def test_the_worst_check_decides_and_every_reason_is_named():
    result = nuts(rhat=[1.02], divergent=400)
    assert result["verdict"] == "refuse"
    assert result["reasons"] == [
        "R-hat 1.02 is above 1.01",
        "share of divergent draws 0.1 is above 0",
    ]


def test_a_model_that_could_not_be_sampled_is_refused_with_the_reason():
    result = gates.refused("nuts", "initial point is impossible")
    assert result["verdict"] == "refuse"
    assert result["reasons"] == ["initial point is impossible"]
