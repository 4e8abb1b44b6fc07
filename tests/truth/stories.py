"""Simulated worlds in which the truth is known: what each family says happens, told forwards.

A story draws parameters from what a file states as prior, lets readings come and days pass, and
ends at a knowledge date on which nothing has happened yet (worlds in which it had are thrown away,
so that the parameters of those left follow the prior given survival). Nothing here comes from the
package's models: plain NumPy, written from the documented formulas, so that a mistake in a model
shows. Days count from the clock's; arrays over days hold day d + 1 at index d.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy import special, stats

from forecast.domain import (
    AsOf,
    Indicator,
    IndicatorKind,
    ModelSpec,
    Observation,
    Question,
    QuestionType,
    Timing,
    View,
)
from forecast.families import get
from forecast.verbs.fitting import Request
from tests.exact import TAIL, elicited, waiting
from tests.posterior_books import CLOCK, on

type Array = np.ndarray
type Draws = Mapping[str, Array]
type Rng = np.random.Generator


@dataclass(frozen=True)
class Story:
    """One world up to its knowledge date.

    Attributes:
        request: the question as the package sees it.
        truth: the true parameters by the names the model gives them.
        log_likelihood: the probability, but for a constant, of all that was seen, at each of n
            draws of the parameters (n, …).
        p: the true probabilities given the parameters and all that was seen; None where only a
            simulation could tell.
        came: what then happened: 0 or 1 for each probability, or the number that was asked for.
    """

    request: Request
    truth: Draws
    log_likelihood: Callable[[Draws], Array] = field(repr=False)
    p: Array | None
    came: Array


type Teller = Callable[[Rng], Story | None]


def ask(
    family: str,
    stated: Mapping[str, Any],
    now: int,
    rungs: tuple[int, ...],
    *indicators: Indicator,
    **question: Any,
) -> Request:
    """Return the request for a question of one model on day `now`."""
    options = get(family).Options.model_validate({"family": family, **stated})
    spec = ModelSpec("main", family, options)
    asked = Question(
        "q",
        "Will it?",
        **{"type": QuestionType.BINARY, "opens": CLOCK, "clock": CLOCK} | question,
        deadlines=tuple(on(rung) for rung in rungs),
        models=(spec,),
    )
    return Request(spec, View(asked, AsOf.at(on(now), "UTC"), {i.id: i for i in indicators}))


def event(name: str, *days: int) -> Indicator:
    """Return an event indicator that was heard of on these days."""
    seen = tuple(Observation(on(day), on(day), value=1.0) for day in days)
    return Indicator(name, IndicatorKind.EVENT, observations=seen)


def level(name: str, *readings: Observation) -> Indicator:
    """Return a level with these readings."""
    return Indicator(name, IndicatorKind.LEVEL, observations=readings)


def ratio(low: float, high: float) -> tuple[float, float]:
    """Return mean and sd of the log of a ratio with this 80% interval."""
    return math.log(low * high) / 2, math.log(high / low) / (2 * TAIL)


def first_day(rng: Rng, daily: Array) -> float:
    """Return the day on which an event of these daily cumulative hazards comes, or infinity."""
    reached = np.flatnonzero(np.cumsum(daily) > rng.exponential())
    return float(reached[0] + 1) if reached.size else math.inf


def by(day: float, rungs: tuple[int, ...]) -> Array:
    """Return 1 for each rung by which something that came on `day` has come."""
    return np.array([float(day <= rung) for rung in rungs])


# base_rate


def base_rate_of_cases(rng: Rng) -> Story | None:
    """A share of cases, Beta(2.5, 3.5) over six days."""
    return _constant(
        rng, {"cases": 5, "exposure": 6}, rng.beta(2.5, 3.5), "p_case", lambda p: -np.log1p(-p) / 6
    )


def base_rate_of_recurrent_events(rng: Rng) -> Story | None:
    """A rate, Gamma(2.5, 12)."""
    return _constant(rng, {"exposure": 12}, rng.gamma(2.5, 1 / 12), "rate", lambda rate: rate)


def _constant(
    rng: Rng, stated: dict[str, int], truth: float, name: str, daily: Callable[[Any], Any]
) -> Story | None:
    now, rungs = int(rng.integers(0, 7)), (8, 14)
    day = first_day(rng, np.full(60, daily(truth)))
    if day <= now:
        return None
    reference = {"name": "cases", "events": 2, **stated}
    return Story(
        request=ask("base_rate", {"reference_class": reference}, now, rungs),
        truth={name: np.array(truth)},
        log_likelihood=lambda draws: -now * daily(draws[name]),
        p=-np.expm1(-daily(truth) * (np.array(rungs) - now)),
        came=by(day, rungs),
    )


# hazard

_TIMED = {"name": "cases", "events": 2, "cases": 5, "exposure": 12}
_RECURRENT = {"name": "cases", "events": 2, "exposure": 12}


type Ratios = tuple[tuple[float, float], ...]


def hazard(rng: Rng) -> Story | None:
    """A daily hazard of which little is known, and three indicators."""
    return _hazard(rng, _TIMED, ((0.5, 8.0), (0.4, 3.0), (1.0, 4.0)))


def hazard_well_known(rng: Rng) -> Story | None:
    """The same of which much is known: a day too many, or a reading misplaced, would show."""
    many = {"name": "cases", "events": 200, "cases": 500, "exposure": 12}
    return _hazard(rng, many, ((3.0, 4.0), (0.85, 0.95), (1.2, 1.3)))


def _hazard(rng: Rng, reference: Mapping[str, Any], ratios: Ratios) -> Story | None:
    """An event that fades, an uncertain level, and a level that drifts, on a daily hazard."""
    now, rungs = int(rng.integers(3, 13)), (14, 20)
    days = np.arange(1, rungs[-1] + 1)
    events, others = reference["events"], reference["cases"] - reference["events"]
    truth = {
        "p_case": rng.beta(events + 0.5, others + 0.5),
        "log_hazard_ratio": rng.normal(*np.transpose([ratio(*each) for each in ratios])),
        "reading_z": rng.normal(size=1),
        "drift_z": rng.normal(size=1),
    }
    heard, read, turned = (int(day) for day in rng.integers((1, 0, 1), now + 1))
    middle, half = rng.normal(60, 10), rng.uniform(5, 15)
    late = 100 + rng.normal(0, 60)

    fading = 0.5 ** (np.maximum(days - now, 0) / 3)
    x_event = ((days >= heard) & (np.minimum(days, now) - heard < 4)) * fading
    x_level = (middle - 50) / 10 * (days >= read)
    sd_level = half / TAIL / 10 * (days >= read)
    x_walk = (late - 100) / 50 * (days >= turned)
    walk = abs(late - 100) / 50 / math.sqrt(now) * np.sqrt(np.maximum(days - now, 0))

    def daily(draws: Draws) -> Array:
        b, z, w = (np.atleast_2d(draws[n]) for n in ("log_hazard_ratio", "reading_z", "drift_z"))
        base = np.log(-np.log1p(-np.atleast_1d(draws["p_case"])) / 12)[:, None]
        level, drifting = x_level + z * sd_level, x_walk + w * walk
        return np.exp(base + b[:, :1] * x_event + b[:, 1:2] * level + b[:, 2:] * drifting)

    mine = daily(truth)[0]
    day = first_day(rng, mine)
    if day <= now:
        return None
    uses = [
        {"use": "w", "lasts": 4, "ahead": {"fade": 3}},
        {"use": "l", "per": 10, "baseline": 50},
        {"use": "d", "per": 50, "baseline": 100, "ahead": "drift"},
    ]
    stated = [{**use, "hazard_ratio": list(r)} for use, r in zip(uses, ratios, strict=True)]
    return Story(
        request=ask(
            "hazard",
            {"reference_class": reference, "indicators": stated},
            now,
            rungs,
            event("w", heard),
            level("l", Observation(on(read), on(read), low=middle - half, high=middle + half)),
            level(
                "d",
                Observation(on(0), on(0), value=100.0),
                Observation(on(turned), on(turned), value=late),
            ),
        ),
        truth=truth,
        log_likelihood=lambda draws: -daily(draws)[:, :now].sum(axis=1),
        p=np.array([-np.expm1(-mine[now:rung].sum()) for rung in rungs]),
        came=by(day, rungs),
    )


def hazard_with_episodes(rng: Rng) -> Story | None:
    """A level whose worth is learned from six past episodes of up to twenty days."""
    now, rungs, longest = int(rng.integers(2, 10)), (12, 18), 20
    truth = {
        "p_case": np.array(rng.beta(2.5, 3.5)),
        "log_hazard_ratio": rng.normal(*ratio(0.3, 8), size=1),
    }
    stood, read = rng.normal(size=6), float(rng.normal())

    def daily(draws: Draws, x: Any) -> Array:
        base = -np.log1p(-np.atleast_1d(draws["p_case"])) / 12
        return base * np.exp(np.atleast_2d(draws["log_hazard_ratio"])[:, 0] * x)

    ends = [first_day(rng, np.full(longest, daily(truth, x))) for x in stood]
    day = first_day(rng, np.full(60, daily(truth, read)))
    if day <= now:
        return None

    def log_likelihood(draws: Draws) -> Array:
        total = -now * daily(draws, read)
        for x, end in zip(stood, ends, strict=True):
            each = daily(draws, x)
            if end <= longest:
                total = total - (end - 1) * each + np.log(-np.expm1(-each))
            else:
                total = total - longest * each
        return total

    past = [
        {
            "name": f"episode {k}",
            "begins": str(on(-60 * (k + 1))),
            "ends": str(on(int(min(end, longest)) - 60 * (k + 1))),
            "outcome": "yes" if end <= longest else "no",
            "readings": {"l": float(x)},
        }
        for k, (x, end) in enumerate(zip(stood, ends, strict=True))
    ]
    uses = [{"use": "l", "hazard_ratio": [0.3, 8]}]
    return Story(
        request=ask(
            "hazard",
            {"reference_class": _TIMED, "indicators": uses, "episodes": past},
            now,
            rungs,
            level("l", Observation(on(0), on(0), value=read)),
        ),
        truth=truth,
        log_likelihood=log_likelihood,
        p=-np.expm1(-daily(truth, read) * (np.array(rungs) - now)),
        came=by(day, rungs),
    )


# reports


@dataclass(frozen=True)
class _Reports:
    """Reports with an expected time, each heard by now or not, the first two echoing one leak."""

    if_yes: tuple[tuple[float, float], ...]
    if_no: tuple[tuple[float, float], ...]
    within: tuple[float, float]
    rho: float

    def draw(self, rng: Rng) -> dict[str, Array]:
        """Return the probabilities of the reports under either hypothesis."""
        sides = {"p_if_yes": self.if_yes, "p_if_no": self.if_no}
        return {n: np.array([rng.beta(*elicited(*c)) for c in side]) for n, side in sides.items()}

    def expected(self, now: int) -> float:
        """Return the probability that a report that comes has come by now."""
        time = stats.lognorm(ratio(*self.within)[1], scale=math.exp(ratio(*self.within)[0]))
        return float(time.cdf(now))

    def hear(self, rng: Rng, chances: Array, now: int) -> Array:
        """Return which reports have come by now, under the chances of what is true."""
        latent = rng.normal(size=len(chances))
        latent[:2] = math.sqrt(1 - self.rho) * latent[:2] + math.sqrt(self.rho) * rng.normal()
        ever = latent < special.ndtri(chances)
        return ever & (rng.random(len(chances)) < self.expected(now))

    def log_likelihood(self, chances: Array, came: Array, now: int) -> Array:
        """Return the log probability of what was heard, at chances (n, reports)."""
        chances, by_now = np.atleast_2d(chances), self.expected(now)
        alone = np.where(came, chances, 1 - chances * by_now)[:, 2:]
        u, w = np.polynomial.hermite_e.hermegauss(64)
        threshold = special.ndtri(chances[:, :2, None])
        given = special.ndtr((threshold - math.sqrt(self.rho) * u) / math.sqrt(1 - self.rho))
        both = np.where(came[:2, None], given, 1 - by_now * given).prod(axis=1)
        return np.log(alone).sum(axis=1) + np.log(both @ w / w.sum())

    def uses(self, **more: Any) -> list[dict[str, Any]]:
        """Return the reports as a file states them."""
        return [
            {
                "use": f"r{k}",
                "p_if_yes": list(yes),
                "p_if_no": list(no),
                "expected_within": list(self.within),
                **({"group": "leak"} if k < 2 else {}),
                **more,
            }
            for k, (yes, no) in enumerate(zip(self.if_yes, self.if_no, strict=True))
        ]

    def indicators(self, came: Array) -> list[Indicator]:
        """Return the reports' indicators, those that came heard of on day 1."""
        return [event(f"r{k}", *([1] if here else [])) for k, here in enumerate(came)]

    @property
    def groups(self) -> dict[str, Any]:
        """Return the groups as a file states them."""
        return {"leak": {"rho": self.rho}}


