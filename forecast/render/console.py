"""The consoles: data on stdout, messages and progress on stderr, and what they can show."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache

from rich.console import Console


@dataclass(frozen=True, slots=True)
class Symbols:
    """Characters that not every terminal can show, with plain stand-ins."""

    arrow: str = "→"
    dash: str = "–"
    minus: str = "−"
    dot: str = "·"
    none: str = "—"
    tick: str = "✓"
    warn: str = "!"
    blocks: str = "▁▂▃▄▅▆▇█"
    line: str = "─"
    bar: str = "│"
    full: str = "█"
    rise: str = "▓"
    fall: str = "░"
    more: str = "…"


PLAIN = Symbols("->", "-", "-", "*", "-", "+", "!", "_.-=+*#@", "-", "|", "#", "+", "-", "...")


def stdout() -> Console:
    """Return the console for results; markup and highlighting off, so that text stays text."""
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False)


def stderr() -> Console:
    """Return the console for messages."""
    return Console(file=sys.stderr, highlight=False, markup=False, emoji=False)


def symbols() -> Symbols:
    """Return the symbols that stdout's encoding can carry."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        "".join(Symbols().__getattribute__(n) for n in Symbols.__slots__).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return Symbols()


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None] | None]:
    """Give a `(done, total)` callback that draws a bar on stderr; None off a terminal.

    There is no bar before the first call.
    """
    if not sys.stderr.isatty():  # FORCE_COLOR makes no terminal
        yield None
        return
    with ExitStack() as drawn:

        @cache
        def begin() -> Callable[[int, int], None]:
            return drawn.enter_context(_bar(label))

        yield lambda done, total: begin()(done, total)


@contextmanager
def _bar(label: str) -> Iterator[Callable[[int, int], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=stderr(), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
