"""Every family in small: calibrated, caught in planted mistakes, held to NUTS, and refused in time.

In full: `python -m tests.truth.calibration`, `.against_nuts` and `.pathologies`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from forecast.inference.posterior import Posterior
from tests.truth import against_nuts, pathologies
from tests.truth.against_nuts import Compared, compare, of_the_edges
from tests.truth.calibration import calibrate, within_band
from tests.truth.mistakes import MISTAKES
from tests.truth.pathologies import PATHOLOGIES, posterior
from tests.truth.stories import STORIES

SURE = 0.999  # seeds are fixed: a band is left by a mistake, not by luck
SLOW = {"trend_of_a_level": 30, "trend_of_a_count": 40, "intent": 80} | dict.fromkeys(
    ("evidence_of_a_state", "evidence_that_arrives"), 40
)


def test_bands_hold_what_is_uniform_and_nothing_else() -> None:
    rng = np.random.default_rng(5)
    assert within_band(rng.random(200), SURE)
    assert not within_band(rng.beta(1.4, 1, 200), SURE)
    assert not within_band(rng.beta(2, 2, 200), SURE)


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("name", STORIES)
def test_a_family_is_calibrated(name: str) -> None:
    ranks = calibrate(STORIES[name], SLOW.get(name, 100))
    assert ranks.refused <= 0.05 * ranks.worlds
    assert [quantity for quantity, inside in ranks.verdicts(SURE).items() if not inside] == []


@pytest.mark.slow
@pytest.mark.unmeasured
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_caught(name: str) -> None:
    mistake = MISTAKES[name]
    ranks = calibrate(mistake.story, mistake.worlds, asked=mistake.job)
    assert not all(ranks.verdicts(SURE).values())


@pytest.mark.slow
@pytest.mark.unmeasured
def test_the_fast_path_agrees_with_nuts() -> None:
    for done in compare(islice(of_the_edges(), 0, None, 9)):
        assert done.fast.verdict == "publish", done.name
        assert done.long.verdict != "refuse", done.name
        assert done.apart <= 4, done.name
        assert np.max(done.fast.mcse) <= 0.0025, done.name


@pytest.mark.parametrize("name", ["separation_under_a_flat_prior", "improper", "missing_reading"])
def test_nuts_refuses_what_it_cannot_start_on(name: str) -> None:
    found = posterior(name, "nuts")
    assert (found.sampler, found.verdict) == ("nuts", "refuse")
    assert "flat or undefined" in found.gates["reasons"][0]


@pytest.mark.parametrize(("status", "code"), [("publish", 0), ("refuse", 1)])
def test_the_command_leaves_with_1_where_a_pathology_is_not_as_stated(
    monkeypatch: pytest.MonkeyPatch, status: str, code: int
) -> None:
    name = next(name for name, case in PATHOLOGIES.items() if case.status == case.fast == "publish")
    stated = replace(PATHOLOGIES[name], status=status)
    monkeypatch.setattr(pathologies, "PATHOLOGIES", {name: stated})
    assert pathologies.main() == code


def _said(mean: float, verdict: str) -> Posterior:
    gates = {"verdict": verdict, "reasons": []}
    return Posterior("nuts", "p", {}, None, np.array([mean]), np.array([0.001]), gates)


@pytest.mark.parametrize(
    ("verdict", "code", "said"),
    [("refuse", 0, "1 refused by NUTS, 0 wrong"), ("publish", 1, "0 refused by NUTS, 1 wrong")],
)
def test_nothing_is_held_to_a_run_that_nuts_refused(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    verdict: str,
    code: int,
    said: str,
) -> None:
    done = Compared("far apart", _said(0.2, "publish"), _said(0.9, verdict))
    monkeypatch.setattr(against_nuts, "compare", lambda _: iter([done]))
    assert against_nuts.main() == code
    assert said in capsys.readouterr().out


@pytest.mark.slow
def test_nuts_starts_from_every_mode() -> None:
    """Chains around one of two labellings would agree with each other, and be wrong."""
    found = posterior("labels_exchanged", "nuts")
    assert found.verdict == "refuse"
    assert "R-hat" in found.gates["reasons"][0]


def test_there_are_pathologies_enough() -> None:
    assert len(PATHOLOGIES) >= 20
    assert sum(case.status == "publish" for case in PATHOLOGIES.values()) >= 10


@pytest.mark.parametrize("name", PATHOLOGIES)
def test_a_pathology_has_its_status(name: str) -> None:
    case, found = PATHOLOGIES[name], posterior(name, "fast")
    assert found.verdict == case.fast, found.gates["reasons"]
    if found.verdict == "publish":
        assert case.exact is not None, "published past what it should have been refused for"
        exact, error = case.exact(), float(np.max(found.mcse))
        assert float(np.ravel(found.mean)[0]) == pytest.approx(exact, abs=4 * error + 1e-6)
    else:
        assert found.gates["reasons"]
