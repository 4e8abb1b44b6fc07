"""Too little coverage fails a whole run, and next to nothing is left out of it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

SETTINGS = """
[tool.pytest.ini_options]
testpaths = ["tests"]
addopts = "--import-mode=importlib -p no:cacheprovider"
pythonpath = ["."]
[tool.coverage.run]
source = ["forecast"]
branch = true
[tool.coverage.report]
fail_under = 60
skip_covered = true
show_missing = true
"""
EITHER = "def either(first):\n    if first:\n        return 1\n    return 2\n"
ONE_WAY = "from forecast{} import either\n\ndef test_it():\n    assert either(True) == 1\n"
BOTH = ONE_WAY + "    assert either(False) == 2\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Write a project of this one's form: a tested part that must be certain, and a helper."""
    files = {
        "pyproject.toml": SETTINGS,
        "forecast/__init__.py": "",
        "forecast/helper.py": EITHER,
        "forecast/record/__init__.py": "",
        "forecast/record/ledger.py": EITHER,
        "tests/test_helper.py": ONE_WAY.format(".helper"),
        "tests/test_ledger.py": BOTH.format(".record.ledger"),
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    shutil.copy(ROOT / "conftest.py", tmp_path)
    return tmp_path


def _suite(project: Path, *arguments: str) -> tuple[int, str]:
    """Run a project's tests and return the exit code and what was said."""
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_enough_passes_and_what_is_missing_is_shown(project: Path) -> None:
    code, said = _suite(project)
    assert code == 0, said
    assert re.search(r"helper\.py .* 4\n", said), said
    assert "coverage of the package 83.33%, 60% is needed" in said
    assert "coverage of record, scoring, views and times 100.00%, 100% is needed" in said


@pytest.mark.parametrize(
    ("part", "test", "shown"),
    [
        ("helper", "def test_helper():\n    pass\n", "package 50.00%, 60% is needed"),
        ("ledger", ONE_WAY.format(".record.ledger"), "times 66.67%, 100% is needed"),
    ],
)
def test_too_little_of_all_or_of_what_must_be_certain_fails(
    project: Path, part: str, test: str, shown: str
) -> None:
    (project / "tests" / f"test_{part}.py").write_text(test, encoding="utf-8")
    code, said = _suite(project)
    assert code == pytest.ExitCode.TESTS_FAILED, said
    assert "2 passed" in said and shown in said


def test_a_part_of_the_suite_is_not_measured(project: Path) -> None:
    code, said = _suite(project, "tests/test_helper.py")
    assert code == 0
    assert "coverage" not in said


def test_no_more_than_ten_places_are_excluded() -> None:
    package = (path.read_text(encoding="utf-8") for path in (ROOT / "forecast").rglob("*.py"))
    marked = sum(text.count("pragma: no") for text in package)
    assert marked + len(PROJECT["tool"]["coverage"]["report"]["exclude_also"]) <= 10
