"""What snapshots say of a forecaster's calibration, every number with what luck would do to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from forecast.scoring.bins import Murphy
    from forecast.scoring.calibration import Estimate, Recalibration, ZTest
    from forecast.scoring.corp import Consistency, Reliability
    from forecast.scoring.recalibration import Advice
    from forecast.scoring.uncertainty import Interval

# Where advice says what to say instead.
ADVISED = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What one forecaster said of one question at its fixed time, and what happened.

    `calibrated` is what the reliability curve makes of it, `low` and `high` where luck alone would
    put the curve there.
    """

    kind: str
    forecaster: str
    question: str
    target: str
    cluster: str
    at: datetime
    probability: float
    outcome: int
    calibrated: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """The calibration of one forecaster in one kind of forecasts.

    `brier` has its interval over clusters; `large` is by how much the forecasts as a whole are too
    low, in log-odds; `surprise` is Spiegelhalter's test, only where every question stands alone;
    `binned` and `binned_error` are the older readings in ten bins. `advice` is empty unless it was
    asked for and there is enough to learn from.
    """

    kind: str
    forecaster: str
    snapshots: tuple[Snapshot, ...]
    reliability: Reliability
    consistency: Consistency
    line: Recalibration
    discrimination: Estimate
    brier: Interval
    large: Estimate
    surprise: ZTest
    binned: Murphy
    binned_error: float
    advice: tuple[Advice, ...] = ()


def curve(snapshots: Sequence[Snapshot], *, advise: bool = False) -> Curve:
    """Judge snapshots of one forecaster and kind, one or more."""
    from forecast.scoring import bins, calibration, corp, recalibration, scores, uncertainty

    said = [s.probability for s in snapshots]
    came = [s.outcome for s in snapshots]
    clusters = [s.cluster for s in snapshots]
    fitted = corp.reliability(probability=said, outcome=came)
    together: dict[str, Any] = {"probability": said, "outcome": came, "cluster": clusters}
    band = corp.consistency(**together)
    score = scores.brier(probability=said, outcome=came)
    return Curve(
        kind=snapshots[0].kind,
        forecaster=snapshots[0].forecaster,
        snapshots=_read_off(snapshots, fitted, band),
        reliability=fitted,
        consistency=band,
        line=calibration.cox(**together),
        discrimination=calibration.auc(**together),
        brier=uncertainty.cluster_interval(value=score, cluster=clusters),
        large=calibration.calibration_in_the_large(**together),
        surprise=_surprise(said, came, clusters),
        binned=bins.murphy(probability=said, outcome=came),
        binned_error=bins.expected_calibration_error(probability=said, outcome=came),
        advice=tuple(recalibration.advice(**together, said=ADVISED)) if advise else (),
    )


def _surprise(said: Sequence[float], came: Sequence[int], clusters: Sequence[str]) -> ZTest:
    from forecast.scoring.calibration import ZTest, spiegelhalter

    if len(set(clusters)) < len(clusters):
        return ZTest(None, None, "questions share events")
    return spiegelhalter(probability=said, outcome=came)


def _read_off(
    snapshots: Sequence[Snapshot], fitted: Reliability, band: Consistency
) -> tuple[Snapshot, ...]:
    """Return snapshots with the curve and the band at what was said."""
    import numpy as np

    said = [s.probability for s in snapshots]
    calibrated = fitted.recalibrated(said).tolist()
    low, high = (np.interp(said, band.forecast, edge).tolist() for edge in (band.low, band.high))
    return tuple(
        replace(s, calibrated=c, low=below, high=above)
        for s, c, below, above in zip(snapshots, calibrated, low, high, strict=True)
    )
