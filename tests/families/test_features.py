"""Readings turned into x by day."""

from __future__ import annotations

import math

import numpy as np
import pytest

from forecast.domain import Indicator, IndicatorKind, Observation
from forecast.errors import BookError
from forecast.families.clock import timeline
from forecast.families.features import path
from forecast.families.options import HazardUse

TAIL = 1.2815515655446004


def x(ask, indicator, *, now=5, end=8, **use):
    """Return the path of days 1 … `end` as known on day `now`."""
    stated = {"use": indicator.id, "hazard_ratio": 2, **use}
    view = ask.view(indicator, now=now, rungs=(end,))
    return path(HazardUse.model_validate(stated), view, timeline(view))


def counts(ask, *readings, **definition):
    seen = tuple(
        Observation(ask.on(day), ask.on(day), value=value, days=days)
        for day, value, days in readings
    )
    return Indicator("shots", IndicatorKind.COUNT, observations=seen, **definition)


def test_a_level_stands_from_its_day_until_the_next(ask):
    troops = ask.level("troops", ask.at(2, 100.0), ask.at(4, 140.0))
    found = x(ask, troops, per=20, baseline=80)
    assert found.mean == pytest.approx([0, 1, 1, 3, 3, 3, 3, 3])
    assert not found.sd.any()
    assert not found.drift.any()


def test_a_reading_from_before_the_clock_stands(ask):
    troops = ask.level("troops", ask.at(-30, 100.0))
    assert x(ask, troops, per=20, baseline=80).mean == pytest.approx([1.0] * 8)


def test_on_a_log_scale_x_counts_doublings(ask):
    troops = ask.level("troops", ask.at(1, 40.0), ask.at(3, 320.0))
    found = x(ask, troops, per=2, baseline=80, scale="log")
    assert found.mean == pytest.approx([-1, -1, 2, 2, 2, 2, 2, 2])


def test_a_log_scale_refuses_what_has_no_logarithm(ask):
    with pytest.raises(BookError, match="troops has a reading that is not above 0"):
        x(ask, ask.level("troops", ask.at(1, 0.0)), per=2, baseline=80, scale="log")


def test_an_event_counts_while_it_is_young_and_then_fades(ask):
    talks = ask.event("talks", 2)
    held = x(ask, talks, lasts=3, ahead="hold", now=6, end=6)
    assert held.mean == pytest.approx([0, 1, 1, 1, 0, 0])
    fading = x(ask, talks, lasts=3, now=3, end=6)
    assert fading.mean == pytest.approx([0, 1, 1, *(0.5 ** (d / 3) for d in (1, 2, 3))])


def test_events_add_up_only_where_each_counts(ask):
    talks = ask.event("talks", 2, 3)
    each = x(ask, talks, lasts=3, count="each", now=6, end=6)
    assert each.mean == pytest.approx([0, 1, 2, 2, 1, 0])
    assert x(ask, talks, lasts=3, now=6, end=6).mean == pytest.approx([0, 1, 1, 1, 1, 0])


def test_where_no_event_is_known_an_event_is_below_its_typical_share(ask):
    assert x(ask, ask.event("talks"), lasts=3, baseline=0.25).mean[:5] == pytest.approx([-0.25] * 5)


def test_a_count_is_a_rate_a_day_over_its_period(ask):
    shots = counts(ask, (3, 30.0, 3), (5, 8.0, 2))
    found = x(ask, shots, per=10, baseline=5)
    assert found.mean == pytest.approx([0.5, 0.5, 0.5, -0.1, -0.1, -0.1, -0.1, -0.1])


def test_no_shots_at_all_still_have_a_logarithm(ask):
    found = x(ask, counts(ask, (1, 0.0, 1)), per=2, baseline=4, scale="log")
    assert found.mean[-1] == pytest.approx(math.log2(0.5 / 4))


def test_fading_halves_the_distance_to_baseline(ask):
    troops = ask.level("troops", ask.at(1, 120.0))
    found = x(ask, troops, per=20, baseline=80, ahead={"fade": "2 days"}, now=4, end=8)
    assert found.mean[4:] == pytest.approx(2 * 0.5 ** (np.arange(1, 5) / 2))


