"""What moved a number: the same model refitted as if each thing had not changed.

From the last forecast to this one the steps are, in this order: the file and engine (what the
current model says of the last view, against what was recorded), time passing (the last readings,
seen from today), and then each indicator with new readings and each new answer of a question that
the model builds on. These share their joint effect by Shapley's rule (see `shapley`), so the parts
add up to the whole move exactly. Without an earlier forecast the start is the same model with no
readings at all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from forecast.domain import Forecast, Indicator, Observation, Resolution, View
from forecast.domain.questions import REOPENED
from forecast.verbs.enginemark import engine_mark
from forecast.verbs.fits import Fit
from forecast.verbs.fitting import Request
from forecast.verbs.shapley import Orders, coalitions, quick, shares
from forecast.verbs.supposing import (
    Answers,
    answers,
    map_indicators,
    unread,
    used,
    views,
    with_answers,
)


@dataclass(frozen=True, slots=True)
class Mover:
    """One reason a number moved: `cause` is file, engine, time, indicator or answer."""

    cause: str
    name: str
    change: float


FILE, ENGINE = "file", "engine"
_CAUSES = {FILE: "your file changed", ENGINE: "engine changed"}

type Fits = Mapping[tuple[str, str], Fit]
type Sharing = Callable[[Sequence[str]], Orders]


@dataclass(frozen=True, slots=True)
class Plan:
    """The refits that attribute one move.

    `before` is the earlier forecast's view under today's model (None when there was none);
    `subsets` today's view with the news of only some of what `changed`, indicators and answers, as
    the `orders` of their coming need them; `cause` is what else changed: file or engine.
    """

    now: Request
    before: Request | None
    changed: tuple[str, ...]
    orders: Orders
    subsets: Mapping[frozenset[str], Request]
    cause: str = FILE

    @property
    def requests(self) -> list[Request]:
        """Every request of the plan, today's first."""
        return [self.now, *([self.before] if self.before else []), *self.subsets.values()]


def plan(
    now: Request,
    previous: Forecast | None = None,
    then: Request | None = None,
    *,
    sharing: Sharing = quick,
) -> Plan:
    """Plan the refits for the move from `previous` (or, without a forecast, from `then`) to `now`.

    `then` is what the model could see at the earlier knowledge date; without one the start is
    today's view with no readings. What was only elicited since counts as read since.
    """
    if then is None:
        return Plan(now, None, *_subsets(now, unread(now.view), sharing))
    watched = set(used(then))
    indicators = {i.id: i for v in views(then.view) for i in v.indicators.values()}
    known = _News({k: i for k, i in indicators.items() if k in watched}, answers(then.view))
    old = _mix(now.view, known, frozenset())
    return Plan(now, then, *_subsets(now, old, sharing), cause=_cause(now, previous))


class _News(NamedTuple):
    """What may be new: readings by indicator, answers by the question they are of."""

    indicators: Mapping[str, Indicator]
    answers: Answers


def _subsets(
    now: Request, old: View, sharing: Sharing
) -> tuple[tuple[str, ...], Orders, dict[frozenset[str], Request]]:
    """Return what changed, and today's request with only some of the news."""
    before = _News({i.id: i for v in views(old) for i in v.indicators.values()}, answers(old))
    read = (n for n in used(now) if _of(now.view, n) != _of(old, n))
    told = (
        answer_name(question, known)
        for question, known in answers(now.view).items()
        if known != before.answers.get(question, ())
    )
    changed = (*read, *told)
    orders = sharing(changed)
    subsets = {
        group: replace(now, view=_mix(now.view, before, group))
        for group in coalitions(changed, orders)
        if len(group) < len(changed)
    }
    return changed, orders, subsets


def answer_name(question: str, known: tuple[Resolution, ...]) -> str:
    """Name the answer of a question as news; no indicator is called so."""
    return f"{question}: {known[-1].answer if known else REOPENED}"


def cause_of(name: str) -> str:
    """Say whether news is the reading of an indicator or an answer."""
    return "answer" if ": " in name else "indicator"


def unattributed(now: Request) -> Plan:
    """Return the plan of a move that nobody asks the reasons of."""
    return Plan(now, None, (), None, {})


def worth(plan: Plan, fits: Fits, index: int) -> Callable[[frozenset[str]], float]:
    """Return value `index` as a function of whose new readings are seen."""
    return lambda names: fits[plan.subsets.get(names, plan.now).identity].value[index]


def news_shares(plan: Plan, fits: Fits, index: int) -> dict[str, float]:
    """Return what each indicator's new readings and each new answer did to value `index`."""
    return shares(plan.changed, worth(plan, fits, index), plan.orders)


def movers(plan: Plan, fits: Fits, index: int, was: float | None) -> tuple[Mover, ...]:
    """Return what moved value `index` from `was` (as recorded; None at first), largest first.

    Parts within two Monte Carlo errors are left out: they are no change.
    """
    now = fits[plan.now.identity]
    parts = news_shares(plan, fits, index)
    moves = [Mover(cause_of(name), name, change) for name, change in parts.items()]
    if plan.before and was is not None:
        then = fits[plan.before.identity].value[index]
        moves.append(Mover("time", "time passing", start(plan, fits, index) - then))
        moves.append(Mover(plan.cause, _CAUSES[plan.cause], then - was))
    noise = 2 * math.hypot(now.error[index], now.error[index])
    kept = [m for m in moves if abs(m.change) > max(noise, 5e-4)]
    return tuple(sorted(kept, key=lambda m: -abs(m.change)))


def start(plan: Plan, fits: Fits, index: int) -> float:
    """Return the value with none of the new readings: where the indicators' shares begin."""
    return worth(plan, fits, index)(frozenset())


def _cause(now: Request, previous: Forecast | None) -> str:
    """Say what besides time and readings tells this view of then from what was recorded of it.

    The engine where only that differs; else something in the book: the question, its model, an
    indicator's definition, or a reading changed in place.
    """
    if previous is None:
        return FILE
    digests = now.spec.digest, now.view.question.digest
    same = digests == (previous.model_digest, previous.question_digest)
    return ENGINE if same and previous.detail.get("engine") != engine_mark() else FILE


def _mix(now: View, before: _News, names: frozenset[str]) -> View:
    """Return `now` with the earlier readings and answers (or none) of all that is not named."""
    read, earlier = before

    def choose(indicator: Indicator) -> Indicator:
        if indicator.id in names:
            return indicator
        readings = read[indicator.id].observations if indicator.id in read else ()
        return replace(indicator, observations=readings)

    told = {
        question: known if answer_name(question, known) in names else earlier.get(question, ())
        for question, known in answers(now).items()
    }
    return with_answers(map_indicators(now, choose), told)


def _of(view: View, name: str) -> list[tuple[Observation, ...]]:
    return [v.readings(name) for v in views(view) if name in v.indicators]


def seen(request: Request) -> dict[str, int]:
    """Return the last row of each indicator that a request saw, for its forecast's record."""
    rows: dict[str, int] = {}
    for view in views(request.view):
        for name, indicator in view.indicators.items():
            rows[name] = max([rows.get(name, 0), *(o.row for o in indicator.observations)])
    return rows
