"""Questions whose probabilities are known: each function's docstring is the model in its file.

What it returns are the exact values, one a rung (or option), by closed form, quadrature or
enumeration (tests/exact.py). Days count from the clock, 2021-11-01; events are given by theirs.
"""

from __future__ import annotations

import numpy as np

from tests.exact import (
    Rule,
    beta,
    by_now,
    crises,
    cure,
    echoes,
    elicited,
    gamma,
    grid,
    hanging,
    hazard,
    mean_of,
    normal,
    race,
    ratio,
    waiting,
)
from tests.posterior_books import CASES, CRISES, case, indicator, on, question

TRUCES = "reference_class: {name: truces, events: 2, exposure: 1127 days}"
CHOICE = "type: multiple_choice\noptions: [war, truce, neither]"
MEANT = 6.5 / 76
DAYS = np.arange(1, 401)


# base_rate


@case(rungs=(120, 242))
def base_rate_of_cases() -> list[float]:
    """family: base_rate"""
    return [0.0211179, 0.0782881]


@case(rungs=(242,), head=TRUCES)
def base_rate_of_recurrent_events() -> list[float]:
    """family: base_rate"""
    return [0.2746333]


@case(head=CRISES.replace("}", ", relevance: .5}"))
def base_rate_of_half_relevance() -> list[float]:
    """family: base_rate"""
    return hazard(crises(0.5), 77, (120,))


@case(rungs=(120, 242), head=CRISES.replace("}", ", relevance: 0}"))
def base_rate_of_no_relevance() -> list[float]:
    """family: base_rate"""
    share = beta(0.5, 0.5, 400)
    return hazard(Rule(-np.log1p(-share.nodes) / 180, share.weights), 77, (120, 242))


@case(now=-20)
def base_rate_before_the_clock() -> list[float]:
    """family: base_rate"""
    return hazard(crises(), 0, (120,))


@case(rungs=(60, 77, 120))
def base_rate_with_rungs_that_are_over() -> list[float]:
    """family: base_rate"""
    return [0, 0, 0.0211179]


@case(head=f"{CRISES}\ntiming: on")
def base_rate_of_a_state() -> list[float]:
    """family: base_rate"""
    return [MEANT]


# hazard


@case({"w": (60,)})
def hazard_of_one_indicator() -> list[float]:
    """
    family: hazard
    indicators: [{use: w, hazard_ratio: [1.2, 3.0], lasts: 1 year, ahead: hold}]
    """
    return [0.0418727]


@case({"w": (60,), "v": (70,)}, rungs=(90, 120))
def hazard_of_two_indicators() -> list[float]:
    """
    family: hazard
    indicators:
      - {use: w, hazard_ratio: [1.2, 3.0], lasts: 1 year, ahead: hold}
      - {use: v, hazard_ratio: [.3, .9], lasts: 30 days}
    """
    (w, v), weights = grid(ratio(1.2, 3.0), ratio(0.3, 0.9))
    fading = (DAYS >= 70) * 0.5 ** (np.maximum(DAYS - 77, 0) / 30)
    multiple = np.exp(np.outer(w, DAYS >= 60) + np.outer(v, fading))
    return hazard(crises(), 77, (90, 120), multiple, weights)


UNCERTAIN = indicator("troops", "kind: level", "observed_on,low,high", f"{on(20)},80,240")


@case(files=UNCERTAIN)
def hazard_of_an_uncertain_reading() -> list[float]:
    """
    family: hazard
    indicators: [{use: troops, hazard_ratio: [1.2, 3.0], per: 100, baseline: 60}]
    """
    (slope, x), weights = grid(ratio(1.2, 3.0), normal(1.0, 0.8 / 1.2815515655446004))
    return hazard(crises(), 77, (120,), np.exp(np.outer(slope * x, DAYS >= 20)), weights)


DRIFTING = indicator("troops", "kind: level", "observed_on,value", f"{on(0)},100", f"{on(50)},180")


