"""Commands run as if on a terminal, so that nothing is stripped on its way there."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from unittest import mock

from forecast.cli.main import run
from tests.hostile.books import NOW

# Arguments with which a command has something to show; a command without any is run bare.
ASKED = {
    "show": ["war"],
    "explain": ["war@2022-03-01"],
    "whatif": ["war", "troops=1000@2022-02-20"],
    "watch-for": ["war"],
    "update": ["--dry-run"],
    "backtest": ["--from", "2022-01-17", "--to", "2022-02-14"],
    "predict": ["war@2022-07-01", ".4", "--dry-run"],
    "withdraw": ["war@2022-03-01"],
    "retract": ["level"],
    "resolve": ["due", "no", "--source", "s"],
    "observe": ["troops", "1", "--on", "2022-02-17"],
    "import": ["BOOK/crowd.csv", "--forecaster", "crowd"],
    "compare": ["--by", "model/hazard", "--by", "ann"],
    "verify": ["--proofs"],
    "new": ["snow"],
}


def placed(words: Sequence[str], root: Path) -> list[str]:
    """Return words of a command line with this book where they name one."""
    return [word.replace("BOOK/", f"{root}/") for word in words]


class Drawn(NamedTuple):
    """An exit code and all that reached the terminal."""

    code: int
    text: str


class Terminal(io.TextIOWrapper):
    """Takes what a terminal would be sent, a terminal without colours."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True,
                         errors="backslashreplace")  # fmt: skip

    def isatty(self) -> bool:
        return True


def drawn(*arguments: str | Path, now: datetime = NOW) -> Drawn:
    """Run a command at an instant, by default noon of 18 February 2022."""
    terminal = Terminal()
    with contextlib.redirect_stdout(terminal), contextlib.redirect_stderr(terminal):
        code = run([str(each) for each in arguments], now=now)
    return Drawn(int(code), terminal.buffer.getvalue().decode())  # type: ignore[attr-defined]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let commands run as `ann` on a terminal 80 columns wide, which knows no colours."""
    shown = {"FORECAST_BY": "ann", "COLUMNS": "80", "TERM": "dumb"}
    hidden = ("NO_COLOR", "FORCE_COLOR", "FORECAST_BOOK")
    kept = {key: value for key, value in os.environ.items() if key not in hidden}
    with mock.patch.dict(os.environ, kept | shown, clear=True):
        yield
