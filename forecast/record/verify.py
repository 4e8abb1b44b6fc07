"""Whether the record is whole: every line unchanged, every chain unbroken.

A file's lines form a tree that grows from its empty beginning: `prev` is null for a first line and
otherwise the hash of another line of the file. Two lines with one parent are what merging two git
branches leaves, and are reported as that; a parent that is missing is a break.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from forecast.canonical import canonical
from forecast.disk import cause, environment
from forecast.errors import Problem
from forecast.record.files import hidden, names_record, record_files, recorded_questions
from forecast.record.lines import DATED, Entry, parse
from forecast.record.rows import Flaw, Row, rows
from forecast.text import is_id

_RESTORE = "restore the file from a commit or backup; do not mend the line by hand"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def verify(root: Path) -> list[Problem]:
    """Return everything the matter with the record of the book at `root`, by file and line.

    Problems that are no advice are breaks: lines changed, missing or misplaced. Advice names what
    lost nothing: merges, writes that were cut short, a clock that stepped back, stray files.
    """
    record = root / "record"
    with environment(record, "the record cannot be read"):
        problems = list(_places(record))
        questions = recorded_questions(record, _named)
        files = [file for name in questions for file in record_files(record, name, _named)]
    for path in files:
        problems += verify_file(path)
    return sorted(problems)


def verify_file(path: Path) -> list[Problem]:
    """Return everything the matter with one record file, in the order of its lines."""
    try:
        return verify_bytes(path.read_bytes(), path)
    except OSError as error:
        reason = f"cannot be read: {cause(error)}"
        return [Problem(str(path), 0, 0, "record-unreadable", reason, "mend its permissions")]


def verify_bytes(data: bytes, path: Path) -> list[Problem]:
    """Return everything the matter with `data` as the content of the record file `path`."""
    found = list(rows(data, path))
    raw = data.split(b"\n")
    problems = [*_flaws(found)]
    for row in found:
        if row.entry:
            problems += _line(raw[row.number - 1].removesuffix(b"\r"), row.entry)
    return sorted(problems + _chain([row.entry for row in found if row.entry]))


def heads(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries no other follows, in order: what a seal must fix."""
    known = list(entries)
    parents = {entry.prev for entry in known}
    return [entry for entry in known if entry.hash not in parents]


def _flaws(found: Sequence[Row]) -> Iterator[Problem]:
    """Each row's problem; converted line ends once a file, for they take all lines at once."""
    converted = False
    for row in found:
        if row.problem and not (row.flaw is Flaw.CRLF and converted):
            yield row.problem
        converted = converted or row.flaw is Flaw.CRLF


def _line(raw: bytes, entry: Entry) -> Iterator[Problem]:
    if not _canonical(raw):
        yield _break(entry, "record-canonical", "the line is not in canonical form (RFC 8785)")
    question, writer = entry.path.parent.name, entry.path.stem
    if (entry.forecast.target.question, entry.writer) != (question, writer):
        owner = f"{entry.forecast.target.question}/{entry.writer}"
        yield _break(entry, "record-place", f"the line belongs to {owner}.jsonl")


def _canonical(raw: bytes) -> bool:
    try:
        return canonical(parse(raw)) == raw
    except (ValueError, RecursionError):  # a number or depth that canonical JSON has not
        return False


@dataclass
class _Chain:
    """What is known of a file's lines while they are walked."""

    lines: dict[str, Entry] = field(default_factory=dict)
    followed: dict[str | None, Entry] = field(default_factory=dict)
    clock: dict[str, datetime] = field(default_factory=dict)


def _chain(entries: Sequence[Entry]) -> list[Problem]:
    later = {entry.hash: entry for entry in reversed(entries)}
    chain = _Chain()
    problems: list[Problem] = []
    for entry in entries:
        if twin := chain.lines.get(entry.hash):
            text = f"the same line stands at {twin.line}: two branches were merged twice"
            problems.append(_note(entry, "record-twice", text, "read once; nothing to do"))
            continue
        problems += [*_parent(entry, chain, later), *_clock(entry, chain)]
        chain.lines[entry.hash] = entry
        chain.followed.setdefault(entry.prev, entry)
    return problems


def _parent(entry: Entry, chain: _Chain, later: Mapping[str, Entry]) -> Iterator[Problem]:
    parent = None if entry.prev is None else later.get(entry.prev)
    if entry.prev is not None and parent is None:
        text = f"the line it follows (hash {entry.prev[:12]}…) is missing from the file"
        yield _break(entry, "record-parent", text)
        return
    before = parent.seq if parent else 0
    if entry.seq != before + 1:
        yield _break(entry, "record-seq", f"`seq` is {entry.seq} where {before + 1} follows")
    if parent and entry.prev not in chain.lines:
        text = f"it stands before the line it follows, {parent.line}: branches were merged"
        yield _note(entry, "record-order", text, "the hashes prove the order; nothing to do")
    if first := chain.followed.get(entry.prev):
        after = f"line {parent.line}" if parent else "the beginning"
        text = f"this line and {first.line} both follow {after}: two branches were merged"
        yield _note(entry, "record-merge", text, "both stand; nothing to do")


def _clock(entry: Entry, chain: _Chain) -> Iterator[Problem]:
    """Times are warned of and never re-ordered: the chain says what came first."""
    before = chain.clock.get(entry.prev or "", _LONG_AGO)
    own = before if entry.forecast.kind in DATED else entry.forecast.made_at
    if own < before:
        text = f"made at {own:%Y-%m-%d %H:%M:%S}, before the line it follows ({before:%H:%M:%S})"
        yield _note(entry, "record-clock", text, "check the clock of the machine that wrote it")
    chain.clock[entry.hash] = own


def _named(_: Problem) -> None:
    """What keeps a file from being read is named by its place already."""


def _places(record: Path) -> Iterator[Problem]:
    """Name whatever would never be read: what hides a part of the record, and what is none."""
    if problem := hidden(record, folder=True):
        yield problem
        return
    for path in record.rglob("*"):
        depth = len(path.relative_to(record).parts)
        if path.is_symlink() or _belongs(path, depth):
            problem = hidden(path, folder=depth == 1)
            yield from [problem] if problem else []
        elif not path.name.startswith("."):
            text, hint = "is no part of the record and is not read", "move it elsewhere"
            yield Problem(str(path), 0, 0, "record-stray", text, hint, advice=True)


def _belongs(path: Path, depth: int) -> bool:
    """Whether a path, by its depth below the record and its name, is a part of it."""
    return is_id(path.name) if depth == 1 else depth == 2 and names_record(path.name)


def _break(entry: Entry, code: str, text: str) -> Problem:
    return Problem(str(entry.path), entry.line, 1, code, text, _RESTORE)


def _note(entry: Entry, code: str, text: str, hint: str) -> Problem:
    return Problem(str(entry.path), entry.line, 1, code, text, hint, advice=True)
