"""explain, whatif and watch-for: held to what update says when things really are so."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import forecast
from forecast.domain import ReferenceClass
from forecast.render import explain as explain_screens
from forecast.render.console import PLAIN
from tests.cli.conftest import NOW, Run
from tests.cli.test_show import write_cost

LATER = datetime(2026, 11, 30, 12, tzinfo=UTC)
CRISES = ReferenceClass("crises", events=6, cases=75, exposure=180)

HAZARD = """\
models:
  hazard:
    family: hazard
    indicators:
      - use: troops
        hazard_ratio: [1.2, 3.0]
        per: 50000
        baseline: 90000
      - use: talks
        hazard_ratio: [.5, .9]
        lasts: 60 days
        elicited_on: 2026-11-08
      - use: shots
        hazard_ratio: [1.0, 1.6]
        scale: log
        per: 2
        baseline: 100
  base:
    family: base_rate
"""

INDICATORS = {
    "troops.yaml": "title: Troops\nkind: level\nunit: soldiers\nsource: the ministry\n",
    "troops.csv": """\
observed_on,known_on,value,by,source
2026-10-10,2026-10-10,90000,US,https://example.org/a
2026-10-20,2026-10-20,100000,US,https://example.org/b
2026-11-01,2026-11-01,95000,US,https://example.org/c
2026-11-10,2026-11-11,120000,US,https://example.org/d
""",
    "talks.yaml": "title: Talks\nkind: event\n",
    "talks.csv": "observed_on,source\n2026-10-15,https://example.org/t\n",
    "shots.yaml": "title: Shots\nkind: count\n",
    "shots.csv": "observed_on,value,days\n2026-11-14,1400,7\n",
}

PLACE = ("question", "target", "deadline", "model", "option", "as_of")
KEYS = {
    "explain war": (
        *PLACE, "since", "cause", "name", "change", "value", "without", "low", "high", "error",
        "sources",
    ),
    "whatif war troops=150000@2026-11-21": (
        *PLACE, "supposed", "on", "was", "was_low", "was_high", "quiet", "would_be", "low", "high",
        "error", "change",
    ),
    "watch-for war": (
        *PLACE, "within", "indicator", "reading", "value", "days", "was", "would_be", "low", "high",
        "change", "chance", "expected", "unknown", "drift",
    ),
}  # fmt: skip


@pytest.fixture
def watched(book: Path) -> Path:
    """The book with its question of war under a hazard of three indicators."""
    (book / "indicators").mkdir()
    for name, text in INDICATORS.items():
        (book / "indicators" / name).write_text(text, encoding="utf-8")
    path = book / "war.yaml"
    plain = path.read_text(encoding="utf-8").removesuffix("model:\n  family: base_rate\n")
    path.write_text(plain + HAZARD, encoding="utf-8")
    return book


def rows(run: Run, *arguments: str, now: datetime = NOW) -> list[dict[str, Any]]:
    done = run(*arguments, "--json", now=now)
    assert done.code == 0, done.err
    found: list[dict[str, Any]] = json.loads(done.out)
    return found


def said(run: Run, *arguments: str, now: datetime = NOW) -> dict[str, float]:
    """What the first model says of each rung."""
    found = rows(run, "update", "war", "--dry-run", *arguments, now=now)
    return {row["target"]: row["now"] for row in found if row["model"] == "hazard"}


def forget(book: Path, indicator: str, rows_kept: int) -> None:
    """Cut the last readings off an indicator's file."""
    path = book / "indicators" / f"{indicator}.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[: rows_kept + 1]), encoding="utf-8")


def test_the_parts_add_up_to_the_number_that_update_gives(run: Run, watched: Path) -> None:
    found = rows(run, "explain", "war")
    for target, number in said(run).items():
        steps = [row for row in found if row["target"] == target]
        causes = [row["cause"] for row in steps]
        assert causes == ["base rate", "model", "time", *["indicator"] * 3, "now"]
        total = steps[0]["value"] + sum(row["change"] or 0 for row in steps)
        assert total == pytest.approx(steps[-1]["value"], abs=1e-9)
        assert number == pytest.approx(steps[-1]["value"], abs=1e-9)


