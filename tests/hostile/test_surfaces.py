"""Whatever text a file, a record or a command line holds, it only ever reaches its reader as text.

One book holds a hostile text in every field; every command shows it in every form, and every
parameter of every command is given it.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest

import forecast
from forecast.cli.main import cli
from forecast.render.console import SafeConsole
from forecast.rows import table, to_csv
from tests.hostile.books import NOW, write
from tests.hostile.commands import ASKED, Drawn, placed
from tests.hostile.conftest import Draw
from tests.hostile.texts import HOSTILE, steering

TERMINAL = ("escape", "link", "clipboard", "c1", "return", "bidi", "lines", "hidden")
FORMULAS = ("formula", "plus", "at", "wide", "tab")
REST = ("markup", "html", "mathtext", "format", "shell", "letters")
TEXTS = {
    "terminal": " ".join(HOSTILE[name] for name in TERMINAL),
    "formula": " ".join(HOSTILE[name] for name in FORMULAS),
    "rest": " ".join(HOSTILE[name] for name in REST),
}

SHOWN = [
    ["list", "--due"],
    ["list", "--as-of", "2022-02-05"],
    ["show", "choice"],
    ["show", "level"],
    ["show", "answered", "--sources"],
    ["show", "war", "--sources"],
    ["backtest", "--from", "2022-01-17", "--to", "2022-02-14", "--movers"],
    *([name, *ASKED.get(name, [])] for name in cli.commands if name not in {"init", "new", "show"}),
]


@pytest.fixture(scope="module", params=TEXTS)
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp(request.param), TEXTS[request.param])


def _has(command: str, option: str) -> bool:
    return any(option in parameter.opts for parameter in cli.commands[command].params)


@pytest.mark.parametrize("form", ["screen", "--json", "--csv"])
def test_every_command_shows_it_as_text(draw: Draw, book: Path, form: str) -> None:
    for arguments in SHOWN:
        forms = [] if form == "screen" else [form]
        if forms and not _has(arguments[0], form):
            continue
        at = ["--book", str(book)] if _has(arguments[0], "--book") else []
        done = draw(*placed(arguments, book), *forms, *at)
        assert done.code in {0, 1, 2}, (arguments, done.text)
        assert not steering(done.text), (arguments, done.text)
        _well_formed(done, form)


def _well_formed(done: Drawn, form: str) -> None:
    if form == "--json" and done.code == 0:
        assert isinstance(json.loads(done.text), list)
    if form == "--csv":
        cells = itertools.chain(*csv.reader(io.StringIO(done.text)))
        numbers = ("-", "+")  # before a number they begin no formula
        for cell in cells:
            assert not cell.startswith(("=", "@", "\t", "\r", "＝", "＋", "－", "＠")), cell
            assert not cell.startswith(numbers) or float(cell) is not None


def test_text_on_a_screen_is_all_there(draw: Draw, tmp_path: Path) -> None:
    """Markup is text, not an instruction, and what would steer is spelled out."""
    root = write(tmp_path, HOSTILE["markup"] + " \x1b[2J")
    shown = " ".join(draw("show", "war", "--book", root).text.split())
    assert r"X [/red] [link=http://x.example]y[/link] [bold] :smile: \x1b[2J" in shown


@pytest.mark.parametrize("name", list(cli.commands))
def test_every_parameter_may_be_given_anything(
    draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    root = write(tmp_path / "book", "quiet")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FORECAST_BOOK", str(root))
    for arguments in _askings(cli.commands[name]):
        done = draw(name, *placed(arguments, root))
        assert done.code in {0, 1, 2, 3, 4}, (arguments, done.text)
        assert not steering(done.text), (arguments, done.text)


def _askings(command: click.Command) -> Iterator[list[str]]:
    """Yield arguments in which one value after the other is hostile."""
    usual = ASKED.get(str(command.name), ["war"] if _required(command) else [])
    options = [p for p in command.params if isinstance(p, click.Option) and not p.is_flag]
    for text in (HOSTILE[name] for name in ("escape", "bidi", "return", "shell", "markup")):
        for place in range(len(usual)):
            yield [*usual[:place], text, *usual[place + 1 :]]
            yield [*usual[:place], f"{usual[place]}{text}", *usual[place + 1 :]]
        for option in options:
            yield [*usual, option.opts[0], text]
        yield [*usual, f"--{text}"]
        yield [*usual, text]


def _required(command: click.Command) -> bool:
    return any(isinstance(p, click.Argument) and p.required for p in command.params)


def test_an_unknown_command_is_quoted_safely(draw: Draw) -> None:
    done = draw(HOSTILE["escape"])
    assert done.code == 2
    assert not steering(done.text)


def test_what_a_screen_forgets_the_console_sees_to() -> None:
    out = io.StringIO()
    console = SafeConsole(out)
    console.print("raw \x1b[31m \u202e [bold]text[/bold]", soft_wrap=True)
    assert out.getvalue() == r"raw \x1b[31m \u202e [bold]text[/bold]" + "\n"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "＝1", "＠a"])
def test_no_cell_of_text_is_a_formula(text: str) -> None:
    (cell,) = list(csv.reader(io.StringIO(to_csv(table(("a",), [[text]])))))[1]
    assert cell[0] in {"'", "\\"}


def test_numbers_keep_their_sign() -> None:
    assert to_csv(table(("a", "b"), [[-0.5, "-0.5"]])) == "a,b\n-0.5,'-0.5\n"


class _Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        assert not any(name.startswith("on") or name in {"href", "src"} for name, _ in attributes)


def test_a_notebook_shows_it_as_text(draw: Draw, book: Path) -> None:
    made = forecast.open(book, now=NOW)
    results = [made.list(), made.show("war"), made.score(), made.update(dry_run=True), made]
    for result in results:
        page = result._repr_html_()
        assert not steering(page)
        assert _Tags(page).found <= {"table", "thead", "tbody", "tr", "th", "td", "div", "style"}
        assert not steering(repr(result))
    for told in (repr(made["war"]), str(made.list().frame().to_string())):
        assert not steering(told)
    assert not steering(made.record().to_string())


@pytest.mark.slow
def test_a_picture_shows_it_as_text(draw: Draw, book: Path, tmp_path: Path) -> None:
    from matplotlib.figure import Figure

    from forecast import plots

    made = forecast.open(book, now=NOW)
    for name in ("war", "choice", "level"):
        report = made.show(name).report
        figure = Figure()
        plots.history(report, figure.add_subplot())
        _drawn(figure, tmp_path)
    figure = Figure()
    plots.ladder(made.show("war").report, figure.add_subplot())
    _drawn(figure, tmp_path)
    figure = Figure()
    draws = [[0.2, 0.3, 0.5]] * 4
    plots.posterior(draws, made["choice"], figure.add_subplot())
    _drawn(figure, tmp_path)


def _drawn(figure: object, folder: Path) -> None:
    import warnings

    from matplotlib import rc_context

    path = folder / "picture.svg"
    with warnings.catch_warnings(), rc_context({"svg.fonttype": "none"}):
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(path)  # type: ignore[attr-defined]
        figure.savefig(folder / "picture.png")  # type: ignore[attr-defined]
    page = path.read_text(encoding="utf-8")
    assert not steering(page)
    tags = {each.tag.rpartition("}")[2] for each in ElementTree.fromstring(page).iter()}
    assert not tags & {"script", "a", "image", "foreignObject"}


def test_completion_offers_nothing_that_is_no_id(tmp_path: Path) -> None:
    root = write(tmp_path / "book", "quiet")
    for name in ("$(reboot)", "two\nlines", "\x1b[31mred", "-rf", "a b"):
        (root / f"{name}.yaml").touch()
    words = {"COMP_WORDS": "forecast show ", "COMP_CWORD": "2", "FORECAST_BOOK": str(root)}
    done = subprocess.run(
        [sys.executable, "-m", "forecast"],
        env={**_environment(), **words, "_FORECAST_COMPLETE": "bash_complete"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    offered = {line.partition(",")[2] for line in done.stdout.splitlines()}
    assert offered == {"war", "answered", "due", "choice", "level"}


def _environment() -> dict[str, str]:
    import os

    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}


def test_a_title_cannot_write_another_line_of_a_file(draw: Draw, tmp_path: Path) -> None:
    """What `init` and `new` are given stays within its quotes."""
    hostile = 'x"\nformat: 9\r\n*.jsonl text eol=crlf #\x1b[31m'
    quiet = tmp_path / "quiet"
    noisy = tmp_path / "noisy"
    draw("init", quiet)
    draw("init", noisy, "--title", hostile)
    draw("new", "q", "--title", hostile, "--unit", hostile, "--type", "numeric", "--book", noisy)
    draw("new", "i", "--indicator", "level", "--title", hostile, "--unit", hostile, "--book", noisy)
    for name in (".gitattributes", ".gitignore"):
        assert (noisy / name).read_bytes() == (quiet / name).read_bytes()
    made = forecast.open(noisy, now=NOW).workspace.book
    assert [p for p in made.problems if not p.advice] == []
    assert (made.title, made.questions["q"].title) == (hostile, hostile)
