"""A book of hazard questions for the benchmarks: five indicators, sixty days and more ahead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

CLOCK = date(2021, 11, 1)


def write(folder: Path, questions: int, indicators: int = 5) -> None:
    """Write a book of so many questions, each with `indicators` events of its own dates."""
    (folder / "indicators").mkdir(parents=True)
    (folder / "book.yaml").write_text("format: 1\ntitle: Hazards\ntimezone: UTC\n", "utf-8")
    rng = np.random.default_rng(1)
    for number in range(questions):
        name = f"q{number:03}"
        (folder / f"{name}.yaml").write_text(_question(name, indicators, rng), "utf-8")
        for k in range(indicators):
            _write_indicator(folder / "indicators", f"{name}-i{k}", rng)


def requests(folder: Path, cutoffs: int, first: int = 20) -> Iterator[object]:
    """Yield a request for each question at each of so many days, the first `first` in."""
    from forecast.book.load import load
    from forecast.book.views import models_at, view
    from forecast.domain import AsOf
    from forecast.verbs.fitting import Request

    book = load(folder)
    assert book.healthy, "\n".join(map(str, book.problems))
    for question in book.questions.values():
        for day in range(first, first + cutoffs):
            as_of = AsOf.at(CLOCK + timedelta(days=day), "UTC")
            (spec,) = models_at(question, as_of)
            yield Request(replace(spec), view(book, question, as_of))


def _question(name: str, indicators: int, rng: np.random.Generator) -> str:
    uses = "".join(
        f"    - {{use: {name}-i{k}, hazard_ratio: [1.1, {rng.uniform(1.5, 3):.2f}], "
        "lasts: 40 days}\n"
        for k in range(indicators)
    )
    return (
        f"question: Will {name} come?\nclock: {CLOCK}\nopens: {CLOCK}\n"
        f"deadline: {CLOCK + timedelta(days=125)}\n"
        "resolution_criteria: As the gazette reports, in UTC; annulled if it closes.\n"
        f"reference_class: {{name: cases, events: {rng.integers(2, 20)}, cases: 75, "
        "exposure: 180 days}\n"
        f"model:\n  family: hazard\n  indicators:\n{uses}"
    )


def _write_indicator(folder: Path, name: str, rng: np.random.Generator) -> None:
    days = sorted(int(day) for day in rng.choice(np.arange(1, 120), 4, replace=False))
    rows = "".join(f"{CLOCK + timedelta(days=day)},the gazette\n" for day in days)
    said = f"title: {name}\nsource: the gazette\nkind: event\n"
    (folder / f"{name}.yaml").write_text(said, "utf-8")
    (folder / f"{name}.csv").write_text(f"observed_on,source\n{rows}", "utf-8")
