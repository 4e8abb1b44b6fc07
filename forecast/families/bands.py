"""Options in order as bands of a number: each ends where the next begins, at a threshold.

P(option k) = E[share of simulated values above threshold k − 1 and not above threshold k], the
first band open below and the last above.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from forecast.domain import Question, QuestionType
from forecast.families.base import Complaint
from forecast.families.data import Data, placed
from forecast.text import plural

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable


def bands_data(thresholds: Sequence[float]) -> Data:
    """Return the numbers of `add_shares`."""
    import numpy as np

    return {"thresholds": np.array(thresholds)}


def add_shares(values: TensorVariable, thresholds: Sequence[float]) -> None:
    """Add `p`: by option, the share of `values` (shape (n,)) in its band."""
    import pymc as pm
    import pytensor.tensor as pt

    (edges,) = placed(bands_data(thresholds))
    above = (values[:, None] > edges).mean(axis=0)
    one, none = pt.ones(1), pt.zeros(1)
    pm.Deterministic("p", pt.concatenate([one, above]) - pt.concatenate([above, none]))


def band_complaints(thresholds: Sequence[float], question: Question) -> Iterator[Complaint]:
    """Yield a complaint unless thresholds part a question's options in order, or there are none."""
    path = ("thresholds",)
    if question.type is not QuestionType.ORDERED:
        if thresholds:
            message = f"thresholds part options in order, this question is {question.type}"
            yield Complaint(path, "thresholds-unused", message, "leave thresholds out")
        return
    wanted = len(question.options) - 1
    if len(thresholds) != wanted:
        given = plural(len(thresholds), "threshold")
        message = f"{given} for {plural(len(question.options), 'option')}"
        hint = f"write {wanted}: each option ends where the next begins"
        yield Complaint(path if thresholds else (), "thresholds-count", message, hint)
    elif not all(low < high for low, high in pairwise(thresholds)):
        message = "the thresholds do not rise"
        yield Complaint(path, "thresholds-order", message, "write them as the options run, upwards")
