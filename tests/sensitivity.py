"""How much hangs on the elicited intervals: the invasion replayed with all halved and doubled.

Run `python -m tests.sensitivity` to write notebooks/sensitivity.md anew. The book is only read.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from forecast.book.load import Book, load
from forecast.book.views import models_at, view
from forecast.domain import AsOf, ModelSpec
from forecast.families.fields import Interval
from forecast.families.options import FamilyOptions
from forecast.verbs.backtest import cutoffs
from forecast.verbs.fitting import Fit, Request, fit

ROOT = Path(__file__).parents[1]
QUESTION = "ukraine-invasion"
DAYS = cutoffs(date(2021, 12, 1), date(2022, 2, 23), 7)
RUNGS = (date(2022, 3, 1), date(2022, 12, 31))
WIDTHS = {"as elicited": 1.0, "halved": 0.5, "doubled": 2.0}
HOW = """\
# The invasion replayed with every interval halved and doubled

Written by `python -m tests.sensitivity`: the published probability of `ukraine-invasion` by the end
of each rung, replayed weekly with only what was known then, under each of its models three times:
with every 80% interval as elicited, half as wide and twice as wide. Hazard ratios and times
(waiting and reporting) are scaled on the log scale about their geometric middle, `p_if_yes` and
`p_if_no` on the logit scale about the middle there, on which none can leave its allowed range;
base rates, correlations and exact numbers stay. The largest Monte Carlo error is {error}.
"""


@dataclass(frozen=True)
class Scale:
    """A scale on which intervals are widened: the way there and back."""

    there: Callable[[float], float]
    back: Callable[[float], float]

    def widened(self, interval: Interval, width: float) -> Interval:
        """Return the interval, `width` times as wide about its middle on this scale."""
        low, high = self.there(interval.low), self.there(interval.high)
        middle, half = (low + high) / 2, width * (high - low) / 2
        return Interval(self.back(middle - half), self.back(middle + half))


LOG = Scale(math.log, math.exp)
LOGIT = Scale(lambda p: math.log(p / (1 - p)), lambda x: 1 / (1 + math.exp(-x)))
SCALES = {"hazard_ratio": LOG, "expected_within": LOG, "p_if_yes": LOGIT, "p_if_no": LOGIT}


def widened(options: FamilyOptions, width: float) -> FamilyOptions:
    """Return a model's options with all its 80% intervals `width` times as wide."""
    changed: dict[str, Any] = {
        "indicators": tuple(_widened_use(use, width) for use in options.indicators)
    }
    if (waiting := getattr(options, "waiting", None)) is not None:
        interval = LOG.widened(waiting.interval, width)
        changed["waiting"] = waiting.model_copy(update={"interval": interval})
    return options.model_copy(update=changed)


def _widened_use(use: Any, width: float) -> Any:
    found = {name: (getattr(use, name, None), scale) for name, scale in SCALES.items()}
    return use.model_copy(
        update={
            name: scale.widened(interval, width)
            for name, (interval, scale) in found.items()
            if interval is not None and not interval.exact
        }
    )


def replay(book: Book, model: str, width: float, cache: Path) -> list[Fit]:
    """Return the fit of one model on each of `DAYS`, its intervals `width` times as wide."""
    return fit([_request(book, model, width, day) for day in DAYS], cache)


def _request(book: Book, model: str, width: float, day: date) -> Request:
    question = book.questions[QUESTION]
    as_of = AsOf.at(day, question.zone)
    spec = next(spec for spec in models_at(question, as_of) if spec.name == model)
    return Request(_respecified(spec, width), view(book, question, as_of))


def _respecified(spec: ModelSpec, width: float) -> ModelSpec:
    if width == 1:
        return spec
    return replace(spec, options=widened(spec.options, width), digest=f"{spec.digest} x {width:g}")


def tables(book: Book, cache: Path) -> Iterator[tuple[str, dict[str, list[Fit]]]]:
    """Yield each model's name and, for each width, its fits."""
    for spec in book.questions[QUESTION].models:
        yield spec.name, {how: replay(book, spec.name, w, cache) for how, w in WIDTHS.items()}


def page(book: Book, cache: Path) -> str:
    """Return the whole page."""
    made = dict(tables(book, cache))
    every = [each for fits in made.values() for found in fits.values() for each in found]
    refused = [each for each in every if each.refused]
    assert not refused, refused[0].gates
    worst = max(error for each in every for error in each.error)
    parts = [f"## {name}\n\n{_table(book, fits)}" for name, fits in made.items()]
    return "\n".join([HOW.format(error=_decimal(worst, 4)), *parts])


def _table(book: Book, fits: dict[str, list[Fit]]) -> str:
    places = [book.questions[QUESTION].deadlines.index(rung) for rung in RUNGS]
    head = ["date", *(f"by {rung}, {how}" for rung in RUNGS for how in WIDTHS)]
    lines = [head, ["---", *("--:" for _ in head[1:])]]
    for row, day in enumerate(DAYS):
        numbers = [_decimal(fits[how][row].value[at]) for at in places for how in WIDTHS]
        lines.append([str(day), *numbers])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _decimal(number: float, digits: int = 3) -> str:
    return f"{number:.{digits}f}".removeprefix("0")


def main() -> None:
    """Write the page."""
    book = load(ROOT / "questions")
    assert book.healthy, book.problems
    with tempfile.TemporaryDirectory() as cache:
        text = page(book, Path(cache))
    path = ROOT / "notebooks" / "sensitivity.md"
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
