"""Pydantic's findings as problems at the exact key or value, in this book's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from forecast.book import scalars
from forecast.book.scalars import Refusal
from forecast.book.source import Mapping, locate
from forecast.errors import Problem
from forecast.families.scalars import shown
from forecast.text import clean, did_you_mean

_MOST_PROBLEMS = 100

type Path = Sequence[str | int]
"""Where something stands in a file: keys and list positions, from the top."""


@dataclass
class Findings:
    """Collects the problems of one file; paths become positions through its tree."""

    path: str
    root: Mapping
    problems: list[Problem] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether more would help nobody: a file with so many problems is wrong as a whole."""
        return len(self.problems) >= _MOST_PROBLEMS

    @property
    def serious(self) -> bool:
        """Whether anything found is more than advice."""
        return not all(problem.advice for problem in self.problems)

    def add(
        self, where: Path, refusal: Refusal, *, key: bool = False, advice: bool = False
    ) -> None:
        """Add a problem at the value (or `key`) of `where`, unless there are enough."""
        if self.full:
            return
        mark = locate(self.root, where, key=key)
        found = Problem(
            self.path,
            mark.line,
            mark.column,
            refusal.code,
            clean(refusal.message),
            clean(refusal.hint),
            advice,
        )
        if found not in self.problems:
            self.problems.append(found)

    def validate[M: BaseModel](self, model: type[M], value: Any, where: Path = ()) -> M | None:
        """Return `value` as a `model`, or None with every reason added below `where`."""
        try:
            return model.model_validate(value)
        except ValidationError as error:
            for detail in error.errors(include_url=False)[: 2 * _MOST_PROBLEMS]:
                self._explain(model, detail, where)
            return None

    def _explain(self, model: type[BaseModel], detail: ErrorDetails, where: Path) -> None:
        loc = detail["loc"]
        path = (*where, *loc)
        match detail["type"]:
            case "extra_forbidden":
                known = sorted(_fields_at(model, loc[:-1]))
                hint = did_you_mean(str(loc[-1]), known) or f"known keys: {', '.join(known)}"
                message = f"unknown key {shown(str(loc[-1]))}"
                self.add(path, Refusal("key-unknown", message, hint), key=True)
            case "missing":
                message = f"{str(loc[-1])!r} is missing"
                description = _description(model, loc)
                self.add(path, Refusal("key-missing", message, f"add it: {description}"), key=True)
            case _:
                refusal = _refusal(detail)
                if (blamed := _BLAMED.get(refusal.code)) and blamed not in path:
                    path = (*path, blamed)
                if not self._said(path):  # of a union's branches the first suffices
                    self.add(path, refusal)

    def _said(self, path: Path) -> bool:
        mark = locate(self.root, path)
        return any((p.line, p.column) == (mark.line, mark.column) for p in self.problems)


def _refusal(detail: ErrorDetails) -> Refusal:
    """Return what an error means to the writer of the file."""
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if value is None:
        return Refusal("value-empty", "there is no value", "write one, or remove the key")
    if "hint" in context:
        return Refusal(kind, detail["msg"], str(context["hint"]))
    if kind in {"literal_error", "enum"}:
        return _choice(str(value), str(context["expected"]))
    if isinstance(value, str) and (parse := _parser(kind)):
        try:
            parse(value)
        except Refusal as refusal:
            return refusal
    if kind == "too_long":
        message = f"more than {context['max_length']} entries"
        return Refusal("list-too-long", message, "shorten the list")
    if kind == "too_short":
        return Refusal("value-empty", "the list is empty", "add an entry, or remove the key")
    if kind in _SHAPES:
        return _shape(_SHAPES[kind], value)
    if kind == "value_error":
        return Refusal("value-refused", str(context.get("error", detail["msg"])), _SCHEMA)
    code = "number-out-of-range" if kind in _RANGES else kind.replace("_", "-")
    said = detail["msg"].removeprefix("Input should be ").removeprefix("Value should be ")
    return Refusal(code, f"{shown(str(value))} should be {said}", _SCHEMA)


_SCHEMA = "`forecast schema` says what may stand here"


# Where to point when a mapping as a whole does not fit: the field to mend first.
_BLAMED = {
    "events-exceed-cases": "events",
    "log-baseline": "baseline",
    "log-per": "per",
    "relevance-zero": "relevance",
    "threshold-twice": "below",
}
_RANGES = {"greater_than", "greater_than_equal", "less_than", "less_than_equal"}
_SHAPES = {
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "dict_type": "keys with values",
    "list_type": "a list",
    "tuple_type": "a list",
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a number",
    "bool_type": "true or false",
    "date_type": "a date",
}


def _parser(kind: str) -> Callable[[str], Any] | None:
    parsers: dict[str, Callable[[str], Any]] = {
        "float": scalars.number,
        "int": scalars.whole,
        "date": scalars.day,
    }
    return parsers.get(kind.split("_")[0])


def _shape(expected: str, value: Any) -> Refusal:
    found = "text" if isinstance(value, str) else "a list"
    found = "keys with values" if isinstance(value, dict) else found
    remedies = {
        "a list": "begin each entry with '- '" if found != "text" else _in_brackets(value),
        "keys with values": "write `key: value` lines below it",
    }
    hint = remedies.get(expected, f"write {expected}")
    return Refusal("value-shape", f"{found} where {expected} should be", hint)


def _in_brackets(text: str) -> str:
    return f"write [{text}]" if len(text) <= 40 else "write it in brackets"


def _choice(value: str, expected: str) -> Refusal:
    choices = [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]
    hint = did_you_mean(value, choices) or f"write one of {', '.join(choices)}"
    return Refusal("value-unknown", f"{shown(value)} is not known here", hint)


def _fields_at(model: type[BaseModel], loc: Path) -> set[str]:
    """Return the keys that may stand in the mapping at `loc` of a model."""
    models = {model}
    for step in loc:
        inner = [m.model_fields[step].annotation for m in models if step in m.model_fields]
        if inner:
            models = {found for each in inner for found in _models_in(each)} or models
    return {name for each in models for name in each.model_fields}


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    annotation = getattr(annotation, "__value__", annotation)
    for part in get_args(annotation):
        yield from _models_in(part)


def _description(model: type[BaseModel], loc: Path) -> str:
    for each in [
        model,
        *(m for f in model.model_fields.values() for m in _models_in(f.annotation)),
    ]:
        found = each.model_fields.get(str(loc[-1]))
        if found is not None and found.description:
            return found.description[0].lower() + found.description[1:].split(". ")[0].rstrip(".")
    return f"`{loc[-1]}: …`"