@case(files=DRIFTING, rungs=(120, 242))
def hazard_of_a_drifting_level() -> list[float]:
    """
    family: hazard
    indicators: [{use: troops, hazard_ratio: 3, per: 100, baseline: 100, ahead: drift}]
    """
    w = normal()
    walk = 0.8 / np.sqrt(77) * np.sqrt(np.maximum(DAYS - 77, 0))
    x = 0.8 * (DAYS >= 50) + np.outer(w.nodes, walk)
    return hazard(crises(), 77, (120, 242), 3**x, w.weights)


SHOTS = indicator(
    "shots", "kind: count", "observed_on,value,days", f"{on(40)},150,1", f"{on(76)},2400,2"
)


@case(files=SHOTS)
def hazard_of_a_fading_count() -> list[float]:
    """
    family: hazard
    indicators:
      - use: shots
        hazard_ratio: [1.0, 1.6]
        scale: log
        per: 2
        baseline: 300
        ahead: {fade: 14 days}
    """
    slope = ratio(1.0, 1.6)
    doublings = np.where(DAYS >= 75, np.log2(2400.5 / 2 / 300), np.log2(150.5 / 300))
    x = doublings * (DAYS >= 40) * 0.5 ** (np.maximum(DAYS - 77, 0) / 14)
    return hazard(crises(), 77, (120,), np.exp(np.outer(slope.nodes, x)), slope.weights)


@case({"w": (60,)}, head=TRUCES, rungs=(120, 242))
def hazard_of_recurrent_events() -> list[float]:
    """
    family: hazard
    indicators: [{use: w, hazard_ratio: [.5, 4.0], lasts: 30 days, ahead: {fade: 60 days}}]
    """
    slope = ratio(0.5, 4.0)
    x = (DAYS >= 60) * 0.5 ** (np.maximum(DAYS - 77, 0) / 60)
    multiple = np.exp(np.outer(slope.nodes, x))
    return hazard(gamma(2.5, 1127), 77, (120, 242), multiple, slope.weights)


@case({"w": (60,)}, rungs=(90, 120))
def hazard_that_learned_from_episodes() -> list[float]:
    """
    family: hazard
    indicators: [{use: w, hazard_ratio: [1.2, 3.0], lasts: 60 days, ahead: hold}]
    episodes:
      - {name: the first, outcome: yes, begins: 2015-01-01, ends: 2015-04-01,
         readings: {w: [2015-02-20]}}
      - {name: the second, outcome: no, begins: 2017-01-01, ends: 2017-07-20,
         readings: {w: [2017-01-21]}}
      - {name: not known yet, begins: 2021-01-01, ends: 2022-02-01, outcome: yes}
    """
    (base, slope), weights = grid(crises(), ratio(1.2, 3.0))
    high = np.exp(slope)
    # The report counts on 41 of the first 90 days, the last of them the event's; on 60 of 200.
    quiet = (49 + 40 * high) + (140 + 60 * high)
    learned = weights * np.exp(-base * quiet) * -np.expm1(-base * high)
    learned = learned * np.exp(-base * (59 + 18 * high))
    ahead = [13 * high, 43 * high]
    return [float(1 - learned @ np.exp(-base * d) / learned.sum()) for d in ahead]


@case({"w": (60,)})
def hazard_of_what_was_elicited_later() -> list[float]:
    """
    family: hazard
    indicators: [{use: w, hazard_ratio: [1.2, 3.0], lasts: 1 year, elicited_on: 2022-01-18}]
    """
    return [0.0211179]


# intent

THREE = {"a": (10,), "b": (10,), "c": (10,)}


@case(THREE, means_it=0.2530223)
def intent_of_three_reports() -> list[float]:
    """
    family: intent
    waiting: {interval: [14 days, 150 days], shape: lognormal}
    indicators:
      - {use: a, moves: intent, p_if_yes: .9, p_if_no: .5}
      - {use: b, moves: intent, p_if_yes: .7, p_if_no: .4}
      - {use: c, moves: intent, p_if_yes: .8, p_if_no: .2}
    """
    return [0.1217944]


