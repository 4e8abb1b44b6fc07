"""A forecaster's second thoughts: slips, corrections, other headlines, the last day itself."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forecast.verbs import fitting
from forecast.verbs.fitting import Fit, Request
from tests.cli.conftest import Run
from tests.cli.test_predict import CHOICE

LATER = datetime(2026, 11, 27, 12, tzinfo=UTC)


def headline(run: Run, target: str, **options: object) -> object:
    rows = json.loads(run("list", "--json", **options).out)
    return next(row["headline"] for row in rows if row["target"] == target)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_on_its_last_day_a_question_is_still_open(run: Run, book: Path) -> None:
    last = datetime(2027, 3, 1, 9, tzinfo=UTC)
    row = json.loads(run("update", "--json", now=last).out)[0]
    assert row["target"] == "war@2027-03-01"
    assert 0 < row["now"] < 0.01


def test_a_withdrawn_word_is_no_headline(run: Run, book: Path) -> None:
    edit(book / "war.yaml", "model:\n", "headline: me\nmodel:\n")
    run("predict", "war@2027-03-01", ".9")
    assert headline(run, "war@2027-03-01") == 0.9
    run("withdraw", "war@2027-03-01", now=LATER)
    assert headline(run, "war@2027-03-01", now=LATER) is None


def test_the_headline_is_whose_the_file_says_now(run: Run, book: Path) -> None:
    edit(book / "war.yaml", "model:\n", "headline: {pool: {model: .5, me: .5}}\nmodel:\n")
    run("update")
    run("predict", "war@2027-03-01", ".9")
    assert 0.4 < headline(run, "war@2027-03-01") < 0.6
    edit(book / "war.yaml", "{pool: {model: .5, me: .5}}", "me")
    assert headline(run, "war@2027-03-01") == 0.9


def test_an_answer_can_be_taken_back(run: Run, book: Path) -> None:
    run("resolve", "strike", "yes", "--source", "a rumour")
    run("resolve", "strike", "open", "--source", "it was another strike")
    assert "strike" in run("list", "--due").out
    assert run("check").code == 0
    run("resolve", "strike", "no", "--source", "Reuters")
    assert ",no," in run("list", "strike", "--csv").out


def test_rungs_may_not_contradict_each_other(run: Run, book: Path) -> None:
    run("resolve", "war@2026-12-01", "yes", "--source", "Reuters")
    done = run("resolve", "war@2027-03-01", "no", "--early", "--source", "Reuters")
    assert done.code == 2
    assert "contradict" in done.err


def test_replays_with_hindsight_stand_beside_honest_ones(run: Run, book: Path) -> None:
    edit(book / "strike.yaml", "family: base_rate", "family: base_rate\n  elicited_on: 2026-10-09")
    period = ("strike", "--from", "2026-10-02", "--to", "2026-11-06")
    run("backtest", *period)
    run("backtest", *period, "--hindsight")
    run("resolve", "strike", "no", "--source", "Reuters")
    honest = json.loads(run("score", "--json").out)[0]
    marked = json.loads(run("score", "--hindsight", "--json").out)[0]
    assert 0 < honest["coverage"] < marked["coverage"]


def test_a_rewording_names_the_replays_it_leaves_out(run: Run, book: Path) -> None:
    run("backtest", "strike", "--from", "2026-10-02", "--to", "2026-11-06")
    run("resolve", "strike", "no", "--source", "Reuters")
    edit(book / "strike.yaml", "a strike begins", "a general strike begins")
    assert "replays of an earlier wording" in run("score", "strike").out


def test_a_correction_is_the_reading_s_doing(run: Run, book: Path) -> None:
    folder = book / "indicators"
    folder.mkdir()
    (folder / "troops.yaml").write_text("title: x\nkind: level\nunit: x\n", encoding="utf-8")
    edit(
        book / "war.yaml",
        "family: base_rate\n",
        "family: hazard\n  indicators:\n    - use: troops\n      hazard_ratio: [2, 4]\n"
        "      per: 10\n      baseline: 10\n      elicited_on: 2026-10-01\n      why: x\n",
    )
    run("observe", "troops", "40", "--on", "2026-11-15")
    before = json.loads(run("update", "--json").out)
    run("observe", "troops", "20", "--on", "2026-11-15", "--corrects", "2")
    after = json.loads(run("update", "--json").out)
    for was, now in zip(before, after, strict=True):
        assert abs(now["was"] - was["now"]) < 1e-6
        assert now["movers"].startswith("troops -")
        assert "changed" not in now["movers"]


def test_a_refused_choice_stops_nobody_else(
    run: Run, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = "model: {family: competing_risks, none: neither, causes: {war: {question: war}, "
    cause = "truce: {reference_class: {name: x, events: 2, exposure: 900 days, source: x}}}}\n"
    (book / "first.yaml").write_text(CHOICE + model + cause, encoding="utf-8")
    assert run("check").code == 0
    original = fitting._compute

    def refuse(requests: list[Request], *rest: object) -> list[Fit]:
        gates = {"verdict": "refuse", "reasons": ["no reason"]}
        return [
            fitting.refused(request, gates) if request.spec.family == "competing_risks" else fit
            for request, fit in zip(requests, original(requests, *rest), strict=True)  # type: ignore[arg-type]
        ]

    monkeypatch.setattr(fitting, "_compute", refuse)
    done = run("update")
    assert done.code == 1
    assert "2 added to the record, 1 refused." in done.out


def test_readings_below_zero_are_readings(run: Run, book: Path) -> None:
    folder = book / "indicators"
    folder.mkdir()
    (folder / "rate.yaml").write_text("title: x\nkind: level\nunit: '%'\n", encoding="utf-8")
    done = run("observe", "rate", "-0.5", "--on", "2026-11-15")
    assert done.code == 0
    assert "-0.5 %" in done.out


def test_what_was_dated_back_is_shown_and_marked(run: Run, book: Path) -> None:
    run("predict", "war@2027-03-01", ".4", "--on", "2026-11-05")
    assert "ann, dated back" in run("show", "war").out
    assert headline(run, "war@2027-03-01") is None


def test_one_rung_is_listed_alone(run: Run, book: Path) -> None:
    rows = json.loads(run("list", "war@2026-12-01", "--json").out)
    assert [row["target"] for row in rows] == ["war@2026-12-01"]


def test_verify_says_how_much_is_whole(run: Run, book: Path) -> None:
    run("predict", "war", "2026-12-01=.05", "2027-03-01=.2")
    assert "2 lines in 1 file: whole." in run("verify").out


def test_a_file_that_is_not_there_is_not_clean(run: Run, book: Path) -> None:
    assert run("check", str(book / "nosuch.yaml")).code == 2


def test_an_answer_given_again_after_it_was_taken_back_counts(run: Run, book: Path) -> None:
    for answer in ("no", "open", "no"):
        run("resolve", "strike", answer, "--source", "Reuters")
    assert ",no," in run("list", "strike", "--csv").out
    assert run("check").code == 0


def test_a_bare_no_waits_for_the_last_rung(run: Run, book: Path) -> None:
    between = datetime(2026, 12, 5, 12, tzinfo=UTC)
    assert run("resolve", "war", "no", "--source", "Reuters", now=between).code == 2
    done = run("resolve", "war@2026-12-01", "no", "--source", "Reuters", now=between)
    assert done.code == 0


def test_a_date_is_no_answer_to_one_rung(run: Run, book: Path) -> None:
    asked = ("war@2026-12-01", "--happened", "2026-11-15", "--source", "Reuters")
    assert "leave out @2026-12-01" in run("resolve", *asked).err


def test_who_is_no_source_leaves_the_headline_alone(run: Run, book: Path) -> None:
    run("update")
    before = json.loads(run("list", "war", "--json").out)
    run("predict", "war@2027-03-01", ".9", now=LATER)
    after = json.loads(run("list", "war", "--json", now=LATER).out)
    assert [row["said_on"] for row in after] == [row["said_on"] for row in before]
    assert [row["headline"] for row in after] == [row["headline"] for row in before]


def test_replays_follow_a_renamed_question(run: Run, book: Path) -> None:
    run("backtest", "strike", "--from", "2026-10-02", "--to", "2026-11-06")
    text = (book / "strike.yaml").read_text(encoding="utf-8")
    (book / "strike.yaml").unlink()
    (book / "walkout.yaml").write_text(text + "formerly: [strike]\n", encoding="utf-8")
    run("resolve", "walkout", "no", "--source", "Reuters")
    rows = json.loads(run("score", "walkout", "--json").out)
    assert {row["kind"] for row in rows} == {"backtest"}


def test_what_has_crossed_has_come(run: Run, book: Path) -> None:
    folder = book / "indicators"
    folder.mkdir()
    (folder / "rain.yaml").write_text("title: x\nkind: level\nunit: mm\n", encoding="utf-8")
    days = [f"2026-{m:02}-{d:02}" for m in (10, 11) for d in range(1, 29)][:47]
    rows = "".join(f"{day},{50 + number % 3}\n" for number, day in enumerate(days))
    (folder / "rain.csv").write_text(f"observed_on,value\n{rows}", encoding="utf-8")
    (book / "flood.yaml").write_text(
        "question: Will it flood?\nopens: 2026-11-10\ndeadline: 2026-11-20\n"
        "model: {family: trend, series: rain, above: 55}\n",
        encoding="utf-8",
    )
    assert json.loads(run("update", "flood", "--json").out)[0]["now"] < 0.9
    run("observe", "rain", "60", "--on", "2026-11-20")
    assert json.loads(run("update", "flood", "--json").out)[0]["now"] == 1


@pytest.mark.parametrize("name", ["headline", "model/evidence", "me"])
def test_nobody_is_called_like_what_is_not_a_person(run: Run, book: Path, name: str) -> None:
    assert "is no person" in run("predict", "war@2027-03-01", ".9", "--by", name).err


def test_a_score_as_of_a_day_knows_no_later_answer(run: Run, book: Path) -> None:
    run("backtest", "strike", "--from", "2026-10-02", "--to", "2026-11-06")
    run("resolve", "strike", "yes", "--known", "2026-11-11", "--source", "a rumour")
    run("resolve", "strike", "no", "--known", "2026-11-15", "--source", "Reuters")
    then = json.loads(run("score", "--as-of", "2026-11-12", "--json").out)[0]
    now = json.loads(run("score", "--json").out)[0]
    assert (then["answer"], now["answer"]) == ("yes", "no")
    assert then["brier"] > now["brier"]
