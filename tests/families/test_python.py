"""python: the user's own model runs if the user trusts exactly that file, and never otherwise."""

from __future__ import annotations

import json
import py_compile
import shutil
import sys
from pathlib import Path

import pytest

from forecast import settings
from forecast.verbs.forecasting import requests
from forecast.verbs.update import update
from forecast.verbs.workspace import Workspace
from tests.cli import conftest as commands

run = commands.run  # a fixture
Run = commands.Run

MODEL = """\
from pathlib import Path

import numpy as np
import pymc as pm

Path(__file__).with_suffix(".ran").touch()


def build(view):
    ahead = [float(view.horizon(day)) for day in view.question.deadlines]
    with pm.Model() as model:
        rate = pm.Gamma("rate", 2.5, 1127.0)
        pm.Potential("survived", -rate * view.survived)
        pm.Deterministic("p", 1 - pm.math.exp(-rate * pm.Data("ahead", np.array(ahead))))
    return model
"""
QUESTION = """\
question: Will the ministers meet?
clock: 2026-09-04
opens: 2026-09-04
deadlines: [2027-01-01, 2027-05-03]
resolution_criteria: As the gazette reports, in UTC; annulled if it closes.
model: {family: python, file: meeting.py}
"""  # 77 days ago, and 42 and 164 days away


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "book"
    (root / "models").mkdir(parents=True)
    for name, text in (
        ("book.yaml", commands.BOOK), ("meet.yaml", QUESTION), ("models/meeting.py", MODEL),
    ):  # fmt: skip
        (root / name).write_text(text, encoding="utf-8")
    monkeypatch.setenv("FORECAST_BOOK", str(root))
    monkeypatch.setattr(settings, "path", lambda: tmp_path / "config" / "settings.toml")
    return root


def change(book: Path, old: str, new: str) -> Path:
    file = book / "models" / "meeting.py"
    assert old in MODEL
    file.write_text(MODEL.replace(old, new), encoding="utf-8")
    return file


def ran(book: Path) -> bool:
    """Say whether any of the file's code ran."""
    return (book / "models" / "meeting.ran").exists()


def exactly(ahead: int) -> float:
    return 1 - ((1127 + 76) / (1127 + 76 + ahead)) ** 2.5  # live, today is not survived yet


def published(run: Run) -> list[float]:
    done = run("update", "--json", "--sampler", "fast")
    assert done.code == 0, done.err
    return [row["now"] for row in json.loads(done.out)]


def refused(run: Run) -> str:
    done = run("update")
    assert done.code == 1
    assert "Traceback" not in done.out + done.err
    return " ".join((done.out + done.err).split())