@case(THREE | {"d": (61,)}, means_it=0.1585307)
def intent_any_day_now() -> list[float]:
    """
    family: intent
    waiting: {interval: [14 days, 150 days], shape: lognormal}
    indicators:
      - {use: a, moves: intent, p_if_yes: .9, p_if_no: .5}
      - {use: b, moves: intent, p_if_yes: .7, p_if_no: .4}
      - {use: c, moves: intent, p_if_yes: .8, p_if_no: .2}
      - {use: d, moves: timing, hazard_ratio: 3, lasts: 1 year, ahead: hold}
    """
    return [0.1364143]


@case({"a": (10,)}, rungs=(60, 90, 120))
def intent_of_weibull_waiting() -> list[float]:
    """
    family: intent
    waiting: {interval: [14 days, 150 days], shape: weibull}
    indicators: [{use: a, moves: intent, p_if_yes: [.6, .95], p_if_no: [.2, .5]}]
    """
    heard = mean_of(0.6, 0.95), mean_of(0.2, 0.5)
    daily = waiting("weibull", 14, 150, 120)
    return cure(MEANT, heard, daily, 77, (60, 90, 120))[0]


@case({"a": (10,), "b": ()}, now=30, rungs=(60, 242))
def intent_of_gamma_waiting_and_silence() -> list[float]:
    """
    family: intent
    waiting: {interval: [14 days, 150 days], shape: gamma}
    indicators:
      - {use: a, moves: intent, p_if_yes: .8, p_if_no: .3}
      - {use: b, moves: intent, p_if_yes: [.5, .9], p_if_no: .1, expected_within: [20, 90 days]}
    """
    come = by_now(20, 90, 30)
    likely = 0.8 * (1 - mean_of(0.5, 0.9) * come), 0.3 * (1 - 0.1 * come)
    return cure(MEANT, likely, waiting("gamma", 14, 150, 242), 30, (60, 242))[0]


@case({"a": (65,)}, rungs=(90, 120))
def intent_moved_both_ways() -> list[float]:
    """
    family: intent
    waiting: {interval: [30 days, 240 days], shape: lognormal}
    indicators:
      - use: a
        moves: both
        p_if_yes: [.6, .9]
        p_if_no: [.3, .6]
        hazard_ratio: [1.0, 4.0]
        lasts: 20 days
    """
    slope = ratio(1.0, 4.0)
    x = (DAYS >= 65) * 0.5 ** (np.maximum(DAYS - 77, 0) / 20)
    daily = waiting("lognormal", 30, 240, len(DAYS)) * np.exp(np.outer(slope.nodes, x))
    heard = mean_of(0.6, 0.9), mean_of(0.3, 0.6)
    return cure(MEANT, heard, daily, 77, (90, 120), slope.weights)[0]


@case({"a": (5,), "b": (50,), "c": ()})
def intent_of_echoes() -> list[float]:
    """
    family: intent
    waiting: {interval: [30 days, 240 days], shape: lognormal}
    groups: {leak: {rho: .6, why: One source.}}
    indicators:
      - {use: a, moves: intent, group: leak, p_if_yes: [.6, .9], p_if_no: [.2, .6]}
      - {use: b, moves: intent, group: leak, p_if_yes: [.5, .8], p_if_no: .25}
      - use: c
        moves: intent
        group: leak
        p_if_yes: .8
        p_if_no: .2
        expected_within: [30 days, 120 days]
    """
    come = by_now(30, 120, 77)
    yes = [beta(*elicited(0.6, 0.9)), beta(*elicited(0.5, 0.8)), 0.8]
    no = [beta(*elicited(0.2, 0.6)), 0.25, 0.2]
    likely = tuple(echoes(side, [True, True, False], 0.6, come) for side in (yes, no))
    return cure(MEANT, likely, waiting("lognormal", 30, 240, 120), 77, (120,))[0]


# evidence


