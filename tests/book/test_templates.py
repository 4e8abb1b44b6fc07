"""What `init` and `new` write is right as it stands."""

from __future__ import annotations

from datetime import date

import pytest

from forecast.book.templates import SERIES, book_text, new_indicator_text, new_question_text
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


@pytest.mark.parametrize(
    ("type", "options", "family"),
    [
        (QuestionType.BINARY, (), "base_rate"),
        (QuestionType.DATE, (), "base_rate"),
        (QuestionType.NUMERIC, (), "trend"),
        (QuestionType.ORDERED, ("little", "more, or less", "much"), "trend"),
        (
            QuestionType.MULTIPLE_CHOICE,
            ("rain, a little", "snow: much", "no: ne"),
            "competing_risks",
        ),
    ],
)
def test_uncommenting_the_model_makes_it_one(
    book, type: QuestionType, options: tuple[str, ...], family: str
) -> None:
    text = new_question_text("Which?", opens=OPENS, deadlines=[END], type=type, options=options)
    start = text.index("# reference_class:" if "# reference_class:" in text else "# model:")
    past = text.find("# How such questions")
    end = past if past >= 0 else len(text)
    model = "\n".join(line.removeprefix("# ") for line in text[start:end].splitlines())
    series = {f"indicators/{SERIES}.yaml": new_indicator_text("x", IndicatorKind.LEVEL, unit="m")}
    made = book({"new.yaml": f"{text[:start]}{model}\n{text[end:]}", **series})
    assert made.problems == ()
    assert [spec.name for spec in made.questions["new"].models] == [family]


def test_the_families_that_answer_a_type_are_named() -> None:
    text = new_question_text("Will it rain?", opens=OPENS, deadlines=[END])
    named = text.partition("family: base_rate    # or ")[2].splitlines()[0].split(", ")
    assert {"conditional", "cases", "python"} <= set(named)
    assert "competing_risks" not in named
