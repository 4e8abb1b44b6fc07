"""The record against a simple memory of it: whatever happens, in whatever order."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from forecast.disk import Disk
from forecast.domain import Forecast, Kind, Target
from forecast.errors import EnvironmentFailure, RecordError
from forecast.record.ledger import Ledger
from forecast.record.lines import Entry
from forecast.record.seals import heads_of
from forecast.verbs.resolve import resolve
from forecast.verbs.seal import seal
from forecast.verbs.verify import verify
from forecast.verbs.workspace import Workspace

BOOK = "format: 1\ntitle: Memory\ntimezone: UTC\n"
RAIN = """\
question: Will it rain?
opens: 2022-01-17
deadline: 2022-03-01
resolution_criteria: |
  Yes if it rains. Source: the weather office. Days in UTC. Annulled if it closes.
"""
NOON = datetime(2022, 2, 18, 12, tzinfo=UTC)
WRITERS = st.sampled_from(["anna", "ben"])
SEALED = {"record-cut", "record-rewritten"}


class Crash(Disk):
    """A disk that is gone after some bytes of a write."""

    def __init__(self, bytes_left: int) -> None:
        self.bytes_left = bytes_left

    def write(self, handle: int, data: bytes) -> int:
        super().write(handle, data[: self.bytes_left])
        raise OSError("the power went")


@dataclass
class Memory:
    """What was acknowledged and not cut off since, by writer; what was sealed; the answers."""

    lines: dict[str, list[str]] = field(default_factory=lambda: {"anna": [], "ben": []})
    sealed: set[str] = field(default_factory=set)
    answers: list[str] = field(default_factory=list)


class Record(RuleBasedStateMachine):
    """A book that two people write, that machines crash on and branches meet in."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        (self.root / "book.yaml").write_text(BOOK, encoding="utf-8")
        (self.root / "rain.yaml").write_text(RAIN, encoding="utf-8")
        self.memory = Memory()
        self.minute = 0

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    # What people do

    @rule(writer=WRITERS, many=st.integers(1, 3))
    def predict(self, writer: str, many: int) -> None:
        self.memory.lines[writer] += self.append(self.root, writer, many)

    @rule(answer=st.sampled_from(["yes", "no", "open", "annulled"]))
    def resolve(self, answer: str) -> None:
        if answer == "open" and not self.memory.answers:
            return
        resolve(self.workspace(), "rain", answer, source="the office", early=True, by="judge")
        standing = self.memory.answers[-1:]
        if standing != [answer] and not (answer == "open" and standing == ["open"]):
            self.memory.answers.append(answer)

    @precondition(lambda self: self.memory.answers)
    @rule()
    def edit_an_answer_by_hand(self) -> None:
        path = self.root / "rain.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("source: the office", "source: hearsay"), encoding="utf-8")
        assert {"answer-unrecorded", "answer-changed"} <= self.found()
        path.write_text(text, encoding="utf-8")

    @rule()
    def seal(self) -> None:
        if self.missing():
            with pytest.raises(RecordError):
                seal(self.workspace())
        elif self.entries():
            fixed = seal(self.workspace()).seal.heads
            assert fixed == heads_of(self.entries())
            self.memory.sealed.update(*fixed.values())

    # What happens to them

    @rule(writer=WRITERS, many=st.integers(1, 3), bytes_left=st.integers(0, 1500))
    def crash(self, writer: str, many: int, bytes_left: int) -> None:
        with pytest.raises(EnvironmentFailure, match="nothing counts as recorded"):
            self.append(self.root, writer, many, disk=Crash(bytes_left))

    @rule(writer=WRITERS, back=st.integers(1, 1500))
    def truncate(self, writer: str, back: int) -> None:
        path = self.path(writer)
        if path.exists():
            left = path.read_bytes()[:-back]
            path.write_bytes(left)
            kept = left.decode("utf-8", "replace")
            own = self.memory.lines
            own[writer] = [h for h in own[writer] if whole(h, kept)]

    @rule(writer=WRITERS, ours=st.integers(1, 2), theirs=st.integers(1, 2))
    def merge(self, writer: str, ours: int, theirs: int) -> None:
        path = self.path(writer)
        with tempfile.TemporaryDirectory() as folder:
            there, base = Path(folder) / "there", Path(folder) / "base"
            shutil.copytree(self.root, there)
            base.write_bytes(path.read_bytes() if path.exists() else b"")
            self.memory.lines[writer] += self.append(there, writer, theirs)
            self.memory.lines[writer] += self.append(self.root, writer, ours)
            other = there / path.relative_to(self.root)
            command = ["git", "merge-file", "--union", str(path), str(base), str(other)]
            subprocess.run(command, check=True)

    # What must hold after each

    @invariant()
    def nothing_acknowledged_is_lost(self) -> None:
        held = [entry.hash for entry in self.entries()]
        assert len(held) == len(set(held))
        for lines in self.memory.lines.values():
            assert set(lines) <= set(held)

    @invariant()
    def only_what_was_sealed_and_is_gone_is_a_break(self) -> None:
        assert bool(self.found() & SEALED) == bool(self.missing())
        assert self.found() <= SEALED

    @invariant()
    def answers_are_a_history(self) -> None:
        question = self.workspace().book.questions["rain"]
        assert [each.answer for each in question.resolutions] == self.memory.answers

    # How

    def append(self, root: Path, writer: str, many: int, disk: Disk | None = None) -> list[str]:
        ledger = Ledger(root, notice=lambda problem: None, disk=disk)
        return [entry.hash for entry in ledger.append([*self.said(many)], writer)]

    def said(self, many: int) -> Iterator[Forecast]:
        for _ in range(many):
            self.minute += 1
            now = NOON + timedelta(minutes=self.minute)
            yield Forecast(Target("rain"), "anna", Kind.LIVE, now, date(2022, 2, 18), 0.3)

    def workspace(self) -> Workspace:
        self.minute += 1
        return Workspace.open(self.root, now=NOON + timedelta(minutes=self.minute))

    def path(self, writer: str) -> Path:
        return self.root / "record" / "rain" / f"{writer}.jsonl"

    def entries(self) -> list[Entry]:
        return list(Ledger(self.root, notice=lambda problem: None).entries())

    def missing(self) -> set[str]:
        return self.memory.sealed - {entry.hash for entry in self.entries()}

    def found(self) -> set[str]:
        problems = verify(self.workspace()).problems
        return {problem.code for problem in problems if not problem.advice}


def whole(own: str, text: str) -> bool:
    """Whether the line with that hash stands whole in a text; the last may lack its newline."""
    lines = (line.removesuffix("#torn") for line in text.split("\n"))
    return any(f'"hash":"{own}"' in line and line.endswith("}") for line in lines)


TestRecord = pytest.mark.unmeasured(pytest.mark.slow(Record.TestCase))
TestRecord.settings = settings(
    max_examples=30,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=True,
)
if shutil.which("git") is None:
    TestRecord = pytest.mark.skip(reason="git is not installed")(TestRecord)
