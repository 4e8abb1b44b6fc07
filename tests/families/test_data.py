"""What a family says of its numbers is what its model holds, number by number."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast.book.load import load
from forecast.book.views import models_at, view
from forecast.domain import AsOf
from forecast.families import FAMILIES, get
from forecast.families.clock import survival_data
from forecast.families.data import held
from forecast.families.hazard import Hazard
from tests.posterior_cases import CASES
from tests.test_posteriors import request

BOOK = Path(__file__).parents[2] / "questions"


def assert_same(said: dict[str, Any], model: Any) -> None:
    containers = held(model)
    assert set(said) == set(containers)
    for name, value in said.items():
        np.testing.assert_array_equal(value, containers[name])


@pytest.mark.parametrize("name", CASES)
def test_the_numbers_of_the_exact_cases(tmp_path: Path, name: str) -> None:
    CASES[name].write(tmp_path)
    asked = request(tmp_path, CASES[name].now)
    family, options = get(asked.spec.family), asked.spec.options
    assert_same(family.data(options, asked.view), family.build(options, asked.view))


def test_the_numbers_of_the_bundled_book() -> None:
    book, as_of, seen = load(BOOK), AsOf.at(date(2022, 2, 18), "UTC"), set()
    for question in book.questions.values():
        for spec in models_at(question, as_of):
            family, known = get(spec.family), view(book, question, as_of)
            seen.add(spec.family)
            assert_same(family.data(spec.options, known), family.build(spec.options, known))
    assert {"hazard", "intent", "trend", "competing_risks"} <= seen <= set(FAMILIES)


def test_a_timed_family_that_does_not_say_its_numbers_is_built(tmp_path: Path) -> None:
    """As one that came before numbers could be said, or a plug-in that does not trouble to."""

    class Silent:
        survival_curve = Hazard.survival_curve

    case = CASES["hazard_of_two_indicators"]
    case.write(tmp_path)
    asked = request(tmp_path, case.now)
    said = survival_data(get("hazard"), asked.spec.options, asked.view)
    built = survival_data(Silent(), asked.spec.options, asked.view)
    assert set(said) == set(built)
    for name, value in said.items():
        np.testing.assert_array_equal(value, built[name])
