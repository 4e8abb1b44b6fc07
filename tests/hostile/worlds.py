"""Small books made at random, and the same books as they would stand had later days gone otherwise.

A world is what its files say: questions as data, readings as rows. Whether something was known by a
moment is decided here by plain comparison, apart from the program's own rule of time.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

ZONE = "Europe/Kyiv"
CLOCK = date(2022, 1, 1)
SPAN = 100  # days after the clock on which anything happens
PAST = ("case", "outcome", "begins", "ends", "known_on", "troops")
HEADER = ("observed_on", "known_on", "value", "low", "high", "days", "by", "note", "corrects")
CRISES = {"name": "crises", "events": 6, "cases": 75, "exposure": "180 days"}
TRUCES = {"name": "truces", "events": 3, "exposure": "1127 days"}

type Row = dict[str, Any]


@dataclass(frozen=True)
class Cutoff:
    """A moment up to which everything stays: the end of a day, or an instant of it."""

    day: date
    instant: datetime | None = None  # in UTC; None: the whole day

    def later(self, known: str) -> bool:
        """Say whether what became known at `known`, a day or an instant, came after."""
        if "T" not in known:
            return date.fromisoformat(known) > self.day
        end = datetime.combine(self.day + timedelta(days=1), time.min, ZoneInfo(ZONE))
        return datetime.fromisoformat(known) > (self.instant or end)


@dataclass
class World:
    """What the files of a book say; a row that is gone leaves an empty line."""

    questions: dict[str, dict[str, Any]] = field(default_factory=dict)
    indicators: dict[str, dict[str, Any]] = field(default_factory=dict)
    tables: dict[str, list[Row | None]] = field(default_factory=dict)
    cases: list[Row] = field(default_factory=list)

    def write(self, root: Path) -> Path:
        """Write the book's files."""
        (root / "indicators").mkdir(parents=True, exist_ok=True)
        (root / "book.yaml").write_text(f"format: 1\ntimezone: {ZONE}\n", encoding="utf-8")
        for name, content in self.questions.items():
            (root / f"{name}.yaml").write_text(json.dumps(content), encoding="utf-8")
        for name, content in self.indicators.items():
            (root / f"indicators/{name}.yaml").write_text(json.dumps(content), encoding="utf-8")
        for name, rows in self.tables.items():
            lines = [",".join(HEADER), *(_line(row) for row in rows)]
            text = "\n".join(lines) + "\n"
            (root / f"indicators/{name}.csv").write_text(text, encoding="utf-8")
        past = [",".join(PAST), *(",".join(str(row[name]) for name in PAST) for row in self.cases)]
        (root / "past.csv").write_text("\n".join(past) + "\n", encoding="utf-8")
        return root


def _line(row: Row | None) -> str:
    return "" if row is None else ",".join(str(row.get(name, "")) for name in HEADER)


def on(day: int) -> str:
    """Return the day so many after the clock's."""
    return str(CLOCK + timedelta(days=day))


# Making


def world(random: Random) -> World:
    """Return a book of a question, what it hangs on, and a bystander."""
    made = World()
    for name, kind in (("troops", "level"), ("talks", "event"), ("shots", "count")):
        made.indicators[name] = {"title": name, "kind": kind, "stale_after": 9}
        made.tables[name] = _rows(random, kind)
    made.indicators["series"] = {"title": "s", "kind": "level", "every": 1}
    made.tables["series"] = [_daily(random, day) for day in range(-20, SPAN)]
    made.cases = [_case(random, number) for number in range(24)]
    family = random.choice(sorted(FAMILIES))
    made.questions["asked"] = _question(random) | FAMILIES[family](random)
    made.questions["war"] = _question(random) | _hazard(random)
    made.questions["bystander"] = _question(random) | {"model": {"family": "base_rate"}}
    return made


def _case(random: Random, number: int) -> Row:
    """Return a past case that ended before the clock or since, and became known then or later."""
    end = random.randrange(-400, 0) if number < 14 else random.randrange(SPAN)
    known = on(end + random.choice((0, 1, 30)))
    outcome = random.choice(("yes", "no"))
    seen = random.randrange(50, 200)
    row = {"case": f"c{number}", "outcome": outcome, "begins": on(end - 60), "ends": on(end)}
    return row | {"known_on": known, "troops": seen}


