"""From a question's view to a posterior, by one path for every verb, and never twice."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import batched, chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.canonical import digest
from forecast.domain import ModelSpec, QuestionType, View
from forecast.domain.ladders import as_ladder
from forecast.errors import ForecastError
from forecast.inference.sampler import Progress, Sampler
from forecast.verbs.enginemark import engine, family_code
from forecast.verbs.fits import TOO_LARGE, Fit, refused, summary

if TYPE_CHECKING:
    from forecast.inference.cache import Cache

_MANY = 2048  # requests, from which on they are spread over processes
_MODELS = 4  # to be built for one command, from which on it starts others to help
_PART = 256  # that are computed and kept together, so that an interruption costs few more
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
    known = recalled(kept, free)
    missing = _arranged({k: r for k, r in zip(keys, requests, strict=True) if k not in known})
    computed = zip(missing, _compute(list(missing.values()), sampler, progress), strict=True)
    for some in batched(computed, _PART):
        known |= some
        kept.store({key: fitted.to_json() for key, fitted in some if not fitted.refused})
    return [known[key] for key in keys]


def _arranged(missing: Mapping[str, Request]) -> dict[str, Request]:
    """Return requests so that graphs of one shape meet, and the models with the most come first."""
    sizes = Counter(map(_model, missing.values()))

    def place(key: str) -> tuple[int, str, tuple[str, str]]:
        request = missing[key]
        return -sizes[_model(request)], request.spec.family, _model(request)

    return {key: missing[key] for key in sorted(missing, key=place)}


def _permitted(request: Request) -> bool:
    """Say whether a model may speak at all: not one whose code the user does not trust."""
    from forecast.families import get

    permitted = getattr(get(request.spec.family), "permitted", None)
    return permitted is None or permitted(request.spec.options, request.asked)


def recalled(cache: Cache, keys: Collection[str]) -> dict[str, Fit]:
    """Return the fits kept under `keys`, without what stands there but is none."""
    fits: dict[str, Fit] = {}
    for key, data in cache.load(keys).items():
        with suppress(KeyError, TypeError, ValueError):
            fits[key] = Fit.from_json(data)
    return fits


def _compute(
    requests: Sequence[Request], sampler: Sampler, progress: Progress | None
) -> Iterator[Fit]:
    """Yield the fits of requests, in order, part by part as they are done."""
    from forecast.inference.executors import serves_one_command

    models = [list(same) for _, same in groupby(requests, key=_model)]
    if len(requests) >= _MANY:
        fits = _side_by_side(list(batched(requests, _PART)), sampler, progress)
    elif len(models) >= _MODELS and serves_one_command():
        parts = [part for same in models for part in batched(same, _PART)]
        fits = _side_by_side(parts, sampler, progress)
    else:
        fits = _in_turn(requests, sampler, progress)
    return chain.from_iterable(fits)


def _model(request: Request) -> tuple[str, str]:
    return request.view.question.id, request.spec.name


def _in_turn(
    requests: Sequence[Request], sampler: Sampler, progress: Progress | None
) -> Iterator[list[Fit]]:
    """Yield the fits of a part at a time, saying how many are done."""
    total, begun = len(requests), 0
    for part in batched(requests, _PART):
        told = progress and partial(_told, progress, begun, total)
        yield _fits(part, sampler, told, total)
        begun += len(part)


def _side_by_side(
    parts: Sequence[Sequence[Request]], sampler: Sampler, progress: Progress | None
) -> Iterator[list[Fit]]:
    """Yield the fits of each part, computed in several processes, saying how many are done."""
    from forecast.inference.executors import spread

    done, asked = 0, sum(map(len, parts))
    if progress:
        progress(done, asked)  # the first part may take a while
    for fits in spread(partial(_fits, sampler=sampler, total=asked), parts):
        done += len(fits)
        if progress:
            progress(done, asked)
        yield fits


def _fits(
    requests: Sequence[Request], sampler: Sampler, progress: Progress | None = None, total: int = 0
) -> list[Fit]:
    """Return the fits of requests, as many at a time as memory holds the numbers of.

    `total` says of how many they are a part.
    """
    from forecast.inference.engine import fit as fit_jobs

    fits: list[Fit] = []
    for window in _windows(requests):
        jobs = [made for _, made in window if not isinstance(made, ForecastError)]
        told = progress and partial(_told, progress, len(fits), len(requests))
        posteriors = iter(fit_jobs(jobs, sampler=sampler, progress=told, total=total))
        fits += [
            refused(request, {"verdict": "refuse", "reasons": [made.said]})
            if isinstance(made, ForecastError)
            else summary(request, next(posteriors))
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


def _built(request: Request) -> Any:
    """Return the job of a request, or why this view cannot be modelled (too few readings, say)."""
    try:
        return job(request)
    except ForecastError as error:
        return error
    except ArithmeticError:
        return ForecastError(TOO_LARGE)


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
