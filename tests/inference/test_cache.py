"""A cache may be lost, damaged or full, and no command notices more than the time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from forecast.inference.cache import Cache

KEY = "ab" * 32
VALUE = {"mean": [0.25, 0.5], "gates": {"verdict": "publish", "reasons": []}}


def entry(folder: Path) -> Path:
    (path,) = folder.rglob("*.json")
    return path


def test_what_is_stored_is_loaded(tmp_path):
    cache = Cache(tmp_path)
    assert cache.load(KEY) is None
    cache.store(KEY, VALUE)
    assert cache.load(KEY) == VALUE
    assert cache.load("cd" * 32) is None
    cache.store(KEY, {"mean": None})
    assert cache.load(KEY) == {"mean": None}


def test_deleting_it_is_safe(tmp_path):
    cache = Cache(tmp_path)
    cache.store(KEY, VALUE)
    entry(tmp_path).unlink()
    assert cache.load(KEY) is None
    cache.store(KEY, VALUE)
    assert cache.load(KEY) == VALUE


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-5],
        lambda content: content.replace(b"0.25", b"0.75"),
        lambda content: b"\xff\xfe" + content,
        lambda content: b"[1, 2]",
        lambda content: b'"text"',
        lambda content: b"[" * 100_000,
        lambda content: content.replace(b"publish", b"refused"),
    ],
)
def test_a_damaged_file_is_a_result_not_known(tmp_path, damage):
    cache = Cache(tmp_path)
    cache.store(KEY, VALUE)
    path = entry(tmp_path)
    path.write_bytes(damage(path.read_bytes()))
    assert cache.load(KEY) is None
    cache.store(KEY, VALUE)
    assert cache.load(KEY) == VALUE


def test_a_file_under_another_key_is_not_believed(tmp_path):
    cache = Cache(tmp_path)
    cache.store(KEY, VALUE)
    other = "abcd" + "0" * 60
    entry(tmp_path).rename(tmp_path / "ab" / f"{other}.json")
    assert cache.load(other) is None


def test_an_interrupted_write_leaves_the_old_result_and_no_litter(tmp_path, monkeypatch):
    cache = Cache(tmp_path)
    cache.store(KEY, VALUE)

    def interrupted(self, target):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        cache.store(KEY, {"mean": None})
    assert cache.load(KEY) == VALUE
    assert len(list((tmp_path / "ab").iterdir())) == 1


def test_a_disk_that_cannot_be_written_is_no_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    Cache(blocked).store(KEY, VALUE)
    assert Cache(blocked).load(KEY) is None


def test_values_without_a_json_spelling_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"."):
        Cache(tmp_path).store(KEY, {"mean": float("nan")})


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
