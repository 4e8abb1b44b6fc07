"""When git first held a file: the everyday proof of a seal, by a commit others have seen.

A commit's date is what its author's clock said, or what the author wanted it to say: it proves only
as much as those who hold a copy of the commit (a server it was pushed to) can confirm.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from forecast.disk import cause
from forecast.text import clean

PATIENCE = 60.0  # seconds to wait for git

# What the repository's own settings could run, write, fetch or hide is turned off.
_LOG = (
    *("--no-pager", "--no-replace-objects", "-c", "log.showRoot=true"),
    *("-c", "core.fsmonitor=false", "-c", "protocol.allow=never"),
    *("log", "--topo-order", "--full-history", "--no-renames", "--no-ext-diff", "--no-textconv"),
    *("--no-show-signature", "--no-color", "--diff-filter=AM", "--raw", "--no-abbrev"),
    *("--relative", "--format=%H %ct", "--"),
)
_ALONE = {
    "LC_ALL": "C",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_ELSEWHERE = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"}  # set where git runs a hook


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit and the instant its committer's clock said."""

    id: str
    at: datetime


type Held = Mapping[tuple[str, str], Commit]


class GitError(Exception):
    """Git is there and would not say what was committed; the text is its reason."""


def first_commits(root: Path, folder: str) -> Held:
    """Return the first commit that put each (name, git's hash of the content) into a folder.

    `folder` lies in `root`. Empty where there is no git, no repository or no commit; GitError where
    git refuses to answer.
    """
    git = shutil.which("git")
    if git is None:
        return {}
    return dict(_held(_answer([git, *_LOG, folder], root)))  # the oldest comes last, and stays


def _answer(command: Sequence[str], root: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in _ELSEWHERE} | _ALONE
    try:
        done = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        raise GitError(f"no answer within {PATIENCE:g} seconds") from None
    except OSError as error:
        raise GitError(cause(error)) from None
    said = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode and not _nothing(said, root):
        first = said.partition("\n")[0].removeprefix("fatal: ")
        raise GitError(clean(first) or f"it ended with {done.returncode}")
    return done.stdout.decode("utf-8", "replace")


def _nothing(said: str, root: Path) -> bool:
    """Whether git says that there is no commit, or no repository and there is indeed none."""
    none = not any((folder / ".git").exists() for folder in (root, *root.resolve().parents))
    return "not have any commits yet" in said or ("not a git repository (or any" in said and none)


def commit_of(held: Held, name: str, data: bytes) -> Commit | None:
    """Return the first commit in which the file `name` holds `data`."""
    content = b"blob %d\0" % len(data) + data
    blobs = hashlib.sha1(content).hexdigest(), hashlib.sha256(content).hexdigest()
    return next((held[name, blob] for blob in blobs if (name, blob) in held), None)


def _held(text: str) -> Iterator[tuple[tuple[str, str], Commit]]:
    commit: Commit | None = None
    for line in text.splitlines():
        if not line.startswith(":"):
            commit = _commit(*line.split(" ")) if line else commit
        elif commit:
            change, _, name = line.partition("\t")
            yield (name.rpartition("/")[2], change.split(" ")[3]), commit


def _commit(own: str, at: str) -> Commit | None:
    """Return a commit; None for one of a time that no calendar holds, and so proves nothing."""
    try:
        return Commit(own, datetime.fromtimestamp(int(at), UTC))
    except (ValueError, OverflowError, OSError):
        return None
