"""Questions for a date, a number and an ordered option, from their file to their score."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from math import exp
from pathlib import Path
from random import Random
from statistics import NormalDist, fmean

import pytest
from matplotlib.figure import Figure
from numpy import interp

import forecast
from forecast import plots
from forecast.domain import ReferenceClass
from forecast.domain.distributions import pool_curves
from tests.cli.conftest import NOW, WAR, Run

EXIT = """\
question: When will the exit be announced?
type: date
opens: 2026-11-01
deadline: 2026-12-31
resolution_criteria: |
  The day of Reuters' first report. Days in UTC. Annulled if unclear.
"""

SIZE = """\
question: How large will it be?
type: ordered
options: [small, middle, large]
opens: 2026-11-01
deadline: 2026-12-31
resolution_criteria: |
  As Reuters reports. Days in UTC. Annulled if unclear.
"""

COST = """\
question: What will it cost?
type: numeric
unit: EUR
opens: 2026-11-01
deadline: 2026-12-31
resolution_criteria: |
  The ECB's reference rate. Days in UTC. Annulled if there is none.
"""

LATER = datetime(2027, 1, 10, 12, tzinfo=UTC)


@pytest.fixture
def types(book: Path) -> Path:
    """The book with a question of each type."""
    for name, text in {"exit": EXIT, "size": SIZE, "cost": COST}.items():
        (book / f"{name}.yaml").write_text(text, encoding="utf-8")
    return book


def _says(run: Run, name: str, *words: str) -> dict[str, float]:
    done = run("predict", name, *words, "--json")
    assert done.code == 0, done.err
    return {row["option"]: row["value"] for row in json.loads(done.out)}


def test_days_with_the_chance_by_each_become_a_curve_to_the_last_day(run: Run, types: Path) -> None:
    quantiles = _says(run, "exit", "10%=2026-11-29", "50%=2026-12-09", "never=.3")
    curve = {"2026-11-19": 0.0, "2026-11-29": 0.1, "2026-12-09": 0.5, "2026-12-31": 0.7}
    assert quantiles == curve
    chances = _says(run, "exit", "2026-11-29=.1", "2026-12-09=50%", "2026-12-31=.7")
    assert chances == curve


def test_a_quantile_after_the_last_day_leaves_the_rest_open(run: Run, types: Path) -> None:
    said = _says(run, "exit", "50%=2026-12-21", "90%=2027-01-10")
    assert said == {"2026-11-19": 0.0, "2026-12-21": 0.5, "2026-12-31": pytest.approx(0.7)}


def test_a_named_distribution_of_days_counts_only_days_to_come(run: Run, types: Path) -> None:
    said = _says(run, "exit", "uniform(2026-10-31, 2027-01-08)")
    assert said["2026-11-19"] == 0
    assert said["2026-12-14"] == pytest.approx(0.5, abs=1e-9)
    assert said["2026-12-31"] == pytest.approx(42 / 50)
    from_now = _says(run, "exit", "uniform(0, 50)")
    assert from_now == pytest.approx(said)


def test_a_named_distribution_of_a_number_is_its_quantiles(run: Run, types: Path) -> None:
    said = _says(run, "cost", "normal(76, 6)")
    assert said["0.5"] == pytest.approx(76)
    assert (said["0.05"] + said["0.95"]) / 2 == pytest.approx(76)
    assert said["0.99"] == pytest.approx(76 + 6 * 2.326348, abs=1e-4)
    assert _says(run, "cost", "poisson(3)")["0.5"] == 3


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("exit", "50%=2026-12-09"), "nothing is said of the time until 2026-12-31"),
        (("exit", "50%=2026-11-19", "never=.1"), "2026-11-19 is over"),
        (("exit", "50%=2027-01-09", "never=.1"), "says what is left for never already"),
        (("exit", "60%=2026-12-09", "never=.5"), "cannot be less likely"),
        (("exit", "50%=2026-12-09", "40%=2026-12-10", "never=.5"), "cannot be less likely"),
        (("exit", "50%=soon", "never=.5"), "'soon' is no date"),
        (("exit", ".5"), "cannot read '.5'"),
        (("exit", "normal(2020-01-01, 3)"), "is over by"),
        (("exit", "norml(2026-12-01, 3)"), "did you mean 'normal'?"),
        (("cost", "normal(76)"), "normal takes 2 arguments"),
        (("cost", "normal(76, 0)"), "sd must be above 0"),
        (("cost", "normal(76, six)"), "'six' in normal(76, six) is no number"),
        (("cost", "uniform(3, 3)"), "low must be below high"),
        (("cost", "105%=3", "50%=2"), "no level of a quantile"),
    ],
)
def test_what_cannot_be_a_distribution_is_refused(
    run: Run, types: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run("predict", *arguments)
    assert done.code == 2
    assert said in done.err
    assert not (types / "record").exists()


def test_a_date_is_shown_with_its_chance_and_its_days(run: Run, types: Path) -> None:
    run("predict", "exit", "10%=2026-11-29", "50%=2026-12-09", "never=.3")
    screen = run("show", "exit").out
    for part in ("by 31 Dec 26  .70", "half by      9 Dec 26", "50% within   3 Dec 26 – later"):
        assert part in screen
    assert ".70, half by 9 Dec 26" in run("list", "exit").out


@pytest.mark.parametrize("answer", ["2026-12-09", "never"])
def test_a_date_is_scored_in_days(run: Run, types: Path, answer: str) -> None:
    """The curve has 0 for 19 days, runs to .1, .5 and .7, and stood for 42 of 61 days."""
    run("predict", "exit", "10%=2026-11-29", "50%=2026-12-09", "never=.3")
    done = run("resolve", "exit", answer, "--source", "Reuters", "--known", "2027-01-05", now=LATER)
    assert done.code == 0, done.err
    assert run("check", now=LATER).code == 0
    rows = json.loads(run("score", "exit", "--json", now=LATER).out)
    row = next(r for r in rows if r["forecaster"] == "ann" and r["scope"] == "target")
    chances = [0.0] * 19  # 1 to 19 November
    chances += [0.1 * d / 10 for d in range(1, 11)]
    chances += [0.1 + 0.4 * d / 10 for d in range(1, 11)]
    chances += [0.5 + 0.2 * d / 22 for d in range(1, 23)]
    came = 38 if answer != "never" else 61
    whole = sum((p - (n >= came)) ** 2 for n, p in enumerate(chances))
    stood = (61 - 19.5) / 61
    assert row["crps"] == pytest.approx(whole * stood)


def test_an_event_ends_a_date_question_early_and_may_be_said_by_its_day(
    run: Run, types: Path
) -> None:
    run("predict", "exit", "50%=2026-12-09", "never=.3")
    when = datetime(2026, 12, 2, 9, tzinfo=UTC)
    assert "is open until" in run("resolve", "exit", "never", "--source", "x", now=when).err
    assert run("resolve", "exit", "--happened", "2026-12-01", "--source", "x", now=when).code == 0
    assert "answer: 2026-12-01" in (types / "exit.yaml").read_text(encoding="utf-8")
    assert run("check", now=when).code == 0
    again = run("predict", "exit", "50%=2026-12-09", "never=.3", now=when)
    assert again.code == 2 and "is answered (2026-12-01)" in again.err
    assert run("resolve", "exit", "open", "--source", "wrong", now=when).code == 0
    assert run("predict", "exit", "50%=2026-12-09", "never=.3", now=when).code == 0


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("2027-01-02", "after the last deadline"),
        ("2026-10-02", "before the question can be answered"),
        ("soon", "'soon' is no answer"),
        ("yes", "'yes' is no answer"),
    ],
)
def test_a_date_has_no_answer_outside_its_window(
    run: Run, types: Path, answer: str, said: str
) -> None:
    before = (types / "exit.yaml").read_bytes()
    done = run("resolve", "exit", answer, "--source", "x", now=LATER)
    assert done.code != 0
    assert said in done.err
    assert (types / "exit.yaml").read_bytes() == before


def test_whoever_answers_by_a_date_answers_when(run: Run, types: Path) -> None:
    """The base rate's curve is the reference class's own, and its last day the ladder's number."""
    when = WAR.replace("deadlines: [2026-12-01, 2027-03-01]", "type: date\ndeadline: 2027-03-01")
    (types / "when.yaml").write_text(when, encoding="utf-8")
    done = run("update", "when", "war", "--json")
    assert done.code == 0, done.err
    now = {row["target"]: row["now"] for row in json.loads(done.out)}
    assert now["when"] == pytest.approx(now["war@2027-03-01"], abs=2e-3)
    curve = _curve(run, "when", "model/base_rate")
    crises = ReferenceClass("crises", events=6, cases=75, exposure=180)
    clock, over = date(2026, 10, 1), date(2026, 11, 19)
    survived = crises.survival((over - clock).days)
    assert min(curve) == "2026-11-19" and max(curve) == "2027-03-01" and len(curve) > 20
    for day, chance in curve.items():
        exact = 1 - crises.survival((date.fromisoformat(day) - clock).days) / survived
        assert chance == pytest.approx(exact, abs=2e-3)


