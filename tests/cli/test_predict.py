"""predict, withdraw and retract."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

CHOICE = """\
question: What comes first?
type: multiple_choice
options: [war, truce, neither]
opens: 2026-11-01
deadline: 2026-12-31
resolution_criteria: |
  Whichever Reuters reports first. Days in UTC. Annulled if unclear.
"""

NUMBER = """\
question: What will it cost?
type: numeric
unit: roubles
opens: 2026-11-01
deadline: 2026-12-31
resolution_criteria: |
  The ECB's reference rate. Days in UTC. Annulled if there is none.
"""


def test_a_ladder_is_said_at_once_and_shown(run: Run, book: Path) -> None:
    assert run("predict", "war", "2026-12-01=.05", "2027-03-01=.2", "--why", "a reason").code == 0
    rows = json.loads(run("show", "war", "--json").out)
    mine = {row["target"]: row["value"] for row in rows if row["forecaster"] == "ann"}
    assert mine == {"war@2026-12-01": 0.05, "war@2027-03-01": 0.2}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("war", ".2"), "say which rung"),
        (("war@2026-12-01", "1.2"), "is no probability"),
        (("war@2026-12-01", "30"), "for 30 per cent write 30% or 0.3"),
        (("war@2026-12-01", "130%"), "is no probability"),
        (("war@2026-12-01", "nan"), "is no probability"),
        (("war", "2026-12-01=.3", "2027-03-01=.2"), "cannot be less likely"),
        (("war", "2026-12-02=.3"), "has no deadline 2026-12-02"),
        (("war", "soon=.3"), "is no date"),
        (("strike", ".1"), "past its deadline"),
        (("peace", ".1"), "there is no question"),
    ],
)
def test_what_cannot_be_a_forecast_is_refused(
    run: Run, book: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = run("predict", *arguments)
    assert done.code == 2
    assert said in done.err
    assert not (book / "record").exists()


def test_a_rung_may_not_contradict_what_was_said_before(run: Run, book: Path) -> None:
    run("predict", "war", "2026-12-01=.3", "2027-03-01=.5")
    assert run("predict", "war@2027-03-01", ".2").code == 2
    assert run("predict", "war@2027-03-01", ".6").code == 0


def test_options_must_be_all_and_sum_to_one(run: Run, book: Path) -> None:
    (book / "first.yaml").write_text(CHOICE, encoding="utf-8")
    assert run("predict", "first", "war=.3", "truce=.1", "neither=.6").code == 0
    assert "sum to 0.9" in run("predict", "first", "war=.3", "truce=.1", "neither=.5").err
    assert "no probability for neither" in run("predict", "first", "war=.3", "truce=.7").err
    assert "did you mean 'truce'?" in run("predict", "first", "trcue=.3", "war=.7").err


def test_numbers_are_said_by_quantiles(run: Run, book: Path) -> None:
    (book / "cost.yaml").write_text(NUMBER, encoding="utf-8")
    assert run("predict", "cost", "5%=70", "50%=76", "95%=90").code == 0
    assert "fall as their level rises" in run("predict", "cost", "5%=80", "50%=76").err
    assert "the median is missing" in run("predict", "cost", "5%=80").err


def test_dated_back_is_never_live(run: Run, book: Path) -> None:
    done = run("predict", "war@2027-03-01", ".4", "--on", "2026-11-05", "--json")
    assert json.loads(done.out)[0]["kind"] == "backfilled"
    assert json.loads(run("list", "war", "--json").out)[1]["headline"] is None


@pytest.mark.parametrize("verb", ["withdraw", "retract"])
def test_nothing_stands_after_it_and_nothing_is_lost(run: Run, book: Path, verb: str) -> None:
    run("predict", "war", "2026-12-01=.05", "2027-03-01=.2")
    assert run(verb, "war@2027-03-01", "--why", "a slip").code == 0
    assert run(verb, "war@2027-03-01").code == 2
    lines = (book / "record" / "war" / "ann.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 3
    assert run("verify").code == 0
