"""Fast first, NUTS for what is refused, and nothing slow imported before it is needed."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pymc as pm
import pytensor.tensor as pt
import pytest

from forecast.inference import nuts
from forecast.inference.engine import Job, fit


def hazard(seed=0, days=60, ahead=43, indicators=5):
    """A race against daily hazards: sixty quiet days, five indicators, three rungs."""
    rng = np.random.default_rng(seed)
    with pm.Model() as model:
        prior = pm.Data("prior", [6.5, 69.5])
        exposure = pm.Data("exposure", 180.0)
        past = pm.Data("past", rng.normal(size=(days, indicators)).cumsum(axis=0) * 0.2)
        future = pm.Data("future", rng.normal(size=(ahead, indicators)) * 0.5)
        rungs = pm.Data("rungs", np.array([10, 20, ahead - 1]))
        base = pm.Beta("base", prior[0], prior[1])
        alpha = pt.log(-pt.log1p(-base)) - pt.log(exposure)
        beta = pm.Normal("beta", 0.3, 0.36, shape=indicators)
        pm.Potential("quiet", -pt.exp(alpha + past @ beta).sum())
        cumulative = pt.cumsum(pt.exp(alpha + future @ beta))
        pm.Deterministic("p", -pt.expm1(-cumulative[rungs]))
    return model


def two_modes():
    with pm.Model() as model:
        x = pm.Normal("x", 0, 20)
        pm.Potential("either", pt.logaddexp(-((x - 5) ** 2) / 2, -((x + 5) ** 2) / 2))
        pm.Deterministic("p", pm.math.invlogit(x))
    return model


@pytest.mark.slow
def test_fast_agrees_with_nuts_and_one_compilation_serves_other_data():
    jobs = [Job(hazard(0), "hazard", 1), Job(hazard(1, days=40, ahead=90), "hazard", 2)]
    fast = fit(jobs, sampler="fast")
    reference = fit(jobs, sampler="nuts")
    for one, other in zip(fast, reference, strict=True):
        assert (one.sampler, other.sampler) == ("fast", "nuts")
        assert one.verdict == other.verdict == "publish"
        assert (np.abs(one.mean - other.mean) < 4 * np.hypot(one.mcse, other.mcse)).all()
        np.testing.assert_allclose(one.interval(), other.interval(), rtol=0.15)
        assert set(one.draws) == set(other.draws) == {"base", "beta", "p"}
    again = fit(jobs[1:], sampler="nuts")[0]
    for name, draws in reference[1].draws.items():
        np.testing.assert_array_equal(draws, again.draws[name])


@pytest.mark.slow
def test_what_the_fast_path_refuses_goes_to_nuts_and_may_fail_there_too():
    seen = []
    easy, hard = fit(
        [Job(hazard(), "hazard", 1), Job(two_modes(), "two-modes", 1)],
        progress=lambda done, total: seen.append((done, total)),
    )
    assert (easy.sampler, easy.verdict) == ("fast", "publish")
    assert (hard.sampler, hard.verdict) == ("nuts", "refuse")
    assert any(reason.startswith("R-hat") for reason in hard.gates["reasons"])
    assert seen == [(1, 2), (2, 2)]
    json.dumps(hard.summary(), allow_nan=False)


@pytest.mark.slow
def test_pymc_samples_what_nutpie_cannot_compile(monkeypatch):
    monkeypatch.setattr(nuts, "_compiled", lambda job: None)
    monkeypatch.setattr(nuts.sample, "__defaults__", ((nuts.Effort(300, 300, 0.9),),))
    with pm.Model() as model:
        base = pm.Beta("base", 6.5, 69.5)
        pm.Deterministic("p", base)
    posterior = fit([Job(model, "beta", 1)], sampler="nuts")[0]
    assert posterior.sampler == "nuts"
    assert float(posterior.mean) == pytest.approx(6.5 / 76, abs=4 * float(posterior.mcse))


class PanicException(BaseException):
    """What a sampler written in Rust raises where it fails."""


@dataclass
class Compiled:
    """Stands in for a compiled model, whose data and starts can be set."""

    initial_point_func: object = None

    def with_data(self, **_):
        return self


@pytest.mark.parametrize("error", [ValueError, PanicException])
def test_whatever_a_sampler_raises_refuses_the_model(monkeypatch, error):
    def fails(*_, **__):
        raise error("\n no way\nand a long tale\n")

    monkeypatch.setattr("nutpie.sample", fails)
    monkeypatch.setattr(nuts, "_compiled", lambda _: Compiled())
    monkeypatch.setattr(nuts, "_data", lambda *_: {})
    posterior = fit([Job(two_modes(), "two", 1)], sampler="nuts")[0]
    assert (posterior.verdict, posterior.gates["reasons"]) == ("refuse", ["no way"])


def test_what_a_run_gave_stands_where_the_next_fails(monkeypatch):
    runs = iter([None])

    def run(*_):
        try:
            return next(runs)
        except StopIteration:
            raise RuntimeError("no way") from None

    first = SimpleNamespace(verdict="warn")
    monkeypatch.setattr(nuts, "_run", run)
    monkeypatch.setattr(nuts, "_posterior", lambda *_: first)
    assert nuts.sample(Job(two_modes(), "two", 1), None) is first


def test_threads_are_served_one_at_a_time():
    jobs = [Job(one_mode(seed), "threads", seed) for seed in range(4)]
    alone = [fit([job], sampler="fast")[0].mean for job in jobs]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(4) as threads:
            found = threads.map(lambda job: fit([job], sampler="fast")[0].mean, jobs * 5)
            assert list(found) == alone * 5
    finally:
        sys.setswitchinterval(interval)


def one_mode(shift):
    with pm.Model() as model:
        x = pm.Normal("x", pm.Data("shift", float(shift)), 1)
        pm.Deterministic("p", pm.math.invlogit(x))
    return model


def test_an_interrupted_sampler_interrupts(monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(nuts, "_compiled", lambda _: None)
    monkeypatch.setattr("pymc.sample", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fit([Job(two_modes(), "two", 1)], sampler="nuts")


@pytest.mark.slow
def test_an_impossible_model_is_refused_by_nuts_without_an_exception():
    with pm.Model() as model:
        x = pm.Normal("x")
        pm.Potential("never", x * 0 - np.inf)
        pm.Deterministic("p", pm.math.invlogit(x))
    posterior = fit([Job(model, "never", 1)])[0]
    assert (posterior.sampler, posterior.verdict) == ("nuts", "refuse")
    assert posterior.gates["reasons"]


def test_the_tree_is_arviz():
    posterior = fit([Job(hazard(), "hazard", 1)], sampler="fast")[0]
    tree = posterior.tree()
    assert tree.posterior["beta"].shape == (1, len(posterior.draws["beta"]), 5)


def test_the_summary_is_json():
    posterior = fit([Job(hazard(), "hazard", 1)], sampler="fast")[0]
    summary = json.loads(json.dumps(posterior.summary(), allow_nan=False))
    assert summary["gates"]["verdict"] == "publish"
    low, high = summary["interval"]
    assert all(a < m < b for a, m, b in zip(low, summary["mean"], high, strict=True))


def test_data_outside_pm_data_are_named():
    import pytensor

    with pm.Model() as model:
        x = pm.Normal("x", pytensor.shared(1.0, name="hidden"))
        pm.Deterministic("p", pm.math.invlogit(x))
    posterior = fit([Job(model, "hidden", 1)], sampler="fast")[0]
    assert posterior.verdict == "refuse"
    assert posterior.gates["reasons"] == ["hidden: not registered with pm.Data"]


def run(code, **environment):
    """Run Python in a fresh process and return what it prints."""
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": path, **environment},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


SLOW = "('numba', 'nutpie', 'arviz', 'arviz_stats', 'scipy.stats', 'pymc')"


def test_importing_the_engine_imports_nothing_slow():
    code = f"import sys, forecast.inference.engine; print([m for m in {SLOW} if m in sys.modules])"
    assert run(code) == "[]"


def test_a_fast_fit_compiles_nothing_and_needs_no_compiler(tmp_path):
    code = f"""
