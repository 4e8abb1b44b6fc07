"""The `forecast` command: its subcommands, and what each failure looks like to a user."""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import click

from forecast.cli import asking, authoring, forecasting, reading, scoring, sealing, trusting
from forecast.cli.common import say
from forecast.errors import BookError, EnvironmentFailure, Exit, ForecastError
from forecast.inference.executors import one_command
from forecast.version import __version__

COMMANDS = (
    authoring.init,
    authoring.new,
    authoring.check,
    reading.list_,
    reading.show,
    asking.explain,
    asking.whatif,
    asking.watch_for,
    authoring.observe,
    forecasting.update,
    forecasting.predict,
    forecasting.withdraw,
    forecasting.retract,
    authoring.resolve,
    scoring.score,
    scoring.compare,
    scoring.calibration,
    forecasting.import_,
    forecasting.backtest,
    sealing.verify,
    sealing.seal,
    authoring.schema,
    trusting.trust,
)


class _Unheard(Exception):
    """The reader of our output went away (`| head`), which is no failure."""


class Ordered(click.Group):
    """A group that lists its commands in the order of a forecaster's day."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; a closed pipe, for which Click would leave with 1, ends it quietly."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise _Unheard from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return command names in the order they were added."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; an unknown one is answered with the nearest."""
        from forecast.text import did_you_mean

        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = did_you_mean(args[0], self.commands)
            if near:
                raise click.UsageError(f"{error.message.rstrip('.')}; {near}", ctx) from None
            raise


@click.group(cls=Ordered, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="forecast")
def cli() -> None:
    """Plain-text Bayesian forecasting.

    \b
    forecast init --example        start from a book of ten real questions
    forecast check                 every problem in the book, with its position
    forecast update                new readings become new probabilities
    forecast show QUESTION         the number, its history and its evidence
    forecast score                 once questions resolve: how good were they

    Exit codes: 0 fine, 1 something in the book needs mending, 2 wrong use of a command,
    3 the record's integrity, 4 lock, disk or permissions, 70 a bug, 130 interrupted.
    """


for _command in COMMANDS:
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its documented exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What a terminal cannot spell is no reason to stop.
            stream.reconfigure(errors="backslashreplace")
    with one_command(), _garbage_kept():
        code = run(arguments)
    sys.exit(code)


@contextmanager
def _garbage_kept() -> Iterator[None]:
    """Do not look for garbage in cycles: a command is over before it fills any memory."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # nor is it looked for when the process ends
        gc.enable()


def run(arguments: Sequence[str] | None = None, *, now: datetime | None = None) -> int:
    """Run the command line, at the aware instant `now` if given, and return its exit code.

    Nothing but this maps failures to codes.
    """
    try:
        result = cli.main(
            args=None if arguments is None else list(arguments),
            prog_name="forecast",
            standalone_mode=False,
            obj=now,
        )
        sys.stdout.flush()
        return result if isinstance(result, int) else Exit.FINE
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except (click.Abort, KeyboardInterrupt):
        say("interrupted")
        return Exit.INTERRUPTED
    except click.ClickException as error:
        _show(error)
        return Exit.USAGE
    except ForecastError as error:
        _tell(error)
        return error.exit_code
    except (_Unheard, BrokenPipeError):
        # Nothing more can be said, not even what is still buffered.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FINE
    except OSError as error:
        about = f"{error.strerror or error}: {error.filename or ''}".rstrip(": ")
        _tell(EnvironmentFailure(about, "check the disk and its permissions, then run it again"))
        return Exit.ENVIRONMENT
    except Exception as error:
        _report(error)
        return Exit.BUG


def _show(error: click.ClickException) -> None:
    """Print what Click has to say, usage and hint among it."""
    told = io.StringIO()
    error.show(told)
    say(told.getvalue().rstrip("\n"))


def _tell(error: ForecastError) -> None:
    if isinstance(error, BookError):
        for problem in error.problems:
            say(str(problem))
    hint = f"\n  {error.hint}" if error.hint else ""
    say(f"error: {error.message}{hint}")


def _report(error: Exception) -> None:
    """Say in one line that this is our fault, and where the details are."""
    from forecast.cli import crash  # what it needs no other command does

    log = crash.log(error)
    what = f"{type(error).__name__}: {error}".partition("\n")[0]
    where = f"with {log}" if log else f"with this line, as no log could be written: {what}"
    say(f"error: this is a bug in forecast; please report it {where}")
