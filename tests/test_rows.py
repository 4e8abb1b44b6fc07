"""Rows are an interface: the same keys and cells as JSON, as CSV and in a DataFrame."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import forecast
from forecast.api import Book
from forecast.results import Result
from forecast.rows import Rows, table, to_csv, to_frame, to_json
from tests.cli import conftest as commands

book, run = commands.book, commands.run  # fixtures
Run = commands.Run

EARLY = datetime(2026, 10, 5, 12, tzinfo=UTC)
TROOPS = "title: Troops\nkind: level\nunit: soldiers\n"

UPDATE = (
    "question", "title", "target", "deadline", "model", "option", "as_of", "kind", "was", "was_on",
    "now", "change", "low", "high", "error", "start", "movers", "verdict",
)  # fmt: skip
HISTORY = (
    "question", "target", "forecaster", "kind", "made_at", "as_of", "option", "value", "low",
    "high", "rationale",
)  # fmt: skip
PROBLEM = ("path", "line", "column", "code", "message", "hint", "advice")

# Each command that has data, and the keys it promises, in this order.
KEYS = {
    "list": (
        "question", "title", "target", "type", "status", "deadline", "option", "headline",
        "said_on", "backtest", "answer", "resolve", "refused",
    ),
    "update --dry-run": UPDATE,
    "update --as-of 2026-11-05": UPDATE,
    "backtest --from 2026-11-02 --to 2026-11-09": (
        *UPDATE, "scored", "scope", "forecaster", "reference", "questions", "clusters", "brier",
        "reference_brier", "difference", "difference_low", "difference_high",
    ),
    "show war": HISTORY,
    "predict war@2027-03-01 .2 --dry-run": HISTORY,
    "score": (
        "scope", "kind", "question", "target", "cluster", "forecaster", "answer", "forecasts",
        "questions", "coverage", "brier", "log", "crps", "reference_brier", "skill", "low", "high",
        "log_low", "log_high", "difference", "difference_low", "difference_high", "p_value",
        "clusters", "further", "reference_crps", "scale",
    ),
    "score --rule predictionbook": (
        "scope", "rule", "better", "kind", "question", "target", "cluster", "forecaster", "answer",
        "forecasts", "targets", "clusters", "coverage", "score", "low", "high", "index",
    ),
    "score --group type": (
        "dimension", "group", "kind", "forecaster", "forecasts", "questions", "clusters",
        "coverage", "brier", "low", "high", "log", "log_low", "log_high", "reference_brier",
        "skill", "difference", "difference_low", "difference_high", "p_value", "adjusted",
        "further",
    ),
    "compare": (
        "scope", "kind", "forecaster", "other", "questions", "clusters", "coverage", "brier",
        "low", "high", "difference", "difference_low", "difference_high", "p_value", "adjusted",
        "further",
    ),
    "calibration": (
        "scope", "kind", "forecaster", "question", "target", "cluster", "at", "probability",
        "calibrated", "band_low", "band_high", "outcome", "questions", "clusters", "brier",
        "brier_low", "brier_high", "miscalibration", "discrimination", "uncertainty", "expected",
        "p_value", "intercept", "intercept_error", "slope", "slope_error", "in_the_large", "auc",
        "auc_error", "z", "z_p_value", "binned_miscalibration", "binned_discrimination",
        "binned_error", "advice",
    ),
    "observe troops 150000 --on 2026-11-15": (
        "indicator", "row", "observed_on", "known_on", "value", "low", "high", "seen_by",
    ),
    "check": PROBLEM,
    "verify": PROBLEM,
}  # fmt: skip


@pytest.fixture
def lived(run: Run, book: Path) -> Path:
    """A book with a history: forecasts by a model and by `ann`, an answer, a broken file."""
    folder = book / "indicators"
    folder.mkdir()
    (folder / "troops.yaml").write_text(TROOPS, encoding="utf-8")
    assert run("update", now=EARLY).code == 0
    assert run("predict", "strike", "1", "--why", "=SUM(1)", now=EARLY).code == 0
    assert run("update").code == 0
    assert run("resolve", "strike", "no", "--source", "Reuters").code == 0
    (book / "bad.yaml").write_text("question: Will it?\nopens: 2026-02-30\n", encoding="utf-8")
    return book


def _json(text: str) -> list[dict[str, Any]]:
    """Read JSON as strictly as the standard does: no NaN, no Infinity."""
    return json.loads(text, parse_constant=pytest.fail)


def _csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), strict=True))


def _as_csv(cell: Any) -> str:
    """Return how a JSON cell reads in CSV."""
    if cell is None:
        return ""
    harmful = isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") and cell
    return f"'{cell}" if harmful and cell != "-inf" else str(cell)


@pytest.mark.parametrize("command", KEYS)
def test_keys_are_stable(run: Run, lived: Path, command: str) -> None:
    records = _json(run(*command.split(), "--json").out)
    header = run(*command.split(), "--csv").out.partition("\n")[0]
    assert header == ",".join(KEYS[command])
    assert records or command == "verify"
    assert {tuple(record) for record in records} <= {KEYS[command]}


@pytest.mark.parametrize("command", [c for c in KEYS if not c.startswith("observe")])
def test_json_and_csv_agree_cell_by_cell(run: Run, lived: Path, command: str) -> None:
    asked = command.split()
    run(*asked, "--json")  # what update --as-of stores shows in the next "was"
    records = _json(run(*asked, "--json").out)
    rows = _csv(run(*asked, "--csv").out)
    assert [{k: _as_csv(v) for k, v in record.items()} for record in records] == rows


FRAMES: dict[str, Callable[[Book], Result]] = {
    "list": lambda book: book.list(),
    "update --dry-run": lambda book: book.update(dry_run=True),
    "backtest --from 2026-11-02 --to 2026-11-09": lambda book: book.backtest(
        start="2026-11-02", end="2026-11-09"
    ),
    "show war": lambda book: book.show("war"),
    "score": lambda book: book.score(),
    "score --rule predictionbook": lambda book: book.score_by_rule("predictionbook"),
    "score --group type": lambda book: book.score_by_group("type"),
    "compare": lambda book: book.compare(),
    "calibration": lambda book: book.calibration(),
}


@pytest.mark.parametrize("command", FRAMES)
def test_frames_hold_the_same_cells(run: Run, lived: Path, command: str) -> None:
    records = _json(run(*command.split(), "--json").out)
    frame = FRAMES[command](forecast.open(now=commands.NOW)).frame()
    assert tuple(frame.columns) == KEYS[command]
    assert len(frame) == len(records)
    for record, row in zip(records, frame.to_dict("records"), strict=True):
        for key, cell in record.items():
            assert _same(cell, row[key]), (key, cell, row[key])


def _same(cell: Any, framed: Any) -> bool:
    if cell is None:
        return framed is None or math.isnan(framed)
    if cell in ("inf", "-inf"):
        return framed == float(cell)
    return bool(framed == cell)


def test_being_sure_and_wrong_is_infinitely_bad_in_every_form(run: Run, lived: Path) -> None:
    asked = ("score", "strike", "--by", "ann")
    target, overall = _json(run(*asked, "--json").out)
    assert (target["log"], overall["log"]) == ("inf", "inf")
    assert [row["log"] for row in _csv(run(*asked, "--csv").out)] == ["inf", "inf"]
    frame = forecast.open(now=commands.NOW).score("strike", forecaster="ann").frame()
    assert frame["log"].tolist() == [math.inf, math.inf]


def test_a_reason_that_is_a_formula_is_text_to_a_spreadsheet(run: Run, lived: Path) -> None:
    [said] = [r for r in _csv(run("show", "strike", "--csv").out) if r["forecaster"] == "ann"]
    assert said["rationale"] == "'=SUM(1)"
    [said] = [r for r in _json(run("show", "strike", "--json").out) if r["forecaster"] == "ann"]
    assert said["rationale"] == "=SUM(1)"


@pytest.mark.parametrize(
    ("first", "shown"),
    [("=", "'="), ("+", "'+"), ("-", "'-"), ("@", "'@"), ("\t", r"\x09"), ("\r", r"\x0d")],
)
def test_only_text_that_would_run_is_prefixed(first: str, shown: str) -> None:
    [row] = _csv(to_csv(table(["text", "number"], [(f"{first}1+1", -1.5)])))
    assert row == {"text": f"{shown}1+1", "number": "-1.5"}
    assert _json(to_json(table(["text"], [(f"{first}1+1",)]))) == [{"text": f"{first}1+1"}]


@pytest.mark.parametrize("text", ["plain", "a=b", " =1", "'quoted", 'a "b", c', "two\nlines", "é"])
def test_other_text_survives_csv_as_it_is(text: str) -> None:
    [row] = _csv(to_csv(table(["text"], [(text,)])))
    assert row == {"text": text}


def test_infinities_are_text_in_json_and_absent_values_empty() -> None:
    rows = table(["a", "b", "c", "d"], [(math.inf, -math.inf, math.nan, None)])
    assert _json(to_json(rows)) == [{"a": "inf", "b": "-inf", "c": None, "d": None}]
    assert to_csv(rows) == "a,b,c,d\ninf,-inf,,\n"
    assert to_frame(rows)[["a", "b"]].to_numpy().tolist() == [[math.inf, -math.inf]]


@pytest.mark.parametrize(
    "record", [{"a": 1}, {"b": 2, "a": 1}, {"a": 1, "b": 2, "c": 3}, {}], ids=str
)
def test_rows_refuse_keys_that_are_not_the_columns(record: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="are not the columns"):
        Rows(("a", "b"), (record,))


def test_a_table_refuses_rows_of_another_length() -> None:
    with pytest.raises(ValueError, match="shorter"):
        table(["a", "b"], [(1,)])


def test_no_rows_keep_their_columns() -> None:
    empty = table(["a", "b"], [])
    assert (to_json(empty), to_csv(empty)) == ("[]\n", "a,b\n")
    assert list(to_frame(empty).columns) == ["a", "b"]
