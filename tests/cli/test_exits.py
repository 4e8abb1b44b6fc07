"""Each exit code, made to happen; and what an unexpected error leaves behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from forecast.disk import Disk
from forecast.errors import EnvironmentFailure
from tests.cli.conftest import Run

ROOT = Path(__file__).parents[2]
SECRETS = {
    "FORECAST_DATABASE": "postgresql://ann:s3cret-word@db.example/forecast",
    "PGPASSWORD": "an0ther-word",
    "TSA_TOKEN": "t0ken-of-tsa",
    "GPG_PASSPHRASE": "two\nlines of it",
}


def test_0_and_2_and_1(run: Run, book: Path) -> None:
    assert run("check").code == 0
    assert run("show", "nothing").code == 2
    assert run("show").code == 2
    assert run("show", "--no-such-option").code == 2
    (book / "broken.yaml").write_text("question: Will it?\n", encoding="utf-8")
    assert run("check").code == 1
    assert run("list").code == 1, "healthy questions go on"


def test_3_is_the_record_alone(run: Run, book: Path) -> None:
    assert run("predict", "war@2027-03-01", ".2").code == 0
    path = book / "record" / "war" / "ann.jsonl"
    path.write_bytes(path.read_bytes().replace(b"0.2", b"0.9", 1))
    for command in ("verify", "list", "score"):
        assert run(command).code == 3


def test_4_is_a_disk_that_refuses(run: Run, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Disk, "write", full)
    done = run("predict", "war@2027-03-01", ".2")
    assert done.code == EnvironmentFailure.exit_code == 4
    assert "no space left on device; nothing counts as recorded" in done.err


def test_4_is_an_error_of_the_system_nobody_foresaw(
    run: Run, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "some/file")

    monkeypatch.setattr("forecast.verbs.listing.listing", lost)
    done = run("list")
    assert done.code == 4
    assert "error: Permission denied: some/file\n  check the disk" in done.err


@pytest.fixture
def burst(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `list` fail in a way that nobody foresaw, with secrets at hand."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)

    def fail(*_: object, **__: object) -> None:
        told = " ".join(SECRETS.values())
        raise RuntimeError(f"boom \x1b[31m {told} https://bob:w0rd@example.org/x\nsecond line")

    monkeypatch.setattr("forecast.verbs.listing.listing", fail)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's folder for logs."""
    folder = tmp_path / "state"
    monkeypatch.setattr("platformdirs.user_log_path", lambda *_, **__: folder)
    return folder


def _quiet(text: str) -> None:
    for secret in (*SECRETS.values(), "s3cret-word", "w0rd@", "\x1b"):
        assert secret not in text


@pytest.mark.usefixtures("burst")
def test_70_is_one_line_and_a_log_without_secrets(run: Run, book: Path, state: Path) -> None:
    done = run("list")
    assert (done.code, done.out) == (70, "")
    (log,) = state.iterdir()
    assert done.err == f"error: this is a bug in forecast; please report it with {log}\n"
    text = log.read_text(encoding="utf-8")
    assert "RuntimeError: boom" in text
    assert "in list_" in text, "the traceback is what a report needs"
    assert "Python" in text
    _quiet(text)
    if sys.platform != "win32":
        assert log.stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("burst")
def test_70_logs_arguments_without_secrets_however_they_are_quoted(
    run: Run, book: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = {"MYSQL_PASS": "a'b\"c", "MY_PAT": "back\\slash", "AUTH": "new\nline"}
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["forecast", "list", *secrets.values()])
    run("list")
    (log,) = state.iterdir()
    arguments = log.read_text(encoding="utf-8").splitlines()[1]
    assert arguments == "arguments: 'list' '***' '***' '***'"


@pytest.mark.usefixtures("burst")
def test_70_without_a_folder_of_ones_own_logs_where_there_is_room(
    run: Run, book: Path, state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.touch()  # a file where the folder would be
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "shared"))
    done = run("list")
    (log,) = (tmp_path / "shared").iterdir()
    assert done.code == 70
    assert str(log) in done.err


@pytest.mark.usefixtures("burst")
def test_70_without_any_folder_says_what_it_can(
    run: Run, book: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state.touch()
    monkeypatch.setattr("tempfile.tempdir", str(state))
    done = run("list")
    assert done.code == 70
    assert done.err.count("\n") == 1
    assert "no log could be written: RuntimeError: boom" in done.err
    _quiet(done.err)


def test_no_command_shows_what_the_environment_holds(
    run: Run, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    run("predict", "war@2027-03-01", ".2")
    for command in (["list"], ["show", "war"], ["check"], ["score"], ["verify"]):
        for form in ([], ["--json"], ["--csv"]):
            done = run(*command, *form)
            _quiet(done.out)
            _quiet(done.err)
    for path in book.rglob("*"):
        if path.is_file():
            _quiet(path.read_text(encoding="utf-8").replace("\x1b", ""))


# In processes of their own


def _environment(book: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "FORECAST_BOOK": str(book), **more}


WAITING = """
import signal, sys, time
from forecast.cli.main import main
import forecast.verbs.listing as verb
def listing(*_, **__):
    print("ready", flush=True)
    time.sleep(60)
verb.listing = listing
signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the tests were started with
main(["list"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
def test_130_is_an_interruption(book: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING],
        env=_environment(book),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told.strip() == "interrupted"


@pytest.mark.skipif(sys.platform == "win32", reason="pipes differ there")
@pytest.mark.parametrize(
    "command", [["show", "war"], ["list", "--json"], ["list", "--csv"], ["schema"], ["nonsense"]]
)
def test_a_reader_that_went_away_is_no_failure(book: Path, command: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "forecast", *command],
        env=_environment(book),
        stdout=write,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(write)
    assert done.returncode == (2 if command == ["nonsense"] else 0)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


def test_a_lock_that_is_held_is_4_and_says_by_whom(
    run: Run, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(self: Disk, path: Path, timeout: float) -> object:
        return lock(self, path, 0.05)

    lock = Disk.lock
    monkeypatch.setattr(Disk, "lock", short)
    folder = book / ".forecast" / "locks"
    folder.mkdir(parents=True)
    (folder / "war.ann.holder").write_text("process 1 \x1b[31m", encoding="utf-8")
    with FileLock(folder / "war.ann.lock"):
        done = run("predict", "war@2027-03-01", ".2")
    assert done.code == 4
    assert r"by process 1 \x1b[31m" in done.err
    assert "wait for that process" in done.err
