"""Verify names file and line of whatever is not as it was written."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from forecast.book.templates import GITATTRIBUTES
from forecast.canonical import canonical
from forecast.domain import Kind, Target
from forecast.errors import EnvironmentFailure, RecordError, UsageError
from forecast.record.ledger import Ledger
from forecast.record.lines import body, encode
from forecast.record.reading import recorded
from forecast.record.rows import rows, tail
from forecast.record.verify import heads, verify, verify_bytes, verify_file

HERE = Path("record/ukraine-invasion/anna.jsonl")


def chain(say, *values) -> list[bytes]:
    """Lines of one chain, without newlines, an hour apart."""
    lines, prev = [], None
    for seq, value in enumerate(values, 1):
        raw, prev = encode(body(say(value, hours=seq)), "anna", seq, prev)
        lines.append(raw)
    return lines


def joined(*lines: bytes) -> bytes:
    return b"".join(line + b"\n" for line in lines)


def codes(*lines: bytes) -> list[tuple[str, int, bool]]:
    found = verify_bytes(joined(*lines), HERE)
    assert all(problem.path == str(HERE) and problem.hint for problem in found)
    return [(problem.code, problem.line, problem.advice) for problem in found]


def after(say, line: bytes, value: float, **members) -> bytes:
    """A line that follows `line`, on a branch of its own."""
    parent = json.loads(line)
    return encode(body(say(value, **members)), "anna", parent["seq"] + 1, parent["hash"])[0]


def test_an_unbroken_chain_has_no_problem(say):
    assert codes(*chain(say, 0.1, 0.2, 0.3)) == []


def test_a_line_cut_out_is_a_missing_parent_of_the_next(say):
    a, _, c = chain(say, 0.1, 0.2, 0.3)
    assert codes(a, c) == [("record-parent", 2, False)]
    assert codes(c) == [("record-parent", 1, False)]


def test_a_changed_line_is_named_and_so_is_the_chain_it_breaks(say):
    a, b, c = chain(say, 0.1, 0.2, 0.3)
    changed = b.replace(b"0.2", b"0.9")
    assert codes(a, changed, c) == [("record-damaged", 2, False), ("record-parent", 3, False)]


def test_a_line_of_another_file_is_named(say):
    other, _ = encode(body(say(0.2, target=Target("other"))), "anna", 1, None)
    stranger, _ = encode(body(say(0.2)), "ben", 1, None)
    assert codes(other) == [("record-place", 1, False)]
    assert codes(stranger) == [("record-place", 1, False)]


def test_a_sequence_that_jumps_is_named(say):
    (a,) = chain(say, 0.1)
    b, _ = encode(body(say(0.2, hours=2)), "anna", 5, json.loads(a)["hash"])
    assert codes(a, b) == [("record-seq", 2, False)]


@pytest.mark.parametrize("spelled", [b'"seed": null', b'"seed":null ', b'"seed":0,"seed":null'])
def test_another_spelling_is_named_even_where_its_hash_fits(say, spelled):
    members = {**body(say(0.1)), "writer": "anna", "seq": 1, "prev": None}
    raw = canonical(members).replace(b'"seed":null', spelled)
    own = hashlib.sha256(raw).hexdigest().encode()
    line = raw.replace(b'"interval"', b'"hash":"%s","interval"' % own, 1)
    (problem,) = verify_bytes(joined(line), HERE)
    assert str(problem) == (
        f"{HERE}:1:1: the line is not in canonical form (RFC 8785); restore the file from a commit "
        "or backup; do not mend the line by hand [record-canonical]"
    )


def test_a_number_no_double_holds_is_named(say):
    members = {**body(say(0.1, gates={"ess": 1})), "writer": "anna", "seq": 1, "prev": None}
    raw = canonical(members).replace(b'{"ess":1}', b'{"ess":1e999}')
    own = hashlib.sha256(raw).hexdigest().encode()
    line = raw.replace(b'"interval"', b'"hash":"%s","interval"' % own, 1)
    assert codes(line) == [("record-canonical", 1, False)]


def test_two_branches_are_a_merge_and_not_a_break(say):
    a, b = chain(say, 0.1, 0.2)
    c = after(say, a, 0.3, hours=3)
    assert codes(a, b, c) == [("record-merge", 3, True)]
    beginning, _ = encode(body(say(0.4, hours=4)), "anna", 1, None)
    assert codes(a, beginning) == [("record-merge", 2, True)]


def test_what_merging_twice_leaves_is_advice(say):
    a, b = chain(say, 0.1, 0.2)
    c = after(say, b, 0.3, hours=3)
    assert codes(a, b, a) == [("record-twice", 3, True)]
    assert codes(a, c, b) == [("record-order", 2, True)]


def test_below_a_line_that_stands_twice_all_is_looked_at(say):
    a, b = chain(say, 0.1, 0.2)
    jump, _ = encode(body(say(0.3, hours=3)), "anna", 9, json.loads(b)["hash"])
    assert codes(a, b, a, jump) == [("record-twice", 3, True), ("record-seq", 4, False)]


def test_a_clock_that_stepped_back_is_warned_of(say):
    (a,) = chain(say, 0.1)
    b = after(say, a, 0.2, hours=-5)
    assert codes(a, b) == [("record-clock", 2, True)]
    imported = after(say, a, 0.2, hours=-500, kind=Kind.IMPORTED)
    c = after(say, imported, 0.3, hours=0.5)
    assert codes(a, imported, c) == [("record-clock", 3, True)]


def test_conflict_markers_are_named_as_such(say):
    a, b = chain(say, 0.1, 0.2)
    problems = verify_bytes(joined(a, b"<<<<<<< HEAD", b, b"=======", b">>>>>>> other"), HERE)
    assert [p.line for p in problems] == [2, 4, 5]
    assert {p.message for p in problems} == {"a git conflict marker"}


def test_every_problem_says_what_is_wrong_and_what_to_do(say):
    a, b, c = chain(say, 0.1, 0.2, 0.3)
    parent = json.loads(a)["hash"]
    beginning, _ = encode(body(say(0.4, hours=4)), "anna", 1, None)
    jump, _ = encode(body(say(0.2, hours=2)), "anna", 5, parent)
    elsewhere, _ = encode(body(say(0.2, target=Target("other"))), "anna", 1, None)
    again = "two branches were merged"
    backup = "restore the file from a commit or backup; do not mend the line by hand"
    cut = "nothing that was acknowledged ends like this; appending goes on below it"
    spaced = b.replace(b",", b", ", 1)
    for data, said in [
        (joined(a) + b'{"as_of', f"2:1: a write was cut short here; {cut} [record-torn]"),
        (
            joined(a, b'{"as_of#torn'),
            f"2:1: a write was cut short here and set aside; {cut} [record-torn]",
        ),
        (
            joined(a)[:-1],
            "1:1: the last line does not end with a newline; nothing is missing; the next append "
            "ends it [record-unended]",
        ),
        (
            joined(a, b).replace(b"\n", b"\r\n"),
            "1:1: line ends were turned into CR LF; put `*.jsonl -text merge=union` into "
            ".gitattributes and check the file out again; committed so, or without git: turn its "
            "line ends back to LF, which restores every byte [record-crlf]",
        ),
        (
            joined(a)[:-1] + b"\x0b",
            f"1:1: the newline of the last line was changed; {backup} [record-damaged]",
        ),
        (joined(a, b"======="), f"2:1: a git conflict marker; {backup} [record-damaged]"),
        (
            joined(a, spaced),
            f"2:1: the line was changed: its hash does not match; {backup} [record-damaged]",
        ),
        (
            joined(b),
            f"1:1: the line it follows (hash {parent[:12]}…) is missing from the file; {backup} "
            "[record-parent]",
        ),
        (joined(a, jump), f"2:1: `seq` is 5 where 2 follows; {backup} [record-seq]"),
        (
            joined(elsewhere),
            f"1:1: the line belongs to other/anna.jsonl; {backup} [record-place]",
        ),
        (
            joined(a, c, b),
            "2:1: it stands before the line it follows, 3: branches were merged; the hashes prove "
            "the order; nothing to do [record-order]",
        ),
        (
            joined(a, b, after(say, a, 0.3, hours=3)),
            f"3:1: this line and 2 both follow line 1: {again}; both stand; nothing to do "
            "[record-merge]",
        ),
        (
            joined(a, beginning),
            f"2:1: this line and 1 both follow the beginning: {again}; both stand; nothing to do "
            "[record-merge]",
        ),
        (
            joined(a, b, a),
            f"3:1: the same line stands at 1: {again} twice; read once; nothing to do "
            "[record-twice]",
        ),
        (
            joined(a, after(say, a, 0.2, hours=-5)),
            "2:1: made at 2022-02-18 07:00:00, before the line it follows (13:00:00); check the "
            "clock of the machine that wrote it [record-clock]",
        ),
    ]:
        assert [str(problem) for problem in verify_bytes(data, HERE)] == [f"{HERE}:{said}"]


def test_heads_are_the_lines_that_nothing_follows(say):
    a, b = chain(say, 0.1, 0.2)
    c = after(say, a, 0.3, hours=3)
    entries = [row.entry for row in rows(joined(a, b, c), HERE)]
    assert heads(entries) == entries[1:]


def test_strays_in_the_record_are_named(root, say):
    Ledger(root).append([say()], "anna")
    folder = root / "record" / "ukraine-invasion"
    for name in ("anna (conflicted copy).jsonl", "anna.jsonl.orig", ".DS_Store"):
        (folder / name).write_bytes(b"")
    (root / "record" / "notes.txt").write_bytes(b"")
    (root / "record" / "Not An Id").mkdir()
    (folder / "deeper").mkdir()
    assert [(Path(p.path).name, p.code, p.advice) for p in verify(root)] == [
        ("Not An Id", "record-stray", True),
        ("notes.txt", "record-stray", True),
        ("anna (conflicted copy).jsonl", "record-stray", True),
        ("anna.jsonl.orig", "record-stray", True),
        ("deeper", "record-stray", True),
    ]


def test_a_file_that_is_not_read_is_named_with_a_remedy(root, say):
    (entry,) = Ledger(root).append([say()], "anna")
    stray, link, gone = (root / "record" / name for name in ("notes.txt", "other", "gone.jsonl"))
    stray.write_bytes(b"")
    assert list(map(str, verify(root))) == [
        f"{stray}:0:0: is no part of the record and is not read; move it elsewhere [record-stray]"
    ]
    assert list(map(str, verify_file(gone))) == [
        f"{gone}:0:0: cannot be read: no such file or directory; mend its permissions "
        "[record-unreadable]"
    ]
    stray.unlink()
    try:
        link.symlink_to(entry.path.parent, target_is_directory=True)
    except OSError:
        pytest.skip("symbolic links need a right that this user has not")
    assert list(map(str, verify(root))) == [
        f"{link}:0:0: is a symbolic link and is not read; put the file itself there [record-link]"
    ]


LINK = "is a symbolic link and is not read; put the file itself there [record-link]"
HIDDEN = (
    "is no {}, and what was said here is not read; move it elsewhere, and restore the record from "
    "a commit or backup [record-hidden]"
)


def linked(path: Path) -> None:
    path.symlink_to(path.rename(path.with_name(".aside")))


def filed(path: Path) -> None:
    linked(path)
    path.unlink()
    path.write_bytes(b"")


def opened(path: Path) -> None:
    path.unlink()
    path.mkdir()


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes, and links need a right")
@pytest.mark.parametrize(
    ("part", "hide", "said"),
    [
        ("record", linked, LINK),
        ("record", filed, HIDDEN.format("folder")),
        ("record/ukraine-invasion", linked, LINK),
        ("record/ukraine-invasion", filed, HIDDEN.format("folder")),
        ("record/ukraine-invasion/anna.jsonl", linked, LINK),
        ("record/ukraine-invasion/anna.jsonl", opened, HIDDEN.format("ordinary file")),
        ("record/ukraine-invasion/anna.jsonl", piped, HIDDEN.format("ordinary file")),
    ],
)
def test_a_record_that_is_hidden_is_broken_and_not_empty(root, say, part, hide, said):
    """Nothing reads it as a record without forecasts, and nothing is written into it."""
    Ledger(root).append([say()], "anna")
    path = root / part
    hide(path)
    assert [str(problem) for problem in verify(root)] == [f"{path}:0:0: {said}"]
    message = f"{path}:0: {said.split(';')[0]}"
    for read in (
        lambda: list(Ledger(root).entries()),
        lambda: list(Ledger(root).entries("ukraine-invasion")),
        lambda: list(recorded(Ledger(root), [("ukraine-invasion", ())])),
    ):
        with pytest.raises(RecordError) as caught:
            read()
        assert caught.value.message == message
    with pytest.raises((UsageError, EnvironmentFailure)):
        Ledger(root).append([say()], "anna")


def test_every_truncation_is_named_or_recovered_and_appending_goes_on(ledger, say):
    lines = chain(say, 0.1, 0.2, 0.3)
    data = joined(*lines)
    ends = [sum(len(line) + 1 for line in lines[:n]) for n in range(4)]
    for cut in range(len(data)):
        left = data[:cut]
        whole = sum(end <= cut + 1 for end in ends[1:])  # one that lacks its newline is whole
        entries = [row.entry for row in rows(left, HERE) if row.entry]
        assert [entry.seq for entry in entries] == list(range(1, whole + 1))
        problems = verify_bytes(left, HERE)
        assert bool(problems) == (cut not in ends)
        end = tail(left, HERE)
        parent = (end.entry.seq, end.entry.hash) if end.entry else (0, None)
        new, _ = encode(body(say(0.6, hours=9)), "anna", parent[0] + 1, parent[1])
        grown = verify_bytes(left + end.glue + new + b"\n", HERE)
        assert all(problem.code == "record-torn" and problem.advice for problem in grown)


def test_no_flipped_bit_goes_unnoticed(say):
    data = joined(*chain(say, 0.1, 0.2))
    for position in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[position] ^= 1 << bit
            assert verify_bytes(bytes(flipped), HERE), (position, bit)


def test_a_newline_that_was_changed_is_damage_and_stays_so_below_an_append(say):
    data = joined(*chain(say, 0.1))[:-1] + b"\x0b"
    assert [(p.code, p.advice) for p in verify_bytes(data, HERE)] == [("record-damaged", False)]
    end = tail(data, HERE)
    assert (end.entry, end.glue) == (None, b"\n")
    assert [p.code for p in verify_bytes(data + end.glue, HERE)] == ["record-damaged"]


@pytest.mark.parametrize("ending", [b"#torn\n", b"\x0b#torn\n", b"#torn\r\n"])
def test_a_whole_line_that_is_marked_as_torn_is_damage(say, ending):
    """Only what was cut is set aside; a line that is whole but for its newline is kept as it is."""
    data = joined(*chain(say, 0.1, 0.2))[:-1]
    assert tail(data, HERE).glue == b"\n"
    assert [(p.code, p.line, p.advice) for p in verify_bytes(data + ending, HERE)] == [
        ("record-damaged", 2, False)
    ]
    assert [(p.code, p.advice) for p in verify_bytes(data[:-1] + b"#torn\n", HERE)] == [
        ("record-torn", True)
    ]


# Merging branches with git, as two machines of one forecaster do.


def git(root: Path, *arguments: str, check: bool = True) -> None:
    environment = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_NAME": "anna" for who in ("AUTHOR", "COMMITTER")},
        **{f"GIT_{who}_EMAIL": "anna@example.org" for who in ("AUTHOR", "COMMITTER")},
    }
    subprocess.run(
        ["git", "-c", "init.defaultBranch=main", *arguments],
        cwd=root,
        env=environment,
        check=check,
        capture_output=True,
    )


@pytest.fixture
def clone(root):
    """A book under git with `.gitattributes`, as `init` makes it."""
    git(root, "init")
    (root / ".gitattributes").write_text(GITATTRIBUTES, encoding="utf-8", newline="\n")
    (root / ".gitignore").write_text(".forecast/\n", encoding="utf-8")
    commit(root)
    return root


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-m", "record")


def record(root: Path, say, *hours: float) -> None:
    Ledger(root).append([say(hours=hour) for hour in hours], "anna")
    commit(root)


def hours(root: Path, say) -> list[float]:
    start = say().made_at
    return [(e.forecast.made_at - start) / timedelta(hours=1) for e in Ledger(root).entries()]


def test_one_writer_on_two_branches_merges_without_conflict(clone, say):
    record(clone, say, 1, 2)
    git(clone, "checkout", "-b", "laptop")
    record(clone, say, 3, 4)
    git(clone, "checkout", "main")
    record(clone, say, 5)
    git(clone, "merge", "--no-edit", "laptop")
    assert hours(clone, say) == [1, 2, 5, 3, 4]
    assert [(p.code, p.line, p.advice) for p in verify(clone)] == [("record-merge", 4, True)]
    record(clone, say, 6)
    assert [p.code for p in verify(clone)] == ["record-merge"]


def test_a_file_begun_on_two_branches_merges(clone, say):
    git(clone, "checkout", "-b", "laptop")
    record(clone, say, 1)
    git(clone, "checkout", "main")
    record(clone, say, 2, 3)
    git(clone, "merge", "--no-edit", "laptop")
    assert sorted(hours(clone, say)) == [1, 2, 3]
    assert [(p.code, p.advice) for p in verify(clone)] == [("record-merge", True)]


def test_branches_merged_crosswise_keep_every_line_once(clone, say):
    record(clone, say, 1)
    git(clone, "branch", "laptop")
    record(clone, say, 2)
    git(clone, "tag", "here")
    git(clone, "checkout", "laptop")
    record(clone, say, 3)
    git(clone, "merge", "--no-edit", "here")
    record(clone, say, 4)
    git(clone, "checkout", "main")
    git(clone, "merge", "--no-edit", "laptop~1^1")
    record(clone, say, 5)
    git(clone, "merge", "--no-edit", "laptop")
    assert sorted(hours(clone, say)) == [1, 2, 3, 4, 5]
    assert all(problem.advice for problem in verify(clone))


def test_a_cut_line_survives_a_merge(clone, say):
    record(clone, say, 1)
    git(clone, "checkout", "-b", "laptop")
    record(clone, say, 2)
    git(clone, "checkout", "main")
    path = Ledger(clone).path("ukraine-invasion", "anna")
    path.write_bytes(path.read_bytes() + b'{"as_of":"20')
    record(clone, say, 3)
    git(clone, "merge", "--no-edit", "laptop")
    assert hours(clone, say) == [1, 3, 2]
    assert {p.code for p in verify(clone)} == {"record-torn", "record-merge"}


def test_attributes_keep_git_from_turning_line_ends(clone, say, tmp_path_factory):
    record(clone, say, 1, 2)
    place = Path("record", "ukraine-invasion", "anna.jsonl")
    (clone / "seals").mkdir()
    (clone / "seals" / "stamp.tsr").write_bytes(b"0\n1\n")
    commit(clone)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    git(elsewhere, "-c", "core.autocrlf=true", "clone", str(clone), "kept")
    for path in (place, Path("seals", "stamp.tsr")):
        assert (elsewhere / "kept" / path).read_bytes() == (clone / path).read_bytes()
    assert verify(elsewhere / "kept") == []
    (clone / ".gitattributes").unlink()
    commit(clone)
    git(elsewhere, "-c", "core.autocrlf=true", "clone", str(clone), "turned")
    (problem,) = verify(elsewhere / "turned")
    assert (problem.code, problem.line, problem.advice) == ("record-crlf", 1, False)
    assert "-text" in problem.hint


def test_line_ends_that_were_committed_are_mended_by_turning_them_back(clone, say):
    record(clone, say, 1, 2)
    path = clone / "record" / "ukraine-invasion" / "anna.jsonl"
    right = path.read_bytes()
    path.write_bytes(right.replace(b"\n", b"\r\n"))
    commit(clone)
    (problem,) = verify(clone)
    assert "turn its line ends back to LF, which restores every byte" in problem.hint
    path.write_bytes(path.read_bytes().replace(b"\r\n", b"\n"))
    assert path.read_bytes() == right
    assert verify(clone) == []


def test_without_attributes_a_conflict_is_named_and_nothing_is_appended(clone, say):
    (clone / ".gitattributes").unlink()
    record(clone, say, 1)
    git(clone, "checkout", "-b", "laptop")
    record(clone, say, 2)
    git(clone, "checkout", "main")
    record(clone, say, 3)
    git(clone, "merge", "--no-edit", "laptop", check=False)
    breaks = [p for p in verify(clone) if not p.advice]
    assert {p.message for p in breaks} == {"a git conflict marker"}
    assert len(breaks) == 3