def test_drift_grows_with_the_root_of_days_from_past_changes(ask):
    troops = ask.level("troops", ask.at(1, 80.0), ask.at(3, 120.0), ask.at(5, 100.0))
    found = x(ask, troops, per=20, baseline=80, ahead="drift", now=5, end=8)
    a_day = math.sqrt((2**2 + 1**2) / 4)
    assert found.drift == pytest.approx([0] * 5 + [a_day * math.sqrt(d) for d in (1, 2, 3)])
    assert found.mean[5:] == pytest.approx([1, 1, 1])


class TestUncertainReadings:
    def test_an_interval_is_ten_and_ninety_per_cent(self, ask):
        troops = ask.level("troops", Observation(ask.on(1), ask.on(1), low=90, high=130))
        found = x(ask, troops, per=20, baseline=80)
        assert found.mean[0] == pytest.approx(1.5)
        assert found.sd[0] == pytest.approx(1 / TAIL)

    def test_a_point_carries_the_stated_error_and_the_offset_of_its_source(self, ask):
        definition = {"relative_error": 0.3, "source_offset": 0.4}
        found = x(ask, ask.level("troops", ask.at(1, 100.0), **definition), per=20, baseline=80)
        assert found.sd[0] == pytest.approx(50 / 20 / TAIL)

    def test_on_a_log_scale_errors_are_factors(self, ask):
        definition = {"relative_error": 0.25}
        readings = ask.at(1, 100.0), Observation(ask.on(2), ask.on(2), low=50, high=200)
        use = {"per": 2, "baseline": 100, "scale": "log"}
        found = x(ask, ask.level("troops", *readings, **definition), **use)
        assert found.mean == pytest.approx([0] * 8)
        assert found.sd[:2] == pytest.approx([math.log2(1.25) / TAIL, 1 / TAIL])

    def test_sources_weigh_by_their_precision(self, ask):
        near = Observation(ask.on(1), ask.on(1), low=90, high=110, by="near")
        far = Observation(ask.on(1), ask.on(1), low=100, high=200, by="far")
        found = x(ask, ask.level("troops", near, far), per=1, baseline=0)
        weights = np.array([1 / 10**2, 1 / 50**2])
        assert found.mean[0] == pytest.approx(weights @ [100, 150] / weights.sum())
        assert found.sd[0] == pytest.approx(weights.sum() ** -0.5 / TAIL)

    def test_a_source_replaces_its_own_figure_and_no_other(self, ask):
        definition = {"relative_error": 0.1}
        readings = [ask.at(1, 90.0, by="a"), ask.at(1, 90.0, by="b"), ask.at(3, 150.0, by="a")]
        found = x(ask, ask.level("troops", *readings, **definition), per=1, baseline=0)
        weights = np.array([1 / 150**2, 1 / 90**2])
        assert found.mean[0] == pytest.approx(90)
        assert found.mean[3] == pytest.approx(weights @ [150, 90] / weights.sum())

    def test_of_exact_readings_the_newest_stands(self, ask):
        readings = [ask.at(1, 90.0, by="a"), ask.at(3, 150.0, by="b")]
        found = x(ask, ask.level("troops", *readings), per=1, baseline=0)
        assert found.mean[[0, 3]] == pytest.approx([90, 150])

    def test_a_stale_source_drops_out_beside_a_fresh_one(self, ask):
        readings = [ask.at(-40, 90.0, by="old"), ask.at(3, 150.0, by="new")]
        definition = {"relative_error": 0.1, "stale_after": 30}
        found = x(ask, ask.level("troops", *readings, **definition), per=1, baseline=0)
        assert found.mean[[0, 3]] == pytest.approx([90, 150])


def test_what_lies_ahead_does_not_reach_back(ask):
    """The same readings seen later leave x on the days before unchanged."""
    troops = ask.level("troops", ask.at(2, 100.0), ask.at(4, 140.0))
    early, late = (x(ask, troops, now=now, per=20, baseline=80).mean for now in (4, 7))
    assert early[:4] == pytest.approx(late[:4])
