"""conditional: two events that hang together, held to what must be true of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from forecast.book.load import load
from forecast.domain import ModelSpec, QuestionType, Resolution
from forecast.families import get
from tests.cli import conftest as commands
from tests.families.conftest import expectation
from tests.families.test_models import assert_data_alone
from tests.posterior_books import CRISES, on, question

run = commands.run  # a fixture
Run = commands.Run

WAITING = {"interval": ["14 days", "150 days"]}
RARE = {"name": "bans", "events": 2, "cases": 40, "exposure": "1 year"}
AFTER = {"hazard_ratio": 20}
RECURRENT = {"name": "any", "events": 1, "exposure": "1 year"}


def hanging(ask, *indicators, family="base_rate", answer=None, now=77, rungs=(90, 100, 120), **a):
    """Return the view of a question that hangs on `a`, which has a model of that family."""
    spec = ModelSpec("main", family, ask.options(family, reference_class=ask.crises, **a))
    view = ask.view(*indicators, now=now, rungs=rungs)
    given = replace(view.question, id="a", models=(spec,), resolutions=(answer,) if answer else ())
    return replace(view, parts={"a": replace(view, question=given)})


def mean(ask, view, output="p", **stated):
    stated = {"reference_class": RARE, "given": {"question": "a"}, "after": AFTER} | stated
    return ask.mean(view, "conditional", output=output, **stated)


def test_a_quiet_day_never_raises_and_a_further_rung_is_never_lower(ask):
    by_day = np.array([mean(ask, hanging(ask, now=now)) for now in (0, 71, 72)])
    assert (np.diff(by_day, axis=0) <= 1e-9).all()
    assert (np.diff(by_day, axis=1) >= 0).all()


def test_nothing_is_left_once_the_horizon_is_over(ask):
    p = mean(ask, hanging(ask, now=100))
    assert p[:2] == pytest.approx([0, 0], abs=1e-15)
    assert p[2] > 0


def test_an_event_that_changes_nothing_leaves_the_hazard_alone(ask):
    view = hanging(ask)
    alone = ask.mean(view, "base_rate", reference_class=RARE)
    assert mean(ask, view, after={"hazard_ratio": 1}) == pytest.approx(alone, abs=1e-9)


def test_the_more_it_changes_the_likelier(ask):
    ratios = [0.2, 5, 1000]
    by_ratio = [mean(ask, hanging(ask), after={"hazard_ratio": r})[-1] for r in ratios]
    assert all(a < b for a, b in pairwise(by_ratio))


def test_however_high_the_hazard_after_it_comes_with_the_event(ask):
    """From then on the next moment is the last: P(B) is P(A), or B before it."""
    sure = mean(ask, hanging(ask), after={"hazard_ratio": 1e9})
    either = 1 - (1 - ask.mean(hanging(ask), "base_rate", reference_class=ask.crises)) * (
        1 - ask.mean(hanging(ask), "base_rate", reference_class=RARE)
    )
    assert sure == pytest.approx(either, abs=2e-5)


@pytest.mark.parametrize("now", [0, 30, 77, 99])
def test_it_is_coherent_with_its_parts_on_every_day(ask, now):
    """P(B) = P(B | A)·P(A) + P(B | not A)·P(not A), and A is as likely as its question says."""
    options = ask.options(
        "conditional", reference_class=RARE, given={"question": "a"}, after={"hazard_ratio": 20}
    )
    view = hanging(ask, now=now, family="intent", waiting=WAITING)
    model = get("conditional").build(options, view)
    p, given, both = (expectation(model, name) for name in ("p", "given", "both"))
    of_a = view.parts["a"].question.models[0].options
    assert given == pytest.approx(expectation(get("intent").build(of_a, view.parts["a"])), abs=1e-8)
    draws = {"p": p[None], "given": given[None], "both": both[None]}
    parts = get("conditional").beside(options, view, draws, p)
    total = np.multiply(parts["if_given"], given) + np.multiply(parts["if_not"], 1 - given)
    assert total == pytest.approx(p, abs=1e-12)
    quiet = ask.mean(view, "base_rate", reference_class=RARE)
    assert parts["if_not"] == pytest.approx(quiet, abs=1e-8)
    assert all(so >= not_so for so, not_so in zip(parts["if_given"], parts["if_not"], strict=True))


def test_known_hazards(ask, evaluate):
    """A at .003 a day, B at .0005 before A and .05 after it, 43 days: in closed form."""
    view = hanging(ask, now=0, rungs=(43,))
    spec = ModelSpec("main", "base_rate", ask.options("base_rate", reference_class=RECURRENT))
    given = replace(view.parts["a"].question, models=(spec,))
    view = replace(view, parts={"a": replace(view.parts["a"], question=given)})
    stated = {"given": {"question": "a"}, "after": {"reference_class": RECURRENT}}
    model = ask.model(view, "conditional", reference_class=RECURRENT, **stated)
    rates = {"rate": 0.0005, "given::rate": 0.003, "after::rate": 0.05}
    p, both = (
        evaluate(model[name], {model[k]: v for k, v in rates.items()}) for name in ("p", "both")
    )
    assert p == pytest.approx([0.0917356], abs=5e-8)
    alone = 0.003 * (np.exp(-0.0035 * 43) - np.exp(-0.05 * 43)) / (0.05 - 0.0035)
    assert both == pytest.approx([-np.expm1(-0.003 * 43) - alone], abs=1e-12)


@pytest.mark.parametrize("after", [0.0035, 0.0035 + 1e-10, 0.0, 700.0])
def test_hazards_that_are_equal_or_extreme(ask, evaluate, after):
    from forecast.families.clock import Timeline
    from forecast.families.switching import switching

    days = 43
    hazards = [np.full(days, rate) for rate in (0.003, 0.0005, after)]
    neither, alone = map(evaluate, switching(*hazards, Timeline(0, (days,))))
    assert neither[-1] == pytest.approx(np.exp(-0.0035 * days))
    gap, t = after - 0.0035, days
    within = t if abs(gap) < 1e-9 else -np.expm1(-gap * t) / gap
    assert alone[-1] == pytest.approx(0.003 * np.exp(-0.0035 * t) * within, rel=1e-7)


def test_an_event_that_came_sets_the_hazard_from_the_day_after(ask):
    """With exact classes: 65 days before and 12 since, against quadrature over one share."""
    from scipy import integrate, stats

    came = Resolution("yes", ask.on(70), "a source", happened_on=ask.on(65))
    view = hanging(ask, answer=came, rungs=(120,))
    p = mean(ask, view, after={"hazard_ratio": 10})
    prior = stats.beta(2.5, 38.5)

    def survival(days):
        spent = (65 + 10 * (days - 65)) / 365.25
        return integrate.quad(lambda s: (1 - s) ** spent * prior.pdf(s), 0, 1, epsrel=1e-11)[0]

    assert p == pytest.approx([1 - survival(120) / survival(77)], abs=1e-7)


@pytest.mark.parametrize("came", [(65, 66), (None, None)])
def test_models_of_one_key_differ_in_data_alone(ask, evaluate, came):
    """Other days, other classes and another time of the event, as long as the graph is the same."""
    family, models, keys = get("conditional"), [], []
    for now, rungs, reference, day in (
        (77, (90, 120), RARE, came[0]),
        (70, (100, 118), RARE | {"events": 5}, came[1]),
    ):
        on_day = None if day is None else ask.on(day)
        answer = None if day is None else Resolution("yes", on_day, "a", happened_on=on_day)
        view = hanging(ask, ask.event("w", 60), answer=answer, now=now, rungs=rungs)
        uses = [{"use": "w", "hazard_ratio": [1, 3], "lasts": "1 year"}]
        stated = {"given": {"question": "a"}, "after": {"hazard_ratio": [2, 9]}}
        options = ask.options("conditional", reference_class=reference, indicators=uses, **stated)
        models.append(family.build(options, view))
        keys.append(family.key(options, view))
    assert keys[0] == keys[1]
    assert_data_alone(*models, evaluate)


def test_a_question_for_a_date_has_come_on_its_answer(ask):
    from forecast.families.parts import came_on

    for said, day in (("2022-01-05", ask.on(65)), ("never", None), ("annulled", None)):
        answer = Resolution(said, ask.on(70), "a source")
        part = hanging(ask, answer=answer).parts["a"]
        assert (
            came_on(replace(part, question=replace(part.question, type=QuestionType.DATE))) == day
        )


def test_what_it_hangs_on_may_hang_on_something_itself(ask, evaluate):
    """A chain: the middle question's own model is conditional, and says the same within it."""
    view = hanging(ask)
    stated = {"reference_class": RECURRENT, "given": {"question": "a"}, "after": AFTER}
    spec = ModelSpec("main", "conditional", ask.options("conditional", **stated))
    middle = replace(view, question=replace(view.question, id="m", models=(spec,)))
    model = ask.model(
        replace(view, parts={"m": middle}), "conditional", **stated | {"given": {"question": "m"}}
    )
    alone = get("conditional").build(spec.options, middle)
    within = evaluate(
        model["given"], {model["given::rate"]: 1e-3, model["given::given::p_case"]: 0.1}
    )
    assert within[-1] == pytest.approx(
        evaluate(alone["p"], {alone["rate"]: 1e-3, alone["given::p_case"]: 0.1})[-1]
    )


