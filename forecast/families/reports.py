"""Reports for and against a fixed hypothesis: how likely all that was heard, and not heard, is.

Each report has a probability p_h of coming under each hypothesis h (yes or no), exact or
~ Beta with the elicited 10% and 90% points. One that has come contributes p_h; one that was
expected by now with probability F(t) and has not, 1 − p_h·F(t), so that silence counts gradually
(F lognormal from its 10% and 90% points); one without an expected time contributes nothing while it
is silent. A report that has come stays: evidence about something fixed does not fade.

Reports of one group share a one-factor Gaussian copula with correlation ρ (O. Vasicek, "Probability
of loss on loan portfolio", 1987; D. X. Li, "On default correlation", 2000):

    P(come | h, u) = Φ((Φ⁻¹(p_h) − √ρ·u)/√(1 − ρ)),    u ~ Normal(0, 1),

which keeps each report's own probability. What a group shares is whether its reports come; when
they do is each one's own affair, so that silence contributes 1 − P(come | h, u)·F(t). u is
integrated out by the trapezoid rule, whose error falls geometrically for such smooth integrands;
the step follows from ρ and the size of the group.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import log, pi, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

from forecast.domain import IndicatorKind, Observation, View
from forecast.families.data import Data, placed
from forecast.families.fields import Interval
from forecast.families.options import Group, Report
from forecast.families.priors import (
    beta_of_chance,
    dimension,
    filled,
    filled_data,
    normal_of_ratio,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from pytensor.tensor import TensorVariable

type Array = NDArray[np.float64]

_SIDES = ("p_if_yes", "p_if_no")
_REACH = 8.5  # the standard normal beyond this many deviations is below 1e-16
_FAR = 20.0  # from here on its tail is an asymptotic series
_LEAST = -700.0  # the log of no probability


class Heard(NamedTuple):
    """A report as it stands now: its two probabilities, whether it came, and its group.

    `expected` is the probability that it would have come by now if it comes at all; 1 if it came.
    """

    use: str
    if_yes: Interval
    if_no: Interval
    came: bool
    expected: float
    group: str | None


def heard(reports: Sequence[Report], view: View) -> list[Heard]:
    """Return those uses that are reports, as they stand at the view's date."""
    return [
        Heard(
            use.use,
            use.p_if_yes,
            use.p_if_no,
            came := has_come(use, view),
            1.0 if came else _expected(use, view.survived),
            use.group,
        )
        for use in reports
        if use.p_if_yes is not None and use.p_if_no is not None
    ]


def has_come(report: Report, view: View) -> bool:
    """Say whether a report has come since the clock's day, or stood when the clock began."""
    kind = view.indicators[report.use].kind
    since, standing = _since_clock(view.readings(report.use), view)
    if kind is IndicatorKind.EVENT:
        return bool(since)
    return any(_beyond(report, seen, kind) for seen in (*since, *standing))


def _since_clock(
    readings: Sequence[Observation], view: View
) -> tuple[list[Observation], list[Observation]]:
    """Return the readings since the clock's day, and each source's latest one before it."""
    clock = view.question.clock
    before = {seen.by: seen for seen in readings if seen.observed_on < clock}
    return [seen for seen in readings if seen.observed_on >= clock], list(before.values())


def _beyond(report: Report, seen: Observation, kind: IndicatorKind) -> bool:
    value = seen.center / seen.days if kind is IndicatorKind.COUNT else seen.center
    if report.above is not None:
        return value > report.above
    return report.below is not None and value < report.below


def _expected(report: Report, days: int) -> float:
    if report.expected_within is None or days <= 0:
        return 0.0
    mean, sd = normal_of_ratio(report.expected_within)
    return NormalDist(mean, sd).cdf(log(days))


def structure(all_heard: Sequence[Heard], groups: Mapping[str, Group]) -> str:
    """Name the structure of the evidence: reports, uncertain probabilities, sizes of groups."""
    yes, no = (sum(not c.exact for c in side) for side in _chances(all_heard))
    sizes = ",".join(str(len(members)) for members, _ in _grouped(all_heard, groups))
    return f"e{len(all_heard)}y{yes}n{no}g{sizes}"


def _chances(all_heard: Sequence[Heard]) -> tuple[list[Interval], list[Interval]]:
    return [h.if_yes for h in all_heard], [h.if_no for h in all_heard]


def _grouped(
    all_heard: Sequence[Heard], groups: Mapping[str, Group]
) -> Iterator[tuple[list[int], float]]:
    """Yield the positions of each group's members and its ρ; lone members stand for themselves."""
    for name, group in sorted(groups.items()):
        members = [i for i, report in enumerate(all_heard) if report.group == name]
        if len(members) > 1:
            yield members, group.rho


def evidence_data(all_heard: Sequence[Heard], groups: Mapping[str, Group]) -> Data:
    """Return the numbers of `log_evidence`."""
    numbers = _heard_data(all_heard, groups)
    for k, (members, rho) in enumerate(_grouped(all_heard, groups)):
        numbers |= _factor_data(k, members, rho)
    for name, chances in zip(_SIDES, _chances(all_heard), strict=True):
        numbers |= _prior_data(name, chances)
        numbers |= filled_data(name, *_numbers(chances))
    return numbers if all_heard else {}


