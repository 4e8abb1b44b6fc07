"""Verify: is the record whole, do the answers agree with it, and what do its seals prove?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.domain import Question, Target
from forecast.domain.times import start_of_day
from forecast.errors import Exit, Problem
from forecast.verbs.check import answers
from forecast.verbs.workspace import Workspace

if TYPE_CHECKING:
    from forecast.record.ledger import Entry
    from forecast.record.proofs import Proof


@dataclass(frozen=True, slots=True)
class Standing:
    """How many forecasts one kind of proof holds for, and the earliest of the proofs."""

    forecasts: int
    first: Proof | None


@dataclass(frozen=True, slots=True)
class Proven:
    """How many of a question's forecasts are proven to be older than its answer, by what.

    Where a target has no answer yet every proof counts. `answered` is the earliest instant at which
    the answer of any target was known.
    """

    question: str
    forecasts: int
    answered: datetime | None
    committed: Standing
    stamped: Standing


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was found: problems in order, the size of the record, and what seals prove of it."""

    problems: tuple[Problem, ...]
    lines: int
    files: int
    seals: int
    questions: tuple[Proven, ...]

    @property
    def broken(self) -> bool:
        """Whether lines or seals are not what they were."""
        kinds = ("record-", "seal-")
        return any(p.code.startswith(kinds) and not p.advice for p in self.problems)

    @property
    def exit_code(self) -> Exit:
        """3 where the record is broken, 1 where an answer differs or git refuses, else 0."""
        if self.broken:
            return Exit.RECORD
        return Exit.FINE if all(problem.advice for problem in self.problems) else Exit.MEND


def verify(ws: Workspace, roots: Sequence[Path] = ()) -> VerifyReport:
    """Walk every chain, compare the answers, and check every seal.

    Time stamps prove something only under the root certificates in the PEM files `roots`.
    """
    from forecast.record.ledger import Ledger
    from forecast.record.proofs import verify_seals
    from forecast.record.stamps import certificates

    problems = ws.ledger.verify()
    entries = list(Ledger(ws.root, notice=lambda problem: None).entries())
    proofs, flaws = verify_seals(ws.root, entries, certificates(roots))
    return VerifyReport(
        problems=tuple(sorted([*problems, *flaws, *answers(ws, entries)])),
        lines=len(entries),
        files=len({entry.path for entry in entries}),
        seals=len({proof.seal.path for proof in proofs}),
        questions=tuple(_questions(ws, entries, proofs)),
    )


def _questions(
    ws: Workspace, entries: Sequence[Entry], proofs: Sequence[Proof]
) -> Iterator[Proven]:
    from forecast.record.proofs import How, proven

    commits = proven((p for p in proofs if p.how is How.COMMIT), entries)
    stamps = proven((p for p in proofs if p.how is How.STAMP), entries)
    said: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.forecast.value is not None:
            said.setdefault(entry.forecast.target.question, []).append(entry)
    for question in ws.book.questions.values():
        names = (question.id, *question.formerly)
        if own := [entry for name in names for entry in said.get(name, ())]:
            yield _question(question, own, commits, stamps)


def _question(
    question: Question,
    said: Sequence[Entry],
    commits: Mapping[str, Proof],
    stamps: Mapping[str, Proof],
) -> Proven:
    answered = {target.rung: _answered(question, target) for target in question.targets}
    return Proven(
        question=question.id,
        forecasts=len(said),
        answered=min((end for end in answered.values() if end), default=None),
        committed=_standing(said, answered, commits),
        stamped=_standing(said, answered, stamps),
    )


def _standing(
    said: Sequence[Entry], answered: Mapping[date | None, datetime | None], by: Mapping[str, Proof]
) -> Standing:
    """Count the forecasts whose proof is older than their target's answer.

    Of a target that the question has not (any more) nobody can say when it was answered.
    """
    held = []
    for entry in said:
        proof, rung = by.get(entry.hash), entry.forecast.target.rung
        if proof and rung in answered and _older(proof, answered[rung]):
            held.append(proof)
    return Standing(len(held), min(held, key=lambda proof: proof.by, default=None))


def _older(proof: Proof, answered: datetime | None) -> bool:
    return answered is None or proof.by < answered


def _answered(question: Question, target: Target) -> datetime | None:
    """Return from when an answer was known: of a day its first instant, against the forecaster."""
    settled = question.settled(target)
    if settled is None:
        return None
    known = settled.known_at
    return known if isinstance(known, datetime) else start_of_day(known, question.zone)
