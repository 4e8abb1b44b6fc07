"""The number a question stands for: its model's, the forecaster's own, or a stated pool."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any, Protocol

from forecast.domain import Forecast, Question, QuestionType, Target, Value
from forecast.domain.distributions import pool

HEADLINE = "headline"
MODEL = "model/"


def model_name(name: str) -> str:
    """Return the forecaster under which a model stands in the record."""
    return MODEL + name


def sources(question: Question, me: str) -> dict[str, float]:
    """Return the weight of each forecaster in the question's headline."""
    names = {"me": me}
    if question.models:
        names["model"] = model_name(question.models[0].name)
    weights: dict[str, float] = {}
    for name, weight in question.headline.weights.items():
        forecaster = names.get(name) or model_name(name)
        weights[forecaster] = weights.get(forecaster, 0.0) + weight
    return weights


def pooled(question: Question, me: str, latest: Callable[[str], Forecast | None]) -> Value | None:
    """Return the headline value from each source's latest forecast of one target.

    None when nobody has spoken; else as `pooled_value` says.
    """
    weights = sources(question, me)
    said = {who: found.value for who in weights if (found := latest(who)) is not None}
    return pooled_value(question.type, weights, said)


def pooled_value(
    type: QuestionType, weights: Mapping[str, float], said: Mapping[str, Value | None]
) -> Value | None:
    """Return the linear pool of what each source says; None where none says anything.

    Sources that say nothing leave their weight to the others.
    """
    spoken = [(w, value) for who, w in weights.items() if (value := said.get(who)) is not None]
    if not spoken:
        return None
    total = sum(weight for weight, _ in spoken)
    return pool(type, [(weight / total, value) for weight, value in spoken])


@dataclass(frozen=True, slots=True)
class Turn[T]:
    """The headline from `start` on: its `value`, and whose forecast made it so (and which)."""

    start: T
    value: Value | None
    who: str
    place: int


class Steps[T](Protocol):
    """What one source said of a target from each of some rising instants on; None ends it."""

    @property
    def target(self) -> Target:
        """What it was said of."""
        ...

    @property
    def forecaster(self) -> str:
        """Who said it."""
        ...

    @property
    def starts(self) -> Sequence[T]:
        """From when on each stood."""
        ...

    @property
    def values(self) -> Sequence[Value | None]:
        """What was said."""
        ...


def to_pool[S: Steps[Any]](
    question: Question, tracks: Iterable[S], me: str
) -> tuple[list[S], list[tuple[Target, dict[str, float], dict[str, S]]]]:
    """Return the tracks without recorded headlines, and for each target its headline's sources.

    A target comes with the sources' weights and those of their tracks that there are, if any.
    """
    said = [track for track in tracks if track.forecaster != HEADLINE]
    weights = sources(question, myself((track.forecaster for track in said), me))
    heard: dict[Target, dict[str, S]] = {target: {} for target in question.targets}
    for track in said:
        if track.forecaster in weights and track.target in heard:
            heard[track.target][track.forecaster] = track
    return said, [(target, weights, mine) for target, mine in heard.items() if mine]


def myself(forecasters: Iterable[str], me: str) -> str:
    """Return whose word `me` is: that of the only person who spoke, or else this user's."""
    people = {f for f in forecasters if f != HEADLINE and not f.startswith(MODEL)}
    return next(iter(people)) if len(people) == 1 else me


def turns[T](
    type: QuestionType, weights: Mapping[str, float], said: Mapping[str, Steps[T]]
) -> Iterator[Turn[T]]:
    """Yield the headline of one target whenever a source spoke or fell silent, in order of time.

    Nothing is yielded before the first word.
    """
    spoke = [(start, who, n) for who, steps in said.items() for n, start in enumerate(steps.starts)]
    spoke.sort(key=itemgetter(0))  # stable: of several at one instant the first source comes first
    now: dict[str, Value | None] = {}
    begun = False
    for start, words in groupby(spoke, key=itemgetter(0)):
        _, who, place = first = next(words)
        now.update({name: said[name].values[n] for _, name, n in (first, *words)})
        value = pooled_value(type, weights, now)
        begun = begun or value is not None
        if begun:
            yield Turn(start, value, who, place)
