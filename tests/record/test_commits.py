"""What git would not say is told from there being no git."""

from __future__ import annotations

from pathlib import Path

import pytest

from forecast.record import commits


def test_a_git_that_cannot_be_run_refuses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr("shutil.which", lambda _: "git")
    monkeypatch.setattr("subprocess.run", refused)
    with pytest.raises(commits.GitError, match="allocate memory"):
        commits.first_commits(tmp_path, "seals")
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert commits.first_commits(tmp_path, "seals") == {}
