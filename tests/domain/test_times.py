"""The one rule of time, at its edges: what is known when, and which days are over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest

from forecast.domain import AsOf
from forecast.domain.times import end_of_day, known_instant, local_day, midnights, start_of_day

KYIV = "Europe/Kyiv"
DAY = date(2022, 2, 18)
NOON = datetime(2022, 2, 18, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
WEST = timezone(timedelta(hours=-8))


def test_a_replayed_day_is_over_and_a_live_one_is_not() -> None:
    replay, live = AsOf.at(DAY, KYIV), AsOf.now(NOON, KYIV)
    assert (replay.live, replay.over) == (False, DAY)
    assert (live.live, live.day, live.over) == (True, DAY, DAY - timedelta(days=1))
    assert (replay.instant, live.instant) == (end_of_day(DAY, KYIV), NOON)


def test_now_is_the_day_it_is_there() -> None:
    late = datetime(2022, 2, 18, 23, tzinfo=UTC)
    assert AsOf.now(late, KYIV).day == DAY + timedelta(days=1)
    assert AsOf.now(late.astimezone(WEST), "UTC") == AsOf.now(late, "UTC")


@pytest.mark.parametrize("as_of", [AsOf.at(DAY, KYIV), AsOf.now(NOON, KYIV)], ids=["day", "now"])
def test_what_was_known_by_then_is_seen_and_nothing_later(as_of: AsOf) -> None:
    assert as_of.sees(DAY)
    assert not as_of.sees(DAY + timedelta(days=1))
    assert as_of.sees(as_of.instant)
    assert as_of.sees(as_of.instant.astimezone(WEST))
    assert not as_of.sees(as_of.instant + SECOND)
    assert not as_of.sees((as_of.instant + SECOND).astimezone(WEST))


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        ("2022-03-01", "2022-02-28T22:00", "2022-03-01T22:00"),
        ("2022-03-27", "2022-03-26T22:00", "2022-03-27T21:00"),  # an hour is left out
        ("2022-10-30", "2022-10-29T21:00", "2022-10-30T22:00"),  # an hour comes twice
    ],
)
def test_a_day_runs_from_midnight_to_midnight_there(day: str, start: str, end: str) -> None:
    asked = date.fromisoformat(day)
    assert start_of_day(asked, KYIV).isoformat() == f"{start}:00+00:00"
    assert end_of_day(asked, KYIV).isoformat() == f"{end}:00+00:00"


def test_an_instant_is_of_the_day_it_was_there() -> None:
    late = datetime(2022, 2, 23, 23, tzinfo=UTC)
    assert local_day(late, KYIV) == date(2022, 2, 24)
    assert local_day(late.astimezone(WEST), KYIV) == date(2022, 2, 24)


def test_a_day_is_known_from_its_end_and_an_instant_from_itself() -> None:
    assert known_instant(DAY, KYIV) == end_of_day(DAY, KYIV)
    assert known_instant(NOON.astimezone(WEST), KYIV) == NOON
    assert known_instant(NOON.astimezone(WEST), KYIV).tzinfo is UTC
    assert (local_day(DAY, KYIV), local_day(NOON, KYIV)) == (DAY, DAY)


@pytest.mark.parametrize("zone", ["UTC", KYIV, "America/New_York", "Pacific/Apia"])
def test_midnights_are_the_starts_of_days_over_years_and_changes_of_the_clock(zone: str) -> None:
    first = date(2019, 12, 30)
    found = midnights(first, 800, zone)
    days = [first + timedelta(days=n) for n in range(800)]
    assert found == [start_of_day(day, zone).timestamp() for day in days]
    assert all(before < after for before, after in pairwise(found))


def test_no_midnights_are_none() -> None:
    assert midnights(DAY, 0, "UTC") == []
