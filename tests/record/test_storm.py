"""A small storm; the full one is `python -m tests.storm --kills 10000`."""

from __future__ import annotations

import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ["--kills", "10", "--writers", "1"],
        ["--kills", "24", "--writers", "8"],
        ["--kills", "8", "--writers", "4", "--shared"],
    ],
    ids=["one writer", "eight writers", "one file"],
)
def test_no_acknowledged_line_is_lost_to_a_kill(options, pytestconfig):
    command = [sys.executable, "-m", "tests.storm", *options]
    done = subprocess.run(
        command, cwd=pytestconfig.rootpath, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost 0  breaks 0" in done.stdout
    assert "acknowledged 0" not in done.stdout
