"""Init: begin a book, empty or with the example."""

from __future__ import annotations

import shutil
from pathlib import Path

from forecast.errors import UsageError
from forecast.text import clean


def init(folder: Path, *, example: bool = False, title: str = "My forecasts") -> Path:
    """Make `folder` a book and return it; with `example` a copy of the ten bundled questions.

    Raises UsageError where there already is one, or anything else in the way.
    """
    from forecast.book import jsonschema, templates

    if (folder / "book.yaml").exists():
        raise UsageError(f"{folder} already is a book", "choose another folder")
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty", "choose another folder")
    texts = {".gitattributes": templates.GITATTRIBUTES, ".gitignore": templates.GITIGNORE}
    if example:
        ignored = shutil.ignore_patterns(".forecast", "__pycache__")
        shutil.copytree(example_book(), folder, ignore=ignored, dirs_exist_ok=True)
    else:
        (folder / "indicators").mkdir(parents=True)
        texts["book.yaml"] = templates.book_text(title)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    jsonschema.write_schemas(folder)
    return folder


def example_book() -> Path:
    """Return the folder of the bundled book: inside the package, or beside it in a checkout."""
    package = Path(__file__).parents[1]
    for folder in (package / "example", package.parent / "questions"):
        if (folder / "book.yaml").is_file():
            return folder
    raise UsageError(f"the example is missing from {clean(str(package))}", "reinstall forecast")