def test_sentences(ask):
    options = ask.options(
        "conditional", reference_class=RARE, given={"question": "a", "model": "main"}, after=AFTER
    )
    say = get("conditional").sentence
    assert say(options, hanging(ask)) == (
        "2 of 40 such cases within 365 days (bans); once a (its main) has come it is 20× as high."
    )
    came = Resolution("yes", ask.on(70), "a source", happened_on=ask.on(65))
    assert "since a came on 2022-01-05" in say(options, hanging(ask, answer=came))


MODEL = "family: conditional\ngiven: {question: war}\nafter: {hazard_ratio: [5, 80]}"
BANS = "reference_class: {name: bans, events: 2, cases: 40, exposure: 1 year}"


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "book.yaml").write_text(commands.BOOK, encoding="utf-8")
    for name, text in (
        ("war", question("family: base_rate", (100, 120), CRISES)),
        ("bans", question(MODEL, (100, 120), BANS)),
    ):
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("FORECAST_BOOK", str(tmp_path))
    return tmp_path


def test_an_answer_counts_from_the_day_it_was_known(book: Path) -> None:
    from forecast.book.views import view
    from forecast.domain import AsOf
    from forecast.families.parts import came_on

    answer = f"resolution: {{happened_on: {on(65)}, known_at: {on(70)}, source: the gazette}}\n"
    with (book / "war.yaml").open("a", encoding="utf-8") as file:
        file.write(answer)
    loaded = load(book)

    def seen(day: int) -> date | None:
        asked = view(loaded, loaded.questions["bans"], AsOf.at(on(day), "UTC"))
        return came_on(asked.parts["war"])

    assert [seen(day) for day in (66, 69, 70)] == [None, None, on(65)]


def test_a_forecaster_sees_both_parts_and_what_moved_the_number(run: Run, book: Path) -> None:
    assert run("check").code == 0
    assert run("update", now=commands.NOW.replace(year=2022, month=1, day=10)).code == 0
    shown = run("show", "bans", now=commands.NOW.replace(year=2022, month=1, day=10)).out
    assert "If it comes by 9 Feb 22 (" in " ".join(shown.split())
    later = commands.NOW.replace(year=2022, month=1, day=14)
    source = ("--source", "the gazette")
    run("resolve", "war", "--happened", "2022-01-12", *source, now=later)
    assert "war: yes +" in run("update", now=later).out
    assert "war: yes" in run("explain", "bans", "--since", "2022-01-10", now=later).out
    assert "war came on 2022-01-12" in " ".join(run("show", "bans", now=later).out.split())
