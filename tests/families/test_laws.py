"""What is true of the families whatever the numbers."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forecast.domain import Timing

WAITING = {"interval": ["14 days", "150 days"]}

few = settings(
    max_examples=3,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)

troops = {"use": "troops", "hazard_ratio": [1.2, 3.0], "per": 50_000, "baseline": 90_000}
talks = {"use": "talks", "hazard_ratio": 1.5, "lasts": "60 days"}
report = {"use": "talks", "p_if_yes": 0.8, "p_if_no": 0.3, "expected_within": [20, 90]}

MODELS = {
    "base_rate": {},
    "hazard": {"indicators": [troops, talks]},
    "hazard, fading": {"indicators": [troops | {"ahead": {"fade": "30 days"}}]},
    "hazard, learned": {
        "indicators": [troops | {"hazard_ratio": 2}, talks | {"hazard_ratio": [1, 3]}],
        "episodes": [
            {
                "name": "a",
                "begins": "2014-01-01",
                "ends": "2014-03-20",
                "outcome": "yes",
                "readings": {"troops": 150_000, "talks": ["2014-03-01"]},
            },
            {
                "name": "b",
                "begins": "2017-01-01",
                "ends": "2017-09-01",
                "outcome": "no",
                "readings": {"troops": {"2017-01-01": 90_000, "2017-06-01": 110_000}},
            },
        ],
    },
    "hazard, drifting": {"indicators": [troops | {"ahead": "drift", "hazard_ratio": 2}]},
    "intent": {
        "waiting": WAITING,
        "indicators": [report | {"moves": "intent"}, troops | {"moves": "timing"}],
    },
    "evidence": {"arrives": WAITING, "indicators": [report]},
}


def mean(ask, view, model, **changed):
    stated = {"reference_class": ask.crises} | MODELS.get(model, {}) | changed
    return ask.mean(view, model.split(",")[0], **stated)


def indicators(ask, *extra):
    return (
        ask.level("troops", ask.at(5, 92_000.0), ask.at(60, 150_000.0), *extra),
        ask.event("talks", 30, 70),
    )


@pytest.mark.parametrize("model", MODELS)
def test_a_quiet_day_never_raises_and_a_further_rung_is_never_lower(ask, model):
    quiet = [ask.view(*indicators(ask), now=now, rungs=(90, 100, 120)) for now in (70, 71, 88)]
    by_day = np.array([mean(ask, view, model) for view in quiet])
    assert (np.diff(by_day, axis=0) <= 1e-9).all()
    assert (np.diff(by_day, axis=1) >= 0).all()
    assert ((by_day > 0) & (by_day < 1)).all()


@pytest.mark.parametrize("model", MODELS)
def test_nothing_is_left_once_the_horizon_is_over(ask, model):
    view = ask.view(*indicators(ask), now=100, rungs=(90, 100, 120))
    p = mean(ask, view, model)
    assert p[:2] == pytest.approx([0, 0], abs=1e-15)
    assert p[2] > 0


@pytest.mark.parametrize("model", MODELS)
def test_before_its_clock_a_question_has_survived_nothing(ask, model):
    """A view from before the clock is the view at the clock's day, with the same readings."""
    early = ask.level("troops", ask.at(-20, 92_000.0)), ask.event("talks", -15)
    before, at_clock = (mean(ask, ask.view(*early, now=now), model) for now in (-10, 0))
    assert before == pytest.approx(at_clock, abs=1e-12)


@pytest.mark.parametrize("model", [m for m in MODELS if m not in ("base_rate", "evidence")])
def test_a_reading_made_twice_by_the_same_source_changes_nothing(ask, model):
    """Also beside another source, with errors and offsets in play."""
    definition = {"relative_error": 0.1, "source_offset": 0.05}
    kyiv, us = ask.at(5, 92_000.0, by="Kyiv"), ask.at(60, 150_000.0, by="US")
    talks = ask.event("talks", 30)
    once = ask.view(ask.level("troops", kyiv, us, **definition), talks)
    again = ask.view(
        ask.level("troops", kyiv, us, us, replace(us, source="echoed elsewhere"), **definition),
        ask.event("talks", 30, 30),
    )
    exact = {"indicators": [troops | {"hazard_ratio": 2}]}
    if model == "intent":
        exact = {"indicators": [report | {"moves": "intent"}]}
    assert mean(ask, again, model, **exact) == pytest.approx(mean(ask, once, model, **exact))


@pytest.mark.parametrize("count", ["any", "each"])
def test_an_event_told_twice_by_the_same_source_is_one(ask, count):
    use = {"indicators": [talks | {"count": count}]}
    once, twice = (ask.view(ask.event("talks", *days)) for days in ((60,), (60, 60)))
    assert mean(ask, twice, "hazard", **use) == pytest.approx(mean(ask, once, "hazard", **use))


