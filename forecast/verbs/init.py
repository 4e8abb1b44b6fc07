"""Init: begin a book, empty or with the example."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from forecast.errors import UsageError
from forecast.text import clean

_BOOK = "book.yaml"


def init(folder: Path, *, example: bool = False, title: str = "My forecasts") -> Path:
    """Make `folder` a book and return it; with `example` a copy of the ten bundled questions.

    Raises UsageError where there already is one, or anything else in the way; EnvironmentFailure,
    with the folder left as it was, where it cannot be written.
    """
    from forecast.book import jsonschema, templates

    if (folder / _BOOK).exists():
        raise UsageError(f"{folder} already is a book", "choose another folder")
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty", "choose another folder")
    texts = {
        ".gitattributes": templates.GITATTRIBUTES,
        ".gitignore": templates.GITIGNORE,
        **jsonschema.schema_texts(),
    }
    if not example:
        texts[_BOOK] = templates.book_text(title)
    files = _contents(example_book()) if example else {}
    _write(folder, {**files, **{name: text.encode() for name, text in texts.items()}})
    return folder


def example_book() -> Path:
    """Return the folder of the bundled book: inside the package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    for folder in (package / "example", package.parent / "questions"):
        if (folder / _BOOK).is_file():
            return folder
    raise UsageError(f"the example is missing from {clean(str(package))}", "reinstall forecast")


def _contents(root: Path) -> dict[str, bytes]:
    """Return the bytes of a book's files by their place in it, without what is computed."""
    found = {path.relative_to(root): path for path in sorted(root.rglob("*")) if path.is_file()}
    computed = {".forecast", "__pycache__"}
    return {
        place.as_posix(): path.read_bytes()
        for place, path in found.items()
        if not computed & set(place.parts)
    }


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a book's files into an empty folder, the one that makes it a book last, or none."""
    from forecast.disk import Disk, environment, make_directories, write_new

    disk = Disk()
    with environment(folder, "no book was begun"):
        try:
            make_directories(disk, folder / "indicators")
            for name in sorted(files, key=lambda name: (name == _BOOK, name)):
                make_directories(disk, (folder / name).parent)
                write_new(disk, folder / name, files[name])
        except BaseException:
            _remove(folder / Path(name).parts[0] for name in (*files, "indicators"))
            raise


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
