"""The notebook's way in: a book as an object whose results are DataFrames and pictures.

>>> import forecast
>>> book = forecast.open("questions")            # doctest: +SKIP
>>> update = book.update(as_of="2022-02-18")     # doctest: +SKIP
>>> update.frame()                               # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast import rows
from forecast.domain import Question
from forecast.rows import Rows
from forecast.verbs.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from forecast.verbs.fitting import Sampler

type Day = date | str


def open_book(path: Path | str | None = None, *, now: datetime | None = None) -> Book:
    """Open the book at `path` (or the one FORECAST_BOOK names, here, ./questions, or above).

    Raises UsageError where there is none.
    """
    return Book(Workspace.open(path, now=now))


@dataclass(frozen=True)
class Result:
    """What a verb found: its `report`, the same rows the command prints, and the same screen."""

    report: Any
    _rows: Callable[[Any], Rows]
    _screen: Callable[[Any], Any]

    def frame(self) -> pd.DataFrame:
        """Return the rows of `--json` and `--csv` as a DataFrame."""
        return rows.to_frame(self._rows(self.report))

    def __rich__(self) -> Any:
        return self._screen(self.report)

    def _repr_html_(self) -> str:
        return str(self.frame().to_html(index=False, na_rep="", float_format="{:.3f}".format))

    def __repr__(self) -> str:
        return f"<{type(self.report).__name__}: {len(self._rows(self.report).records)} rows>"


class Book:
    """A book of questions; `book["id"]` is a question, and the verbs are methods."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def __getitem__(self, name: str) -> Question:
        return self.workspace.question(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.workspace.book.questions)

    def __len__(self) -> int:
        return len(self.workspace.book.questions)

    def __repr__(self) -> str:
        book = self.workspace.book
        broken = sum(not p.advice for p in book.problems)
        state = f", {broken} problems" if broken else ""
        return f"<Book {book.title!r}: {len(self)} questions{state}>"

    def update(
        self,
        *ids: str,
        as_of: Day | None = None,
        sampler: Sampler = "auto",
        dry_run: bool = False,
        hindsight: bool = False,
    ) -> Result:
        """Forecast as of now, or of a past day; see `forecast update --help`."""
        from forecast.render.updates import update_screen
        from forecast.verbs.update import update

        report = update(
            self.workspace,
            ids,
            day=_day(as_of),
            sampler=sampler,
            dry_run=dry_run,
            hindsight=hindsight,
        )
        return Result(report, rows.update_rows, update_screen)

    def backtest(
        self,
        *ids: str,
        start: Day,
        end: Day,
        every: int = 7,
        sampler: Sampler = "auto",
        hindsight: bool = False,
    ) -> Result:
        """Replay the book every so many days; see `forecast backtest --help`."""
        from forecast.render.backtests import backtest_screen
        from forecast.verbs.backtest import backtest

        first, last = _day(start), _day(end)
        assert first is not None
        assert last is not None
        report = backtest(
            self.workspace,
            ids,
            start=first,
            end=last,
            every=every,
            sampler=sampler,
            hindsight=hindsight,
        )
        return Result(report, rows.backtest_rows, backtest_screen)

    def show(self, name: str, *, as_of: Day | None = None, hindsight: bool = False) -> Result:
        """Return one question whole, with its history as rows."""
        from forecast.render.show import show_screen
        from forecast.verbs.show import show

        report = show(self.workspace, name, day=_day(as_of), hindsight=hindsight)
        return Result(report, rows.show_rows, show_screen)

    def score(self, *ids: str, as_of: Day | None = None, hindsight: bool = False) -> Result:
        """Score resolved questions beside their base rate."""
        from forecast.render.scores import score_screen
        from forecast.verbs.score import score

        report = score(self.workspace, ids, day=_day(as_of), hindsight=hindsight)
        return Result(report, rows.score_rows, score_screen)

    def calibration(
        self, *ids: str, as_of: Day | None = None, forecaster: str | None = None
    ) -> Result:
        """Read one snapshot a question and judge the stated chances."""
        from forecast.render.calibration import calibration_screen
        from forecast.verbs.calibration import calibration

        report = calibration(self.workspace, ids, day=_day(as_of), forecaster=forecaster)
        return Result(report, rows.calibration_rows, calibration_screen)

    def record(self) -> pd.DataFrame:
        """Return every line of the record as a DataFrame."""
        return rows.to_frame(rows.record_rows(self.workspace.ledger.entries()))

    def model(self, name: str, model: str | None = None, *, as_of: Day | None = None) -> Any:
        """Return the ordinary PyMC model of a question at a date, for any use of your own."""
        from forecast.verbs.fitting import job

        return job(self._request(name, model, as_of)).model

    def posterior(
        self,
        name: str,
        model: str | None = None,
        *,
        as_of: Day | None = None,
        sampler: Sampler = "auto",
    ) -> Any:
        """Return the posterior of a question's model: draws, diagnostics, `tree()` for ArviZ."""
        from forecast.inference.engine import fit
        from forecast.verbs.fitting import job

        return fit([job(self._request(name, model, as_of))], sampler=sampler)[0]

    def _request(self, name: str, model: str | None, as_of: Day | None) -> Any:
        from forecast.errors import UsageError
        from forecast.verbs.forecasting import requests

        question = self[name]
        found = requests(self.workspace, question, self.workspace.as_of(question, _day(as_of)))
        for request in found:
            if model in (None, request.spec.name):
                return request
        known = ", ".join(request.spec.name for request in found) or "none at that date"
        raise UsageError(f"{name} has no model {model or 'that could speak'}", f"it has {known}")


def _day(day: Day | None) -> date | None:
    return date.fromisoformat(day) if isinstance(day, str) else day