import sys
import pymc as pm
from forecast.inference.engine import Job, fit
with pm.Model() as model:
    prior = pm.Data("prior", [6.5, 69.5])
    pm.Deterministic("p", pm.Beta("base", prior[0], prior[1]))
posterior = fit([Job(model, "k", 1)], sampler="fast")[0]
print(posterior.verdict, [m for m in {SLOW} if m in sys.modules])
"""
    shown = run(code, PATH="", PYTENSOR_FLAGS=f"base_compiledir={tmp_path}")
    assert shown == "publish ['pymc']"
    assert [p.name for p in tmp_path.rglob("*.so")] == []


@pytest.mark.slow
def test_compiled_or_interpreted_the_numbers_agree():
    jobs = [Job(hazard(seed, days=60 + seed % 2), "hazard", seed) for seed in range(6)]
    by_numpy = fit(jobs, sampler="fast", backend="interpreted")
    by_numba = fit(jobs, sampler="fast", backend="compiled")
    for one, other in zip(by_numpy, by_numba, strict=True):
        np.testing.assert_allclose(one.mean, other.mean, atol=1e-9, rtol=0)
        np.testing.assert_allclose(one.mcse, other.mcse, atol=1e-9, rtol=0)
        assert one.gates["draws"] == other.gates["draws"]


def test_models_of_one_key_and_other_shapes_of_data_do_not_mix():
    jobs = [Job(hazard(seed, days=days), "hazard", 1) for seed, days in ((0, 60), (1, 40), (2, 60))]
    together = fit(jobs, sampler="fast")
    for job, posterior in zip(jobs, together, strict=True):
        (alone,) = fit([job], sampler="fast")
        np.testing.assert_allclose(posterior.mean, alone.mean, atol=1e-9, rtol=0)


def test_a_model_is_built_once_for_all_of_its_shape():
    built = []

    def build():
        built.append(1)
        return hazard()

    first = hazard(0)
    data = {v.name: v.get_value() for v in first.data_vars}
    jobs = [Job(build, "built-once", seed, data=data) for seed in range(3)]
    assert [p.verdict for p in fit(jobs, sampler="fast")] == ["publish"] * 3
    assert len(built) == 1