def _question(random: Random) -> dict[str, Any]:
    first = random.randrange(40, SPAN)
    question: dict[str, Any] = {
        "question": "Will it?",
        "clock": on(0),
        "opens": on(random.randrange(1, 20)),
        "deadlines": [on(first), on(first + random.randrange(1, 90))],
        "resolution_criteria": "As the office says; annulled if it closes.",
        "reference_class": CRISES,
    }
    if random.random() < 0.6:
        happened = random.randrange(25, first)
        question["resolution"] = [_came(random, happened)]
        if random.random() < 0.3:
            again = {"answer": "annulled", "known_at": _known(random, happened + 9), "source": "s"}
            question["resolution"].append(again)
    return question


def _came(random: Random, day: int) -> dict[str, Any]:
    known = _known(random, day)
    return {"answer": "yes", "happened_on": on(day), "known_at": known, "source": "s"}


def _known(random: Random, day: int) -> str:
    """Return when something of a day became known: some days later, or at an hour of that day."""
    lag = random.choice((0, 0, 1, 3, 20))
    if random.random() < 0.6:
        return on(day + lag)
    hour = random.randrange(3, 21)  # of the same day in any of Europe's zones
    return f"{on(day + lag)}T{hour:02}:00+00:00"


def _rows(random: Random, kind: str) -> list[Row | None]:
    rows: list[Row | None] = []
    for _ in range(random.randrange(3, 14)):
        day = random.randrange(-10, SPAN)
        corrected = random.choice(range(len(rows))) if rows and random.random() < 0.2 else None
        rows.append(_reading(random, kind, day))
        if corrected is not None and _may_correct(rows, corrected):
            rows[-1]["corrects"] = corrected + 2  # type: ignore[index]
    return rows


def _may_correct(rows: list[Row | None], corrected: int) -> bool:
    """A row is corrected once, by what became known on a later day."""
    old, new = rows[corrected], rows[-1]
    assert old is not None
    assert new is not None
    taken = any(row and row.get("corrects") == corrected + 2 for row in rows)
    return not taken and new["known_on"][:10] > old["known_on"][:10]


def _reading(random: Random, kind: str, day: int) -> Row:
    row: Row = {"observed_on": on(day), "known_on": _known(random, day), "by": random.choice("ab")}
    if kind == "level" and random.random() < 0.3:
        low = random.randrange(50, 150)
        return row | {"low": low, "high": low + random.randrange(1, 60)}
    if kind == "count":
        row["days"] = random.choice((1, 7))
    return row | {"value": 1 if kind == "event" else random.randrange(1, 250)}


def _daily(random: Random, day: int) -> Row:
    return {"observed_on": on(day), "known_on": on(day), "value": round(random.uniform(70, 80), 2)}


def _level(random: Random) -> dict[str, Any]:
    use = {"use": "troops", "hazard_ratio": [1.2, 3], "per": 50, "baseline": 90}
    return use | {"ahead": random.choice(("hold", "drift", {"fade": "30 days"}))}


def _event(random: Random) -> dict[str, Any]:
    return {"use": "talks", "hazard_ratio": 2, "lasts": f"{random.randrange(10, 90)} days"}