class TestTrust:
    def test_an_untrusted_file_is_not_run_and_the_refusal_says_how_to_trust_it(
        self, run: Run, book: Path
    ) -> None:
        said = refused(run)
        assert "is not trusted, and was not run [model-untrusted]" in said
        told = said.replace(" ", "")  # a long path is broken to fit the screen
        assert f"readit,then`forecasttrust{book}/models/meeting.py`" in told
        assert not ran(book)

    def test_a_trusted_file_is_run_and_gives_the_exact_number(self, run: Run, book: Path) -> None:
        assert run("trust", book / "models/meeting.py").code == 0
        assert published(run) == pytest.approx([exactly(43), exactly(165)], abs=0.005)
        assert ran(book)

    def test_no_other_command_runs_it_even_so(self, run: Run, book: Path) -> None:
        run("trust", book / "models/meeting.py")
        for words in (("check",), ("list",), ("show", "meet"), ("schema",)):
            assert run(*words).code == 0
        assert not ran(book)

    def test_its_number_is_stale_once_it_is_trusted_no_longer(self, run: Run, book: Path) -> None:
        run("trust", book / "models/meeting.py")
        assert run("update").code == 0
        assert "not trusted" not in run("list").out
        run("trust", book / "models/meeting.py", "--revoke")
        stale = {row["refused"] for row in json.loads(run("list", "--json").out)}
        told = f"{book}/models/meeting.py"
        assert stale == {f"python not run: {told} is not trusted; `forecast trust {told}`"}
        assert "! python is stale, not run:" in run("show", "meet").out
        run("trust", book / "models/meeting.py")
        assert "not trusted" not in run("list").out

    def test_check_advises_that_it_is_not_trusted_yet(self, run: Run, book: Path) -> None:
        done = run("check")
        assert done.code == 0
        assert "[model-untrusted]" in done.out
        run("trust", book / "models/meeting.py")
        assert "[model-untrusted]" not in run("check").out

    @pytest.mark.parametrize("new", ["# mine\nfrom pathlib", "from  pathlib"])
    def test_a_file_that_changed_is_another_file(self, run: Run, book: Path, new: str) -> None:
        run("trust", book / "models/meeting.py")
        change(book, "from pathlib", new)
        assert "[model-untrusted]" in refused(run)
        change(book, "from pathlib", "from pathlib")
        assert published(run)

    def test_one_that_changes_once_the_book_is_read_is_not_run(self, run: Run, book: Path) -> None:
        run("trust", book / "models/meeting.py")
        ws = Workspace.open(book)
        assert ws.book.code, "read, and trusted as it is"
        change(book, "from pathlib", "# mine\nfrom pathlib")
        moves = update(ws, (), dry_run=True).moves
        assert {move.verdict for move in moves} == {"refuse"}
        assert "changed while the book was read; run it again" in moves[0].reasons[0]
        assert not ran(book)

    def test_the_same_file_elsewhere_is_another_file(self, run: Run, book: Path) -> None:
        run("trust", book / "models/meeting.py")
        elsewhere = shutil.copytree(book, book.with_name("copy"))
        assert "[model-untrusted]" in refused_in(run, elsewhere)
        assert not ran(elsewhere)

    def test_a_list_in_the_book_trusts_nothing(self, run: Run, book: Path) -> None:
        run("trust", book / "models/meeting.py")
        listed = settings.trust_path()
        for place in (book, book / "models", book / ".forecast"):
            place.mkdir(exist_ok=True)
            shutil.copy(listed, place / "trust.json")
        listed.unlink()
        assert "[model-untrusted]" in refused(run)

    def test_nothing_is_given_from_the_cache_once_trust_is_revoked(
        self, run: Run, book: Path
    ) -> None:
        run("trust", book / "models/meeting.py")
        assert published(run)
        assert run("trust", "--revoke", book / "models/meeting.py").code == 0
        assert "[model-untrusted]" in refused(run)

    def test_a_compiled_copy_beside_it_is_never_looked_at(self, run: Run, book: Path) -> None:
        """One that Python itself would take in the file's place, unchecked."""
        evil = book.with_name("evil.py")
        evil.write_text(f"open({str(book / 'evil.ran')!r}, 'w')\n{MODEL}", encoding="utf-8")
        place = book / "models" / "__pycache__" / f"meeting.{sys.implementation.cache_tag}.pyc"
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        py_compile.compile(str(evil), str(place), doraise=True, invalidation_mode=mode)
        run("trust", book / "models/meeting.py")
        assert published(run)
        assert not (book / "evil.ran").exists()

    def test_a_link_out_of_the_book_is_refused_by_check(self, run: Run, book: Path) -> None:
        file = book / "models" / "meeting.py"
        file.rename(book.with_name("outside.py"))
        file.symlink_to(book.with_name("outside.py"))
        done = run("check")
        assert done.code == 1
        assert "[symlink-outside]" in done.out


def refused_in(run: Run, book: Path) -> str:
    done = run("update", "--book", book)
    assert done.code == 1
    return " ".join((done.out + done.err).split())


class TestList:
    def test_it_says_what_is_trusted_and_what_changed(self, run: Run, book: Path) -> None:
        assert "No file is trusted." in run("trust", "--list").out
        run("trust", book / "models/meeting.py")
        [row] = json.loads(run("trust", "--list", "--json").out)
        assert row["path"] == str((book / "models/meeting.py").resolve())
        assert row["state"] == "trusted"
        change(book, "2.5", "3.5")
        assert "changed since" in run("trust", "--list").out
        (book / "models/meeting.py").unlink()
        assert "not there" in run("trust", "--list").out
        assert run("trust", "--revoke", book / "models/meeting.py").code == 0
        assert "No file is trusted." in run("trust", "--list").out

    def test_what_cannot_be_is_wrong_use(self, run: Run, book: Path) -> None:
        for words in ((), ("--revoke",), ("x.py",), ("--list", "x"), ("--revoke", "never.py")):
            assert run("trust", *words).code == 2

    @pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"a": "ff"}', "\x00", "[" * 100_000])
    def test_a_damaged_list_trusts_nothing_and_is_named(
        self, run: Run, book: Path, text: str
    ) -> None:
        run("trust", book / "models/meeting.py")
        settings.trust_path().write_text(text, encoding="utf-8")
        for words in (("update",), ("trust", book / "models/meeting.py")):
            done = run(*words)
            assert done.code == 2
            assert "trust.json:1: is no list of trusted files" in done.err
        assert not ran(book)
        assert settings.trust_path().read_text(encoding="utf-8") == text

    def test_nothing_is_left_half_written(self, run: Run, book: Path) -> None:
        run("trust", book / "models/meeting.py")
        left = {path.name for path in settings.trust_path().parent.iterdir()}
        assert left <= {"trust.json", "trust.lock"}


