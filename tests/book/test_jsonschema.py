"""The schemas for editors accept what the book accepts, and describe every field."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from forecast.book.jsonschema import indicator_schema, question_schema, schema_texts
from forecast.book.source import Items, Mapping, Node, Scalar, parse
from forecast.families import get, names

BOOK = Path(__file__).parents[2] / "questions"


def as_an_editor_reads(path: Path) -> Any:
    """Return a file as YAML 1.2 has it, in which dates and `no` are text."""
    root, _ = parse(path.read_bytes(), str(path))
    assert root is not None
    return typed(root)


def typed(node: Node) -> Any:
    match node:
        case Mapping(values=values):
            return {key: typed(value) for key, value in values.items()}
        case Items(items=items):
            return [typed(item) for item in items]
        case Scalar(text=text, plain=True) if re.fullmatch(r"[-+]?(\.\d+|\d+(\.\d*)?)", text):
            return float(text)
        case Scalar(text=text, plain=True):
            return {"true": True, "false": False}.get(text, text)
    return node.text


@pytest.mark.parametrize("path", sorted(BOOK.glob("*.yaml")), ids=lambda path: path.stem)
def test_the_bundled_questions_fit(path: Path) -> None:
    if path.stem != "book":
        jsonschema.validate(as_an_editor_reads(path), question_schema())


@pytest.mark.parametrize("path", sorted(BOOK.glob("indicators/*.yaml")), ids=lambda path: path.stem)
def test_the_bundled_indicators_fit(path: Path) -> None:
    jsonschema.validate(as_an_editor_reads(path), indicator_schema())


@pytest.mark.parametrize(
    "change",
    [
        {"deadline": 20220301},
        {"type": "binery"},
        {"tags": "sky"},
        {"event": None},
        {"colour": "red"},
        {"model": {"family": "hazzard"}},
    ],
)
def test_what_the_book_refuses_is_marked(change: dict[str, object]) -> None:
    question = {"question": "Will it rain?", "opens": "2022-01-17", "deadline": "2022-03-01"}
    jsonschema.validate(question, question_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**question, **change}, question_schema())


def test_every_field_is_described() -> None:
    def undescribed(node: Any, path: str) -> list[str]:
        if isinstance(node, list):
            return [each for item in node for each in undescribed(item, path)]
        if not isinstance(node, dict):
            return []
        missing = [
            f"{path}.{name}"
            for name, field in node.get("properties", {}).items()
            if isinstance(field, dict) and "description" not in field and "title" in field
        ]
        return missing + [
            e for key, value in node.items() for e in undescribed(value, f"{path}.{key}")
        ]

    assert undescribed(question_schema(), "") == []
    assert undescribed(indicator_schema(), "") == []


def test_schemas_are_valid_and_lie_where_files_look_for_them() -> None:
    texts = schema_texts()
    assert set(texts) == {".schema/question.schema.json", ".schema/indicator.schema.json"}
    for text in texts.values():
        jsonschema.Draft202012Validator.check_schema(json.loads(text))


def test_families_do_not_mean_different_things_by_one_name() -> None:
    seen: dict[str, Any] = {}
    for name in names():
        for key, definition in get(name).Options.model_json_schema().get("$defs", {}).items():
            assert seen.setdefault(key, definition) == definition
