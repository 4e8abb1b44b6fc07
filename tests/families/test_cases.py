"""cases: a regression on past cases, held to quadrature, the base rate and simulated truth."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import special, stats

from forecast.book.load import load
from forecast.domain import PastCase, Timing
from forecast.errors import BookError
from forecast.families import get
from forecast.families.cases import _scaled
from forecast.inference import engine
from forecast.inference.engine import Job
from tests.cli import conftest as commands
from tests.families.test_models import assert_data_alone

run = commands.run  # a fixture
Run = commands.Run

EXPOSURE = "180 days"


def cases(ask, outcomes, groups=None, known=-1000, **columns):
    """Return past cases with these outcomes, a value in each column for each."""
    known_on = ask.on(known)
    return tuple(
        PastCase(
            f"case {i}",
            bool(outcome),
            known_on,
            {name: float(x[i]) for name, x in columns.items() if x[i] is not None},
            group="" if groups is None else groups[i],
        )
        for i, outcome in enumerate(outcomes)
    )


def seen(ask, past, *indicators, **question):
    return replace(ask.view(*indicators, **question), cases={"past": past})


def mean(ask, view, **stated):
    return ask.mean(view, "cases", cases="past", exposure=EXPOSURE, **stated)


def draws(ask, view, **stated):
    """Return the posterior by the package's own engine."""
    options = ask.options("cases", cases="past", **stated)
    family = get("cases")
    (found,) = engine.fit([Job(family.build(options, view), family.key(options, view), 1)])
    assert found.verdict == "publish", found.gates
    return found


SIX_OF_75 = [1] * 6 + [0] * 69


def test_without_columns_it_is_the_base_rate(ask):
    view = seen(ask, cases(ask, SIX_OF_75), rungs=(120, 242))
    assert mean(ask, view) == pytest.approx([0.0211179, 0.0782881], abs=1e-7)


def test_a_column_that_never_varies_teaches_nothing(ask):
    view = seen(ask, cases(ask, SIX_OF_75, troops=[7] * 75))
    p = mean(ask, view, values={"troops": 1e9})
    assert p == pytest.approx([0.0211179], abs=1e-6)


@pytest.mark.parametrize("own", [0.0, 1.0])
def test_a_binary_column_against_quadrature(ask, own):
    """30 of 40 cases with the report had the event, 10 of 60 without; over both parameters."""
    report = np.repeat([1.0, 0.0], [40, 60])
    outcomes = np.concatenate([np.arange(40) < 30, np.arange(60) < 10])
    view = seen(ask, cases(ask, outcomes, report=report), timing=Timing.ON)
    p = ask.mean(view, "cases", cases="past", values={"report": own})
    intercept, weight = np.meshgrid(np.linspace(-6, 6, 801), np.linspace(-8, 16, 801))
    odds = {x: intercept + weight * (x - 0.4) for x in (0.0, 1.0)}
    log_posterior = (
        stats.beta.logpdf(special.expit(intercept), 0.5, 0.5)
        + np.log(special.expit(intercept) * special.expit(-intercept))
        + stats.t.logpdf(weight, 7, scale=2.5)
        + sum(
            came * special.log_expit(odds[x]) + other * special.log_expit(-odds[x])
            for x, came, other in ((1.0, 30, 10), (0.0, 10, 50))
        )
    )
    posterior = np.exp(log_posterior - log_posterior.max())
    exact = (posterior * special.expit(odds[own])).sum() / posterior.sum()
    assert p == pytest.approx([exact], abs=1e-6)


@pytest.mark.parametrize("unit", [1e-12, 1e12])
def test_the_unit_of_a_column_does_not_matter(unit):
    troops = np.random.default_rng(3).normal(100, 30, 60)
    plain, own = _scaled([*troops, None], 140.0)
    scaled, scaled_own = _scaled([*(troops * unit), None], 140.0 * unit)
    np.testing.assert_allclose([*scaled, scaled_own], [*plain, own], rtol=1e-9)


