"""The built models: what they are called, what they share, and that they are ordinary PyMC."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from forecast.domain import ModelSpec, Resolution, Timing
from forecast.errors import BookError
from forecast.families import get

WAITING = {"interval": ["14 days", "150 days"]}

TROOPS = {"use": "troops", "hazard_ratio": [1.2, 3.0], "per": 50_000, "baseline": 90_000}
TALKS = {"use": "talks", "hazard_ratio": 1.3, "lasts": "60 days", "count": "each"}
REPORT = {"use": "talks", "p_if_yes": [0.6, 0.9], "p_if_no": 0.3, "expected_within": [20, 90]}
ECHO = {"use": "troops", "above": 100_000, "p_if_yes": 0.8, "p_if_no": [0.2, 0.5]}
GROUPS = {"groups": {"leak": {"rho": 0.6}}}

MODELS = {
    "base_rate": {},
    "hazard": {"indicators": [TROOPS | {"ahead": "drift"}, TALKS]},
    "intent": {
        "waiting": WAITING,
        "indicators": [
            REPORT | {"moves": "both", "hazard_ratio": [1, 2], "lasts": 30, "group": "leak"},
            ECHO | {"moves": "intent", "group": "leak"},
        ],
        **GROUPS,
    },
    "evidence": {
        "prior": [0.1, 0.3],
        "arrives": WAITING,
        "indicators": [REPORT | {"group": "leak"}, ECHO | {"group": "leak"}],
        **GROUPS,
    },
}


def indicators(ask, shift=0):
    definition = {"relative_error": 0.1}
    readings = ask.at(5 + shift, 92_000.0), ask.at(60, 150_000.0)
    return ask.level("troops", *readings, **definition), ask.event("talks", 30 + shift)


def stated(ask, model, crises=None):
    return {"reference_class": crises or ask.crises} | MODELS[model]


def at(model, point):
    """Return an unconstrained point as values for the model's variables."""
    return {variable: point[variable.name] for variable in model.value_vars}


@pytest.fixture
def race(ask):
    """Return a view, with the options, of a race between an intent and a hazard question."""
    view = ask.view(*indicators(ask), rungs=(100,))
    race = ask.choice({"early": view, "late": view}, "intent", stated(ask, "intent"), rungs=(150,))
    causes = {"e": {"question": "early"}, "l": {"question": "late"}}
    return race, ask.options("competing_risks", causes=causes, none="neither")


@pytest.mark.parametrize("model", MODELS)
def test_models_of_one_key_differ_in_data_alone(ask, model, evaluate):
    """One question's numbers put into another's model of the same key give that one's answer."""
    other_class = {"name": "other", "events": 3, "cases": 20, "exposure": "1 year"}
    first = ask.view(*indicators(ask), now=70, rungs=(90, 120))
    second = ask.view(*indicators(ask, shift=3), now=64, rungs=(80, 200))
    family = get(model)
    ours = ask.options(model, **stated(ask, model))
    theirs = ask.options(model, **stated(ask, model, other_class))
    assert family.key(ours, first) == family.key(theirs, second)

    assert_data_alone(family.build(ours, first), family.build(theirs, second), evaluate)


def assert_data_alone(first, second, evaluate):
    """Assert that a model with another's numbers in it has that one's density and answer."""
    assert list(first.named_vars) == list(second.named_vars)
    for data in second.data_vars:
        first[data.name].set_value(data.get_value())
    point = {name: value + 0.3 for name, value in second.initial_point().items()}
    swapped, meant = (
        [
            evaluate(graph, at(built, point))
            for graph in (built.logp(), *built.replace_rvs_by_values([built["p"]]))
        ]
        for built in (first, second)
    )
    assert swapped[0] == pytest.approx(meant[0], rel=1e-12)
    assert swapped[1] == pytest.approx(meant[1], rel=1e-12)


def test_a_key_tells_structures_apart(ask):
    family, view = get("hazard"), ask.view(*indicators(ask))
    exact = ask.view(ask.level("troops", ask.at(5, 92_000.0)), ask.event("talks", 30))
    keys = [
        family.key(ask.options("hazard", reference_class=ask.crises, indicators=uses), seen)
        for uses, seen in (
            ([TROOPS], view),
            ([TROOPS], exact),
            ([TROOPS | {"hazard_ratio": 2}], view),
            ([TROOPS, TALKS], view),
            ([TROOPS, TALKS | {"hazard_ratio": [1, 2]}], view),
            ([TROOPS | {"ahead": "drift"}], view),
            ([TROOPS], ask.view(*indicators(ask), rungs=(100, 120))),
        )
    ]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("model", MODELS)
