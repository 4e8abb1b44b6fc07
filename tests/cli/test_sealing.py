"""Seals: what was said by when, provable to those who trust nobody in particular."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forecast.canonical import canonical
from forecast.errors import Problem
from tests.authority import Authority, available
from tests.cli.conftest import Run

ANSWERED = datetime(2026, 11, 24, 12, tzinfo=UTC)
needs_openssl = pytest.mark.skipif(not available(), reason="openssl is not installed")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.begin(tmp_path_factory.mktemp("authority") / "own")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.begin(tmp_path_factory.mktemp("authority") / "other", "Other")


@pytest.fixture
def said(run: Run, book: Path) -> Path:
    """A book in which `ann` said three things, with git's own word for each moment."""
    for chance in (".1", ".2", ".3"):
        assert run("predict", "war@2027-03-01", chance).code == 0
    return book


@pytest.fixture
def commit(book: Path) -> Callable[..., None]:
    """Commit the whole book at an instant."""

    def git(*arguments: str, at: str = "") -> None:
        environment = os.environ | {
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            **{f"GIT_{who}_NAME": "ann" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_EMAIL": "ann@example.org" for who in ("AUTHOR", "COMMITTER")},
            **{f"GIT_{who}_DATE": at for who in ("AUTHOR", "COMMITTER")},
        }
        subprocess.run(["git", *arguments], cwd=book, env=environment, check=True)

    def call(at: str = "2026-11-20T13:00:00Z") -> None:
        if not (book / ".git").exists():
            git("init", "-q")
        git("add", "-A", at=at)
        git("commit", "-qm", "seal", at=at)

    return call


def the_seal(book: Path, ending: str = ".json") -> Path:
    (path,) = (book / "seals").glob(f"*{ending}")
    return path


def codes(run: Run, *arguments: object) -> list[tuple[str, str, int]]:
    problems = json.loads(run("verify", "--json", *arguments).out)
    return [(p["code"], Path(p["path"]).name, p["line"]) for p in problems]


def told(run: Run, *arguments: object) -> list[str]:
    """Every problem in words, by its file's name alone."""
    problems = json.loads(run("verify", "--json", *arguments).out)
    return [str(Problem(**p | {"path": Path(p["path"]).name})) for p in problems]


def proofs(run: Run, *arguments: object) -> dict[str, dict[str, object]]:
    rows = json.loads(run("verify", "--proofs", "--json", *arguments).out)
    return {row["question"]: row for row in rows}


def test_a_seal_names_every_head_and_its_own_content(run: Run, said: Path) -> None:
    run("predict", "strike", ".5", "--on", "2026-11-05", "--by", "ben")
    done = run("seal")
    assert done.code == 0
    path = the_seal(said)
    fixed = json.loads(path.read_bytes())
    assert canonical(fixed) == path.read_bytes()
    assert list(fixed["heads"]) == ["strike/ben", "war/ann"]
    (last,) = fixed["heads"]["war/ann"].items()
    lines = (said / "record" / "war" / "ann.jsonl").read_bytes().splitlines()
    assert last == (json.loads(lines[-1])["hash"], 3)
    assert path.name in done.out and "curl" in done.out and "git add" in done.out


def test_a_second_seal_is_made_only_of_something_new(run: Run, said: Path) -> None:
    first = json.loads(run("seal", "--json").out)[0]
    again = json.loads(run("seal", "--json").out)[0]
    assert (first["new"], again["new"], again["seal"]) == (True, False, first["seal"])
    assert "was there already" in run("seal").out
    run("predict", "war@2027-03-01", ".4")
    assert json.loads(run("seal", "--json").out)[0]["new"]


def test_there_must_be_something_to_seal(run: Run, book: Path) -> None:
    done = run("seal")
    assert done.code == 2
    assert "forecast predict" in done.err


def test_what_is_broken_is_not_sealed(run: Run, said: Path) -> None:
    path = said / "record" / "war" / "ann.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"value":0.2', b'"value":0.9'))
    done = run("seal")
    assert done.code == 3
    assert "ann.jsonl:2" in done.err
    assert not (said / "seals").exists()


def test_no_seal_leaves_the_book_through_a_link(run: Run, said: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    try:
        (said / "seals").symlink_to(outside, target_is_directory=True)
    except OSError:
        pytest.skip("symbolic links need a right that this user has not")
    done = run("seal")
    assert done.code == 2
    assert done.err.endswith("seals is a symbolic link\n  put the folder itself there\n")
    assert list(outside.iterdir()) == []


def test_a_seal_alone_proves_nothing_and_says_so(run: Run, said: Path) -> None:
    run("seal")
    done = run("verify")
    assert done.code == 0
    assert "nothing but this file says when" in done.out
    assert proofs(run)["war"]["committed"] == 0


def test_a_cut_at_the_end_of_a_line_is_caught(run: Run, said: Path) -> None:
    run("seal")
    path = said / "record" / "war" / "ann.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:2]))
    assert ("record-cut", "ann.jsonl", 2) in codes(run)
    assert run("verify").code == 3
    path.unlink()
    assert ("record-cut", "ann.jsonl", 0) in codes(run)


def test_a_sealed_line_that_is_gone_is_told_with_a_remedy(run: Run, said: Path) -> None:
    run("seal")
    path = said / "record" / "war" / "ann.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    last = json.loads(lines[-1])["hash"]
    line = f"the line that {the_seal(said).name} seals ({last[:12]}…, number 3 of its chain)"
    backup = "restore the file from a commit or backup"
    path.write_bytes(b"")
    assert f"ann.jsonl:0:0: the file ends before {line}: it was cut; {backup} [record-cut]" in told(
        run
    )
    path.write_bytes(b"".join(lines[:2]))
    assert f"ann.jsonl:2:1: the file ends before {line}: it was cut; {backup} [record-cut]" in told(
        run
    )
    run("predict", "war@2027-03-01", ".9")
    rewritten = f"this is not {line}: what was said has been rewritten"
    assert f"ann.jsonl:3:1: {rewritten}; {backup} [record-rewritten]" in told(run)


def test_a_line_that_two_seals_hold_is_missed_once(run: Run, said: Path) -> None:
    run("seal")
    run("predict", "strike", ".5", "--on", "2026-11-05", "--by", "ben")
    run("seal", now=ANSWERED)
    path = said / "record" / "war" / "ann.jsonl"
    path.write_bytes(b"")
    cut = [p for p in json.loads(run("verify", "--json").out) if p["code"] == "record-cut"]
    assert [Path(p["path"]) for p in cut] == [path]


def test_what_is_the_matter_with_a_seal_is_told_with_a_remedy(
    run: Run, said: Path, commit: Callable[..., None]
) -> None:
    run("seal")
    seal, restore = the_seal(said), "restore it from a commit or backup [seal-changed]"
    fixed = seal.read_bytes()
    assert told(run) == [
        f"{seal.name}:1:1: nothing but this file says when it was made; "
        "commit it and push the commit, or give it a time stamp [seal-unproven]"
    ]
    seal.write_bytes(fixed + b" ")
    assert told(run) == [f"{seal.name}:1:1: is not the seal that its name says; {restore}"]
    seal.unlink()
    seal.mkdir()
    assert told(run) == [f"{seal.name}:1:1: cannot be read: this is no ordinary file; {restore}"]
    seal.rmdir()
    seal.write_bytes(fixed)
    commit()
    assert told(run) == []
    seal.unlink()
    [gone] = told(run)
    held = re.search(r"commit (\w{10}) holds", gone)
    assert held is not None
    assert gone == (
        f"{seal.name}:0:0: the seal that commit {held[1]} holds is gone; "
        f"restore it: git checkout {held[1]} -- seals/{seal.name} [seal-missing]"
    )


def test_a_history_written_anew_is_caught_where_it_differs(run: Run, said: Path) -> None:
    run("seal")
    path = said / "record" / "war" / "ann.jsonl"
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])
    for chance in (".8", ".9", ".95"):
        run("predict", "war@2027-03-01", chance)
    assert codes(run)[0] == ("record-rewritten", "ann.jsonl", 3)
    done = run("seal")
    assert done.code == 3
    assert "ann.jsonl:3" in done.err and "rewritten" in done.err


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b":3}", b":2}"),
        lambda data: data + b"\n",
        lambda data: b"",
        lambda data: data[:-1],
    ],
)
def test_a_seal_that_was_changed_is_named(run: Run, said: Path, change) -> None:
    run("seal")
    path = the_seal(said)
    path.write_bytes(change(path.read_bytes()))
    assert ("seal-changed", path.name, 1) in codes(run)
    assert run("verify").code == 3


