"""Distributions said by name, such as `normal(76, 6)`, turned into quantiles or a curve of days.

`lognormal` takes the mean and standard deviation of the logarithm, `student` degrees of freedom,
location and scale, `gamma` shape and scale. Of a day, an argument that is a date makes the
distribution one of dates, with spreads in days; without one it is of the days from now.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from forecast.domain.distributions import LEVELS
from forecast.domain.ladders import RUNGS
from forecast.errors import UsageError
from forecast.text import clean, did_you_mean

# Each family's arguments, in order; those after the star must be above 0.
FAMILIES: Mapping[str, str] = {
    "normal": "mean *sd",
    "lognormal": "meanlog *sdlog",
    "student": "*df location *scale",
    "uniform": "low high",
    "beta": "*a *b",
    "gamma": "*shape *scale",
    "poisson": "*rate",
}

_CALL = re.compile(r"\s*([A-Za-z_]+)\s*\((.*)\)\s*", re.DOTALL)


def is_named(words: Sequence[str]) -> bool:
    """Say whether words name a distribution rather than list quantiles.

    >>> is_named(["normal(76,", "6)"]), is_named(["50%=76"])
    (True, False)
    """
    return _CALL.fullmatch(" ".join(words)) is not None


def quantiles(words: Sequence[str]) -> dict[str, float]:
    """Return the quantiles of a named distribution; UsageError if it is none.

    They run from 1% to 99%: what lies beyond is left open.

    >>> said = quantiles(["normal(76, 6)"])
    >>> round(said["0.5"], 6), round(said["0.95"], 6)
    (76.0, 85.869122)
    """
    found, _ = _distribution(words)
    return {f"{level:g}": float(found.ppf(level)) for level in LEVELS}


def curve(words: Sequence[str], start: date, last: date) -> dict[str, float]:
    """Return the chance by each of up to 40 days after `start`, given that it comes after it.

    What the distribution gives to days after `last` is the chance of "not by the last day".
    Raises UsageError if it is no distribution, or leaves nothing after `start`.

    >>> said = curve(["uniform(2022-01-01, 2022-01-11)"], date(2022, 1, 1), date(2022, 1, 6))
    >>> {day[-2:]: round(p, 2) for day, p in said.items()}
    {'01': 0.0, '02': 0.1, '03': 0.2, '04': 0.3, '05': 0.4, '06': 0.5}
    """
    found, dated = _distribution(words)
    origin = 0 if dated else start.toordinal()
    before = float(found.cdf(start.toordinal() - origin))
    if before >= 1:
        raise UsageError(f"all of {_text(words)} is over by {start}", "move it to days to come")
    count = min(RUNGS, (last - start).days)
    steps = {round(n * (last - start).days / count) for n in range(count + 1)}
    days = [start + timedelta(days=step) for step in sorted(steps)]
    shares = [float(found.cdf(day.toordinal() - origin)) for day in days]
    return {d.isoformat(): (p - before) / (1 - before) for d, p in zip(days, shares, strict=True)}


def _distribution(words: Sequence[str]) -> tuple[Any, bool]:
    """Return the distribution that words name, with `ppf` and `cdf`, and whether it is of dates."""
    called = _CALL.fullmatch(" ".join(words))
    assert called is not None, "asked before"
    name, inside = called[1].lower(), called[2]
    if name not in FAMILIES:
        hint = did_you_mean(name, FAMILIES) or f"write one of {', '.join(FAMILIES)}"
        raise UsageError(f"there is no distribution {clean(name)!r}", hint)
    texts = [text.strip() for text in inside.split(",")]
    wanted = FAMILIES[name].split()
    dated = [_is_date(text) for text in texts]
    values = [_number(text, words) for text in texts]
    if len(values) != len(wanted):
        message = f"{name} takes {len(wanted)} arguments, and {len(values)} are given"
        raise UsageError(message, f"write {_usage(name)}")
    for argument, value in zip(wanted, values, strict=True):
        if argument.startswith("*") and value <= 0:
            raise UsageError(f"{argument[1:]} must be above 0", f"write {_usage(name)}")
    if name == "uniform" and values[0] >= values[1]:
        raise UsageError("low must be below high", f"write {_usage(name)}")
    return _frozen(name, values), any(dated)


def _frozen(name: str, values: Sequence[float]) -> Any:
    from scipy import stats

    match name, values:
        case "lognormal", (meanlog, sdlog):
            return stats.lognorm(sdlog, scale=math.exp(meanlog))
        case "uniform", (low, high):
            return stats.uniform(low, high - low)
        case "gamma", (shape, scale):
            return stats.gamma(shape, scale=scale)
    plain = {"normal": "norm", "student": "t", "beta": "beta", "poisson": "poisson"}
    return getattr(stats, plain[name])(*values)


def _usage(name: str) -> str:
    return f"{name}({', '.join(FAMILIES[name].replace('*', '').split())})"


def _number(text: str, words: Sequence[str]) -> float:
    if _is_date(text):
        return float(date.fromisoformat(text).toordinal())
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        hint = "arguments are numbers, or for a date days such as 2022-06-01"
        raise UsageError(f"{clean(text)!r} in {_text(words)} is no number", hint)
    return value


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text)) and "-" in text
    except ValueError:
        return False


def _text(words: Sequence[str]) -> str:
    return clean(" ".join(words))
