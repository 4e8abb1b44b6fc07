"""A cache may be lost, damaged or full, and no command notices more than the time."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from forecast import own
from forecast.inference.cache import Cache

KEY, OTHER = "ab" * 32, "cd" * 32
VALUE = {"mean": [0.25, 0.5], "gates": {"verdict": "publish", "reasons": []}}


@pytest.fixture
def cache(tmp_path):
    found = Cache(tmp_path / "kept")
    found.store({KEY: VALUE})
    return found


def file(cache: Cache) -> Path:
    (path,) = cache.folder.iterdir()
    return path


def change(cache: Cache, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(file(cache))) as connection, connection:
        connection.execute(statement, values)


def test_what_somebody_else_kept_is_not_ours(cache, monkeypatch):
    monkeypatch.setattr(own, "_key", lambda: b"of somebody else")
    assert cache.load([KEY]) == {}


def test_what_is_stored_is_loaded(cache):
    assert cache.load([KEY, OTHER, KEY]) == {KEY: VALUE}
    cache.store({KEY: {"mean": None}, OTHER: VALUE})
    assert cache.load([KEY, OTHER]) == {KEY: {"mean": None}, OTHER: VALUE}
    assert cache.load([]) == {}


def test_thousands_of_results_are_asked_for_at_once(cache):
    many = {f"{number:064x}": {"number": number} for number in range(2001)}
    cache.store(many)
    assert cache.load(many) == many


def test_asking_writes_nothing(tmp_path):
    assert Cache(tmp_path / "kept").load([KEY]) == {}
    assert not list(tmp_path.iterdir())


def test_deleting_it_is_safe(cache):
    file(cache).unlink()
    assert cache.load([KEY]) == {}
    cache.store({KEY: VALUE})
    assert cache.load([KEY]) == {KEY: VALUE}


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-5000],
        lambda content: content.replace(b"0.25", b"0.75"),
        lambda content: content.replace(b"publish", b"refused"),
        lambda content: b"\xff\xfe" + content,
        lambda content: b"text",
        lambda content: bytes(len(content)),
        lambda content: content[:100] + b"\xff" * 900 + content[1000:],
    ],
)
def test_a_damaged_file_holds_no_results_and_is_written_anew(cache, damage):
    path = file(cache)
    path.write_bytes(damage(path.read_bytes()))
    assert cache.load([KEY]) == {}
    cache.store({KEY: VALUE})
    assert cache.load([KEY]) == {KEY: VALUE}


@pytest.mark.parametrize("text", ['"text"', "[1, 2]", "[" * 100_000, "{", b"\xff", None, 1.5])
def test_a_value_that_is_none_is_not_known(cache, text):
    change(cache, "UPDATE results SET value = ?", text)
    assert cache.load([KEY]) == {}


def test_a_value_under_another_key_is_not_believed(cache):
    change(cache, "UPDATE results SET key = ?", OTHER)
    assert cache.load([OTHER]) == {}


def test_a_busy_file_is_left_alone(cache, monkeypatch):
    monkeypatch.setattr("forecast.inference.cache._PATIENCE", 0.01)
    with closing(sqlite3.connect(file(cache), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert cache.load([KEY]) == {}
        cache.store({OTHER: VALUE})
        other.execute("ROLLBACK")
    assert cache.load([KEY, OTHER]) == {KEY: VALUE}


def test_a_disk_that_cannot_be_written_is_no_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    Cache(blocked).store({KEY: VALUE})
    assert Cache(blocked).load([KEY]) == {}


def test_values_without_a_json_spelling_are_refused(cache):
    with pytest.raises(ValueError, match=r"."):
        cache.store({OTHER: VALUE, KEY: {"mean": float("nan")}})
    assert cache.load([KEY, OTHER]) == {KEY: VALUE}


def test_loading_imports_nothing_slow():
    code = (
        "import sys; from forecast.inference.cache import Cache;"
        "print([m for m in ('numpy', 'scipy', 'pandas', 'pymc', 'arviz') if m in sys.modules])"
    )
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": path},
    )
    assert done.stdout.strip() == "[]"
