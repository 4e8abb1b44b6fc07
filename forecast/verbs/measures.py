"""How forecasts of each type of question are scored once the answer is known: one table.

| type            | scores       | of                                                          |
|-----------------|--------------|-------------------------------------------------------------|
| binary          | brier, log   | (p − o)²; −ln of the chance given to what happened          |
| multiple_choice | brier, log   | half of Brier's sum, so that two options agree with binary  |
| ordered         | brier, log   | the ranked probability score ÷ (K − 1), which agrees too    |
| numeric         | crps         | twice the mean pinball loss of the quantiles, in the unit   |
| date            | crps         | over the days from opening to the last, in days             |

Lower is better in all of them, and 0 perfect.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from statistics import fmean
from typing import TYPE_CHECKING, Any

from forecast.domain import Question, QuestionType, Value
from forecast.domain.distributions import quantile_at
from forecast.domain.questions import NEVER

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from forecast.scoring.arrays import Array

type Rule = Callable[[Sequence[Any]], Array]
"""n values of one question → their n scores."""


def rules(question: Question, answer: str) -> Mapping[str, Rule]:
    """Return the scores of a question answered so, by name; the answer is none that is void."""
    return _TABLE[question.type](question, answer)


def alike(question: Question, said: Sequence[Any], others: Sequence[Any]) -> Sequence[Any]:
    """Return other values in the form of what was said, so that their scores can be compared.

    Quantiles are read at the same levels; everything else is as it is.
    """
    if question.type is not QuestionType.NUMERIC:
        return others
    return [
        {level: quantile_at(other, float(level)) for level in value}
        for value, other in zip(said, others, strict=True)
    ]


def scale(question: Question, value: Value | None) -> float | None:
    """Return the CRPS that a distribution expects of itself: how wide it is, in the score's unit.

    None for a probability, whose scores have no unit.
    """
    if not isinstance(value, Mapping) or question.options:
        return None
    if question.type is QuestionType.DATE:
        chance = _by_day(value, _window(question))
        return float((chance * (1 - chance)).sum())
    return fmean(float(_by_levels([value], outcome)[0]) for outcome in value.values())


def outcome_index(question: Question, answer: str) -> int:
    """Return where the answer stands: 1 or 0 for yes or no, else the option's place."""
    if question.type is QuestionType.BINARY:
        return int(answer == "yes")
    return question.options.index(answer)


def _binary(question: Question, answer: str) -> Mapping[str, Rule]:
    from forecast.scoring.scores import brier, logarithmic

    outcome = outcome_index(question, answer)
    return {
        "brier": lambda values: brier(probability=values, outcome=outcome),
        "log": lambda values: logarithmic(probability=values, outcome=outcome),
    }


def _choice(question: Question, answer: str) -> Mapping[str, Rule]:
    from forecast.scoring.scores import brier_categories, brier_ordered, log_categories

    ordered = question.type is QuestionType.ORDERED
    outcome = outcome_index(question, answer)
    brier = brier_ordered if ordered else brier_categories
    return {
        "brier": lambda values: brier(**_shares(question, values, outcome)) / 2,
        "log": lambda values: log_categories(**_shares(question, values, outcome)),
    }


def _shares(
    question: Question, values: Sequence[Mapping[str, float]], outcome: int
) -> dict[str, Array]:
    """The probabilities of the options in order, made to sum to one after rounding."""
    import numpy as np

    shares = np.array([[value[option] for option in question.options] for value in values])
    return {
        "probability": shares / shares.sum(axis=-1, keepdims=True),
        "outcome": np.full(len(values), outcome),
    }


def _numeric(question: Question, answer: str) -> Mapping[str, Rule]:
    return {"crps": lambda values: _by_levels(values, float(answer))}


def _by_levels(values: Sequence[Mapping[str, float]], outcome: float) -> Array:
    """Score quantiles, those at the same levels together."""
    import numpy as np

    from forecast.scoring.crps import crps_quantiles

    found = np.empty(len(values))
    places: dict[tuple[str, ...], list[int]] = {}
    for place, value in enumerate(values):
        places.setdefault(tuple(sorted(value, key=float)), []).append(place)
    for levels, alike in places.items():
        found[alike] = crps_quantiles(
            quantiles=[[values[place][level] for level in levels] for place in alike],
            levels=[float(level) for level in levels],
            outcome=np.full(len(alike), outcome),
        )
    return found


def _date(question: Question, answer: str) -> Mapping[str, Rule]:
    import numpy as np

    window = _window(question)
    first, after = int(window[0]), int(window[-1]) + 1
    came = after if answer == NEVER else date.fromisoformat(answer).toordinal()

    def rule(values: Sequence[Mapping[str, float]]) -> Array:
        from forecast.scoring.crps import crps_by_day

        chance = [_by_day(value, window) for value in values]
        return crps_by_day(chance=chance, outcome=np.full(len(values), max(came - first, 0)))

    return {"crps": rule}


def _window(question: Question) -> NDArray[np.int64]:
    """Return the days from opening to the last, as ordinals."""
    import numpy as np

    first, last = question.opens.toordinal(), question.deadlines[-1].toordinal()
    return np.arange(first, last + 1)


def _by_day(curve: Mapping[str, float], window: NDArray[np.int64]) -> Array:
    """Return the chance by the end of each day of a window, as `distributions.chance_by` does."""
    import numpy as np

    days = sorted(curve)
    known = [date.fromisoformat(day).toordinal() for day in days]
    return np.interp(window, known, [curve[day] for day in days], left=0.0)


_TABLE: Mapping[QuestionType, Callable[[Question, str], Mapping[str, Rule]]] = {
    QuestionType.BINARY: _binary,
    QuestionType.MULTIPLE_CHOICE: _choice,
    QuestionType.ORDERED: _choice,
    QuestionType.NUMERIC: _numeric,
    QuestionType.DATE: _date,
}
