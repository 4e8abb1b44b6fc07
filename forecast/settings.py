"""The user's own settings: who writes, and which files with models of their own may run.

They live in the user's configuration folder, never in a book: a repository cannot make itself
trusted.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from forecast.disk import Disk, cause, environment, make_directories, replace, whole
from forecast.errors import UsageError
from forecast.text import clean, did_you_mean, is_id, slug


@dataclass(frozen=True, slots=True)
class Settings:
    """What `settings.toml` says: the author's name."""

    author: str = ""


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
        data = tomllib.loads(whole(file, _LARGEST).decode())
    except FileNotFoundError:
        return Settings()
    except tomllib.TOMLDecodeError as error:
        raise _bad(file, clean(str(error)), _line(str(error))) from None
    except OSError as error:
        raise _bad(file, f"cannot be read: {cause(error)}") from None
    except (ValueError, RecursionError) as error:
        raise _bad(file, f"cannot be read: {type(error).__name__}") from None
    return _checked(data, file)


_SHA = re.compile(r"[0-9a-f]{64}")
_LARGEST = 1 << 24  # bytes of settings, or of a file of code
_PATIENCE = 10.0  # seconds in which another `forecast trust` is done

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
        if key != "author":
            hint = did_you_mean(key, ("author",)) or "it knows `author`"
            raise _bad(file, f"unknown setting {clean(key)!r}", hint=hint)
    author = data.get("author", "")
    if not isinstance(author, str):
        raise _bad(file, "`author` is no text", hint='write author = "Your Name"')
    return Settings(author)


def _bad(file: Path, message: str, line: int = 1, hint: str = "mend or remove it") -> UsageError:
    return UsageError(f"{file}:{line}: {message}", hint)


def _line(message: str) -> int:
    found = re.search(r"at line (\d+)", message)
    return int(found[1]) if found else 1


def trust_path() -> Path:
    """Return where the files are kept whose code the user lets run, beside the settings."""
    return path().with_name("trust.json")


def trusted() -> dict[Path, str]:
    """Return the SHA-256 of each file that the user trusts, by its path; none without a list.

    Raises UsageError where the list cannot be read: nothing is trusted then.
    """
    file = trust_path()
    try:
        data = json.loads(whole(file, _LARGEST))
        return {Path(name): _digest(sha) for name, sha in data.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, RecursionError):
        raise _bad(file, "is no list of trusted files", hint="mend it, or remove it") from None


def _digest(sha: object) -> str:
    if not isinstance(sha, str) or not _SHA.fullmatch(sha):
        raise ValueError(sha)
    return sha


def sha_of(file: Path) -> str:
    """Return the SHA-256 of a file's bytes; OSError if it is no file of code that can be read."""
    return hashlib.sha256(whole(file, _LARGEST)).hexdigest()


def trust(file: Path) -> str:
    """Let the code of a file run as it is now; return its SHA-256.

    Raises UsageError if it is no file that can be read, EnvironmentFailure where the list cannot be
    written.
    """
    try:
        sha = sha_of(file)
    except OSError as error:
        raise UsageError(f"{clean(str(file))}: {cause(error)}", "name the file to trust") from None
    with _list_in_hand() as known:
        known[file.resolve()] = sha
    return sha


def revoke(file: Path) -> None:
    """Trust a file no longer; UsageError if it was not trusted."""
    with _list_in_hand() as known:
        if known.pop(file.resolve(), None) is None:
            hint = "see `forecast trust --list`"
            raise UsageError(f"{clean(str(file))} was not trusted", hint)


@contextmanager
def _list_in_hand() -> Iterator[dict[Path, str]]:
    """Give the list to change, for one writer at a time; it is replaced in one step afterwards."""
    file, disk = trust_path(), Disk()
    with environment(file, "nothing was changed"):
        make_directories(disk, file.parent)
        release = disk.lock(file.with_suffix(".lock"), _PATIENCE)
        try:
            known = trusted()
            yield known
            data = {str(name): sha for name, sha in sorted(known.items())}
            replace(disk, file, (json.dumps(data, indent=1) + "\n").encode())
        finally:
            release()
