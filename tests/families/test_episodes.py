"""Past episodes of a hazard: exact by quadrature, and true to what they must be."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from forecast.book.load import load
from forecast.book.views import view as seen_by
from forecast.domain import AsOf, PastCase
from forecast.families import get
from tests.cli import conftest as commands
from tests.exact import crises, grid, ratio
from tests.families.conftest import expectation
from tests.families.test_models import assert_data_alone

run = commands.run  # a fixture
Run = commands.Run

TALKS = {"use": "talks", "hazard_ratio": [1.2, 3.0], "lasts": "60 days", "ahead": "hold"}
TROOPS = {"use": "troops", "hazard_ratio": [0.8, 4.0], "per": 50, "baseline": 100}
RARE = {"name": "raids", "events": 2, "exposure": "1127 days"}


def episode(ask, days, outcome, **readings):
    """Return an episode of so many days at risk, its readings by day of it."""
    begins = ask.on(-1000)
    dated = {
        name: x if isinstance(x, int | float) else [str(begins + timedelta(days=d)) for d in x]
        for name, x in readings.items()
    }
    ends = begins + timedelta(days=days)
    stated = {"name": "earlier", "begins": begins, "ends": ends, "outcome": outcome}
    return stated | {"readings": dated}


def mean(ask, view, *episodes, output="p", **stated):
    stated = {"reference_class": ask.crises, "episodes": episodes} | stated
    return ask.mean(view, "hazard", output=output, **stated)


def test_they_enter_by_the_likelihood_of_each_day(ask):
    """Three episodes, one with the event, against quadrature over the share and the ratio."""
    past = (
        episode(ask, 90, "yes", talks=[50]),
        episode(ask, 200, "no", talks=[20, 120]),
        episode(ask, 30, "no"),
    )
    view = ask.view(ask.event("talks", 60))
    (base, slope), weights = grid(crises(), ratio(1.2, 3.0))
    high = np.exp(slope)
    # Talks count from their own day for 60 days: of 90 days 41, of 200 120, of 77 18.
    quiet = (49 + 40 * high) + (80 + 120 * high) + 30 + (59 + 18 * high)
    weights = weights * np.exp(-base * quiet) * -np.expm1(-base * high)
    exact = 1 - weights @ np.exp(-43 * base * high) / weights.sum()
    assert mean(ask, view, *past, indicators=[TALKS]) == pytest.approx([exact], abs=1e-7)


def test_without_events_and_at_the_baseline_only_the_base_hazard_learns(ask):
    """200 more days without an event: as if they were in the reference class, and no more."""
    past = episode(ask, 120, "no", troops=100), episode(ask, 80, "no")
    view = ask.view(ask.level("troops", ask.at(0, 150.0)))
    stated = {"reference_class": RARE, "indicators": [TROOPS]}
    more = stated | {"reference_class": RARE | {"exposure": "1327 days"}}
    assert mean(ask, view, *past, **stated) == pytest.approx(mean(ask, view, **more), abs=1e-9)


def test_a_hazard_ratio_is_learned_from_where_events_came(ask):
    """Events at high readings raise it, events at low ones lower it, and the prior stays behind."""

    import pymc as pm

    def learned(*past):
        options = ask.options("hazard", reference_class=RARE, indicators=[TROOPS], episodes=past)
        view = ask.view(ask.level("troops", ask.at(70, 100.0)))
        with get("hazard").build(options, view) as model:
            pm.Deterministic("learned", model["log_hazard_ratio"] * 1.0)
        return expectation(model, "learned")[0]

    none = learned()
    came = [episode(ask, 100, "yes", troops=200), episode(ask, 100, "no", troops=100)]
    calm = [episode(ask, 100, "no", troops=200), episode(ask, 100, "yes", troops=100)]
    assert learned(*calm) < none < learned(*came) < learned(*came, *came)


def test_an_exact_ratio_has_nothing_to_learn_but_the_base_hazard(ask):
    past = episode(ask, 100, "yes", troops=150)
    view = ask.view(ask.level("troops", ask.at(0, 100.0)))
    exact = {"reference_class": RARE, "indicators": [TROOPS | {"hazard_ratio": 2}]}
    prior = ask.reference(RARE)
    rate, weights = gamma_grid(prior.events + 0.5, prior.exposure)
    weights = weights * np.exp(-rate * (99 * 2 + 77)) * -np.expm1(-2 * rate)
    expected = 1 - weights @ np.exp(-43 * rate) / weights.sum()
    assert mean(ask, view, past, **exact) == pytest.approx([expected], abs=1e-8)


def gamma_grid(shape, rate):
    from tests.exact import gamma

    rule = gamma(shape, rate)
    return rule.nodes, rule.weights


def test_an_episode_whose_end_is_not_known_yet_is_not_there(ask):
    """Look-ahead: an end of day 80 is invisible on day 77, and counts on day 80."""
    late = episode(ask, 30, "yes") | {"known_on": str(ask.on(80))}
    for now, same in ((79, True), (80, False)):
        view = ask.view(now=now)
        with_it, without = (mean(ask, view, *past) for past in ([late], []))
        assert (with_it == pytest.approx(without, abs=1e-12)) is same


def test_a_table_says_the_same_as_the_file(ask):
    past = [episode(ask, 90, "yes", talks=[50]), episode(ask, 30, "no")]
    options = ask.options("hazard", reference_class=RARE, indicators=[TALKS], episodes=past)
    cases = tuple(each.case() for each in options.episodes)
    assert all(isinstance(case, PastCase) for case in cases)
    view = ask.view(ask.event("talks", 60))
    tabled = {"reference_class": RARE, "indicators": [TALKS], "episodes_from": "past"}
    same = ask.mean(replace(view, cases={"past": cases}), "hazard", **tabled)
    assert same == pytest.approx(expectation(get("hazard").build(options, view)), abs=1e-12)


def test_models_of_one_key_differ_in_data_alone(ask, evaluate):
    """Other episodes, with and without the event, in another number."""
    family, models, keys = get("hazard"), [], []
    view = ask.view(ask.level("troops", ask.at(5, 150.0)))
    for past in (
        [episode(ask, 90, "yes", troops=140), episode(ask, 30, "no")],
        [episode(ask, 50, "no"), episode(ask, 60, "no", troops=90), episode(ask, 80, "no")],
    ):
        options = ask.options("hazard", reference_class=RARE, indicators=[TROOPS], episodes=past)
        models.append(family.build(options, view))
        keys.append(family.key(options, view))
    assert keys[0] == keys[1]
    assert_data_alone(*models, evaluate)


def test_the_sentence_counts_them(ask):
    past = [episode(ask, 90, "yes"), episode(ask, 30, "no")]
    options = ask.options("hazard", reference_class=RARE, episodes=past)
    sentence = get("hazard").sentence(options, ask.view())
    assert sentence.endswith("(raids), corrected by 2 past episodes, 1 with the event.")


BOOK = "format: 1\ntitle: Past\ntimezone: UTC\n"
QUESTION = """\
question: Will it flood?
clock: 2022-01-01
opens: 2022-01-17
deadline: 2022-03-01
resolution_criteria: As the weather office reports; annulled if it closes.
reference_class: {name: winters, events: 3, exposure: 500 days}
model:
  family: hazard
  indicators:
    - {use: rainfall, hazard_ratio: [1, 4], per: 10, baseline: 20}
    - {use: storms, hazard_ratio: [1, 4], lasts: 10 days}
  episodes_from: winters
