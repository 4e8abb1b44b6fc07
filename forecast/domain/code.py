"""A user's own code, known by its digest and never by running it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A file with a model: `path` leads to it, `digest` is its SHA-256 when the book was read."""

    path: str
    digest: str
