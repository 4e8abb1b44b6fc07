"""Recalibration advice, tried out of sample: would saying something else have scored better?

Every forecast is recalibrated by a fit that has not seen its cluster of questions, so that what is
gained on it was not learned from it. Nothing here changes a forecast.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from forecast.scoring.arrays import Array, ArrayLike, flat_pair
from forecast.scoring.calibration import cox
from forecast.scoring.corp import reliability
from forecast.scoring.scores import brier
from forecast.scoring.uncertainty import Clusters, Difference, number_clusters, paired_difference

# Whole clusters are left out in so many groups; with no more clusters than that, one by one.
FOLDS = 20

# Fewer independent clusters than this teach nothing that would hold for the next question.
FEWEST = 30

type Fit = Callable[[Array, Array], Callable[[ArrayLike], Array] | None]
"""Forecasts and outcomes → how to recalibrate, or None where these cannot say."""


@dataclass(frozen=True, slots=True, eq=False)
class Advice:
    """What one way of recalibrating would have brought on questions it had not seen.

    `gain` is the mean Brier score recalibrated − as said, below zero for the better, over clusters.
    `say` is what the fit to all questions makes of each probability in `said`, and `helps` whether
    the interval of the gain lies below zero.
    """

    method: str
    gain: Difference
    said: Array
    say: Array

    @property
    def helps(self) -> bool:
        """Whether it would have scored better by more than luck."""
        high = self.gain.interval.high
        return high is not None and high < 0


def isotonic(p: Array, o: Array) -> Callable[[ArrayLike], Array] | None:
    """Return the increasing curve that fits best (CORP's)."""
    return reliability(probability=p, outcome=o).recalibrated


def logit_linear(p: Array, o: Array) -> Callable[[ArrayLike], Array] | None:
    """Return p* = σ(a + b·logit p), None where the forecasts have no such line."""
    line = cox(probability=p, outcome=o)
    if line.slope is None:
        return None
    return lambda said: np.asarray(line.happens(said))


METHODS: dict[str, Fit] = {"isotonic": isotonic, "logit-linear": logit_linear}


def out_of_sample(
    *, probability: ArrayLike, outcome: ArrayLike, cluster: Clusters = None, fit: Fit = isotonic
) -> Array | None:
    """Return every forecast recalibrated by a fit to other clusters of questions.

    Args:
        probability: p of yes, shape (n,), n ≥ 1.
        outcome: 0 or 1, shape (n,).
        cluster: n labels; None when every question stands alone.
        fit: how to recalibrate, of `METHODS`.

    Returns:
        Shape (n,); None if what is left after leaving a cluster out cannot be fitted.

    Raises:
        ValueError: as `flat_pair`.

    >>> out_of_sample(probability=[0.2, 0.2, 0.2, 0.2], outcome=[0, 0, 1, 0]).round(3).tolist()
    [0.333, 0.333, 0.0, 0.333]
    """
    p, o = flat_pair(probability, outcome)
    fold = _folds(number_clusters(cluster, p.size))
    found = np.empty_like(p)
    for number in range(int(fold.max()) + 1):
        left = fold == number
        if left.all():
            return None
        fitted = fit(p[~left], o[~left])
        if fitted is None:
            return None
        found[left] = fitted(p[left])
    return found


def advice(
    *, probability: ArrayLike, outcome: ArrayLike, cluster: Clusters = None, said: ArrayLike
) -> list[Advice]:
    """Return what each way of recalibrating would have brought; none with too little to learn from.

    Args:
        probability: p of yes, shape (n,), n ≥ 1, read at times fixed before the outcome.
        outcome: 0 or 1, shape (n,).
        cluster: n labels; None when every question stands alone.
        said: the probabilities at which to say what the fits would make of them.

    Raises:
        ValueError: as `flat_pair`.

    Source: leave-one-group-out cross-validation (Stone 1974).

    >>> advice(probability=[0.9, 0.2], outcome=[1, 0], said=[0.9])
    []
    """
    p, o = flat_pair(probability, outcome)
    labels = number_clusters(cluster, p.size)
    if labels.max() + 1 < FEWEST:
        return []
    tried = (_tried(name, fit, p, o, labels, said) for name, fit in METHODS.items())
    return [each for each in tried if each is not None]


def _tried(
    name: str, fit: Fit, p: Array, o: Array, labels: npt.NDArray[np.intp], said: ArrayLike
) -> Advice | None:
    recalibrated = out_of_sample(probability=p, outcome=o, cluster=labels, fit=fit)
    whole = fit(p, o)
    if recalibrated is None or whole is None:
        return None
    gain = paired_difference(
        first=brier(probability=recalibrated, outcome=o),
        second=brier(probability=p, outcome=o),
        cluster=labels,
    )
    assert gain is not None
    at = np.asarray(said, dtype=np.float64)
    return Advice(name, gain, at, whole(at))


def _folds(labels: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Return with which of at most `FOLDS` groups of whole clusters each forecast is left out."""
    return np.asarray(labels % FOLDS)
