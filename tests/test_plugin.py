"""A package of somebody else's, installed by pip, brings a family that `forecast update` uses."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from forecast.verbs import enginemark
from tests.cli import conftest as commands
from tests.test_contributing import EXAMPLES

ROOT = Path(__file__).parents[1]
BUILD = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
MODULES = '\n[tool.setuptools]\npy-modules = ["forecast_stated"]\n'

pytestmark = pytest.mark.slow


def call(*words: str | Path, installed: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run Python in a process of its own, with what is installed in a folder beside all else."""
    path = os.pathsep.join(str(p) for p in (ROOT, installed) if p is not None)
    return subprocess.run(
        [sys.executable, *map(str, words)],
        env=os.environ | {"PYTHONPATH": path, "FORECAST_BY": "ann", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """Install CONTRIBUTING.md's package from its source, without a network, and return where."""
    source, target = tmp_path / "source", tmp_path / "site"
    source.mkdir()
    (source / "pyproject.toml").write_text(BUILD + EXAMPLES["plugin"] + MODULES, encoding="utf-8")
    (source / "forecast_stated.py").write_text(EXAMPLES["family"], encoding="utf-8")
    offline = ("--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    done = call("-m", "pip", "install", "-q", *offline, "--target", target, source)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture
def book(tmp_path: Path) -> Path:
    root = tmp_path / "book"
    root.mkdir()
    war = commands.WAR[: commands.WAR.index("model:")] + EXAMPLES["model"]
    for name, text in (("book", commands.BOOK), ("war", war)):
        past = text.replace("2026-", "2020-").replace("2027-", "2021-")
        (root / f"{name}.yaml").write_text(past, encoding="utf-8")
    return root


def test_an_installed_family_is_checked_and_used(installed: Path, book: Path) -> None:
    checked = call("-m", "forecast", "check", "--book", book, installed=installed)
    assert (checked.returncode, checked.stdout) == (0, "")
    words = ("-m", "forecast", "update", "--book", book, "--as-of", "2020-11-20", "--json")
    done = call(*words, installed=installed)
    assert done.returncode == 0, done.stderr
    assert [row["model"] for row in json.loads(done.stdout)] == ["stated", "stated"]


def test_without_it_the_family_is_unknown(book: Path) -> None:
    done = call("-m", "forecast", "check", "--book", book)
    assert done.returncode == 1
    assert "there is no model family 'stated'" in done.stdout


def test_a_fit_is_of_all_files_of_a_plug_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "elsewhere"
    package.mkdir()
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "rates.py").write_text("RATE = 1\n", encoding="utf-8")
    (package / "family.py").write_text("class Own:\n    pass\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    own = importlib.import_module("elsewhere.family").Own()
    monkeypatch.setattr("forecast.families.get", lambda _: own)
    before = enginemark.family_code.__wrapped__("own")
    assert enginemark.family_code.__wrapped__("own") == before
    (package / "rates.py").write_text("RATE = 2\n", encoding="utf-8")
    assert enginemark.family_code.__wrapped__("own") != before