NO_SEALS = [
    b"[]",
    b"{}",
    b"\xff",
    b"[" * 100_000,
    b'{"heads":{},"made_at":"2026-11-20T12:00:00","v":1}',
    b'{"heads":{},"made_at":"2026-11-20T12:00:00Z","v":2}',
    b'{"heads":{},"made_at":"2026-11-20T12:00:00Z","more":1,"v":1}',
    b'{"heads":{"../../etc":{}},"made_at":"2026-11-20T12:00:00Z","v":1}',
    b'{"heads":{"war/ann":{"0":1}},"made_at":"2026-11-20T12:00:00Z","v":1}',
    b'{"heads":{"war/ann":1},"made_at":"2026-11-20T12:00:00Z","v":1}',
]


@pytest.mark.parametrize("data", NO_SEALS)
def test_what_is_no_seal_is_named_though_its_name_is_right(run: Run, said: Path, data) -> None:
    from hashlib import sha256

    (said / "seals").mkdir()
    name = f"2026-11-20-{sha256(data).hexdigest()[:16]}.json"
    (said / "seals" / name).write_bytes(data)
    assert codes(run) == [("seal-changed", name, 1)]
    assert "is no seal" in run("verify").out


def test_a_commit_proves_what_was_said_before_the_answer(run: Run, said: Path, commit) -> None:
    run("seal")
    commit("2026-11-20T13:00:00Z")
    run("predict", "war@2027-03-01", ".9", now=ANSWERED)
    run("seal", now=ANSWERED)
    commit("2026-11-24T13:00:00Z")
    known = ("--happened", "2026-11-23", "--known", "2026-11-24", "--source", "Reuters")
    run("resolve", "war", *known, now=ANSWERED)
    row = proofs(run)["war"]
    assert (row["forecasts"], row["committed"], row["stamped"]) == (4, 3, 0)
    assert row["first_commit"] == "2026-11-20T13:00:00+00:00"
    assert row["answered"] == "2026-11-24T00:00:00+00:00"
    assert len(str(row["commit"])) == 40
    assert "4 forecasts, 2 seals: 3 proven by commits, 0 by time stamps." in run("verify").out
    drawn = run("verify", "--proofs").out
    assert "3 (20 Nov 26)" in drawn
    assert "until others hold the commit" in drawn


