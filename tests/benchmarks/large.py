"""A large book for benchmarks: questions that were answered, and their forecasts in a record."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from forecast.record.lines import VERSION, decode

QUESTION = """\
question: Will number {number} come?
opens: {opens}
deadline: {deadline}
resolution_criteria: |
  Yes if it comes. Source: the numbers office. Days in UTC. Annulled if it closes.
reference_class:
  name: numbers like it
  events: 6
  cases: 75
  exposure: {exposure} days
  source: a count
model:
  family: base_rate
resolution:
  - answer: {answer}
    known_at: {known}
    source: the numbers office
"""
DAYS = 100
WHY = "as long as a forecaster's reason may well be, so that a line has its usual length"


def write(root: Path, questions: int, forecasts: int) -> None:
    """Write a book of `questions`, three in ten answered yes early, with `forecasts` in all."""
    luck = random.Random(0)
    root.mkdir(parents=True)
    (root / "book.yaml").write_text("format: 1\ntitle: Large\ntimezone: UTC\n", encoding="utf-8")
    for number in range(questions):
        name, opens = f"number-{number:06}", date(2024, 1, 1) + timedelta(number % 300)
        yes = luck.random() < 0.3
        text = QUESTION.format(
            number=number,
            opens=opens,
            deadline=opens + timedelta(DAYS),
            exposure=luck.choice(range(100, 300)),
            answer="yes" if yes else "no",
            known=opens + timedelta(luck.randrange(1, DAYS) if yes else DAYS),
        )
        (root / f"{name}.yaml").write_text(text, encoding="utf-8")
        folder = root / "record" / name
        folder.mkdir(parents=True)
        lines = list(_lines(name, opens, forecasts // questions, luck))
        (folder / "ann.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    decode(lines[0])  # says if these are no lines of a record


def _lines(name: str, opens: date, count: int, luck: random.Random) -> Iterator[bytes]:
    begun = datetime(opens.year, opens.month, opens.day, 12, tzinfo=UTC)
    prev = None
    for seq in range(1, count + 1):
        at = begun + timedelta(days=DAYS * (seq - 1) / count)
        p = round(luck.uniform(0.01, 0.99), 6)
        members = {
            "v": VERSION,
            "kind": "live",
            "question": name,
            "target": name,
            "forecaster": "ann",
            "made_at": at.replace(tzinfo=None).isoformat() + "Z",
            "as_of": at.date().isoformat(),
            "value": p,
            "interval": [round(p / 2, 6), round((1 + p) / 2, 6)],
            "digests": {"model": "a" * 64, "question": "b" * 64, "view": "c" * 64},
            "seed": None,
            "gates": {},
            "rationale": WHY,
            "detail": {},
            "writer": "ann",
            "seq": seq,
            "prev": prev,
        }
        prev = sha256(_canonical(members)).hexdigest()
        yield _canonical({**members, "hash": prev})


def _canonical(members: dict[str, object]) -> bytes:
    """The bytes of `canonical` for members without whole or very small floats, but faster."""
    return json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
