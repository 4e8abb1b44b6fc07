import subprocess
import sys

LIGHT = "scores crps corp calibration bins uncertainty aggregate paths student"


def loaded(code: str) -> set[str]:
    """Return the top-level packages that a fresh interpreter has loaded after `code`."""
    listing = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    made = subprocess.run(
        [sys.executable, "-c", f"{code}; {listing}"], capture_output=True, text=True, check=True
    )
    return set(made.stdout.split())


def test_nothing_slow_is_imported_before_it_is_needed():
    names = ", ".join(LIGHT.split())
    found = loaded(f"from forecast.scoring import {names}; from forecast.scoring import rules")
    assert found.isdisjoint({"scipy", "pandas", "pymc", "arviz", "scoringrules", "matplotlib"})


def test_paths_rules_and_aggregates_need_the_standard_library_only():
    found = loaded(
        "from forecast.scoring import aggregate, paths, student;"
        "from forecast.scoring.rules import metaculus, goodjudgment, fatebook, predictionbook"
    )
    assert "numpy" not in found


def test_a_small_book_is_scored_and_calibrated_without_scipy():
    found = loaded(
        "from forecast.scoring import corp, calibration, uncertainty;"
        "a = dict(probability=[.1, .4, .35, .8, .9, .65], outcome=[0, 0, 1, 1, 1, 0]);"
        "corp.reliability(**a); corp.consistency(**a); calibration.cox(**a);"
        "uncertainty.cluster_interval(value=[.1, .2, .4])"
    )
    assert "scipy" not in found
