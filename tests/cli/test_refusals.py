"""What cannot be done is refused in one line, with the remedy, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import gc
import io
from pathlib import Path

import pytest

from forecast.cli.main import main
from forecast.disk import Disk
from forecast.inference.executors import serves_one_command
from forecast.render.console import progress, stderr
from tests.cli.conftest import WAR, Run

CHOICE = """\
question: Who will win?
type: multiple_choice
options: [red, blue]
opens: 2026-10-01
deadline: 2027-03-01
resolution_criteria: As the office reports. Days in UTC. Annulled if there is no vote.
"""
LEVEL = CHOICE.replace("multiple_choice", "numeric").replace("options: [red, blue]", "unit: EUR")
DAY = CHOICE.replace("multiple_choice", "date").replace("options: [red, blue]\n", "")


@pytest.fixture
def more(book: Path) -> Path:
    """The book of two questions, with a choice, a number and a day beside them."""
    (book / "vote.yaml").write_text(CHOICE, encoding="utf-8")
    (book / "price.yaml").write_text(LEVEL, encoding="utf-8")
    (book / "day.yaml").write_text(DAY, encoding="utf-8")
    return book


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["new", "snow", "--deadline", "2026-01-01"], "the deadline 2026-01-01 is over"),
        (["new", "snow", "--type", "ordered"], "give --option once for each"),
        (["new", "snow", "--option", "red"], "a binary question has none"),
        (["new", "war"], "already exists"),
        (["predict", "vote", ".2"], "write option=probability"),
        (["predict", "vote", "red=.2", "red=.3"], "red is given twice"),
        (["predict", "vote", "red=.2"], "no probability for blue"),
        (["predict", "vote", "red=.2", "blue=.2"], "sum to 0.4"),
        (["predict", "vote", "green=.2", "blue=.2"], "no option 'green'"),
        (["predict", "price", "50%=x"], "cannot read 50%=x"),
        (["predict", "price", "150%=2"], "'150%' is no level"),
        (["predict", "price", "x%=2"], "'x%' is no level"),
        (["predict", "price", "5%=2", "50%=1"], "a higher level is a higher value"),
        (["predict", "price", "5%=2"], "the median is missing"),
        (["resolve", "vote", "green", "--source", "s"], "'green' is no answer to vote"),
        (["resolve", "price", "many", "--source", "s"], "'many' is no answer to price"),
        (["resolve", "vote", "--source", "s"], "no answer given"),
        (["resolve", "strike", "maybe", "--source", "s"], "'maybe' is no answer to strike"),
        (["resolve", "strike", "no", "--source", " "], "an answer needs its source"),
        (
            ["resolve", "strike", "no", "--happened", "2026-11-05", "--source", "s"],
            "what happened cannot be answered no",
        ),
        (
            ["resolve", "day", "2026-11-03", "--happened", "2026-11-05", "--source", "s"],
            "--happened 2026-11-05 and the answer 2026-11-03",
        ),
        (["explain", "vote"], "vote"),
        (["explain", "war", "--model", "hazard"], "war has no model 'hazard'"),
        (["explain", "war", "--as-of", "2027-05-01"], "has not come yet"),
    ],
)
def test_wrong_use_is_2_with_its_remedy(
    run: Run, more: Path, command: list[str], said: str
) -> None:
    before = sorted(path for path in more.rglob("*") if ".forecast" not in path.parts)
    done = run(*command)
    assert done.code == 2, done
    assert said in " ".join(done.err.split())
    after = sorted(path for path in more.rglob("*") if ".forecast" not in path.parts)
    assert after == before


def test_a_book_is_begun_in_an_empty_folder_only(run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "mine").code == 0
    again = run("init", tmp_path / "mine")
    assert (again.code, "already is a book" in again.err) == (2, True)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").touch()
    taken = run("init", tmp_path / "taken")
    assert (taken.code, "is not empty" in taken.err) == (2, True)


def test_a_book_that_cannot_be_begun_leaves_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, calls = Disk.write, iter(range(3))

    def full(self: Disk, handle: int, data: bytes) -> int:
        if next(calls, None) is None:
            raise OSError(28, "No space left on device")
        return write(self, handle, data)

    monkeypatch.setattr(Disk, "write", full)
    done = run("init", tmp_path / "mine")
    assert done.code == 4
    assert "no book was begun" in done.err
    assert list((tmp_path / "mine").rglob("*")) == []


def test_an_interruption_within_is_130(
    run: Run, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("forecast.verbs.listing.listing", stop)
    done = run("list")
    assert (done.code, done.err.strip()) == (130, "interrupted")


def test_the_program_leaves_with_the_code_of_its_command(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = io.StringIO()  # no file: there is nothing to set on it
    with contextlib.redirect_stdout(out), pytest.raises(SystemExit) as left:
        main(["list"])
    assert left.value.code == 0
    assert "war" in out.getvalue()
    ascii = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with contextlib.redirect_stderr(ascii), pytest.raises(SystemExit) as wrong:
        main(["show", "\u2014"])
    assert wrong.value.code == 2
    assert gc.isenabled()  # as before: nothing of a command stays behind
    assert not serves_one_command()


def test_a_bar_is_drawn_on_a_terminal_once_there_is_progress(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    shown = Terminal()
    monkeypatch.setattr("sys.stderr", shown)
    monkeypatch.setenv("TERM", "xterm")
    with progress("fitting"):
        pass
    assert shown.getvalue() == ""
    with progress("fitting") as bar:
        assert bar is not None
        bar(1, 2)
        bar(2, 2)
    assert "fitting" in shown.getvalue()
    stderr().print("done")
    assert "done" in shown.getvalue()


def test_a_model_of_no_question_is_told_from_one_that_is_over(run: Run, book: Path) -> None:
    (book / "war.yaml").write_text(
        WAR.replace("[2026-12-01, 2027-03-01]", "[2026-11-15, 2027-03-01]"), encoding="utf-8"
    )
    done = run("explain", "war@2026-11-15")
    assert done.code == 2
    assert "is over by 2026-11-20" in done.err
    assert "still open: war@2027-03-01" in done.err
