"""What is kept of a posterior: its numbers with their errors, and the verdict on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any

from forecast.domain import Timing
from forecast.domain.distributions import LEVELS
from forecast.text import plural

if TYPE_CHECKING:
    from forecast.families.base import Beside
    from forecast.verbs.fitting import Request

TOO_LARGE = "its numbers are too large to model; check its readings"
_ROUNDING = 1e-6  # to which probabilities must be such


@dataclass(frozen=True, slots=True)
class Fit:
    """What is kept of a posterior.

    `value` holds one probability per target (binary), option (choice) or rung of a date's ladder,
    or for numbers one value per level of `LEVELS`; `low` and `high` the 5–95% range over the
    parameters and `error` the Monte Carlo error, in the same order. The range of a probability that
    is a share of simulated futures (`trend`) is too wide by the scatter of a few hundred of them.
    `gates` holds the diagnostics and their verdict, `extra` what the family says beside the answer.
    """

    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    error: tuple[float, ...]
    gates: Mapping[str, Any] = field(default_factory=dict)
    extra: Beside = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether the diagnostics forbid publishing it."""
        return self.gates.get("verdict") == "refuse"

    @property
    def reasons(self) -> tuple[str, ...]:
        """What the gates say against it, in words."""
        return tuple(self.gates.get("reasons", ()))

    def to_json(self) -> dict[str, Any]:
        """Return the fit as a JSON value."""
        names = ("value", "low", "high", "error")
        return {name: list(getattr(self, name)) for name in names} | {
            "gates": dict(self.gates),
            "extra": dict(self.extra),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Fit:
        """Return the fit that `to_json` wrote; KeyError, TypeError or ValueError for others."""
        numbers = (tuple(float(x) for x in data[n]) for n in ("value", "low", "high", "error"))
        value, low, high, error = numbers
        return cls(value, low, high, error, dict(data["gates"]), dict(data["extra"]))


def summary(request: Request, posterior: Any) -> Fit:
    """Return what is kept of a posterior: refused if it, or what it says, cannot be published."""
    if posterior.verdict == "refuse":
        return refused(request, posterior.gates)
    if reason := "" if request.numeric else _no_answer(request, posterior.mean):
        return _unanswered(request, posterior, reason)
    fit = _of_number(posterior) if request.numeric else _of_chances(request, posterior)
    if not all(map(isfinite, (*fit.value, *fit.low, *fit.high, *fit.error))):
        return _unanswered(request, posterior, TOO_LARGE)
    return fit


def _unanswered(request: Request, posterior: Any, reason: str) -> Fit:
    return refused(request, posterior.gates | {"verdict": "refuse", "reasons": [reason]})


def _no_answer(request: Request, mean: Any) -> str:
    """Say why the probabilities of a model that is not ours cannot answer its question, if so."""
    import numpy as np

    p, question = np.atleast_1d(mean), request.asked.question
    wanted = len(question.options or question.targets)
    if p.shape != (wanted,):
        return f"the model's p has {plural(p.size, 'number')} where {wanted} are asked for"
    if question.options and abs(p.sum() - 1) > _ROUNDING:
        return f"the model's p sums to {p.sum():.6g} over the options"
    if question.timing is Timing.BY and not question.options and (np.diff(p) < -_ROUNDING).any():
        return "by the model's p a later deadline is less likely than an earlier one"
    return ""


def _of_chances(request: Request, posterior: Any) -> Fit:
    import numpy as np

    from forecast.families import get

    low, high = posterior.interval(0.9)
    asked = request.spec.options, request.asked
    beside = getattr(get(request.spec.family), "beside", None)
    return Fit(
        value=_floats(posterior.mean),
        low=_floats(low),
        high=_floats(high),
        error=_floats(np.broadcast_to(posterior.mcse, np.shape(posterior.mean))),
        gates=posterior.gates,
        extra=beside(*asked, posterior.draws, posterior.mean) if beside else {},
    )


def _of_number(posterior: Any) -> Fit:
    """Keep predictive draws as quantiles; an error in probability becomes one in the unit."""
    import numpy as np

    slip = float(np.max(posterior.mcse))
    levels = np.clip(np.add.outer([0.0, slip, -slip], LEVELS), 0, 1)
    value, above, below = posterior.pooled(levels.ravel()).reshape(levels.shape)
    numbers = _floats(value)
    with np.errstate(invalid="ignore"):  # infinitely large on both sides
        error = _floats((above - below) / 2)
    return Fit(numbers, numbers, numbers, error, posterior.gates)


def why(reasons: Sequence[str]) -> str:
    """Say why a fit was refused."""
    return "; ".join(reasons) or "its diagnostics failed"


def refused(request: Request, gates: Mapping[str, Any]) -> Fit:
    """Return the fit of a request that has no answer, and why."""
    question = request.asked.question
    nothing = (float("nan"),) * max(len(question.targets), len(question.options), len(LEVELS))
    return Fit(nothing, nothing, nothing, nothing, gates)


def _floats(numbers: Any) -> tuple[float, ...]:
    import numpy as np

    return tuple(float(x) for x in np.atleast_1d(numbers))
