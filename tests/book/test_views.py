"""A view holds what was known at its date, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime

from forecast.book.load import Book
from forecast.book.views import models_at, stale, view, view_payload
from forecast.domain import AsOf

RAIN = """\
question: Will it rain?
opens: 2022-01-17
clock: 2021-11-01
deadlines: [2022-02-01, 2022-03-01]
resolution_criteria: As the weather office reports; annulled if it closes.
reference_class: {name: days, events: 6, cases: 75, exposure: 180 days}
models:
  late: {family: base_rate, elicited_on: 2022-02-10}
  main:
    family: hazard
    indicators:
      - {use: troops, hazard_ratio: [1.2, 3], per: 50000, baseline: 90000}
      - {use: storms, hazard_ratio: 2, lasts: 60 days, elicited_on: 2022-02-05}
resolution: {happened_on: 2022-02-24, known_at: 2022-02-25, source: the weather office}
"""
TROOPS = """\
observed_on,known_on,value,corrects
2022-02-03,2022-02-03,130000,
2022-01-17,2022-01-20,90000,
2022-01-17,2022-02-05,95000,3
2022-02-01,2022-02-04T12:00Z,120000,
2022-02-01,2022-02-04T09:00Z,110000,
"""


FILES = {
    "rain.yaml": RAIN,
    "indicators/troops.yaml": "title: Troops\nkind: level\nstale_after: 10 days\n",
    "indicators/troops.csv": TROOPS,
    "indicators/storms.yaml": "title: Storms\nkind: event\nstale_after: 99 days\n",
}


def read(book) -> Book:
    return book(FILES)


def at(day: str) -> AsOf:
    return AsOf.at(date.fromisoformat(day), "UTC")


def values(made: Book, as_of: AsOf) -> list[float]:
    seen = view(made, made.questions["rain"], as_of)
    return [reading.center for reading in seen.readings("troops")]


def test_readings_are_visible_from_the_day_they_were_known(book) -> None:
    made = read(book)
    assert values(made, at("2022-01-19")) == []
    assert values(made, at("2022-01-20")) == [90000]


def test_a_live_view_sees_timed_readings_only_from_their_instant(book) -> None:
    made = read(book)
    ten = AsOf.now(datetime(2022, 2, 4, 10, tzinfo=UTC), "UTC")
    assert values(made, ten) == [90000, 110000, 130000]


def test_readings_are_in_order_of_observation_then_knowledge(book) -> None:
    assert values(read(book), at("2022-02-04")) == [90000, 110000, 120000, 130000]


def test_a_correction_replaces_its_row_from_when_it_was_known(book) -> None:
    assert values(read(book), at("2022-02-05")) == [95000, 110000, 120000, 130000]


def test_a_view_does_not_know_the_answer_before_it_was_known(book) -> None:
    made = read(book)
    question = made.questions["rain"]
    assert not view(made, question, at("2022-02-24")).question.resolutions
    assert view(made, question, at("2022-02-25")).question.resolutions


def test_models_count_from_when_they_were_stated(book) -> None:
    question = read(book).questions["rain"]

    def uses(day: str, hindsight: bool = False) -> dict[str, tuple[str, ...]]:
        return {m.name: m.options.uses() for m in models_at(question, at(day), hindsight)}

    assert uses("2022-02-04") == {"main": ("troops",)}
    assert uses("2022-02-05") == {"main": ("troops", "storms")}
    assert list(uses("2022-02-10")) == ["late", "main"]
    assert uses("2022-02-04", hindsight=True) == uses("2022-02-10")


def test_an_indicator_goes_stale_by_its_last_visible_reading(book) -> None:
    made = read(book)
    question = made.questions["rain"]

    def names(day: str) -> list[str]:
        spec = models_at(question, at(day), hindsight=True)[1]
        return [i.id for i in stale(view(made, question, at(day)), spec)]

    assert names("2022-02-01") == ["troops"]
    assert names("2022-02-05") == []
    assert names("2022-02-28") == ["troops", "storms"], "never read: its age runs from the clock"


def test_the_payload_changes_with_the_day_and_with_what_the_model_sees(book) -> None:
    made = read(book)
    question = made.questions["rain"]
    late, main = question.models

    def payload(day: str, which: int) -> dict[str, object]:
        return view_payload(view(made, question, at(day)), (late, main)[which])

    assert payload("2022-02-04", 1) == payload("2022-02-04", 1)
    assert payload("2022-02-04", 1) != payload("2022-02-03", 1)
    assert payload("2022-02-04", 0)["indicators"] == {}


def test_what_became_known_later_changes_no_earlier_payload(book) -> None:
    made = read(book)
    before = view_payload(
        view(made, made.questions["rain"], at("2022-02-04")), made.questions["rain"].models[1]
    )
    csv = TROOPS.replace("95000", "12345") + "2022-01-18,2022-02-06,1,\n"
    again = book({"indicators/troops.csv": csv})
    question = again.questions["rain"]
    assert view_payload(view(again, question, at("2022-02-04")), question.models[1]) == before


def test_a_thought_of_later_days_does_not_show_in_a_digest(book) -> None:
    """Or every replay would count as made by another model once an indicator is added."""

    def digests(day: str, ratio: str) -> list[str]:
        text = RAIN.replace("hazard_ratio: 2,", f"hazard_ratio: {ratio},")
        question = book({**FILES, "rain.yaml": text}).questions["rain"]
        return [spec.digest for spec in models_at(question, at(day))]

    assert digests("2022-02-04", "2") == digests("2022-02-04", "4")
    assert digests("2022-02-05", "2") != digests("2022-02-05", "4")


def test_an_indicator_is_stale_the_day_after_its_patience_ends(book) -> None:
    """Troops, last read on 3 February, may be 10 days old; the last deadline stops the count."""
    made = read(book)
    question = made.questions["rain"]
    spec = models_at(question, at("2022-03-01"))[1]

    def named(day: str) -> bool:
        return "troops" in [i.id for i in stale(view(made, question, at(day)), spec)]

    assert (named("2022-02-13"), named("2022-02-14")) == (False, True)
    patient = book(
        {**FILES, "indicators/troops.yaml": "title: T\nkind: level\nstale_after: 26 days\n"}
    )
    after = stale(view(patient, patient.questions["rain"], at("2022-03-30")), spec)
    assert "troops" not in [each.id for each in after], "1 March is 26 days after 3 February"


def test_the_last_of_all_deadlines_stops_the_count(book) -> None:
    """From 3 February it is 26 days to 1 March, and 57 to 1 April."""
    later = RAIN.replace("2022-03-01]", "2022-03-01, 2022-04-01]")
    troops = "title: T\nkind: level\nstale_after: 40 days\n"
    made = book({**FILES, "rain.yaml": later, "indicators/troops.yaml": troops})
    question = made.questions["rain"]
    spec = models_at(question, at("2022-03-30"))[1]
    found = stale(view(made, question, at("2022-04-30")), spec)
    assert "troops" in [each.id for each in found]


def test_a_model_stated_later_in_part_is_the_model_of_its_earlier_part(book) -> None:
    alone = RAIN.replace("      - {use: storms, hazard_ratio: 2, lasts: 60 days, ", "#")
    (before,) = models_at(read(book).questions["rain"], at("2022-02-04"))
    (stated,) = models_at(book({**FILES, "rain.yaml": alone}).questions["rain"], at("2022-02-04"))
    assert before.digest == stated.digest


def test_a_model_of_one_s_own_is_seen_by_its_code(book) -> None:
    text = BAN[: BAN.index("reference_class:")] + "model: {family: python, file: own.py}\n"

    def payload(code: str) -> dict[str, object]:
        made = book({**FILES, "ban.yaml": text, "models/own.py": code})
        question = made.questions["ban"]
        (spec,) = question.models
        return view_payload(view(made, question, at("2022-02-04")), spec)

    one, other = payload("def build(view): ...\n"), payload("def build(view): pass\n")
    assert one["question"]["reference_class"] is None
    assert len(one["code"]["own.py"]) == 64
    assert one["code"] != other["code"]
    assert one | {"code": None} == other | {"code": None}


def test_the_payload_says_all_that_a_model_sees_and_nothing_else(book) -> None:
    """Its digest names forecasts in the record: what changes it parts them from later ones."""
    made = read(book)
    question = made.questions["rain"]
    spec = models_at(question, at("2022-02-04"))[0]
    assert view_payload(view(made, question, at("2022-02-04")), spec) == {
        "as_of": "2022-02-04",
        "hindsight": False,
        "survived": 95,
        "horizon": [0, 25],
        "question": {
            "id": "rain",
            "clock": "2021-11-01",
            "deadlines": ["2022-02-01", "2022-03-01"],
            "type": "binary",
            "timing": "by",
            "options": [],
            "reference_class": {
                "name": "days",
                "events": 6.0,
                "exposure": 180.0,
                "cases": 75.0,
                "relevance": 1.0,
                "source": "",
                "why": "",
            },
        },
        "indicators": {
            "troops": {
                "kind": "level",
                "stale_after": 10,
                "relative_error": 0.0,
                "source_offset": 0.0,
                "readings": [
                    ["2022-01-17", 90000.0, None, None, 1, ""],
                    ["2022-02-01", 110000.0, None, None, 1, ""],
                    ["2022-02-01", 120000.0, None, None, 1, ""],
                    ["2022-02-03", 130000.0, None, None, 1, ""],
                ],
            }
        },
        "parts": {},
    }


BAN = """\
question: Will it be banned?
opens: 2022-01-17
deadline: 2022-03-01
resolution_criteria: As the office reports; annulled if it closes.
reference_class: {name: bans, events: 2, exposure: 900 days}
model: {family: conditional, given: {question: rain}, after: {hazard_ratio: 9}}
"""


def test_what_it_hangs_on_is_part_of_a_payload_with_the_day_it_came(book) -> None:
    """From that day on the hazard is another one: a fit of another day is another fit."""

    def part(text: str, day: str) -> dict[str, object]:
        made = book({**FILES, "rain.yaml": text, "ban.yaml": BAN})
        (spec,) = made.questions["ban"].models
        payload = view_payload(view(made, made.questions["ban"], at(day)), spec)
        return payload["parts"]["rain"]

    before, after = part(RAIN, "2022-02-24"), part(RAIN, "2022-02-25")
    assert list(before) == ["answers", "models"]
    assert before["answers"] == [None, None]
    assert (after["answers"], after["came"]) == (["no", "yes"], "2022-02-24")
    corrected = RAIN.replace("happened_on: 2022-02-24", "happened_on: 2022-02-20")
    assert part(corrected, "2022-02-24") == before
    assert part(corrected, "2022-02-25") == after | {"came": "2022-02-20"}


def test_past_cases_are_part_of_a_payload_as_they_were_known(book) -> None:
    model = "model: {family: hazard, episodes_from: past, indicators: [{use: storms, "
    model += "hazard_ratio: 2, lasts: 60 days}, {use: troops, hazard_ratio: 2, per: 9, "
    model += "baseline: 99}]}\n"
    text = BAN.replace(BAN[BAN.index("model:") :], model)
    past = (
        "case,outcome,begins,ends,known_on,group,storms,troops\n"
        "a,yes,2020-01-01,2020-02-01,2020-02-03,x,2020-01-05 2020-01-09,120\n"
        "b,no,2021-01-01,2021-02-01,2022-02-10,,,80\n"
    )
    made = book({**FILES, "ban.yaml": text, "past.csv": past})
    (spec,) = made.questions["ban"].models

    def cases(day: str) -> list[object]:
        return view_payload(view(made, made.questions["ban"], at(day)), spec)["cases"]["past"]

    storms = [["2020-01-05", 1.0], ["2020-01-09", 1.0]]
    first = [True, "2020-01-01", "2020-02-01", "x", {"storms": storms, "troops": 120.0}]
    second = [False, "2021-01-01", "2021-02-01", "", {"troops": 80.0}]
    assert cases("2022-02-09") == [first]
    assert cases("2022-02-10") == [first, second]


def test_hindsight_reaches_what_a_question_hangs_on(book) -> None:
    made = book({**FILES, "ban.yaml": BAN})
    question = made.questions["ban"]
    for hindsight, names in ((True, ["late", "main"]), (False, ["main"])):
        whole = view(made, question, at("2022-02-01"), hindsight)
        part = view_payload(whole, question.models[0])["parts"]["rain"]
        assert [name for name, _, _ in part["models"]] == names
        seen = view(made, made.questions["ban"], at("2022-02-01"), hindsight)
        assert seen.hindsight is hindsight
        assert seen.parts["rain"].hindsight is hindsight
