"""A folder becomes a book: healthy files are read, every other one is named."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from forecast.book.folder import find
from forecast.book.load import Book, load
from forecast.domain import QuestionType, Target, Timing
from forecast.errors import UsageError

RAIN = """\
question: Will it rain?
opens: 2022-01-17
deadlines: [2022-02-01, 2022-03-01]
resolution_criteria: As the weather office reports; annulled if it closes.
"""
MODEL = """\
reference_class: {name: days, events: 6, cases: 75, exposure: 180 days}
model:
  family: hazard
  indicators:
    - {use: troops, hazard_ratio: [1.2, 3], per: 50000, baseline: 90000}
"""
TROOPS = "title: Troops\nkind: level\nstale_after: 4 weeks\n"


def codes(book: Book) -> list[str]:
    return [problem.code for problem in book.problems]


def test_a_question_says_what_its_file_says(book) -> None:
    made = book({"rain.yaml": RAIN + "clock: 2021-11-01\nevent: weather\ntags: [sky]\n"})
    question = made.questions["rain"]
    assert made.healthy
    assert not made.problems
    assert (made.title, made.zone) == ("Weather", "UTC")
    assert question.type is QuestionType.BINARY
    assert question.timing is Timing.BY
    assert question.clock == date(2021, 11, 1)
    assert question.targets == (
        Target("rain", date(2022, 2, 1)),
        Target("rain", date(2022, 3, 1)),
    )
    assert question.headline.weights == {"me": 1.0}, "without a model the word is mine"


def test_zone_clock_and_headline_have_defaults(book) -> None:
    made = book({"rain.yaml": RAIN + MODEL, "indicators/troops.yaml": TROOPS}, "format: 1\n")
    question = made.questions["rain"]
    assert (question.zone, question.clock) == ("UTC", question.opens)
    assert question.headline.weights == {"model": 1.0}
    assert question.models[0].name == "hazard"
    assert codes(made) == ["criteria-timezone"]
    assert made.healthy, "advice fails nothing"


def test_one_broken_file_does_not_stop_the_others(book) -> None:
    made = book(
        {
            "rain.yaml": RAIN,
            "snow.yaml": "question: [\n",
            "indicators/troops.yaml": TROOPS,
            "indicators/planes.yaml": "title: Planes\nkind: levle\n",
        }
    )
    assert list(made.questions) == ["rain"]
    assert list(made.indicators) == ["troops"]
    assert sorted(codes(made)) == ["value-unknown", "yaml-syntax"]
    assert not made.healthy


def test_everything_wrong_in_a_file_is_named_at_once(book) -> None:
    text = RAIN.replace("2022-01-17", "2022-02-30").replace("deadlines", "deadlnes")
    made = book({"rain.yaml": text + MODEL.replace("hazard_ratio: [1.2, 3]", "hazard_ratio: 20%")})
    found = [(Path(p.path).name, p.line, p.column, p.code) for p in made.problems]
    assert found == [
        ("rain.yaml", 2, 8, "date-impossible"),
        ("rain.yaml", 3, 1, "key-unknown"),
        ("rain.yaml", 9, 35, "number-percent"),
    ]


def test_a_bad_reading_takes_its_questions_with_it(book) -> None:
    made = book(
        {
            "rain.yaml": RAIN + MODEL,
            "snow.yaml": RAIN,
            "indicators/troops.yaml": TROOPS,
            "indicators/troops.csv": "observed_on,value\n2022-01-17,many\n",
        }
    )
    assert list(made.questions) == ["snow"]
    assert codes(made) == ["number-format", "indicator-broken"]


def test_a_family_judges_indicators_of_the_book(book) -> None:
    made = book(
        {"rain.yaml": RAIN + MODEL, "indicators/troops.yaml": TROOPS.replace("level", "event")}
    )
    assert "rain" not in made.questions
    assert {p.line for p in made.problems} == {9}


def test_questions_that_build_on_one_another_in_a_circle_are_named(book) -> None:
    choice = """\
    question: Which?
    type: multiple_choice
    options: [one, none]
    opens: 2022-01-17
    deadline: 2022-03-01
    resolution_criteria: As the weather office reports; annulled if it closes.
    model:
      family: competing_risks
      none: none
      causes:
        one: {question: OTHER}
    """
    made = book({"a.yaml": choice.replace("OTHER", "b"), "b.yaml": choice.replace("OTHER", "a")})
    assert codes(made) == ["part-cycle", "part-cycle"]
    assert not made.questions


@pytest.mark.parametrize(
    ("name", "code", "remedy"),
    [
        ("Rain.yaml", "id-pattern", "rain.yaml"),
        ("-rain.yaml", "id-pattern", "rain.yaml"),
        ("régn.yaml", "id-pattern", "regn.yaml"),
        ("con.yaml", "id-reserved", "another"),
        ("rain.yml", "file-ending", "rain.yaml"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="some of these names cannot exist there")
def test_files_without_an_id_are_named(book, name: str, code: str, remedy: str) -> None:
    made = book({name: RAIN})
    assert codes(made) == [code]
    assert remedy in made.problems[0].hint


def test_names_that_differ_only_in_case_are_named(book, tmp_path: Path) -> None:
    (tmp_path / "Probe").touch()
    if (tmp_path / "probe").exists():
        pytest.skip("this file system does not tell cases apart")
    made = book({"rain.yaml": RAIN, "Rain.yaml": RAIN})
    assert codes(made) == ["id-twin"]
    assert list(made.questions) == ["rain"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_out_of_the_book_is_not_followed(book, tmp_path_factory) -> None:
    outside = tmp_path_factory.mktemp("outside") / "rain.yaml"
    outside.write_text(RAIN, encoding="utf-8")
    made = book({"snow.yaml": RAIN})
    (made.root / "rain.yaml").symlink_to(outside)
    again = load(made.root)
    assert codes(again) == ["symlink-outside"]
    assert list(again.questions) == ["snow"]


def test_a_broken_book_file_leaves_its_questions(book) -> None:
    made = book({"rain.yaml": RAIN}, "format: 7\ntitel: Weather\n")
    assert "rain" in made.questions
    assert "key-unknown" in codes(made)


def test_the_book_is_found_by_name_environment_and_from_within(book, tmp_path, monkeypatch) -> None:
    made = book({"rain.yaml": RAIN})
    monkeypatch.delenv("FORECAST_BOOK", raising=False)
    assert find(tmp_path) == tmp_path
    assert find(tmp_path / "book.yaml") == tmp_path
    inner = tmp_path / "indicators" / "deep"
    inner.mkdir(parents=True)
    monkeypatch.chdir(inner)
    assert find() == tmp_path
    monkeypatch.chdir(tmp_path.parent)
    monkeypatch.setenv("FORECAST_BOOK", str(tmp_path))
    assert find().resolve() == made.root.resolve()
    with pytest.raises(UsageError, match=r"holds no book\.yaml"):
        find(inner)


def test_resolutions_default_to_yes_on_the_day_it_happened(book) -> None:
    text = RAIN + "resolution: {happened_on: 2022-02-24, source: the weather office}\n"
    question = book({"rain.yaml": text}).questions["rain"]
    (resolution,) = question.resolutions
    assert (resolution.answer, resolution.known_at) == ("yes", date(2022, 2, 24))
    first, second = (question.settled(target) for target in question.targets)
    assert first is not None
    assert second is not None
    assert (first.answer, second.answer) == ("no", "yes")


def test_digests_follow_what_matters(book) -> None:
    def digests(text: str) -> tuple[str, str]:
        files = {"rain.yaml": text, "indicators/troops.yaml": TROOPS}
        question = book(files).questions["rain"]
        return question.digest, question.models[0].digest

    whole, model = digests(RAIN + MODEL)
    assert digests("# a comment\n" + RAIN + MODEL + "background: b\ntags: [a]\n") == (whole, model)
    assert digests(
        RAIN + MODEL + "resolution: {answer: no, known_at: 2022-03-02, source: s}\n"
    ) == (
        whole,
        model,
    )
    assert digests(RAIN.replace("rain?", "snow?") + MODEL)[0] != whole
    assert digests(RAIN.replace("rain?", "snow?") + MODEL)[1] == model
    changed = digests(RAIN + MODEL.replace("50000", "60000"))
    assert changed[0] == whole  # the model is not the question
    assert changed[1] != model
    assert digests(RAIN + MODEL.replace("[1.2, 3]", "[1.20, 3.0]")) == (whole, model)


def test_reading_a_book_imports_nothing_slow(book) -> None:
    made = book({"rain.yaml": RAIN + MODEL, "indicators/troops.yaml": TROOPS})
    program = (
        "import sys; from forecast.book.load import load; assert load(sys.argv[1]).questions; "
        "print([m for m in ('numpy', 'pandas', 'scipy', 'pymc', 'arviz') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(made.root)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.stdout.strip() == "[]"
