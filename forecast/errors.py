"""What can go wrong: problems in the user's files are values, failures are exceptions.

A `Problem` says where, what and how to mend it; a loader collects them all and goes on with what is
healthy. A `ForecastError` ends a command; each carries the exit code documented in the README.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum


class Exit(IntEnum):
    """Exit codes of the command line.

    >>> int(Exit.MEND), int(Exit.RECORD)
    (1, 3)
    """

    FINE = 0
    MEND = 1  # something in the book needs mending, or a forecast was refused by its gates
    USAGE = 2  # wrong use of a command: unknown id, date or option
    RECORD = 3  # the record's integrity
    ENVIRONMENT = 4  # lock, disk, permissions
    BUG = 70
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing to mend in a user's file.

    `line` and `column` count from 1; 0 means the whole file. `advice` never fails a command.

    >>> print(Problem("q.yaml", 3, 9, "date-impossible", "2022-02-30 is no day", "write another"))
    q.yaml:3:9: 2022-02-30 is no day; write another [date-impossible]
    """

    path: str
    line: int
    column: int
    code: str
    message: str
    hint: str
    advice: bool = False

    def __str__(self) -> str:
        hint = f"; {self.hint}" if self.hint else ""
        return f"{self.path}:{self.line}:{self.column}: {self.message}{hint} [{self.code}]"


class ForecastError(Exception):
    """Base of every failure this package raises on purpose.

    `hint` says how to go on; `exit_code` is what the command line leaves with.
    """

    exit_code: Exit = Exit.MEND

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def said(self) -> str:
        """What is wrong and how to go on, on one line."""
        return "; ".join(filter(None, (self.message, self.hint)))


class UsageError(ForecastError):
    """A command or function was asked for something that cannot be: unknown id, date, option."""

    exit_code = Exit.USAGE


class BookError(ForecastError):
    """The book cannot be used as it stands; `problems` says why, with positions."""

    exit_code = Exit.MEND

    def __init__(self, message: str, problems: Iterable[Problem] = (), hint: str = "") -> None:
        super().__init__(message, hint)
        self.problems = tuple(problems)


class RefusedError(ForecastError):
    """A posterior failed its gates and is not published."""

    exit_code = Exit.MEND


class RecordError(ForecastError):
    """The record is damaged, or would be by what was asked."""

    exit_code = Exit.RECORD


class EnvironmentFailure(ForecastError):
    """Lock, disk or permissions stand in the way; nothing was written."""

    exit_code = Exit.ENVIRONMENT
