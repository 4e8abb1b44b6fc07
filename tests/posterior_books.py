"""Small books written from a model's text, each with the exact answer its question has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from inspect import cleandoc
from pathlib import Path
from textwrap import indent

CLOCK = date(2021, 11, 1)
CRISES = "reference_class: {name: crises, events: 6, cases: 75, exposure: 180 days}"


@dataclass(frozen=True)
class Case:
    """A question in a book of its own, and its exact answer.

    `exact` returns the values; `means_it` is the exact probability of intent's hypothesis.
    """

    model: str
    exact: Callable[[], list[float]]
    now: int
    rungs: tuple[int, ...]
    head: str
    files: Mapping[str, str]
    means_it: float | None

    def write(self, folder: Path) -> None:
        """Write the book, its question `q`."""
        book = {"book.yaml": "format: 1\ntitle: Exact\ntimezone: UTC\n"}
        asked = {"q.yaml": question(self.model, self.rungs, self.head)}
        for name, text in (book | asked | dict(self.files)).items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")


CASES: dict[str, Case] = {}


def case(
    events: Mapping[str, tuple[int, ...]] | None = None,
    *,
    now: int = 77,
    rungs: tuple[int, ...] = (120,),
    head: str = CRISES,
    files: Mapping[str, str] | None = None,
    means_it: float | None = None,
) -> Callable[[Callable[[], list[float]]], Callable[[], list[float]]]:
    """Register a function as a case; `head` is the question's other text."""
    written = dict(files or {})
    for indicator_id, days in (events or {}).items():
        written |= event(indicator_id, *days)

    def register(function: Callable[[], list[float]]) -> Callable[[], list[float]]:
        model, name = cleandoc(function.__doc__ or ""), function.__name__
        CASES[name] = Case(model, function, now, rungs, head, written, means_it)
        return function

    return register


def on(day: int) -> date:
    """Return the date of day t = `day`."""
    return CLOCK + timedelta(days=day)


def question(model: str, rungs: tuple[int, ...], head: str, clock: int = 0) -> str:
    """Return a question's file."""
    lines = [
        "question: Will it?",
        f"clock: {on(clock)}",
        f"opens: {on(clock)}",
        f"deadlines: [{', '.join(str(on(rung)) for rung in rungs)}]",
        "resolution_criteria: As the gazette reports, in UTC; annulled if it closes.",
        head,
        f"model:\n{indent(model, '  ')}\n",
    ]
    return "\n".join(lines)


def event(name: str, *days: int) -> dict[str, str]:
    """Return the two files of an event indicator that happened on these days."""
    return indicator(name, "kind: event", "observed_on", *(str(on(day)) for day in days))


def indicator(name: str, kind: str, columns: str, *rows: str) -> dict[str, str]:
    """Return the two files of an indicator."""
    table = "".join(f"{row},the gazette\n" for row in rows)
    return {
        f"indicators/{name}.yaml": f"title: {name}\nsource: the gazette\n{kind}\n",
        f"indicators/{name}.csv": f"{columns},source\n{table}",
    }
