"""The one rule of time.

A date means the whole of that day in the question's time zone, so a knowledge date D is the end
of D and a deadline includes its day. Days up to D have been survived; D+1 … deadline lie ahead.
A live knowledge date is today up to now: what is known today counts, but today is not survived yet.
What is known by a date is visible on that date; what is known at an instant, from that instant on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

type Known = date | datetime
"""When something became known: a day, or an aware instant."""

FIRST_YEAR, LAST_YEAR = (
    1500,
    2999,
)  # of any day, so that no arithmetic with days leaves the calendar


@lru_cache(maxsize=1 << 14)
def start_of_day(day: date, zone: str) -> datetime:
    """Return the first instant of `day` in `zone`, in UTC.

    >>> start_of_day(date(2022, 3, 1), "Europe/Kyiv").isoformat()
    '2022-02-28T22:00:00+00:00'
    """
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def end_of_day(day: date, zone: str) -> datetime:
    """Return the instant at which `day` is over in `zone`, in UTC.

    >>> end_of_day(date(2022, 3, 1), "UTC").isoformat()
    '2022-03-02T00:00:00+00:00'
    """
    return start_of_day(day + timedelta(days=1), zone)


def midnights(first: date, count: int, zone: str) -> list[float]:
    """Return the first instants of `count` days from `first` on in `zone`, in POSIX seconds.

    >>> midnights(date(2022, 12, 31), 2, "UTC")
    [1672444800.0, 1672531200.0]
    """
    found: list[float] = []
    since, year = (first - date(first.year, 1, 1)).days, first.year
    while len(found) < count:
        found += _midnights(year, zone)[since : since + count - len(found)]
        since, year = 0, year + 1
    return found


@cache
def _midnights(year: int, zone: str) -> list[float]:
    days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    return [start_of_day(date(year, 1, 1) + timedelta(n), zone).timestamp() for n in range(days)]


def known_instant(known: Known, zone: str) -> datetime:
    """Return the instant from which `known` may be used: a day's end, or the instant itself."""
    return known.astimezone(UTC) if isinstance(known, datetime) else end_of_day(known, zone)


def local_day(known: Known, zone: str) -> date:
    """Return the day, in `zone`, on which something became known.

    >>> local_day(datetime(2022, 2, 23, 23, tzinfo=UTC), "Europe/Kyiv")
    datetime.date(2022, 2, 24)
    """
    return known.astimezone(ZoneInfo(zone)).date() if isinstance(known, datetime) else known


@dataclass(frozen=True, slots=True)
class AsOf:
    """A knowledge date: everything known by then, nothing later.

    `day` is the last day whose knowledge counts, in the question's zone; `instant` is the aware UTC
    instant up to which timed knowledge counts; `live` says whether it is now rather than a replay.
    """

    day: date
    instant: datetime
    live: bool = False

    @classmethod
    def at(cls, day: date, zone: str) -> AsOf:
        """Return the end of `day` in `zone`."""
        return cls(day, end_of_day(day, zone))

    @classmethod
    def now(cls, now: datetime, zone: str) -> AsOf:
        """Return the live knowledge date: today in `zone`, up to the aware instant `now`."""
        return cls(now.astimezone(ZoneInfo(zone)).date(), now.astimezone(UTC), live=True)

    @property
    def over(self) -> date:
        """The last day that is over, and so survived: `day`, or yesterday while `day` still runs.

        >>> str(AsOf.at(date(2022, 3, 1), "UTC").over)
        '2022-03-01'
        >>> str(AsOf.now(datetime(2022, 3, 1, 9, tzinfo=UTC), "UTC").over)
        '2022-02-28'
        """
        return self.day - timedelta(days=1) if self.live else self.day

    def sees(self, known: Known) -> bool:
        """Say whether something known at `known` may be used.

        >>> AsOf.at(date(2022, 2, 18), "UTC").sees(date(2022, 2, 18))
        True
        >>> AsOf.at(date(2022, 2, 18), "UTC").sees(date(2022, 2, 19))
        False
        """
        if isinstance(known, datetime):
            return known.astimezone(UTC) <= self.instant
        return known <= self.day
