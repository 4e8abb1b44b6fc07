"""Field types of the schemas: text in, checked values out, with JSON Schema for editors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from forecast.book import scalars
from forecast.book.scalars import Refusal
from forecast.domain.times import Known
from forecast.families.scalars import shown


def refuse(refusal: Refusal) -> PydanticCustomError:
    """Return the pydantic error that carries a refusal's code, message and remedy."""
    context = {"said": refusal.message, "hint": refusal.hint}
    return PydanticCustomError(refusal.code, "{said}", context)


def reading(parse: Callable[[str], Any]) -> BeforeValidator:
    """Return a validator that reads text with `parse` and leaves other values to pydantic."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return parse(value.strip())
        except Refusal as refusal:
            raise refuse(refusal) from None

    return BeforeValidator(read)


def _text(text: str) -> str:
    if not text:
        raise Refusal("value-empty", "the text is empty", "write it, or remove the key")
    return text


def _flag(text: str) -> bool:
    if text not in {"true", "false"}:
        raise Refusal("value-unknown", f"{shown(text)} is neither true nor false", "write one")
    return text == "true"


def listed(value: Any) -> Any:
    """Return one text or mapping as a list of one, so that both forms may be written."""
    return value if isinstance(value, list | tuple) or value is None else [value]


Text = Annotated[str, reading(_text)]
Flag = Annotated[bool, reading(_flag)]
KnownAt = Annotated[
    Known,
    reading(scalars.known),
    WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}([T ].+)?$"}),
]
Zone = Annotated[str, reading(scalars.zone), WithJsonSchema({"type": "string"})]
Whole = Annotated[int, reading(scalars.whole), WithJsonSchema({"type": "integer"})]
Answer = Annotated[
    str, reading(_text), WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}]})
]