_REPORTS = _Reports(
    if_yes=((0.6, 0.95), (0.5, 0.9), (0.3, 0.8)),
    if_no=((0.1, 0.5), (0.05, 0.4), (0.4, 0.9)),
    within=(2.0, 12.0),
    rho=0.5,
)


def evidence_of_a_state(rng: Rng) -> Story | None:
    """A hypothesis, true or not from the start, and reports of it."""
    now = int(rng.integers(2, 20))
    truth = {"prior": np.array(rng.beta(*elicited(0.2, 0.7))), **_REPORTS.draw(rng)}
    holds = rng.random() < truth["prior"]
    came = _REPORTS.hear(rng, truth["p_if_yes" if holds else "p_if_no"], now)

    def weights(draws: Draws) -> tuple[Array, Array]:
        yes = _REPORTS.log_likelihood(draws["p_if_yes"], came, now)
        no = _REPORTS.log_likelihood(draws["p_if_no"], came, now)
        return np.log(draws["prior"]) + yes, np.log1p(-draws["prior"]) + no

    yes, no = weights(truth)
    return Story(
        request=ask(
            "evidence",
            {"prior": [0.2, 0.7], "indicators": _REPORTS.uses(), "groups": _REPORTS.groups},
            now,
            (25,),
            *_REPORTS.indicators(came),
            timing=Timing.ON,
        ),
        truth=truth,
        log_likelihood=lambda draws: np.logaddexp(*weights(draws)),
        p=special.expit(yes - no),
        came=np.array([float(holds)]),
    )


