"""Simulation-based calibration in its small form, and that it sees mistakes."""

from __future__ import annotations

import pytest

from forecast.families import cases as past
from forecast.families import conditional, hazard
from tests.calibrated import chance, ranks
from tests.simulations import SIMULATIONS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", SIMULATIONS)
def test_the_truth_is_anywhere_among_the_draws(name: str) -> None:
    found, verdicts = ranks(name, 60)
    assert verdicts["refuse"] <= 3, verdicts
    assert chance(found) > 0.01


def test_episodes_that_teach_the_opposite_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = hazard.learn
    monkeypatch.setattr(hazard, "learn", lambda base, ratio, x: right(base, -ratio, x))
    assert chance(ranks("hazard_with_episodes", 60, planted="/wrong")[0]) < 0.01


def test_a_ratio_of_the_wrong_sign_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = conditional._log_ratio
    monkeypatch.setattr(conditional, "_log_ratio", lambda *asked: -right(*asked))
    assert chance(ranks("conditional", 60, planted="/wrong")[0]) < 0.01


def test_cases_whose_outcomes_are_swapped_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    right = past._regression_data

    def swapped(*asked):
        numbers = right(*asked)
        return numbers | {"came": 1 - numbers["came"]}

    monkeypatch.setattr(past, "_regression_data", swapped)
    assert chance(ranks("cases", 60, planted="/wrong")[0]) < 0.01