def test_a_family_that_cannot_say_when_is_refused(run: Run, types: Path) -> None:
    model = "model: {family: competing_risks, none: no, causes: {a: {question: war}}}\n"
    (types / "exit.yaml").write_text(EXIT + model, encoding="utf-8")
    done = run("check")
    assert done.code == 1
    assert "this one is date; use base_rate, hazard, intent" in done.err + done.out


def test_a_pool_of_a_model_and_me_is_the_mean_of_their_chances(run: Run, types: Path) -> None:
    when = WAR.replace("deadlines: [2026-12-01, 2027-03-01]", "type: date\ndeadline: 2027-03-01")
    pooled = when + "headline: {pool: {base_rate: .75, me: .25}}\n"
    (types / "when.yaml").write_text(pooled, encoding="utf-8")
    run("update", "when")
    run("predict", "when", "50%=2027-01-01", "never=.2")
    parts = [(0.75, _curve(run, "when", "model/base_rate")), (0.25, _curve(run, "when", "ann"))]
    assert _curve(run, "when", "headline") == pytest.approx(pool_curves(parts), abs=1e-6)
    assert run("verify").code == 0


def _curve(run: Run, name: str, who: str) -> dict[str, float]:
    """What was said last by somebody of a question for a date."""
    rows = [r for r in json.loads(run("show", name, "--json").out) if r["forecaster"] == who]
    last = rows[-1]["made_at"]
    return {row["option"]: row["value"] for row in rows if row["made_at"] == last}


