"""How each type of question is scored, against numbers worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from forecast.domain import Question, QuestionType
from forecast.verbs.measures import rules


def _question(type: QuestionType, **more: object) -> Question:
    kept = {"opens": date(2022, 1, 1), "deadlines": (date(2022, 1, 10),), **more}
    return Question("q", "Q?", type, clock=date(2021, 12, 31), **kept)  # type: ignore[arg-type]


def _score(question: Question, answer: str, value: object, name: str) -> float:
    return float(rules(question, answer)[name]([value])[0])


def test_two_options_score_as_yes_or_no() -> None:
    binary = _question(QuestionType.BINARY)
    for type in (QuestionType.MULTIPLE_CHOICE, QuestionType.ORDERED):
        choice = _question(type, options=("no", "yes"))
        for name in ("brier", "log"):
            as_options = _score(choice, "yes", {"no": 0.3, "yes": 0.7}, name)
            assert as_options == pytest.approx(_score(binary, "yes", 0.7, name), abs=1e-12)


@pytest.mark.parametrize(
    ("shares", "answer", "house"),
    [((0.25, 0.25, 0.30, 0.20), "b", 0.2350), ((0.15, 0.45, 0.25, 0.15), "c", 0.27)],
)
def test_ordered_options_score_half_of_good_judgment_open(
    shares: tuple[float, ...], answer: str, house: float
) -> None:
    question = _question(QuestionType.ORDERED, options=("a", "b", "c", "d"))
    value = dict(zip(question.options, shares, strict=True))
    assert _score(question, answer, value, "brier") == pytest.approx(house / 2)


def test_numbers_score_twice_the_mean_pinball_loss_at_their_own_levels() -> None:
    question = _question(QuestionType.NUMERIC)
    five = dict(zip(("0.1", "0.25", "0.5", "0.75", "0.9"), (1, 2, 4, 7, 9), strict=True))
    scores = rules(question, "5")["crps"]([five, {"0.5": 3}, five])
    assert scores.tolist() == pytest.approx([1.02, 2.0, 1.02])


def test_a_single_day_scores_the_days_it_is_off() -> None:
    question = _question(QuestionType.DATE)
    third = {"2022-01-02": 0.0, "2022-01-03": 1.0}
    for answer, off in (("2022-01-03", 0), ("2022-01-07", 4), ("2022-01-01", 2), ("never", 8)):
        assert _score(question, answer, third, "crps") == off


def test_a_date_scores_the_brier_scores_of_its_days_added_up() -> None:
    question = _question(QuestionType.DATE)
    curve = {"2022-01-01": 0.0, "2022-01-05": 0.4, "2022-01-10": 0.6}
    chances = [0, 0.1, 0.2, 0.3, 0.4, 0.44, 0.48, 0.52, 0.56, 0.6]
    never = sum(p**2 for p in chances)
    fourth = sum(p**2 for p in chances[:3]) + sum((p - 1) ** 2 for p in chances[3:])
    assert _score(question, "never", curve, "crps") == pytest.approx(never)
    assert _score(question, "2022-01-04", curve, "crps") == pytest.approx(fourth)


def test_what_is_said_of_days_after_the_last_is_not_scored() -> None:
    question = _question(QuestionType.DATE)
    short = {"2022-01-01": 0.0, "2022-01-10": 0.45}
    longer = {"2022-01-01": 0.0, "2022-01-19": 0.9}
    for answer in ("2022-01-06", "never"):
        assert _score(question, answer, short, "crps") == pytest.approx(
            _score(question, answer, longer, "crps")
        )
