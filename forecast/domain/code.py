"""A user's own code, known by its digest and never by running it."""

from __future__ import annotations

from dataclasses import dataclass

from forecast.text import clean


@dataclass(frozen=True, slots=True)
class Code:
    """A file with a model: `path` leads to it, `digest` is its SHA-256 when the book was read.

    `shown` is the path as it may be printed.
    """

    path: str
    digest: str

    @property
    def shown(self) -> str:
        """The path with its control characters made visible."""
        return clean(self.path)
