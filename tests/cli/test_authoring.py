"""init, new, check, observe and resolve as a forecaster uses them."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run

TROOPS = "title: Troops\nkind: level\nunit: soldiers\n"


def test_a_new_book_and_a_new_question_are_right_as_they_stand(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "mine"
    assert run("init", root).code == 0
    said = (root / ".gitattributes").read_text(encoding="utf-8")
    assert "*.jsonl -text merge=union\n" in said and "seals/* -text\n" in said
    made = run("new", "snap-election", "--deadline", "2027-03-31", "--book", root)
    assert made.code == 0
    text = (root / "snap-election.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=")
    assert run("check", "--book", root).code == 0


def test_init_refuses_what_is_in_the_way(run: Run, book: Path) -> None:
    done = run("init", book)
    assert done.code == 2
    assert "already is a book" in done.err


def test_the_example_is_a_whole_book(run: Run, tmp_path: Path) -> None:
    root = tmp_path / "ukraine"
    assert run("init", "--example", root).code == 0
    assert run("check", "--book", root).code == 0
    assert "ukraine-invasion" in run("list", "--book", root).out


@pytest.mark.parametrize(
    ("kind", "step"),
    [("level", "gauge VALUE --on"), ("count", "gauge VALUE --on"), ("event", "gauge --on")],
)
def test_a_new_indicator_says_how_to_read_it(run: Run, book: Path, kind: str, step: str) -> None:
    assert f"forecast observe {step} DATE" in run("new", "gauge", "--indicator", kind).out
    words = step.replace("VALUE", "5").split()
    assert run("observe", *words, "2026-11-15", "--source", "URL").code == 0


@pytest.mark.parametrize("name", ["Snap", "../escape", "con", "a" * 65, ""])
def test_ids_that_are_none_are_refused(run: Run, book: Path, name: str) -> None:
    assert run("new", name).code == 2


def test_check_is_silent_when_all_is_well(run: Run, book: Path) -> None:
    done = run("check")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_observe_appends_a_row_that_update_sees(run: Run, book: Path) -> None:
    folder = book / "indicators"
    folder.mkdir()
    (folder / "troops.yaml").write_text(TROOPS, encoding="utf-8")
    done = run("observe", "troops", "150000", "--on", "2026-11-15", "--by", "US", "--source", "x")
    assert done.code == 0
    rows = (folder / "troops.csv").read_text(encoding="utf-8").splitlines()
    assert len(rows) == 2
    assert "150000" in rows[1]
    assert "2026-11-20" in rows[1]
    assert run("check").code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tropps", "1", "--on", "2026-11-15"), "did you mean 'troops'?"),
        (("troops", "--on", "2026-11-15"), "no reading given"),
        (("troops", "--low", "5", "--high", "3", "--on", "2026-11-15"), "is above"),
        (("troops", "1", "--on", "2026-12-15"), "before it was observed"),
        (("troops", "1", "--on", "2026-11-15", "--known", "2026-12-01"), "has not come yet"),
        (("troops", "1", "--on", "2026-13-15"), "there is no day 2026-13-15"),
        (("troops", "1", "--on", "2026-11-15", "--corrects", "9"), "has no row 9"),
    ],
)
def test_readings_that_are_none_are_refused_with_the_remedy(
    run: Run, book: Path, arguments: tuple[str, ...], said: str
) -> None:
    folder = book / "indicators"
    folder.mkdir()
    (folder / "troops.yaml").write_text(TROOPS, encoding="utf-8")
    done = run("observe", *arguments)
    assert done.code == 2
    assert said in done.err
    assert not (folder / "troops.csv").exists()


@pytest.mark.parametrize(
    ("command", "typed", "meant"),
    [
        ("observe polls -5 --ono 2026-11-20", "--ono", "--on"),
        ("resolve strike no --souce Reuters --known 2026-11-20", "--souce", "--source"),
    ],
)
def test_a_mistyped_option_is_named_where_numbers_may_be_below_zero(
    run: Run, book: Path, command: str, typed: str, meant: str
) -> None:
    done = run(*command.split())
    assert done.code == 2
    assert f"No such option '{typed}'" in done.err
    assert f"'{meant}'" in done.err


def test_happened_settles_every_rung_and_keeps_the_file_as_it_was(run: Run, book: Path) -> None:
    before = (book / "war.yaml").read_text(encoding="utf-8")
    done = run("resolve", "war", "--happened", "2026-11-15", "--source", "Reuters")
    assert done.code == 0
    after = (book / "war.yaml").read_text(encoding="utf-8")
    assert after.startswith(before)
    assert run("list", "war", "--csv").out.count("resolved") == 2
    assert run("check").code == 0


def test_a_rung_is_answered_alone(run: Run, book: Path) -> None:
    assert (
        "open until the end of 2026-12-01"
        in run("resolve", "war@2026-12-01", "no", "--source", "Reuters").err
    )
    run("resolve", "war@2026-12-01", "no", "--source", "Reuters", "--early")
    listed = run("list", "war", "--csv").out
    assert listed.count(",resolved,") == 1
    assert listed.count(",open,") == 1


def test_due_gives_the_exact_command(run: Run, book: Path) -> None:
    listed = run("list", "--due")
    assert 'forecast resolve strike no --source "…"' in listed.out
    run("resolve", "strike", "no", "--source", "Reuters")
    assert "Nothing is due" in run("list", "--due").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("war", "maybe", "--source", "x"), "is no answer"),
        (("war", "--source", "x"), "no answer given"),
        (("war", "--happened", "2026-12-24", "--source", "x"), "has not come yet"),
        (("war", "no", "--happened", "2026-11-15", "--source", "x"), "cannot be answered no"),
        (("war@2026-12-01", "yes", "--source", " "), "needs its source"),
        (("war", "yes", "--source", "x"), "give --happened DATE"),
        (("wra", "yes", "--source", "x"), "did you mean 'war'?"),
        (("war@2026-12-02", "yes", "--source", "x"), "has no deadline 2026-12-02"),
    ],
)
def test_answers_that_are_none_change_nothing(
    run: Run, book: Path, arguments: tuple[str, ...], said: str
) -> None:
    before = (book / "war.yaml").read_bytes()
    done = run("resolve", *arguments)
    assert done.code == 2
    assert said in done.err
    assert (book / "war.yaml").read_bytes() == before
    assert not (book / "record").exists()


def test_an_answer_changed_by_hand_is_named(run: Run, book: Path) -> None:
    run("resolve", "strike", "no", "--source", "Reuters")
    path = book / "strike.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("answer: no", "answer: yes"), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != text
    done = run("check")
    assert done.code == 1
    assert "[answer-unrecorded]" in done.out
    assert "[answer-changed]" in done.out


def test_a_reading_of_a_day_to_come_is_advised_on(run: Run, book: Path) -> None:
    folder = book / "indicators"
    folder.mkdir()
    (folder / "troops.yaml").write_text(TROOPS, encoding="utf-8")
    rows = "observed_on,value\n2026-11-01,5\n2027-11-01,5\n"
    (folder / "troops.csv").write_text(rows, encoding="utf-8")
    done = run("check")
    assert done.code == 0
    assert "troops.csv:3:1: 2027-11-01 has not come yet" in done.out
