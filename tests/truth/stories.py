"""Every family's story, by name."""

from __future__ import annotations

from tests.truth import hazards, hearsay, past, races, series
from tests.truth.telling import Teller

STORIES: dict[str, Teller] = {
    teller.__name__: teller
    for teller in (
        hazards.base_rate_of_cases,
        hazards.base_rate_of_recurrent_events,
        hazards.hazard,
        hazards.hazard_well_known,
        hazards.hazard_with_episodes,
        hearsay.intent,
        hearsay.evidence_of_a_state,
        hearsay.evidence_that_arrives,
        past.cases,
        races.competing_risks,
        races.conditional,
        series.trend_of_a_level,
        series.trend_of_a_count,
    )
}