def test_base_rate_and_time_passing_are_those_of_the_closed_form(run: Run, watched: Path) -> None:
    steps = rows(run, "explain", "war@2027-03-01", "--model", "base", "--as-of", "2026-11-19")
    start, model, time, now = steps
    assert start["value"] == pytest.approx(1 - CRISES.survival(151), abs=1e-9)
    assert abs(model["change"]) < 0.0025
    quiet = 1 - CRISES.survival(151) / CRISES.survival(49)
    assert time["change"] == pytest.approx(quiet - start["value"], abs=0.0025)
    assert now["value"] == pytest.approx(quiet, abs=0.0025)


def test_without_is_the_number_had_the_readings_never_come(run: Run, watched: Path) -> None:
    found = rows(run, "explain", "war@2027-03-01")
    [troops] = [row for row in found if row["name"] == "troops"]
    assert troops["change"] > 0
    assert troops["sources"].startswith("US: https://example.org/d; US: https://example.org/c")
    forget(watched, "troops", 0)
    assert said(run)["war@2027-03-01"] == pytest.approx(troops["without"], abs=1e-9)


def test_since_a_day_it_begins_with_what_was_said_then(run: Run, watched: Path) -> None:
    steps = rows(run, "explain", "war@2027-03-01", "--since", "2026-11-09")
    then = said(run, "--as-of", "2026-11-09")["war@2027-03-01"]
    assert steps[0]["cause"] == "earlier"
    assert steps[0]["value"] == pytest.approx(then, abs=1e-9)
    assert {row["name"] for row in steps if row["cause"] == "indicator"} == {"troops", "shots"}
    [troops] = [row for row in steps if row["name"] == "troops"]
    assert troops["sources"] == "US: https://example.org/d"
    total = steps[0]["value"] + sum(row["change"] or 0 for row in steps)
    assert total == pytest.approx(steps[-1]["value"], abs=1e-9)


def test_a_supposed_reading_counts_as_a_real_one_would(run: Run, watched: Path) -> None:
    supposed = ("troops=200000@2026-11-25", "talks@2026-11-24")
    found = {row["target"]: row for row in rows(run, "whatif", "war", *supposed)}
    then = ("--as-of", "2026-11-25")
    now, quiet = said(run), said(run, *then, now=LATER)
    known = ("--known", "2026-11-25", "--source", "https://example.org/x")
    run("observe", "troops", "200000", "--on", "2026-11-25", "--by", "US", *known, now=LATER)
    run("observe", "talks", "--on", "2026-11-24", "--by", "supposed", *known, now=LATER)
    really = said(run, *then, now=LATER)
    for target, row in found.items():
        assert row["was"] == pytest.approx(now[target], abs=1e-9)
        assert row["quiet"] == pytest.approx(quiet[target], abs=1e-9)
        assert row["would_be"] == pytest.approx(really[target], abs=1e-9)
        assert row["change"] == pytest.approx(row["would_be"] - row["quiet"], abs=1e-12)


def test_a_replay_supposes_nothing_that_was_learnt_later(run: Run, watched: Path) -> None:
    """Neither the troops of 11 November nor talks, first watched for on the 8th, may come in."""
    asked = ("whatif", "war", "troops=150000@2026-11-15", "--as-of", "2026-11-05")
    found = rows(run, *asked)
    forget(watched, "troops", 3)
    forget(watched, "shots", 0)
    path = watched / "war.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("2026-11-08", "2026-12-08"), encoding="utf-8")
    assert rows(run, *asked) == found


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("tropps=1@2026-11-25", "did you mean 'troops'?"),
        ("peace@2026-11-25", "it watches troops, talks, shots"),
        ("troops=1@2026-11-19", "2026-11-19 is before 2026-11-20"),
        ("troops=1@2027-03-02", "suppose something by 2027-03-01"),
        ("troops=1@soon", "end with @YYYY-MM-DD"),
        ("troops=1", "is no supposed reading"),
        ("troops@2026-11-25", "troops is a level and needs a value"),
        ("troops=many@2026-11-25", "'many' is no number"),
        ("troops=nan@2026-11-25", "'nan' is no number"),
        ("talks=3@2026-11-25", "talks is an event"),
        ("shots=-1@2026-11-25", "a count, which is not below 0"),
    ],
)
def test_what_cannot_be_supposed_is_refused(run: Run, watched: Path, word: str, hint: str) -> None:
    done = run("whatif", "war", word)
    assert done.code == 2
    assert hint in done.err


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("explain", "wra"), "did you mean 'war'?"),
        (("explain", "war", "--since", "2026-11-20"), "is not before 2026-11-20"),
        (("explain", "war", "--model", "intent"), "it has hazard, base"),
        (("explain", "strike"), "it is closed then"),
        (("watch-for", "war@2026-12-02"), "has no deadline 2026-12-02"),
        (("watch-for", "war", "--within", "soon"), "write 7d"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    run: Run, watched: Path, arguments: tuple[str, ...], hint: str
) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert hint in done.err


