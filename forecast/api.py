"""The notebook's way in: a book as an object whose results are DataFrames and pictures.

>>> import forecast
>>> from forecast.verbs.init import example_book
>>> book = forecast.open(example_book())
>>> len(book), "donbas-truce" in book, book["ukraine-invasion"].opens
(10, True, datetime.date(2022, 1, 17))

Files are read once: open the book again to see what has changed in them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from forecast import rows
from forecast.domain import Question
from forecast.errors import UsageError
from forecast.results import Result
from forecast.text import clean, plural
from forecast.verbs.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd
    import pymc as pm

    from forecast.inference.posterior import Posterior
    from forecast.inference.sampler import Sampler
    from forecast.verbs.fitting import Request

type Day = date | str
"""A day: a date, a datetime's date, or text written YYYY-MM-DD."""


def open_book(path: Path | str | None = None, *, now: datetime | None = None) -> Book:
    """Open the book at `path` (or the one FORECAST_BOOK names, here, ./questions, or above).

    `now` is an aware instant at which everything is to happen, instead of when it does. Raises
    UsageError where there is no book.
    """
    return Book(Workspace.open(path, now=now), now=now)


class Book:
    """A book of questions; `book["id"]` is a question, and the verbs are methods.

    Days are dates or text: `book.show("ukraine-invasion", as_of="2022-02-18")`. Every method raises
    UsageError for an unknown question or a day that has not come.
    """

    def __init__(self, workspace: Workspace, *, now: datetime | None = None) -> None:
        self._book = workspace.book
        self._now = now

    @property
    def workspace(self) -> Workspace:
        """The book with its record, at the present instant: a notebook may stay open for days."""
        return Workspace(self._book.root, self._now or datetime.now(UTC), self._book)

    def __getitem__(self, name: str) -> Question:
        return self.workspace.question(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._book.questions)

    def __len__(self) -> int:
        return len(self._book.questions)

    def __contains__(self, name: object) -> bool:
        return name in self._book.questions

    def __repr__(self) -> str:
        broken = sum(not problem.advice for problem in self._book.problems)
        state = f", {plural(broken, 'problem')}" if broken else ""
        return f"<Book {self._book.title!r}: {plural(len(self), 'question')}{state}>"

    def _repr_html_(self) -> str:
        return self.list()._repr_html_()

    def list(
        self,
        *ids: str,
        as_of: Day | None = None,
        due: bool = False,
        tags: tuple[str, ...] = (),
        status: str | None = None,
    ) -> Result:
        """Return every target with its status, number and answer.

        >>> from forecast.verbs.init import example_book
        >>> open_book(example_book()).list("cuba-venezuela").frame()["status"].tolist()
        ['resolved']
        """
        from forecast.render.listing import list_screen
        from forecast.verbs.listing import listing

        lines = listing(self.workspace, ids, day=_past(as_of), due=due, tags=tags, status=status)
        return Result(lines, rows.list_rows(lines), lambda found: list_screen(found, due=due))

    def update(
        self,
        *ids: str,
        as_of: Day | None = None,
        sampler: Sampler = "auto",
        dry_run: bool = False,
        hindsight: bool = False,
    ) -> Result:
        """Forecast as of now, which goes into the record, or of a past day, which does not.

        >>> book = open_book("questions")                           # doctest: +SKIP
        >>> book.update("ukraine-invasion", as_of="2022-02-18")     # doctest: +SKIP
        <UpdateReport: 8 rows>
        """
        from forecast.render.updates import update_screen
        from forecast.verbs.update import update

        report = update(
            self.workspace,
            ids,
            day=_past(as_of),
            sampler=sampler,
            dry_run=dry_run,
            hindsight=hindsight,
        )
        return Result(report, rows.update_rows(report), update_screen)

    def backtest(
        self,
        *ids: str,
        start: Day,
        end: Day,
        every: int = 7,
        sampler: Sampler = "auto",
        hindsight: bool = False,
        movers: bool = False,
    ) -> Result:
        """Replay the book every so many days; with `movers` say what moved each number (slow).

        >>> book = open_book("questions")                           # doctest: +SKIP
        >>> book.backtest(start="2022-01-17", end="2022-03-01")     # doctest: +SKIP
        """
        from forecast.render.backtests import backtest_screen
        from forecast.verbs.backtest import backtest

        report = backtest(
            self.workspace,
            ids,
            start=_day(start),
            end=_day(end),
            every=every,
            sampler=sampler,
            hindsight=hindsight,
            attribute=movers,
        )
        return Result(report, rows.backtest_rows(report), backtest_screen)

    def show(self, name: str, *, as_of: Day | None = None, hindsight: bool = False) -> Result:
        """Return one question whole, with its history as rows."""
        from forecast.render.show import show_screen
        from forecast.verbs.show import show

        report = show(self.workspace, name, day=_past(as_of), hindsight=hindsight)
        return Result(report, rows.show_rows(report), show_screen)

    def explain(
        self,
        name: str,
        *,
        as_of: Day | None = None,
        since: Day | None = None,
        model: str | None = None,
    ) -> Result:
        """Take a number apart: base rate, time passing, each indicator; or since an earlier day.

        >>> book.explain("ukraine-invasion", as_of="2022-02-18")    # doctest: +SKIP
        """
        from forecast.render.explain import explain_screen
        from forecast.verbs.explain import explain

        report = explain(self.workspace, name, day=_past(as_of), since=_past(since), model=model)
        return Result(report, rows.explain_rows(report), explain_screen)

    def whatif(
        self, name: str, *readings: str, as_of: Day | None = None, model: str | None = None
    ) -> Result:
        """Return the numbers under readings that have not happened; nothing is recorded.

        >>> book.whatif("war", "troops=200000@2022-02-20", as_of="2022-02-18")  # doctest: +SKIP
        """
        from forecast.render.whatif import whatif_screen
        from forecast.verbs.whatif import whatif

        report = whatif(self.workspace, name, readings, day=_past(as_of), model=model)
        return Result(report, rows.whatif_rows(report), whatif_screen)

    def watch_for(
        self,
        name: str,
        *,
        as_of: Day | None = None,
        within: int = 7,
        model: str | None = None,
    ) -> Result:
        """Return which single next reading would move the number most; nothing is recorded."""
        from forecast.render.watchfor import watch_screen
        from forecast.verbs.watchfor import watch_for

        report = watch_for(self.workspace, name, day=_past(as_of), within=within, model=model)
        return Result(report, rows.watch_rows(report), watch_screen)

    def score(
        self,
        *ids: str,
        as_of: Day | None = None,
        forecaster: str | None = None,
        reading: str = "scheduled",
        lead: int | None = None,
        against: str = "base rate",
        clip: float = 0.0,
        pools: tuple[str, ...] = (),
        hindsight: bool = False,
    ) -> Result:
        """Score answered questions beside their base rate; `forecaster` is such as model/intent.

        `reading` is scheduled, covered or last; `lead` reads what stood so many days before the
        scheduled close; `against` is a forecaster or climatology; `pools` are methods such as
        median.
        """
        from forecast.render.scores import score_screen
        from forecast.verbs.basis import basis
        from forecast.verbs.score import score

        report = score(
            self.workspace,
            ids,
            day=_past(as_of),
            hindsight=hindsight,
            forecaster=forecaster,
            basis=basis(reading, lead=lead, against=against, clip=clip),
            pools=pools,
        )
        return Result(report, rows.score_rows(report), score_screen)

    def score_by_group(
        self,
        dimension: str,
        *ids: str,
        as_of: Day | None = None,
        forecaster: str | None = None,
        hindsight: bool = False,
    ) -> Result:
        """Score answered questions by tag, type, family or horizon (default: the headline's)."""
        from forecast.render.groups import group_screen
        from forecast.verbs.groups import grouped

        report = grouped(
            self.workspace,
            dimension,
            ids,
            day=_past(as_of),
            hindsight=hindsight,
            forecaster=forecaster,
        )
        return Result(report, rows.group_rows(report), group_screen)

    def score_by_rule(
        self,
        rule: str,
        *ids: str,
        as_of: Day | None = None,
        forecaster: str | None = None,
        hindsight: bool = False,
    ) -> Result:
        """Score answered questions as another site would; `rule` is such as metaculus-peer."""
        from forecast.render.houses import house_screen
        from forecast.verbs.ruling import score_by_rule

        report = score_by_rule(
            self.workspace, rule, ids, day=_past(as_of), hindsight=hindsight, forecaster=forecaster
        )
        return Result(report, rows.house_rows(report), house_screen)

    def compare(
        self,
        *ids: str,
        as_of: Day | None = None,
        forecasters: tuple[str, ...] = (),
        pools: tuple[str, ...] = (),
        hindsight: bool = False,
    ) -> Result:
        """Compare forecasters in pairs; `pools` are methods such as median or extremized."""
        from forecast.render.compare import compare_screen
        from forecast.verbs.compare import compare

        report = compare(
            self.workspace,
            ids,
            day=_past(as_of),
            hindsight=hindsight,
            forecasters=forecasters,
            pools=pools,
        )
        return Result(report, rows.compare_rows(report), compare_screen)

    def calibration(
        self,
        *ids: str,
        as_of: Day | None = None,
        forecaster: str | None = None,
        lead: int | None = None,
        advise: bool = False,
        hindsight: bool = False,
    ) -> Result:
        """Read one snapshot a question and judge the stated chances (default: the headline's).

        `lead` reads so many days before the scheduled close instead of midway; `advise` also tries
        out recalibration on questions left out.
        """
        from forecast.render.calibration import calibration_screen
        from forecast.verbs.calibration import calibration

        report = calibration(
            self.workspace,
            ids,
            day=_past(as_of),
            hindsight=hindsight,
            forecaster=forecaster,
            lead=lead,
            advise=advise,
        )
        return Result(report, rows.calibration_rows(report), calibration_screen)

    def record(self) -> pd.DataFrame:
        """Return every line of the record as a DataFrame, with its place in the chain."""
        return rows.to_frame(rows.record_rows(self.workspace.ledger.entries()))

    def model(self, name: str, model: str | None = None, *, as_of: Day | None = None) -> pm.Model:
        """Return the ordinary PyMC model of a question at a date, for any use of your own.

        >>> import pymc as pm                                       # doctest: +SKIP
        >>> with book.model("ukraine-invasion", "hazard"):          # doctest: +SKIP
        ...     pm.sample()
        """
        from forecast.verbs.fitting import job

        return job(self._request(name, model, as_of)).built

    def posterior(
        self,
        name: str,
        model: str | None = None,
        *,
        as_of: Day | None = None,
        sampler: Sampler = "auto",
    ) -> Posterior:
        """Return the posterior of a question's model: draws, diagnostics, `tree()` for ArviZ.

        >>> book.posterior("ukraine-invasion", as_of="2022-02-18").tree()     # doctest: +SKIP
        """
        from forecast.inference.engine import fit
        from forecast.verbs.fitting import job

        return fit([job(self._request(name, model, as_of))], sampler=sampler)[0]

    def _request(self, name: str, model: str | None, as_of: Day | None) -> Request:
        from forecast.verbs.asking import asked

        return asked(self.workspace, name, _past(as_of), model).request


def _day(day: Day) -> date:
    if isinstance(day, datetime):
        return day.date()
    if isinstance(day, date):
        return day
    try:
        return date.fromisoformat(day)
    except ValueError:
        raise UsageError(f"{clean(day)!r} is no date", "write YYYY-MM-DD") from None


def _past(day: Day | None) -> date | None:
    return None if day is None else _day(day)
