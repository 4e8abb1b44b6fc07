"""One writer of a kind at a time, from reading what is known to writing what is new."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from forecast.verbs.workspace import Workspace


@contextmanager
def alone(ws: Workspace, verb: str) -> Iterator[None]:
    """Let one process do this at a time; EnvironmentFailure, naming the holder, after a minute."""
    from forecast.disk import Disk, environment
    from forecast.locks import locked

    lock = ws.root / ".forecast" / "locks" / f"{verb}.lock"
    failing = environment(ws.root, "nothing counts as recorded")
    with failing, locked(lock, ws.root, 60.0, Disk()):
        yield
