"""The log of an unexpected error: all that a report needs, and nobody's secrets."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from contextlib import suppress
from pathlib import Path

from forecast.text import clean, redact
from forecast.version import __version__


def log(error: BaseException) -> Path | None:
    """Write the log of `error` where its user can find it; None where no folder takes it."""
    text = clean(redact(_report(error), os.environ), lines=True)
    for folder in (_own, _shared):
        with suppress(OSError):
            return _written(folder(), text)
    return None


def _own() -> Path:
    """The user's own folder for logs."""
    from platformdirs import user_log_path

    return user_log_path("forecast", appauthor=False)


def _shared() -> Path:
    return Path(tempfile.gettempdir())


def _written(folder: Path, text: str) -> Path:
    """Write a file that nobody else may read, and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix="forecast-bug-", suffix=".log", dir=folder)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    return Path(name)


def _report(error: BaseException) -> str:
    command = " ".join(map(repr, sys.argv[1:]))
    about = f"forecast {__version__}, Python {sys.version}, {platform.platform()}"
    return f"{about}\narguments: {command}\n{''.join(traceback.format_exception(error))}"
