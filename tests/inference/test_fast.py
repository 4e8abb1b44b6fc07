"""The fast path against quadrature, and against what it must refuse."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest
from scipy import integrate, stats

from forecast.inference.engine import Job, fit


def fast(model, seed=1, output="p", key=None):
    job = Job(model, key or str(id(model)), seed, output)
    return fit([job], sampler="fast")[0]


def survival(events, cases, exposure, survived, horizon):
    """Cases of a reference class, a stretch survived, and the share that comes in the next one."""
    with pm.Model() as model:
        prior = pm.Data("prior", [events + 0.5, cases - events + 0.5])
        days = pm.Data("days", np.array([survived, horizon]) / exposure)
        base = pm.Beta("base", prior[0], prior[1])
        pm.Potential("quiet", days[0] * pt.log1p(-base))
        pm.Deterministic("p", -pt.expm1(days[1] * pt.log1p(-base)))
    return model


def survival_exact(events, cases, exposure, survived, horizon):
    prior = stats.beta(events + 0.5, cases - events + 0.5)

    def mean(days):
        return prior.expect(lambda p: (1 - p) ** (days / exposure))

    return 1 - mean(survived + horizon) / mean(survived)


@pytest.mark.parametrize(
    "case",
    [
        (6, 75, 180, 77, 43),
        (6, 75, 180, 0, 165),
        (0, 10, 365, 30, 30),
        (0, 400, 30, 500, 5),
        (50, 51, 10, 1, 200),
        (1, 2, 1000, 1, 1000),
    ],
)
def test_survival_of_a_reference_class(case):
    posterior = fast(survival(*case), key="survival")
    assert posterior.verdict == "publish"
    assert float(posterior.mcse) <= 0.0025
    assert float(posterior.mean) == pytest.approx(
        survival_exact(*case), abs=4 * float(posterior.mcse) + 1e-6
    )


def test_interval_is_that_of_the_posterior():
    posterior = fast(survival(6, 75, 180, 0, 180), key="survival")
    low, high = posterior.interval(0.9)
    exact = stats.beta(6.5, 69.5).ppf([0.05, 0.95])
    np.testing.assert_allclose([low, high], exact, atol=0.002)


def skewed():
    """A scale with a short tail on one side and a long one on the other: two parameters."""
    y = np.array([0.1, -0.4, 2.3, 0.7, -1.1])
    with pm.Model() as model:
        mu = pm.Normal("mu", 0, 3)
        sigma = pm.HalfCauchy("sigma", 1)
        pm.Normal("y", mu, sigma, observed=pm.Data("observed", y))
        pm.Deterministic("p", pm.math.invlogit(mu - sigma))
    return model, y


def skewed_exact(y):
    mu, log_sigma = np.meshgrid(np.linspace(-15, 15, 1500), np.linspace(-4, 6, 1500))
    sigma = np.exp(log_sigma)
    log_weight = (
        -(mu**2) / 18
        - np.log1p(sigma**2)
        + log_sigma
        - len(y) * log_sigma
        - sum((value - mu) ** 2 for value in y) / (2 * sigma**2)
    )
    weight = np.exp(log_weight - log_weight.max())
    return (weight / (1 + np.exp(sigma - mu))).sum() / weight.sum()


def test_skewed_posterior_of_two_parameters():
    model, y = skewed()
    posterior = fast(model)
    assert posterior.verdict == "publish"
    assert float(posterior.mean) == pytest.approx(skewed_exact(y), abs=4 * float(posterior.mcse))


def test_correlated_normals_of_three_parameters():
    covariance = np.array([[1.0, 0.9, 0.0], [0.9, 1.0, 0.0], [0.0, 0.0, 400.0]])
    with pm.Model() as model:
        x = pm.MvNormal("x", np.array([1.0, -1.0, 1000.0]), covariance)
        pm.Deterministic("p", pm.math.invprobit(pt.stack([x[0] - x[1], (x[2] - 1000) / 20])))
    posterior = fast(model)
    # E Φ(X) = Φ(mean / sqrt(1 + variance))
    exact = stats.norm.cdf([2 / np.sqrt(1 + 0.2), 0.0])
    assert posterior.verdict == "publish"
    np.testing.assert_allclose(posterior.mean, exact, atol=4 * posterior.mcse.max())


@pytest.mark.parametrize("dim", [10, 30])
def test_many_parameters(dim):
    """Rates of `dim` independent Poisson counts, whose posteriors are gammas."""
    counts = np.arange(dim)
    with pm.Model() as model:
        rate = pm.Gamma("rate", 1.5, 0.5, shape=dim)
        pm.Poisson("count", rate, observed=pm.Data("counts", counts))
        pm.Deterministic("p", 1 - pt.exp(-0.01 * rate.sum()))
    posterior = fast(model)
    exact = 1 - np.prod((1.5 / (1.5 + 0.01)) ** (1.5 + counts))
    assert posterior.verdict == "publish"
    assert float(posterior.mean) == pytest.approx(exact, abs=4 * float(posterior.mcse))


def test_predictive_draws_are_judged_by_their_distribution():
    normal = stats.norm.ppf((np.arange(200) + 0.5) / 200)
    with pm.Model() as model:
        mu = pm.Normal("mu", 3, 2)
        pm.Deterministic("value", mu + pm.Data("noise", normal))
    posterior = fast(model, output="value")
    assert posterior.verdict == "publish"
    pooled = np.quantile(posterior.draws["value"], [0.05, 0.5, 0.95])
    np.testing.assert_allclose(pooled, stats.norm(3, np.sqrt(5)).ppf([0.05, 0.5, 0.95]), atol=0.1)
    assert posterior.mcse.shape == (5,)


def simulated(paths):
    """P(x + noise > 1) by a simulation of its own, 64 sets of `paths` noises."""
    noise = np.random.default_rng(3).normal(size=(64, paths))
    with pm.Model() as model:
        x = pm.Normal("x")
        which = pm.Data("_replicate", np.array(0))
        noise = pm.Data("noise", noise)[which % 64]
        pm.Deterministic("p", (x + noise > 1).mean()[None])
    return model


def test_the_error_of_a_models_own_simulation_is_counted():
    exact = stats.norm.sf(1 / np.sqrt(2))
    rough, fine = (fast(simulated(paths), key="simulated") for paths in (20, 2000))
    for posterior in (rough, fine):
        assert posterior.mean[0] == pytest.approx(exact, abs=4 * posterior.mcse[0])
    assert rough.mcse[0] > 3 * fine.mcse[0]
    assert fine.verdict == "publish"
    assert "_replicate" not in fine.draws


def test_nothing_free_but_a_simulation():
    with pm.Model() as model:
        which = pm.Data("_replicate", np.array(0))
        noise = pm.Data("noise", np.random.default_rng(4).normal(size=(64, 500)))[which % 64]
        pm.Deterministic("p", (noise > 1).mean()[None])
    posterior = fast(model)
    assert posterior.sampler == "exact"
    assert posterior.mcse[0] == pytest.approx(0.37 / np.sqrt(32_000), rel=0.7)
    assert posterior.mean[0] == pytest.approx(stats.norm.sf(1), abs=4 * posterior.mcse[0])


def test_nothing_free():
    with pm.Model() as model:
        pm.Deterministic("p", pm.Data("share", [0.25, 0.5]) * 1.0)
    posterior = fast(model)
    assert (posterior.sampler, posterior.verdict) == ("exact", "publish")
    np.testing.assert_array_equal(posterior.mean, [0.25, 0.5])
    np.testing.assert_allclose(posterior.interval(), [[0.25, 0.5]] * 2)


def test_nothing_free_and_impossible():
    with pm.Model() as model:
        pm.Potential("never", pm.Data("x", 0.0) * 0 - np.inf)
        pm.Deterministic("p", pt.constant(0.5))
    assert fast(model).verdict == "refuse"


def test_an_output_that_depends_on_nothing():
    with pm.Model() as model:
        pm.Normal("x")
        pm.Deterministic("p", pt.zeros(2))
    posterior = fast(model)
    assert posterior.verdict == "publish"
    np.testing.assert_array_equal(posterior.mean, [0, 0])


def two_modes(apart):
    with pm.Model() as model:
        x = pm.Normal("x", 0, 20)
        pm.Potential(
            "either", pt.logaddexp(-((x - apart / 2) ** 2) / 2, -((x + apart / 2) ** 2) / 2)
        )
        pm.Deterministic("p", pm.math.invlogit(x))
    return model


@pytest.mark.parametrize("apart", [6, 8, 12])
def test_two_modes_are_refused(apart):
    posterior = fast(two_modes(apart))
    assert posterior.verdict == "refuse"
    assert posterior.gates["modes"] == 2
    assert "number of modes 2 is above 1" in posterior.gates["reasons"]


def test_a_funnel_is_refused():
    with pm.Model() as model:
        depth = pm.Normal("depth", 0, 3)
        x = pm.Normal("x", 0, pt.exp(depth / 2), shape=5)
        pm.Deterministic("p", pm.math.invlogit(x[0]))
    assert fast(model).verdict == "refuse"


def test_separation_under_a_flat_prior_is_refused():
    x = np.array([-2.0, -1.0, 1.0, 2.0])
    with pm.Model() as model:
        slope = pm.Flat("slope")
        pm.Bernoulli("y", logit_p=slope * x, observed=(x > 0).astype(int))
        pm.Deterministic("p", pm.math.invlogit(slope))
    assert fast(model).verdict == "refuse"


def test_an_impossible_likelihood_is_refused():
    with pm.Model() as model:
        x = pm.Normal("x")
        pm.Potential("never", x * 0 - np.inf)
        pm.Deterministic("p", pm.math.invlogit(x))
    assert fast(model).verdict == "refuse"


def test_missing_data_are_refused():
    with pm.Model() as model:
        x = pm.Normal("x")
        pm.Potential("lost", x * pm.Data("reading", np.nan))
        pm.Deterministic("p", pm.math.invlogit(x))
    assert fast(model).verdict == "refuse"


def test_an_output_that_is_not_finite_is_refused():
    with pm.Model() as model:
        x = pm.Normal("x")
        pm.Deterministic("p", pt.log(x))
    posterior = fast(model)
    assert posterior.verdict == "refuse"
    assert posterior.summary()["mean"] is None


def test_a_discrete_parameter_is_refused_by_name():
    with pm.Model() as model:
        coin = pm.Bernoulli("coin", 0.5)
        pm.Deterministic("p", coin * 1.0)
    posterior = fast(model)
    assert posterior.verdict == "refuse"
    assert "coin" in posterior.gates["reasons"][0]


def test_impossible_points_do_not_spoil_their_neighbours():
    """A scale that some points make negative: impossible there, and only there."""
    with pm.Model() as model:
        x = pm.Normal("x", 2, 0.5)
        pm.Normal("y", 0, x, observed=1.0)
        pm.Deterministic("p", pm.math.invlogit(x))

    def weight(x):
        return stats.norm.pdf(x, 2, 0.5) * stats.norm.pdf(1, 0, x)

    exact = (
        integrate.quad(lambda x: weight(x) / (1 + np.exp(-x)), 1e-3, 6)[0]
        / integrate.quad(weight, 1e-3, 6)[0]
    )
    posterior = fast(model)
    assert posterior.verdict == "publish"
    assert float(posterior.mean) == pytest.approx(exact, abs=4 * float(posterior.mcse))


def test_same_seed_same_bits():
    first, second = (fast(survival(6, 75, 180, 77, 43), key="survival") for _ in range(2))
    assert first.mean == second.mean
    assert first.mcse == second.mcse
    for name, draws in first.draws.items():
        np.testing.assert_array_equal(draws, second.draws[name])
    assert fast(survival(6, 75, 180, 77, 43), seed=2, key="survival").mean != first.mean


def test_alone_or_in_company():
    cases = [(6, 75, 180, 77, 43), (0, 10, 365, 30, 30), (50, 51, 10, 1, 200)]
    jobs = [Job(survival(*case), "survival", 7) for case in cases]
    together = fit(jobs, sampler="fast")
    backwards = fit(jobs[::-1], sampler="fast")[::-1]
    for job, one, other in zip(jobs, together, backwards, strict=True):
        alone = fit([job], sampler="fast")[0]
        assert float(alone.mean) == pytest.approx(float(one.mean), abs=1e-9)
        assert float(alone.mean) == pytest.approx(float(other.mean), abs=1e-9)
