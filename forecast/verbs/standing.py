"""What stands: the forecasts of a question, live or replayed, at a knowledge date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from forecast.domain import AsOf, Forecast, Kind, Question, Target, Value
from forecast.record import history
from forecast.record.lines import Entry
from forecast.verbs.headline import HEADLINE, MODEL, model_name, pooled, sources
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
    """Return what each forecaster says live now of every question in the book."""
    found = {}
    for question in ws.book.questions.values():
        entries = _live(ws.ledger.entries(question.id, question.formerly))
        for key, steps in history.paths(entries).items():
            if steps and steps[-1].end is None:
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
    entries = _live(ws.ledger.entries(question.id, question.formerly))
    return [
        _track(target, forecaster, steps)
        for (target, forecaster), steps in history.paths(entries).items()
        if steps
    ]


def scored_tracks(
    ws: Workspace, question: Question, me: str, *, hindsight: bool = False
) -> list[Track]:
    """Return what is scored: live paths and replays from the opening on, each with its headline."""
    replayed = backtest_tracks(ws, question, hindsight=hindsight, scored=True)
    return [
        *with_headline(question, live_tracks(ws, question), me),
        *with_headline(question, replayed, me),
    ]


def backfilled_tracks(ws: Workspace, question: Question) -> list[Track]:
    """Return what people dated back by hand, from the end of its day; shown, never scored."""
    made: dict[tuple[Target, str], dict[datetime, Forecast]] = {}
    for entry in ws.ledger.entries(question.id, question.formerly):
        f = entry.forecast
        if f.kind is Kind.BACKFILLED:
            start = AsOf.at(f.as_of, question.zone).instant
            made.setdefault((f.target, f"{f.forecaster}, dated back"), {})[start] = f
    return [
        Track(target, who, False, tuple(sorted(said)), tuple(said[s] for s in sorted(said)))
        for (target, who), said in made.items()
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
    for forecast in _replays(ws, question, hindsight):
        if _superseded(question, forecast) or (scored and forecast.as_of < question.opens):
            continue
        start = AsOf.at(forecast.as_of, question.zone).instant
        grouped.setdefault((forecast.target, forecast.forecaster), {})[start] = forecast
    return [
        Track(target, who, True, tuple(sorted(made)), tuple(made[s] for s in sorted(made)))
        for (target, who), made in grouped.items()
    ]


def superseded(ws: Workspace, question: Question, *, hindsight: bool = False) -> int:
    """Return how many replays are left out because question or model have changed since."""
    return sum(_superseded(question, f) for f in _replays(ws, question, hindsight))


def _replays(ws: Workspace, question: Question, hindsight: bool) -> Iterable[Forecast]:
    for forecast in ws.backtests.forecasts():
        marked = bool(forecast.detail.get("hindsight"))
        known_as = (question.id, *question.formerly)
        if forecast.target.question in known_as and marked is hindsight:
            yield replace(forecast, target=Target(question.id, forecast.target.rung))


def with_headline(question: Question, tracks: list[Track], me: str) -> list[Track]:
    """Add the headline's own track, from its sources as they stand; recorded pools are for audit.

    It is its single source's by another name, or the pool whenever a source spoke or fell silent.
    """
    said = [t for t in tracks if t.forecaster != HEADLINE]
    who = myself((t.forecaster for t in said), me)
    added = list(said)
    for target in question.targets:
        heard = sources(question, who)
        mine = {t.forecaster: t for t in said if t.target == target and t.forecaster in heard}
        pool = _pool_track(question, target, mine, who) if mine else None
        if pool is not None:
            added.append(pool)
    return added


def myself(forecasters: Iterable[str], me: str) -> str:
    """Return whose word `me` is: that of the only person who spoke, or else this user's."""
    people = {f for f in forecasters if f != HEADLINE and not f.startswith(MODEL)}
    return next(iter(people)) if len(people) == 1 else me


def _pool_track(
    question: Question, target: Target, tracks: Mapping[str, Track], me: str
) -> Track | None:
    made: dict[datetime, Forecast] = {}
    for start in sorted({s for t in tracks.values() for s in t.starts}):
        standing_then = {who: t.at(start) for who, t in tracks.items()}
        value = pooled(question, me, standing_then.get)
        if value is None and not made:
            continue
        spoke = next(t for t in tracks.values() if start in t.starts)
        said = spoke.forecasts[spoke.starts.index(start)]
        made[start] = replace(said, forecaster=HEADLINE, value=value, interval=None)
    if not made:
        return None
    backtest = next(iter(tracks.values())).backtest
    return Track(target, HEADLINE, backtest, tuple(made), tuple(made.values()))


def _superseded(question: Question, forecast: Forecast) -> bool:
    """Whether a replay was made of a question or by a model that no longer stands as it was."""
    digests = {model_name(spec.name): spec.digest for spec in question.models}
    same_model = digests.get(forecast.forecaster) == forecast.model_digest
    return not same_model or forecast.question_digest != question.digest
