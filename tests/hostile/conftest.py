"""Commands run as if on a terminal, so that nothing is stripped on its way there."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import pytest

from forecast.cli.main import run
from forecast.verbs import fitting
from tests.golden.screens import stand_in
from tests.hostile.books import NOW


class Drawn(NamedTuple):
    """An exit code and all that reached the terminal."""

    code: int
    text: str


type Draw = Callable[..., Drawn]


class Terminal(io.TextIOWrapper):
    """Takes what a terminal would be sent, a terminal without colours."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True,
                         errors="backslashreplace")  # fmt: skip

    def isatty(self) -> bool:
        return True


def drawn(*arguments: str | Path, now: datetime = NOW) -> Drawn:
    """Run a command as `ann` on 18 February 2022, 80 columns wide."""
    terminal = Terminal()
    with contextlib.redirect_stdout(terminal), contextlib.redirect_stderr(terminal):
        code = run([str(each) for each in arguments], now=now)
    return Drawn(int(code), terminal.buffer.getvalue().decode())  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def draw() -> Iterator[Draw]:
    """Run commands on a terminal, posteriors stood in for by a formula."""
    shown = {"FORECAST_BY": "ann", "COLUMNS": "80", "TERM": "dumb"}
    hidden = ("NO_COLOR", "FORCE_COLOR", "FORECAST_BOOK")
    kept = {key: value for key, value in os.environ.items() if key not in hidden}
    with (
        mock.patch.dict(os.environ, kept | shown, clear=True),
        mock.patch.object(fitting, "_compute", stand_in),
    ):
        yield drawn