def _ten_echoes(rho: float, likelihood_ratio: float, low: float, high: float) -> None:
    uses = "".join(
        f"\n  - {{use: e{i}, group: leak, p_if_yes: .7, p_if_no: .3}}" for i in range(10)
    )

    def exact() -> list[float]:
        yes = mean_of(low, high) * likelihood_ratio
        return [yes / (yes + 1 - mean_of(low, high))]

    exact.__name__ = f"evidence_of_ten_echoes_at_{rho:g}"
    exact.__doc__ = (
        f"family: evidence\nprior: [{low}, {high}]\ngroups: {{leak: {{rho: {rho}}}}}\n"
        f"indicators:{uses}"
    )
    case({f"e{i}": (5,) for i in range(10)}, head=f"{CRISES}\ntiming: on")(exact)


_ten_echoes(0, 4783.743, 0.0001, 0.0005)
_ten_echoes(0.3, 28.26154, 0.01, 0.1)
_ten_echoes(0.8, 4.466751, 0.1, 0.4)


@case({"a": ()}, head="timing: on")
def evidence_of_silence_half_due() -> list[float]:
    """
    family: evidence
    prior: [.3, .8]
    indicators: [{use: a, p_if_yes: .8, p_if_no: .2, expected_within: [7 days, 847 days]}]
    """
    prior = mean_of(0.3, 0.8)
    return [prior * 0.6666667 / (prior * 0.6666667 + 1 - prior)]


@case({"a": ()}, head="timing: on")
def evidence_of_silence_overdue() -> list[float]:
    """
    family: evidence
    prior: [.3, .8]
    indicators: [{use: a, p_if_yes: .8, p_if_no: .2, expected_within: [1 day, 2 days]}]
    """
    prior = mean_of(0.3, 0.8)
    return [prior * 0.25 / (prior * 0.25 + 1 - prior)]


@case({"a": (30,), "b": (60,)}, head="", rungs=(60, 100, 120, 180))
def evidence_that_arrives() -> list[float]:
    """
    family: evidence
    prior: [.1, .4]
    arrives: {interval: [1 month, 9 months], shape: lognormal}
    indicators:
      - {use: a, p_if_yes: [.3, .7], p_if_no: [.8, .95]}
      - {use: b, p_if_yes: [.6, .9], p_if_no: [.1, .4]}
    """
    yes = mean_of(0.3, 0.7) * mean_of(0.6, 0.9)
    no = mean_of(0.8, 0.95) * mean_of(0.1, 0.4)
    daily = waiting("lognormal", 30.4375, 9 * 30.4375, 180)
    return cure(mean_of(0.1, 0.4), (yes, no), daily, 77, (60, 100, 120, 180))[0]


# competing_risks


@case(now=0, rungs=(165,), head=CHOICE)
def competing_risks_of_known_hazards() -> list[float]:
    """
    family: competing_risks
    none: neither
    causes:
      war: {reference_class: {name: wars, events: 32967995, cases: 1e8, exposure: 100 days}}
      truce: {reference_class: {name: truces, events: 18126925, cases: 1e8, exposure: 100 days}}
    """
    # So many cases leave no doubt: 1 - exp(-.004 * 100) and 1 - exp(-.002 * 100) of them.
    return [0.4189489, 0.2094745, 0.3715767]


@case(rungs=(242,), head=CHOICE)
def competing_risks_of_reference_classes() -> list[float]:
    """
    family: competing_risks
    none: neither
    causes:
      war: {reference_class: {name: crises, events: 6, cases: 75, exposure: 180 days}}
      truce: {reference_class: {name: truces, events: 2, exposure: 1127 days}}
    """
    (war, truce), weights = grid(crises(), gamma(2.5, 1127))
    ahead = np.ones((1, 242 - 77))
    survived = weights * np.exp(-77 * (war + truce))
    return race([war[:, None] * ahead, truce[:, None] * ahead], survived)


PARTS = {
    "invasion.yaml": question(CASES["intent_of_three_reports"].model, (60, 400), CRISES),
    "ceasefire.yaml": question("family: base_rate", (100,), TRUCES, clock=50),
}


