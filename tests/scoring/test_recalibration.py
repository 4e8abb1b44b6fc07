import numpy as np
import pytest
from scipy.special import expit, logit

from forecast.scoring.recalibration import FEWEST, FOLDS, METHODS, advice, out_of_sample
from forecast.scoring.uncertainty import paired_difference

AT = [0.1, 0.5, 0.9]


def overconfident(n, seed=0, slope=2.5):
    rng = np.random.default_rng(seed)
    truth = rng.uniform(0.05, 0.95, n)
    return expit(slope * logit(truth)), (rng.random(n) < truth).astype(int)


@pytest.mark.parametrize("method", METHODS)
def test_what_a_cluster_holds_does_not_teach_its_own_recalibration(method):
    p, o = overconfident(60)
    clusters = np.arange(60) // 3
    before = out_of_sample(probability=p, outcome=o, cluster=clusters, fit=METHODS[method])
    turned = np.where(clusters == 4, 1 - o, o)
    after = out_of_sample(probability=p, outcome=turned, cluster=clusters, fit=METHODS[method])
    assert after[clusters == 4].tolist() == before[clusters == 4].tolist()
    assert after.tolist() != before.tolist()


def test_overconfidence_is_advised_against():
    p, o = overconfident(600)
    found = {each.method: each for each in advice(probability=p, outcome=o, said=AT)}
    assert set(found) == set(METHODS)
    for each in found.values():
        assert each.helps
        assert each.said[0] < each.say[0] < each.say[2] < each.said[2]
    line = found["logit-linear"]
    assert line.say == pytest.approx(expit(logit(AT) / 2.5), abs=0.05)


def test_what_it_would_have_gained_is_of_clusters_it_had_not_seen():
    p, o = overconfident(120, seed=3)
    clusters = np.arange(120) // 3
    for each in advice(probability=p, outcome=o, cluster=clusters, said=AT):
        fit = METHODS[each.method]
        unseen = out_of_sample(probability=p, outcome=o, cluster=clusters, fit=fit)
        gained = paired_difference(first=(unseen - o) ** 2, second=(p - o) ** 2, cluster=clusters)
        assert each.gain == gained
        assert each.say.tolist() == fit(p, o)(np.array(AT)).tolist()


def test_advice_holds_for_the_questions_to_come():
    p, o = overconfident(400, seed=1)
    line = next(
        each for each in advice(probability=p, outcome=o, said=AT) if "logit" in each.method
    )
    later, came = overconfident(4000, seed=2)
    recalibrated = METHODS["logit-linear"](p, o)(later)
    gained = np.mean((recalibrated - came) ** 2) - np.mean((later - came) ** 2)
    assert gained < 0
    assert line.gain.interval.low - 0.02 < gained < line.gain.interval.high + 0.02


def test_a_calibrated_forecaster_is_seldom_given_advice():
    given = 0
    for seed in range(40):
        p, o = overconfident(80, seed=seed, slope=1.0)
        given += any(each.helps for each in advice(probability=p, outcome=o, said=AT))
    assert given <= 4


def test_too_little_to_learn_from_is_silent():
    p, o = overconfident(FEWEST - 1)
    assert advice(probability=p, outcome=o, said=AT) == []
    p, o = overconfident(FEWEST)
    assert advice(probability=p, outcome=o, said=AT) != []
    p, o = overconfident(300)
    assert advice(probability=p, outcome=o, cluster=np.arange(300) % 5, said=AT) == []


def test_where_there_is_no_line_there_is_no_such_advice():
    p, o = overconfident(80)
    p[0] = 0.0
    assert [each.method for each in advice(probability=p, outcome=o, said=AT)] == ["isotonic"]
    assert out_of_sample(probability=[0.2], outcome=[1]) is None
    assert FOLDS >= 10
