"""The bundled book: whole, sourced, blind to what was not known yet, and coherent."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from forecast.book.load import Book, load
from forecast.book.views import models_at, view, view_payload
from forecast.canonical import digest
from forecast.domain import AsOf
from forecast.families.options import FamilyOptions
from forecast.verbs.check import check
from forecast.verbs.fitting import Fit, Request, fit
from forecast.verbs.workspace import Workspace

ROOT = Path(__file__).parents[1]
SHIPPED = load(ROOT / "questions")
MODELS = [(q.id, spec.name) for q in SHIPPED.questions.values() for spec in q.models]
PARAMETERS = "e7810989d91210fa3b219eb5dad04baf3ea40c54ca59394e879844cc46818102"
CUTOFFS = [date(2021, 11, 15), date(2021, 12, 1), date(2021, 12, 20), date(2022, 1, 5)]
CUTOFFS += [date(2022, 1, 17), date(2022, 2, 1), date(2022, 2, 18), date(2022, 2, 24)]
AFTER = date(2022, 12, 31)
EVE = date(2022, 2, 18)

type Row = dict[str, str]
type Change = Callable[[Row], Row | None]
"""What becomes of a reading or resolution known too late: another one, or nothing."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(
        ROOT / "questions", tmp_path / "book", ignore=shutil.ignore_patterns(".forecast")
    )


def options(question: str, model: str) -> FamilyOptions:
    stated: FamilyOptions = SHIPPED.questions[question].model(model).options
    return stated


def test_nothing_is_wrong_with_it_and_nothing_to_advise(copy: Path) -> None:
    ws = Workspace.open(copy, now=datetime(2026, 11, 20, tzinfo=UTC))
    assert len(ws.book.questions) == 10
    assert list(map(str, check(ws))) == []


def test_its_record_verifies(copy: Path) -> None:
    ledger = Workspace.open(copy).ledger
    assert list(map(str, ledger.verify())) == []
    assert {entry.forecast.target.question for entry in ledger.entries()} == set(SHIPPED.questions)


@pytest.mark.parametrize("name", SHIPPED.questions)
def test_every_question_has_criteria_an_answer_and_a_sourced_base_rate(name: str) -> None:
    question = SHIPPED.questions[name]
    assert len(question.resolution_criteria.split()) > 40
    assert question.resolutions
    assert all(resolution.source for resolution in question.resolutions)
    if question.reference_class is None:
        built = {spec.family for spec in question.models}
        assert built <= {"trend", "competing_risks"}, "it needs a base rate"
    else:
        assert question.reference_class.source
        assert question.reference_class.why


@pytest.mark.parametrize(("name", "model"), MODELS)
def test_every_elicited_use_has_its_reason_and_its_day(name: str, model: str) -> None:
    stated = options(name, model)
    assert stated.why
    assert stated.elicited_on
    for use in stated.indicators:
        assert len(use.why.split()) >= 3, use.use
        assert use.elicited_on, use.use
    for label, group in getattr(stated, "groups", {}).items():
        assert group.why, label


@pytest.mark.parametrize("name", SHIPPED.indicators)
def test_every_reading_has_a_source(name: str) -> None:
    indicator = SHIPPED.indicators[name]
    assert indicator.observations
    assert indicator.source
    if name != "usd-rub":  # one series from one place
        assert [o.row for o in indicator.observations if not o.source] == []


def elicited(value: Any) -> Any:
    """Return a model's options without their words."""
    if isinstance(value, dict):
        words = {"why", "source", "name"}
        return {k: elicited(v) for k, v in value.items() if k not in words}
    return [elicited(each) for each in value] if isinstance(value, list) else value


def test_the_elicited_parameters_stand_as_they_were_committed() -> None:
    stated = {
        f"{n}/{m}": elicited(options(n, m).model_dump(mode="json", exclude_unset=True))
        for n, m in MODELS
    }
    classes = {q.id: q.reference_class for q in SHIPPED.questions.values() if q.reference_class}
    for name, reference in classes.items():
        counts = [reference.events, reference.cases, reference.exposure, reference.relevance]
        stated[f"{name}/reference_class"] = counts
    assert digest(stated) == PARAMETERS, (
        "a parameter of the bundled book has changed; if that is meant, "
        "add both tables to CHANGELOG.md and write the new digest here"
    )


def deleted(_: Row) -> None:
    return None


def scrambled(row: Row) -> Row:
    """Say something else, of an earlier day, known when this was."""
    if "known_at" in row:
        opposite = {"yes": "no", "no": "yes"}
        answer = {"answer": opposite[row["answer"]]} if row.get("answer") in opposite else {}
        return row | answer | {"source": "nobody"}
    known = row.get("known_on") or row["observed_on"]
    other = {"value": f"{1 + 3 * float(row['value'])}"} if row.get("value") else {}
    ends = {end: f"{3 * float(row[end])}" for end in ("low", "high") if row.get(end)}
    return row | other | ends | {"observed_on": "2021-11-10", "known_on": known, "source": "nobody"}


