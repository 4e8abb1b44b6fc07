"""Everything that reads what somebody else may have written, for the fuzzer.

A reader has seeds, a way to change them, and a function that reads the result as a command would
and returns its problems. What is not a file (a command line) is a JSON list of words. A new format
is one line in `readers`.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from random import Random
from unittest import mock

from forecast import settings
from forecast.book import questions, readings
from forecast.book.load import load
from forecast.book.views import models_at, view, view_payload
from forecast.canonical import canonical, digest
from forecast.cli.main import cli
from forecast.domain import AsOf, IndicatorKind, Question
from forecast.errors import ForecastError, Problem
from forecast.inference.cache import Cache
from forecast.record.backtests import BacktestStore
from forecast.record.history import paths
from forecast.record.ledger import Ledger
from forecast.record.lines import encode
from forecast.record.verify import verify_bytes
from forecast.verbs import fitting
from forecast.verbs.fitting import Fit
from tests.golden.screens import stand_in
from tests.hostile import books
from tests.hostile.commands import ASKED, Drawn, drawn, quiet
from tests.hostile.mutate import TOKENS, mutated, mutated_json

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
        Reader("backtests", _backtests, _backtest, 5),
        Reader("cache", _fits, _fit, 5, _resealed),
        Reader("settings", lambda: [b'author = "Ann"\ntrust = ["~/x", "/y"]\n'], _settings, 10),
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
    paths(Ledger(folder, notice=noticed.append).entries())
    return [*verify_bytes(data, path), *noticed]


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
    """Change a kept fit, mostly with a digest that fits again."""
    value = mutated_json(json.loads(random.choice(seeds)), random)
    try:
        sealed = {"digest": digest({"key": "aa", "value": value}), "value": value}
        data = canonical(sealed)
    except (ValueError, TypeError, RecursionError):
        data = json.dumps(value, skipkeys=True).encode()
    return data if random.random() < 0.7 else mutated([data], random)


def _fit(data: bytes, folder: Path) -> Iterable[Problem]:
    path = folder / "cache" / "aa" / "aa.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return _unknown(path) if fitting.recalled(Cache(folder / "cache"), "aa") is None else ()


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
    with quiet(), mock.patch.object(fitting, "_compute", stand_in):
        done = _must_end_well(words, _copied(folder))
    return [Problem("-", 1, 1, "usage", "refused", "told")] if done.code == 2 else ()
