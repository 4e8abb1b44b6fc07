"""What this user kept on this machine, told from what a repository brought along.

Results are kept within a book, where anybody can put others; only what bears a code that nobody
else can make is taken for ours.
"""

from __future__ import annotations

import hmac
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

_BYTES = 32


def mac(data: bytes) -> str:
    """Return the message authentication code of `data` under the key of this user.

    HMAC-SHA256 (H. Krawczyk, M. Bellare & R. Canetti, RFC 2104, 1997), 64 hex digits.
    """
    return hmac.digest(_key(), data, "sha256").hex()


@cache
def _key() -> bytes:
    """Return the key, made where it is missing; one of this process alone if it cannot be kept."""
    from platformdirs import user_state_path

    with suppress(OSError):
        return _kept(user_state_path("forecast", appauthor=False) / "key")
    return os.urandom(_BYTES)


def _kept(file: Path) -> bytes:
    if not file.is_absolute():
        raise OSError(f"no folder for {file}")
    with suppress(FileExistsError):
        file.parent.mkdir(parents=True, exist_ok=True)
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "wb") as begun:
            begun.write(os.urandom(_BYTES))
    key = file.read_bytes()
    if len(key) != _BYTES:  # somebody is just making it, or it was damaged
        raise OSError(f"no key in {file}")
    return key
