"""The gallery of errors: for each code a smallest bad book, and what is said about it.

`python -m tests.errors.gallery` writes each case's expected.txt and README.md anew; look at the
difference before you commit it. A case is a folder named after its code with the files that matter;
a book.yaml is supplied where it has none.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from forecast.book.excerpt import excerpt
from forecast.book.load import load
from forecast.errors import Problem
from forecast.text import clean

HERE = Path(__file__).parent
BOOK = "format: 1\ntitle: Weather\ntimezone: UTC\n"
EXPECTED = "expected.txt"
INTRODUCTION = """\
# Errors

Every problem that `forecast check` can find in a book, each with a smallest file that has it and
the exact words. Written by `python -m tests.errors.gallery`; a test holds it to the program.
Problems end a command with exit code 1, advice does not.
"""


def cases() -> list[Path]:
    """Return the folders of all cases, in order."""
    return sorted(path.parent for path in HERE.glob(f"*/{EXPECTED}"))


def problems(case: Path) -> tuple[Problem, ...]:
    """Return what loading a case finds, with paths as seen from inside its book."""
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book"
        shutil.copytree(case, book, ignore=shutil.ignore_patterns(EXPECTED))
        if not (book / "book.yaml").exists():
            (book / "book.yaml").write_text(BOOK, encoding="utf-8", newline="\n")
        with _inside(book):
            return load(".").problems


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def said(case: Path) -> str:
    """Return the messages of a case, one a line."""
    return "".join(f"{problem}\n" for problem in problems(case))


def readme() -> str:
    """Return the gallery as Markdown: each code's files, messages, excerpts and carets."""
    return INTRODUCTION + "".join(_section(case) for case in cases())


def _section(case: Path) -> str:
    found = problems(case)
    advice = " (advice)" if all(problem.advice for problem in found) else ""
    files = {p.relative_to(case).as_posix(): p for p in sorted(case.rglob("*")) if p.is_file()}
    texts = {
        n: p.read_bytes().decode("utf-8", "replace") for n, p in files.items() if n != EXPECTED
    }
    parts = [f"\n## {case.name}{advice}\n"]
    for name, text in texts.items():
        body = clean(text, lines=True).rstrip("\n")
        parts.append(f"\n`{name}`\n\n```{_language(name)}\n{body}\n```\n")
    shown = [f"{problem}\n{excerpt(problem, texts.get(problem.path, ''))}" for problem in found]
    body = "\n".join(each.rstrip("\n") for each in shown)
    parts.append(f"\n```text\n{body}\n```\n")
    return "".join(parts)


def _language(name: str) -> str:
    return "csv" if name.endswith(".csv") else "yaml"


def main() -> None:
    """Write every expectation and the README anew."""
    for case in sorted(path for path in HERE.iterdir() if path.is_dir() and path.name[0] != "_"):
        (case / EXPECTED).write_text(said(case), encoding="utf-8", newline="\n")
    (HERE / "README.md").write_text(readme(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
