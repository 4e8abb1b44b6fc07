"""Who writes, and whom the user trusts."""

from __future__ import annotations

import getpass
import os

import pytest

from forecast import settings
from forecast.errors import Exit, UsageError
from forecast.verbs.trust import listed


@pytest.fixture
def file(tmp_path, monkeypatch):
    """The user's settings file, not there yet."""
    path = tmp_path / "settings.toml"
    monkeypatch.setattr(settings, "path", lambda: path)
    monkeypatch.delenv("FORECAST_BY", raising=False)
    monkeypatch.setattr(getpass, "getuser", lambda: "login name")
    return path


def test_settings_live_in_the_users_own_folder():
    path = settings.path()
    assert path.name == "settings.toml"
    assert path.parent.name == "forecast"
    assert path.is_absolute()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes there")
@pytest.mark.parametrize("read", [settings.load, settings.trusted])
def test_settings_are_not_awaited_from_a_pipe(file, read):
    os.mkfifo(file)
    os.mkfifo(settings.trust_path())
    with pytest.raises(UsageError, match=r"this is no ordinary file|is no list"):
        read()


def test_settings_of_any_size_are_not_read(file):
    file.write_bytes(b"#" * ((1 << 24) + 1))
    with pytest.raises(UsageError, match="cannot be read: this has more than"):
        settings.load()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes there")
def test_a_trusted_file_that_became_a_pipe_is_missing(file, tmp_path):
    code = tmp_path / "storm.py"
    code.write_text("")
    settings.trust(code)
    code.unlink()
    os.mkfifo(code)
    assert [known.state for known in listed()] == ["missing"]


def test_without_a_file_there_are_defaults(file):
    assert settings.load() == settings.Settings()


def test_a_file_is_read(file):
    file.write_text('author = "Anna Ĺ."\n', encoding="utf-8")
    assert settings.load().author == "Anna Ĺ."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"author = \n", r"settings\.toml:1: Invalid value"),
        (b'author = "a"\nauthor = "b"\n', r"settings\.toml:2: "),
        (b"author = 3\n", "`author` is no text"),
        (b'trust = ["here"]\n', "unknown setting 'trust'"),
        (b'autor = "a"\n', "unknown setting 'autor'"),
        (b'"\\u001b[31m" = 1\n', r"unknown setting '\\\\x1b\[31m'"),
        (b"\xff\xfe", "cannot be read: UnicodeDecodeError"),
        (b"x = " + b"[" * 100_000, "cannot be read|Invalid"),
        (b"x = 1" + b"0" * 5000, "cannot be read|Invalid"),
    ],
)
def test_bad_settings_are_named_with_file_and_line(file, text, said):
    file.write_bytes(text)
    with pytest.raises(UsageError, match=said) as caught:
        settings.load()
    assert caught.value.exit_code is Exit.USAGE
    assert str(file) in caught.value.message
    assert caught.value.hint


def test_a_misspelled_setting_is_recognised(file):
    file.write_text('autor = "Anna"\n', encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        settings.load()
    assert caught.value.hint == "did you mean 'author'?"


def test_a_folder_in_the_files_place_is_named(file):
    file.mkdir()
    with pytest.raises(UsageError, match="cannot be read"):
        settings.load()


def test_the_writer_is_the_first_that_is_named(file, monkeypatch):
    assert settings.writer() == "login-name"
    file.write_text('author = "Anna Ĺ."\n', encoding="utf-8")
    assert settings.writer() == "anna-l"
    monkeypatch.setenv("FORECAST_BY", "Ben")
    assert settings.writer() == "ben"
    assert settings.writer("Carla C.") == "carla-c"
    assert settings.writer(" ") == "ben"


@pytest.mark.parametrize(
    ("by", "said"),
    [("Анна", "--by 'Анна'"), ("!!", "--by '!!'"), ("CON", "--by 'CON'")],
)
def test_a_name_that_can_name_no_file_is_refused_with_a_way_out(file, by, said):
    with pytest.raises(UsageError, match=said) as caught:
        settings.writer(by)
    assert "Latin letters" in caught.value.hint


def test_no_login_name_asks_for_one(file, monkeypatch):
    def nobody():
        raise OSError("No username set in the environment")

    monkeypatch.setattr(getpass, "getuser", nobody)
    with pytest.raises(UsageError, match="the login name") as caught:
        settings.writer()
    assert "--by" in caught.value.hint