"""
TABLE = """\
case,outcome,begins,ends,known_on,rainfall,storms,source
2019,no,2019-01-01,2019-03-01,,18,,the office
2020,yes,2020-01-01,2020-02-03,,35,2020-01-20 2020-02-01,the office
2021,no,2021-01-01,2021-03-01,2022-02-01,,2021-02-10,the office
"""


@pytest.fixture
def winters(tmp_path: Path) -> Path:
    files = {"book.yaml": BOOK, "flood.yaml": QUESTION, "winters.csv": TABLE}
    files |= {"indicators/rainfall.yaml": "title: Rain\nkind: level\n"}
    files |= {"indicators/storms.yaml": "title: Storms\nkind: event\n"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_a_table_beside_the_question_is_read_as_it_was_known(winters: Path) -> None:
    book = load(winters)
    assert book.healthy, list(map(str, book.problems))
    question = book.questions["flood"]
    (spec,) = question.models

    def rows(day):
        known = seen_by(book, question, AsOf.at(day, "UTC"))
        return get("hazard").data(spec.options, known)

    early, late = rows(question.opens), rows(question.deadlines[-1])
    assert early["episode_event_x"].tolist() == [[1.5, 1.0]]
    # 59 days at 18 mm; 19 at 35 before the storms, 10 and 2 within ten days of one, 1 after.
    x = map(tuple, early["episode_x"].round(9).tolist())
    days = dict(zip(x, early["episode_days"].tolist(), strict=True))
    assert days == {(-0.2, 0): 59, (1.5, 0): 18 + 2, (1.5, 1): 12}
    assert late["episode_days"].sum() == early["episode_days"].sum() + 59


def test_a_forecaster_sees_what_was_learned(winters: Path, run: Run) -> None:
    now = commands.NOW.replace(year=2022, month=2, day=2)
    assert run("update", "--book", winters, now=now).code == 0
    shown = " ".join(run("show", "flood", "--book", winters, now=now).out.split())
    assert (
        "corrected by 3 past episodes, 1 with the event. Hazard ratios as learned (90%): " in shown
    )
    assert re.search(r"rainfall \S+× \(\S+–\S+\), storms \S+× \(\S+–\S+\)\.", shown)


IN_THE_FILE = """\
  episodes:
    - {name: "2019", begins: 2019-01-01, ends: 2019-03-01, outcome: no, readings: {rainfall: 18}}
    - name: "2020"
      begins: 2020-01-01
      ends: 2020-02-03
      outcome: yes
      readings: {rainfall: 35, storms: [2020-01-20, 2020-02-01]}
    - name: "2021"
      begins: 2021-01-01
      ends: 2021-03-01
      outcome: no
      known_on: 2022-02-01
      readings: {storms: [2021-02-10]}
