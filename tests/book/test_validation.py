"""What a family of somebody else's says with pydantic's own fields is told in the book's words."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

from forecast.book.source import parse, plain
from forecast.book.validation import Findings


class Plug(BaseModel):
    """Options as a plug-in might state them."""

    model_config = ConfigDict(extra="forbid")

    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    number: int = 1
    day: date = date(2022, 1, 1)
    words: Annotated[list[str], Field(min_length=1, max_length=2)] = ["a"]
    more: dict[str, float] = {}
    choice: Literal["this", "that"] = "this"
    text: Annotated[str, Field(max_length=3)] = ""
    even: int = 0

    @field_validator("even")
    @classmethod
    def _even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("an odd number")
        return value


@pytest.mark.parametrize(
    ("line", "code", "said", "remedy"),
    [
        ("share: 2", "number-out-of-range", "'2' should be less than 1", "forecast schema"),
        ("share: 20%", "number-percent", "'20%' is a percentage", "write .2"),
        ("share: [1]", "value-shape", "a list where a number should be", "write a number"),
        ("number: 1.5", "number-not-whole", "1.5 is not a whole number", "write 2"),
        ("day: 2022-02-30", "date-impossible", "there is no day 2022-02-30", "calendar"),
        ("words: []", "value-empty", "the list is empty", "add an entry"),
        ("words: [a, b, c]", "list-too-long", "more than 2 entries", "shorten"),
        ("words: a", "value-shape", "text where a list should be", "write [a]"),
        (f"words: {'a' * 99}", "value-shape", "text where a list should be", "in brackets"),
        ("words: {a: b}", "value-shape", "keys with values where a list should be", "'- '"),
        ("more: a", "value-shape", "text where keys with values should be", "key: value"),
        ("choice: thiss", "value-unknown", "'thiss' is not known here", "did you mean 'this'?"),
        ("choice: other", "value-unknown", "'other' is not known here", "this, that"),
        ("text: long", "string-too-long", "'long' should be String should have", "schema"),
        ("even: 3", "value-refused", "an odd number", "forecast schema"),
        ("od: 3", "key-unknown", "unknown key 'od'", "known keys: choice, day"),
    ],
)
def test_each_kind_of_error_has_its_words_its_place_and_a_remedy(
    line: str, code: str, said: str, remedy: str
) -> None:
    root, _ = parse(f"ok: 1\n{line}\n".encode(), "q.yaml")
    assert root is not None
    findings = Findings("q.yaml", root)
    content = plain(root)
    del content["ok"]
    assert findings.validate(Plug, content) is None
    (problem,) = findings.problems
    assert (problem.code, problem.line) == (code, 2)
    assert said in problem.message
    assert remedy in problem.hint


def test_a_file_with_a_hundred_problems_says_no_more() -> None:
    root, _ = parse(b"".join(b"k%d: x\n" % n for n in range(150)), "q.yaml")
    assert root is not None
    findings = Findings("q.yaml", root)
    findings.validate(Plug, plain(root))
    assert len(findings.problems) == 100
    assert findings.full