def test_a_model_that_watches_nothing_says_so(run: Run, watched: Path) -> None:
    said = run("watch-for", "war", "--model", "base").out
    assert "base watches no indicator: no reading can move it." in said
    assert "next reading" not in said


def test_a_day_before_the_model_was_stated_is_told_by_its_option(run: Run, book: Path) -> None:
    path = book / "war.yaml"
    path.write_text(f"{path.read_text('utf-8')}  elicited_on: 2026-11-05\n", encoding="utf-8")
    for option in ("--since", "--as-of"):
        done = run("explain", "war", option, "2026-11-02")
        assert done.code == 2
        assert f"give another {option}" in done.err


def test_a_trend_begins_with_readings(run: Run, book: Path) -> None:
    write_cost(book, readings=15)
    done = run("explain", "cost")
    assert done.code == 1
    assert "trend says nothing without readings, so there is no start without them" in done.err
    assert "give --since DATE" in done.err
    assert "0 readings" not in done.err
    early = run("explain", "cost", "--since", "2026-11-10").err
    assert "trend is refused as of 2026-11-10: price has 6 readings known by 2026-11-10" in early
    assert "give a later --since" in early
    assert run("explain", "cost", "--since", "2026-11-17").code == 0


def test_what_to_watch_for_is_what_the_same_reading_would_do(run: Run, watched: Path) -> None:
    found = rows(run, "watch-for", "war@2027-03-01")
    by_reading = {(row["indicator"], row["reading"]): row for row in found}
    higher = by_reading["troops", "higher"]
    assert higher["value"] == pytest.approx(120_000 + 22_000)  # changes +10, −5 and +25 thousand
    supposed = f"troops={higher['value']}@2026-11-20"
    [really] = rows(run, "whatif", "war@2027-03-01", supposed)
    assert higher["would_be"] == pytest.approx(really["would_be"], abs=1e-9)
    assert higher["change"] > 0 > by_reading["troops", "lower"]["change"]
    assert by_reading["shots", "doubled"]["value"] == 2800


def test_the_expected_change_weighs_readings_by_how_often_they_came(
    run: Run, watched: Path
) -> None:
    asked = ("watch-for", "war@2027-03-01", "--within", "14d", "--as-of", "2026-11-20")
    found = rows(run, *asked, now=LATER)
    coming = 1 - math.exp(-4 / 50 * 14)  # four readings in the fifty days since the clock
    troops = [row for row in found if row["indicator"] == "troops"]
    assert [row["chance"] for row in troops] == pytest.approx([0.3 * coming] * 2)
    expected = sum(row["chance"] * abs(row["change"]) for row in troops)
    assert troops[0]["expected"] == pytest.approx(expected)
    ranked = [row["expected"] for row in found if row["expected"] is not None]
    assert ranked == sorted(ranked, reverse=True)


def test_readings_that_come_up_and_down_alike_move_nothing_on_average(
    run: Run, watched: Path
) -> None:
    """The martingale: the average of the numbers after a reading is the number before it."""
    rows_of = "observed_on,known_on,value\n" + "".join(
        f"2026-11-{day:02d},2026-11-{day:02d},{100_000 + 1_000 * (day % 2)}\n"
        for day in range(2, 17)
    )
    (watched / "indicators" / "troops.csv").write_text(rows_of, encoding="utf-8")
    found = rows(run, "watch-for", "war@2027-03-01")
    troops = [row for row in found if row["indicator"] == "troops"]
    up, down = (row["change"] for row in troops)
    assert up > 0 > down
    average = sum(row["chance"] * row["would_be"] for row in troops)
    average += (1 - sum(row["chance"] for row in troops)) * troops[0]["was"]
    assert average == pytest.approx(troops[0]["was"], abs=2e-4)
    assert troops[0]["drift"] == pytest.approx(average - troops[0]["was"], abs=1e-12)
    assert "does not foresee" not in run("watch-for", "war@2027-03-01").out.split("by 1 Mar")[0]


