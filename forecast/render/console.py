"""The consoles: data on stdout, messages and progress on stderr, and what they can show."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import IO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from forecast.text import clean


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


class SafeConsole(Console):
    """A console on which text stays text, and no character of it can steer the terminal.

    Screens clean what they lay out, so that columns fit; this is for what one may have missed.
    """

    def __init__(self, file: IO[str]) -> None:
        super().__init__(file=file, highlight=False, markup=False, emoji=False)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the segments of anything drawn, controls of the console's own among them."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else clean(text, lines=True), style, control)

    def on_broken_pipe(self) -> None:
        """Leave it to the command line what a reader that went away means."""
        raise


def stdout() -> Console:
    """Return the console for results."""
    return SafeConsole(sys.stdout)


def stderr() -> Console:
    """Return the console for messages."""
    return SafeConsole(sys.stderr)


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