@case(THREE, head=CHOICE, files=PARTS)
def competing_risks_of_questions() -> list[float]:
    """
    family: competing_risks
    none: neither
    causes:
      war: {question: invasion}
      truce: {question: ceasefire}
    """
    (meant, truce), weights = grid(beta(6.5, 69.5), gamma(2.5, 1127))
    survival = np.exp(-np.cumsum(waiting("lognormal", 14, 150, 120)))[76:]
    yes, no = meant * (0.9 * 0.7 * 0.8) * survival[0], (1 - meant) * (0.5 * 0.4 * 0.2)
    curve = 1 - np.outer(yes / (yes + no), 1 - survival / survival[0])
    war = -np.diff(np.log(curve), axis=1)
    posterior = weights * (yes + no) * np.exp(-27 * truce)
    return race([war, np.repeat(truce[:, None], 43, axis=1)], posterior)


# cases

PAST = "case,outcome,known_on\n" + "".join(
    f"{i},{'yes' if i < 6 else 'no'},2017-12-31\n" for i in range(75)
)


@case(rungs=(120, 242), head="", files={"past.csv": PAST})
def cases_without_columns() -> list[float]:
    """
    family: cases
    cases: past
    exposure: 180 days
    """
    return [0.0211179, 0.0782881]


# conditional

HASTY = "reference_class: {name: raids, events: 25918178, cases: 1e8, exposure: 100 days}"
SLOW = "reference_class: {name: bans, events: 4877058, cases: 1e8, exposure: 100 days}"


@case(
    now=0,
    rungs=(43,),
    head=SLOW,
    files={"invasion.yaml": question("family: base_rate", (43,), HASTY)},
)
def conditional_of_known_hazards() -> list[float]:
    """
    family: conditional
    given: {question: invasion}
    after: {hazard_ratio: 100}
    """
    # So many cases leave no doubt: .003 a day for A, .0005 and .05 for B.
    return [0.0917356]


@case(THREE | {"w": (60,)}, head=TRUCES, files=PARTS, rungs=(90, 120))
def conditional_on_an_intent() -> list[float]:
    """
    family: conditional
    given: {question: invasion}
    after: {hazard_ratio: [3, 40]}
    indicators: [{use: w, hazard_ratio: 2, lasts: 1 year, ahead: hold}]
    """
    (meant, rate, more), weights = grid(beta(6.5, 69.5, 20), gamma(2.5, 1127, 20), ratio(3, 40))
    survival = np.exp(-np.cumsum(waiting("lognormal", 14, 150, 120)))[76:]
    yes, no = meant * (0.9 * 0.7 * 0.8) * survival[0], (1 - meant) * (0.5 * 0.4 * 0.2)
    curve = 1 - np.outer(yes / (yes + no), 1 - survival / survival[0])
    invasion = -np.diff(np.log(curve), axis=1)
    posterior = weights * (yes + no) * np.exp(-rate * (59 + 18 * 2))
    quiet = 2 * rate
    return hanging(invasion, quiet, quiet * np.exp(more), posterior, (13, 43))


@case(
    {},
    head=SLOW.replace("4877058, cases: 1e8", "2, cases: 40"),
    rungs=(100, 120),
    files={
        "invasion.yaml": question("family: base_rate", (120,), CRISES)
        + f"resolution: {{happened_on: {on(70)}, source: the gazette}}\n"
    },
)
def conditional_on_what_has_come() -> list[float]:
    """
    family: conditional
    given: {question: invasion}
    after: {reference_class: {name: bans in war, events: 5, cases: 12, exposure: 30 days}}
    """
    (before, after), weights = grid(beta(2.5, 38.5), beta(5.5, 7.5))
    quiet, more = -np.log1p(-before) / 100, -np.log1p(-after) / 30
    posterior = weights * np.exp(-70 * quiet - 7 * more)
    return [float(1 - posterior @ np.exp(-d * more) / posterior.sum()) for d in (23, 43)]