"""


@pytest.mark.parametrize("command", ["explain flood", "whatif flood storms@2022-02-10"])
def test_what_is_asked_of_a_model_does_not_depend_on_where_its_episodes_stand(
    winters: Path, run: Run, command: str
) -> None:
    """One was known since the clock: seen from the clock's day, the model holds it all the same."""

    def told() -> list[dict[str, object]]:
        done = run(*command.split(), "--as-of", "2022-02-02", "--json", "--book", winters)
        assert done.code == 0, done.err
        return json.loads(done.out)

    tabled = told()
    stated = QUESTION.replace("  episodes_from: winters\n", IN_THE_FILE)
    (winters / "flood.yaml").write_text(stated, encoding="utf-8")
    for here, there in zip(told(), tabled, strict=True):
        assert here == pytest.approx(there, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("hindsight", [False, True])
def test_an_end_in_the_file_that_is_not_known_yet_is_not_used_even_in_hindsight(
    winters: Path, run: Run, hindsight: bool
) -> None:
    stated = QUESTION.replace("  episodes_from: winters\n", IN_THE_FILE)
    asked = ["backtest", "--from", "2022-01-17", "--to", "2022-01-31", "--every", "14d", "--json"]

    def replayed(text: str) -> list[float]:
        (winters / "flood.yaml").write_text(text, encoding="utf-8")
        done = run(*asked, *["--hindsight"] * hindsight, "--book", winters)
        assert done.code == 0, done.err
        return [row["now"] for row in json.loads(done.out) if row["scope"] == "replay"]

    late = stated[stated.index('    - name: "2021"') :]
    assert replayed(stated) == replayed(stated.replace(late, ""))


def test_what_changes_in_the_table_changes_the_view(winters: Path) -> None:
    from forecast.book.views import view_payload

    def payload():
        book = load(winters)
        question = book.questions["flood"]
        known = seen_by(book, question, AsOf.at(question.opens, "UTC"))
        return view_payload(known, question.models[0])

    before = payload()
    table = winters / "winters.csv"
    table.write_text(TABLE.replace("2020-02-03,,35", "2020-02-03,,36"), encoding="utf-8")
    assert payload() != before
    table.write_text(TABLE.replace("2021-02-10", "2021-02-11"), encoding="utf-8")
    assert payload() == before, "that row was not known yet"


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        (("2019,no", "2019,maybe"), "winters.csv:2:6", "case-outcome"),
        (("2019-01-01,2019-03-01,,", "2019-01-01,,,"), "winters.csv:2:20", "case-span"),
        (("2021-03-01,2022", "2021-03-01,2021"), "winters.csv:4:31", "case-known-early"),
        ((",35,", ",lots,"), "winters.csv:3:33", "number-format"),
        (("2020-02-01,the", "2020-02-30,the"), "winters.csv:3:36", "date-impossible"),
        (("2019-01-01,2019-03-01,,", ",,2019-03-01,"), "flood.yaml:12:18", "case-span"),
        ((",18,,", ",18,1,"), "flood.yaml:12:18", "episode-reading"),
        (("case,", "name of it,"), "winters.csv:1:1", "csv-column-missing"),
        (("2019,no,2019-01-01,2019-03-01", "2019,no,,"), "winters.csv:2:11", "case-undated"),
    ],
)
def test_a_table_that_is_not_right_is_named(winters: Path, change, place, code) -> None:
    (winters / "winters.csv").write_text(TABLE.replace(*change), encoding="utf-8")
    found = [str(problem) for problem in load(winters).problems]
    assert any(f"{place}:" in line and f"[{code}]" in line for line in found), found
