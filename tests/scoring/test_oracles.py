"""Agreement with nci/scores and model-diagnostics, also where it is awkward.

On ties, certainties, a single class and a single forecast.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from forecast.scoring import calibration, corp, crps, scores

pytestmark = pytest.mark.filterwarnings("ignore")  # theirs, at import and in use


def _ties(rng: np.random.Generator) -> Any:
    p = rng.random(300).round(1)
    return p, (rng.random(300) < 0.4).astype(float)


def _certain(rng: np.random.Generator) -> Any:
    p = rng.choice([0.0, 0.25, 1.0], 80)
    return p, (rng.random(80) < p).astype(float)


SAMPLES = {
    "distinct": lambda rng: (p := rng.random(400), (rng.random(400) < p).astype(float)),
    "ties": _ties,
    "at 0 and 1": _certain,
    "all yes": lambda rng: (rng.random(30), np.ones(30)),
    "all no": lambda rng: (rng.random(30), np.zeros(30)),
    "one": lambda rng: (np.array([0.3]), np.array([1.0])),
}


@pytest.fixture(params=SAMPLES)
def sample(request: pytest.FixtureRequest) -> dict[str, Any]:
    p, y = SAMPLES[request.param](np.random.default_rng(7))
    return {"probability": p, "outcome": y}


def test_brier_is_nci_s(sample: dict[str, Any]) -> None:
    import xarray as xr
    from scores.probability import brier_score

    said, came = (xr.DataArray(sample[name], dims="case") for name in ("probability", "outcome"))
    ours = scores.brier(**sample)
    np.testing.assert_allclose(ours.mean(), brier_score(said, came), rtol=0, atol=1e-12)
    each = brier_score(said, came, preserve_dims="all")
    np.testing.assert_allclose(ours, each, rtol=0, atol=1e-12)


def test_isotonic_curve_is_nci_s(sample: dict[str, Any]) -> None:
    from scores.continuous import isotonic_fit

    theirs = isotonic_fit(sample["probability"], sample["outcome"])
    ours = corp.reliability(**sample)
    np.testing.assert_allclose(ours.forecast, theirs["fcst_sorted"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours.fitted, theirs["regression_values"], rtol=0, atol=1e-9)


def test_auc_is_nci_s(sample: dict[str, Any]) -> None:
    import xarray as xr
    from scores.probability import roc_auc

    ours = calibration.auc(**sample).value
    if ours is None:
        return
    said, came = (xr.DataArray(sample[name], dims="case") for name in ("probability", "outcome"))
    np.testing.assert_allclose(ours, roc_auc(said, came), rtol=0, atol=1e-12)


@pytest.mark.parametrize("rule", ["brier", "log"])
def test_decomposition_is_model_diagnostics(sample: dict[str, Any], rule: Any) -> None:
    from model_diagnostics.scoring import LogLoss, SquaredError, decompose

    certain = np.isin(sample["probability"], (0, 1)).any()
    one_class = np.unique(sample["outcome"]).size == 1
    if sample["outcome"].size == 1 or (rule == "log" and (certain or one_class)):
        pytest.skip("theirs has no answer there")
    loss = {"brier": SquaredError(), "log": LogLoss()}[rule]
    table = decompose(sample["outcome"], sample["probability"], scoring_function=loss)
    theirs = table.row(0, named=True)
    ours = corp.reliability(**sample, score=rule)
    for name in ("miscalibration", "discrimination", "uncertainty", "score"):
        np.testing.assert_allclose(getattr(ours, name), theirs[name], rtol=0, atol=1e-9)


def test_crps_of_draws_is_nci_s() -> None:
    import xarray as xr
    from scores.probability import crps_for_ensemble

    rng = np.random.default_rng(8)
    draws, came = rng.integers(0, 9, (60, 15)).astype(float), rng.integers(0, 9, 60).astype(float)
    made = xr.DataArray(draws, dims=("case", "member")), xr.DataArray(came, dims="case")
    for method, fair in (("ecdf", False), ("fair", True)):
        theirs = crps_for_ensemble(*made, "member", method=method, preserve_dims="all")
        ours = crps.crps_samples(samples=draws, outcome=came, fair=fair)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-12)
