"""The worked examples of CONTRIBUTING.md, run as they stand."""

from __future__ import annotations

import ast
import doctest
import json
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from importlib import invalidate_caches
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import numpy as np
import pytest
import yaml

from forecast import families
from forecast.book import checks
from forecast.book import questions as question_files
from forecast.scoring import scores
from tests.cli import conftest as commands
from tests.errors import gallery

book, run = commands.book, commands.run  # fixtures
Run = commands.Run

TEXT = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"<!-- example: (\w+) -->\n```\w+\n(.*?)```", re.DOTALL)
EXAMPLES = dict(EXAMPLE.findall(TEXT))


def test_every_example_is_here_once() -> None:
    names = [name for name, _ in EXAMPLE.findall(TEXT)]
    assert names == ["family", "registry", "plugin", "model", "score", "check", "bad", "said"]
    assert TEXT.count("<!--") == len(names)


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Forget which families are installed, before and after."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    families.get.cache_clear()
    question_files._families.cache_clear()


@pytest.fixture(params=["registry", "plugin"])
def stated(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    forgetful: None,
) -> Iterator[str]:
    """Install the family as CONTRIBUTING.md says, built in or as a package, and return which."""
    site = tmp_path / "site"
    site.mkdir()
    if request.param == "registry":
        [(name, place)] = ast.literal_eval("{" + EXAMPLES["registry"] + "}").items()
        monkeypatch.setitem(families.FAMILIES, name, place)
        monkeypatch.setattr(families, "__path__", [*families.__path__, str(site)])
        module, file = place.partition(":")[0], "stated.py"
    else:
        module = _describe_package(site)
        file = f"{module}.py"
    (site / file).write_text(EXAMPLES["family"], encoding="utf-8")
    monkeypatch.syspath_prepend(site)
    invalidate_caches()
    yield request.param
    sys.modules.pop(module, None)


def _describe_package(site: Path) -> str:
    """Write what an installer would make of the example's pyproject.toml; return the module."""
    project = tomllib.loads(EXAMPLES["plugin"])["project"]
    [(group, points)] = project["entry-points"].items()
    info = site / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    lines = [f"[{group}]", *(f"{name} = {place}" for name, place in points.items())]
    (info / "entry_points.txt").write_text("\n".join(lines), encoding="utf-8")
    metadata = f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    [place] = points.values()
    return place.partition(":")[0]


def _use(book: Path, model: str) -> None:
    path = book / "war.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("model:")] + dedent(model), encoding="utf-8")


def test_the_family_is_offered_checked_and_fitted(stated: str, run: Run, book: Path) -> None:
    _use(book, EXAMPLES["model"])
    assert "stated" in families.names()
    assert run("check").out == ""
    done = run("update", "war", "--sampler", "fast", "--json")
    assert done.code == 0, done.err
    said = [row["now"] for row in json.loads(done.out)]
    np.testing.assert_allclose(said, _exactly(EXAMPLES["model"]), atol=0.0025)
    assert "10–40% by 2027-03-01, judged by hand." in run("show", "war").out


def _exactly(model: str) -> list[float]:
    """Return the chance by each rung, 1 − E[(1 − p)^(X/H)] / E[(1 − p)^(now/H)], in closed form."""
    from scipy.special import betaln

    from forecast.families.fields import Interval
    from forecast.families.priors import beta_of_chance

    low, high = yaml.safe_load(model)["model"]["chance"]
    a, b = beta_of_chance(Interval(low, high))
    now, rungs, whole = 50, (61, 151), 151  # days since the clock, 1 October

    def survival(days: int) -> float:
        return float(np.exp(betaln(a, b + days / whole) - betaln(a, b)))

    return [1 - survival(rung) / survival(now) for rung in rungs]


def test_the_family_names_what_does_not_fit(stated: str, run: Run, book: Path) -> None:
    _use(book, EXAMPLES["model"].replace("[.1, .4]", "[.4, .1]"))
    assert run("check").out.splitlines()[0].endswith("[interval-reversed]")
    _use(book, EXAMPLES["model"] + "  indicators: [{use: troops}]\n")
    assert "[indicators-unused]" in run("check").out


def _in_place(module: ModuleType, source: str) -> dict[str, object]:
    """Run source as if it stood in the module's file, and return what it defines."""
    names = dict(vars(module))
    exec(compile(source, "CONTRIBUTING.md", "exec"), names)  # noqa: S102
    return names


def test_the_score_does_what_it_says() -> None:
    names = _in_place(scores, EXAMPLES["score"])
    found = doctest.DocTestFinder(recurse=False).find(names["boosting"], "boosting", globs=names)
    result = doctest.DocTestRunner().run(found[0])
    assert result.attempted == 1
    assert result.failed == 0


def test_the_score_is_proper_and_unbounded() -> None:
    boosting = _in_place(scores, EXAMPLES["score"])["boosting"]
    said = np.linspace(0.01, 0.99, 99)
    yes, no = (boosting(probability=said, outcome=o) for o in (1, 0))
    for truth in (0.05, 0.5, 0.83):
        best = said[np.argmin(truth * yes + (1 - truth) * no)]
        assert best == pytest.approx(truth)
    assert boosting(probability=0.0, outcome=1) == np.inf
    assert boosting(probability=1.0, outcome=1) == 0


def test_the_error_is_said_in_these_words(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = tmp_path / "unit-needless"
    case.mkdir()
    (case / "rain.yaml").write_text(EXAMPLES["bad"], encoding="utf-8")
    assert gallery.said(case) == ""
    check = _in_place(checks, EXAMPLES["check"])["_unit"]
    monkeypatch.setattr(checks, "_CHECKS", (*checks._CHECKS, check))
    assert gallery.said(case) == EXAMPLES["said"]
    shutil.copy(case / "rain.yaml", tmp_path)
    (tmp_path / "book.yaml").write_text(gallery.BOOK, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    done = run("check", "--book", ".")
    assert (done.code, done.out.splitlines()[0]) == (1, EXAMPLES["said"].strip())


def test_the_examples_are_not_in_the_package_already() -> None:
    assert "stated" not in families.FAMILIES
    assert not hasattr(scores, "boosting")
    assert "unit-needless" not in {case.name for case in gallery.cases()}
