"""The folder of a book: where it is, and what its files say as a whole."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from forecast.errors import UsageError
from forecast.text import clean

BOOK_FILE = "book.yaml"
INDICATORS = "indicators"
MODELS = "models"

READ = 33 << 20
"""Bytes of a file that are looked at; what reads a book's files takes fewer, whatever they hold."""

_PIECE = 1 << 20


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

    Equal digests mean equal names and bytes, as far as these are ever read; a file that cannot be
    read counts as such.
    """
    folders = (root, root / INDICATORS, root / MODELS)
    return digest_files((path for folder in folders for path in folder.glob("*")), READ)


def digest_files(paths: Iterable[Path], most: int | None = None) -> str:
    """Return the SHA-256 of the names and bytes of files; hidden ones, folders, pipes left out.

    Of each file all bytes count, or only the first `most`, a multiple of a mebibyte.
    """
    sha = hashlib.sha256()
    for path in sorted(paths):
        if path.name.startswith(".") or not path.is_file():
            continue
        sha.update(os.fsencode(path) + b"\0" + _digest(path, most and most // _PIECE))
    return sha.hexdigest()


def _digest(path: Path, pieces: int | None) -> bytes:
    sha = hashlib.sha256()
    try:
        with path.open("rb") as file:
            for piece in islice(iter(lambda: file.read(_PIECE), b""), pieces):
                sha.update(piece)
    except OSError:
        return b"unreadable"
    return sha.digest()