def test_a_column_that_separates_the_outcomes_gives_no_certainty(ask):
    troops = np.arange(20.0)
    view = seen(ask, cases(ask, troops >= 10, troops=troops), timing=Timing.ON)
    low, middle, high = (
        draws(ask, view, values={"troops": x}).mean.item() for x in (0.0, 9.5, 19.0)
    )
    assert low < 0.05 < 0.95 < high < 1
    assert middle == pytest.approx(0.5, abs=0.05)


def test_what_is_not_known_counts_as_typical(ask):
    troops = [*np.linspace(0, 10, 30), None, None]
    outcomes = np.arange(32) % 3 == 0
    view = seen(ask, cases(ask, outcomes, troops=troops), ask.level("troops"), timing=Timing.ON)
    uses = [{"use": "troops"}]
    unknown = ask.mean(view, "cases", cases="past", indicators=uses)
    typical = ask.mean(view, "cases", cases="past", values={"troops": 5})
    assert unknown == pytest.approx(typical, abs=1e-9)


def test_the_own_case_is_read_from_its_indicators(ask):
    data = get("cases").data
    past = cases(
        ask, np.arange(20) % 2, troops=np.arange(20.0), talks=np.arange(20) % 2, shots=range(20)
    )
    options = ask.options(
        "cases",
        cases="past",
        exposure=EXPOSURE,
        indicators=[{"use": "troops"}, {"use": "talks", "lasts": "10 days"}, {"use": "shots"}],
    )
    from forecast.domain import Indicator, IndicatorKind, Observation

    shots = Indicator(
        "shots",
        IndicatorKind.COUNT,
        observations=(Observation(ask.on(9), ask.on(9), value=28.5, days=3),),
    )
    for talks, last in ((70, 0.5), (60, -0.5)):
        view = seen(ask, past, ask.level("troops", ask.at(1, 3.0), ask.at(60, 9.5)),
                    ask.event("talks", talks), shots)  # fmt: skip
        own = data(options, view)["own_x"]
        assert own == pytest.approx([0.0, last, 0.0])


@pytest.mark.parametrize("now", [0, 1, 30])
def test_an_event_on_the_day_of_the_clock_counts_on_every_day_from_it_on(ask, now):
    past = cases(ask, np.arange(20) % 2, talks=np.arange(20) % 2)
    options = ask.options("cases", cases="past", exposure=EXPOSURE, indicators=[{"use": "talks"}])

    def own(*days):
        view = seen(ask, past, ask.event("talks", *days), now=now)
        return get("cases").data(options, view)["own_x"].item()

    assert own(0) == 0.5
    assert own(-1) == own() == -0.5


def test_models_of_one_key_differ_in_data_alone(ask, evaluate):
    """Other cases, in another number, of as many columns."""
    family, rng = get("cases"), np.random.default_rng(5)
    models, keys = [], []
    for size, now in ((30, 77), (45, 60)):
        groups = [str(g) for g in np.arange(size) % 3]
        past = cases(ask, rng.random(size) < 0.3, groups, troops=rng.normal(size=size))
        options = ask.options("cases", cases="past", exposure=EXPOSURE, values={"troops": 0.3})
        view = seen(ask, past, now=now)
        models.append(family.build(options, view))
        keys.append(family.key(options, view))
    assert keys[0] == keys[1]
    assert_data_alone(*models, evaluate)


def test_the_scale_is_that_of_gelman_and_others():
    column, own = _scaled([1.0, 0.0, 0.0, 0.0], 1.0)
    assert column == pytest.approx([0.75, -0.25, -0.25, -0.25])
    assert own == 0.75
    column, own = _scaled([2.0, 4.0, None, 9.0], 7.0)
    assert column[2] == 0
    assert np.std(column[[0, 1, 3]]) == pytest.approx(0.5)
    assert own == pytest.approx((7 - 5) / (2 * np.std([2, 4, 9])))


