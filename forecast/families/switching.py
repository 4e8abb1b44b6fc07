"""An event whose hazard switches once another has come: the chances of either, day by day.

A has the hazard a_d on day d, B λ₀_d while A has not come and λ₁_d once it has, constant within the
day. S_d is the chance of neither event by the end of day d and R_d that of A alone,

    S_d = S_{d−1}·e^{−(a_d + λ₀_d)},
    R_d = R_{d−1}·e^{−λ₁_d} + S_{d−1}·a_d·(e^{−λ₁_d} − e^{−(a_d + λ₀_d)})/(a_d + λ₀_d − λ₁_d),

so that P(B by day d) = 1 − S_d − R_d: the illness-death model without recovery (E. Fix & J. Neyman,
"A simple stochastic model of recovery, relapse, death and loss of patients", 1951).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.families.clock import Timeline

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable


def switching(
    given: TensorVariable, quiet: TensorVariable, after: TensorVariable, time: Timeline
) -> tuple[TensorVariable, TensorVariable]:
    """Return S and R by day: P(neither event) and P(only A), from the daily hazards, all (days,).

    R is a sum over A's days, of which so far it has only the last `width`; it doubles until it has
    them all, and no number on the way is above one.
    """
    import pytensor.tensor as pt

    leaving = given + quiet
    gap = abs(leaving - after)
    near = gap < 1e-8
    share = pt.switch(near, 1.0, -pt.expm1(-gap) / pt.switch(near, 1.0, gap))
    gone, lost = pt.cumsum(leaving), pt.cumsum(after)
    alone = pt.exp(leaving - gone - pt.minimum(leaving, after)) * given * share
    for width in (1 << step for step in range(doublings(time))):
        stayed = pt.exp(lost[:-width] - lost[width:])
        alone = pt.inc_subtensor(alone[width:], stayed * alone[:-width])
    return pt.exp(-gone), alone


def doublings(time: Timeline) -> int:
    """Return how often a stretch of one day doubles until it covers the timeline."""
    return (time.days - 1).bit_length()
