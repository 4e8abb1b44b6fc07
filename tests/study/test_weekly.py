"""The study in small: what enters a week was known then, and all goes the way of every question."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from forecast.scoring.crps import crps_lognormal
from forecast.verbs import fitting
from forecast.verbs.fitting import Fit, Request
from tests.study import weeks as weeks_module
from tests.study.books import chance_id, threshold, write_book
from tests.study.markdown import table
from tests.study.picture import draw
from tests.study.said import LEVELS, MODEL, PAST, WALK, ask, beyond, walked
from tests.study.tables import brier_rows, calibrated, covered, crps_rows
from tests.study.weeks import EUR_USD, USD_RUB, VIOLATIONS, Reading, Series, Walk

SPRING = date(2015, 1, 1), date(2015, 6, 30)


def test_weeks_begin_and_end_on_their_day_and_take_the_last_fixing() -> None:
    weeks = list(EUR_USD.weeks(*SPRING))
    assert {week.begins.weekday() for week in weeks} == {4}
    assert [week.ends for week in weeks[:-1]] == [week.begins for week in weeks[1:]]
    fixed = {reading.day: reading.value for reading in EUR_USD.readings()}
    by_day = {week.ends: week.answer for week in weeks}
    assert by_day[date(2015, 3, 27)] == fixed[date(2015, 3, 27)]
    assert by_day[date(2015, 4, 3)] == fixed[date(2015, 4, 2)]  # Good Friday


@pytest.mark.parametrize("series", [EUR_USD, USD_RUB, VIOLATIONS], ids=lambda s: s.name)
def test_nothing_after_its_beginning_enters_a_week(
    series: Series, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = date(2021, 11, 1)
    week = next(series.weeks(start, start + timedelta(days=30)))
    readings = series.readings()

    def forged(_: Series) -> list[Reading]:
        return [r if r.known <= week.begins else Reading(r.day, 1.0, r.known) for r in readings]

    monkeypatch.setattr(Series, "readings", forged)
    again = next(series.weeks(start, start + timedelta(days=30)))
    assert (again.begins, again.past, again.walk) == (week.begins, week.past, week.walk)
    assert again.answer == 1.0


def test_thresholds_lie_where_they_should(tmp_path: Path) -> None:
    week = next(EUR_USD.weeks(*SPRING))
    above = [sum(v > threshold(EUR_USD, week, q) for v in week.past) for q in (0.1, 0.9)]
    assert above == pytest.approx([0.9 * len(week.past), 0.1 * len(week.past)], abs=2)
    write_book(tmp_path, EUR_USD, [week], 60)
    text = (tmp_path / f"{chance_id(week, 0.9)}.yaml").read_text(encoding="utf-8")
    assert f"events: {above[1]}\n" in text
    assert "answer: no" in text


def test_the_walk_is_a_lognormal() -> None:
    walk = Walk(last=1.2, spread=0.02, shift=0.0)
    for level in (0.05, 0.5, 0.9):
        assert beyond(walk, walked(walk, level)) == pytest.approx(1 - level)
    exact = crps_lognormal(meanlog=np.log(1.2), sdlog=0.02, outcome=1.19)
    from forecast.scoring.crps import crps_quantiles

    said = [walked(walk, level) for level in LEVELS]
    assert crps_quantiles(quantiles=said, levels=LEVELS, outcome=1.19) == pytest.approx(
        exact, rel=0.05
    )


def test_a_model_that_says_what_the_walk_says_scores_what_it_scores(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weeks = list(EUR_USD.weeks(*SPRING))
    walks = {week.begins: week.walk for week in weeks}

    def walking(requests: list[Request], *_: object) -> list[Fit]:
        return [_walked(request, walks[request.view.question.opens]) for request in requests]

    monkeypatch.setattr(fitting, "_compute", walking)
    said = ask(EUR_USD, weeks, 60, tmp_path)
    assert (len(said.chances), len(said.levels), said.refused) == (4 * len(weeks), len(weeks), 0)
    for rows in (brier_rows(said.chances), crps_rows(said.levels)):
        by = {row.forecaster: row.mean.mean for row in rows}
        assert by[MODEL] == pytest.approx(by[WALK], abs=1e-6)
        assert by[PAST] != by[WALK]
    assert covered(said.levels, MODEL) == covered(said.levels, WALK)
    assert calibrated(said.chances, WALK, resamples=20).curve.count == len(said.chances)
    draw({"eur-usd": said.chances}, tmp_path / "curves.png")
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert sum(line.startswith("| trend |") for line in table(EUR_USD, weeks, said)) == 2


def _walked(request: Request, walk: Walk) -> Fit:
    if request.numeric:
        values = tuple(walked(walk, level) for level in LEVELS)
    else:
        values = (beyond(walk, request.spec.options.above),)
    return Fit(values, values, values, (0.0,) * len(values))


@pytest.mark.slow
def test_trend_is_asked_for_real(tmp_path: Path) -> None:
    weeks = list(weeks_module.EUR_USD.weeks(date(2012, 1, 1), date(2012, 1, 31)))
    said = ask(EUR_USD, weeks, 60, tmp_path, quantiles=(0.25, 0.75))
    assert said.refused == 0
    assert all(c.said[MODEL] == pytest.approx(c.said[WALK], abs=0.2) for c in said.chances)
