"""From a question's view to a posterior, by one path for every verb, and never twice."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from forecast.canonical import digest
from forecast.domain import ModelSpec, QuestionType, Timing, View
from forecast.domain.distributions import LEVELS
from forecast.domain.ladders import as_ladder
from forecast.errors import ForecastError
from forecast.text import plural
from forecast.verbs.enginemark import engine, family_code

if TYPE_CHECKING:
    from forecast.inference.cache import Cache

type Sampler = Literal["auto", "fast", "nuts"]
type Progress = Callable[[int, int], None]

_ROUNDING = 1e-6  # to which probabilities must be such
_MANY = 2048  # requests, from which on they are spread over processes
_PART = 1024  # of them that one process takes at a time
_MEMORY = 1 << 28  # bytes of numbers held for models that are fitted together


@dataclass(frozen=True)
class Request:
    """One posterior to compute: a model of a question at what was known."""

    spec: ModelSpec
    view: View

    @cached_property
    def view_digest(self) -> str:
        """SHA-256 of everything the model can see."""
        from forecast.book.views import view_payload

        return digest(view_payload(self.view, self.spec))

    @cached_property
    def seed(self) -> int:
        """A seed of the question and model alone, so that days differ by data, not by luck."""
        text = f"{self.view.question.id}/{self.spec.name}".encode()
        return int.from_bytes(hashlib.sha256(text).digest()[:4], "big")

    @property
    def asked(self) -> View:
        """The view as families are asked: a question for a date as a ladder."""
        return replace(self.view, question=as_ladder(self.view.question))

    @property
    def numeric(self) -> bool:
        """Whether the answer is a number rather than probabilities."""
        return self.view.question.type is QuestionType.NUMERIC

    @property
    def identity(self) -> tuple[str, str]:
        """What the posterior is a posterior of: model and view."""
        return self.spec.digest, self.view_digest

    def key(self, sampler: Sampler) -> str:
        """Name this fit: model, view, sampler, seed and engine decide every bit of it."""
        return digest([*self.identity, sampler, self.seed, engine(), family_code(self.spec.family)])


@dataclass(frozen=True, slots=True)
class Fit:
    """What is kept of a posterior.

    `value` holds one probability per target (binary), option (choice) or rung of a date's ladder,
    or for numbers one value per level of `LEVELS`; `low` and `high` the 5–95% range over the
    parameters and `error` the Monte Carlo error, in the same order. `gates` holds the diagnostics
    and their verdict, `extra` what the family says beside the answer: a number, or one for each
    target.
    """

    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    error: tuple[float, ...]
    gates: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, float | list[float]] = field(default_factory=dict)

    @property
    def refused(self) -> bool:
        """Whether the diagnostics forbid publishing it."""
        return self.gates.get("verdict") == "refuse"

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


def fit(
    requests: Sequence[Request],
    cache: Path,
    *,
    sampler: Sampler = "auto",
    progress: Progress | None = None,
) -> list[Fit]:
    """Return one fit per request, in order; what the cache holds is not computed again.

    Equal requests are computed once. Refused fits are returned (see `Fit.refused`) and not cached,
    so that they are tried again.
    """
    from forecast.inference.cache import Cache

    kept = Cache(cache)
    keys = [request.key(sampler) for request in requests]
    free = {key for key, request in zip(keys, requests, strict=True) if _permitted(request)}
    known = {key: known for key in free if (known := recalled(kept, key))}
    missing = {k: r for k, r in zip(keys, requests, strict=True) if k not in known}
    computed = _compute(list(missing.values()), sampler, progress)
    for key, fitted in zip(missing, computed, strict=True):
        known[key] = fitted
        if not fitted.refused:
            kept.store(key, fitted.to_json())
    return [known[key] for key in keys]


def _permitted(request: Request) -> bool:
    """Say whether a model may speak at all: not one whose code the user does not trust."""
    from forecast.families import get

    permitted = getattr(get(request.spec.family), "permitted", None)
    return permitted is None or permitted(request.spec.options, request.asked)


def recalled(cache: Cache, key: str) -> Fit | None:
    """Return the fit kept under `key`, or None if what stands there is none."""
    data = cache.load(key)
    try:
        return None if data is None else Fit.from_json(data)
    except (KeyError, TypeError, ValueError):
        return None


def _compute(
    requests: Sequence[Request], sampler: Sampler, progress: Progress | None
) -> Iterable[Fit]:
    """Return the fits of requests, in order; of many, part by part as they are done."""
    from forecast.inference.executors import spread

    if len(requests) < _MANY:
        return _fits(requests, sampler, progress) if requests else []
    parts = [requests[k : k + _PART] for k in range(0, len(requests), _PART)]
    found = enumerate(spread(partial(_fits, sampler=sampler), parts), 1)
    return (fit for at, fits in found for fit in _telling(fits, at, len(requests), progress))


def _telling(fits: list[Fit], part: int, total: int, progress: Progress | None) -> list[Fit]:
    if progress:
        progress(min(part * _PART, total), total)
    return fits


def _fits(
    requests: Sequence[Request], sampler: Sampler, progress: Progress | None = None
) -> list[Fit]:
    """Return the fits of requests, as many at a time as memory holds the numbers of."""
    from forecast.inference.engine import fit as fit_jobs

    fits: list[Fit] = []
    for window in _windows(requests):
        jobs = [made for _, made in window if not isinstance(made, ForecastError)]
        told = progress and partial(_told, progress, len(fits), len(requests))
        posteriors = iter(fit_jobs(jobs, sampler=sampler, progress=told))
        fits += [
            _refused(request, {"verdict": "refuse", "reasons": [_said(made)]})
            if isinstance(made, ForecastError)
            else _summary(request, next(posteriors))
            for request, made in window
        ]
    return fits


def _told(progress: Progress, before: int, total: int, done: int, _: int) -> None:
    progress(before + done, total)


def _windows(requests: Sequence[Request]) -> Iterator[list[tuple[Request, Any]]]:
    """Yield requests with their jobs (or why there is none) until their numbers fill the memory."""
    window, size = [], 0
    for request in requests:
        made = _built(request)
        window.append((request, made))
        size += 0 if isinstance(made, ForecastError) else _bytes(made)
        if size > _MEMORY:
            yield window
            window, size = [], 0
    if window:
        yield window


def _bytes(job: Any) -> int:
    return sum(getattr(value, "nbytes", 8) for value in (job.data or {}).values())


def _said(error: ForecastError) -> str:
    return "; ".join(filter(None, (error.message, error.hint)))


def _built(request: Request) -> Any:
    """Return the job of a request, or why this view cannot be modelled (too few readings, say)."""
    try:
        return job(request)
    except ForecastError as error:
        return error
    except ArithmeticError as error:
        return ForecastError(f"its numbers are too large to model ({error})")


def job(request: Request) -> Any:
    """Return the inference job of a request: its numbers, structure key and seed.

    The PyMC model itself is built only where none of its structure was built before.
    """
    from forecast.families import get
    from forecast.inference.engine import Job

    family = get(request.spec.family)
    stated = request.spec.options, request.asked
    data = family.data(*stated) if hasattr(family, "data") else None
    return Job(
        model=partial(family.build, *stated) if data is not None else family.build(*stated),
        key=family.key(*stated),
        seed=request.seed,
        output="value" if request.numeric else "p",
        data=data,
        unknown_shape=getattr(family, "unknown_shape", False),
    )


def _summary(request: Request, posterior: Any) -> Fit:
    if posterior.verdict == "refuse":
        return _refused(request, posterior.gates)
    if request.numeric:
        return _of_number(posterior)
    if reason := _no_answer(request, posterior.mean):
        return _refused(request, posterior.gates | {"verdict": "refuse", "reasons": [reason]})
    return _of_chances(request, posterior)


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
    beside = getattr(get(request.spec.family), "beside", None)
    return Fit(
        value=_floats(posterior.mean),
        low=_floats(low),
        high=_floats(high),
        error=_floats(np.broadcast_to(posterior.mcse, np.shape(posterior.mean))),
        gates=posterior.gates,
        extra=beside(posterior.draws, posterior.mean) if beside else {},
    )


def _of_number(posterior: Any) -> Fit:
    """Keep predictive draws as quantiles; an error in probability becomes one in the unit."""
    import numpy as np

    draws = np.asarray(posterior.draws[posterior.output]).ravel()
    value = np.quantile(draws, LEVELS)
    slip = float(np.max(posterior.mcse))
    above, below = (np.quantile(draws, np.clip(np.add(LEVELS, d), 0, 1)) for d in (slip, -slip))
    numbers = _floats(value)
    return Fit(numbers, numbers, numbers, _floats((above - below) / 2), posterior.gates)


def _refused(request: Request, gates: Mapping[str, Any]) -> Fit:
    question = request.asked.question
    nothing = (float("nan"),) * max(len(question.targets), len(question.options), len(LEVELS))
    return Fit(nothing, nothing, nothing, nothing, gates)


def _floats(numbers: Any) -> tuple[float, ...]:
    import numpy as np

    return tuple(float(x) for x in np.atleast_1d(numbers))