def test_what_waits_for_its_answer_names_the_answer_that_nothing_came(
    run: Run, types: Path
) -> None:
    due = run("list", "--due", now=LATER).out
    assert "forecast resolve exit never" in due


def test_a_date_question_is_written_commented_and_right(run: Run, types: Path) -> None:
    assert run("new", "talks", "--type", "date", "--deadline", "2027-03-01").code == 0
    assert run("check").code == 0


@pytest.mark.parametrize("width", ["60", "80"])
def test_screens_of_every_type_keep_to_their_width(
    run: Run, types: Path, width: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("predict", "exit", "10%=2026-11-29", "50%=2026-12-09", "never=.3")
    run("predict", "cost", "5%=70", "50%=76", "95%=90")
    run("predict", "size", "small=.2", "middle=.5", "large=.3")
    monkeypatch.setenv("COLUMNS", width)
    for command in (("list",), ("show", "exit"), ("show", "cost"), ("show", "size")):
        lines = run(*command).out.splitlines()
        assert max(map(len, lines)) <= int(width), command


def test_numbers_and_dates_are_taken_together_by_skill_alone(run: Run, types: Path) -> None:
    """Against another forecaster, since a number without a past has no base rate."""
    for who, words in (("ann", "normal(76, 6)"), ("bob", "normal(80, 6)")):
        assert run("predict", "cost", words, "--by", who).code == 0
    for who, never in (("ann", "never=.3"), ("bob", "never=.1")):
        assert run("predict", "exit", "50%=2026-12-09", never, "--by", who).code == 0
    for name, answer in (("cost", "75"), ("exit", "never")):
        assert run("resolve", name, answer, "--source", "x", now=LATER).code == 0
    rows = json.loads(run("score", "--against", "bob", "--json", now=LATER).out)
    ann = {r["question"]: r for r in rows if r["forecaster"] == "ann" and r["scope"] == "target"}
    whole = next(r for r in rows if r["forecaster"] == "ann" and r["scope"] == "distributions")
    own = sum(r["crps"] / r["scale"] for r in ann.values())
    other = sum(r["reference_crps"] / r["scale"] for r in ann.values())
    assert whole["questions"] == 2
    assert whole["skill"] == pytest.approx(1 - own / other)
    assert whole["difference"] == pytest.approx((own - other) / 2)
    assert not any(r["brier"] for r in rows)
    screen = run("score", "--against", "bob", now=LATER).out
    assert "Numbers and dates, by skill against bob" in screen


def test_a_reference_of_numbers_is_scored_at_the_levels_that_were_said(
    run: Run, types: Path
) -> None:
    run("predict", "cost", "5%=70", "50%=76", "95%=90")
    run("predict", "cost", "normal(76, 6)", "--by", "bob")
    run("resolve", "cost", "80", "--source", "x", now=LATER)
    rows = json.loads(run("score", "--against", "bob", "--json", now=LATER).out)
    ann = next(r for r in rows if r["forecaster"] == "ann" and r["scope"] == "target")
    normal = NormalDist(76, 6)
    losses = []
    for level in (0.05, 0.5, 0.95):
        error = 80 - normal.inv_cdf(level)
        losses.append(2 * max(level * error, (level - 1) * error))
    assert ann["reference_crps"] == pytest.approx(fmean(losses) * ann["coverage"], rel=1e-6)


def test_options_in_order_are_bands_of_a_series(run: Run, types: Path) -> None:
    """Their chances are those that the number's own distribution gives to each band."""
    start, rng = date(2026, 7, 1), Random(7)
    level, lines = 100.0, ["observed_on,value"]
    for n in range(142):
        level *= exp(rng.gauss(0, 0.01))
        lines.append(f"{start + timedelta(days=n)},{level:.4f}")
    (types / "indicators").mkdir()
    definition = "title: The price\nkind: level\nunit: EUR\n"
    (types / "indicators" / "price.yaml").write_text(definition, encoding="utf-8")
    (types / "indicators" / "price.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    low, high = level * 0.97, level * 1.05
    model = "model: {family: trend, series: price, calendar: daily"
    bands = f"{SIZE}{model}, thresholds: [{low:.3f}, {high:.3f}]}}\n"
    (types / "size.yaml").write_text(bands, encoding="utf-8")
    (types / "cost.yaml").write_text(f"{COST}{model}}}\n", encoding="utf-8")
    done = run("update", "size", "cost")
    assert done.code == 0, done.err + done.out
    shares = _curve(run, "size", "model/trend")
    number = _curve(run, "cost", "model/trend")
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    below = {float(k): v for k, v in number.items()}
    assert shares["small"] == pytest.approx(_share_below(below, low), abs=0.03)
    assert shares["large"] == pytest.approx(1 - _share_below(below, high), abs=0.03)
    assert run("check").code == 0


def _share_below(quantiles: dict[float, float], x: float) -> float:
    levels = sorted(quantiles)
    return float(interp(x, [quantiles[level] for level in levels], levels))


def test_a_date_is_drawn_as_its_chance_by_each_day(run: Run, types: Path) -> None:
    run("predict", "exit", "10%=2026-11-29", "50%=2026-12-09", "never=.3")
    show = forecast.open(types, now=NOW).show("exit").report
    axes = Figure().subplots()
    plots.ladder(show, axes)
    days, chances = axes.lines[0].get_data()
    assert [str(day) for day in days] == ["2026-11-20", "2026-11-29", "2026-12-09", "2026-12-31"]
    assert list(chances) == pytest.approx([0, 0.1, 0.5, 0.7])
