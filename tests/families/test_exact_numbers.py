"""Every family held to closed forms, quadrature and enumeration computed without it."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from scipy import integrate, stats

from forecast.domain import QuestionType, Timing
from forecast.errors import BookError

WAITING = {"interval": ["14 days", "150 days"]}
THREE = [("a", 0.9, 0.5), ("b", 0.7, 0.4), ("c", 0.8, 0.2)]
INTENT = [{"use": u, "moves": "intent", "p_if_yes": y, "p_if_no": n} for u, y, n in THREE]


def posterior_ratio(numerator, denominator, prior):
    """Return E[numerator]/E[denominator] over a prior on (0, 1), by adaptive quadrature."""

    def mean(f):
        return integrate.quad(lambda p: f(p) * prior.pdf(p), 0, 1, epsabs=0, epsrel=1e-11)[0]

    return mean(numerator) / mean(denominator)


class TestBaseRate:
    def test_cases(self, ask):
        p = ask.mean(ask.view(rungs=(120, 242)), "base_rate", reference_class=ask.crises)
        assert p == pytest.approx([0.0211179, 0.0782881], abs=1e-7)

    def test_agrees_with_the_domain(self, ask):
        options = ask.options("base_rate", reference_class=ask.crises)
        reference = options.reference_class.domain()
        p = ask.mean(ask.view(), "base_rate", reference_class=ask.crises)
        assert p[0] == pytest.approx(1 - reference.survival(120) / reference.survival(77))

    def test_recurrent_events(self, ask):
        reference = {"name": "meetings", "events": 2, "exposure": "1127 days"}
        p = ask.mean(ask.view(rungs=(242,)), "base_rate", reference_class=reference)
        assert p[0] == pytest.approx(0.2746333, abs=1e-7)

    @pytest.mark.parametrize("relevance", [0, 0.5, 1])
    def test_relevance_discounts_the_counts(self, ask, relevance):
        reference = ask.crises | {"relevance": relevance}
        prior = stats.beta(0.5 + relevance * 6, 0.5 + relevance * 69)
        expected = 1 - posterior_ratio(
            lambda p: (1 - p) ** (120 / 180), lambda p: (1 - p) ** (77 / 180), prior
        )
        p = ask.mean(ask.view(), "base_rate", reference_class=reference)
        assert p[0] == pytest.approx(expected, abs=2e-6)

    def test_a_state_on_a_day_has_no_clock(self, ask):
        view = ask.view(timing=Timing.ON)
        p = ask.mean(view, "base_rate", reference_class=ask.crises)
        assert p[0] == pytest.approx(6.5 / 76)


class TestHazard:
    def test_an_indicator_that_stands(self, ask):
        use = {"use": "w", "hazard_ratio": ["1.2", "3.0"], "lasts": "1 year", "ahead": "hold"}
        view = ask.view(ask.event("w", 60))
        p = ask.mean(view, "hazard", reference_class=ask.crises, indicators=[use])
        assert p[0] == pytest.approx(0.0418727, abs=1e-7)

    def test_an_uncertain_reading_is_integrated_out(self, ask):
        """x = (1 + z·sd) with an exact hazard ratio, against quadrature over p and z."""
        troops = ask.level("troops", ask.at(0, 100.0, low=50.0, high=150.0))
        use = {"use": "troops", "hazard_ratio": 3, "per": 100, "baseline": 0}
        p = ask.mean(ask.view(troops), "hazard", reference_class=ask.crises, indicators=[use])

        sd = 50 / stats.norm.ppf(0.9) / 100
        z, w = np.polynomial.hermite_e.hermegauss(80)
        ratio = 3 ** (1 + sd * z)

        def survival(share, days):
            return w @ (1 - share) ** (days * ratio / 180)

        prior = stats.beta(6.5, 69.5)
        expected = 1 - posterior_ratio(lambda s: survival(s, 120), lambda s: survival(s, 77), prior)
        assert p[0] == pytest.approx(expected, abs=1e-7)

    def test_recurrent_events_with_an_exact_ratio(self, ask):
        """Twice the rate from day 61 on: Gamma(2.5, 1127) against 60 + 2·17 and 2·43 days."""
        reference = {"name": "meetings", "events": 2, "exposure": "1127 days"}
        use = {"use": "w", "hazard_ratio": 2, "lasts": "1 year", "ahead": "hold"}
        view = ask.view(ask.event("w", 61))
        p = ask.mean(view, "hazard", reference_class=reference, indicators=[use])
        assert p[0] == pytest.approx(1 - ((1127 + 94) / (1127 + 180)) ** 2.5)

    def test_readings_that_no_hazard_can_follow_are_refused(self, ask):
        use = {"use": "troops", "hazard_ratio": [1.2, 3.0], "per": 50, "baseline": 100}
        view = ask.view(ask.level("troops", ask.at(10, 777_777.0)))
        with pytest.raises(BookError, match=r"troops is 1\.555e\+04 times its unit"):
            ask.mean(view, "hazard", reference_class=ask.crises, indicators=[use])


class TestIntent:
    def test_three_reports(self, ask):
        view = ask.view(*(ask.event(u, 10) for u in "abc"))
        stated = {"reference_class": ask.crises, "waiting": WAITING, "indicators": INTENT}
        assert ask.mean(view, "intent", **stated)[0] == pytest.approx(0.1217944, abs=1e-7)
        means_it = ask.mean(view, "intent", output="means_it", **stated)
        assert means_it[0] == pytest.approx(0.2530223, abs=1e-7)

    def test_any_day_now(self, ask):
        """A timing hazard ratio of 3 after t = 60, that is from day 61 on."""
        timing = {"use": "d", "moves": "timing", "hazard_ratio": 3, "lasts": 500, "ahead": "hold"}
        view = ask.view(*(ask.event(u, 10) for u in "abc"), ask.event("d", 61))
        indicators = [*INTENT, timing]
        stated = {"reference_class": ask.crises, "waiting": WAITING, "indicators": indicators}
        assert ask.mean(view, "intent", **stated)[0] == pytest.approx(0.1364143, abs=1e-7)
        means_it = ask.mean(view, "intent", output="means_it", **stated)
        assert means_it[0] == pytest.approx(0.1585307, abs=1e-7)

    @pytest.mark.parametrize(
        ("shape", "fit"),
        [("weibull", stats.weibull_min), ("gamma", stats.gamma), ("lognormal", stats.lognorm)],
    )
    def test_waiting_of_every_shape(self, ask, shape, fit):
        from scipy.optimize import brentq

        ratio = 150 / 14
        form = brentq(lambda a: fit(a).ppf(0.9) / fit(a).ppf(0.1) - ratio, 0.2, 5)
        wait = fit(form, scale=150 / fit(form).ppf(0.9))
        prior, factor = stats.beta(6.5, 69.5), (0.9 * 0.7 * 0.8) / (0.5 * 0.4 * 0.2)
        expected = posterior_ratio(
            lambda p: p * factor * (wait.sf(77) - wait.sf(120)),
            lambda p: p * factor * wait.sf(77) + 1 - p,
            prior,
        )
        view = ask.view(*(ask.event(u, 10) for u in "abc"))
        p = ask.mean(
            view,
            "intent",
            reference_class=ask.crises,
            waiting=WAITING | {"shape": shape},
            indicators=INTENT,
        )
        assert p[0] == pytest.approx(expected, abs=1e-9)

    def test_uncertain_probabilities_enter_by_their_means(self, ask):
        """E over independent priors of a product is the product of the means."""
        from forecast.families.fields import Interval
        from forecast.families.priors import beta_of_chance

        use = {"use": "a", "moves": "intent", "p_if_yes": [0.6, 0.95], "p_if_no": [0.2, 0.5]}
        view = ask.view(ask.event("a", 10))
        p = ask.mean(view, "intent", reference_class=ask.crises, waiting=WAITING, indicators=[use])
        yes = stats.beta(*beta_of_chance(Interval(0.6, 0.95))).mean()
        no = stats.beta(*beta_of_chance(Interval(0.2, 0.5))).mean()
        half = stats.norm.ppf(0.9)
        mean, sd = np.log(14 * 150) / 2, np.log(150 / 14) / (2 * half)
        now, later = stats.norm.sf((np.log([77, 120]) - mean) / sd)
        meant = 6.5 / 76 * yes
        expected = meant * (now - later) / (meant * now + 69.5 / 76 * no)
        assert p[0] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    "ends", [(0.5, 0.9), (1e-12, 0.9), (1e-6, 1 - 1e-6), (0.2, 1 - 1e-16), (0.4999, 0.5001)]
)
def test_an_elicited_chance_has_its_two_points_however_extreme(ends):
    from forecast.families.fields import Interval
    from forecast.families.priors import beta_of_chance

    a, b = beta_of_chance(Interval(*ends))
    beyond = stats.beta.cdf(ends[0], a, b), stats.beta.sf(ends[1], a, b)
    assert beyond == pytest.approx((0.1, 0.1), rel=1e-9)


def likelihood_by_enumeration(chances, expected, came, rho):
    """Return P(this pattern) under a one-factor copula: Σ over which reports ever come.

    Given the factor u, report i ever comes with probability Φ((Φ⁻¹(p_i) − √ρu)/√(1−ρ)), and by now
    with F_i times that.
    """

    def given(u):
        total = 1.0
        for p, f, here in zip(chances, expected, came, strict=True):
            threshold = stats.norm.ppf(p)
            ever = stats.norm.cdf((threshold - math.sqrt(rho) * u) / math.sqrt(1 - rho))
            total *= ever if here else 1 - ever * f
        return total * stats.norm.pdf(u)

    return integrate.quad(given, -9, 9, epsabs=1e-13, epsrel=1e-12, limit=400)[0]


def state(ask, came, yes, no, **stated):
    """Return P(yes) at prior .5 for a state on a day, given which reports came."""
    names = [f"e{i}" for i in range(len(came))]
    view = ask.view(*(ask.event(n, *([10] if c else [])) for n, c in zip(names, came, strict=True)))
    view = replace(view, question=replace(view.question, timing=Timing.ON))
    indicators = [
        {"use": n, "p_if_yes": y, "p_if_no": x, **stated.get("each", {})}
        for n, y, x in zip(names, yes, no, strict=True)
    ]
    groups = stated.get("groups", {})
    return ask.mean(view, "evidence", prior=".5", indicators=indicators, groups=groups)[0]


def odds(p):
    return p / (1 - p)


class TestEvidence:
    @pytest.mark.parametrize(("rho", "ratio"), [(0, 4783.743856), (0.3, 28.26154), (0.8, 4.466751)])
    def test_ten_echoes(self, ask, rho, ratio):
        p = state(
            ask,
            [True] * 10,
            [0.7] * 10,
            [0.3] * 10,
            each={"group": "leak"},
            groups={"leak": {"rho": rho}},
        )
        assert odds(p) == pytest.approx(ratio, rel=2e-7)

    @pytest.mark.parametrize("rho", [0.2, 0.6, 0.95])
    @pytest.mark.parametrize("came", list(product([True, False], repeat=3)))
    def test_groups_equal_enumeration(self, ask, rho, came):
        """Reports heard and expected ones missing, in one group, at day 77 of 80% in [20, 90]."""
        yes, no = [0.9, 0.6, 0.75], [0.3, 0.5, 0.05]
        half = stats.norm.ppf(0.9)
        by_now = stats.norm.cdf((np.log(77) - np.log(20 * 90) / 2) / (np.log(90 / 20) / (2 * half)))
        expected = [1.0 if c else by_now for c in came]
        each = {"group": "g", "expected_within": ["20 days", 90]}
        p = state(ask, came, yes, no, each=each, groups={"g": {"rho": rho}})
        ratio = likelihood_by_enumeration(yes, expected, came, rho) / likelihood_by_enumeration(
            no, expected, came, rho
        )
        assert odds(p) == pytest.approx(ratio, rel=1e-7)

    @pytest.mark.parametrize("due", [0.0, 0.4, 1.0])
    def test_the_patterns_of_a_group_are_all_there_is(self, evaluate, due):
        """Whatever share is due, the patterns heard by now add up to one under either hypothesis.

        The likelihood of a report that came leaves out how likely it was to have come by now.
        """
        import pymc as pm

        from forecast.families.fields import Interval
        from forecast.families.options import Group
        from forecast.families.reports import Heard, log_evidence

        totals = np.zeros(2)
        for came in product([True, False], repeat=3):
            reports = [
                Heard(f"e{i}", Interval(y, y), Interval(n, n), c, 1.0 if c else due, "g")
                for i, (c, y, n) in enumerate(
                    zip(came, (0.9, 0.6, 0.2), (0.3, 0.5, 0.4), strict=True)
                )
            ]
            with pm.Model():
                both = log_evidence(reports, {"g": Group(rho=0.7)})
            totals += [math.exp(evaluate(log)) * due ** sum(came) for log in both]
        assert totals == pytest.approx([1, 1], abs=1e-9)

    def test_the_normal_tails_of_a_group_are_right_far_out(self, evaluate):
        import pytensor.tensor as pt
        from scipy.special import log_ndtr

        from forecast.families.reports import _log_tails

        z = np.array([-500, -40, -20.001, -20, -19.999, -3, -1e-9, 0, 0.5, 8, 19.999, 20, 37.0])
        for found, expected in zip(_log_tails(pt.constant(z)), (z, -z), strict=True):
            exact = log_ndtr(expected)
            assert evaluate(found) == pytest.approx(exact, rel=1e-9, abs=1e-80)

    @pytest.mark.parametrize(("by_now", "factor"), [(0.5, 0.6666667), (1 - 1e-12, 0.25)])
    def test_silence(self, ask, by_now, factor):
        """A missing .8/.2 report, due with the stated probability by day 77."""
        half = stats.norm.ppf(0.9)
        middle = 77 / math.exp(stats.norm.ppf(by_now) * 0.1)
        within = [middle * math.exp(-0.1 * half), middle * math.exp(0.1 * half)]
        p = state(ask, [False], [0.8], [0.2], each={"expected_within": within})
        assert odds(p) == pytest.approx(factor, abs=1e-7)

    def test_silence_without_an_expected_time_says_nothing(self, ask):
        each = {"group": "g"}
        groups = {"g": {"rho": 0.5}}
        came, yes, no = [True, False], [0.8, 0.9], [0.2, 0.1]
        assert odds(state(ask, came, yes, no)) == pytest.approx(4)
        assert odds(state(ask, came, yes, no, each=each, groups=groups)) == pytest.approx(4)

    def test_arrives_is_the_cure_model(self, ask):
        """With the same prior, evidence by a date gives intent's number."""
        uses = [{k: v for k, v in use.items() if k != "moves"} for use in INTENT]
        view = ask.view(*(ask.event(u, 10) for u in "abc"))
        p = ask.mean(view, "evidence", reference_class=ask.crises, arrives=WAITING, indicators=uses)
        assert p[0] == pytest.approx(0.1217944, abs=1e-7)

    def test_an_elicited_prior_enters_by_its_mean(self, ask):
        from forecast.families.fields import Interval
        from forecast.families.priors import beta_of_chance

        view = ask.view(ask.event("a", 5), timing=Timing.ON)
        use = {"use": "a", "p_if_yes": 0.9, "p_if_no": 0.3}
        p = ask.mean(view, "evidence", prior=[0.1, 0.4], indicators=[use])
        prior = stats.beta(*beta_of_chance(Interval(0.1, 0.4))).mean()
        assert p[0] == pytest.approx(prior * 0.9 / (prior * 0.9 + (1 - prior) * 0.3), abs=1e-9)