@pytest.mark.parametrize("ahead", ["hold", "drift", {"fade": 30}])
def test_an_indicator_at_its_baseline_changes_nothing(ask, ahead):
    at_baseline = ask.level("troops", ask.at(5, 90_000.0), ask.at(50, 90_000.0))
    use = troops | {"ahead": ahead, "hazard_ratio": 3}
    p = mean(ask, ask.view(at_baseline), "hazard", indicators=[use])
    assert p == pytest.approx(mean(ask, ask.view(), "base_rate"), abs=1e-9)


@few
@given(st.floats(0.05, 0.95), st.booleans(), st.sampled_from([None, "g"]))
def test_a_report_as_likely_either_way_changes_nothing(ask, p, came, group):
    empty = {"use": "empty", "p_if_yes": p, "p_if_no": p, "expected_within": [10, 50]}
    pair = [empty | {"group": group}, report | {"group": group}]
    view = ask.view(
        ask.event("empty", *([9] if came else [])), ask.event("talks", 30), timing=Timing.ON
    )
    with_it, without = (
        ask.mean(view, "evidence", prior=0.2, indicators=used, groups={"g": {"rho": 0}})
        for used in (pair, pair[1:])
    )
    assert with_it == pytest.approx(without, abs=1e-12)


@few
@given(st.integers(2, 8), st.floats(0.5, 0.9), st.floats(0.1, 0.5))
def test_echoes_tend_to_one_report_as_rho_tends_to_one(ask, copies, yes, no):
    names = [f"e{i}" for i in range(copies)]
    view = ask.view(*(ask.event(name, 10) for name in names), timing=Timing.ON)
    uses = [{"use": name, "p_if_yes": yes, "p_if_no": no, "group": "leak"} for name in names]

    def odds(used, rho):
        groups = {"leak": {"rho": rho}}
        p = ask.mean(view, "evidence", prior=0.5, indicators=used, groups=groups)[0]
        return p / (1 - p)

    by_rho = [odds(uses, rho) for rho in (0, 0.5, 0.9, 0.999)]
    assert all(a >= b - 1e-12 for a, b in pairwise(by_rho))
    assert by_rho[0] == pytest.approx((yes / no) ** copies)
    assert by_rho[-1] == pytest.approx(odds(uses[:1], 0), rel=0.15)


@few
@given(st.floats(2, 40), st.floats(1.5, 8))
def test_the_waiting_has_its_two_points(low, ratio):
    from forecast.families.options import Waiting
    from forecast.families.priors import log_waiting_survival

    for shape in ("lognormal", "weibull", "gamma"):
        waiting = Waiting(interval=[low, low * ratio], shape=shape)
        days = np.array([0.0, low, low * ratio, 1e5])
        survival = np.exp(log_waiting_survival(waiting, days))
        assert survival[:3] == pytest.approx([1, 0.9, 0.1], abs=1e-9)
        assert survival[3] < 0.1
        curve = log_waiting_survival(waiting, np.arange(2000.0))
        assert np.isfinite(curve).all()
        assert (np.diff(curve) <= 0).all()


def test_relevance_nought_leaves_jeffreys_prior(ask):
    import pymc as pm

    from forecast.families.options import ReferenceClassOptions
    from forecast.families.priors import share

    reference = ReferenceClassOptions.model_validate(ask.crises | {"relevance": 0}).domain()
    with pm.Model() as model:
        share(reference, "p")
    assert [float(model[name].get_value()) for name in ("p_alpha", "p_beta")] == [0.5, 0.5]


@pytest.mark.parametrize("family", ["base_rate", "hazard", "intent"])
def test_coming_first_is_never_likelier_than_coming(ask, family):
    """P(first = k) ≤ P(k by X), and all outcomes sum to one."""
    stated = MODELS[family] | {"reference_class": ask.crises}
    if family == "hazard":
        stated["indicators"] = [talks]
    if family == "intent":
        stated["indicators"] = [report | {"moves": "intent"}]
    part = ask.view(*indicators(ask), rungs=(100,))
    other = ask.view(*indicators(ask), rungs=(300,), clock=ask.on(40))
    view = ask.choice({"early": part, "late": other}, family, stated, rungs=(150,))
    causes = {"e": {"question": "early"}, "l": {"question": "late", "model": "main"}}
    first = ask.mean(view, "competing_risks", causes=causes, none="neither")
    assert first.sum() == pytest.approx(1, abs=1e-12)
    for k, cause in enumerate((part, other)):
        asked = replace(cause.question, deadlines=(ask.on(150),))
        alone = ask.mean(replace(cause, question=asked), family, **stated)[0]
        assert 0 < first[k] <= alone
