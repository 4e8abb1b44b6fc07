"""What commands share: the book, dates, output forms and completion."""

from __future__ import annotations

import difflib
import functools
import math
import os
import re
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecast.text import clean, composed, is_id, plural, redact

if TYPE_CHECKING:
    from forecast.domain import Known
    from forecast.errors import Problem
    from forecast.rows import Rows


_OPTION = re.compile(r"--?[A-Za-z]")


def _plainly(value: Any) -> date | None:
    """Return a day of our time that is written as it should be, or None for a closer look."""
    if isinstance(value, date):
        return value
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if found.isoformat() == value and 1900 <= found.year < 2200 else None


class Day(click.ParamType[date]):
    """A date written YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date, or fail with the remedy."""
        if (found := _plainly(value)) is not None:
            return found
        from forecast.book.scalars import Refusal, day  # the words for what is wrong: 25 ms

        try:
            return day(value)
        except Refusal as refusal:
            self.fail(f"{refusal.message}; {refusal.hint}", param, ctx)


class Moment(click.ParamType["Known"]):
    """A date, or an instant with its offset from UTC, as the book's files state it."""

    name = "date or instant"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Known:
        """Return the date or instant, or fail with the remedy."""
        if (found := _plainly(value)) is not None:
            return found
        from forecast.book.scalars import Refusal, known

        try:
            return known(value)
        except Refusal as refusal:
            self.fail(f"{refusal.message}; {refusal.hint}", param, ctx)


class Period(click.ParamType[int]):
    """A number of days, written 7d or 7."""

    name = "days"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return whole days, from one to a hundred years of them."""
        from forecast.errors import UsageError
        from forecast.verbs.periods import whole_days

        text = str(value).removesuffix("d")
        try:
            return whole_days(int(text) if text.isdecimal() and len(text) <= 5 else 0)
        except UsageError:
            self.fail(f"{value!r} is no number of days; write 7d", param, ctx)


class Number(click.ParamType[float]):
    """A finite number, with a point and no digit groups."""

    name = "number"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Return the number, or fail with the remedy."""
        try:
            number = float(value)
        except ValueError:
            number = float("nan")
        if not math.isfinite(number):
            self.fail(f"{value!r} is no number; write it like 1500 or 41.5", param, ctx)
        return number


class Words(click.ParamType[str]):
    """Text that goes into a file, or is compared with one's, in the form files are read in."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text composed, or fail where its bytes were no text."""
        if any("\ud800" <= character <= "\udfff" for character in value):
            self.fail(f"{value!r} is not UTF-8; set the terminal to UTF-8", param, ctx)
        return composed(value)


class BelowZero(click.Command):
    """A command whose arguments may be numbers below zero, which are no options."""

    ignore_unknown_options = True

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take unknown options for arguments, but complain of those that are no numbers."""
        found, beyond, _ = self.make_parser(ctx).parse_args(list(args))
        given = [found.get(p.name or "") for p in self.params if isinstance(p, click.Argument)]
        for word in () if "--" in args else (*given, *beyond):
            if isinstance(word, str) and _OPTION.match(word):
                known = [name for param in self.params for name in param.opts]
                near = difflib.get_close_matches(word, known)
                raise click.NoSuchOption(word, possibilities=near, ctx=ctx)
        return super().parse_args(ctx, args)


DAY = Day()
MOMENT = Moment()
NUMBER = Number()
PERIOD = Period()
WORDS = Words()


def book_option[F: Callable[..., Any]](command: F) -> F:
    """Add --book and pass the opened `Workspace` as `ws`."""

    @click.option(
        "--book",
        "book_path",
        type=click.Path(path_type=Path),
        help="Folder of the book (default: FORECAST_BOOK, here, ./questions, or above).",
    )
    @functools.wraps(command)
    def wrapped(*args: Any, book_path: Path | None, **kwargs: Any) -> Any:
        from forecast.verbs.workspace import Workspace

        return command(*args, ws=Workspace.open(book_path, now=clock()), **kwargs)

    return wrapped  # type: ignore[return-value]


def clock() -> datetime:
    """Return the aware instant the command runs at; tests put their own in the context."""
    context = click.get_current_context(silent=True)
    fixed = context.find_object(datetime) if context else None
    return fixed or datetime.now(UTC)


def as_of_option[F: Callable[..., Any]](command: F) -> F:
    """Add --as-of."""
    return click.option(
        "--as-of",
        "day",
        type=DAY,
        metavar="DATE",
        help="Use only what was known at the end of DATE (a replay, never recorded as live).",
    )(command)


def output_options[F: Callable[..., Any]](command: F) -> F:
    """Add --json and --csv; the command's `output` is json, csv or screen."""

    @click.option("--json", "as_json", is_flag=True, help="Write rows as JSON.")
    @click.option("--csv", "as_csv", is_flag=True, help="Write rows as CSV.")
    @functools.wraps(command)
    def wrapped(*args: Any, as_json: bool, as_csv: bool, **kwargs: Any) -> Any:
        if as_json and as_csv:
            raise click.UsageError("--json and --csv exclude each other; give one of them")
        output = "json" if as_json else "csv" if as_csv else "screen"
        return command(*args, output=output, **kwargs)

    return wrapped  # type: ignore[return-value]


def emit(
    rows: Callable[[], Rows], screen: Callable[[], Any], output: str, *, wrap: bool = True
) -> None:
    """Print a result: as rows for machines, or drawn for people.

    Lines that will be copied (commands, positions) are left whole with `wrap` off.
    """
    if output == "screen":
        from forecast.render.console import stdout

        stdout().print(screen(), soft_wrap=not wrap)
        return
    from forecast.rows import to_csv, to_json

    text = {"json": to_json, "csv": to_csv}[output](rows())
    # newline="" keeps CSV's own line ends on every system.
    sys.stdout.write(text)


def say(text: str, *, err: bool = True) -> None:
    """Print lines, on stderr unless told otherwise: no secrets, nothing that steers a terminal."""
    click.echo(clean(redact(text, os.environ), lines=True), err=err)


def complete_ids(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Offer question ids from file names alone, so that completion is instant."""
    from forecast.book.folder import find
    from forecast.errors import ForecastError

    try:
        root = find(ctx.params.get("book_path"))
    except ForecastError:
        return []
    names = sorted(p.stem for p in root.glob("*.yaml") if p.name != "book.yaml")
    return [name for name in names if is_id(name) and name.startswith(incomplete)]


def warn_problems(problems: Iterable[Problem]) -> int:
    """Name the files left out of a book on stderr; return 1 if there are any, else 0."""
    broken = [p for p in problems if not p.advice]
    for problem in broken:
        say(str(problem))
    if broken:
        say(f"{plural(len(broken), 'problem')}: healthy questions go on")
    return 1 if broken else 0


def questions_argument[F: Callable[..., Any]](required: bool = False) -> Callable[[F], F]:
    """Add the argument of question ids or rungs (`id`, `id@deadline`)."""

    def decorate(command: F) -> F:
        return click.argument(
            "ids",
            nargs=-1,
            required=required,
            metavar="[ID[@DEADLINE]]...",
            shell_complete=complete_ids,
        )(command)

    return decorate


def progress_bar(label: str) -> Any:
    """Return a context manager giving a `(done, total)` callback; silent off a terminal."""
    from forecast.render.console import progress

    return progress(label)
