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
        (("update", "--as-of", "2026-13-01"), "write YYYY-MM-DD"),
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


def test_an_unexpected_error_is_one_line_and_a_log(
    run: Run, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def burst(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr("forecast.verbs.listing.listing", burst)
    done = run("list")
    assert done.code == 70
    assert done.err.count("\n") == 1
    log = Path(done.err.rsplit(" ", 1)[-1].strip())
    assert "boom" in log.read_text(encoding="utf-8")
    log.unlink()


def test_hostile_titles_reach_no_terminal(run: Run, book: Path) -> None:
    path = book / "war.yaml"
    title = r'question: "Will X [/red] \e]8;;http://x\a happen\e[31m? [link=x]"'
    text = path.read_text(encoding="utf-8").replace("question: Will there be war?", title)
    path.write_text(text, encoding="utf-8")
    for command in (["show", "war"], ["list"], ["list", "--due"]):
        done = run(*command)
        assert done.code == 0
        assert "\x1b" not in done.out
        assert "\x07" not in done.out
    assert "[/red]" in run("show", "war").out


def test_spreadsheets_run_nothing(run: Run, book: Path) -> None:
    path = book / "war.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("Will there be war?", '"=HYPERLINK(1)"'), encoding="utf-8")
    assert "'=HYPERLINK(1)" in run("list", "--csv").out
