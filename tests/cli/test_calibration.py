"""Calibration as a user reads it: on the screen, as rows, with advice when it is asked for."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime

import numpy as np
import pytest
from rich.console import Console
from scipy.special import expit, logit

from forecast.render.calibration import calibration_screen
from forecast.rows import calibration_rows
from forecast.verbs.calibration import CalibrationReport
from forecast.verbs.curves import Snapshot, curve
from tests.cli.conftest import Run

READ = datetime(2026, 1, 1, tzinfo=UTC)


def snapshots(n: int, slope: float, seed: int = 0, events: int = 10**6) -> list[Snapshot]:
    """Questions of a forecaster whose log-odds are too large by a factor."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.05, 0.95, n)
    said, came = expit(slope * logit(truth)).round(2), rng.random(n) < truth
    return [
        Snapshot("live", "ann", f"q{i}", f"q{i}", f"e{i % events}", READ,
                 float(np.clip(p, 0.01, 0.99)), int(o))
        for i, (p, o) in enumerate(zip(said, came, strict=True))
    ]  # fmt: skip


def shown(report: CalibrationReport, width: int = 80) -> str:
    console = Console(width=width, no_color=True, record=True, file=io.StringIO())
    console.print(calibration_screen(report))
    return console.export_text()


def report(made: list[Snapshot], *, advise: bool = False) -> CalibrationReport:
    return CalibrationReport((curve(made, advise=advise),), advised=advise)


def words(text: str) -> str:
    return " ".join(text.split())


def test_overconfidence_is_said_in_words() -> None:
    said = words(shown(report(snapshots(400, 2.0))))
    assert "Overconfident: your 90% happens 7" in said
    assert "luck cannot be told from skill" not in said
    assert "Advice" not in said


def test_advice_only_when_asked_for_and_only_when_it_helps() -> None:
    assert "nothing is changed" in words(shown(report(snapshots(600, 2.5), advise=True)))
    fine = words(shown(report(snapshots(400, 1.0), advise=True)))
    assert "recalibrating would not have helped" in fine
    few = words(shown(report(snapshots(20, 2.0), advise=True)))
    assert "fewer than 30 independent clusters" in few


def test_few_questions_claim_nothing() -> None:
    said = words(shown(report(snapshots(20, 2.0))))
    assert "Too few questions to tell over- from underconfident" in said
    assert "With 20 questions luck cannot be told from skill" in said


def test_questions_that_share_events_widen_every_interval() -> None:
    alone, shared = snapshots(60, 1.0), snapshots(60, 1.0, events=6)
    one, two = curve(alone), curve(shared)
    assert one.brier.clusters == 60
    assert two.brier.clusters == 6
    assert two.surprise.statistic is None
    assert one.surprise.statistic is not None


def test_rows_hold_every_number_and_components_add_up() -> None:
    rows = calibration_rows(report(snapshots(120, 1.5))).records
    overall = rows[-1]
    assert [row["scope"] for row in rows].count("question") == 120
    assert overall["scope"] == "overall"
    total = overall["miscalibration"] - overall["discrimination"] + overall["uncertainty"]
    assert total == pytest.approx(overall["brier"], abs=1e-12)
    assert overall["brier_low"] < overall["brier"] < overall["brier_high"]
    inside = [row["band_low"] <= row["calibrated"] <= row["band_high"] for row in rows[:-1]]
    assert 0 < sum(inside) < 120


def test_it_reads_at_a_lead_and_early_when_told_to(run: Run, book: object) -> None:
    assert run("predict", "war@2026-12-01", ".3", now=datetime(2026, 11, 1, tzinfo=UTC)).code == 0
    day = date(2026, 11, 18)
    run("resolve", "war", "yes", "--happened", day, "--known", day, "--source", "Reuters")
    assert "waiting for their scheduled close" in run("calibration", "war", "--by", "ann").out
    early = run("calibration", "war", "--by", "ann", "--early")
    assert "this leans towards yes" in words(early.out)
    lead = run("calibration", "war", "--by", "ann", "--early", "--lead", "20d", "--json").out
    assert json.loads(lead)[0]["at"].startswith("2026-11-12")
