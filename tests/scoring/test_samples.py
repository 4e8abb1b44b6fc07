"""Other people's real forecasts, scored, judged and drawn; skipped where they are not at hand.

FORECAST_SAMPLES names the folder of samples, by default `shared/data/import-samples` beside or
above the project.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forecast.plots import save_reliability
from forecast.verbs.calibration import CalibrationReport
from forecast.verbs.curves import Curve, Snapshot, curve
from tests.cli.test_calibration import shown

ROOT = Path(__file__).parents[2]


def samples() -> Path:
    """Return the folder of samples, or skip."""
    near = [folder / "shared/data/import-samples" for folder in (ROOT, *ROOT.parents)]
    stated = os.environ.get("FORECAST_SAMPLES")
    for folder in [Path(stated)] if stated else near:
        if (folder / "fivethirtyeight").is_dir():
            return folder / "fivethirtyeight"
    pytest.skip("no samples here")


def games() -> Iterator[Snapshot]:
    """Every NFL game that was no tie: the chance of the first team, weeks as clusters."""
    with (samples() / "nfl_games.csv").open(encoding="utf-8") as file:
        for place, row in enumerate(csv.DictReader(file)):
            if row["prob1_outcome"] in ("0", "1"):
                day = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
                yield Snapshot(
                    "live", "nfl", f"game-{place}", f"game-{place}", f"{day:%G-%V}", day,
                    float(row["prob1"]), int(row["prob1_outcome"]),
                )  # fmt: skip


def tied() -> list[float]:
    """What was said of the games that ended in a tie."""
    with (samples() / "nfl_games.csv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file)
        return [float(row["prob1"]) for row in rows if row["prob1_outcome"] == "0.5"]


def governors() -> Iterator[Snapshot]:
    """Every candidate's last chance, the candidates of one election as a cluster."""
    with (samples() / "governors_final_forecasts.csv").open(encoding="utf-8") as file:
        for place, row in enumerate(csv.DictReader(file)):
            day = datetime.fromisoformat(row["forecast_date"]).replace(tzinfo=UTC)
            name = f"candidate-{place}"
            yield Snapshot(
                "live", row["forecast_type"], name, name, f"{row['year']}-{row['state']}", day,
                float(row["probwin"]), int(row["probwin_outcome"]),
            )  # fmt: skip


def drawn(found: Curve, path: Path) -> str:
    """Draw a curve to a file and return its screen."""
    report = CalibrationReport((found,), advised=True)
    save_reliability(report, path)
    assert path.stat().st_size > 10_000
    return shown(report)


def test_nfl_games(tmp_path: Path) -> None:
    found = curve(list(games()), advise=True)
    assert len(found.snapshots) == 1882
    assert found.reliability.score == pytest.approx(0.2208263, abs=1e-7)
    ties = [(p - 0.5) ** 2 for p in tied()]  # no outcome, and so no score of ours
    whole = (1882 * found.reliability.score + sum(ties)) / (1882 + len(ties))
    assert whole == pytest.approx(0.220106, abs=5e-7)  # what the samples' README says
    assert found.brier.clusters < 300
    assert found.discrimination.value == pytest.approx(0.69, abs=0.02)
    assert "Neither over- nor underconfident" in drawn(found, tmp_path / "nfl.png")


def test_governors(tmp_path: Path) -> None:
    kinds = {s.forecaster for s in governors()}
    for kind in sorted(kinds):
        found = curve([s for s in governors() if s.forecaster == kind], advise=True)
        assert found.brier.clusters <= len(found.snapshots) / 2
        assert found.discrimination.value is not None
        assert found.discrimination.value > 0.9
        drawn(found, tmp_path / f"{kind}.png")
