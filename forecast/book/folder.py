"""The folder of a book: where it is, and what its files say as a whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from forecast.errors import UsageError
from forecast.text import clean

BOOK_FILE = "book.yaml"
INDICATORS = "indicators"
MODELS = "models"


def find(path: Path | str | None = None) -> Path:
    """Return the folder of the book: `path`, FORECAST_BOOK, here, ./questions, or above.

    Raises UsageError if there is no book.yaml there.
    """
    named = path or os.environ.get("FORECAST_BOOK")
    if named:
        folder = Path(named)
        folder = folder.parent if folder.name == BOOK_FILE else folder
        if (folder / BOOK_FILE).is_file():
            return folder
        raise UsageError(
            f"{clean(str(folder))} holds no {BOOK_FILE}", "`forecast init` makes a book"
        )
    for folder in _near():
        if (folder / BOOK_FILE).is_file():
            return folder
    hint = "go there, name it with --book or FORECAST_BOOK, or make one with `forecast init`"
    raise UsageError("there is no book here", hint)


def _near() -> Iterator[Path]:
    here = Path()
    yield here
    yield here / "questions"
    for parent in here.resolve().parents:
        yield parent
        yield parent / "questions"


def written(root: Path) -> str:
    """Return a digest of what the files of the book in `root` say; the record is not among them.

    Equal digests mean equal names and bytes; a file that cannot be read counts as such.
    """
    folders = (root, root / INDICATORS, root / MODELS)
    return digest_files(path for folder in folders for path in folder.glob("*"))


def digest_files(paths: Iterable[Path]) -> str:
    """Return the SHA-256 of the names and bytes of files; hidden ones, folders, pipes left out."""
    sha = hashlib.sha256()
    for path in sorted(paths):
        if path.name.startswith(".") or not path.is_file():
            continue
        content = _bytes(path)
        known = b"unreadable" if content is None else hashlib.sha256(content).digest()
        sha.update(os.fsencode(path) + b"\0" + known)
    return sha.hexdigest()


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
