"""The whole way from a book's text files to the published number, held to exact values.

Every published number lies within .01 of the exact one and within four of its own stated errors,
and states an error of no more than .0025.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from forecast.book.load import load
from forecast.book.views import models_at, view
from forecast.domain import AsOf
from forecast.inference import engine
from forecast.inference.sampler import Sampler
from forecast.verbs.fitting import Fit, Request, fit, job
from tests.posterior_books import Case, on
from tests.posterior_cases import CASES

DIGITS = 2e-7  # to which exact numbers are written or integrated


def request(folder: Path, now: int) -> Request:
    """Return the request for the question `q` of the book in `folder` on day `now`."""
    book = load(folder)
    assert book.healthy, "\n".join(map(str, book.problems))
    question, as_of = book.questions["q"], AsOf.at(on(now), "UTC")
    (spec,) = models_at(question, as_of)
    return Request(spec, view(book, question, as_of))


def published(folder: Path, case: Case, sampler: Sampler = "auto") -> Fit:
    """Return the fit of a case from its text files."""
    case.write(folder)
    return fit([request(folder, case.now)], folder / "cache", sampler=sampler)[0]


def assert_exact(fitted: Fit, case: Case) -> None:
    exact, error = np.array(case.exact()), np.array(fitted.error)
    difference = np.abs(np.array(fitted.value) - exact)
    said = f"{fitted.value} ± {fitted.error} for {exact}"
    assert fitted.gates["verdict"] == "publish"
    assert (error <= 0.0025).all(), said
    assert (difference <= 0.01).all(), said
    assert (difference <= 4 * error + DIGITS).all(), said


@pytest.mark.parametrize("name", CASES)
def test_a_published_number_is_exact_within_its_error(tmp_path: Path, name: str) -> None:
    fitted = published(tmp_path, CASES[name])
    assert fitted.gates["sampler"] != "nuts"
    assert_exact(fitted, CASES[name])


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [
        "base_rate_of_cases",
        "hazard_of_two_indicators",
        "intent_moved_both_ways",
        "evidence_that_arrives",
        "competing_risks_of_questions",
    ],
)
def test_nuts_says_the_same(tmp_path: Path, name: str) -> None:
    fitted = published(tmp_path, CASES[name], "nuts")
    assert fitted.gates["sampler"] == "nuts"
    assert_exact(fitted, CASES[name])


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.means_it])
def test_whether_it_is_meant(tmp_path: Path, name: str) -> None:
    """P(means it | data), asked of the same model as an output of its own."""
    case = CASES[name]
    case.write(tmp_path)
    asked = replace(job(request(tmp_path, case.now)), output="means_it")
    (posterior,) = engine.fit([asked], sampler="fast")
    assert float(posterior.mean) == pytest.approx(case.means_it, abs=0.0025)
