"""The user's own settings: who writes, and which books' models may run.

They live in the user's configuration folder, never in a book: a repository cannot make itself
trusted.
"""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast.errors import UsageError
from forecast.text import clean, did_you_mean, is_id, slug


@dataclass(frozen=True, slots=True)
class Settings:
    """What `settings.toml` says: the author's name, and folders of books whose models may run."""

    author: str = ""
    trust: tuple[Path, ...] = ()


def path() -> Path:
    """Return where the settings are read from, whether or not the file is there."""
    from platformdirs import user_config_path

    return user_config_path("forecast", appauthor=False) / "settings.toml"


def load(file: Path | None = None) -> Settings:
    """Return the user's settings; the defaults where there is no file.

    Raises UsageError, with file and line, for settings that cannot be read.
    """
    file = file or path()
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Settings()
    except tomllib.TOMLDecodeError as error:
        raise _bad(file, clean(str(error)), _line(str(error))) from None
    except (OSError, ValueError, RecursionError) as error:
        raise _bad(file, f"cannot be read: {type(error).__name__}") from None
    return _checked(data, file)


RESERVED = frozenset({"headline", "resolution", "model", "me"})


def writer(by: str | None = None) -> str:
    """Return the id under which records are written.

    The slug of, in this order: `by`, the environment's FORECAST_BY, the settings' `author`, the
    login name. Raises UsageError where none of them has a letter or digit to write.
    """
    for source, name in (
        ("--by", by or ""),
        ("FORECAST_BY", os.environ.get("FORECAST_BY", "")),
    ):
        if name.strip():
            return _slug(name, source)
    if author := load().author.strip():
        return _slug(author, f"`author` in {path()}")
    return _slug(_login(), "the login name")


def _slug(name: str, source: str) -> str:
    found = slug(name)
    if found in RESERVED or found.startswith("model-"):
        raise UsageError(f"{source} {clean(name)!r} is no person", "give another name with --by")
    if not is_id(found):
        hint = "give a name in Latin letters or digits with --by"
        raise UsageError(f"{source} {clean(name)!r} cannot name a file of the record", hint)
    return found


def _login() -> str:
    """The login name, or nothing: a container's user may have none."""
    import getpass

    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def _checked(data: dict[str, Any], file: Path) -> Settings:
    for key in data:
        if key not in {"author", "trust"}:
            hint = did_you_mean(key, ("author", "trust")) or "it knows `author` and `trust`"
            raise _bad(file, f"unknown setting {clean(key)!r}", hint=hint)
    author, trust = data.get("author", ""), data.get("trust", [])
    if not isinstance(author, str):
        raise _bad(file, "`author` is no text", hint='write author = "Your Name"')
    if not isinstance(trust, list) or not all(isinstance(folder, str) for folder in trust):
        raise _bad(file, "`trust` is no list of folders", hint='write trust = ["path/of/a/book"]')
    try:
        return Settings(author, tuple(Path(folder).expanduser() for folder in trust))
    except RuntimeError:  # ~somebody, who is nobody here
        raise _bad(file, "`trust` names a home that is not here") from None


def _bad(file: Path, message: str, line: int = 1, hint: str = "mend or remove it") -> UsageError:
    return UsageError(f"{file}:{line}: {message}", hint)


def _line(message: str) -> int:
    found = re.search(r"at line (\d+)", message)
    return int(found[1]) if found else 1
