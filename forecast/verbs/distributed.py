"""Forecasts of numbers and dates taken together, though each is scored in a unit of its own.

A CRPS in roubles and one in days have no mean. Each question's is divided by its scale, the score
that the reference expects of itself on the day the question opens: fixed before anything is known,
so that what is proper stays so. The skill is then 1 − Σ crps/scale ÷ Σ reference/scale.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from forecast.verbs.summaries import TargetScore


@dataclass(frozen=True, slots=True)
class DistributionSkill:
    """One forecaster over all questions for a number or a date that have a reference.

    `difference` is the mean of (crps − reference)/scale, without a unit, below 0 where better than
    the reference; its 95% interval runs over clusters. `further` is how many more questions like
    these it would take to tell a true difference of this size from luck; None if it cannot be said.
    """

    kind: str
    forecaster: str
    questions: int
    clusters: int
    forecasts: int
    coverage: float
    skill: float
    difference: float
    difference_low: float | None
    difference_high: float | None
    p_value: float | None
    further: int | None


def distribution_skills(scores: Sequence[TargetScore]) -> Iterable[DistributionSkill]:
    """Summarise each forecaster's scores of numbers and dates, live and replayed apart."""
    compared = [s for s in scores if s.crps is not None and s.reference_crps and s.scale]
    for kind, forecaster in dict.fromkeys((s.kind, s.forecaster) for s in compared):
        mine = [s for s in compared if (s.kind, s.forecaster) == (kind, forecaster)]
        yield _summary(kind, forecaster, mine)


def _summary(kind: str, forecaster: str, scores: Sequence[TargetScore]) -> DistributionSkill:
    from forecast.scoring.uncertainty import paired_difference

    own = [_scaled(s.crps, s) for s in scores]
    reference = [_scaled(s.reference_crps, s) for s in scores]
    paired = paired_difference(first=own, second=reference, cluster=[s.cluster for s in scores])
    assert paired is not None, "all of them have a reference"
    return DistributionSkill(
        kind=kind,
        forecaster=forecaster,
        questions=len(scores),
        clusters=paired.interval.clusters,
        forecasts=sum(s.forecasts for s in scores),
        coverage=fmean(s.coverage for s in scores),
        skill=1 - fmean(own) / fmean(reference),
        difference=paired.interval.mean,
        difference_low=paired.interval.low,
        difference_high=paired.interval.high,
        p_value=paired.p_value,
        further=paired.further,
    )


def _scaled(crps: float | None, score: TargetScore) -> float:
    assert crps is not None and score.scale is not None, "chosen so"
    return crps / score.scale