def test_gradients_are_finite_far_out(ask, model, evaluate):
    built = ask.model(ask.view(*indicators(ask)), model, **stated(ask, model))
    gradient = built.dlogp()
    for shift in (-6.0, 0.0, 6.0):
        point = {name: value + shift for name, value in built.initial_point().items()}
        assert np.isfinite(evaluate(gradient, at(built, point))).all()


def test_parts_keep_their_own_names(ask, race):
    view, options = race
    model = get("competing_risks").build(options, view)
    free = {variable.name for variable in model.free_RVs}
    assert {"e::intent", "l::intent", "e::p_if_yes", "l::log_hazard_ratio"} <= free
    assert "e::means_it" in model.named_vars
    assert get("competing_risks").key(options, view).count("intent/") == 2


def with_early(view, **changed):
    """Return the view of a race whose early question is changed."""
    early = view.parts["early"]
    return replace(
        view,
        parts={**view.parts, "early": replace(early, question=replace(early.question, **changed))},
    )


def test_a_cause_that_cannot_race_is_refused(ask, race):
    view, options = race
    (spec,) = view.parts["early"].question.models
    come = Resolution("yes", ask.on(70), "a source", happened_on=ask.on(70))
    later = replace(spec, elicited_on=ask.on(80))
    trend = ModelSpec("main", "trend", get("trend").Options(series="troops"))
    for changed, message in (
        ({"models": ()}, "early has no model"),
        ({"models": (later,)}, "was not stated yet"),
        ({"models": (trend,)}, "trend, the model of early, has no daily hazard"),
        ({"resolutions": (come,)}, "early is answered: the race is over"),
    ):
        with pytest.raises(BookError, match=message):
            get("competing_risks").build(options, with_early(view, **changed))
    told = replace(with_early(view, models=(later,)).parts["early"], hindsight=True)
    told = replace(view, parts={**view.parts, "early": told}, hindsight=True)
    assert get("competing_risks").build(options, told)


@pytest.mark.parametrize("model", ["hazard", "intent", "evidence"])
def test_a_replay_leaves_out_what_was_elicited_later(ask, model):
    view = ask.view(*indicators(ask), now=70)
    plain = stated(ask, model)
    later = [use | {"elicited_on": "2022-02-01"} for use in plain["indicators"]]
    without = get(model).key(ask.options(model, **plain | {"indicators": []}), view)
    options = ask.options(model, **plain | {"indicators": later})
    assert get(model).key(options, view) == without
    assert get(model).key(options, replace(view, hindsight=True)) != without
    assert "troops" not in get(model).sentence(options, view)


def test_sentences(ask, race):
    view = ask.view(*indicators(ask))
    said = {m: get(m).sentence(ask.options(m, **stated(ask, m)), view) for m in MODELS}
    assert said["base_rate"] == "6 of 75 such cases within 180 days (crises); nothing else is used."
    assert said["hazard"] == (
        "6 of 75 such cases within 180 days (crises); the daily hazard is then 1.9× per 50,000 "
        "troops above 90,000 and 1.3× for each of the last 60 days' talks."
    )
    assert said["intent"] == (
        "Meant as often as 6 of 75 such cases within 180 days (crises); if meant, it comes 14 days "
        "to 150 days after the clock starts (80%), a hazard then 1.4× within 30 days of talks; "
        "reports: talks (60–90% if yes, 30% if no) and troops (80% if yes, 20–50% if no)."
    )
    assert said["evidence"].startswith("Yes with 10–30% before any report; if yes, it comes 14")
    assert get("competing_risks").sentence(race[1], race[0]) == (
        "Daily hazards race: e (as in early) and l (as in late); neither if none has come by the "
        "end."
    )


def test_a_state_needs_no_parameters_where_all_is_exact(ask, evaluate):
    use = {"use": "talks", "p_if_yes": 0.9, "p_if_no": 0.3}
    view = ask.view(*indicators(ask), timing=Timing.ON)
    model = ask.model(view, "evidence", prior=0.25, indicators=[use])
    assert model.free_RVs == []
    assert evaluate(model["p"]) == pytest.approx([0.5])


def test_options_checks_and_sentences_import_nothing_slow():
    code = (
        "import sys; from forecast.families import get, names\n"
        "for name in names(): get(name).Options.model_json_schema()\n"
        "o = get('hazard').Options(indicators=[{'use': 'a', 'hazard_ratio': 2}])\n"
        "print({'pymc', 'pytensor', 'numpy', 'scipy', 'pandas'} & set(sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"
