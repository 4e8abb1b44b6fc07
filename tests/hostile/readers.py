"""Everything that reads what somebody else may have written, for the fuzzer.

A reader has seeds, a way to change them, and a function that reads the result as a command would
and returns its problems. What is not a file (a command line) is a JSON list of words. A new format
is one line in `readers`.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from unittest import mock

from forecast import settings
from forecast.book import cases, questions, readings
from forecast.book.load import load
from forecast.book.views import models_at, view, view_payload
from forecast.canonical import canonical, digest
from forecast.cli.main import cli
from forecast.domain import AsOf, IndicatorKind, Kind, Question, Resolution, Target
from forecast.errors import BookError, ForecastError, Problem
from forecast.inference.cache import Cache
from forecast.own import mac
from forecast.record import seals, stamps
from forecast.record.backtests import BacktestStore
from forecast.record.history import paths
from forecast.record.ledger import Ledger
from forecast.record.lines import encode
from forecast.record.reading import recorded
from forecast.record.verify import verify_bytes
from forecast.verbs import fitting, resolve
from forecast.verbs.fitting import Fit
from forecast.verbs.importing import import_forecasts
from forecast.verbs.plain import from_plain, to_plain
from forecast.verbs.update import UpdateReport, update
from forecast.verbs.workspace import Workspace
from tests.authority import Authority, available
from tests.golden.screens import stand_in
from tests.hostile import books
from tests.hostile.commands import ASKED, Drawn, drawn, placed, quiet
from tests.hostile.mutate import TOKENS, mutated, mutated_json

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

ROOT = Path(__file__).parents[2]
DAY = AsOf.at(date(2022, 2, 18), "UTC")
NOW = datetime(2022, 2, 18, 12, tzinfo=UTC)

type Read = Callable[[bytes, Path], Iterable[Problem]]
type Change = Callable[[Sequence[bytes], Random], bytes]


@dataclass(frozen=True, slots=True)
class Reader:
    """One format: its seeds, how they are changed, how the result is read, its share of files."""

    name: str
    seeds: Callable[[], Sequence[bytes]]
    read: Read
    share: int
    change: Change = mutated

    def made(self, random: Random) -> bytes:
        """Return the file that this source of chance makes."""
        return self.change(self.seeds(), random)


def readers() -> tuple[Reader, ...]:
    """Return every reader; shares are parts of the whole."""
    return (
        Reader("question", _questions, _question, 60),
        Reader("indicator", _indicators, _indicator, 30),
        Reader("readings", _tables, _readings, 40),
        Reader("book", lambda: [b"format: 1\ntitle: T\ntimezone: Europe/Kyiv\n"], _book, 15),
        Reader("record", _records, _record, 15),
        Reader("lines", _records, _record, 15, _relined),
        Reader("details", _detailed, _told, 4, _relined),
        Reader("backtests", _backtests, _backtest, 5),
        Reader("cache", _fits, _fit, 5, _resealed),
        Reader("settings", lambda: [b'author = "Ann"\ntrust = ["~/x", "/y"]\n'], _settings, 10),
        Reader("cases", _past_cases, _cases, 15),
        Reader("import", _said_by_others, _import, 10),
        Reader("seal", _sealed, _seal, 8, _renamed),
        *([Reader("answer", lambda: _stamped()[1:2], _answer, 5)] if available() else []),
        Reader("report", _reports, _report, 5, _rewritten),
        Reader("folder", _questions, _folder, 6),
        Reader("command", _commands, _command, 6, _recommanded),
    )


# Questions and indicators


@cache
def _files(*patterns: str) -> tuple[bytes, ...]:
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    return tuple(path.read_bytes() for path in sorted(found) if path.name != "book.yaml")


@cache
def _questions() -> Sequence[bytes]:
    ours = tuple(text.encode() for name, text in books.FILES.items() if "/" not in name)
    return [*[*_files("questions/*.yaml"), *ours[1:]] * 8, *_files("tests/errors/*/*.yaml")]


@cache
def _indicators() -> Sequence[bytes]:
    broken = _files("tests/errors/*/indicators/*.yaml")
    return [*_files("questions/indicators/*.yaml") * 8, *broken]


@cache
def _tables() -> Sequence[bytes]:
    broken = _files("tests/errors/*/indicators/*.csv")
    whole = [*_files("questions/indicators/*.csv") * 8, *broken]
    return [b"\n".join(data.split(b"\n")[:30]) for data in whole]


def _question(data: bytes, _: Path) -> Iterable[Problem]:
    found, _, problems = questions.read_question(data, "q.yaml", "q", "UTC")
    if found is not None:
        _used(found)
    return problems


def _used(question: Question) -> None:
    """Ask what every command asks of a question that was read."""
    question.status(DAY)
    for target in question.targets:
        question.settled(target)
        question.settled_by(target, DAY)
        question.closes(target)
    models_at(question, DAY)
    digest([question.digest, *(spec.digest for spec in question.models)])


def _indicator(data: bytes, _: Path) -> Iterable[Problem]:
    return questions.read_indicator(data, "i.yaml", "i")[1]


def _readings(data: bytes, _: Path) -> Iterable[Problem]:
    kind = list(IndicatorKind)[len(data) % len(IndicatorKind)]
    return readings.read(data, "i.csv", kind, "Europe/Kyiv")[1]


def _book(data: bytes, folder: Path) -> Iterable[Problem]:
    (folder / "book.yaml").write_bytes(data)
    return load(folder).problems


def _folder(data: bytes, folder: Path) -> Iterable[Problem]:
    """Read a book that holds the file, make every view of it, and show it."""
    root = _copied(folder)
    (root / "other.yaml").write_bytes(data)
    made = load(root)
    for question in made.questions.values():
        seen = view(made, question, DAY)
        for spec in models_at(question, DAY):
            digest(view_payload(seen, spec))
    with quiet(), mock.patch.object(fitting, "_compute", stand_in):
        for words in (["check"], ["list"], ["show", "other"], ["score"]):
            _must_end_well(words, root)
    return [p for p in made.problems if p.path.endswith("other.yaml")]


@cache
def _template(folder: Path) -> Path:
    return books.write(folder / "template", "quiet")


def _copied(folder: Path) -> Path:
    root = folder / "book"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(_template(folder), root)
    return root


def _must_end_well(words: Sequence[str], root: Path) -> Drawn:
    done = drawn(*words, "--book", root, now=NOW)
    if done.code not in {0, 1, 2, 3, 4} or "Traceback" in done.text:
        raise AssertionError(f"{words} left with {done.code}: {done.text}")
    return done


# The record and what is kept beside it


@cache
def _records() -> Sequence[bytes]:
    """A chain of lines of several kinds, and each of them alone."""
    members = [_line_of(forecast) for forecast in books.said("quiet")]
    return [_chain(members), *(_chain([each]) for each in members[:6])]


def _line_of(forecast: object) -> dict[str, object]:
    from forecast.record.lines import body

    return body(forecast)  # type: ignore[arg-type]


def _chain(members: Sequence[dict[str, object]]) -> bytes:
    prev, lines = None, b""
    for seq, said in enumerate(members, 1):
        line, prev = encode(said, "ann", seq, prev)
        lines += line + b"\n"
    return lines


def _relined(seeds: Sequence[bytes], random: Random) -> bytes:
    """Change what lines say and hash them anew, as whoever wants to be believed would."""
    lines = random.choice(seeds).splitlines()
    members = [{k: v for k, v in json.loads(line).items() if k not in _CHAINED} for line in lines]
    place = random.randrange(len(members))
    members[place] = mutated_json(members[place], random)
    try:
        return _chain(members)
    except (ValueError, TypeError, RecursionError):  # no JSON that could be hashed
        return mutated(seeds, random)


_CHAINED = {"hash", "prev", "seq", "writer"}


def _record(data: bytes, folder: Path) -> Iterable[Problem]:
    path = folder / "record" / "war" / "ann.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    noticed: list[Problem] = []
    ledger = Ledger(folder, notice=noticed.append)
    paths(ledger.entries())
    list(recorded(ledger, [("war", ())]))
    return [*verify_bytes(data, path), *noticed]


@cache
def _detailed() -> Sequence[bytes]:
    """A model's word and an answer, with every detail that a command reads back."""
    said = books.said("quiet")[0]
    ends = {"low": 1.1, "middle": 1.5, "high": 2.0}
    beside = {"means_it": 0.5, "given": 0.5, "if_given": 0.4, "if_not": 0.1, "odds_ratios": {}}
    detail = {"seen": {"troops": 3}, "hazard_ratios": {"troops": ends}, **beside}
    by_model = replace(said, forecaster="model/hazard", detail=detail)
    answer = Resolution("yes", NOW.date(), "Reuters", happened_on=NOW.date(), note="by AP")
    kind, target = Kind.RESOLUTION, Target("war")
    told = replace(said, kind=kind, target=target, value=None, detail=resolve.detail(answer))
    return [_chain([_line_of(each)]) for each in (by_model, told)]