# intent

_WAITING = ("weibull", 3.0, 25.0)


def intent(rng: Rng) -> Story | None:
    """Meant or not; if meant it comes after some wait, sooner after a sign; reports tell of it."""
    now, rungs = int(rng.integers(3, 13)), (14, 24)
    truth = {
        "intent": np.array(rng.beta(2.5, 3.5)),
        "log_hazard_ratio": rng.normal(*ratio(0.5, 6), size=1),
        **_REPORTS.draw(rng),
    }
    meant = rng.random() < truth["intent"]
    came = _REPORTS.hear(rng, truth["p_if_yes" if meant else "p_if_no"], now)
    sign = int(rng.integers(1, now + 1))
    days = np.arange(1, rungs[-1] + 1)
    x = ((days >= sign) & (np.minimum(days, now) - sign < 5)).astype(float)
    wait = waiting(*_WAITING, rungs[-1])

    def daily(draws: Draws) -> Array:
        return wait * np.exp(np.atleast_2d(draws["log_hazard_ratio"]) * x)

    def weights(draws: Draws) -> tuple[Array, Array]:
        lived = -daily(draws)[:, :now].sum(axis=1)
        yes = _REPORTS.log_likelihood(draws["p_if_yes"], came, now) + lived
        no = _REPORTS.log_likelihood(draws["p_if_no"], came, now)
        return np.log(draws["intent"]) + yes, np.log1p(-draws["intent"]) + no

    day = first_day(rng, daily(truth)[0]) if meant else math.inf
    if day <= now:
        return None
    yes, no = weights(truth)
    ahead = np.array([-np.expm1(-daily(truth)[0, now:rung].sum()) for rung in rungs])
    timing = {"use": "s", "moves": "timing", "hazard_ratio": [0.5, 6], "lasts": 5, "ahead": "hold"}
    shape, *interval = _WAITING
    return Story(
        request=ask(
            "intent",
            {
                "reference_class": _TIMED,
                "waiting": {"shape": shape, "interval": interval},
                "indicators": [*_REPORTS.uses(moves="intent"), timing],
                "groups": _REPORTS.groups,
            },
            now,
            rungs,
            event("s", sign),
            *_REPORTS.indicators(came),
        ),
        truth=truth,
        log_likelihood=lambda draws: np.logaddexp(*weights(draws)),
        p=special.expit(yes - no) * ahead,
        came=by(day, rungs),
    )