class TestCompetingRisks:
    def test_two_constant_hazards(self, ask, evaluate):
        causes = {
            name: {"reference_class": {"name": name, "events": 1, "exposure": "1 year"}}
            for name in ("a", "b")
        }
        view = ask.view(
            now=0, rungs=(165,), type=QuestionType.MULTIPLE_CHOICE, options=("none yet", "a", "b")
        )
        model = ask.model(view, "competing_risks", causes=causes, none="none yet")
        p = evaluate(model["p"], {model["a::rate"]: 0.004, model["b::rate"]: 0.002})
        assert p == pytest.approx([0.3715767, 0.4189489, 0.2094745], abs=1e-7)

    def test_parts_with_their_own_clocks(self, ask):
        """Two base rates, one on its own clock, against quadrature over both shares."""
        early = ask.view(rungs=(100,), reference_class=ask.reference(ask.crises))
        rare = ask.reference({"name": "truces", "events": 2, "cases": 20, "exposure": 90})
        late = ask.view(rungs=(300,), clock=ask.on(50), reference_class=rare)
        view = ask.choice({"early": early, "late": late}, "base_rate", rungs=(120,))
        causes = {"e": {"question": "early"}, "l": {"question": "late"}}
        p = ask.mean(view, "competing_risks", causes=causes, none="neither")

        first, second = stats.beta(6.5, 69.5), stats.beta(2.5, 18.5)
        (x, w) = np.polynomial.legendre.leggauss(300)
        share, weight = (x + 1) / 2, w / 2
        a = -np.log1p(-share)[:, None] / 180
        b = -np.log1p(-share)[None, :] / 90
        joint = (weight * first.pdf(share))[:, None] * (weight * second.pdf(share))[None, :]
        joint = joint * np.exp(-77 * a - 27 * b)
        some = -np.expm1(-43 * (a + b))
        expected = [
            (joint * f).sum() / joint.sum() for f in (some * a / (a + b), some * b / (a + b))
        ]
        assert p == pytest.approx([*expected, 1 - sum(expected)], abs=1e-8)
