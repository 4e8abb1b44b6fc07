"""Every code has a smallest bad file and says exactly what the gallery shows."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

HERE = Path(__file__).parent


def _gallery() -> ModuleType:
    spec = importlib.util.spec_from_file_location("gallery", HERE / "gallery.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


gallery = _gallery()
CASES = gallery.cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_says_exactly_what_is_expected(case: Path) -> None:
    assert gallery.said(case) == (case / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_case_shows_its_own_code(case: Path) -> None:
    assert case.name in {problem.code for problem in gallery.problems(case)}


def test_the_gallery_is_large_and_up_to_date() -> None:
    assert len(CASES) >= 25
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    assert readme == gallery.readme(), "run python -m tests.errors.gallery"


def test_every_problem_says_what_to_do() -> None:
    silent = {
        problem.code for case in CASES for problem in gallery.problems(case) if not problem.hint
    }
    assert not silent