def test_a_quiet_day_never_raises_and_a_further_rung_is_never_lower(ask):
    past = cases(ask, SIX_OF_75, troops=np.arange(75.0)[::-1])
    by_day = np.array(
        [
            mean(ask, seen(ask, past, now=now, rungs=(90, 120)), values={"troops": 60})
            for now in (0, 77, 78)
        ]
    )
    assert (np.diff(by_day, axis=0) <= 1e-9).all()
    assert (np.diff(by_day, axis=1) >= 0).all()


def test_groups_are_pulled_together_and_a_new_one_is_less_sure(ask):
    """Of three regions one had many events; a case of its own region is between the extremes."""
    groups = [name for name in "abc" for _ in range(30)]
    outcomes = [i < k for k in (24, 6, 6) for i in range(30)]
    view = seen(ask, cases(ask, outcomes, groups), timing=Timing.ON)
    a, b, new = (draws(ask, view, **({"group": g} if g else {})) for g in ("a", "b", ""))
    assert 0.2 < b.mean.item() < new.mean.item() < a.mean.item() < 0.8
    width = [np.ptp(each.interval()) for each in (a, b, new)]
    assert width[2] > 1.5 * max(width[:2])


def test_cases_not_known_yet_are_not_there(ask):
    """The book leaves them out of the view; too few are no answer."""
    view = seen(ask, cases(ask, [1] * 9))
    with pytest.raises(BookError, match="9 past cases known by then, 10 are the fewest"):
        get("cases").data(ask.options("cases", cases="past", exposure=EXPOSURE), view)


def test_simulated_cases_are_learned_from(ask):
    """From 400 cases with known weights: the truth lies in its intervals, and better than chance.

    Each column's weight is that of one standard unit of the priors' scale.
    """
    rng = np.random.default_rng(1)
    truth, size = np.array([1.5, -0.8]), 400
    x = rng.normal(0, 0.5, (size, 2))
    outcomes = rng.random(size) < special.expit(-1 + x @ truth)
    past = cases(ask, outcomes, high=x[:, 0] * 300 + 1000, low=x[:, 1])
    view = seen(ask, past, timing=Timing.ON)
    own = {"high": 0.9 * 300 + 1000, "low": -0.5}
    found = draws(ask, view, values=own)
    low, high = np.quantile(found.draws["weight"], [0.01, 0.99], axis=0)
    assert ((low < truth) & (truth < high)).all()
    p = special.expit(-1 + np.array([0.9, -0.5]) @ truth)
    assert found.mean.item() == pytest.approx(p, abs=0.1)


# International Crisis Behavior v14, 486 crises of 1918-2017: how many there were of each trigger,
# and how many of them became full-scale wars (break codes 1 to 9; 7 is read as in SOURCES.md).
ICB = {
    "verbal act": (5, 1),
    "political act": (97, 16),
    "economic act": (9, 1),
    "external change": (24, 5),
    "other non-violent act": (12, 0),
    "internal challenge": (34, 4),
    "non-violent military act": (75, 6),
    "indirect violent act": (28, 11),
    "violent act": (202, 59),
}


