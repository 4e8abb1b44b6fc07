"""Past cases that are known one by one: what was seen in each, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from forecast.domain.times import Known

type Seen = float | tuple[tuple[date, float], ...]
"""What was seen: one number that stood all along, or numbers by the day from which they stood."""


@dataclass(frozen=True, slots=True)
class PastCase:
    """One case: `outcome` says whether the event came, `known_on` when that was known.

    `seen` holds what was seen, by indicator or feature; what is not there was not looked at. An
    episode `begins` and `ends` on days: it was at risk from the day after the first to the last,
    which is the day of the event if it came. Cases of one `group` are more alike than others. `row`
    is the line in the CSV, 0 where the case stands in the question's file.
    """

    name: str
    outcome: bool
    known_on: Known
    seen: Mapping[str, Seen] = field(default_factory=dict)
    begins: date | None = None
    ends: date | None = None
    group: str = ""
    source: str = ""
    note: str = ""
    row: int = 0
