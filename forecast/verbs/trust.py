"""Trust: which files of the user's own code may run, by path and SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from forecast import settings


@dataclass(frozen=True, slots=True)
class Trusted:
    """A trusted file; `state` is trusted, changed (since, so that it does not run) or missing."""

    path: Path
    digest: str
    state: str


def trust(file: Path) -> Trusted:
    """Let a file run as it is now; UsageError if it cannot be read."""
    return Trusted(file.resolve(), settings.trust(file), "trusted")


def revoke(file: Path) -> None:
    """Trust a file no longer; UsageError if it was not trusted."""
    settings.revoke(file)


def listed() -> tuple[Trusted, ...]:
    """Return every trusted file, in order of its path."""
    known = sorted(settings.trusted().items())
    return tuple(Trusted(path, sha, _state(path, sha)) for path, sha in known)


def _state(path: Path, sha: str) -> str:
    try:
        now = settings.sha_of(path)
    except OSError:
        return "missing"
    return "trusted" if now == sha else "changed"
