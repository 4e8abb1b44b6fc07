"""The small form of `python -m tests.hostile.lookahead`, and proof that it would see a leak."""

from __future__ import annotations

import copy
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from forecast.book import views
from forecast.book.load import load
from forecast.book.views import models_at, view
from forecast.domain import AsOf, Observation
from forecast.verbs.fitting import Request, fit
from tests.hostile.lookahead import compare
from tests.hostile.worlds import CLOCK, ZONE, World, with_oracle, world


@pytest.mark.slow
@pytest.mark.unmeasured
def test_what_became_known_later_changes_nothing() -> None:
    result = compare(20, 10, fitted=(7, 2))
    assert not result.differences, "\n".join(result.differences[:5])
    assert result.views == 20 * 10 * 3
    assert result.fits > 5
    assert result.largest <= 1e-9


def test_a_reading_that_comes_too_early_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AsOf, "sees", lambda *_: True)
    assert compare(2, 4).differences


def test_a_correction_that_comes_too_early_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def corrected(indicator: views.Indicator, as_of: AsOf, zone: str) -> views.Indicator:
        replaced = {each.corrects for each in indicator.observations}
        seen = [o for o in indicator.observations if as_of.sees(o.known_on)]
        return views.replace(
            indicator, observations=tuple(o for o in seen if o.row not in replaced)
        )

    monkeypatch.setattr(views, "seen", corrected)
    assert compare(6, 6).differences


def test_a_thought_that_comes_too_early_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "models_at", lambda question, *_: question.models)
    monkeypatch.setattr("tests.hostile.lookahead.models_at", lambda question, *_: question.models)
    assert compare(6, 6).differences


KNOWN = 60  # the day on which the oracle speaks


def chances(made: World, day: int, folder: Path) -> tuple[float, ...]:
    book = load(made.write(folder))
    question = book.questions["asked"]
    as_of = AsOf.at(CLOCK + timedelta(days=day), ZONE)
    (spec,) = models_at(question, as_of)
    (made_of,) = fit([Request(spec, view(book, question, as_of))], folder / "cache", sampler="fast")
    assert not made_of.refused
    return made_of.value


@pytest.mark.slow
@pytest.mark.parametrize("day", [31, KNOWN - 1])
def test_an_oracle_helps_nobody_before_it_was_known(tmp_path: Path, day: int) -> None:
    """An indicator that is the answer, observed a month before anybody knew of it."""
    told = with_oracle(world(Random(1)), KNOWN)
    untold = copy.deepcopy(told)
    untold.tables["oracle"] = []
    before = chances(told, day, tmp_path / "told")
    assert before == pytest.approx(chances(untold, day, tmp_path / "untold"), abs=1e-9)


@pytest.mark.slow
def test_an_oracle_helps_once_it_is_known(tmp_path: Path) -> None:
    told = with_oracle(world(Random(1)), KNOWN)
    untold = copy.deepcopy(told)
    untold.tables["oracle"] = []
    after = chances(told, KNOWN, tmp_path / "told")
    assert after[0] > 5 * chances(untold, KNOWN, tmp_path / "untold")[0]


def test_an_oracle_is_no_part_of_a_view_before_it_was_known(tmp_path: Path) -> None:
    book = load(with_oracle(world(Random(1)), KNOWN).write(tmp_path))

    def seen(day: int) -> tuple[Observation, ...]:
        as_of = AsOf.at(CLOCK + timedelta(days=day), ZONE)
        return view(book, book.questions["asked"], as_of).readings("oracle")

    assert not seen(KNOWN - 1)
    assert seen(KNOWN)
