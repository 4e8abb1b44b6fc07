"""Reports as JSON values and back, by the types their dataclasses state."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints


def to_plain(value: Any) -> Any:
    """Return a value of dataclasses, tuples, mappings, enums, dates and numbers as a JSON value.

    >>> to_plain((date(2022, 3, 1), float("nan")))
    ['2022-03-01', 'nan']
    """
    if is_dataclass(value):
        return {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {key: to_plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [to_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def from_plain(kind: Any, value: Any) -> Any:
    """Return the value of type `kind` that `to_plain` turned into `value`.

    Raises KeyError, TypeError or ValueError if it is no such value.

    >>> from_plain(tuple[date, ...], ["2022-03-01"])
    (datetime.date(2022, 3, 1),)
    """
    if isinstance(kind, UnionType):
        inner = next(each for each in get_args(kind) if each is not type(None))
        return None if value is None else from_plain(inner, value)
    if isinstance(kind, type) and is_dataclass(kind):
        return kind(**{n: from_plain(k, value[n]) for n, k in _members(kind).items()})
    if get_origin(kind) is tuple:
        return _tuple(get_args(kind), value)
    if get_origin(kind) is Mapping:
        return {key: from_plain(get_args(kind)[1], each) for key, each in value.items()}
    return date.fromisoformat(value) if kind is date else _simple(kind, value)


def _simple(kind: Any, value: Any) -> Any:
    try:
        return kind(value)
    except OverflowError as error:  # an integer beyond all numbers
        raise ValueError(str(error)) from error


def _tuple(kinds: tuple[Any, ...], value: Any) -> tuple[Any, ...]:
    if kinds[-1] is Ellipsis:
        return tuple(from_plain(kinds[0], each) for each in value)
    return tuple(from_plain(kind, each) for kind, each in zip(kinds, value, strict=True))


@cache
def _members(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}
