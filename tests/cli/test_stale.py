"""A number whose model was refused since stands marked, wherever it is shown."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forecast.verbs import fitting
from forecast.verbs.fitting import Fit, Request
from tests.cli.conftest import Run
from tests.cli.test_show import write_cost

GOOD = datetime(2026, 11, 20, 9, tzinfo=UTC)
BAD = GOOD + timedelta(hours=3)
AFTER = BAD + timedelta(hours=3)
LOG = Path(".forecast/log/refused.jsonl")


def refuse(requests: list[Request], *_: object) -> list[Fit]:
    gates = {"verdict": "refuse", "reasons": ["k-hat is .9"]}
    return [fitting.refused(request, gates) for request in requests]


@pytest.fixture
def stale(run: Run, book: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A book in which a forecast of the morning was refused at noon."""
    assert run("update", now=GOOD).code == 0
    with monkeypatch.context() as patched:
        patched.setattr(fitting, "_compute", refuse)
        patched.setattr(fitting, "recalled", lambda *_: {})
        assert run("update", now=BAD).code == 1
    return book


def marks(run: Run, *words: str, now: datetime = AFTER) -> dict[str, str]:
    rows = json.loads(run("list", "--json", *words, now=now).out)
    return {row["target"]: row["refused"] for row in rows}


def test_a_standing_number_says_that_its_model_was_refused_since(run: Run, stale: Path) -> None:
    why = "base_rate refused since: k-hat is .9"
    assert marks(run) == {"strike": "", "war@2026-12-01": why, "war@2027-03-01": why}
    listed = run("list", now=AFTER).out
    assert listed.count(" ! (20 Nov 26)") == 2
    assert f"! war is stale, {why}" in listed
    assert "! base_rate is stale, refused since: k-hat is .9" in run("show", "war", now=AFTER).out


def test_before_the_refusal_and_after_the_deadlines_nothing_is_stale(run: Run, stale: Path) -> None:
    assert not any(marks(run, "--as-of", "2026-11-19").values())
    over = GOOD + timedelta(days=200)
    assert not any(marks(run, now=over).values())
    assert "refused" not in run("show", "war", now=over).out


@pytest.mark.parametrize("days", [0, 1])
def test_a_number_said_or_found_again_is_not_stale(run: Run, stale: Path, days: int) -> None:
    later = AFTER + timedelta(days=days)
    assert run("update", now=later).code == 0
    assert not any(marks(run, now=later).values())
    assert "refused" not in run("list", now=later).out + run("show", "war", now=later).out


def test_a_headline_of_mine_does_not_rest_on_the_model(run: Run, stale: Path) -> None:
    path = stale / "war.yaml"
    path.write_text(f"{path.read_text('utf-8')}headline: me\n", encoding="utf-8")
    run("predict", "war@2027-03-01", ".2", now=AFTER)
    assert not any(marks(run).values())


def test_a_pool_rests_on_its_model(run: Run, stale: Path) -> None:
    path = stale / "war.yaml"
    pool = "headline: {pool: {model: .6, me: .4}}\n"
    path.write_text(path.read_text("utf-8") + pool, encoding="utf-8")
    assert marks(run)["war@2027-03-01"] == "base_rate refused since: k-hat is .9"


def test_a_refused_replay_says_nothing_of_the_present(
    run: Run, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("update", now=GOOD)
    monkeypatch.setattr(fitting, "_compute", refuse)
    assert run("update", "--as-of", "2026-11-10", now=BAD).code == 1
    assert not any(marks(run).values())


def test_a_damaged_log_tells_nothing(run: Run, stale: Path) -> None:
    line = (stale / LOG).read_text("utf-8")
    damaged = [
        *('{"live": true, "gates": 1}', "[]", "{}", "[" * 99_999, "\x00", ""),
        *(line.replace('"at": "2026', f'"at": "{year}') for year in ("0001", "20260", "x")),
        line.replace("k-hat is .9", "").replace('[""]', "[1]"),
    ]
    (stale / LOG).write_text("\n".join(damaged), encoding="utf-8")
    assert not any(marks(run).values())
    (stale / LOG).write_text(line.replace('"war"', '["war"]'), encoding="utf-8")
    assert not any(marks(run).values())
    (stale / LOG).write_text(line.replace("+00:00", ""), encoding="utf-8")
    assert run("list").code == 0


def test_a_series_cut_short_is_refused_and_says_so(run: Run, book: Path) -> None:
    write_cost(book, readings=12)
    assert run("update", "cost", now=GOOD).code == 0
    series = book / "indicators" / "price.csv"
    whole = series.read_text("utf-8")
    series.write_text("".join(whole.splitlines(keepends=True)[:4]), encoding="utf-8")
    run("update", "cost", now=BAD)
    assert "price has 3 readings" in marks(run)["cost"]
    series.write_text(whole, encoding="utf-8")
    assert run("update", "cost", now=AFTER).code == 0
    assert marks(run)["cost"] == ""
