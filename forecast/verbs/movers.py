"""What moved a number: the same model refitted as if each thing had not changed.

From the last forecast to this one the steps are, in this order: the file and engine (what the
current model says of the last view, against what was recorded), time passing (the last readings,
seen from today), and then each indicator with new readings. Indicators share their joint effect by
Shapley's rule (every subset refitted), so the parts add up to the whole move exactly. Without an
earlier forecast the start is the same model with no readings at all.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from forecast.domain import Forecast, Indicator, Observation, View
from forecast.verbs.fitting import Fit, Request

# Beyond this many changed indicators every subset (2**n refits) is too many: the weakest ground
# for a fair share is then one at a time, in the order of the file.
SHAPLEY_LIMIT = 6


@dataclass(frozen=True, slots=True)
class Mover:
    """One reason a number moved: `cause` is file, engine, time or indicator."""

    cause: str
    name: str
    change: float


type Fits = Mapping[tuple[str, str], Fit]


@dataclass(frozen=True, slots=True)
class Plan:
    """The refits that attribute one move.

    `before` is the earlier forecast's view under today's model (None when there was none);
    `subsets` today's view with the new readings of only some of the `changed` indicators; `same`
    says whether question and model stand as they did.
    """

    now: Request
    before: Request | None
    changed: tuple[str, ...]
    subsets: Mapping[frozenset[str], Request]
    same: bool

    @property
    def requests(self) -> list[Request]:
        """Every request of the plan, today's first."""
        return [self.now, *([self.before] if self.before else []), *self.subsets.values()]


def plan(now: Request, previous: Forecast | None = None, then: Request | None = None) -> Plan:
    """Plan the refits for the move from `previous` to `now`.

    `then` is what today's model could see at the earlier forecast's knowledge date; without one the
    start is today's view with no readings. What was only elicited since counts as read since.
    """
    if previous is None or then is None:
        blank = _mix(now.view, {}, frozenset())
        return Plan(now, None, *_subsets(now, blank), same=True)
    then = replace(then, view=_as_seen(then.view, previous.detail.get("seen", {})))
    watched = set(_used(then))
    indicators = {i.id: i for v in _views(then.view) for i in v.indicators.values()}
    old = _mix(now.view, {k: i for k, i in indicators.items() if k in watched}, frozenset())
    return Plan(now, then, *_subsets(now, old), same=_same(now, previous))


def _subsets(now: Request, old: View) -> tuple[tuple[str, ...], dict[frozenset[str], Request]]:
    """Return the changed indicators, and today's request with only some of their new readings."""
    changed = tuple(n for n in _used(now) if _of(now.view, n) != _of(old, n))
    before = {i.id: i for v in _views(old) for i in v.indicators.values()}
    return changed, {
        group: replace(now, view=_mix(now.view, before, group))
        for group in _coalitions(changed)
        if len(group) < len(changed)
    }


def unattributed(now: Request) -> Plan:
    """Return the plan of a move that nobody asks the reasons of."""
    return Plan(now, None, (), {}, same=True)


def movers(plan: Plan, fits: Fits, index: int, was: float | None) -> tuple[Mover, ...]:
    """Return what moved value `index` from `was` (as recorded; None at first), largest first.

    Parts within two Monte Carlo errors are left out: they are no change.
    """
    now = fits[plan.now.identity]

    def worth(names: frozenset[str]) -> float:
        return fits[plan.subsets.get(names, plan.now).identity].value[index]

    shares = _shares(plan.changed, worth)
    moves = [Mover("indicator", name, change) for name, change in shares.items()]
    if plan.before and was is not None:
        then = fits[plan.before.identity].value[index]
        moves.append(Mover("time", "time passing", worth(frozenset()) - then))
        cause = "engine" if plan.same else "file"
        moves.append(
            Mover(
                cause, {"engine": "engine changed", "file": "your file changed"}[cause], then - was
            )
        )
    noise = 2 * math.hypot(now.error[index], now.error[index])
    kept = [m for m in moves if abs(m.change) > max(noise, 5e-4)]
    return tuple(sorted(kept, key=lambda m: -abs(m.change)))


def start(plan: Plan, fits: Fits, index: int) -> float:
    """Return the value with none of the new readings: where the indicators' shares begin."""
    return fits[plan.subsets.get(frozenset(), plan.now).identity].value[index]


def _same(now: Request, previous: Forecast) -> bool:
    digests = now.spec.digest, now.view.question.digest
    return digests == (previous.model_digest, previous.question_digest)


def _shares(players: Sequence[str], worth: Callable[[frozenset[str]], float]) -> dict[str, float]:
    """Shapley values of `players` (Shapley 1953), or one-at-a-time steps when there are many."""
    if len(players) > SHAPLEY_LIMIT:
        steps = [frozenset(players[:k]) for k in range(len(players) + 1)]
        return {p: worth(steps[k + 1]) - worth(steps[k]) for k, p in enumerate(players)}
    n = len(players)
    shares = dict.fromkeys(players, 0.0)
    for player in players:
        others = [p for p in players if p != player]
        for size in range(n):
            weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
            for group in itertools.combinations(others, size):
                without = frozenset(group)
                shares[player] += weight * (worth(without | {player}) - worth(without))
    return shares


def _coalitions(players: Sequence[str]) -> Iterable[frozenset[str]]:
    if len(players) > SHAPLEY_LIMIT:
        return [frozenset(players[:k]) for k in range(len(players) + 1)]
    sizes = range(len(players) + 1)
    return [frozenset(c) for k in sizes for c in itertools.combinations(players, k)]


def _as_seen(view: View, rows: Mapping[str, int]) -> View:
    """Return a view without rows that were written, for an earlier day, after it was looked at."""

    def keep(indicator: Indicator) -> Indicator:
        last = rows.get(indicator.id, math.inf)
        return replace(
            indicator, observations=tuple(o for o in indicator.observations if o.row <= last)
        )

    return _map_indicators(view, keep)


def _mix(now: View, before: Mapping[str, Indicator], names: frozenset[str]) -> View:
    """Return `now` with the earlier readings (or none) of every indicator not among `names`."""

    def choose(indicator: Indicator) -> Indicator:
        if indicator.id in names:
            return indicator
        readings = before[indicator.id].observations if indicator.id in before else ()
        return replace(indicator, observations=readings)

    return _map_indicators(now, choose)


def _map_indicators(view: View, change: Callable[[Indicator], Indicator]) -> View:
    indicators = {name: change(i) for name, i in view.indicators.items()}
    parts = {name: _map_indicators(part, change) for name, part in view.parts.items()}
    return replace(view, indicators=indicators, parts=parts)


def _views(view: View) -> Iterable[View]:
    yield view
    for part in view.parts.values():
        yield from _views(part)


def _used(request: Request) -> list[str]:
    """Indicators behind a request: its model's own, in the order of the file, then its parts'."""
    parts = [n for v in request.view.parts.values() for w in _views(v) for n in w.indicators]
    return list(dict.fromkeys([*request.spec.options.uses(), *parts]))


def _of(view: View, name: str) -> list[tuple[Observation, ...]]:
    return [v.readings(name) for v in _views(view) if name in v.indicators]


def seen(request: Request) -> dict[str, int]:
    """Return the last row of each indicator that a request saw, for its forecast's record."""
    rows: dict[str, int] = {}
    for view in _views(request.view):
        for name, indicator in view.indicators.items():
            rows[name] = max([rows.get(name, 0), *(o.row for o in indicator.observations)])
    return rows
