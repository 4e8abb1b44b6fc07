"""Views that might have been hold nothing that was not known."""

from __future__ import annotations

from datetime import date

from forecast.domain import AsOf
from forecast.families import get
from forecast.verbs.forecasting import requests
from forecast.verbs.init import example_book
from forecast.verbs.supposing import indicators, moved, unread, views, with_readings
from forecast.verbs.whatif import next_reading
from forecast.verbs.workspace import Workspace

EARLY, LATER = date(2022, 1, 18), date(2022, 2, 18)


def test_a_view_moved_on_learns_nothing_and_its_parts_keep_their_models() -> None:
    """Recognition was first watched for on 19 January; the troops of February were not counted."""
    ws = Workspace.open(example_book())
    question = ws.question("first-outcome")
    [asked] = requests(ws, question, ws.as_of(question, EARLY))
    view = moved(asked.view, AsOf.at(LATER, question.zone))
    part = view.parts["ukraine-invasion"]
    assert part.as_of.day == LATER
    assert part.indicators == asked.view.parts["ukraine-invasion"].indicators
    for spec in part.question.models:
        assert "recognition" not in spec.options.uses()
        assert spec.options.uses() == spec.options.known(EARLY).uses()
    family = get(asked.spec.family)
    assert family.key(asked.spec.options, view) == family.key(asked.spec.options, asked.view)


def test_readings_are_added_and_taken_away_in_every_part() -> None:
    ws = Workspace.open(example_book())
    question = ws.question("first-outcome")
    [asked] = requests(ws, question, ws.as_of(question, EARLY))
    troops = indicators(asked)["troops"]
    reading = next_reading(troops, 200_000, LATER)
    assert reading.by == troops.observations[-1].by
    [part] = [v for v in views(with_readings(asked.view, {"troops": (reading,)}))
              if "troops" in v.indicators]  # fmt: skip
    assert part.readings("troops") == (*troops.observations, reading)
    blank = unread(asked.view)
    assert not any(i.observations for v in views(blank) for i in v.indicators.values())
