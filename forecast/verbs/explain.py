"""Explain: how a number comes about, by refitting the model without each of its reasons.

From the base rate when the risk began the steps are: the model itself (what it says on that day
without any reading, against the base rate), time passing (the same model without readings, seen
from now), and the readings of each indicator. With `since` they begin at that day's number, and
only what is new since counts. Indicators share their joint effect by Shapley's rule, so that the
steps add up to the number exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from forecast.domain import AsOf, Indicator, Observation, Question, Target
from forecast.domain.distributions import number
from forecast.errors import RefusedError, UsageError
from forecast.inference.sampler import Progress
from forecast.verbs import movers
from forecast.verbs.asking import Asked, Place, asked, fitted, must_stand
from forecast.verbs.fits import Fit
from forecast.verbs.fitting import Request
from forecast.verbs.forecasting import interval
from forecast.verbs.movers import Fits, Plan
from forecast.verbs.reference import base_rate
from forecast.verbs.shapley import thorough
from forecast.verbs.supposing import indicators, moved, unread
from forecast.verbs.workspace import Workspace

LATEST = 3  # readings of an indicator whose sources are named


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a number: `value` is where it leads.

    `cause` is base rate, earlier (the number as of `since`), model, time, indicator or answer (of a
    question the model builds on); only the first step has no `change`. For the last two `without`
    is the number had that alone brought nothing new.
    """

    cause: str
    name: str
    change: float | None
    value: float
    without: float | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """One number taken apart: `steps` lead from the first's value to `now`."""

    target: Target
    option: str
    steps: tuple[Step, ...]
    now: float
    low: float
    high: float
    error: float


@dataclass(frozen=True, slots=True)
class ExplainReport:
    """What a model's numbers are made of.

    `readings` holds the indicators that count, with only their new readings. `exact` says that
    every order of their coming was averaged over, not only some.
    """

    question: Question
    model: str
    as_of: AsOf
    since: date | None
    numbers: tuple[Explained, ...]
    readings: Mapping[str, Indicator]
    exact: bool

    def sources(self, indicator: str) -> list[str]:
        """Name who told the latest readings of an indicator, newest first, each once."""
        found = self.readings[indicator]
        latest = found.observations[: -LATEST - 1 : -1]
        told = (": ".join(filter(None, (o.by, o.source or found.source))) for o in latest)
        return list(dict.fromkeys(filter(None, told)))


def explain(
    ws: Workspace,
    name: str,
    *,
    day: date | None = None,
    since: date | None = None,
    model: str | None = None,
    progress: Progress | None = None,
) -> ExplainReport:
    """Take apart the numbers of a question (or one rung) by a model, the first unless named.

    Raises UsageError for what is unknown or was not stated then, RefusedError where the model
    cannot speak without the readings that are to be left out.
    """
    asking = asked(ws, name, day, model)
    then = None if since is None else _earlier(ws, asking, since)
    plan = movers.plan(asking.request, then=then, sharing=thorough)
    first = then or _unread_at_the_clock(asking)
    fits = fitted(ws, [*plan.requests, first], progress)
    for request in [*plan.requests, first]:
        _must_speak(fits[request.identity], request, asking, then)
    return ExplainReport(
        question=asking.question,
        model=asking.request.spec.name,
        as_of=asking.as_of,
        since=since,
        numbers=tuple(_explained(ws, asking, plan, fits, first, p) for p in asking.places()),
        readings=_new_readings(plan),
        exact=plan.orders is None,
    )


def _earlier(ws: Workspace, asking: Asked, since: date) -> Request:
    """Return what the same model saw on an earlier day."""
    if since >= asking.as_of.day:
        raise UsageError(
            f"--since {since} is not before {asking.as_of.day}", "give an earlier --since"
        )
    model = asking.request.spec.name
    return asked(ws, asking.question.id, since, model, option="--since").request


def _unread_at_the_clock(asking: Asked) -> Request:
    """Return the model as stated now, without readings, on the day its risk began."""
    question, view = asking.question, asking.request.view
    clock = AsOf.at(min(question.clock, view.as_of.day), question.zone)
    return replace(asking.request, view=unread(moved(view, clock)))


def _must_speak(found: Fit, request: Request, asking: Asked, then: Request | None) -> None:
    """Raise RefusedError unless the model speaks, then and now and without what it leaves out.

    Why it does not without some of its readings is no statement on those that there are.
    """
    name = request.spec.name
    if request.identity == asking.request.identity:
        must_stand(found, f"{name} is refused")
    elif then is not None and request.identity == then.identity:
        what = f"{name} is refused as of {then.view.as_of.day}"
        must_stand(found, what, "give a later --since")
    elif found.refused:
        what = f"{name} says nothing without readings, so there is no start without them"
        raise RefusedError(what, "give --since DATE, a day on which it spoke")


def _explained(
    ws: Workspace, asking: Asked, plan: Plan, fits: Fits, first: Request, place: Place
) -> Explained:
    now = fits[plan.now.identity]
    low, high = interval(plan.now, now, place.index)
    own = fits[first.identity].value[place.index]
    steps = [_start(ws, asking, plan, place, own)]
    if steps[0].cause == "base rate":
        steps.append(Step("model", "the model itself", own - steps[0].value, own))
    quiet = movers.start(plan, fits, place.index)
    steps.append(Step("time", "time passing", quiet - own, quiet))
    worth = movers.worth(plan, fits, place.index)
    everyone, at = frozenset(plan.changed), quiet
    shares = movers.news_shares(plan, fits, place.index)
    for name, change in sorted(shares.items(), key=lambda item: -abs(item[1])):
        at += change
        steps.append(Step(movers.cause_of(name), name, change, at, worth(everyone - {name})))
    number = now.value[place.index], low, high, now.error[place.index]
    return Explained(place.target, place.option, tuple(steps), *number)


def _start(ws: Workspace, asking: Asked, plan: Plan, place: Place, own: float) -> Step:
    """Where a number starts: what it was, its base rate, or failing that the model's own word."""
    if plan.before is not None:
        return Step("earlier", f"as of {plan.before.view.as_of.day}", None, own)
    day = min(asking.question.clock, asking.as_of.day)
    rate = base_rate(ws, asking.question, place.target, day)
    if rate is None:
        return Step("model", "the model itself", None, own)
    return Step("base rate", "base rate", None, number(asking.question.type, rate, place.option))


def _new_readings(plan: Plan) -> dict[str, Indicator]:
    """Return the indicators that changed, with the readings that are new."""
    now = indicators(plan.now)
    old = {} if plan.before is None else indicators(plan.before)
    return {
        name: replace(now[name], observations=_since(now[name], old.get(name)))
        for name in plan.changed
        if name in now
    }


def _since(now: Indicator, old: Indicator | None) -> tuple[Observation, ...]:
    known = set() if old is None else {o.row for o in old.observations}
    return tuple(o for o in now.observations if o.row not in known)