def test_nothing_is_proven_of_a_deadline_that_the_question_has_not(
    run: Run, said: Path, commit
) -> None:
    """It has no answer to be older than, and the question's own may have been known for long."""
    run("seal")
    commit()
    assert proofs(run)["war"]["committed"] == 3
    path = said / "war.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("2027-03-01", "2027-03-02"), encoding="utf-8"
    )
    row = proofs(run)["war"]
    assert (row["forecasts"], row["committed"], row["first_commit"]) == (3, 0, None)


def test_the_first_commit_of_the_very_content_counts(run: Run, said: Path, commit) -> None:
    run("seal")
    path = the_seal(said)
    content = path.read_bytes()
    path.write_bytes(b"something else")
    commit("2026-11-19T13:00:00Z")
    path.write_bytes(content)
    commit("2026-11-21T13:00:00Z")
    path.unlink()
    commit("2026-11-22T13:00:00Z")
    path.write_bytes(content)
    commit("2026-11-20T13:00:00Z")  # later in the history, whatever its clock says
    assert proofs(run)["war"]["first_commit"] == "2026-11-21T13:00:00+00:00"


def test_git_is_asked_about_the_book_and_not_about_where_a_hook_runs(
    run: Run, said: Path, commit, monkeypatch
) -> None:
    run("seal")
    commit()
    monkeypatch.setenv("GIT_DIR", str(said / "elsewhere"))
    assert proofs(run)["war"]["committed"] == 3