def _told(data: bytes, folder: Path) -> Iterable[Problem]:
    """Read the lines as somebody else's in a book, by the commands that look into them."""
    root = _copied(folder)
    path = root / "record" / "war" / "ann.jsonl"
    path.write_bytes(data)
    with quiet(), mock.patch.object(fitting, "_compute", stand_in):
        for words in (["verify"], ["check"], ["show", "war"], ["update", "war", "--dry-run"]):
            _must_end_well(words, root)
    return verify_bytes(data, path)


@cache
def _backtests() -> Sequence[bytes]:
    lines = [{"forecasts": 2}, *(_line_of(forecast) for forecast in books.said("quiet")[:2])]
    return [b"".join(canonical(line) + b"\n" for line in lines)]


def _backtest(data: bytes, folder: Path) -> Iterable[Problem]:
    store = BacktestStore(folder)
    path = store.folder / "aa" / "aa.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    list(store.forecasts())
    return _unknown(path) if store.get("aa") is None else ()


def _fits() -> Sequence[bytes]:
    fit = Fit((0.2, 0.3), (0.1, 0.1), (0.4, 0.5), (0.01, 0.01), {"verdict": "publish"}, {})
    return [canonical(fit.to_json())]


def _resealed(seeds: Sequence[bytes], random: Random) -> bytes:
    """Change a kept fit, mostly with a digest that fits again, or the file it is kept in."""
    value = mutated_json(json.loads(random.choice(seeds)), random)
    try:
        row = mac(canonical({"key": "aa", "value": value})), canonical(value).decode()
    except (ValueError, TypeError, RecursionError):
        row = "", json.dumps(value, skipkeys=True)
    data = _database(*row)
    return data if random.random() < 0.7 else mutated([data], random)


