"""What stands: the forecasts of a question, live or replayed, at a knowledge date."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from forecast.domain import AsOf, Forecast, Kind, Question, QuestionType, Target, Value
from forecast.domain.distributions import suits
from forecast.record import history
from forecast.record.history import LIVE
from forecast.verbs.headline import HEADLINE, model_name, to_pool, turns
from forecast.verbs.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Track:
    """One forecaster's forecasts of one target in order of time; None ends what stood.

    `starts` are the instants from which each stands: `made_at`, or for backtests the end of the
    as-of day.
    """

    target: Target
    forecaster: str
    backtest: bool
    starts: tuple[datetime, ...]
    forecasts: tuple[Forecast, ...]

    @property
    def values(self) -> tuple[Value | None, ...]:
        """What was said at each start."""
        return tuple(f.value for f in self.forecasts)

    def at(self, instant: datetime) -> Forecast | None:
        """Return the forecast that stands at `instant`; None if there is none or it was ended."""
        made = [f for s, f in zip(self.starts, self.forecasts, strict=True) if s <= instant]
        return made[-1] if made and made[-1].value is not None else None


def standing(ws: Workspace) -> dict[tuple[Target, str], Forecast]:
    """Return what each forecaster says live now of every question in the book."""
    found = {}
    for question in ws.book.questions.values():
        entries = ws.ledger.entries(question.id, question.formerly)
        for key, steps in history.paths(entries, LIVE).items():
            if steps and steps[-1].end is None and _suits(question, steps[-1].forecast):
                found[key] = steps[-1].forecast
    return found


def tracks_at(
    ws: Workspace, question: Question, as_of: AsOf, me: str, *, hindsight: bool = False
) -> list[Track]:
    """Return a question's paths up to a knowledge date, the headline's among them.

    Where nothing had been forecast live by then, replays stand in.
    """
    live = until(live_tracks(ws, question), as_of)
    tracks = live or until(backtest_tracks(ws, question, hindsight=hindsight), as_of)
    return with_headline(question, tracks, me)


def until(tracks: list[Track], as_of: AsOf) -> list[Track]:
    """Return tracks cut at a knowledge date; those that had not begun are left out."""
    cut = []
    for t in tracks:
        n = sum(start <= as_of.instant for start in t.starts)
        if n:
            cut.append(Track(t.target, t.forecaster, t.backtest, t.starts[:n], t.forecasts[:n]))
    return cut


def live_tracks(ws: Workspace, question: Question) -> list[Track]:
    """Return every forecaster's recorded path of each target of a question."""
    return list(_recorded(ws, question, LIVE))


def backfilled_tracks(ws: Workspace, question: Question) -> list[Track]:
    """Return what people dated back by hand, from the end of its day; shown, never scored."""
    made: dict[tuple[Target, str], dict[datetime, Forecast]] = {}
    for entry in ws.ledger.entries(question.id, question.formerly):
        f = entry.forecast
        if f.kind is Kind.BACKFILLED and _suits(question, f):
            start = AsOf.at(f.as_of, question.zone).instant
            made.setdefault((f.target, f"{f.forecaster}, dated back"), {})[start] = f
    return [
        Track(target, who, False, tuple(sorted(said)), tuple(said[s] for s in sorted(said)))
        for (target, who), said in made.items()
    ]


def imported_tracks(ws: Workspace, question: Question) -> list[Track]:
    """Return what others are on record for, from when they said it; never scored as live."""
    return list(_recorded(ws, question, {Kind.IMPORTED}))


def _recorded(ws: Workspace, question: Question, kinds: Collection[Kind]) -> Iterator[Track]:
    """Yield the recorded paths of some kinds on which anything stands."""
    entries = ws.ledger.entries(question.id, question.formerly)
    for (target, forecaster), steps in history.paths(entries, kinds).items():
        track = _track(question, target, forecaster, steps)
        if any(value is not None for value in track.values):
            yield track


def _suits(question: Question, forecast: Forecast) -> bool:
    return forecast.value is not None and suits(question, forecast.value)


def _track(question: Question, target: Target, forecaster: str, steps: history.Path) -> Track:
    """Return a path of the record as a track.

    None stands where nothing does, nor what was said of other options or in another unit.
    """
    made: list[tuple[datetime, Forecast]] = []
    for step in steps:
        said = step.forecast
        made.append((step.start, said if _suits(question, said) else replace(said, value=None)))
        if step.end is not None:
            made.append((step.end, replace(step.forecast, value=None)))
    # A step that begins where the last one ended takes its place.
    by_start = dict(made)
    return Track(target, forecaster, False, tuple(by_start), tuple(by_start.values()))


def backtest_tracks(ws: Workspace, question: Question, *, hindsight: bool = False) -> list[Track]:
    """Return the replayed path of each model and target."""
    grouped: dict[tuple[Target, str], dict[datetime, Forecast]] = {}
    for forecast in replays(ws, hindsight).of(question):
        if superseded(question, forecast):
            continue
        start = AsOf.at(forecast.as_of, question.zone).instant
        grouped.setdefault((forecast.target, forecast.forecaster), {})[start] = forecast
    return [
        Track(target, who, True, tuple(sorted(made)), tuple(made[s] for s in sorted(made)))
        for (target, who), made in grouped.items()
    ]


@dataclass(frozen=True, slots=True)
class Replays:
    """All replays with hindsight, or all without, by the id they were made under."""

    by_id: Mapping[str, Sequence[Forecast]]

    def of(self, question: Question) -> Iterator[Forecast]:
        """Yield a question's replays, those under its former ids among them."""
        for name in sorted((question.id, *question.formerly)):
            for forecast in self.by_id.get(name, ()):
                yield replace(forecast, target=Target(question.id, forecast.target.rung))


def replays(ws: Workspace, hindsight: bool) -> Replays:
    """Return the book's replays, with hindsight or without."""
    found: dict[str, list[Forecast]] = {}
    for forecast in ws.backtests.forecasts():
        if bool(forecast.detail.get("hindsight")) is hindsight:
            found.setdefault(forecast.target.question, []).append(forecast)
    return Replays(found)


def with_headline(question: Question, tracks: list[Track], me: str) -> list[Track]:
    """Add the headline's own track, from its sources as they stand; recorded pools are for audit.

    It is its single source's by another name, or the pool whenever a source spoke or fell silent.
    """
    said, heard = to_pool(question, tracks, me)
    pools = (_pool_track(question.type, *pooled) for pooled in heard)
    return [*said, *(track for track in pools if track is not None)]


def _pool_track(
    type: QuestionType, target: Target, weights: Mapping[str, float], tracks: Mapping[str, Track]
) -> Track | None:
    made: dict[datetime, Forecast] = {}
    for turn in turns(type, weights, tracks):
        said = tracks[turn.who].forecasts[turn.place]
        made[turn.start] = replace(said, forecaster=HEADLINE, value=turn.value, interval=None)
    if not made:
        return None
    backtest = next(iter(tracks.values())).backtest
    return Track(target, HEADLINE, backtest, tuple(made), tuple(made.values()))


def superseded(question: Question, forecast: Forecast) -> bool:
    """Whether a replay was made of a question or by a model that no longer stands as it was."""
    from forecast.book.views import models_at

    hindsight = bool(forecast.detail.get("hindsight"))
    stated = models_at(question, AsOf.at(forecast.as_of, question.zone), hindsight)
    digests = {model_name(spec.name): spec.digest for spec in stated}
    same_model = digests.get(forecast.forecaster) == forecast.model_digest
    return not same_model or forecast.question_digest != question.digest
