"""Answered targets with what every forecaster had said of them, for whatever compares forecasters.

Score judges one forecaster's path at a time; house rules, comparisons and pools need all that stood
side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from forecast.domain import Question, QuestionType, Settled, Target, Value
from forecast.scoring.paths import Path, Window
from forecast.settings import writer
from forecast.verbs.clusters import cluster
from forecast.verbs.measures import outcome_index
from forecast.verbs.pools import chance, field, with_pools
from forecast.verbs.score import trace_path, window
from forecast.verbs.scored import Scored, scored
from forecast.verbs.workspace import Workspace

KINDS = ("live", "backtest")


@dataclass(frozen=True, slots=True)
class Case:
    """One answered target, live or replayed: what each forecaster had said over one window.

    `paths` hold those who stood for a time, the headline among them.
    """

    kind: str
    question: Question
    target: Target
    settled: Settled
    window: Window
    paths: Mapping[str, Path[Value]]

    @property
    def cluster(self) -> str:
        """What the target shares its luck with."""
        return cluster(self.question)

    @property
    def outcome(self) -> int:
        """1 or 0 for yes or no, else the place of the option that came true."""
        return outcome_index(self.question, self.settled.answer)

    @property
    def chances(self) -> dict[str, Path[Any]]:
        """The paths as probabilities: of yes, or of each option in order.

        Empty for questions whose answer is a number or a date.
        """
        question = self.question
        if question.type is QuestionType.BINARY:
            return dict(self.paths)
        if not question.options:
            return {}
        return {who: p.map(lambda v: chance(question, v)) for who, p in self.paths.items()}

    @property
    def field_chances(self) -> dict[str, Path[Any]]:
        """The chances of the forecasters themselves."""
        return field(self.chances)


@dataclass(frozen=True, slots=True)
class Cases:
    """Cases, and how many targets there are none of, by reason (as in a `ScoreReport`)."""

    found: tuple[Case, ...]
    left_out: Mapping[str, int]


def cases(
    ws: Workspace,
    ids: tuple[str, ...] = (),
    *,
    day: date | None = None,
    hindsight: bool = False,
    pools: Sequence[str] = (),
) -> Cases:
    """Return every answered target of which something had been said, live and replayed apart.

    `pools` are methods by which all forecasters together become a virtual one.
    """
    found: list[Case] = []
    left_out = dict.fromkeys(("unresolved", "void", "silent"), 0)
    every = scored(ws, ws.questions(ids), writer(None), hindsight=hindsight)
    for each in with_pools(ws, every, pools, day):
        question = each.question
        as_of = ws.as_of(question, day)
        for target in question.targets:
            settled = question.settled_by(target, as_of)
            if settled is None or settled.void:
                left_out["void" if settled else "unresolved"] += 1
                continue
            made = list(_of_target(each, target, settled))
            left_out["silent"] += not made
            found += made
    return Cases(tuple(found), left_out)


def _of_target(each: Scored, target: Target, settled: Settled) -> Iterator[Case]:
    question = each.question
    for kind in KINDS:
        said = {
            trace.forecaster: trace_path(question, trace, settled)
            for trace in each.traces
            if trace.target == target and trace.backtest == (kind == "backtest")
        }
        stood = {who: path for who, path in said.items() if path.values}
        if stood:
            span = window(question, target, settled)
            yield Case(kind, question, target, settled, span, stood)
