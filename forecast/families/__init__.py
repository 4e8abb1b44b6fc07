"""Model families: each a file with options and a PyMC model; adding one is one line here."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from forecast.domain import QuestionType
from forecast.errors import UsageError
from forecast.text import did_you_mean

if TYPE_CHECKING:
    from forecast.families.base import Family

ENTRY_POINTS = "forecast.families"

FAMILIES = {
    "base_rate": "forecast.families.base_rate:family",
    "cases": "forecast.families.cases:family",
    "competing_risks": "forecast.families.competing_risks:family",
    "conditional": "forecast.families.conditional:family",
    "evidence": "forecast.families.evidence:family",
    "hazard": "forecast.families.hazard:family",
    "intent": "forecast.families.intent:family",
    "python": "forecast.families.python:family",
    "trend": "forecast.families.trend:family",
}


def names() -> list[str]:
    """Return the names of all families, built in and installed beside, in order.

    >>> names()[:2]
    ['base_rate', 'cases']
    """
    from importlib.metadata import entry_points  # costs 20 ms, and most books need none

    return sorted({*FAMILIES, *(point.name for point in entry_points(group=ENTRY_POINTS))})


def answering(type: QuestionType) -> list[str]:
    """Return the built-in families that answer questions of a type, in order.

    Whatever answers an event by a date also answers when.

    >>> answering(QuestionType.MULTIPLE_CHOICE)
    ['competing_risks', 'python']
    """
    asked = QuestionType.BINARY if type is QuestionType.DATE else type
    return [name for name in FAMILIES if asked in get(name).answers]


@cache
def get(name: str) -> Family[Any]:
    """Return the family of that name; UsageError if there is none.

    >>> get("base_rate").name
    'base_rate'
    """
    if name in FAMILIES:
        module, _, attribute = FAMILIES[name].partition(":")
        return getattr(import_module(module), attribute)  # type: ignore[no-any-return]
    from importlib.metadata import entry_points

    for point in entry_points(group=ENTRY_POINTS, name=name):
        return point.load()  # type: ignore[no-any-return]
    hint = did_you_mean(name, names()) or f"families are {', '.join(names())}"
    raise UsageError(f"there is no model family {name!r}", hint)
