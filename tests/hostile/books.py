"""A book in which one text stands wherever a text may stand, and its record."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime
from pathlib import Path

from forecast.domain import Forecast, Kind, Target
from forecast.record.ledger import Ledger
from forecast.text import composed
from tests.hostile.texts import quoted

NOW = datetime(2022, 2, 18, 12, tzinfo=UTC)

FILES = {
    "book.yaml": "format: 1\ntitle: TEXT\n",
    "war.yaml": """\
question: TEXT
clock: 2021-11-01
opens: 2022-01-17
deadlines: [2022-03-01, 2022-07-01]
resolution_criteria: TEXT
background: TEXT
event: TEXT
tags: [TEXT]
reference_class:
  {name: TEXT, events: 6, cases: 75, exposure: 180 days, source: TEXT, why: TEXT}
headline: {pool: {hazard: .5, me: .5}}
models:
  hazard:
    family: hazard
    why: TEXT
    indicators:
      - {use: troops, hazard_ratio: [1.2, 3], per: 50000, baseline: 90000, why: TEXT}
      - {use: talks, hazard_ratio: 2, lasts: 60 days, why: TEXT}
""",
    "answered.yaml": """\
question: TEXT
opens: 2022-01-17
deadline: 2022-02-10
resolution_criteria: TEXT
event: TEXT
reference_class: {name: TEXT, events: 3, exposure: 365 days}
model: {family: base_rate, why: TEXT}
resolution: {answer: no, known_at: 2022-02-11, source: TEXT, note: TEXT}
""",
    "due.yaml": """\
question: TEXT
opens: 2022-01-17
deadline: 2022-02-12
resolution_criteria: TEXT
reference_class: {name: TEXT, events: 3, exposure: 365 days}
model: {family: base_rate}
""",
    "choice.yaml": """\
question: TEXT
type: multiple_choice
options: [TEXT, other, neither]
clock: 2021-11-01
opens: 2022-01-17
deadline: 2022-07-01
resolution_criteria: TEXT
tags: [TEXT]
model:
  family: competing_risks
  none: neither
  causes:
    TEXT: {question: war}
    other: {reference_class: {name: TEXT, events: 2, exposure: 1127 days, source: TEXT}}
""",
    "level.yaml": """\
question: TEXT
type: numeric
unit: TEXT
opens: 2022-01-17
deadline: 2022-07-01
timing: on
resolution_criteria: TEXT
model: {family: trend, series: rouble}
""",
    "indicators/troops.yaml": "title: TEXT\nkind: level\nunit: TEXT\nsource: TEXT\n"
    "stale_after: 3 days\n",
    "indicators/talks.yaml": "title: TEXT\nkind: event\nsource: TEXT\n",
    "indicators/rouble.yaml": "title: TEXT\nkind: level\nunit: TEXT\nevery: 1 day\n",
}
CROWD = ["date", "target", "probability", "forecaster", "question", "source", "note"]
HEADER = ["observed_on", "value", "by", "source", "note"]


def write(root: Path, text: str) -> Path:
    """Write the book with `text` in every field, and forecasts with it in every field of theirs."""
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content.replace("TEXT", quoted(text.strip())), encoding="utf-8")
    cell = "".join(c for c in text if c.isprintable())  # what a CSV may hold
    days = [date(2022, 1, day) for day in range(17, 31)]
    for name, value in (("troops", 100_000), ("talks", 1), ("rouble", 76.5)):
        rows = [[day, value + day.day, cell, cell, cell] for day in days]
        rows = [row for row in rows if name != "talks"] or [[days[0], 1, cell, cell, cell]]
        with (root / f"indicators/{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([HEADER, *rows])
    crowd = [["2022-01-20", "due", ".2", cell or "x", cell, cell, cell]]
    with (root / "crowd.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([CROWD, *crowd])
    Ledger(root).append(said(text), "ann")
    return root


def said(text: str) -> list[Forecast]:
    """Return forecasts of every question by three forecasters on two days, the text in each."""
    rung = Target("war", date(2022, 3, 1))
    chances = {composed(text.strip()): 0.2, "other": 0.3, "neither": 0.5}
    levels = {"0.05": 70.0, "0.5": 76.0, "0.95": 90.0}
    return [
        _forecast(target, who, value, text, day)
        for day in (1, 2)
        for who in ("ann", text, f"model/{text}")
        for target, value in (
            (rung, 0.2 + day / 10),
            (Target("answered"), 0.1),
            (Target("choice"), chances),
            (Target("level"), levels),
        )
    ]


def _forecast(target: Target, who: str, value: object, text: str, day: int) -> Forecast:
    return Forecast(
        target=target,
        forecaster=who,
        kind=Kind.LIVE,
        made_at=datetime(2022, 2, day, tzinfo=UTC),
        as_of=date(2022, 2, day),
        value=value,  # type: ignore[arg-type]
        gates={"reasons": [text]},
        rationale=text,
        detail={"note": text},
    )
