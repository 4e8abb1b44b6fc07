"""What stands: the forecasts of a question, live or replayed, at a knowledge date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from forecast.domain import AsOf, Forecast, Kind, Question, Target, Value
from forecast.record import history
from forecast.record.lines import Entry
from forecast.verbs.headline import HEADLINE, model_name, pooled
from forecast.verbs.workspace import Workspace

_LIVE = (Kind.LIVE, Kind.WITHDRAWN, Kind.RETRACTED)


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
    """Return what each forecaster says live now, of every target in the record."""
    found = {}
    for key, steps in history.paths(_live(ws.ledger.entries())).items():
        if steps and steps[-1].end is None:
            found[key] = steps[-1].forecast
    return found


def live_tracks(ws: Workspace, question: Question) -> list[Track]:
    """Return every forecaster's recorded path of each target of a question."""
    entries = _live(ws.ledger.entries(question.id, question.formerly))
    return [
        _track(target, forecaster, steps)
        for (target, forecaster), steps in history.paths(entries).items()
        if steps
    ]


def _live(entries: Iterable[Entry]) -> Iterable[Entry]:
    return (e for e in entries if e.forecast.kind in _LIVE)


def _track(target: Target, forecaster: str, steps: history.Path) -> Track:
    """Return a path of the record as a track; None stands where nothing does."""
    made: list[tuple[datetime, Forecast]] = []
    for step in steps:
        made.append((step.start, step.forecast))
        if step.end is not None:
            made.append((step.end, replace(step.forecast, value=None)))
    # A step that begins where the last one ended takes its place.
    by_start = dict(made)
    return Track(target, forecaster, False, tuple(by_start), tuple(by_start.values()))


def backtest_tracks(
    ws: Workspace, question: Question, *, hindsight: bool = False, scored: bool = False
) -> list[Track]:
    """Return the replayed path of each model and target.

    `scored` leaves out what came before the question opened.
    """
    grouped: dict[tuple[Target, str], dict[datetime, Forecast]] = {}
    for forecast in ws.backtests.forecasts():
        if forecast.target.question != question.id:
            continue
        if bool(forecast.detail.get("hindsight")) is not hindsight:
            continue
        if forecast.question_digest != question.digest or _superseded(question, forecast):
            continue
        if scored and forecast.as_of < question.opens:
            continue
        start = AsOf.at(forecast.as_of, question.zone).instant
        grouped.setdefault((forecast.target, forecast.forecaster), {})[start] = forecast
    return [
        Track(target, who, True, tuple(sorted(made)), tuple(made[s] for s in sorted(made)))
        for (target, who), made in grouped.items()
    ]


def with_headline(question: Question, tracks: list[Track], me: str) -> list[Track]:
    """Add the headline's own track where none is recorded.

    It is its single source's by another name, or the pool whenever a source spoke.
    """
    added = list(tracks)
    for target in question.targets:
        mine = {t.forecaster: t for t in tracks if t.target == target}
        if not mine or HEADLINE in mine:
            continue
        backtest = next(iter(mine.values())).backtest
        pool = _pool_track(question, target, mine, me, backtest)
        if pool is not None:
            added.append(pool)
    return added


def _pool_track(
    question: Question, target: Target, tracks: Mapping[str, Track], me: str, backtest: bool
) -> Track | None:
    starts: list[datetime] = []
    forecasts: list[Forecast] = []
    for start in sorted({s for t in tracks.values() for s in t.starts}):
        standing = {who: t.at(start) for who, t in tracks.items()}
        value = pooled(question, me, standing.get)
        source = next((f for f in standing.values() if f is not None), None)
        if value is None or source is None:
            continue
        starts.append(start)
        forecasts.append(replace(source, forecaster=HEADLINE, value=value, interval=None))
    if not starts:
        return None
    return Track(target, HEADLINE, backtest, tuple(starts), tuple(forecasts))


def _superseded(question: Question, forecast: Forecast) -> bool:
    """Whether a replay was made by a model that no longer stands as it was."""
    digests = {model_name(spec.name): spec.digest for spec in question.models}
    return digests.get(forecast.forecaster) != forecast.model_digest
