"""What `init` and `new` write is right as it stands."""

from __future__ import annotations

from datetime import date

import pytest

from forecast.book.templates import book_text, new_indicator_text, new_question_text
from forecast.domain import IndicatorKind, QuestionType

OPENS, END = date(2022, 1, 17), date(2022, 3, 1)


@pytest.mark.parametrize(
    "text",
    [
        new_question_text("Will it rain?", opens=OPENS, deadlines=[END]),
        new_question_text('A "title": odd, [red]x[/red]', opens=OPENS, deadlines=[OPENS, END]),
        new_question_text(
            "Which?",
            opens=OPENS,
            deadlines=[END],
            type=QuestionType.MULTIPLE_CHOICE,
            options=["rain, a little", "snow: much", "neither"],
            zone="Europe/Kyiv",
        ),
        new_question_text("How much?", opens=OPENS, deadlines=[END], type=QuestionType.NUMERIC),
    ],
)
def test_a_new_question_loads_without_a_word(book, text: str) -> None:
    made = book({"new.yaml": text}, book_text('The "first": book'))
    assert made.problems == ()
    assert list(made.questions) == ["new"]
    assert made.title == 'The "first": book'
    assert text.startswith("# yaml-language-server: $schema=.schema/question.schema.json\n")


def test_titles_and_options_come_back_as_given(book) -> None:
    options = ["rain, a little", "snow: much", "neither]"]
    text = new_question_text(
        "Is it {x}, #1?", opens=OPENS, deadlines=[END], type=QuestionType.ORDERED, options=options
    )
    question = book({"new.yaml": text}).questions["new"]
    assert question.title == "Is it {x}, #1?"
    assert list(question.options) == options


@pytest.mark.parametrize("kind", IndicatorKind)
def test_a_new_indicator_loads(book, kind: IndicatorKind) -> None:
    made = book({"indicators/x.yaml": new_indicator_text("Troops: all", kind, unit="1,000 men")})
    assert made.problems == ()
    assert made.indicators["x"].kind is kind
    assert made.indicators["x"].unit == "1,000 men"


def test_uncommenting_the_model_makes_it_one(book) -> None:
    text = new_question_text("Will it rain?", opens=OPENS, deadlines=[END])
    head, model = text.split("# reference_class:", 1)
    model = "\n".join(
        line.removeprefix("# ") for line in ("# reference_class:" + model).splitlines()
    )
    question = book({"new.yaml": head + model}).questions["new"]
    assert [spec.name for spec in question.models] == ["base_rate"]
