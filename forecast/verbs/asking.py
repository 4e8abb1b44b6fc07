"""One model's word on one question: what explain, whatif and watch-for start from.

None of them records anything; their fits go into the cache as all fits do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from forecast.domain import AsOf, Question, Target
from forecast.errors import RefusedError, UsageError
from forecast.inference.sampler import Progress
from forecast.text import clean
from forecast.verbs.fits import Fit, why
from forecast.verbs.fitting import Request, fit
from forecast.verbs.forecasting import indices, open_targets, requests
from forecast.verbs.movers import Fits
from forecast.verbs.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Place:
    """Where one number of a question stands in its fits: a target, or one option of it."""

    target: Target
    option: str
    index: int


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with the question it is about, and the targets that can still be forecast."""

    question: Question
    request: Request
    targets: tuple[Target, ...]

    @property
    def as_of(self) -> AsOf:
        """The knowledge date."""
        return self.request.view.as_of

    def places(self, targets: Iterable[Target] | None = None) -> list[Place]:
        """Return where the numbers of the targets (all of them unless given) stand."""
        chosen = self.targets if targets is None else targets
        return [Place(t, option, i) for t in chosen for option, i in indices(self.question, t)]


def asked(
    ws: Workspace,
    text: str,
    day: date | None = None,
    model: str | None = None,
    *,
    option: str = "--as-of",
) -> Asked:
    """Return a question's model (the first unless named) at a date, and its open targets.

    `text` names a question or one of its rungs; `option` is how the day was given. Raises
    UsageError for what is unknown, for a day that has not come, and where no model speaks: before
    it was stated, and once all is over.
    """
    question, target = ws.target(text)
    as_of = ws.as_of(question, day)
    found = requests(ws, question, as_of)
    if not found:
        hint = f"it is {question.status(as_of)} then; give another {option}"
        raise UsageError(f"no model of {question.id} speaks at that date", hint)
    chosen = next((r for r in found if model in (None, r.spec.name)), None)
    if chosen is None:
        known = ", ".join(r.spec.name for r in found)
        raise UsageError(f"{question.id} has no model {clean(str(model))!r}", f"it has {known}")
    targets = open_targets(question, as_of)
    if target.rung is not None and target not in targets:
        rest = ", ".join(map(str, targets))
        raise UsageError(f"{target} is over by {as_of.day}", f"still open: {rest}")
    return Asked(question, chosen, targets if target.rung is None else (target,))


def fitted(ws: Workspace, wanted: Sequence[Request], progress: Progress | None = None) -> Fits:
    """Fit requests in one batch; equal ones once."""
    needed = {request.identity: request for request in wanted}
    return dict(zip(needed, fit(list(needed.values()), ws.cache, progress=progress), strict=True))


def must_stand(found: Fit, what: str, hint: str = "") -> Fit:
    """Return a fit that its gates let through; RefusedError with their reasons otherwise."""
    if found.refused:
        raise RefusedError(f"{what}: {clean(why(found.reasons))}", hint)
    return found