def forget(book: Path, cutoff: date, change: Change) -> None:
    """Change all that became known after `cutoff`, in the files themselves."""

    def changed(rows: list[Row]) -> list[Row]:
        found = [change(row) if _known(row) > str(cutoff) else row for row in rows]
        return [row for row in found if row is not None]

    for table in (book / "indicators").glob("*.csv"):
        rows = changed(list(csv.DictReader(io.StringIO(table.read_text("utf-8")))))
        columns = dict.fromkeys(["observed_on", "known_on", *(k for row in rows for k in row)])
        out = io.StringIO()
        writer = csv.DictWriter(out, list(columns), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        table.write_text(out.getvalue(), encoding="utf-8", newline="\n")
    for path in book.glob("*.yaml"):
        head, key, tail = path.read_text("utf-8").partition("\nresolution:\n")
        if key:
            answers = yaml.BaseLoader(tail).get_single_data()  # text stays text
            rows = changed(answers if isinstance(answers, list) else [answers])
            text = f"{head}\n{yaml.safe_dump({'resolution': rows})}" if rows else head
            path.write_text(text, encoding="utf-8", newline="\n")


def _known(row: Row) -> str:
    return (row.get("known_at") or row.get("known_on") or row["observed_on"])[:10]


def seen(book: Book, cutoff: date) -> dict[str, list[Any]]:
    """Return, for each question, all that its models can see at the cutoff."""
    found = {}
    for question in book.questions.values():
        as_of = AsOf.at(cutoff, question.zone)
        now = view(book, question, as_of)
        specs = models_at(question, as_of)
        found[question.id] = [
            *(digest([spec.digest, view_payload(now, spec)]) for spec in question.models),
            *(spec.options for spec in specs),
            *((r.answer, r.happened_on, r.source) for r in now.question.resolutions),
        ]
    return found


@pytest.mark.parametrize("change", [deleted, scrambled])
@pytest.mark.parametrize("cutoff", CUTOFFS, ids=str)
def test_no_view_looks_ahead(copy: Path, cutoff: date, change: Change) -> None:
    forget(copy, cutoff, change)
    book = load(copy)
    assert book.healthy, list(map(str, book.problems))
    assert set(book.questions) == set(SHIPPED.questions)
    assert seen(book, cutoff) == seen(SHIPPED, cutoff)
    assert seen(book, AFTER) != seen(SHIPPED, AFTER), "nothing was changed"


@pytest.fixture(scope="module")
def eve(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Fit]:
    """What every model would have published on the eve: by question and model."""
    asked = []
    for question in SHIPPED.questions.values():
        as_of = AsOf.at(EVE, question.zone)
        now = view(SHIPPED, question, as_of)
        asked += [Request(spec, now) for spec in models_at(question, as_of)]
    fits = fit(asked, tmp_path_factory.mktemp("cache"))
    return {(r.view.question.id, r.spec.name): f for r, f in zip(asked, fits, strict=True)}


@pytest.mark.slow
def test_every_model_publishes(eve: dict[tuple[str, str], Fit]) -> None:
    assert set(eve) == set(MODELS)
    assert {
        key: f.gates["reasons"] for key, f in eve.items() if f.gates["verdict"] != "publish"
    } == {}


@pytest.mark.slow
def test_errors_are_small(eve: dict[tuple[str, str], Fit]) -> None:
    chances = {key: f for key, f in eve.items() if key[0] != "rouble-level"}
    assert {key: f.error for key, f in chances.items() if max(f.error) > 0.0025} == {}


@pytest.mark.slow
def test_ladders_rise(eve: dict[tuple[str, str], Fit]) -> None:
    for (name, _), fitted in eve.items():
        if SHIPPED.questions[name].ladder:
            assert list(fitted.value) == sorted(fitted.value), name
            assert all(0 <= p <= 1 for p in fitted.value)


@pytest.mark.slow
def test_the_first_outcome_agrees_with_its_parts(eve: dict[tuple[str, str], Fit]) -> None:
    first = eve["first-outcome", "competing_risks"]
    race = SHIPPED.questions["first-outcome"]
    assert sum(first.value) == pytest.approx(1, abs=1e-6)
    for option, part, model in (
        ("invasion", "ukraine-invasion", "intent"),
        ("truce", "donbas-truce", "hazard"),
    ):
        k = race.options.index(option)
        rung = SHIPPED.questions[part].deadlines.index(race.deadlines[-1])
        alone = eve[part, model]
        error = (first.error[k] ** 2 + alone.error[rung] ** 2) ** 0.5
        assert first.value[k] <= alone.value[rung] + 4 * error
