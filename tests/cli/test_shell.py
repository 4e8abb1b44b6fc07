"""What every command promises: help, exit codes, light imports, plain output."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from forecast.cli.main import cli
from tests.cli.conftest import Run

README = Path(__file__).parents[2] / "README.md"
LIGHT = [
    ["--help"],
    ["list"],
    ["list", "--due"],
    ["show", "war"],
    ["check"],
    ["score"],
    ["verify"],
    ["predict", "war@2027-03-01", ".2"],
]
PROBE = """
import sys
from forecast.cli.main import run
code = run(sys.argv[1:])
slow = {"pymc", "pytensor", "arviz", "nutpie", "pandas", "matplotlib", "scipy"} & set(sys.modules)
sys.exit(f"imported {sorted(slow)}" if slow else code)
"""


@pytest.mark.parametrize("arguments", LIGHT, ids=" ".join)
def test_light_commands_import_nothing_slow(book: Path, arguments: list[str]) -> None:
    command = [sys.executable, "-c", PROBE, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


def test_completion_offers_ids_without_reading_the_files(run: Run, book: Path) -> None:
    (book / "broken.yaml").write_text("{", encoding="utf-8")
    show = cli.commands["show"]
    context = click.Context(show, info_name="show")
    found = show.params[0].shell_complete(context, "")
    assert [item.value for item in found] == ["broken", "strike", "war"]


@pytest.mark.parametrize("name", list(cli.commands))
def test_help_begins_with_what_it_does_and_gives_examples(run: Run, name: str) -> None:
    done = run(name, "--help")
    assert done.code == 0
    assert f"  forecast {name}" in done.out


@pytest.mark.parametrize("name", [n for n in cli.commands if n not in ("verify", "schema", "new")])
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"forecast {name}" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("updaet",), "did you mean 'update'?"),
        (("show", "wra"), "did you mean 'war'?"),
        (("update", "--as-of", "20261301"), "write YYYY-MM-DD"),
        (("update", "--as-of", "2026-13-01"), "there is no day 2026-13-01"),
        (("update", "--as-of", "0001-01-01"), "write a day from 1500 to 2999"),
        (("update", "--as-of", "2027-01-01"), "has not come yet"),
        (("list", "--json", "--csv"), "exclude each other"),
        (("backtest", "--from", "2026-11-02", "--to", "2026-11-01"), "is before --from"),
        (("backtest", "--from", "2026-11-02", "--to", "2026-11-01", "--every", "0d"), "write 7d"),
        (("calibration", "--plot", "x.gif"), ".png or .svg"),
    ],
)
def test_wrong_use_is_2_with_the_remedy(
    run: Run, book: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err


def test_no_book_is_said_so(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORECAST_BOOK", raising=False)
    done = run("list")
    assert done.code == 2
    assert "there is no book here" in done.err


def test_a_damaged_record_is_3(run: Run, book: Path) -> None:
    run("predict", "war@2027-03-01", ".2")
    path = book / "record" / "war" / "ann.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"value":0.2', b'"value":0.9'))
    assert run("verify").code == 3
    assert run("list").code == 3
