"""update and backtest as a forecaster uses them."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forecast.verbs import enginemark, fitting
from forecast.verbs.fitting import Fit, Request
from tests.cli.conftest import Run
from tests.cli.test_show import write_cost

LATER = datetime(2026, 11, 27, 12, tzinfo=UTC)


def chance(run: Run, *arguments: str, **options: object) -> dict[str, dict[str, object]]:
    rows = json.loads(run("update", "--json", *arguments, **options).out)
    return {row["target"]: row for row in rows}


def test_update_records_each_open_rung_once_a_day(run: Run, book: Path) -> None:
    first = run("update")
    assert first.code == 0
    assert "2 added to the record" in first.out
    again = run("update")
    assert "nothing added to the record" in again.out
    lines = (book / "record" / "war" / "ann.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2


def test_probability_falls_while_nothing_happens_and_time_is_named(run: Run, book: Path) -> None:
    before = chance(run)
    after = chance(run, now=LATER)
    for target, row in after.items():
        assert abs(row["was"] - before[target]["now"]) < 1e-6
        assert row["now"] < row["was"]
        assert row["movers"].startswith("time passing -")


def test_update_matches_the_closed_form(run: Run, book: Path) -> None:
    from forecast.domain import ReferenceClass

    crises = ReferenceClass("crises", events=6, cases=75, exposure=180)
    row = chance(run)["war@2027-03-01"]
    exact = 1 - crises.survival(151) / crises.survival(49)  # today is not over yet
    assert abs(row["now"] - exact) < 0.0025


def test_a_change_of_the_file_is_named_as_such(run: Run, book: Path) -> None:
    run("update")
    path = book / "war.yaml"
    path.write_text(path.read_text("utf-8").replace("events: 6", "events: 30"), encoding="utf-8")
    row = chance(run, now=LATER)["war@2027-03-01"]
    assert "your file changed +" in row["movers"]
    assert "time passing -" in row["movers"]


def test_dry_run_writes_nothing(run: Run, book: Path) -> None:
    assert "nothing written" in run("update", "--dry-run").out
    assert not (book / "record").exists()


def test_a_past_day_is_a_backtest_and_stays_out_of_the_record(run: Run, book: Path) -> None:
    done = run("update", "--as-of", "2026-11-05")
    assert "replay" in done.out
    assert not (book / "record").exists()
    shown = run("list", "--as-of", "2026-11-06", "--csv").out
    assert "True" in shown


def test_a_broken_file_does_not_stop_the_healthy_ones(run: Run, book: Path) -> None:
    (book / "bad.yaml").write_text("question: Will it?\nopens: 2026-02-30\n", encoding="utf-8")
    done = run("update")
    assert done.code == 1
    assert "bad.yaml:2:8: " in done.err
    assert "2 added to the record" in done.out


def test_pooled_headline_is_recorded_beside_its_sources(run: Run, book: Path) -> None:
    path = book / "war.yaml"
    pool = "headline: {pool: {model: .5, me: .5}}\n"
    path.write_text(path.read_text("utf-8") + pool, encoding="utf-8")
    model = chance(run)["war@2027-03-01"]["now"]
    run("predict", "war@2027-03-01", ".5")
    row = next(
        r for r in json.loads(run("list", "war", "--json").out) if r["target"] == "war@2027-03-01"
    )
    assert abs(row["headline"] - (model + 0.5) / 2) < 1e-6


def test_backtest_goes_on_where_it_stopped_and_is_scored_apart(run: Run, book: Path) -> None:
    period = ("--from", "2026-10-02", "--to", "2026-11-06", "--every", "7d")
    rows = json.loads(run("backtest", "strike", *period, "--json").out)
    assert [row["as_of"] for row in rows] == [
        "2026-10-02", "2026-10-09", "2026-10-16", "2026-10-23", "2026-10-30", "2026-11-06",
    ]  # fmt: skip
    assert json.loads(run("backtest", "strike", *period, "--json").out) == rows
    run("resolve", "strike", "no", "--known", "2026-11-11", "--source", "Reuters")
    scored = json.loads(run("score", "--json").out)
    assert {row["kind"] for row in scored} == {"backtest"}
    target = next(row for row in scored if row["scope"] == "target")
    assert target["coverage"] > 0.9
    # A base-rate model's backtest is its own reference, but for the days between cutoffs.
    assert abs(target["brier"] - target["reference_brier"]) < 0.02


def test_a_change_of_the_engine_is_named_as_such(
    run: Run, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("update")
    original = fitting._compute

    def shifted(*arguments: object) -> list[Fit]:
        fits = original(*arguments)  # type: ignore[arg-type]
        return [replace(f, value=tuple(p + 0.1 for p in f.value)) for f in fits]

    monkeypatch.setattr(fitting, "_compute", shifted)
    for module in (fitting, enginemark):
        monkeypatch.setattr(module, "engine", lambda: "another")
    row = chance(run, now=LATER)["war@2027-03-01"]
    assert "engine changed +0.1" in row["movers"]
    assert "file changed" not in row["movers"]


def test_parts_add_up_to_the_move(run: Run, book: Path) -> None:
    folder = book / "indicators"
    folder.mkdir()
    for name in ("troops", "flights"):
        (folder / f"{name}.yaml").write_text("title: x\nkind: level\nunit: x\n", encoding="utf-8")
    text = (book / "war.yaml").read_text(encoding="utf-8").replace("base_rate", "hazard")
    uses = "".join(
        f"    - use: {name}\n      hazard_ratio: [1.5, 4]\n      per: 10\n      baseline: 10\n"
        f"      elicited_on: 2026-10-01\n      why: it tells\n"
        for name in ("troops", "flights")
    )
    (book / "war.yaml").write_text(f"{text}  indicators:\n{uses}", encoding="utf-8")
    run("update")
    run("observe", "troops", "20", "--on", "2026-11-25", now=LATER)
    run("observe", "flights", "30", "--on", "2026-11-25", now=LATER)
    row = chance(run, now=LATER)["war@2027-03-01"]
    parts = dict(part.rsplit(" ", 1) for part in str(row["movers"]).split("; "))
    assert {"troops", "flights"} <= parts.keys()
    # What is left out of the parts is within two Monte Carlo errors.
    rest = row["now"] - row["was"] - sum(map(float, parts.values()))
    assert abs(rest) < 2 * 2**0.5 * row["error"] + 1e-5


def test_a_refused_posterior_leaves_the_last_good_one(
    run: Run, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("update")
    refused = {"verdict": "refuse", "reasons": ["k-hat is .9"]}

    def refuse(requests: list[Request], *_: object) -> list[Fit]:
        return [fitting.refused(request, refused) for request in requests]

    monkeypatch.setattr(fitting, "_compute", refuse)
    done = run("update", now=LATER)
    assert done.code == 1
    assert "refused: k-hat is .9" in done.out
    lines = (book / "record" / "war" / "ann.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 2
    assert (book / ".forecast" / "log" / "refused.jsonl").is_file()
    said = " ".join(done.out.split())
    assert "0 added to the record, 2 refused (the last good forecast stands)." in said
    assert "none yet" not in said


def test_where_nothing_was_ever_forecast_nothing_is_said_to_stand(run: Run, book: Path) -> None:
    write_cost(book, readings=1)
    done = run("update", "cost")
    assert done.code == 1
    said = " ".join(done.out.split())
    assert "none yet ! refused: price has 1 reading" in said
    assert "0 added to the record, 1 refused. Next: forecast show cost" in said
    assert "stand" not in said
    assert "Ranges" not in said
