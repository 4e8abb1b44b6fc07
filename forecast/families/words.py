"""Numbers of a model in words, for its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

from forecast.domain import ReferenceClass
from forecast.families.fields import Interval
from forecast.families.options import HazardEffect, Report, Waiting


def plain(value: float) -> str:
    """Return a number as people write it: whole ones with grouped digits, others to four.

    >>> plain(50000), plain(0.25), plain(152.1875)
    ('50,000', '0.25', '152.2')
    """
    return f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"


def in_days(days: float) -> str:
    """Return a span in days, rounded where that loses little.

    >>> in_days(152.1875), in_days(1)
    ('152 days', '1 day')
    """
    rounded = plain(round(days) if days >= 10 else days)
    return f"{rounded} day{'' if days == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """Join words as in a sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def reference_words(reference: ReferenceClass) -> str:
    """Say a reference class in one clause."""
    within = f"{in_days(reference.exposure)} ({reference.name})"
    if reference.cases is None:
        said = f"{plain(reference.events)} such events in {within}"
    else:
        said = f"{plain(reference.events)} of {plain(reference.cases)} such cases within {within}"
    if reference.relevance < 1:
        said += f", counted at {reference.relevance:.0%}"
    return said


def chance_words(chance: Interval) -> str:
    """Say an elicited probability by its number or its interval.

    >>> chance_words(Interval(0.5, 0.9))
    '50–90%'
    """
    low, high = f"{100 * chance.low:.3g}", f"{100 * chance.high:.3g}"
    return f"{low}%" if chance.exact else f"{low}–{high}%"


def ratio_words(ratio: Interval) -> str:
    """Say what a hazard is multiplied by, with its interval where it is not exact.

    >>> ratio_words(Interval(5.0, 80.0)), ratio_words(Interval(3.0, 3.0))
    ('20× (5–80) as high', '3× as high')
    """
    middle = sqrt(ratio.low * ratio.high)
    spread = "" if ratio.exact else f" ({ratio.low:.3g}–{ratio.high:.3g})"
    return f"{middle:.2g}×{spread} as high"


def effect_words(effect: HazardEffect) -> str:
    """Say what an indicator does to the hazard, by the middle of its hazard ratio."""
    assert effect.hazard_ratio is not None
    ratio = sqrt(effect.hazard_ratio.low * effect.hazard_ratio.high)
    return f"{ratio:.2g}× {_unit(effect)}"


def _unit(effect: HazardEffect) -> str:
    name = effect.use
    if effect.lasts is not None:
        span = in_days(effect.lasts)
        if effect.count == "each":
            return f"for each of the last {span}' {name}"
        return f"within {span} of {name}"
    per, baseline = plain(effect.per or 1), plain(effect.baseline or 0)
    if effect.scale == "log":
        return f"per {per}-fold {name} from {baseline}"
    return f"per {per} {name} above {baseline}"


def waiting_words(waiting: Waiting) -> str:
    """Say a waiting time by its 80% interval."""
    low, high = waiting.interval
    return f"{in_days(low)} to {in_days(high)} after the clock starts (80%)"


def report_words(report: Report) -> str:
    """Say a report by how likely it is either way."""
    assert report.p_if_yes is not None
    assert report.p_if_no is not None
    yes, no = chance_words(report.p_if_yes), chance_words(report.p_if_no)
    return f"{report.use} ({yes} if yes, {no} if no)"
