"""Virtual forecasters: what all who stand say together, by each of several methods."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from forecast.domain import Value
from forecast.scoring.crowds import METHODS, crowd_path
from forecast.scoring.paths import Path
from forecast.verbs.cases import POOL, Case

__all__ = ["METHODS", "with_pools"]


def with_pools(cases: Iterable[Case], methods: Sequence[str]) -> list[Case]:
    """Return cases with a forecaster `pool/METHOD` for each method of `METHODS`.

    Pools are of the forecasters themselves, people and models alike. Numbers and dates are not
    pooled.
    """
    return [replace(case, paths={**case.paths, **_pools(case, methods)}) for case in cases]


def _pools(case: Case, methods: Sequence[str]) -> dict[str, Path[Value]]:
    said = list(case.field_chances.values())
    if not said:
        return {}
    made = {POOL + method: crowd_path(said, method=method) for method in methods}
    return {who: path.map(lambda value: _value(case, value)) for who, path in made.items()}


def _value(case: Case, chance: Any) -> Value:
    """Return a pooled chance as the record would hold it."""
    if isinstance(chance, float):
        return chance
    return dict(zip(case.question.options, chance, strict=True))
