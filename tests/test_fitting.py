"""One fit a question: the same whatever else is fitted, computed once, and kept only if good."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from forecast.cli.main import run
from forecast.inference import engine, executors
from forecast.inference.posterior import refusal
from forecast.verbs import fits, fitting, forecasting
from forecast.verbs.fitting import Fit, Request, fit
from forecast.verbs.workspace import Workspace
from tests.posterior_cases import CASES
from tests.test_posteriors import request

NAMES = (
    "base_rate_of_cases",
    "hazard_of_two_indicators",
    "hazard_of_an_uncertain_reading",
    "intent_moved_both_ways",
    "evidence_that_arrives",
    "competing_risks_of_questions",
    "hazard_that_learned_from_episodes",
    "cases_without_columns",
    "conditional_on_an_intent",
)
OF_A_SERIES = ("rouble-80", "rouble-level")


@pytest.fixture(scope="module")
def requests(tmp_path_factory: pytest.TempPathFactory) -> list[Request]:
    """Requests of every family, each on two days."""
    asked = []
    for name in NAMES:
        folder = tmp_path_factory.mktemp(name)
        CASES[name].write(folder)
        asked += [request(folder, CASES[name].now + later) for later in (0, 7)]
    book = Workspace.open(Path(__file__).parents[1] / "questions")
    for question in map(book.question, OF_A_SERIES):
        days = (book.as_of(question, date(2022, 2, day)) for day in (1, 8))
        asked += [only for day in days for only in forecasting.requests(book, question, day)]
    return asked


class Spy:
    """Stands in for the engine, counts what it is asked, and may refuse all of it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.fitted, self.refuses, self._fit = 0, False, engine.fit
        monkeypatch.setattr(engine, "fit", self)

    def __call__(self, jobs: Sequence[engine.Job], **options: Any) -> list[engine.Posterior]:
        self.fitted += len(jobs)
        if not self.refuses:
            return self._fit(jobs, **options)
        why = {"sampler": "nuts", "verdict": "refuse", "reasons": ["R-hat 1.2 is above 1.01"]}
        return [refusal("nuts", job.output, why) for job in jobs]


@pytest.fixture
def spy(monkeypatch: pytest.MonkeyPatch) -> Spy:
    return Spy(monkeypatch)


def numbers(fitted: Fit) -> list[float]:
    return [*fitted.value, *fitted.low, *fitted.high, *fitted.error]


def test_a_fit_is_the_same_alone_and_in_any_batch(requests: list[Request], tmp_path: Path) -> None:
    together = fit(requests, tmp_path / "together")
    places = range(len(requests))
    for batch in (places[::-1], places[::3], places[4:5], places[11:12]):
        fits = fit([requests[i] for i in batch], tmp_path / f"{batch}")
        for i, fitted in zip(batch, fits, strict=True):
            assert numbers(fitted) == pytest.approx(numbers(together[i]), abs=1e-9)


def test_the_same_fit_has_the_same_bits(requests: list[Request], tmp_path: Path) -> None:
    first, second = (fit(requests, tmp_path / folder) for folder in ("first", "second"))
    assert first == second
    assert fit(requests, tmp_path / "first") == first


def test_every_day_is_a_fit_of_its_own(requests: list[Request]) -> None:
    keys = [asked.key("auto") for asked in requests]
    assert len(set(keys)) == len(keys)
    assert all(asked.key("nuts") != key for asked, key in zip(requests, keys, strict=True))


def test_a_view_is_its_content(tmp_path: Path) -> None:
    """Loaded anew it is the same fit; with a reading that was not known yet it still is."""
    name = "hazard_of_an_uncertain_reading"
    CASES[name].write(tmp_path)
    before = request(tmp_path, 77).key("auto")
    assert request(tmp_path, 77).key("auto") == before
    table = tmp_path / "indicators" / "troops.csv"
    table.write_text(table.read_text("utf-8") + "2022-01-18,100,200,x\n", encoding="utf-8")
    assert request(tmp_path, 77).key("auto") == before
    assert request(tmp_path, 78).key("auto") != before