ERRORS = {
    "an exception": (
        "    ahead = [", "    raise ValueError('no\\nluck')\n    ahead = [",
        "meeting.py:10: ValueError: no",
    ),
    "a mistake on import": ("Path(__file__)", "Path(__name)", "meeting.py:6: NameError:"),
    "no Python": ("def build(view):", "def build(view:", "meeting.py:9: SyntaxError:"),
    "leaving": ("    ahead = [", "    raise SystemExit(0)\n    ahead = [", "py:10: SystemExit"),
    "no build": ("def build", "def built", "meeting.py defines no build(view)"),
    "no model": ("    return model", "    return 3", "returns no pm.Model with a deterministic p"),
    "no answer": ('"p"', '"q"', "returns no pm.Model with a deterministic p"),
    "a discrete parameter": (
        'rate = pm.Gamma("rate", 2.5, 1127.0)', 'rate = pm.Poisson("rate", 2)',
        "rate: a discrete parameter; sum it out",
    ),
    "too few answers": ("np.array(ahead)", "np.array(ahead[:1])", "1 number where 2 are asked for"),
    "no probability": ("1 - pm.math.exp(", "2 + pm.math.exp(", "a probability from 0 to 1"),
    "a falling ladder": ("np.array(ahead)", "np.array(ahead[::-1])", "a later deadline is less"),
    "another file": ("import numpy", "import helper\nimport numpy", "meeting.py:3: ModuleNot"),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_what_goes_wrong_in_it_is_one_line_that_names_the_place(
    run: Run, book: Path, name: str
) -> None:
    old, new, said = ERRORS[name]
    run("trust", change(book, old, new))
    done = run("update", "--sampler", "fast")
    assert done.code == 1
    assert said in " ".join((done.out + done.err).split())
    assert "Traceback" not in done.out + done.err


def test_what_it_prints_is_no_row(run: Run, book: Path) -> None:
    run("trust", change(book, "    ahead = [", "    print('hello')\n    ahead = ["))
    assert published(run)


def test_it_sees_what_its_model_states_and_nothing_else(run: Run, book: Path) -> None:
    """Neither answers nor other models, what was elicited later or the question's words."""
    (book / "indicators").mkdir()
    for name in ("polls", "later", "other"):
        (book / "indicators" / f"{name}.yaml").write_text("title: x\nkind: level\n")
    with (book / "meet.yaml").open("a") as file:
        file.write("resolution: {answer: no, rung: 2027-01-01, known_at: 2026-11-01, source: x}\n")
    uses = "indicators: [{use: polls}, {use: later, elicited_on: 2027-01-01}]"
    models = f"models:\n  a: {{family: python, file: meeting.py, {uses}}}\n"
    models += "  b: {family: hazard, reference_class: {name: x, events: 1, exposure: 1 year}, "
    models += "indicators: [{use: other, hazard_ratio: 2, per: 1, baseline: 0}]}\n"
    lines = (book / "meet.yaml").read_text().splitlines(keepends=True)
    text = "".join(models if line.startswith("model:") else line for line in lines)
    (book / "meet.yaml").write_text(text)
    told = "    assert set(view.indicators) == {'polls'} and not view.question.resolutions\n"
    told += "    assert not view.question.models and not view.question.title\n"
    run("trust", change(book, "    ahead = [", told + "    ahead = ["))
    done = run("update", "--sampler", "fast")
    assert done.code == 0, done.out + done.err


@pytest.mark.slow
def test_it_is_sampled_by_nuts_unless_another_is_asked_for(run: Run, book: Path) -> None:
    run("trust", book / "models/meeting.py")
    assert run("update").code == 0
    [record] = (book / "record" / "meet").glob("*.jsonl")
    line = record.read_text(encoding="utf-8").splitlines()[0]
    assert json.loads(line)["gates"]["sampler"] == "nuts"


def test_a_fit_is_of_all_that_the_file_may_look_at(book: Path) -> None:
    def view_digest() -> str:
        ws = Workspace.open(book, now=commands.NOW)
        question = ws.question("meet")
        (request,) = requests(ws, question, ws.as_of(question, None))
        return request.view_digest

    before = view_digest()
    assert view_digest() == before
    question = book / "meet.yaml"
    later = QUESTION.replace("opens: 2026-09-04", "opens: 2026-09-05")
    question.write_text(later, encoding="utf-8")
    assert view_digest() != before
