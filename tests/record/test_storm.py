"""A small storm; the full one is `python -m tests.storm --kills 10000`."""

from __future__ import annotations

import re
import socket
import subprocess
import sys

import pytest


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(socket, "send_fds"), reason="this system forks no processes")
def test_no_acknowledged_line_is_lost_to_a_kill(pytestconfig) -> None:
    command = [sys.executable, "-m", "tests.storm", "--kills", "510"]
    done = subprocess.run(
        command, cwd=pytestconfig.rootpath, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    total = re.search(r"in all: +kills (\d+)  acknowledged (\d+)  lost 0  breaks 0", done.stdout)
    assert total, done.stdout
    assert int(total[1]) >= 500 and int(total[2]) >= 100
