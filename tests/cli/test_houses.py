"""The scoring guide's cases, played through the command: one record under each site's rule."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from forecast.domain import Question, QuestionType, Settled
from forecast.scoring.paths import Window, path
from forecast.verbs.basis import DAY
from forecast.verbs.cases import Case
from forecast.verbs.houses import HOUSES
from tests.cli.conftest import Run

OPENS = datetime(2026, 10, 1, tzinfo=UTC)
QUESTION = """\
question: Will it rain?
opens: 2026-10-01
deadline: 2026-10-{last:02d}
headline: me
resolution_criteria: |
  Yes if it rains. Source: the weather office. Days in UTC. Annulled if unclear.
resolution:
  answer: {answer}
  known_at: {known}
  source: the office
"""
Said = dict[str, list[tuple[float, float | None]]]


@pytest.fixture
def scored(run: Run, book: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Play one question of `length` days and return everybody's score by a rule."""

    def play(
        rule: str, said: Said, *, length: int = 10, answer: str = "yes", end: float = 0
    ) -> Any:
        known = OPENS + timedelta(days=end or length)
        open_file = QUESTION.format(last=length, answer=answer, known=known.isoformat())
        open_file = open_file.partition("resolution:")[0]
        (book / "rain.yaml").write_text(open_file, encoding="utf-8")
        for who, steps in said.items():
            monkeypatch.setenv("FORECAST_BY", who)
            for day, p in steps:
                asked = ("withdraw", "rain") if p is None else ("predict", "rain", p)
                assert run(*asked, now=OPENS + timedelta(days=day)).code == 0
        answered = QUESTION.format(last=length, answer=answer, known=known.isoformat())
        (book / "rain.yaml").write_text(answered, encoding="utf-8")
        rows = json.loads(run("score", "rain", "--rule", rule, "--json").out)
        return {row["forecaster"]: row for row in rows if row["scope"] == "target"}

    return play


def scores(rows: Any) -> list[float]:
    return [row["score"] for who, row in sorted(rows.items()) if who != "headline"]


THREE: Said = {"ann": [(0, 0.7)], "bob": [(0, 0.5)], "carl": [(0, 0.3)]}


@pytest.mark.parametrize(
    ("rule", "said", "options", "expected"),
    [
        ("metaculus", {"ann": [(0, 0.6), (4, 0.8), (7, None)]}, {}, [30.863533]),
        ("metaculus", {"ann": [(0, 0.6), (4, 0.8), (7, None)]}, {"end": 5}, [17.302095]),
        ("metaculus-peer", THREE, {}, [59.188505, 8.717669, -67.906174]),
        ("metaculus-peer", THREE, {"answer": "no"}, [-67.906174, 8.717669, 59.188505]),
        ("metaculus-spot", THREE, {}, [59.188505, 8.717669, -67.906174]),
        (
            "metaculus-peer",
            THREE | {"carl": [(3, 0.3)]},
            {"end": 6},
            [27.850719, -7.478866, -20.371852],
        ),
        ("metaculus-relative", {"ann": [(0, 0.8)], "bob": [(0, 0.4)]}, {}, [0.415037, -0.584963]),
        ("gjopen", {"ann": [(0, 0.9), (3, 0.95)]}, {"length": 7}, [0.011429]),
        ("gjopen-relative", THREE, {}, [-0.32, 0.0, 0.48]),
        (
            "fatebook",
            {"ann": [(0, 0.6), (2.25, 0.9)], "bob": [(1.5, 0.5)]},
            {"end": 4.5},
            [0.1625, 0.388889],
        ),
        (
            "fatebook-relative",
            {"ann": [(0, 0.6), (2.25, 0.9)], "bob": [(1.5, 0.5)]},
            {"end": 4.5},
            [-0.14875, 0.14875],
        ),
        ("predictionbook", {"ann": [(0, 0.7), (1, 0.9)]}, {}, [(0.09 + 0.01) / 2]),
        ("forecastbench", {"ann": [(0, 0.5)], "bob": [(0, 0.9)]}, {}, [0.25, 0.01]),
    ],
)
def test_a_record_under_each_rule(
    scored: Callable[..., Any], rule: str, said: Said, options: Any, expected: list[float]
) -> None:
    assert scores(scored(rule, said, **options)) == pytest.approx(expected, abs=5e-7)


@pytest.mark.parametrize(
    ("said", "answer", "expected"),
    [((0.25, 0.25, 0.30, 0.20), "b", 0.2350), ((0.15, 0.45, 0.25, 0.15), "c", 0.27)],
)
def test_ordered_options_under_good_judgment_open(
    said: tuple[float, ...], answer: str, expected: float
) -> None:
    day = date(2026, 10, 1)
    question = Question(
        "size", "How large?", QuestionType.ORDERED, day, (date(2026, 10, 10),), day,
        options=("a", "b", "c", "d"),
    )  # fmt: skip
    settled = Settled(answer, OPENS + timedelta(days=10), date(2026, 10, 10))
    window = Window(0, 10 * DAY)
    stood = path(start=[0], value=[dict(zip("abcd", said, strict=True))], window=window)
    case = Case("live", question, question.targets[0], settled, window, {"ann": stood})
    assert HOUSES["gjopen"].scores([case]) == [{"ann": pytest.approx(expected)}]


def test_every_rule_has_a_screen(run: Run, scored: Callable[..., Any]) -> None:
    scored("metaculus", THREE)
    for name, house in HOUSES.items():
        shown = run("score", "rain", "--rule", name)
        assert shown.code == 0
        assert f"{house.title}: {house.better} is better" in shown.out
        assert all(len(line) <= 80 for line in shown.out.splitlines())


def test_what_a_rule_cannot_score_is_counted(run: Run, scored: Callable[..., Any]) -> None:
    scored("metaculus", THREE, end=3)
    assert (
        "1 target without a score by this rule"
        in run("score", "rain", "--rule", "metaculus-spot").out
    )


def test_an_unknown_rule_and_a_second_basis(run: Run, book: Path) -> None:
    assert "did you mean 'metaculus'?" in run("score", "--rule", "metaculs").err
    assert "leave the other options out" in run("score", "--rule", "gjopen", "--last").err


def test_zero_on_what_happened_is_infinite(run: Run, scored: Callable[..., Any]) -> None:
    assert scores(scored("metaculus", {"ann": [(0, 0.0)]})) == ["-inf"]
    assert "-infinite" in run("score", "rain", "--rule", "metaculus").out.replace("−", "-")
