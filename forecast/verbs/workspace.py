"""A book with everything that stands beside it: record, backtests, cache, and the time it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.disk import listed
from forecast.domain import AsOf, Question, Target
from forecast.errors import UsageError
from forecast.text import clean, did_you_mean

if TYPE_CHECKING:
    from forecast.book.load import Book
    from forecast.record.backtests import BacktestStore
    from forecast.record.ledger import Ledger


def _program() -> str:
    from forecast.verbs.memo import program

    return program()


@dataclass(frozen=True)
class Workspace:
    """One book, opened at the aware instant `now`.

    Its files are read when they are first asked for; a `read` book is used as it was read before.
    """

    root: Path
    now: datetime
    read: Book | None = None

    @classmethod
    def open(cls, path: Path | str | None = None, *, now: datetime | None = None) -> Workspace:
        """Open the book at `path`, or the one found by FORECAST_BOOK, here, or above.

        Raises UsageError where there is none, BookError where what the program writes would leave
        it; deeper in `.forecast` that is looked at where a file is used, for there may be many.
        """
        from forecast.book.folder import find

        root = find(path)
        listed(root / ".forecast")
        return cls(root, now or datetime.now(UTC))

    @cached_property
    def book(self) -> Book:
        """The book; files with problems are left out of it and named in `problems`."""
        if self.read is not None:
            return self.read
        from forecast.book.load import load

        return load(self.root, _program)

    @cached_property
    def written(self) -> str:
        """A digest of the book's files from before they are read; empty once they have been."""
        from forecast.book.folder import written

        return "" if self.read is not None or "book" in vars(self) else written(self.root)

    @cached_property
    def ledger(self) -> Ledger:
        """The append-only record of this book."""
        from forecast.record.ledger import Ledger

        return Ledger(self.root)

    @cached_property
    def backtests(self) -> BacktestStore:
        """Backtested forecasts, kept apart from the record."""
        from forecast.record.backtests import BacktestStore

        return BacktestStore(self.root)

    @cached_property
    def cache(self) -> Path:
        """Where fitted results are kept; may be deleted at any time. BookError as of `open`."""
        folder = self.root / ".forecast" / "cache"
        listed(folder)
        return folder

    def as_of(self, question: Question, day: date | None) -> AsOf:
        """Return the knowledge date: live today, or the end of a past `day`.

        Raises UsageError for a day that has not come.
        """
        live = AsOf.now(self.now, question.zone)
        if day is None or day == live.day:
            return live
        if day > live.day:
            raise UsageError(f"{day} has not come yet", "give a day that is past, or none")
        return AsOf.at(day, question.zone)

    def questions(self, ids: tuple[str, ...] = ()) -> tuple[Question, ...]:
        """Return the questions named by `ids` (a rung names its question), or all of them."""
        if not ids:
            return tuple(self.book.questions.values())
        chosen = {self.target(text)[0].id: self.target(text)[0] for text in ids}
        return tuple(chosen.values())

    def question(self, name: str) -> Question:
        """Return the question with id `name`; UsageError with the nearest id if there is none."""
        found = self.book.questions.get(name)
        if found is None:
            found = next((q for q in self.book.questions.values() if name in q.formerly), None)
        if found is None:
            broken = [p for p in self.book.problems if Path(p.path).stem == name and not p.advice]
            hint = "its file has problems: run `forecast check`" if broken else ""
            hint = hint or did_you_mean(name, self.book.questions) or "see `forecast list`"
            raise UsageError(f"there is no question {clean(name)!r} in this book", hint)
        return found

    def target(self, text: str) -> tuple[Question, Target]:
        """Return the question and target that `id` or `id@deadline` names.

        Raises UsageError for an unknown question, a date that is none, or no rung of its ladder.
        """
        try:
            asked = Target.parse(text)
        except ValueError:
            hint = "write id@YYYY-MM-DD"
            raise UsageError(f"{clean(text)!r} names no deadline", hint) from None
        question = self.question(asked.question)
        if asked.rung is None or (not question.ladder and asked.rung == question.deadlines[0]):
            return question, Target(question.id)
        if asked.rung not in question.deadlines:
            rungs = ", ".join(f"{question.id}@{day}" for day in question.deadlines)
            raise UsageError(f"{question.id} has no deadline {asked.rung}", f"it has {rungs}")
        return question, Target(question.id, asked.rung)
