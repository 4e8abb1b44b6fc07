"""What the tools and the house rules say of the whole tree."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BESIDE = Path(sys.executable).parent  # where this environment's commands are


def _run(*command: str | Path, at: Path = ROOT, **environment: str) -> tuple[int, str]:
    """Run a command and return its exit code and everything it said."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=at,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout


def _passes(*command: str | Path) -> None:
    code, said = _run(*command)
    if code:
        pytest.fail(f"{' '.join(map(str, command))} left with {code}:\n{said}", pytrace=False)


def _lint_imports(at: Path) -> tuple[int, str]:
    command = shutil.which("lint-imports", path=str(BESIDE))
    assert command is not None, "import-linter is not installed"
    return _run(command, "--no-cache", at=at, PYTHONPATH=str(at), COLUMNS="200")


def test_ruff_finds_nothing() -> None:
    _passes(sys.executable, "-m", "ruff", "check", ".")


def test_code_is_formatted() -> None:
    _passes(sys.executable, "-m", "ruff", "format", "--check", ".")


@pytest.mark.slow
def test_types_are_strict_and_right() -> None:
    _passes(sys.executable, "-m", "mypy", "--cache-dir", ROOT / ".mypy_cache")


def test_imports_run_downward() -> None:
    code, said = _lint_imports(ROOT)
    assert code == 0, said


@pytest.mark.parametrize(
    ("file", "planted", "named"),
    [
        (
            "domain/times.py",
            "from forecast.cli import main",
            "forecast.domain is not allowed to import forecast.cli",
        ),
        (
            "record/ledger.py",
            "from forecast.scoring import paths",
            "forecast.record is not allowed to import forecast.scoring",
        ),
        (
            "inference/gates.py",
            "from forecast.domain import Question",
            "forecast.inference is not allowed to import forecast.domain",
        ),
    ],
)
def test_an_import_upward_is_caught(tmp_path: Path, file: str, planted: str, named: str) -> None:
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "forecast", tmp_path / "forecast", ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "forecast" / file
    path.write_text(path.read_text(encoding="utf-8") + f"\n{planted}\n", encoding="utf-8")
    code, said = _lint_imports(tmp_path)
    assert code == 1, said
    assert named in said


def _tracked() -> list[Path]:
    """Return the files git knows of; skip where this is no checkout."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    code, listed = _run("git", "ls-files", "-z")
    assert code == 0, listed
    paths = [ROOT / name for name in listed.split("\0") if name]
    return [path for path in paths if path.is_file()]


# Written so that this file does not match itself.
HOST = re.compile(
    r"\b(?:py[p]i\.|files\.python[h]osted|registry\.(?:npmjs|yarnpkg)|conda\.[a]naconda)"
)
MACHINE = re.compile(
    r"(?<![\w.~*-])/(?:home|Users|root|work|farm)/\w|(?<!\w)[A-Za-z]:\\+Users\\", re.IGNORECASE
)


def _lines(pattern: re.Pattern[str]) -> Iterator[str]:
    for path in _tracked():
        text = path.read_bytes().decode("utf-8", "replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if found := pattern.search(line):
                yield f"{path.relative_to(ROOT).as_posix()}:{number}: {found[0]}"


@pytest.mark.parametrize("pattern", [HOST, MACHINE], ids=["package registry", "machine"])
def test_no_file_names_a(pattern: re.Pattern[str]) -> None:
    assert list(_lines(pattern)) == []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (HOST, "https://" + "pypi" + ".org/simple"),
        (HOST, "--index-url https://test." + "pypi" + ".org"),
        (MACHINE, "cd " + "/home" + "/ann/forecast"),
        (MACHINE, '"' + "/Users" + '/ann/forecast"'),
        (MACHINE, "C:" + "\\Users\\ann"),
    ],
)
def test_the_patterns_find_what_they_look_for(pattern: re.Pattern[str], text: str) -> None:
    assert pattern.search(text)


BUILT_IN = {"eval", "exec", "compile", "__import__"}
MODULES = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve", "ctypes"}
CALLS = {
    "yaml.load", "yaml.load_all", "yaml.full_load", "yaml.full_load_all", "yaml.unsafe_load",
    "yaml.unsafe_load_all", "os.system", "os.popen", "os.fork", "tempfile.mktemp",
    "importlib.import_module", "importlib.util.spec_from_file_location",
    "importlib.machinery.SourceFileLoader", "runpy.run_path", "runpy.run_module",
    "code.interact", "types.FunctionType", "types.CodeType",
}  # fmt: skip
METHODS = {"exec_module", "load_module"}
FAMILIES_OF = ("os.exec", "os.spawn", "os.posix_spawn", "pty.", "asyncio.create_subprocess_shell")
SWITCHES = {"shell", "allow_pickle"}  # arguments that are never true


def _dangers(source: str) -> list[str]:
    """Return what could run the contents of a file, as `line: name`."""
    tree = ast.parse(source)
    names = _imported(tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            whole = _imported(node).values()
            found += [(node.lineno, name) for name in whole if name.partition(".")[0] in MODULES]
        elif isinstance(node, ast.Call):
            found += [(node.lineno, name) for name in _called(node, names)]
    return [f"{line}: {name}" for line, name in sorted(found)]


def _imported(tree: ast.AST) -> dict[str, str]:
    """Return what each imported name stands for, in full."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots = ((a, a.name.partition(".")[0]) for a in node.names)
            names |= {a.asname or root: a.name if a.asname else root for a, root in roots}
        elif isinstance(node, ast.ImportFrom):
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return names