def test_what_a_number_does_not_foresee_is_told(run: Run, watched: Path) -> None:
    """Events that keep coming move a number one way, and it is not where it will be on average."""
    found = rows(run, "watch-for", "war@2027-03-01", "--within", "60d")
    drifts = {row["indicator"]: row["drift"] for row in found}
    assert drifts["troops"] > 0.005  # its changes were +10, −5 and +25 thousand
    drawn = " ".join(run("watch-for", "war@2027-03-01", "--within", "60d").out.split())
    assert "(the number does not foresee it): troops +.0" in drawn


def test_where_the_past_says_too_little_there_is_no_estimate(run: Run, watched: Path) -> None:
    forget(watched, "troops", 3)
    forget(watched, "talks", 0)
    found = rows(run, "watch-for", "war@2027-03-01")
    unknown = {row["indicator"]: (row["expected"], row["unknown"]) for row in found}
    assert unknown == {
        "troops": (None, "too few readings to tell what comes next"),
        "talks": (None, "no reading since the clock"),
        "shots": (None, "too few readings to tell how often"),
    }


def test_a_reading_on_the_first_day_after_the_clock_counts_live_as_in_a_replay(
    run: Run, watched: Path
) -> None:
    """Live that day is not survived yet, but what came on it came within a day."""
    table = watched / "indicators" / "talks.csv"
    table.write_text("observed_on,source\n2026-10-02,https://example.org/t\n", encoding="utf-8")
    begun, second = datetime(2026, 10, 1, 12, tzinfo=UTC), datetime(2026, 10, 2, 12, tzinfo=UTC)
    path = watched / "war.yaml"
    text = path.read_text(encoding="utf-8").replace("        elicited_on: 2026-11-08\n", "")
    path.write_text(text, encoding="utf-8")

    def talks(*more: str, now: datetime) -> dict[str, Any]:
        found = rows(run, "watch-for", "war@2027-03-01", *more, now=now)
        return next(row for row in found if row["indicator"] == "talks")

    for asked in (talks(now=second), talks("--as-of", "2026-10-02", now=LATER)):
        assert asked["chance"] == pytest.approx(1 - math.exp(-1 / 1 * 7))
    nothing = talks(now=begun)
    assert nothing["expected"] is None
    assert nothing["unknown"] == "the clock has only just begun"


@pytest.mark.parametrize("command", KEYS)
def test_keys_are_stable_and_every_form_says_the_same(
    run: Run, watched: Path, command: str
) -> None:
    asked = command.split()
    records = rows(run, *asked)
    assert {tuple(record) for record in records} == {KEYS[command]}
    table = list(csv.DictReader(io.StringIO(run(*asked, "--csv").out), strict=True))
    for record, row in zip(records, table, strict=True):
        assert {k: "" if v is None else str(v) for k, v in record.items()} == row
    book = forecast.open(now=NOW)
    verb = getattr(book, asked[0].replace("-", "_"))
    assert len(verb(*asked[1:]).frame()) == len(records)


@pytest.mark.parametrize("command", KEYS)
def test_nothing_is_recorded(run: Run, watched: Path, command: str) -> None:
    assert run(*command.split()).code == 0
    assert run(*command.split(), "--as-of", "2026-11-15").code == 0
    kept = {path.name for path in watched.iterdir()}
    assert kept == {"book.yaml", "war.yaml", "strike.yaml", "indicators", ".forecast"}
    assert {path.name for path in (watched / ".forecast").iterdir()} == {"cache"}


def test_a_waterfall_reads_without_colour_and_without_blocks(
    run: Run, watched: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(explain_screens, "symbols", lambda: PLAIN)
    drawn = run("explain", "war@2027-03-01").out
    assert drawn.isascii()
    base, time, troops = (
        next(line.rstrip() for line in drawn.splitlines() if line.startswith(f" {word}"))
        for word in ("base rate", "time passing", "troops")
    )
    assert base.endswith("###")
    assert time.endswith("--")
    assert troops.endswith("++")
