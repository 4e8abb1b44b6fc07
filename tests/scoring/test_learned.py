import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from forecast.inference.engine import Job, fit
from forecast.scoring.aggregate import geometric_mean_of_odds
from forecast.scoring.learned import HELD, model

NAN = float("nan")


def pooled(said, outcome, asked, **options):
    made = model(said=said, outcome=outcome, asked=asked)
    (posterior,) = fit([Job(made, "learned", seed=1)], **options)
    assert posterior.verdict != "refuse", posterior.gates
    return posterior


def crowd(n, seed=0):
    """One who knows, and says so too loudly; and one who guesses."""
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.1, 0.9, n)
    loud = expit(2 * logit(truth))
    return np.column_stack([loud, rng.uniform(0.1, 0.9, n)]), rng.random(n) < truth


def test_with_little_to_learn_it_is_near_the_geometric_mean_of_odds():
    found = pooled([[0.6, 0.5], [0.4, 0.5]], [1, 0], [[0.8, 0.6], [0.3, NAN]]).mean
    expected = [geometric_mean_of_odds(probability=[0.8, 0.6]), 0.3]
    assert found == pytest.approx(expected, abs=0.06)


def test_it_learns_whom_to_trust_and_how_loud_they_are():
    said, outcome = crowd(600)
    posterior = pooled(said, outcome, [[0.9, 0.5], [0.9, 0.1]])
    assert posterior.draws["weight"][:, 0].mean() > 0.8
    assert posterior.mean == pytest.approx(expit(logit(0.9) / 2), abs=0.08)


@pytest.mark.slow
def test_it_agrees_with_nuts():
    said, outcome = crowd(40, seed=2)
    asked = [[0.7, 0.4], [NAN, 0.2]]
    fast, nuts = (pooled(said, outcome, asked, sampler=way) for way in ("fast", "nuts"))
    assert fast.mean == pytest.approx(nuts.mean, abs=0.01)


@pytest.mark.parametrize(
    ("said", "asked", "message"),
    [
        ([[0.2, 0.3]], [[0.1]], r"^shapes differ: said \(1, 2\), asked \(1, 1\)$"),
        ([[0.2], [0.3]], [[0.1]], r"^shapes differ: said \(2, 1\), asked \(1, 1\)$"),
        (
            [[NAN, NAN]],
            [[0.1, 0.2]],
            r"^said must have shape \(n, k\) with a forecast in every row",
        ),
        ([[0.1, 0.2]], [[NAN, NAN]], r"^asked must have shape"),
        ([[0.2, 1.3]], [[0.1, 0.2]], "^a probability in said lies outside 0 to 1$"),
        ([[0.2, 0.3]], [[0.1, 1.2]], "^a probability in asked lies outside 0 to 1$"),
    ],
)
def test_refusals(said, asked, message):
    with pytest.raises(ValueError, match=message):
        model(said=said, outcome=[1], asked=asked)


def test_it_is_the_model_that_it_says_it_is():
    """σ(a + b·Σwᵢ·logit pᵢ), over those heard, with a ~ Normal(0, ½) and b ~ LogNormal(0, ½)."""
    import pymc as pm
    import pytensor

    made = model(said=[[0.2, NAN], [0.7, 0.4]], outcome=[0, 1], asked=[[0.4, 0.9], [NAN, 0.8]])
    drawn = [made[name] for name in ("intercept", "slope", "weight")]
    said = pm.logp(made["answered"], np.array([0, 1]))
    priors = [pm.logp(each, at) for each, at in zip(drawn, (0.3, 1.5, [0.25, 0.75]), strict=True)]
    evaluate = pytensor.function(drawn, [made["p"], said, *priors], mode="FAST_COMPILE")
    p, likelihood, *prior = evaluate(0.3, 1.5, np.array([0.25, 0.75]))
    mean = 0.25 * logit(0.4) + 0.75 * logit(0.9)
    assert p == pytest.approx(expit([0.3 + 1.5 * mean, 0.3 + 1.5 * logit(0.8)]))
    yes = 0.25 * logit(0.7) + 0.75 * logit(0.4)
    chances = [1 - expit(0.3 + 1.5 * logit(0.2)), expit(0.3 + 1.5 * yes)]
    assert likelihood == pytest.approx(np.log(chances))
    expected = [stats.norm(0, 0.5).logpdf(0.3), stats.lognorm(0.5).logpdf(1.5), 0.0]
    assert prior == pytest.approx(expected)


def test_certainty_is_held_short_of_infinity():
    made = model(said=[[0.0], [1.0]], outcome=[0, 1], asked=[[1.0]])
    held = logit(1 - HELD)
    assert made["said"].get_value().tolist() == [[pytest.approx(-held)], [pytest.approx(held)]]
    assert made["asked"].get_value().tolist() == [[pytest.approx(held)]]


def test_a_lone_forecaster_has_all_the_weight():
    with model(said=[[0.2], [0.7]], outcome=[0, 1], asked=[[0.4]]) as pooling:
        assert sorted(v.name for v in pooling.free_RVs) == ["intercept", "slope"]