def _called(call: ast.Call, names: dict[str, str]) -> Iterator[str]:
    head, dot, rest = ast.unparse(call.func).partition(".")
    full = names.get(head, head) + dot + rest
    if full in CALLS or full.removeprefix("builtins.") in BUILT_IN or full.startswith(FAMILIES_OF):
        yield full
    elif full.rpartition(".")[2] in METHODS:
        yield full.rpartition(".")[2]
    for keyword in call.keywords:
        if keyword.arg in SWITCHES and ast.unparse(keyword.value) != "False":
            yield f"{full}({keyword.arg}=…)"


# What may run code that is not imported by name, and why that is no door.
TRUSTED = {
    "families/__init__.py": {"importlib.import_module"},  # of our own registry's lines
    "families/python.py": {"exec_module"},  # of bytes whose digest the user's settings trust
}


def test_the_package_runs_nothing_that_a_file_says() -> None:
    package = ROOT / "forecast"
    found = {
        path.relative_to(package).as_posix(): {each.partition(": ")[2] for each in dangers}
        for path in sorted(package.rglob("*.py"))
        if (dangers := _dangers(path.read_text(encoding="utf-8")))
    }
    assert found == TRUSTED


@pytest.mark.parametrize(
    "source",
    [
        "eval(text)",
        "import builtins\nbuiltins.exec(text)",
        "import pickle",
        "from marshal import loads",
        "import yaml\nyaml.load(text, Loader=yaml.SafeLoader)",
        "from yaml import unsafe_load as read\nread(text)",
        "import os as system\nsystem.system(text)",
        "import subprocess\nsubprocess.run(text, shell=True)",
        "import numpy as np\nnp.load(path, allow_pickle=True)",
        "import importlib\nimportlib.import_module(name)",
        "from importlib.util import spec_from_file_location as spec\nspec(name, path)",
        "loader.exec_module(module)",
        "import runpy\nrunpy.run_path(path)",
        "import os\nos.execvp(name, words)",
        "import asyncio\nasyncio.create_subprocess_shell(text)",
    ],
)
def test_what_would_run_a_file_is_found(source: str) -> None:
    assert len(_dangers(source)) == 1


def test_what_only_sounds_alike_is_let_be() -> None:
    source = "import re\nre.compile(text)\nmodel.eval()\nrun(command, shell=False)"
    assert _dangers(source) == []


PIN = re.compile(r"([\w.-]+)(?:\[[\w,]+\])?==(\S+)(?: ; (.+?))?((?: --hash=sha256:[0-9a-f]{64})+)")


def _pins(name: str) -> dict[str, list[str]]:
    """Return the versions a requirements file pins, each with hashes, by package."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    pins: dict[str, list[str]] = {}
    for line in text.splitlines():
        entry = " ".join(line.split())
        pin = PIN.fullmatch(entry)
        assert pin is not None, f"{name} does not pin by hash: {entry[:80]!r}"
        pins.setdefault(canonicalize_name(pin[1]), []).append(pin[2])
    return pins


def _group(name: str) -> list[str]:
    """Return a dependency group's requirements, the groups it includes among them."""
    entries = PROJECT["dependency-groups"][name]
    return [
        text
        for entry in entries
        for text in ([entry] if isinstance(entry, str) else _group(entry["include-group"]))
    ]


@pytest.mark.parametrize(
    ("name", "groups"), [("requirements.txt", ["build"]), ("requirements-dev.txt", ["dev"])]
)
def test_everything_needed_is_pinned(name: str, groups: list[str]) -> None:
    pins = _pins(name)
    stated = [*PROJECT["project"]["dependencies"], *(text for g in groups for text in _group(g))]
    for requirement in map(Requirement, stated):
        versions = pins.get(canonicalize_name(requirement.name), [])
        assert versions, f"{requirement} is not pinned in {name}: see CONTRIBUTING.md"
        for version in versions:
            assert requirement.specifier.contains(version, prereleases=True), requirement


def test_development_runs_on_the_pins_of_users() -> None:
    development = _pins("requirements-dev.txt")
    assert _pins("requirements.txt").items() <= development.items()
