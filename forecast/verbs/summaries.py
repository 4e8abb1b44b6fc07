"""How a forecaster did: on one target, and over all questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean


@dataclass(frozen=True, slots=True)
class TargetScore:
    """How one forecaster did on one target, by default over its scheduled duration.

    `brier` runs from 0 to 1 (for options, half of Brier's sum, so that two options agree with a
    binary question), `log` is in nats, `crps` in the question's unit; lower is better. The
    reference (the base rate unless another is asked for) is scored over the same covered time;
    `difference` is brier − reference. `clipped` forecasts had their logarithm clipped. `scale` is
    what the reference of a number or date expected to score on the opening day, in the same unit.
    """

    kind: str
    question: str
    target: str
    cluster: str
    forecaster: str
    answer: str
    forecasts: int
    ignored: int
    coverage: float
    brier: float | None
    log: float | None
    crps: float | None
    reference_brier: float | None
    clipped: int = 0
    reference_crps: float | None = None
    scale: float | None = None

    @property
    def difference(self) -> float | None:
        """Brier score minus the reference's; below zero is better than the reference."""
        if self.brier is None or self.reference_brier is None:
            return None
        return self.brier - self.reference_brier

    @property
    def skill(self) -> float | None:
        """1 − score / reference; 1 is perfect, 0 no better than the reference."""
        own, reference = self.brier, self.reference_brier
        if own is None:
            own, reference = self.crps, self.reference_crps
        return 1 - own / reference if own is not None and reference else None


@dataclass(frozen=True, slots=True)
class Overall:
    """One forecaster over all questions: each question counts once, its rungs averaged.

    Intervals are 95% over clusters (questions that hang on one event are one); `compared` is the
    number of questions that have a reference, on which `reference_brier` and `difference` rest.
    `further` is how many more questions like these it would take to tell a true difference of this
    size from luck; None if it cannot be said.
    """

    kind: str
    forecaster: str
    questions: int
    clusters: int
    compared: int
    forecasts: int
    coverage: float
    brier: float
    log: float
    low: float | None
    high: float | None
    log_low: float | None
    log_high: float | None
    reference_brier: float | None
    difference: float | None
    difference_low: float | None
    difference_high: float | None
    p_value: float | None
    further: int | None

    @property
    def skill(self) -> float | None:
        """1 − mean Brier / mean reference over the questions compared."""
        if self.difference is None or not self.reference_brier:
            return None
        return -self.difference / self.reference_brier


def summaries(scores: Sequence[TargetScore]) -> Iterable[Overall]:
    """Summarise each forecaster's Brier scores, live and replayed apart."""
    scored = [s for s in scores if s.brier is not None]
    for kind in ("live", "backtest"):
        for forecaster in dict.fromkeys(s.forecaster for s in scored if s.kind == kind):
            mine = [s for s in scored if s.kind == kind and s.forecaster == forecaster]
            yield _summary(kind, forecaster, mine)


def _summary(kind: str, forecaster: str, scores: Sequence[TargetScore]) -> Overall:
    from forecast.scoring.uncertainty import cluster_interval, paired_difference

    questions = _by_question(scores)
    clusters = [rungs[0].cluster for rungs in questions]
    briers = [_mean(rungs, "brier") for rungs in questions]
    references = [_mean(rungs, "reference_brier") for rungs in questions]
    logs = cluster_interval(value=[_mean(rungs, "log") for rungs in questions], cluster=clusters)
    interval = cluster_interval(value=briers, cluster=clusters)
    paired = paired_difference(first=briers, second=references, cluster=clusters)
    compared = [r for r in references if r == r]
    return Overall(
        kind=kind,
        forecaster=forecaster,
        questions=len(questions),
        clusters=interval.clusters,
        compared=len(compared),
        forecasts=sum(s.forecasts for s in scores),
        coverage=fmean(_mean(rungs, "coverage") for rungs in questions),
        brier=interval.mean,
        log=logs.mean,
        low=interval.low,
        high=interval.high,
        log_low=logs.low,
        log_high=logs.high,
        reference_brier=fmean(compared) if compared else None,
        difference=paired.interval.mean if paired else None,
        difference_low=paired.interval.low if paired else None,
        difference_high=paired.interval.high if paired else None,
        p_value=paired.p_value if paired else None,
        further=paired.further if paired else None,
    )


def _by_question(scores: Sequence[TargetScore]) -> list[list[TargetScore]]:
    grouped: dict[str, list[TargetScore]] = {}
    for s in scores:
        grouped.setdefault(s.question, []).append(s)
    return list(grouped.values())


def _mean(rungs: Sequence[TargetScore], name: str) -> float:
    """A question's value: the mean over its rungs; NaN where a rung has none."""
    values = [getattr(rung, name) for rung in rungs]
    return fmean(float("nan") if value is None else value for value in values)
