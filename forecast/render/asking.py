"""What the screens of explain, whatif and watch-for begin with."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.text import Text

from forecast.domain import AsOf, Question
from forecast.render.console import Symbols
from forecast.render.words import chance, day, numeric, quantity
from forecast.text import clean

type Show = Callable[[float | None, Symbols], str]


def heading(
    question: Question, model: str, as_of: AsOf, s: Symbols, *further: str
) -> Iterator[Text]:
    """Draw the question, then by which model and knowledge it is answered."""
    yield Text(clean(question.title), style="bold")
    when = "as of now" if as_of.live else f"as of {day(as_of.day, s)}"
    yield Text(f" {s.dot} ".join([question.id, clean(model), when, *further]), style="dim")


def show(question: Question) -> Show:
    """Return how the question's numbers are written: as chances, or in its unit."""
    return quantity if numeric(question) else chance