def _database(seal: str, text: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as file:
        file.execute("CREATE TABLE results (key TEXT PRIMARY KEY, digest TEXT, value TEXT)")
        file.execute("INSERT INTO results VALUES ('aa', ?, CAST(? AS TEXT))", (seal, text.encode()))
        file.commit()
        return file.serialize()


def _fit(data: bytes, folder: Path) -> Iterable[Problem]:
    path = folder / "cache" / "results.sqlite"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return () if fitting.recalled(Cache(folder / "cache"), ["aa"]) else _unknown(path)


def _unknown(path: Path) -> Iterable[Problem]:
    """What is computed anew where it cannot be read is refused without a word."""
    return [Problem(str(path), 1, 1, "unknown", "it is as if it were not there", "computed anew")]


def _settings(data: bytes, folder: Path) -> Iterable[Problem]:
    path = folder / "settings.toml"
    path.write_bytes(data)
    try:
        settings.load(path)
    except ForecastError as error:
        place = re.match(r"(?P<path>.+):(?P<line>\d+): ", error.message)
        line = int(place["line"]) if place else 0
        return [Problem(str(path), line, 1, "settings", error.message, error.hint)]
    return ()


# What others bring


@cache
def _past_cases() -> Sequence[bytes]:
    past = b"case,outcome,begins,ends,known_on,group,troops,talks,source\n"
    rows = [
        b"a,yes,2001-01-01,2001-06-01,2001-06-02,x,120.5,2001-02-03 2001-03-04,https://x.example",
        b'b,no,2002-01-01,2002-06-01,2002-06-01T12:00+02:00,y,80,,"a, b"',
        b"c,1,,,2003-01-01,,,,",
    ]
    return [past + b"\n".join(rows) + b"\n", *_files("tests/errors/*/*.csv")]


def _cases(data: bytes, _: Path) -> Iterable[Problem]:
    return cases.read(data, "past.csv", "Europe/Kyiv")[1]


def _said_by_others() -> Sequence[bytes]:
    rows = b"2022-01-20,due,.2,crowd,Will it?,https://x.example,a note\n"
    rows += b"2022-01-21T10:00Z,war@2022-03-01,.35,crowd,,,\n"
    return [b"date,target,probability,forecaster,question,source,note\n" + rows]


def _import(data: bytes, folder: Path) -> Iterable[Problem]:
    path = folder / "crowd.csv"
    path.write_bytes(data)
    try:
        import_forecasts(Workspace(_template(folder), NOW), path, by="ann", dry_run=True)
    except BookError as error:
        return error.problems
    return ()


@cache
def _sealed() -> Sequence[bytes]:
    fixed = {"war/ann": {"0" * 64: 3, "1" * 64: 2}, "due/bob": {"a" * 64: 1}}
    return [canonical({"v": 1, "made_at": "2022-02-18T12:00:00Z", "heads": fixed})]


def _renamed(seeds: Sequence[bytes], random: Random) -> bytes:
    """Change a seal; the name it is read under will fit."""
    value = mutated_json(json.loads(random.choice(seeds)), random)
    try:
        return canonical(value) if random.random() < 0.8 else mutated([canonical(value)], random)
    except (ValueError, TypeError, RecursionError):
        return mutated(seeds, random)


def _seal(data: bytes, folder: Path) -> Iterable[Problem]:
    (folder / seals.FOLDER).mkdir(exist_ok=True)
    for path in (folder / seals.FOLDER).iterdir():
        path.unlink()
    name = f"2022-02-18-{hashlib.sha256(data).hexdigest()[:16]}.json"
    (folder / seals.FOLDER / name).write_bytes(data)
    found, problems = seals.read_all(folder)
    list(seals.broken(found, [], folder))
    return problems


@cache
def _stamped() -> tuple[bytes, bytes, Path]:
    """A request, its answer by an authority made for the purpose, and its root certificate."""
    folder = Path(tempfile.mkdtemp())
    authority = Authority.begin(folder / "authority")
    (folder / "asked").write_bytes(stamps.request(b"sealed"))
    answer = authority.answer(folder / "asked", folder / "answer").read_bytes()
    return (folder / "asked").read_bytes(), answer, authority.root


@cache
def _roots() -> Sequence[Certificate]:
    return stamps.certificates([_stamped()[2]])


def _answer(data: bytes, _: Path) -> Iterable[Problem]:
    roots = _roots() if len(data) % 2 else ()
    try:
        stamps.check(data, b"sealed", _stamped()[0], roots)
    except stamps.StampError as error:
        return [Problem("x.tsr", 1, 1, "stamp", str(error), "ask for another")]
    return ()


@cache
def _reports() -> Sequence[bytes]:
    with tempfile.TemporaryDirectory() as folder, quiet():
        ws = Workspace(books.write(Path(folder), "quiet"), NOW)
        with mock.patch.object(fitting, "_compute", stand_in):
            return [canonical(to_plain(update(ws, (), dry_run=True)))]


def _rewritten(seeds: Sequence[bytes], random: Random) -> bytes:
    return json.dumps(mutated_json(json.loads(seeds[0]), random)).encode()


def _report(data: bytes, folder: Path) -> Iterable[Problem]:
    """A memo of an update whose digests fit: what it holds is a report, or it is not known."""
    try:
        from_plain(UpdateReport, json.loads(data))
    except (KeyError, TypeError, ValueError):
        return _unknown(folder)
    return ()


# The command line


def _commands() -> Sequence[bytes]:
    """A command line of every command that may be given any word without harm to other folders."""
    return [
        json.dumps([name, *ASKED.get(name, [])]).encode()
        for name in cli.commands
        if name not in {"init", "schema"}
    ]


def _recommanded(seeds: Sequence[bytes], random: Random) -> bytes:
    name, *words = json.loads(random.choice(seeds))
    options = [o for p in cli.commands[name].params for o in p.opts if o not in _PATHS]
    for _ in range(random.randrange(1, 3)):
        place = random.randrange(len(words) + 1)
        match random.randrange(4):
            case 0 if place < len(words):
                words[place] = _word(random)
            case 1 if place < len(words):
                words[place] = mutated([words[place].encode()], random).decode("utf-8", "replace")
            case 2:
                words[place:place] = [random.choice(options), _word(random)]
            case _:
                words.insert(place, _word(random))
    return json.dumps([name, *words]).encode()


_PATHS = {"--book", "--plot", "files", "folder"}


def _word(random: Random) -> str:
    return random.choice(TOKENS).replace("\0", "")[:5000]


def _command(data: bytes, folder: Path) -> Iterable[Problem]:
    words = [word.replace("\0", "") for word in json.loads(data)]
    root = _copied(folder)
    with quiet(), mock.patch.object(fitting, "_compute", stand_in):
        done = _must_end_well(placed(words, root), root)
    return [Problem("-", 1, 1, "usage", "refused", "told")] if done.code == 2 else ()