def test_a_commit_of_no_possible_time_proves_nothing(run: Run, said: Path, commit) -> None:
    run("seal")
    commit("@999999999999999 +0000")
    assert proofs(run)["war"]["committed"] == 0
    assert run("verify").code == 0


def test_a_committed_seal_that_is_gone_is_named(run: Run, said: Path, commit) -> None:
    run("seal")
    commit()
    path = the_seal(said)
    path.unlink()
    assert codes(run) == [("seal-missing", path.name, 0)]
    done = run("verify")
    assert done.code == 3
    assert "git checkout" in done.out


def test_the_commit_that_holds_a_lost_seal_is_its_own(run: Run, said: Path, commit) -> None:
    run("seal")
    first = the_seal(said)
    commit()
    run("predict", "war@2027-03-01", ".4")
    run("seal", now=ANSWERED)
    commit("2026-11-24T13:00:00Z")
    log = subprocess.run(
        ["git", "log", "--format=%h", "--abbrev=10", "--", f"seals/{first.name}"],
        cwd=said,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    first.unlink()
    [gone] = told(run)
    assert f"the seal that commit {log.strip()} holds is gone" in gone


def test_without_git_a_commit_proves_nothing(run: Run, said: Path, commit, monkeypatch) -> None:
    run("seal")
    commit()
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert proofs(run)["war"]["committed"] == 0
    assert run("verify").code == 0


def break_head(book: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (book / ".git" / "HEAD").write_bytes(b"")
    return "not a git repository (or any"


def give_to_another(book: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return "detected dubious ownership in repository"


def slow_down(book: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("forecast.record.commits.PATIENCE", 0)
    return "no answer within 0 seconds"


@pytest.mark.parametrize("harm", [break_head, give_to_another, slow_down])
def test_git_that_refuses_is_not_taken_for_no_git(
    run: Run, said: Path, commit, monkeypatch, harm
) -> None:
    """Neither is a committed seal called uncommitted, nor a book whole whose seal is gone."""
    run("seal")
    commit()
    reason = harm(said, monkeypatch)
    for _ in ("sealed", "gone"):
        [refused] = told(run)
        assert refused.startswith(
            "seals:0:0: which seals were committed, and whether one is gone, git does not say: "
            + reason
        )
        assert refused.endswith("; make `git log` work here, then run it again [git-refused]")
        done = run("verify", "--proofs")
        assert done.code == 1 and "git does not say" in done.out + done.err
        for path in (said / "seals").iterdir():
            path.unlink()


def test_a_repository_without_commits_proves_nothing(run: Run, said: Path) -> None:
    run("seal")
    subprocess.run(["git", "init", "-q"], cwd=said, check=True)
    assert codes(run) == [("seal-unproven", the_seal(said).name, 1)]


def test_settings_and_replacements_of_the_repository_change_no_proof(
    run: Run, said: Path, commit
) -> None:
    """A first commit shows what it put there, and no commit stands for another."""
    run("seal")
    commit()
    first = proofs(run)["war"]["commit"]

    def git(*words: str) -> str:
        who = ("-c", "user.name=ann", "-c", "user.email=ann@example.org")
        older = os.environ | {"GIT_COMMITTER_DATE": "2001-01-01T00:00:00Z"}
        done = subprocess.run(
            ["git", *who, *words], cwd=said, env=older, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    git("config", "log.showRoot", "false")
    assert proofs(run)["war"]["committed"] == 3
    git("replace", str(first), git("commit-tree", "HEAD^{tree}", "-m", "seal"))
    assert proofs(run)["war"]["first_commit"] == "2026-11-20T13:00:00+00:00"


# Time stamps


@needs_openssl
def test_a_time_stamp_proves_what_was_said(run: Run, said: Path, authority: Authority) -> None:
    run("seal")
    answer = authority.answer(the_seal(said, ".tsq"), said / "answer.tsr")
    done = run("seal", "--token", answer, "--roots", authority.root)
    assert done.code == 0, done.err
    assert "signed under your root certificates" in done.out
    assert authority.confirms(the_seal(said), the_seal(said, ".tsr"))
    row = proofs(run, "--roots", authority.root)["war"]
    assert (row["committed"], row["stamped"]) == (0, 3)
    assert run("verify", "--roots", authority.root).out.count("3 by time stamps") == 1
    again = json.loads(run("seal", "--token", answer, "--json").out)[0]
    assert (again["trusted"], again["stamped_by"]) == (False, row["first_stamp"])


@needs_openssl
def test_whose_time_stamp_it_is_must_be_the_readers_own_trust(
    run: Run, said: Path, authority: Authority, stranger: Authority, monkeypatch
) -> None:
    run("seal")
    answer = authority.answer(the_seal(said, ".tsq"), said / "answer.tsr")
    refused = run("seal", "--token", answer, "--roots", stranger.root)
    assert refused.code == 2
    assert "answer.tsr:1: is not signed under the root certificates given" in refused.err
    assert "is not checked" in run("seal", "--token", answer).out
    untrusted = run("verify")
    assert untrusted.code == 0
    assert "by whom is not checked; give --roots" in untrusted.out
    assert proofs(run)["war"]["stamped"] == 0
    token = the_seal(said, ".tsr").name
    assert ("seal-token", token, 1) in codes(run, "--roots", stranger.root)
    assert run("verify", "--roots", stranger.root).code == 3
    monkeypatch.setenv("FORECAST_ROOTS", str(authority.root))
    assert proofs(run)["war"]["stamped"] == 3


@needs_openssl
def test_an_answer_to_something_else_is_refused(run: Run, said: Path, authority: Authority) -> None:
    run("seal")
    request = the_seal(said, ".tsq")
    other = said / "other.tsq"
    subprocess.run(
        ["openssl", "ts", "-query", "-data", request, "-sha256", "-out", other],
        check=True,
        capture_output=True,
    )
    done = run("seal", "--token", authority.answer(other, said / "other.tsr"))
    assert done.code == 2
    assert "no seal of this book has its hash" in done.err
    subprocess.run(
        ["openssl", "ts", "-query", "-data", the_seal(said), "-sha256", "-out", other],
        check=True,
        capture_output=True,
    )
    done = run("seal", "--token", authority.answer(other, said / "replayed.tsr"))
    assert done.code == 2
    assert "answers another request" in done.err
    assert list((said / "seals").glob("*.tsr")) == []
    request.write_bytes(b"no request")
    answer = authority.answer(other, said / "answer.tsr")
    assert "a request beside it that is none" in run("seal", "--token", answer).err
    request.unlink()
    assert run("seal", "--token", answer).code == 0


@needs_openssl
def test_a_second_answer_does_not_replace_the_first(
    run: Run, said: Path, authority: Authority
) -> None:
    run("seal")
    request = the_seal(said, ".tsq")
    assert run("seal", "--token", authority.answer(request, said / "a.tsr")).code == 0
    kept = the_seal(said, ".tsr").read_bytes()
    done = run("seal", "--token", authority.answer(request, said / "b.tsr"))
    assert done.code == 2
    assert "has a time stamp already" in done.err
    assert the_seal(said, ".tsr").read_bytes() == kept


@needs_openssl
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes there")
@pytest.mark.parametrize("ending", [".tsq", ".tsr"])
def test_a_pipe_beside_a_seal_is_named_and_not_awaited(
    run: Run, said: Path, authority: Authority, ending: str
) -> None:
    run("seal")
    request = the_seal(said, ".tsq")
    answer = authority.answer(request, said / "answer.tsr")
    beside = request.with_suffix(ending)
    beside.unlink(missing_ok=True)
    os.mkfifo(beside)
    done = run("seal", "--token", answer)
    assert done.code == 4
    assert f"{beside.name}: this is no ordinary file" in done.err.replace("\n", "")


@needs_openssl
def test_a_refusal_is_no_time_stamp(run: Run, said: Path, authority: Authority) -> None:
    run("seal")
    bad = said / "bad.tsq"
    command = ["openssl", "ts", "-query", "-data", the_seal(said), "-sha512", "-out", bad]
    subprocess.run(command, check=True, capture_output=True)
    done = run("seal", "--token", authority.answer(bad, said / "refusal.tsr"))
    assert done.code == 2
    assert "the authority refused" in done.err


@pytest.mark.parametrize(
    ("data", "said_of_it"),
    [
        (b"", "is no answer to a time-stamp request"),
        (b"<html>Not found</html>", "is no answer to a time-stamp request"),
        (b"\x30\x80" * 30_000, "is no answer to a time-stamp request"),
        (b"\x30" * 1_000_000, "is larger than 65536 bytes"),
        (None, "there is no file"),
    ],
)
def test_garbage_is_refused_by_name(run: Run, said: Path, data, said_of_it) -> None:
    run("seal")
    path = said / "answer.tsr"
    if data is not None:
        path.write_bytes(data)
    done = run("seal", "--token", path)
    assert done.code == 2
    assert said_of_it in done.err and str(path) in done.err
    assert list((said / "seals").glob("*.tsr")) == []


@needs_openssl
def test_no_changed_answer_proves_another_time(run: Run, said: Path, authority: Authority) -> None:
    from forecast.record import stamps

    run("seal")
    request, data = the_seal(said, ".tsq"), the_seal(said).read_bytes()
    answer = authority.answer(request, said / "answer.tsr").read_bytes()
    roots = stamps.certificates([authority.root])
    honest = stamps.check(answer, data, request.read_bytes(), roots)
    chance = random.Random(1)
    refused = 0
    for _ in range(2000):
        changed = bytearray(answer)
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
        try:
            assert stamps.check(bytes(changed), data, request.read_bytes(), roots) == honest
        except stamps.StampError:
            refused += 1
    assert refused > 1000


@needs_openssl
def test_a_stored_token_that_cannot_be_read_or_fits_nothing_is_a_break(
    run: Run, said: Path, authority: Authority, monkeypatch
) -> None:
    run("seal")
    run("seal", "--token", authority.answer(the_seal(said, ".tsq"), said / "answer.tsr"))
    token = the_seal(said, ".tsr")
    kept = token.read_bytes()
    token.write_bytes(kept[:-1])
    assert ("seal-token", token.name, 1) in codes(run)
    token.unlink()
    token.mkdir()
    assert ("seal-token", token.name, 1) in codes(run)


@needs_openssl
def test_a_stored_token_must_answer_the_request_beside_it(
    run: Run, said: Path, authority: Authority
) -> None:
    run("seal")
    request, seal = the_seal(said, ".tsq"), the_seal(said)
    run("seal", "--token", authority.answer(request, said / "answer.tsr"))
    token = the_seal(said, ".tsr")
    restore = "restore it from a commit or backup, or ask for another [seal-token]"
    [untrusted] = told(run)
    assert untrusted.startswith(f"{token.name}:1:1: a time stamp of 20")
    assert untrusted.endswith(
        " UTC, by whom is not checked; give --roots with the root certificate of the authority "
        "[seal-untrusted]"
    )
    asked = request.read_bytes()
    request.write_bytes(request_of(seal))
    assert told(run) == [
        f"{token.name}:1:1: answers another request than the one beside it; {restore}"
    ]
    request.unlink()
    assert told(run) == [untrusted]
    request.write_bytes(asked)
    token.unlink()
    token.mkdir()
    assert told(run) == [f"{token.name}:1:1: cannot be read: this is no ordinary file; {restore}"]


def request_of(seal: Path) -> bytes:
    from forecast.record import stamps

    return stamps.request(seal.read_bytes())


def test_a_seal_that_cannot_be_read_is_a_break(run: Run, said: Path) -> None:
    run("seal")
    path = the_seal(said)
    path.unlink()
    path.mkdir()
    assert codes(run) == [("seal-changed", path.name, 1)]


def test_a_root_certificate_must_be_one(run: Run, said: Path) -> None:
    for path in (said / "war.yaml", said / "nothing.pem"):
        done = run("verify", "--roots", path)
        assert done.code == 2
        assert "root certificate in PEM form" in done.err


def test_the_heads_of_both_sides_of_a_merge_are_sealed(run: Run, said: Path) -> None:
    path = said / "record" / "war" / "ann.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole.splitlines(keepends=True)[0])
    run("predict", "war@2027-03-01", ".7")
    branch = path.read_bytes().splitlines(keepends=True)[1]
    path.write_bytes(whole + branch)
    assert run("seal").code == 0
    heads = json.loads(the_seal(said).read_bytes())["heads"]["war/ann"]
    assert sorted(heads.values()) == [2, 3]
    path.write_bytes(whole)
    assert ("record-rewritten", "ann.jsonl", 2) in codes(run)


# Answers


def test_an_answer_that_was_edited_is_named_by_check_and_verify(run: Run, book: Path) -> None:
    run("resolve", "strike", "no", "--source", "Reuters")
    assert (run("check").code, run("verify").code) == (0, 0)
    path = book / "strike.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("answer: no", "answer: yes"), encoding="utf-8")
    line = text.splitlines().index("  answer: no") + 1
    for command in ("check", "verify"):
        done = run(command)
        assert done.code == 1
        assert f"strike.yaml:{line}:3: the answer 'yes' is not in the record" in done.out
        assert "the record holds the answer 'no' (ann.jsonl:1), which the file does not" in done.out


def test_an_answer_that_was_removed_is_named(run: Run, book: Path) -> None:
    path = book / "strike.yaml"
    before = path.read_text(encoding="utf-8")
    run("resolve", "strike", "no", "--source", "Reuters")
    path.write_text(before, encoding="utf-8")
    assert run("verify").code == 1
    assert "[answer-changed]" in run("verify").out


def test_answers_cannot_change_places_silently(run: Run, book: Path) -> None:
    run("resolve", "strike", "no", "--source", "Reuters")
    run("resolve", "strike", "yes", "--source", "AP", now=ANSWERED)
    path = book / "strike.yaml"
    text = path.read_text(encoding="utf-8")
    head, items = text.split("resolution:\n")
    first, second = items.split("  - answer: yes")
    path.write_text(f"{head}resolution:\n  - answer: yes{second}{first}", encoding="utf-8")
    done = run("check")
    assert done.code == 1
    assert "not in the order of the record, which is: no, yes" in done.out


def test_an_answer_given_back_and_again_is_a_history_of_three(run: Run, book: Path) -> None:
    for answer in ("no", "open", "no"):
        assert run("resolve", "strike", answer, "--source", "Reuters").code == 0
    assert (run("check").code, run("verify").code) == (0, 0)
    path = book / "strike.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.rindex("  - answer: no")], encoding="utf-8")
    assert "which is: no, open, no" in run("check").out


def test_an_answer_recorded_twice_is_one(run: Run, book: Path) -> None:
    for _ in range(2):
        run("resolve", "strike", "no", "--source", "Reuters")
    assert run("check").code == 0