def evidence_that_arrives(rng: Rng) -> Story | None:
    """A hypothesis whose event comes after some wait if it is true, and reports of it."""
    now, rungs = int(rng.integers(3, 13)), (14, 24)
    truth = {"prior": np.array(rng.beta(*elicited(0.3, 0.8))), **_REPORTS.draw(rng)}
    holds = rng.random() < truth["prior"]
    came = _REPORTS.hear(rng, truth["p_if_yes" if holds else "p_if_no"], now)
    daily = waiting("lognormal", 4.0, 30.0, rungs[-1])
    day = first_day(rng, daily) if holds else math.inf
    if day <= now:
        return None

    def weights(draws: Draws) -> tuple[Array, Array]:
        yes = _REPORTS.log_likelihood(draws["p_if_yes"], came, now) - daily[:now].sum()
        no = _REPORTS.log_likelihood(draws["p_if_no"], came, now)
        return np.log(draws["prior"]) + yes, np.log1p(-draws["prior"]) + no

    yes, no = weights(truth)
    ahead = np.array([-np.expm1(-daily[now:rung].sum()) for rung in rungs])
    return Story(
        request=ask(
            "evidence",
            {
                "prior": [0.3, 0.8],
                "arrives": {"interval": [4, 30], "shape": "lognormal"},
                "indicators": _REPORTS.uses(),
                "groups": _REPORTS.groups,
            },
            now,
            rungs,
            *_REPORTS.indicators(came),
        ),
        truth=truth,
        log_likelihood=lambda draws: np.logaddexp(*weights(draws)),
        p=special.expit(yes - no) * ahead,
        came=by(day, rungs),
    )


