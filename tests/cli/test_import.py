"""import: what others said, on record from when they said it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from threading import Thread

import pytest

from forecast.domain import Forecast
from forecast.record.ledger import Entry, Ledger
from forecast.verbs.importing import ImportReport, import_forecasts
from forecast.verbs.workspace import Workspace
from tests.cli.conftest import NOW, Run

HEADER = "date,target,probability,source\n"
ROWS = "2026-11-02,war@2026-12-01,.3,https://example.org\n2026-11-09T12:00Z,war@2026-12-01,.2,\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "crowd.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_row_stands_from_its_own_time(run: Run, book: Path, tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + ROWS)
    done = run("import", path, "--forecaster", "crowd", "--json")
    assert done.code == 0
    rows = json.loads(done.out)
    assert {row["kind"] for row in rows} == {"imported"}
    assert [row["made_at"] for row in rows] == [
        "2026-11-03T00:00:00+00:00", "2026-11-09T12:00:00+00:00",
    ]  # fmt: skip
    lines = (book / "record" / "war" / "ann.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["detail"] for line in lines] == [{"source": "https://example.org"}, {}]


def test_importing_again_adds_only_what_is_new(run: Run, book: Path, tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + ROWS)
    assert "Dry run" in run("import", path, "--forecaster", "crowd", "--dry-run").out
    assert not (book / "record").exists()
    first = run("import", path, "--forecaster", "crowd")
    assert "war@2026-12-01: 2 forecasts of crowd, 2 Nov 26 – 9 Nov 26" in first.out
    write(tmp_path, HEADER + ROWS + "2026-11-16,war@2026-12-01,.1,\n")
    assert (
        "1 added to the record, 2 on record before"
        in run("import", path, "--forecaster", "crowd").out
    )


def test_two_imports_at_once_put_each_row_on_record_once(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, HEADER + ROWS)
    reports: list[ImportReport] = []

    def bring() -> None:
        ws = Workspace.open(book, now=NOW)
        reports.append(import_forecasts(ws, path, "crowd", by="ann"))

    other = Thread(target=bring)
    append = Ledger.append

    def late(self: Ledger, forecasts: Sequence[Forecast], writer: str) -> list[Entry]:
        if other.ident is None:  # what is new was found out, and is not written yet
            other.start()
            other.join(0.3)
        return append(self, forecasts, writer)

    monkeypatch.setattr(Ledger, "append", late)
    bring()
    other.join()
    assert [(len(report.added), report.before) for report in reports] == [(2, 0), (0, 2)]
    assert len((book / "record" / "war" / "ann.jsonl").read_bytes().splitlines()) == 2


def test_imported_forecasts_are_never_scored_as_live(run: Run, book: Path, tmp_path: Path) -> None:
    run("import", write(tmp_path, HEADER + ROWS), "--forecaster", "crowd")
    run("resolve", "war@2026-12-01", "no", "--known", "2026-12-01", "--source", "Reuters")
    assert json.loads(run("score", "--json").out) == []
    assert run("verify").code == 0


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2026-11-02,wra,.3,", "crowd.csv:2:12: there is no question 'wra' in this book; did you"),
        ("2026-11-02,war,.3,", "2:12: war is not answered by one probability; name a rung: war@"),
        ("2026-11-02,war@2026-12-02,.3,", "2:12: war has no deadline 2026-12-02; it has war@2026"),
        ("2026-11-31,war@2026-12-01,.3,", "2:1: "),
        ("2026-11-21,war@2026-12-01,.3,", "2:1: 2026-11-21 is to come"),
        ("2026-11-02,war@2026-12-01,1.3,", "2:27: '1.3' is not from 0 to 1; write .3 for 30%"),
        ("2026-11-02,war@2026-12-01,30%,", "2:27: "),
        ("2026-11-02,war@2026-12-01,,x", "2:27: there is no probability"),
        ("2026-11-02,war@2026-12-01", "2:"),
        (ROWS.splitlines()[0], "3:1: crowd said something of war@2026-12-01 then already; keep"),
    ],
)
def test_a_bad_row_is_placed_and_nothing_is_written(
    run: Run, book: Path, tmp_path: Path, row: str, said: str
) -> None:
    done = run("import", write(tmp_path, f"{HEADER}{row}\n{ROWS}"), "--forecaster", "crowd")
    assert done.code == 1
    assert said in done.err
    assert "nothing was imported: 1 problem" in done.err
    assert not (book / "record").exists()


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("", 1, "csv-empty"),
        ("date,target\n", 1, "there is no column 'probability'"),
        ("date,target,probability,odds\n", 1, "unknown column 'odds'"),
        (None, 2, "no such file or directory; name a CSV file"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    run: Run, book: Path, tmp_path: Path, text: str | None, code: int, said: str
) -> None:
    path = tmp_path / "none.csv" if text is None else write(tmp_path, text)
    done = run("import", path, "--forecaster", "crowd")
    assert done.code == code
    assert said in done.err.replace("\n  ", "; ")


def test_without_a_name_each_row_names_its_own(run: Run, book: Path, tmp_path: Path) -> None:
    row = "2026-11-02,war@2026-12-01,.{},The {} Crowd\n"
    text = HEADER.replace("source", "forecaster") + row.format(2, "Wise") + row.format(3, "Mad")
    done = run("import", write(tmp_path, text), "--json")
    assert [r["forecaster"] for r in json.loads(done.out)] == ["the-wise-crowd", "the-mad-crowd"]
    write(tmp_path, text.replace("The Mad Crowd", "model"))
    assert "3:30: " in run("import", tmp_path / "crowd.csv").err
    write(tmp_path, HEADER + ROWS)
    assert "no forecaster is named" in run("import", tmp_path / "crowd.csv").err


def test_nobody_is_imported_as_a_model(run: Run, book: Path, tmp_path: Path) -> None:
    done = run("import", write(tmp_path, HEADER + ROWS), "--forecaster", "model/hazard")
    assert done.code == 2