def log_evidence(
    all_heard: Sequence[Heard], groups: Mapping[str, Group]
) -> tuple[TensorVariable, TensorVariable]:
    """Add the reports' parameters; return the reports' log likelihoods ln E_yes and ln E_no."""
    import pytensor.tensor as pt

    if not all_heard:
        return pt.zeros(()), pt.zeros(())
    came, expected, alone = placed(_heard_data(all_heard, groups))
    together = enumerate(_grouped(all_heard, groups))
    shared = [placed(_factor_data(k, members, rho)) for k, (members, rho) in together]

    def log_likelihood(name: str, chances: list[Interval]) -> TensorVariable:
        chance = _probabilities(name, chances, [h.use for h in all_heard])
        each = pt.log(pt.switch(came, chance, 1 - chance * expected))
        groupwise = [_group_log_likelihood(chance, came, expected, *factor) for factor in shared]
        return each[alone].sum() + sum(groupwise)

    if_yes, if_no = zip(_SIDES, _chances(all_heard), strict=True)
    return log_likelihood(*if_yes), log_likelihood(*if_no)


def _heard_data(all_heard: Sequence[Heard], groups: Mapping[str, Group]) -> Data:
    """Return which reports came, with what probability they would have, and who echoes nobody."""
    import numpy as np

    echoing = {i for members, _ in _grouped(all_heard, groups) for i in members}
    return {
        "came": np.array([float(h.came) for h in all_heard]),
        "expected": np.array([h.expected for h in all_heard]),
        "alone": np.array([i for i in range(len(all_heard)) if i not in echoing], int),
    }


def _probabilities(name: str, chances: list[Interval], uses: list[str]) -> TensorVariable:
    """Add the uncertain ones of these probabilities as parameters; return all, in their order."""
    import pymc as pm

    def draw() -> TensorVariable:
        free = [use for use, chance in zip(uses, chances, strict=True) if not chance.exact]
        return pm.Beta(name, *placed(_prior_data(name, chances)), dims=dimension(name, free))

    return filled(name, *_numbers(chances), draw)


def _prior_data(name: str, chances: list[Interval]) -> Data:
    import numpy as np

    priors = [beta_of_chance(chance) for chance in chances if not chance.exact]
    if not priors:
        return {}
    alpha, beta = np.transpose(priors)
    return {f"{name}_alpha": alpha, f"{name}_beta": beta}


def _numbers(chances: list[Interval]) -> tuple[list[bool], list[float]]:
    """Return which probabilities are uncertain, and the exact value (or an end) of each."""
    return [not chance.exact for chance in chances], [chance.low for chance in chances]


def _factor_data(position: int, members: list[int], rho: float) -> Data:
    """Return a group's members, ρ, and the nodes and log weights of its common factor."""
    import numpy as np

    nodes, log_weights = nodes_of_factor(rho, len(members))
    name = f"group{position}"
    return {
        f"{name}_members": np.array(members),
        f"{name}_rho": rho,
        f"{name}_nodes": nodes,
        f"{name}_log_weights": log_weights,
    }


def nodes_of_factor(rho: float, members: int) -> tuple[Array, Array]:
    """Return nodes and log weights for a common factor of that many reports.

    The integrand φ(u)·Π Φ(a_i − s·u) with s² = ρ/(1 − ρ) is about as rough as a normal density of
    variance 1/(1 + s²·members). For such a density the rule with step h is off by no more than
    exp(−(2π/h)²/(2(1 + s²·members))), which the step makes e^−36.
    """
    import numpy as np

    steepness = 1 + members * rho / (1 - rho)
    step = 2 * pi / sqrt(2 * 36 * steepness)
    half = int(_REACH / step) + 1
    nodes: Array = step * np.arange(-half, half + 1, dtype=float)
    return nodes, log(step / sqrt(2 * pi)) - nodes**2 / 2


def _group_log_likelihood(
    chance: TensorVariable,
    came: TensorVariable,
    expected: TensorVariable,
    members: TensorVariable,
    rho: TensorVariable,
    nodes: TensorVariable,
    log_weights: TensorVariable,
) -> TensorVariable:
    """Return the log likelihood of a group's reports, the common factor integrated out."""
    import pytensor.tensor as pt

    threshold = -sqrt(2) * pt.erfcinv(2 * chance[members])
    given = (threshold[:, None] - pt.sqrt(rho) * nodes) / pt.sqrt(1 - rho)
    comes, never = _log_tails(given)
    silent = _log_silence(comes, never, expected[members][:, None])
    terms = log_weights + pt.switch(came[members][:, None], comes, silent).sum(axis=0)
    top = terms.max()
    return top + pt.log(pt.exp(terms - top).sum())


def _log_silence(
    comes: TensorVariable, never: TensorVariable, expected: TensorVariable
) -> TensorVariable:
    """Return ln(1 − Φ·F), as ln((1 − Φ) + Φ·(1 − F)), which does not cancel; from ln Φ and its."""
    import pytensor.tensor as pt

    never = pt.maximum(never, _LEAST)
    late = pt.maximum(comes, _LEAST) + pt.log(pt.maximum(1 - expected, 1e-300))
    return never + pt.softplus(late - never)


def _log_tails(z: TensorVariable) -> tuple[TensorVariable, TensorVariable]:
    """Return ln Φ(z) and ln Φ(−z), from _FAR on by the asymptotic series of the smaller one.

    Abramowitz & Stegun, Handbook of Mathematical Functions, 26.2.12; its error is below 1e-10.
    """
    import pytensor.tensor as pt

    size = pt.switch(z < 0, -z, z)
    tail = pt.erfc(pt.minimum(size, _FAR) / sqrt(2)) / 2
    far = pt.maximum(size, _FAR)
    s = far**-2
    series = 1 - s * (1 - 3 * s * (1 - 5 * s * (1 - 7 * s)))
    beyond = pt.log(series / (far * sqrt(2 * pi))) - far**2 / 2
    less, more = pt.switch(size < _FAR, pt.log(tail), beyond), pt.log1p(-tail)
    return pt.switch(z < 0, less, more), pt.switch(z < 0, more, less)
