"""Kill the command line at random moments and count what was lost.

    python -m tests.storm --kills 10000

Forecasters run `forecast predict`, and one time in twenty `forecast update` of a base-rate
question: 1, 8 and 32 of them at once, in turn each with a file of their own and all with one. Each
command is sent SIGKILL at a moment drawn evenly from the time one takes. What a command said it
added, or left with 0 after, is acknowledged; the record must hold it, and verify.

Real are the command line from its arguments to its exit, the files, the locks, the writes and the
kills. Given are the clock (an hour a command, so that updates have something new to say) and the
start of Python: each command is a fork of a process that has imported what it needs.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from forecast.cli.main import run
from forecast.domain import Kind
from forecast.record.ledger import Ledger
from forecast.record.verify import verify

BOOK = "format: 1\ntitle: A storm\ntimezone: UTC\n"
QUESTION = """\
question: Will there be war?
clock: 2026-10-01
opens: 2026-11-01
deadlines: [2027-12-01, 2028-03-01, 2028-06-01]
resolution_criteria: |
  Yes if a war begins. Source: Reuters. Days in UTC. Annulled if unclear.
reference_class: {name: crises, events: 6, cases: 75, exposure: 180 days, source: ICB}
model: {family: base_rate}
"""
PREDICT = ("predict", "war", "2027-12-01=.1", "2028-03-01=.2", "2028-06-01=.3")
UPDATE = ("update", "war")
UPDATES = 0.05  # of all commands
BEGUN = datetime(2026, 11, 20, 12, tzinfo=UTC)
COMMANDS_PER_BOOK = 400
KILLED = 2 / 3  # of all commands, about; the others end before
_ENDED = b"\0ended "


@dataclass
class Count:
    """What a storm did; `unsaid` are commands that were killed after their write, before a word."""

    kills: int = 0
    finished: int = 0
    acknowledged: int = 0
    lost: int = 0
    breaks: int = 0
    set_aside: int = 0
    unsaid: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    def __str__(self) -> str:
        return (
            f"kills {self.kills}  acknowledged {self.acknowledged}  lost {self.lost}  "
            f"breaks {self.breaks}  (ended before their kill {self.finished}, written but killed "
            f"before they said so {self.unsaid}, cut lines set aside {self.set_aside})"
        )


# How commands are started


class Forked:
    """A process that has imported what its commands import, and forks itself into each."""

    def __init__(self, kind: str) -> None:
        self._channel, there = socket.socketpair(type=socket.SOCK_SEQPACKET)
        # Python warns of the thread that Arrow's memory keeps; it takes no lock that a fork needs.
        python = [sys.executable, "-W", "ignore::DeprecationWarning"]
        command = [*python, "-m", "tests.storm", "--serve", kind, str(there.fileno())]
        self._process = subprocess.Popen(command, pass_fds=[there.fileno()])
        there.close()
        self._channel.recv(16)  # it is ready

    def start(self, arguments: Sequence[str], by: str, now: datetime, output: int) -> int:
        """Start a command and return its process id."""
        asked = json.dumps([arguments, by, now.isoformat()]).encode()
        socket.send_fds(self._channel, [asked], [output])
        return int(self._channel.recv(16))

    def reap(self) -> None:
        """Let go of the commands that ended; until then no other process has their id."""
        self._channel.send(b"reap")
        self._channel.recv(16)

    def close(self) -> None:
        """End the process."""
        self._channel.close()
        self._process.wait()


def serve(channel: socket.socket, kind: str) -> None:
    """Be the other end of `Forked`, until it closes."""
    _warm(kind)
    channel.send(b"ready")
    started: list[int] = []
    while True:
        asked, handles, *_ = socket.recv_fds(channel, 1 << 16, 1)
        if not asked:
            return
        if asked == b"reap":
            for process in started:
                os.waitpid(process, 0)
            started.clear()
            channel.send(b"done")
            continue
        process = os.fork()
        if not process:
            _become(*json.loads(asked), handles[0])
        os.close(handles[0])
        started.append(process)
        channel.send(str(process).encode())


def _warm(kind: str) -> None:
    """Import what commands import, by running one and throwing away what it says."""
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("w") as nowhere:
        begin(Path(folder))
        sys.stdout = nowhere
        run([*{"predict": PREDICT, "update": UPDATE}[kind], "--book", folder], now=BEGUN)
        sys.stdout = sys.__stdout__


def _become(arguments: Sequence[str], by: str, now: str, output: int) -> None:
    """Be a command, in a process of one's own, and say at its very end how it ended."""
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ["FORECAST_BY"] = by
    code = 70
    try:
        code = run(arguments, now=datetime.fromisoformat(now))
        sys.stdout.flush()
    finally:
        os.write(output, _ENDED + str(int(code)).encode())
        os._exit(code)


# The storm