# competing_risks


def competing_risks(rng: Rng) -> Story | None:
    """Two constant hazards race."""
    now, last = int(rng.integers(0, 7)), 14
    truth = {
        "war::p_case": np.array(rng.beta(2.5, 3.5)),
        "truce::rate": np.array(rng.gamma(1.5, 1 / 10)),
    }

    def daily(draws: Draws) -> Array:
        war = -np.log1p(-np.atleast_1d(draws["war::p_case"])) / 12
        return np.stack([war, np.atleast_1d(draws["truce::rate"])])

    war, truce = daily(truth)[:, 0]
    when = rng.exponential(1 / np.array([war, truce]))
    if when.min() <= now:
        return None
    first = int(np.argmin(when)) if when.min() <= last else 2
    none = math.exp(-(war + truce) * (last - now))
    share = (1 - none) / (war + truce)
    causes = {
        "war": {"reference_class": _TIMED},
        "truce": {"reference_class": {"name": "truces", "events": 1, "exposure": 10}},
    }
    return Story(
        request=ask(
            "competing_risks",
            {"causes": causes, "none": "neither"},
            now,
            (last,),
            type=QuestionType.MULTIPLE_CHOICE,
            options=("war", "truce", "neither"),
        ),
        truth=truth,
        log_likelihood=lambda draws: -now * daily(draws).sum(axis=0),
        p=np.array([war * share, truce * share, none]),
        came=np.eye(3)[first],
    )


# conditional


def conditional(rng: Rng) -> Story | None:
    """B's hazard changes once A, which has a constant hazard of its own, has come."""
    now, rungs = int(rng.integers(0, 8)), (12, 18)
    truth = {
        "given::rate": np.array(rng.gamma(2.5, 1 / 12)),
        "p_case": np.array(rng.beta(2.5, 3.5)),
        "log_ratio_after": np.array(rng.normal(*ratio(0.3, 10))),
    }

    def hazards(draws: Draws) -> tuple[Array, Array, Array]:
        quiet = -np.log1p(-draws["p_case"]) / 12
        return draws["given::rate"], quiet, quiet * np.exp(draws["log_ratio_after"])

    given, quiet, after = hazards(truth)
    first, second = rng.exponential(size=2)
    came = first / given
    day = second / quiet if second / quiet < came else came + (second - quiet * came) / after
    if min(came, day) <= now:
        return None
    ahead, leaving = np.array(rungs) - now, given + quiet
    neither = np.exp(-leaving * ahead)
    alone = given * (np.exp(-after * ahead) - neither) / (leaving - after)
    a = ask("base_rate", {"reference_class": _RECURRENT}, now, rungs)
    b = ask(
        "conditional",
        {
            "reference_class": _TIMED,
            "given": {"question": "a"},
            "after": {"hazard_ratio": [0.3, 10]},
        },
        now,
        rungs,
    )
    part = replace(a.view, question=replace(a.view.question, id="a"))
    return Story(
        request=replace(b, view=replace(b.view, parts={"a": part})),
        truth=truth,
        log_likelihood=lambda draws: -now * np.atleast_1d(sum(hazards(draws)[:2])),
        p=1 - neither - alone,
        came=by(day, rungs),
    )


# trend


