"""What may be asked of the engine besides the models: which sampler, and whom to tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

type Sampler = Literal["auto", "fast", "nuts"]
"""`auto` is the fast path, and NUTS for what its gates refuse."""

type Progress = Callable[[int, int], None]
"""Told how many are done, and of how many."""
