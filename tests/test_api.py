"""`import forecast` as a notebook uses it."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

import forecast
from forecast.api import Book
from forecast.errors import UsageError
from tests.cli import conftest as commands

book, run = commands.book, commands.run  # fixtures
Run = commands.Run

EARLY = datetime(2026, 10, 5, 12, tzinfo=UTC)
HISTORY = [
    "question", "target", "forecaster", "kind", "made_at", "as_of", "option", "value", "low",
    "high", "rationale",
]  # fmt: skip


@pytest.fixture
def opened(book: Path, monkeypatch: pytest.MonkeyPatch) -> Book:
    """The two-question book, opened at noon on 20 November 2026 by `ann`."""
    monkeypatch.setenv("FORECAST_BY", "ann")
    return forecast.open(book, now=commands.NOW)


@pytest.mark.parametrize("statement", ["import forecast", "import forecast; forecast.open"])
def test_importing_it_imports_nothing_slow(statement: str) -> None:
    slow = "{'numpy', 'pandas', 'pymc', 'pytensor', 'arviz', 'scipy', 'matplotlib', 'rich'}"
    probe = f"{statement}\nimport sys\nsys.exit(str(sorted({slow} & set(sys.modules))))"
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.stderr.strip() == "[]"


def test_it_offers_what_it_says() -> None:
    assert set(dir(forecast)) == {"__version__", "open", "scores"}
    assert float(forecast.scores.brier(probability=0.8, outcome=1)) == pytest.approx(0.04)
    with pytest.raises(AttributeError, match="no attribute 'opne'"):
        _ = forecast.opne


def test_a_book_is_a_collection_of_questions(opened: Book) -> None:
    assert list(opened) == ["strike", "war"]
    assert len(opened) == 2
    assert "war" in opened
    assert "peace" not in opened
    assert opened["war"].deadlines == (date(2026, 12, 1), date(2027, 3, 1))
    assert repr(opened) == "<Book 'Test': 2 questions>"


def test_an_unknown_question_is_named_with_the_nearest(opened: Book) -> None:
    with pytest.raises(UsageError) as caught:
        _ = opened["wra"]
    assert caught.value.hint == "did you mean 'war'?"


def test_broken_files_are_counted_and_the_others_go_on(book: Path) -> None:
    (book / "bad.yaml").write_text("question: Will it?\nopens: 2026-02-30\n", encoding="utf-8")
    assert repr(forecast.open(book)).startswith("<Book 'Test': 2 questions, ")


def test_no_book_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no book\.yaml"):
        forecast.open(tmp_path)


def test_an_update_is_recorded_and_shown(opened: Book) -> None:
    update = opened.update("war")
    assert repr(update) == "<UpdateReport: 2 rows>"
    assert update.frame()["target"].tolist() == ["war@2026-12-01", "war@2027-03-01"]
    shown = opened.show("war").frame()
    assert shown.columns.tolist() == HISTORY
    assert set(shown["forecaster"]) == {"model/base_rate", "headline"}
    record = opened.record()
    assert record.columns.tolist() == [*HISTORY, "writer", "seq", "hash"]
    np.testing.assert_allclose(record["value"], update.frame()["now"], atol=1e-6)


def test_a_dry_run_and_a_past_day_record_nothing(opened: Book, book: Path) -> None:
    opened.update("war", dry_run=True)
    past = opened.update("war", as_of="2026-11-05").frame()
    assert set(past["kind"]) == {"backtest"}
    assert not (book / "record").exists()
    assert opened.record().empty


def test_days_are_dates_datetimes_or_text(opened: Book) -> None:
    days = ["2026-11-05", date(2026, 11, 5), datetime(2026, 11, 5, 9, tzinfo=UTC)]
    found = [opened.update("war", as_of=day).report.day for day in days]
    assert found == [date(2026, 11, 5)] * 3


@pytest.mark.parametrize(
    ("day", "said"), [("2026-11-31", "is no date"), ("2026-11-21", "has not come yet")]
)
def test_a_day_that_is_none_is_refused(opened: Book, day: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        opened.list(as_of=day)


@pytest.mark.parametrize("days", [0, -7, 3.5, 36_526])
def test_days_that_cannot_be_are_refused_as_on_the_command_line(opened: Book, days: int) -> None:
    for asked in (
        lambda: opened.backtest("strike", start="2026-10-02", end="2026-11-06", every=days),
        lambda: opened.watch_for("war", within=days),
        lambda: opened.score(lead=days),
        lambda: opened.calibration(lead=days),
    ):
        with pytest.raises(UsageError, match=f"{days} is no number of days"):
            asked()


def test_a_backtest_is_scored_beside_its_base_rate(opened: Book, run: Run) -> None:
    replay = opened.backtest("strike", start="2026-10-02", end=date(2026, 11, 6), every=14)
    assert replay.frame()["as_of"].tolist() == ["2026-10-02", "2026-10-16", "2026-10-30"]
    run("resolve", "strike", "no", "--known", "2026-11-11", "--source", "Reuters")
    answered = forecast.open(now=commands.NOW)
    scores = answered.score().frame()
    assert scores["scope"].tolist() == ["target", "target", "overall", "overall"]
    assert answered.score(forecaster="model/base_rate").frame()["forecaster"].nunique() == 1
    read = answered.calibration().frame().query("scope == 'question'")
    assert read["outcome"].tolist() == [0]
    assert answered.list(status="resolved").frame()["answer"].tolist() == ["no"]


def test_a_model_is_an_ordinary_pymc_model(opened: Book) -> None:
    import pymc as pm

    model = opened.model("war")
    assert isinstance(model, pm.Model)
    assert [variable.name for variable in model.free_RVs] == ["p_case"]


def test_a_posterior_opens_in_arviz(opened: Book) -> None:
    posterior = opened.posterior("war", "base_rate", as_of="2026-11-05", sampler="fast")
    assert posterior.verdict == "publish"
    tree = posterior.tree()
    assert tree["posterior"]["p"].dims[:2] == ("chain", "draw")
    draws = tree["posterior"]["p"].mean(("chain", "draw"))
    np.testing.assert_allclose(draws, posterior.mean, atol=0.01)


@pytest.mark.parametrize(
    ("name", "model", "said"),
    [("war", "hazard", "war has no model 'hazard'"), ("strike", None, "no model of strike speaks")],
)
def test_a_model_that_cannot_speak_is_named(
    opened: Book, name: str, model: str | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        opened.model(name, model)


def test_a_book_left_open_forecasts_at_the_time_it_is(book: Path) -> None:
    live = forecast.open(book)
    first = live.workspace.now
    time.sleep(0.05)  # longer than the coarsest clock's step
    assert live.workspace.now > first
    assert forecast.open(book, now=EARLY).workspace.now == EARLY


HOSTILE = r'"<script>alert(1)</script> & <b>\u202ebold\e[31m"'


def test_a_hostile_title_stays_text(book: Path) -> None:
    path = book / "war.yaml"
    text = path.read_text(encoding="utf-8").replace("Will there be war?", HOSTILE)
    path.write_text(text, encoding="utf-8")
    opened = forecast.open(book, now=commands.NOW)
    for html in (opened._repr_html_(), opened.list("war")._repr_html_()):
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;b&gt;" in html
        assert "<script" not in html
        assert "<b>" not in html
        assert "\u202e" not in html
        assert "\x1b" not in html


def test_html_leaves_absent_cells_empty(opened: Book) -> None:
    html = opened.list("war")._repr_html_()
    assert "None" not in html
    assert "NaN" not in html


def test_a_result_draws_the_screen_of_its_command(opened: Book, run: Run) -> None:
    from rich.console import Console

    console = Console(width=80, markup=False, highlight=False, emoji=False, color_system=None)
    with console.capture() as captured:
        console.print(opened.list())
    assert captured.get() == run("list").out
