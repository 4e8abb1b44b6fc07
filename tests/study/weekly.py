"""Is `trend` calibrated? Weekly questions of real series, forecast walking forward, and scored.

    python -m tests.study.weekly --choose   # 2007 to 2014: which window, 624 fits
    python -m tests.study.weekly --full --picture weekly.png    # 2015 to 2021, once: 3,700 fits

A fit takes about .2 s of one core: 2 minutes to choose, 12 to report. With `--keep FOLDER` the
books stay there with all that was fitted, and a run that was stopped goes on.

Every week asks for the number a week ahead and whether it will be above thresholds at preset
quantiles of what earlier weeks did. The questions are written as files and go the way of every
question: loaded, seen as of their day, fitted, kept as backtests, scored by `forecast.scoring`.

The window is chosen on weeks that end by 2014 and stands in `WINDOW` before anything later is
looked at. Counts of ceasefire violations have too short a past for a choice: they take the same.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import islice
from pathlib import Path

from tests.study.markdown import table
from tests.study.picture import draw
from tests.study.said import ask
from tests.study.tables import crps_rows
from tests.study.weeks import EUR_USD, USD_RUB, VIOLATIONS

WINDOWS = (60, 125, 250)
WINDOW = 60
CHOSEN_ON = date(2007, 1, 1), date(2014, 12, 31)
REPORTED = {
    "eur-usd": (EUR_USD, date(2015, 1, 1), date(2021, 12, 31)),
    "usd-rub": (USD_RUB, date(2015, 1, 1), date(2021, 12, 31)),
    "ceasefire-violations": (VIOLATIONS, date(2021, 10, 1), date(2022, 2, 23)),
}


def main() -> None:
    """Choose, or report."""
    parser = argparse.ArgumentParser(description=__doc__)
    doing = parser.add_mutually_exclusive_group(required=True)
    doing.add_argument("--choose", action="store_true", help="compare windows on 2007 to 2014")
    doing.add_argument("--full", action="store_true", help="report 2015 to 2021 and the violations")
    parser.add_argument("--picture", type=Path, help="with --full: a PNG of the curves")
    parser.add_argument(
        "--series", choices=list(REPORTED), action="append", help="with --full: only these"
    )
    parser.add_argument(
        "--keep", type=Path, help="folder for the books, so that a stop loses little"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = asked.keep or Path(scratch)
        series = asked.series or list(REPORTED)
        lines = choice(folder) if asked.choose else report(folder, series, asked.picture)
        for line in lines:
            print(line, flush=True)


def choice(folder: Path, every: int = 4) -> Iterator[str]:
    """Yield the mean CRPS of each window on every fourth week of the earlier years."""
    yield "| series | window | weeks | CRPS | walk |"
    yield "|---|---|---|---|---|"
    for series in (EUR_USD, USD_RUB):
        weeks = list(islice(series.weeks(*CHOSEN_ON), 0, None, every))
        for window in WINDOWS:
            said = ask(series, weeks, window, folder, quantiles=(), progress=_tell)
            model, walk, _ = crps_rows(said.levels)
            means = f"{model.mean.mean:.5f} | {walk.mean.mean:.5f}"
            yield f"| {series.name} | {window} | {len(said.levels)} | {means} |"


def report(folder: Path, names: Iterable[str], picture: Path | None = None) -> Iterator[str]:
    """Yield the study's tables, series by series, and draw their curves."""
    chances = {}
    for name in names:
        series, start, end = REPORTED[name]
        weeks = list(series.weeks(start, end))
        said = ask(series, weeks, WINDOW, folder, progress=_tell)
        chances[name] = said.chances
        yield from table(series, weeks, said)
    if picture is not None:
        draw(chances, picture)


def _tell(done: int, total: int) -> None:
    """Say on a terminal how far the fits are."""
    if sys.stderr.isatty():
        print(f"\r{done} of {total} fits", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
