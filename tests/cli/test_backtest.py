"""Backtests: resumable, blind to what came later, and compared with what else could be said."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from forecast.domain import Forecast, Kind, Target
from forecast.inference.sampler import Progress
from forecast.record.ledger import Ledger
from forecast.verbs import backtest, fitting
from forecast.verbs.fitting import Fit, Request
from forecast.verbs.workspace import Workspace
from tests.cli.conftest import NOW, Run
from tests.cli.test_show import write_cost

PERIOD = ("--from", "2026-10-02", "--to", "2026-11-06", "--every", "7d")

SCRIPT = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from forecast.cli.main import run
from forecast.verbs import fitting
from forecast.verbs.fitting import Fit

log = Path(sys.argv[1])
fitting._PART = 2

def compute(requests, sampler, progress, total):
    with log.open("a", encoding="utf-8") as lines:
        lines.writelines(request.view_digest + "\\n" for request in requests)
    time.sleep(float(sys.argv[2]))
    chance = (0.125,) * 2
    return [Fit(chance, chance, chance, (0.0,) * 2) for _ in requests]

fitting._fits = compute
now = datetime(2026, 11, 20, 12, tzinfo=UTC)
sys.exit(run(["backtest", *sys.argv[3:]], now=now))
"""


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Fit nothing, say each time a little less, and note the views that would have been fitted."""
    seen: list[str] = []

    def compute(requests: Sequence[Request], *_: object) -> list[Fit]:
        seen.extend(request.view_digest for request in requests)
        return [_fit(0.9 ** (request.view.survived + 1)) for request in requests]

    monkeypatch.setattr(fitting, "_compute", compute)
    return seen


def _fit(chance: float) -> Fit:
    return Fit((chance,) * 2, (chance,) * 2, (chance,) * 2, (0.0,) * 2)


def lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_what_was_computed_when_it_was_killed_is_not_computed_again(
    book: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    command = [sys.executable, "-c", SCRIPT]
    killed = subprocess.Popen([*command, str(first), "0.2", *PERIOD], stdout=subprocess.DEVNULL)
    while len(lines(first)) < 5:
        assert killed.poll() is None
        time.sleep(0.01)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    done = subprocess.run(
        [*command, str(second), "0", *PERIOD, "--json"], capture_output=True, text=True, check=True
    )
    lost = set(lines(first)) & set(lines(second))
    assert lost <= set(lines(first)[-2:])
    assert len({*lines(first), *lines(second)}) == len(json.loads(done.stdout)) - 6
    assert done.stderr == ""  # no bar where nobody watches


def test_nothing_known_later_is_seen(run: Run, book: Path, fits: list[str]) -> None:
    folder = book / "indicators"
    folder.mkdir()
    (folder / "polls.yaml").write_text("title: x\nkind: level\nunit: x\n", encoding="utf-8")
    uses = "  indicators:\n    - {use: polls, hazard_ratio: [1, 2], per: 1, baseline: 1, why: x}\n"
    text = (book / "war.yaml").read_text(encoding="utf-8").replace("base_rate", "hazard") + uses
    (book / "war.yaml").write_text(text, encoding="utf-8")
    readings = "observed_on,known_on,value\n2026-10-03,2026-10-04,3\n"
    (folder / "polls.csv").write_text(readings, encoding="utf-8")
    early = ("--from", "2026-10-02", "--to", "2026-10-12", "--every", "1d")
    before = run("backtest", *early, "--json").out
    seen = len(fits)
    (folder / "polls.csv").write_text(readings + "2026-10-01,2026-10-13,9\n", encoding="utf-8")
    answer = "resolve strike yes --happened 2026-10-13 --known 2026-10-13 --source Reuters"
    run(*answer.split())
    assert run("backtest", *early, "--json").out.startswith(before[:-3])
    assert len(fits) == seen
    run("backtest", "--from", "2026-10-13", "--to", "2026-10-13")
    assert len(fits) == seen + 1  # strike is answered, war sees the reading


def test_replays_are_compared_over_the_same_time(run: Run, book: Path, fits: list[str]) -> None:
    run("resolve", "strike", "no", "--known", "2026-11-11", "--source", "Reuters")
    _crowd(book)
    out = run("backtest", "strike", *PERIOD, "--json").out
    rows = [row for row in json.loads(out) if row["scope"] == "beside"]
    beside = {row["reference"]: row for row in rows if row["forecaster"] == "headline"}
    assert list(beside) == ["base rate", "its last forecast", "crowd"]
    said = [0.9 ** (7 * n + 2) for n in range(6)]
    whole = 41  # days from the opening to the close; cutoffs end at midnight
    mine = [7 * p**2 / whole for p in said]
    mine[-1] *= 4 / 7  # the last stands until the close
    assert beside["its last forecast"]["brier"] == pytest.approx(sum(mine[1:]), abs=1e-6)
    shifted = [m * (b / a) ** 2 for m, a, b in zip(mine[1:], said[1:], said[:-1], strict=True)]
    assert beside["its last forecast"]["reference_brier"] == pytest.approx(sum(shifted), abs=1e-6)
    assert beside["crowd"]["reference_brier"] == pytest.approx(0.25 * 18 / whole, abs=1e-6)
    assert beside["crowd"]["questions"] == beside["crowd"]["clusters"] == 1


def test_the_screen_says_what_it_is_beside(run: Run, book: Path, fits: list[str]) -> None:
    assert "beside" not in run("backtest", "strike", *PERIOD).out
    run("resolve", "strike", "no", "--known", "2026-11-11", "--source", "Reuters")
    said = run("backtest", "strike", *PERIOD).out
    assert "its last forecast" in said
    assert "too few" in said


def test_revised_data_are_labelled_wherever_they_come_in(book: Path, fits: list[str]) -> None:
    """War hangs on a strike, and what the strike is read from was revised since."""
    folder = book / "indicators"
    folder.mkdir()
    (folder / "polls.yaml").write_text("title: x\nkind: level\nvintages: false\n", "utf-8")
    (folder / "polls.csv").write_text("observed_on,value\n2026-10-03,3\n", "utf-8")
    uses = "  indicators:\n    - {use: polls, hazard_ratio: [1, 2], per: 1, baseline: 1}\n"
    for name, family in (
        ("strike", f"hazard\n{uses}"),
        ("war", "conditional\n  given: {question: strike}\n  after: {hazard_ratio: 2}\n"),
    ):
        path = book / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("base_rate\n", family), encoding="utf-8")
    start, end = date(2026, 10, 2), date(2026, 10, 9)
    report = backtest.backtest(Workspace.open(book, now=NOW), ("war",), start=start, end=end)
    assert report.replays
    assert report.revised == ("polls",)


def test_parts_add_up_to_all(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def compute(asked: Sequence[Request], _: object, tell: Progress, total: int) -> list[Fit]:
        assert total == 10
        tell(1, len(asked))
        return [_fit(0.1) for _ in asked]

    told: list[tuple[int, int]] = []
    monkeypatch.setattr(fitting, "_PART", 4)
    monkeypatch.setattr(fitting, "_fits", compute)
    ws = Workspace.open(book, now=NOW)
    start, end = date(2026, 10, 2), date(2026, 10, 30)
    backtest.backtest(ws, start=start, end=end, progress=lambda *at: told.append(at))
    assert told == [(1, 10), (5, 10), (9, 10)]


def test_a_refused_fit_is_tried_once(run: Run, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def refuse(asked: Sequence[Request], *_: object) -> list[Fit]:
        tried.extend(request.view_digest for request in asked)
        return [fitting.refused(request, {"verdict": "refuse"}) for request in asked]

    monkeypatch.setattr(fitting, "_compute", refuse)
    done = run("backtest", "strike", *PERIOD)
    assert done.code == 1
    assert "6 fits refused" in done.out
    assert "strike base_rate: its diagnostics failed (6 times)" in done.out
    assert len(tried) == 6


def test_each_reason_of_a_refusal_is_told_once(run: Run, book: Path) -> None:
    write_cost(book, readings=3)
    own = "model: {family: python, file: own.py}\n"
    text = (book / "strike.yaml").read_text("utf-8").partition("model:")[0] + own
    (book / "strike.yaml").write_text(text, encoding="utf-8")
    (book / "models").mkdir()
    (book / "models" / "own.py").write_text("def build(view): ...\n", encoding="utf-8")
    done = run("backtest", "strike", "cost", "--from", "2026-11-01", "--to", "2026-11-19")
    assert done.code == 1
    said = " ".join(done.out.split())
    assert "5 fits refused" in said
    assert said.count("read it, then `forecast trust ") == 1
    assert "(2 times)" in said
    assert "cost trend: price has 0 readings known by 2026-11-01" in said
    assert "diagnostics" not in said


def _crowd(book: Path) -> None:
    """Put a crowd's forecast of one half on record, from half-way on."""
    made = NOW.replace(month=10, day=24, hour=0)
    forecast = Forecast(Target("strike"), "crowd", Kind.IMPORTED, made, made.date(), 0.5)
    Ledger(book).append([forecast], "ann")
