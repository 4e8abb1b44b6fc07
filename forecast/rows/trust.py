"""The rows of trusted files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from forecast.rows.tables import Rows, table

if TYPE_CHECKING:
    from forecast.verbs.trust import Trusted


def trust_rows(files: Iterable[Trusted]) -> Rows:
    """Return one row per trusted file, whether or not it is still the one that was trusted."""
    return table(("path", "sha256", "state"), ((str(f.path), f.digest, f.state) for f in files))