def trend_of_a_level(rng: Rng) -> Story | None:
    """GARCH(1,1) returns with Student-t shocks, and the level five fixings on."""
    readings, ahead = 120, 5
    calm, tail = rng.lognormal(math.log(0.005), 1.5), rng.gamma(2, 10)
    persistence, share = rng.beta(8, 1.5), rng.beta(2, 10)
    truth = {"calm": calm, "persistence": persistence, "reaction": share, "tail": tail}
    shocks = rng.standard_t(tail + 2, size=readings + ahead) * math.sqrt(tail / (tail + 2))
    moves = np.empty(readings + ahead)
    variance = calm**2
    for step, shock in enumerate(shocks):
        moves[step] = math.sqrt(variance) * shock
        variance = (
            calm**2 * (1 - persistence * (1 - share))
            + persistence * share * moves[step] ** 2
            + persistence * (1 - share) * variance
        )
    levels = 100 * np.exp(np.cumsum(np.append(0.0, moves)))
    if not (np.isfinite(levels).all() and levels.min() > 1e-100):
        return None
    seen = moves[:readings]
    return _numeric(IndicatorKind.LEVEL, levels, ahead, truth, lambda draws: _garch(draws, seen))


def _garch(draws: Draws, moves: Array) -> Array:
    """Return the log likelihood of returns whose first variance is their mean square."""
    calm, persistence, share, tail = (
        np.atleast_1d(draws[name]) for name in ("calm", "persistence", "reaction", "tail")
    )
    variance, total = np.full(len(calm), np.mean(moves**2)), np.zeros(len(calm))
    for move in moves:
        spread = np.sqrt(variance * tail / (tail + 2))
        total += stats.t.logpdf(move / spread, tail + 2) - np.log(spread)
        variance = (
            calm**2 * (1 - persistence * (1 - share))
            + persistence * share * move**2
            + persistence * (1 - share) * variance
        )
    return total


def trend_of_a_count(rng: Rng) -> Story | None:
    """Negative binomial counts whose rate follows them, and the count three periods on."""
    readings, ahead = 60, 3
    mean, size = rng.normal(0, 5), rng.lognormal(0, 1.5)
    persistence, share = rng.beta(4, 1.5), rng.beta(2, 2)
    truth = {"log_rate": mean, "persistence": persistence, "reaction": share, "size": size}
    counts = np.empty(readings + ahead)
    rate = mean
    for step in range(readings + ahead):
        if rate > 25:
            return None
        counts[step] = rng.poisson(rng.gamma(size, math.exp(rate) / size))
        rate = _next_rate(truth, counts[step], rate)
    seen = counts[:readings]
    return _numeric(IndicatorKind.COUNT, counts, ahead, truth, lambda draws: _counted(draws, seen))


def _next_rate(draws: Draws, count: float, rate: Any) -> Any:
    mean, phi, share = (draws[name] for name in ("log_rate", "persistence", "reaction"))
    follow = phi * share * (math.log1p(count) - mean)
    return mean + follow + phi * (1 - share) * (rate - mean)


def _counted(draws: Draws, counts: Array) -> Array:
    size, rate = np.atleast_1d(draws["size"]), np.atleast_1d(draws["log_rate"])
    total = np.zeros(len(size))
    for count in counts:
        total += stats.nbinom.logpmf(count, size, size / (size + np.exp(rate)))
        rate = _next_rate(draws, count, rate)
    return total


def _numeric(
    kind: IndicatorKind,
    values: Array,
    ahead: int,
    truth: Mapping[str, float],
    log_likelihood: Callable[[Draws], Array],
) -> Story:
    """Return the story of a number asked for `ahead` days after a daily series' last reading."""
    last = len(values) - 1 - ahead
    seen = tuple(
        Observation(on(d), on(d), value=float(v)) for d, v in enumerate(values[: last + 1])
    )
    return Story(
        request=ask(
            "trend",
            {"series": "series", "calendar": "daily"},
            last,
            (last + ahead,),
            Indicator("series", kind, observations=seen),
            type=QuestionType.NUMERIC,
        ),
        truth={key: np.array(value) for key, value in truth.items()},
        log_likelihood=log_likelihood,
        p=None,
        came=values[-1:],
    )


STORIES: dict[str, Teller] = {
    teller.__name__: teller
    for teller in (
        base_rate_of_cases,
        base_rate_of_recurrent_events,
        hazard,
        hazard_well_known,
        hazard_with_episodes,
        intent,
        evidence_of_a_state,
        evidence_that_arrives,
        competing_risks,
        conditional,
        trend_of_a_level,
        trend_of_a_count,
    )
}