@dataclass
class Command:
    """One command while it runs: where its words arrive, and what they will acknowledge."""

    process: int
    output: int
    promise: str
    said: bytes = b""

    def hear(self) -> None:
        """Read what it says until its end."""
        while part := os.read(self.output, 1 << 16):
            self.said += part
        os.close(self.output)
        if self.ended and not self.said.endswith(_ENDED + b"0"):
            raise SystemExit(f"a command failed by itself: {self.said.decode()}")

    @property
    def ended(self) -> bool:
        """Whether it came to its end before it was killed."""
        return _ENDED in self.said

    @property
    def acknowledged(self) -> bool:
        """Whether it said so, or left with 0 and so found it said."""
        return self.ended or b"added to the record" in self.said


def begin(root: Path) -> None:
    """Write a book of one question."""
    for name, text in {"book": BOOK, "war": QUESTION}.items():
        (root / f"{name}.yaml").write_text(text, encoding="utf-8")


@dataclass
class Storm:
    """Commands on one book, killed at random moments."""

    root: Path
    names: Sequence[str]
    starters: Sequence[Forked]  # of predict and of update
    chance: random.Random
    count: Count = field(default_factory=Count)
    promised: list[str] = field(default_factory=list)
    hours: Iterator[int] = field(default_factory=lambda: iter(range(COMMANDS_PER_BOOK)))

    def rage(self, kills: int) -> Count:
        """Kill that many commands, or as many as one book is for, and count."""
        begin(self.root)
        begun = time.monotonic()
        running = self.round(None)  # the first ones end by themselves
        takes = time.monotonic() - begun
        while running and self.count.kills < kills:
            running = self.round(takes)
            killed = sum(not each.ended for each in running)
            takes *= 1.25 if killed > KILLED * len(running) else 0.8
        self.look()
        return self.count

    def round(self, takes: float | None) -> list[Command]:
        """Run a command of each name, killed within `takes` s unless that is None; return them."""
        begun = time.monotonic()
        running = [command for name in self.names if (command := self.start(name))]
        if takes is not None:
            for moment, each in sorted((self.chance.uniform(0, takes), c.process) for c in running):
                time.sleep(max(0.0, begun + moment - time.monotonic()))
                os.kill(each, signal.SIGKILL)  # one that ended keeps its id until it is reaped
        for each in running:
            each.hear()
            self.count.kills += not each.ended
            self.count.finished += each.ended
            if each.acknowledged:
                self.promised.append(each.promise)
        for starter in self.starters:
            starter.reap()
        return running

    def start(self, by: str) -> Command | None:
        """Start the next command, while there is one."""
        hour = next(self.hours, None)
        if hour is None:
            return None
        now = BEGUN + timedelta(hours=hour)
        updates = self.chance.random() < UPDATES
        promise = f"update {now.date()}" if updates else f"{by} {hour}"
        arguments = [*UPDATE] if updates else [*PREDICT, "--why", promise]
        reading, writing = os.pipe()
        starter = self.starters[updates]
        process = starter.start([*arguments, "--book", str(self.root)], by, now, writing)
        os.close(writing)
        return Command(process, reading, promise)

    def look(self) -> None:
        """Compare what was acknowledged with what the record holds."""
        entries = Ledger(self.root, notice=lambda problem: None).entries()
        live = [entry.forecast for entry in entries if entry.forecast.kind is Kind.LIVE]
        held = {f.rationale or f"update {f.as_of}" for f in live}
        problems = verify(self.root)
        self.count.acknowledged = len(self.promised)
        self.count.lost = sum(promise not in held for promise in self.promised)
        self.count.unsaid = len(held.difference(self.promised))
        self.count.breaks = sum(not problem.advice for problem in problems)
        self.count.set_aside = sum(problem.code == "record-torn" for problem in problems)


def storm(kills: int, writers: int, starters: Sequence[Forked], seed: int) -> Count:
    """Kill `kills` commands, `writers` at once, in book after book, and count."""
    chance = random.Random(seed)
    total = Count()
    while total.kills < kills:
        for shared in (False, True):
            names = ["all" if shared else f"w-{number}" for number in range(writers)]
            with tempfile.TemporaryDirectory() as folder:
                book = Storm(Path(folder), names, starters, chance)
                total += book.rage(min(kills - total.kills, -(-kills // 2)))
    return total


def main() -> None:
    """Run a storm from the command line and print its counts."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=1000, help="in all")
    parser.add_argument("--writers", type=int, nargs="+", default=[1, 8, 32], help="at once")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--serve", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        kind, handle = asked.serve
        serve(socket.socket(fileno=int(handle)), kind)
        return
    starters = [Forked("predict"), Forked("update")]
    total = Count()
    for writers in asked.writers:
        count = storm(-(-asked.kills // len(asked.writers)), writers, starters, asked.seed)
        print(f"{writers:2d} at once: {count}", flush=True)
        total += count
    for each in starters:
        each.close()
    print(f"in all:     {total}")
    sys.exit(bool(total.lost or total.breaks or not total.acknowledged))


if __name__ == "__main__":
    main()
