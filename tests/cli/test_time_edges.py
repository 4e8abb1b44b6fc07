"""The edges of time: openings, deadlines, answers, days of 23 and 25 hours, 29 February."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from forecast.domain import start_of_day
from tests.cli.conftest import Run

NEW_YORK = ZoneInfo("America/New_York")
WINTER = """\
question: Will it snow?
timezone: America/New_York
opens: 2026-10-31
deadline: 2026-11-03
resolution_criteria: |
  As the weather service reports. Days in New York. Annulled if it closes.
reference_class: {name: such days, events: 3, exposure: 30 days, source: a count}
"""
SPRING = WINTER.replace("2026-10-31", "2026-03-07").replace("2026-11-03", "2026-03-10")
LEAP = WINTER.replace("2026-10-31", "2028-02-27").replace("2026-11-03", "2028-02-29")
AFTER = datetime(2028, 4, 1, tzinfo=UTC)


@pytest.fixture
def snow(book: Path) -> Path:
    """A book whose question opens on 31 October in New York; the clocks go back the next day."""
    (book / "snow.yaml").write_text(WINTER, encoding="utf-8")
    return book


def _local(month: int, day: int, hour: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=NEW_YORK)


def _says(run: Run, p: str, now: datetime) -> None:
    done = run("predict", "snow", p, now=now)
    assert done.code == 0, done.err


def _answer(run: Run, *words: str, now: datetime = AFTER) -> None:
    done = run("resolve", "snow", *words, "--source", "x", now=now)
    assert done.code == 0, done.err


def _score(run: Run, who: str = "ann") -> dict[str, float]:
    rows = json.loads(run("score", "snow", "--json", now=AFTER).out)
    return next((r for r in rows if r["forecaster"] == who and r["scope"] == "target"), {})


@pytest.mark.parametrize(
    ("text", "hours", "turn"),
    [(WINTER, 97, _local(11, 1)), (SPRING, 95, _local(3, 8))],
)
def test_a_day_on_which_the_clocks_turn_weighs_its_own_hours(
    run: Run, snow: Path, text: str, hours: int, turn: datetime
) -> None:
    """Two forecasts, the second from the end of that day on: two of four days, not of the time."""
    (snow / "snow.yaml").write_text(text, encoding="utf-8")
    day = timedelta(days=1)
    _says(run, ".2", turn - day)  # the opening, to the second
    _says(run, ".6", turn + day)  # wall time: the midnight after
    _answer(run, "no")
    row = _score(run)
    first = hours - 48
    assert row["coverage"] == pytest.approx(1)
    assert row["brier"] == pytest.approx((first * 0.04 + 48 * 0.36) / hours)


def test_days_survived_are_days_of_the_calendar_whatever_their_hours(run: Run, snow: Path) -> None:
    """The clock starts on the opening day: 3, 3 and 2 days are to come, as 0, 0 and 1 are over."""
    (snow / "snow.yaml").write_text(WINTER + "model: {family: base_rate}\n", encoding="utf-8")
    for noon, survived in ((_local(10, 31, 12), 0), (_local(11, 1, 12), 0), (_local(11, 2, 12), 1)):
        done = run("update", "snow", "--json", now=noon)
        assert json.loads(done.out)[0]["now"] == pytest.approx(_rate(survived), abs=2e-3)


def _rate(survived: int) -> float:
    """P(event by the third day | none so far): a rate ~ Gamma(3½, 30 days)."""
    return 1 - ((30 + survived) / 33) ** 3.5


def test_a_forecast_made_before_the_opening_counts_from_it(run: Run, snow: Path) -> None:
    _says(run, ".3", _local(10, 20))
    _answer(run, "no")
    assert _score(run)["coverage"] == pytest.approx(1)
    assert _score(run)["brier"] == pytest.approx(0.09)


def test_the_deadline_is_the_last_instant_of_its_day_there(run: Run, snow: Path) -> None:
    end = _local(11, 4)
    _says(run, ".3", end - timedelta(seconds=1))
    late = run("predict", "snow", ".4", now=end)
    assert late.code == 2 and "past its deadline" in late.err
    _answer(run, "no", now=end)
    assert _score(run)["coverage"] == pytest.approx(1 / (97 * 3600))


def test_a_forecast_that_spans_the_answer_is_cut_there_and_a_later_one_is_ignored(
    run: Run, snow: Path
) -> None:
    _says(run, ".3", _local(10, 31))
    _says(run, ".9", _local(11, 2, 18))  # after the event was known, before it was recorded
    _answer(run, "--happened", "2026-11-01", "--known", "2026-11-01", now=_local(11, 3))
    row = _score(run)
    assert row["coverage"] == pytest.approx(49 / 97)
    assert row["brier"] == pytest.approx(49 * 0.49 / 97)
    assert row["forecasts"] == 1


def test_a_withdrawn_forecast_scores_for_the_time_it_stood(run: Run, snow: Path) -> None:
    _says(run, ".3", _local(10, 31))
    assert run("withdraw", "snow", now=_local(11, 1)).code == 0
    _answer(run, "no")
    assert _score(run)["coverage"] == pytest.approx(24 / 97)


@pytest.mark.parametrize("void", ["annulled", "ambiguous"])
def test_what_is_void_scores_nothing(run: Run, snow: Path, void: str) -> None:
    _says(run, ".3", _local(10, 31))
    _answer(run, void)
    assert _score(run) == {}
    assert "1 annulled or ambiguous" in run("score", "snow", now=AFTER).out


def test_answers_given_again_or_taken_back_are_scored_anew(run: Run, snow: Path) -> None:
    _says(run, ".3", _local(10, 31))
    _answer(run, "no")
    assert _score(run)["brier"] == pytest.approx(0.09)
    _answer(run, "--happened", "2026-11-01", "--known", "2026-11-01")
    early = _score(run)
    assert early["answer"] == "yes" and early["brier"] == pytest.approx(49 * 0.49 / 97)
    _answer(run, "open")
    assert _score(run) == {}
    _answer(run, "annulled")
    assert _score(run) == {}
    _answer(run, "no")
    assert _score(run)["brier"] == pytest.approx(0.09)
    assert run("check", now=AFTER).code == 0
    assert run("verify", now=AFTER).code == 0


def test_29_february_is_a_day_like_any_other(run: Run, snow: Path) -> None:
    (snow / "snow.yaml").write_text(LEAP, encoding="utf-8")
    _says(run, ".3", _local(2, 27, year=2028))
    _says(run, ".1", _local(2, 29, year=2028))
    _answer(run, "--happened", "2028-02-29", now=_local(3, 2, year=2028))
    row = _score(run)
    assert row["coverage"] == pytest.approx(1)
    assert row["brier"] == pytest.approx((2 * 0.49 + 0.81) / 3)


def test_the_base_rate_rolls_down_at_each_midnight_there(run: Run, snow: Path) -> None:
    """Opening, 1, 2 and 3 November: with 3, 3, 2 and 1 days to come, as the clock starts then."""
    _says(run, ".3", _local(10, 31))
    _answer(run, "no")
    hours, rates = (24, 25, 24, 24), [_rate(survived) for survived in (0, 0, 1, 2)]
    rolled = sum(h * p * p for h, p in zip(hours, rates, strict=True)) / 97
    assert _score(run)["reference_brier"] == pytest.approx(rolled)


@pytest.mark.parametrize(
    ("day", "zone", "first"),
    [
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04T03:00:00+00:00"),  # no midnight
        (date(2026, 11, 1), "America/Havana", "2026-11-01T04:00:00+00:00"),  # two of them
        (date(2011, 12, 30), "Pacific/Apia", "2011-12-30T10:00:00+00:00"),  # no such day
        (date(2011, 12, 31), "Pacific/Apia", "2011-12-30T10:00:00+00:00"),
    ],
)
def test_a_day_begins_with_its_first_instant(day: date, zone: str, first: str) -> None:
    assert start_of_day(day, zone).isoformat() == first
