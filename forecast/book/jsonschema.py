"""JSON Schemas of question and indicator files, by which editors complete and check as you type."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel

from forecast.book.schema import IndicatorFile, QuestionFile
from forecast.families import get, names

FOLDER = ".schema"
QUESTION = "question.schema.json"
INDICATOR = "indicator.schema.json"

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def question_schema() -> dict[str, Any]:
    """Return the JSON Schema of a question file; a model must be one of the families'."""
    schema = _schema(QuestionFile, "A question")
    definitions = schema.setdefault("$defs", {})
    for name in names():
        options = get(name).Options.model_json_schema(ref_template="#/$defs/{model}")
        definitions |= options.pop("$defs", {})
        options["required"] = ["family", *options.get("required", [])]
        options["properties"]["family"] = {"const": name, "description": "The model's family."}
        definitions[f"family-{name}"] = options
    definitions["model"] = {"oneOf": [{"$ref": f"#/$defs/family-{name}"} for name in names()]}
    properties = schema["properties"]
    properties["model"] |= {"anyOf": [{"$ref": "#/$defs/model"}]}
    properties["models"] |= {
        "anyOf": [{"type": "object", "additionalProperties": {"$ref": "#/$defs/model"}}]
    }
    entry = {"$ref": "#/$defs/ResolutionEntry"}
    _either(properties["resolution"], entry, {"type": "array", "items": entry})
    text = {"type": "string"}
    _either(properties["formerly"], text, {"type": "array", "items": text})
    _either(properties["headline"], text, {"$ref": "#/$defs/Pool"})
    _refuse_null(schema)
    return schema


def indicator_schema() -> dict[str, Any]:
    """Return the JSON Schema of an indicator file."""
    schema = _schema(IndicatorFile, "An indicator")
    _refuse_null(schema)
    return schema


def schema_texts() -> dict[str, str]:
    """Return both schemas as text, by where in a book the files' first lines look for them."""
    schemas = {QUESTION: question_schema(), INDICATOR: indicator_schema()}
    return {
        f"{FOLDER}/{name}": json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
        for name, schema in schemas.items()
    }


def _schema(model: type[BaseModel], title: str) -> dict[str, Any]:
    schema = model.model_json_schema()
    return {"$schema": _DIALECT, **schema, "title": title}


def _either(field: dict[str, Any], *choices: dict[str, Any]) -> None:
    """Let a field be written in any of several forms."""
    for key in ("type", "items", "$ref", "anyOf"):
        field.pop(key, None)
    field["anyOf"] = list(choices)


def _refuse_null(node: Any) -> None:
    """Take `null` out of every choice: a key without a value is a mistake in our files."""
    if isinstance(node, dict):
        choices = node.get("anyOf", [])
        if {"type": "null"} in choices:
            node["anyOf"] = [choice for choice in choices if choice != {"type": "null"}]
            if node.get("default", "") is None:
                del node["default"]
        for value in node.values():
            _refuse_null(value)
    elif isinstance(node, list):
        for value in node:
            _refuse_null(value)
