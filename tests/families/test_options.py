"""What a file may say, and how it is told what it may not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from forecast.domain import IndicatorKind, QuestionType, Timing
from forecast.errors import BookError, UsageError
from forecast.families import get, names

WAITING = {"interval": ["2 weeks", "5 months"]}
HAZARD = {"use": "troops", "hazard_ratio": ["1.2", "3.0"], "per": "50000", "baseline": "90000"}
REPORT = {"use": "talks", "p_if_yes": ".7", "p_if_no": ".3"}


def error(family, **stated):
    """Return the one error of these options: its place, code, message and hint."""
    with pytest.raises(ValidationError) as refused:
        get(family).Options.model_validate({"family": family, **stated})
    (found,) = refused.value.errors()
    return found["loc"], found["type"], found["msg"], found.get("ctx", {}).get("hint")


class TestReading:
    def test_text_from_a_file(self, ask):
        options = ask.options(
            "hazard",
            reference_class=ask.crises | {"relevance": ".5"},
            elicited_on="2022-01-17",
            indicators=[HAZARD | {"ahead": {"fade": "30 days"}, "elicited_on": "2022-01-20"}],
        )
        reference = options.reference_class.domain()
        assert (reference.events, reference.cases, reference.exposure) == (6, 75, 180)
        (use,) = options.indicators
        assert use.hazard_ratio == (1.2, 3.0)
        assert use.ahead.fade == 30
        assert options.elicited_on == date(2022, 1, 17)

    @pytest.mark.parametrize("span", ["60s", "60 s", "60 dayss", "60 d", "days", "s"])
    def test_a_span_in_no_unit_of_ours_is_refused(self, ask, span):
        place, code, message, _ = error("hazard", reference_class=ask.crises | {"exposure": span})
        assert place == ("reference_class", "exposure")
        assert (code, message) == ("days-unreadable", f"{span!r} is no span of time")

    def test_python_values_from_a_notebook(self, ask):
        options = ask.options(
            "intent",
            waiting={"interval": (timedelta(days=14), 150), "shape": "gamma"},
            indicators=[
                {"use": "talks", "moves": "intent", "p_if_yes": 0.7, "p_if_no": (0.2, 0.4)}
            ],
        )
        assert options.waiting.interval == (14, 150)
        assert options.indicators[0].p_if_no == (0.2, 0.4)

    def test_what_was_elicited_later_is_left_out(self, ask):
        uses = [HAZARD | {"elicited_on": "2022-01-20"}, HAZARD | {"use": "talks"}]
        options = ask.options("hazard", reference_class=ask.crises, indicators=uses)
        assert options.uses() == ("troops", "talks")
        assert options.known(date(2022, 1, 19)).uses() == ("talks",)
        assert options.known(date(2022, 1, 20)) is options

    def test_parts_are_the_questions_of_the_causes(self, ask):
        causes = {"a": {"question": "invasion"}, "b": {"reference_class": ask.crises}}
        options = ask.options("competing_risks", causes=causes, none="c")
        assert options.parts() == ("invasion",)


INTERVAL = ("indicators", 0, "hazard_ratio")
REFUSALS = {
    "interval-reversed": (
        "hazard",
        {"indicators": [HAZARD | {"hazard_ratio": ["3.0", "1.2"]}]},
        INTERVAL,
        "the interval [3, 1.2] does not rise",
    ),
    "interval-shape": (
        "hazard",
        {"indicators": [HAZARD | {"hazard_ratio": ["1.2"]}]},
        INTERVAL,
        "an 80% interval has two ends",
    ),
    "ratio-not-positive": (
        "hazard",
        {"indicators": [HAZARD | {"hazard_ratio": "0"}]},
        INTERVAL,
        "a hazard ratio is above 0",
    ),
    "number-percent": (
        "hazard",
        {"indicators": [HAZARD | {"hazard_ratio": "20%"}]},
        INTERVAL,
        "'20%' is a percentage",
    ),
    "number-not-positive": (
        "hazard",
        {"indicators": [HAZARD | {"per": "0"}]},
        ("indicators", 0, "per"),
        "0 is not above 0",
    ),
    "log-baseline": (
        "hazard",
        {"indicators": [HAZARD | {"scale": "log", "baseline": "0"}]},
        ("indicators", 0),
        "a log scale needs a baseline above 0",
    ),
    "log-per": (
        "hazard",
        {"indicators": [HAZARD | {"scale": "log", "per": "1"}]},
        ("indicators", 0),
        "on a log scale per is a factor above 1",
    ),
    "ahead-unknown": (
        "hazard",
        {"indicators": [HAZARD | {"ahead": "up"}]},
        ("indicators", 0, "ahead"),
        "ahead says neither hold, drift nor fade",
    ),
    "days-unreadable": (
        "hazard",
        {"indicators": [HAZARD | {"lasts": "60 dyas"}]},
        ("indicators", 0, "lasts"),
        "'60 dyas' is no span of time",
    ),
    "date-impossible": (
        "hazard",
        {"elicited_on": "2022-02-30"},
        ("elicited_on",),
        "there is no day 2022-02-30",
    ),
    "date-format": (
        "hazard",
        {"elicited_on": "17 Jan 2022"},
        ("elicited_on",),
        "'17 Jan 2022' is not a date",
    ),
    "probability-range": (
        "evidence",
        {"indicators": [REPORT | {"p_if_yes": "1"}]},
        ("indicators", 0, "p_if_yes"),
        "a probability lies between 0 and 1, both excluded",
    ),
    "number-format": (
        "evidence",
        {"prior": "half"},
        ("prior",),
        "'half' is not a number",
    ),
    "rho-range": (
        "evidence",
        {"groups": {"leak": {"rho": "1"}}},
        ("groups", "leak", "rho"),
        "rho lies between 0 and .999",
    ),
    "threshold-twice": (
        "evidence",
        {"indicators": [REPORT | {"above": "1", "below": "2"}]},
        ("indicators", 0),
        "above and below exclude each other",
    ),
    "report-half": (
        "intent",
        {"waiting": WAITING, "indicators": [{"use": "a", "moves": "intent", "p_if_yes": ".7"}]},
        ("indicators", 0),
        "p_if_no is missing",
    ),
    "moves-unstated": (
        "intent",
        {"waiting": WAITING, "indicators": [REPORT | {"moves": "both"}]},
        ("indicators", 0),
        "moves: both needs hazard_ratio",
    ),
    "moves-superfluous": (
        "intent",
        {"waiting": WAITING, "indicators": [HAZARD | REPORT | {"moves": "intent"}]},
        ("indicators", 0),
        "moves: intent leaves no use for hazard_ratio",
    ),
    "cause-source": (
        "competing_risks",
        {"causes": {"a": {}}, "none": "b"},
        ("causes", "a"),
        "a cause comes from a question or from a reference class",
    ),
}


@pytest.mark.parametrize("code", REFUSALS)
def test_refusals(code):
    family, stated, place, message = REFUSALS[code]
    assert error(family, **stated)[:3] == (place, code, message)


class TestReferenceClass:
    def test_more_events_than_cases(self, ask):
        found = error("base_rate", reference_class=ask.crises | {"events": "76"})
        assert found[:3] == (("reference_class",), "events-exceed-cases", "76 events in 75 cases")

    def test_no_relevance_leaves_no_rate(self):
        reference = {"name": "x", "events": "3", "exposure": "2 years", "relevance": "0"}
        assert error("base_rate", reference_class=reference)[1] == "relevance-zero"

    def test_relevance_is_a_share(self, ask):
        found = error("base_rate", reference_class=ask.crises | {"relevance": "50"})
        assert found[1] == "share-range"

    def test_unknown_keys_are_refused(self, ask):
        found = error("base_rate", reference_class=ask.crises | {"relevence": "1"})
        assert found[:2] == (("reference_class", "relevence"), "extra_forbidden")

    def test_none_at_all_is_named_when_it_is_needed(self, ask):
        with pytest.raises(BookError, match="q has no reference class"):
            ask.model(ask.view(), "base_rate")


def complaints(ask, family, *indicators, **stated):
    question = {k: stated.pop(k) for k in ("timing", "type", "options") if k in stated}
    view = ask.view(*indicators, **question)
    options = ask.options(family, **stated)
    found = get(family).check(options, view.question, view.indicators)
    return [(complaint.path, complaint.code) for complaint in found]


class TestFit:
    """Whether a model fits its question and its indicators."""

    def test_a_fitting_model_has_no_complaints(self, ask):
        troops = ask.level("troops")
        stated = {"reference_class": ask.crises, "indicators": [HAZARD]}
        assert complaints(ask, "hazard", troops, **stated) == []

    def test_what_every_family_refuses(self, ask):
        twice = {"indicators": [HAZARD, HAZARD]}
        assert complaints(ask, "hazard", type=QuestionType.NUMERIC, **twice) == [
            (("family",), "family-type"),
            (("indicators", 1, "use"), "use-twice"),
            (("reference_class",), "reference-class-missing"),
        ]

    def test_an_event_by_a_date_needs_its_arrival(self, ask):
        stated = {"prior": ".2", "indicators": [REPORT]}
        assert complaints(ask, "evidence", **stated) == [(("arrives",), "arrives-missing")]
        assert complaints(ask, "evidence", timing=Timing.ON, **stated) == []
        arriving = stated | {"arrives": WAITING}
        assert complaints(ask, "evidence", timing=Timing.ON, **arriving) == [
            (("arrives",), "arrives-unused")
        ]

    @pytest.mark.parametrize("family", ["hazard", "intent"])
    def test_a_state_on_a_date_is_not_raced(self, ask, family):
        stated = {"reference_class": ask.crises}
        if family == "intent":
            stated["waiting"] = WAITING
        assert complaints(ask, family, timing=Timing.ON, **stated) == [(("family",), "timing-on")]

    def test_intent_counts_cases(self, ask):
        recurrent = {"name": "x", "events": 2, "exposure": "3 years"}
        stated = {"reference_class": recurrent, "waiting": WAITING}
        assert complaints(ask, "intent", **stated) == [(("reference_class",), "cases-missing")]

    def test_what_belongs_to_another_kind_of_indicator(self, ask):
        stated = {"reference_class": ask.crises, "indicators": [HAZARD]}
        assert complaints(ask, "hazard", ask.event("troops"), **stated) == [
            (("indicators", 0, "per"), "field-misplaced"),
            (("indicators", 0), "lasts-missing"),
        ]
        lasting = {"use": "troops", "hazard_ratio": 2, "lasts": 60}
        stated = {"reference_class": ask.crises, "indicators": [lasting]}
        assert complaints(ask, "hazard", ask.level("troops"), **stated) == [
            (("indicators", 0, "lasts"), "field-misplaced"),
            (("indicators", 0), "per-missing"),
            (("indicators", 0), "baseline-missing"),
        ]

    def test_a_report_of_a_level_needs_a_threshold(self, ask):
        stated = {"prior": ".2", "timing": Timing.ON}
        assert complaints(ask, "evidence", ask.level("talks"), indicators=[REPORT], **stated) == [
            (("indicators", 0), "threshold-missing")
        ]

    def test_an_unknown_group(self, ask):
        use = REPORT | {"group": "leek"}
        stated = {"prior": ".2", "timing": Timing.ON, "groups": {"leak": {"rho": ".6"}}}
        assert complaints(ask, "evidence", indicators=[use], **stated) == [
            (("indicators", 0, "group"), "group-unknown")
        ]

    def test_base_rate_and_competing_risks_use_no_indicators(self, ask):
        uses = {"indicators": [{"use": "troops"}]}
        found = complaints(ask, "base_rate", reference_class=ask.crises, **uses)
        assert found == [(("indicators",), "indicators-unused")]

    def test_causes_are_the_options_of_the_question(self, ask):
        causes = {"invasion": {"question": "a"}, "truse": {"question": "b"}}
        question = {"type": QuestionType.MULTIPLE_CHOICE, "options": ("invasion", "truce", "none")}
        assert complaints(ask, "competing_risks", causes=causes, none="nothing", **question) == [
            (("causes", "truse"), "cause-unknown"),
            (("none",), "none-unknown"),
            (("causes",), "cause-missing"),
            (("causes",), "cause-missing"),
        ]


def test_an_unknown_family_is_named_with_the_nearest():
    with pytest.raises(UsageError, match="no model family 'hazzard'") as refused:
        get("hazzard")
    assert refused.value.hint == "did you mean 'hazard'?"


@pytest.mark.parametrize("family", [name for name in names() if name != "trend"])
def test_every_field_describes_itself(family):
    """The JSON schema of every family can be written, and says what each field is."""
    schema = get(family).Options.model_json_schema()
    for model in (schema, *schema["$defs"].values()):
        for name, field in model.get("properties", {}).items():
            described = "description" in field or "$ref" in field
            assert described, f"{model['title']}.{name} has no description"


def test_a_level_that_fell_below_its_threshold_has_come_for_good(ask):
    from forecast.families.options import Report
    from forecast.families.reports import has_come

    report = Report(use="calm", p_if_yes=0.2, p_if_no=0.6, below=10)
    for readings, came in (
        ([ask.at(-9, 5.0)], True),
        ([ask.at(-9, 5.0), ask.at(-2, 50.0)], False),
        ([ask.at(3, 5.0), ask.at(9, 50.0)], True),
        ([ask.at(3, 10.0)], False),
    ):
        assert has_come(report, ask.view(ask.level("calm", *readings))) is came


def test_a_count_is_held_to_its_threshold_by_the_day(ask):
    from forecast.domain import Indicator, Observation
    from forecast.families.options import Report
    from forecast.families.reports import has_come

    report = Report(use="shots", p_if_yes=0.2, p_if_no=0.6, above=10)
    for shots, came in ((29.0, False), (31.0, True)):
        seen = Observation(ask.on(9), ask.on(9), value=shots, days=3)
        indicator = Indicator("shots", IndicatorKind.COUNT, observations=(seen,))
        assert has_come(report, ask.view(indicator)) is came
