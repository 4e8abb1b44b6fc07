"""What a repository brings along is not taken for what its user kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast import own


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: tmp_path / "state")
    return tmp_path / "state"


def test_a_code_is_the_same_in_every_process_of_a_user(state: Path) -> None:
    first = own._key.__wrapped__()
    assert own._key.__wrapped__() == first
    assert (state / "key").read_bytes() == first
    assert (state / "key").stat().st_mode & 0o077 == 0
    assert len(own.mac(b"x")) == 64
    assert own.mac(b"x") != own.mac(b"y")


@pytest.mark.parametrize("there", ["file", "short"])
def test_where_no_key_can_be_kept_a_process_has_its_own(state: Path, there: str) -> None:
    if there == "file":
        state.write_text("", encoding="utf-8")
    else:
        state.mkdir()
        (state / "key").write_bytes(b"x")
    assert own._key.__wrapped__() != own._key.__wrapped__()


def test_no_key_is_put_wherever_a_command_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: Path("state"))
    assert own._key.__wrapped__() != own._key.__wrapped__()