def _elicited(random: Random, uses: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let some be thought of only later."""
    late = {"elicited_on": on(random.randrange(SPAN))}
    return [use | (late if random.random() < 0.3 else {}) for use in uses]


def _hazard(random: Random) -> dict[str, Any]:
    count = {"use": "shots", "hazard_ratio": [0.8, 1.6], "per": 10, "baseline": 5}
    uses = _elicited(random, [_level(random), _event(random), count])
    models: dict[str, Any] = {"hazard": {"family": "hazard", "indicators": uses}}
    if random.random() < 0.4:
        models["hazard"]["episodes"] = [_episode(random, number) for number in range(4)]
    if random.random() < 0.5:
        models["late"] = {"family": "base_rate", "elicited_on": on(random.randrange(SPAN))}
    return {"models": models}


def _episode(random: Random, number: int) -> dict[str, Any]:
    case = _case(random, 14 + number)
    told = {key: case[key] for key in ("begins", "ends", "outcome", "known_on")}
    return {"name": case["case"], "readings": {"troops": random.randrange(50, 200)}, **told}


def _taught(random: Random) -> dict[str, Any]:
    model = {"family": "hazard", "indicators": [_level(random)], "episodes_from": "past"}
    return {"model": model}


def _regression(random: Random) -> dict[str, Any]:
    model = {"family": "cases", "cases": "past", "exposure": "60 days"}
    return {"model": model | {"indicators": [{"use": "troops"}]}}


def _intent(random: Random) -> dict[str, Any]:
    waiting = {"interval": ["14 days", "150 days"], "shape": "lognormal"}
    heard = {"use": "talks", "moves": "intent", "p_if_yes": [0.6, 0.95], "p_if_no": 0.3}
    timing = _level(random) | {"moves": "timing"}
    uses = _elicited(random, [heard, timing])
    return {"model": {"family": "intent", "waiting": waiting, "indicators": uses}}


def _evidence(random: Random) -> dict[str, Any]:
    report = {"use": "talks", "p_if_yes": 0.8, "p_if_no": [0.1, 0.4]}
    report |= {"expected_within": ["7 days", "60 days"]} if random.random() < 0.5 else {}
    arrives = {"interval": ["1 month", "9 months"], "shape": "lognormal"}
    model = {"family": "evidence", "prior": [0.1, 0.4], "arrives": arrives}
    return {"model": model | {"indicators": _elicited(random, [report])}}


def _race(random: Random) -> dict[str, Any]:
    causes = {"war": {"question": "war"}, "truce": {"reference_class": TRUCES}}
    model = {"family": "competing_risks", "none": "neither", "causes": causes}
    question = {"type": "multiple_choice", "options": ["war", "truce", "neither"], "model": model}
    return question | {"deadlines": [on(SPAN)], "resolution": _answers(random, "truce")}


def _conditional(random: Random) -> dict[str, Any]:
    model = {"family": "conditional", "given": {"question": "war"}, "after": {"hazard_ratio": 9}}
    return {"model": model | {"indicators": _elicited(random, [_event(random)])}}


def _trend(random: Random) -> dict[str, Any]:
    question: dict[str, Any] = {"type": "numeric", "unit": "x", "timing": "on"}
    question |= {"deadlines": [on(SPAN + 5)], "resolution": _answers(random, "75.5")}
    return question | {"model": {"family": "trend", "series": "series"}}


def _answers(random: Random, answer: str) -> list[dict[str, Any]]:
    day = random.randrange(25, SPAN)
    return [{"answer": answer, "known_at": _known(random, day), "source": "s"}]


FAMILIES: dict[str, Callable[[Random], dict[str, Any]]] = {
    "hazard": _hazard,
    "episodes": _taught,
    "cases": _regression,
    "intent": _intent,
    "evidence": _evidence,
    "competing_risks": _race,
    "conditional": _conditional,
    "trend": _trend,
    "base_rate": lambda random: {"model": {"family": "base_rate"}},
}


# Changing what came later


def otherwise(known: World, cutoff: Cutoff, random: Random) -> World:
    """Return the world with everything that came after the cutoff scrambled, removed or revised."""
    world = copy.deepcopy(known)
    for name, rows in world.tables.items():
        kind = world.indicators[name]["kind"]
        world.tables[name] = _rewritten(rows, kind, cutoff, random)
    kept = [row for row in world.cases if not cutoff.later(row["known_on"])]
    gone = [row for row in world.cases if cutoff.later(row["known_on"])]
    world.cases = [*kept, *(_ended_otherwise(row, random) for row in gone if random.random() < 0.6)]
    for question in world.questions.values():
        _answer_otherwise(question, cutoff, random)
        _think_otherwise(question, cutoff, random)
    return world


def _ended_otherwise(row: Row, random: Random) -> Row:
    return row | {"outcome": random.choice(("yes", "no")), "troops": random.randrange(50, 200)}


def _rewritten(
    rows: list[Row | None], kind: str, cutoff: Cutoff, random: Random
) -> list[Row | None]:
    changed = [_fate(row, kind, cutoff, random) for row in rows]
    for place, row in enumerate(rows):  # what stood may be revised later on
        revised = any(r and r.get("corrects") == place + 2 for r in changed)
        if row and changed[place] is row and not revised and random.random() < 0.3:
            new = _reading(random, kind, 0) | {"observed_on": row["observed_on"]}
            changed.append(new | {"known_on": _after(cutoff, random), "corrects": place + 2})
    for _ in range(random.randrange(3)):
        day = random.randrange(-10, (cutoff.day - CLOCK).days + 1)
        changed.append(_reading(random, kind, day) | {"known_on": _after(cutoff, random)})
    return changed


def _fate(row: Row | None, kind: str, cutoff: Cutoff, random: Random) -> Row | None:
    if row is None or not cutoff.later(row["known_on"]):
        return row
    if random.random() < 0.4:
        return None
    new = _reading(random, kind, (cutoff.day - CLOCK).days - random.randrange(9))
    return new | {"known_on": _after(cutoff, random)}


def _after(cutoff: Cutoff, random: Random) -> str:
    if cutoff.instant and random.random() < 0.5:
        return (cutoff.instant + timedelta(seconds=random.choice((1, 3600)))).isoformat()
    return str(cutoff.day + timedelta(days=random.choice((1, 1, 5, 90))))


def _answer_otherwise(question: dict[str, Any], cutoff: Cutoff, random: Random) -> None:
    entries = question.get("resolution", [])
    kept = [each for each in entries if not cutoff.later(each["known_at"])]
    if random.random() < 0.7:
        word = {"multiple_choice": "war", "numeric": "1"}.get(question.get("type", ""), "no")
        word = random.choice((word, "annulled", "ambiguous"))
        kept.append({"answer": word, "known_at": _after(cutoff, random), "source": "later"})
    question["resolution"] = kept
    if not kept:
        del question["resolution"]


def _think_otherwise(question: dict[str, Any], cutoff: Cutoff, random: Random) -> None:
    """Change what was elicited later: its numbers, or whether it was at all."""
    models = question.get("models") or {"model": question["model"]}
    for name, model in list(models.items()):
        if "elicited_on" in model and cutoff.later(model["elicited_on"]):
            models[name] = {"family": "hazard", "elicited_on": model["elicited_on"]}
        for episode in model.get("episodes", []):
            if cutoff.later(episode["known_on"]):
                episode["outcome"] = random.choice(("yes", "no"))
        uses = model.get("indicators", [])
        later = [use for use in uses if cutoff.later(use.get("elicited_on", on(-99)))]
        for use in later:
            number = "hazard_ratio" if "hazard_ratio" in use else "p_if_yes"
            use[number] = round(random.uniform(0.2, 0.9), 3)
            read = "troops" if model.get("episodes") else ""  # what episodes say must be of use
            if use["use"] != read and random.random() < 0.3:
                uses.remove(use)
    if "bystander" in question["question"]:
        question["background"] = str(random.random())


def with_oracle(known: World, answer_known: int) -> World:
    """Return a hazard question with an indicator that tells the answer, once it is known."""
    world = copy.deepcopy(known)
    world.indicators["oracle"] = {"title": "the answer", "kind": "event"}
    late = on(answer_known)
    row = {"observed_on": on(answer_known - 30), "known_on": late, "value": 1}
    world.tables["oracle"] = [row]
    use = {"use": "oracle", "hazard_ratio": 1000, "lasts": "1 year", "ahead": "hold"}
    model = {"family": "hazard", "indicators": [use]}
    world.questions["asked"] = _quiet_question() | {"model": model}
    return world


def _quiet_question() -> dict[str, Any]:
    asked = _question(Random(1))
    asked.pop("resolution", None)
    return asked | {"deadlines": [on(90), on(150)], "opens": on(1)}


def moments(random: Random, number: int) -> list[Cutoff]:
    """Return moments across the span: ends of days, and hours of others."""
    found = []
    for place in range(number):
        day = CLOCK + timedelta(days=round(place * (SPAN + 5) / number))
        hour = datetime.combine(day, time(random.randrange(4, 21), 30), UTC)
        found.append(Cutoff(day, hour if place % 2 else None))
    return found