@pytest.mark.slow
def test_real_crises_are_pulled_towards_one_another_by_how_few_they_are(ask):
    """None of 12 and 1 of 5 say less than 59 of 202, so that they move further towards the whole.

    The shares of the small groups are moved by a third or more of their distance, those of the
    large ones by a tenth or less.
    """
    groups = [trigger for trigger, (n, _) in ICB.items() for _ in range(n)]
    outcomes = [i < wars for n, wars in ICB.values() for i in range(n)]
    view = seen(ask, cases(ask, outcomes, groups), timing=Timing.ON)
    found = draws(ask, view, group="non-violent military act")
    intercept = special.logit(found.draws["typical"])[:, None]
    chances = special.expit(intercept + found.draws["between"][:, None] * found.draws["group"])
    p = dict(zip(ICB, chances.mean(axis=0), strict=True))
    assert found.mean.item() == pytest.approx(p["non-violent military act"], abs=0.005)
    share = {trigger: wars / n for trigger, (n, wars) in ICB.items()}
    assert 0 < p["other non-violent act"] < 0.2
    assert share["non-violent military act"] < p["non-violent military act"] < 0.12
    assert p["violent act"] == pytest.approx(share["violent act"], abs=0.015)
    assert p["verbal act"] < 0.25
    moved = {trigger: abs(p[trigger] - share[trigger]) for trigger in ICB}
    assert moved["violent act"] < moved["non-violent military act"] < moved["other non-violent act"]


def test_the_sentence(ask):
    past = cases(ask, SIX_OF_75, troops=np.arange(75.0), talks=np.arange(75) % 2)
    view = seen(ask, past, ask.level("troops"))
    stated = {"indicators": [{"use": "troops"}], "values": {"talks": 1}}
    options = ask.options("cases", cases="past", exposure=EXPOSURE, **stated)
    assert get("cases").sentence(options, view) == (
        "75 past cases in past.csv, 6 of them with the event within 180 days, weighed by troops "
        "(not known here) and talks (1 here)."
    )


QUESTION = """\
question: Will it flood?
opens: 2022-01-17
deadline: 2022-03-01
resolution_criteria: As the weather office reports, in UTC; annulled if it closes.
model: {family: cases, cases: winters, exposure: 60 days, values: {rain: 30}, group: north}
"""
TABLE = "case,outcome,known_on,group,rain,source\n" + "".join(
    f"{year},{'yes' if year % 3 == 0 else 'no'},{year}-03-01,north,{year % 40},the office\n"
    for year in range(1990, 2022)
)


def test_a_forecaster_sees_what_was_learned(tmp_path: Path, run: Run) -> None:
    for name, said in (
        ("book.yaml", commands.BOOK), ("flood.yaml", QUESTION), ("winters.csv", TABLE),
    ):  # fmt: skip
        (tmp_path / name).write_text(said, encoding="utf-8")
    now = commands.NOW.replace(year=2022, month=2, day=2)
    assert run("update", "--book", tmp_path, now=now).code == 0
    shown = " ".join(run("show", "flood", "--book", tmp_path, now=now).out.split())
    assert "32 past cases in winters.csv, 10 of them with the event within 60 days" in shown
    assert "Odds of a high case against a low one, as learned (90%): rain " in shown


@pytest.mark.parametrize(
    ("question", "table", "place", "code"),
    [
        (("", ""), ("", ""), None, None),
        (("rain: 30", "rein: 30"), ("", ""), "flood.yaml:5:74", "column-missing"),
        (("group: north", "group: nord"), ("", ""), "flood.yaml:5:86", "case-group-unknown"),
        ((" exposure: 60 days,", ""), ("", ""), "flood.yaml:5:8", "exposure-missing"),
        (("", ""), ("1990,no", "1990,nay"), "winters.csv:2:6", "case-outcome"),
        (("", ""), ("1990-03-01", ""), "winters.csv:2:9", "case-undated"),
    ],
)
def test_a_book_with_cases(tmp_path: Path, question, table, place, code) -> None:
    text = QUESTION.replace(*question) if question[0] else QUESTION
    rows = TABLE.replace(*table) if table[0] else TABLE
    for name, said in (("book.yaml", "format: 1\ntitle: Past\ntimezone: UTC\n"),
                       ("flood.yaml", text), ("winters.csv", rows)):  # fmt: skip
        (tmp_path / name).write_text(said, encoding="utf-8")
    found = [str(problem) for problem in load(tmp_path).problems]
    if place is None:
        assert found == []
    else:
        assert any(f"{place}:" in line and f"[{code}]" in line for line in found), found
