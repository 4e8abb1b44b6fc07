"""The number a question stands for: its model's, the forecaster's own, or a stated pool."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from forecast.domain import Forecast, Question, Value

HEADLINE = "headline"
MODEL = "model/"


def model_name(name: str) -> str:
    """Return the forecaster under which a model stands in the record."""
    return MODEL + name


def sources(question: Question, me: str) -> dict[str, float]:
    """Return the weight of each forecaster in the question's headline."""
    names = {"me": me}
    if question.models:
        names["model"] = model_name(question.models[0].name)
    weights: dict[str, float] = {}
    for name, weight in question.headline.weights.items():
        forecaster = names.get(name) or model_name(name)
        weights[forecaster] = weights.get(forecaster, 0.0) + weight
    return weights


def pooled(question: Question, me: str, latest: Callable[[str], Forecast | None]) -> Value | None:
    """Return the headline value from each source's latest forecast of one target.

    A linear pool; sources that have said nothing yet leave their weight to the others. None when
    nobody has spoken.
    """
    spoken = {
        weight_of: (weight, found.value)
        for weight_of, weight in sources(question, me).items()
        if (found := latest(weight_of)) is not None and found.value is not None
    }
    if not spoken:
        return None
    total = sum(weight for weight, _ in spoken.values())
    pool: dict[str, float] = {}
    for weight, value in spoken.values():
        shares = value if isinstance(value, Mapping) else {"": value}
        for key, p in shares.items():
            pool[key] = pool.get(key, 0.0) + weight / total * p
    return pool[""] if set(pool) == {""} else pool