def test_nothing_is_fitted_twice(requests: list[Request], tmp_path: Path, spy: Spy) -> None:
    once = fit(requests[:3] + requests[:2], tmp_path)
    assert spy.fitted == 3
    assert once[:2] == once[3:]
    fit(requests[:4], tmp_path)
    assert spy.fitted == 4
    fit(requests[:4], tmp_path)
    assert spy.fitted == 4


def test_a_refused_fit_is_tried_again(requests: list[Request], tmp_path: Path, spy: Spy) -> None:
    spy.refuses = True
    assert [f.refused for f in fit(requests[:2], tmp_path)] == [True, True]
    spy.refuses = False
    assert not any(f.refused for f in fit(requests[:2], tmp_path))
    assert spy.fitted == 4
    spy.refuses = True
    assert not any(f.refused for f in fit(requests[:2], tmp_path))


def test_fits_are_the_same_where_other_processes_help(
    requests: list[Request], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spy: Spy
) -> None:
    alone = fit(requests, tmp_path / "alone")
    monkeypatch.setattr(executors, "cores", lambda: 2)
    monkeypatch.setattr(executors, "serves_one_command", lambda: True)
    monkeypatch.setattr(fitting, "_MODELS", 2)
    told: list[tuple[int, int]] = []
    helped = fit(requests, tmp_path / "helped", progress=lambda *done: told.append(done))
    assert helped == alone
    assert spy.fitted == len(requests)  # before they were helped, and none after
    assert told[0] == (0, len(requests))
    assert told[-1] == (len(requests), len(requests))
    assert len(told) > 1


def test_a_number_beyond_all_floats_is_refused(requests: list[Request]) -> None:
    class Endless:
        verdict, gates, mcse = "publish", {"sampler": "fast"}, 0.001

        def pooled(self, levels: Sequence[float]) -> Any:
            return np.full(len(levels), np.inf)

    fitted = fits.summary(requests[-1], Endless())
    assert fitted.refused
    assert fitted.gates["reasons"] == [fits.TOO_LARGE]


def test_a_damaged_cache_costs_a_fit_and_nothing_else(
    requests: list[Request], tmp_path: Path, spy: Spy
) -> None:
    good = fit(requests[:1], tmp_path)
    (kept,) = tmp_path.rglob("*.sqlite")
    kept.write_bytes(kept.read_bytes().replace(b"0.0", b"0.9", 1))
    assert fit(requests[:1], tmp_path) == good
    assert spy.fitted == 2


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An open question with one good forecast of day 77, made on that day."""
    for name, value in (("FORECAST_BY", "ann"), ("NO_COLOR", "1"), ("COLUMNS", "80")):
        monkeypatch.setenv(name, value)
    CASES["base_rate_of_cases"].write(tmp_path)
    assert update(tmp_path, 17) == 0
    return tmp_path


def update(book: Path, day: int) -> int:
    return run(["update", "--book", str(book)], now=datetime(2022, 1, day, 12, tzinfo=UTC))


def record(book: Path) -> bytes:
    return (book / "record" / "q" / "ann.jsonl").read_bytes()


def test_a_refused_update_keeps_the_last_good_forecast(
    book: Path, spy: Spy, capsys: pytest.CaptureFixture[str]
) -> None:
    before = record(book)
    capsys.readouterr()
    spy.refuses = True
    assert update(book, 18) == 1
    shown = capsys.readouterr().out
    assert "refused: R-hat 1.2 is above 1.01" in shown
    assert "the last good forecast stands" in " ".join(shown.split())
    assert record(book) == before
    (line,) = (book / ".forecast" / "log" / "refused.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["gates"]["verdict"] == "refuse"
    spy.refuses = False
    assert update(book, 18) == 0
    assert record(book).startswith(before)
    assert len(record(book)) > len(before)
