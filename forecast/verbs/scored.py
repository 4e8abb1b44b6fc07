"""What is scored: every question's live forecasts and replays, each with its headline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from forecast.domain import AsOf, Question, Target, Value
from forecast.domain.distributions import suits
from forecast.record.traces import Trace
from forecast.verbs.headline import HEADLINE, to_pool, turns
from forecast.verbs.standing import Replays, replays, superseded
from forecast.verbs.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Scored:
    """A question with what was said of it, live and replayed.

    `stale` counts replays left out because question or model have changed since.
    """

    question: Question
    traces: Sequence[Trace]
    stale: int


def scored(
    ws: Workspace, questions: Sequence[Question], me: str, *, hindsight: bool = False
) -> Iterator[Scored]:
    """Yield what is to be scored of each question, in the order given.

    Live forecasts come first, then replays from the opening on; headlines after their sources.
    """
    from forecast.record.reading import recorded

    replayed = replays(ws, hindsight)
    live = recorded(ws.ledger, [(q.id, q.formerly) for q in questions])
    for question, said in zip(questions, live, strict=True):
        again, stale = _replayed(question, replayed)
        suited = [_suited(question, trace) for trace in said]
        traces = [*_with_headline(question, suited, me), *_with_headline(question, again, me)]
        yield Scored(question, traces, stale)


def _suited(question: Question, trace: Trace) -> Trace:
    """Return a trace on which nothing stands where it says what is no forecast any more."""
    fit = [value is None or suits(question, value) for value in trace.values]
    if all(fit):
        return trace
    kept = (value if fits else None for value, fits in zip(trace.values, fit, strict=True))
    return replace(trace, values=tuple(kept))


def _replayed(question: Question, replayed: Replays) -> tuple[list[Trace], int]:
    """Return the traces of a question's replays, and how many are left out as superseded."""
    made: dict[tuple[Target, str], dict[float, Value | None]] = {}
    stale = 0
    for forecast in replayed.of(question):
        if superseded(question, forecast):
            stale += 1
        elif forecast.as_of >= question.opens:
            start = AsOf.at(forecast.as_of, question.zone).instant.timestamp()
            key = forecast.target, forecast.forecaster
            made.setdefault(key, {})[start] = forecast.value
    return [_trace(*key, said, backtest=True) for key, said in made.items()], stale


def _trace(
    target: Target, forecaster: str, said: Mapping[float, Value | None], *, backtest: bool
) -> Trace:
    starts = tuple(sorted(said))
    return Trace(target, forecaster, starts, tuple(said[start] for start in starts), backtest)


def _with_headline(question: Question, traces: Sequence[Trace], me: str) -> list[Trace]:
    """Add the headline's own trace, from its sources as they stand."""
    said, heard = to_pool(question, traces, me)
    return [*said, *(_pool(question, weights, mine) for _, weights, mine in heard)]


def _pool(question: Question, weights: Mapping[str, float], traces: Mapping[str, Trace]) -> Trace:
    """Return the headline of one target; a single source's is its own by another name."""
    first = next(iter(traces.values()))
    if len(traces) == 1:
        return replace(first, forecaster=HEADLINE)
    said = {turn.start: turn.value for turn in turns(question.type, weights, traces)}
    return _trace(first.target, HEADLINE, said, backtest=first.backtest)
