"""Refusals: what updates could not publish, kept in a log, and the standing numbers older than it.

The log lies in `.forecast/` and may be deleted: then nothing is known of refusals until the next.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from forecast.disk import ours
from forecast.domain import AsOf, ModelSpec, Question
from forecast.verbs.fits import why
from forecast.verbs.headline import model_name
from forecast.verbs.standing import Track
from forecast.verbs.workspace import Workspace

if TYPE_CHECKING:
    from forecast.verbs.forecasting import Outlook

_DAMAGE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A live update that a model of a question was refused in, or spoke in again (no `reason`)."""

    at: datetime
    question: str
    model: str
    reason: str


def attempts(ws: Workspace) -> list[Attempt]:
    """Return the live attempts of the log in order; lines that are none are passed over."""
    path = _path(ws)
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return []
    return [each for line in lines if (each := _attempt(line)) is not None]


def refused(found: Iterable[Attempt]) -> dict[tuple[str, str], Attempt]:
    """Return by question and model the refusals that no later attempt ended."""
    last = {(each.question, each.model): each for each in found}
    return {key: each for key, each in last.items() if each.reason}


def keep(ws: Workspace, made: Sequence[Outlook]) -> None:
    """Leave a line for each refused fit, and for each that ends a refusal; a courtesy."""
    before = refused(attempts(ws))
    ended = {_pair(o) for o in made if o.request.view.as_of.live} & before.keys()
    told = [outlook for outlook in made if outlook.fit.refused or _pair(outlook) in ended]
    if not told:
        return
    text = "".join(json.dumps(_line(ws, outlook)) + "\n" for outlook in told)
    path = _path(ws)
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8", newline="\n") as log:
            log.write(text)


def since(
    ws: Workspace,
    found: Iterable[Attempt],
    question: Question,
    tracks: Sequence[Track],
    as_of: AsOf,
) -> dict[str, str]:
    """Return why models that stand for a question at `as_of` were refused since, by forecaster.

    A model of the user's own that is not trusted any more would be refused by the next update.
    """
    named = (question.id, *question.formerly)
    seen = (each for each in found if each.question in named and each.at <= as_of.instant)
    last = {model: each for (_, model), each in refused(seen).items()}
    stale = {}
    for spec in question.models:
        spoke = _spoke(spec, tracks, as_of)
        reason = _untrusted(ws, spec) if spoke and as_of.live else ""
        if spoke and spec.name in last and last[spec.name].at > spoke:
            reason = reason or f"refused since: {last[spec.name].reason}"
        if reason:
            stale[model_name(spec.name)] = reason
    return stale


def _spoke(spec: ModelSpec, tracks: Sequence[Track], as_of: AsOf) -> datetime | None:
    """Return when a model last said live what stands, if anything of it does."""
    mine = (t for t in tracks if t.forecaster == model_name(spec.name) and not t.backtest)
    said = (track.at(as_of.instant) for track in mine)
    return max((forecast.made_at for forecast in said if forecast), default=None)


def _untrusted(ws: Workspace, spec: ModelSpec) -> str:
    """Say which file of a model the user's settings do not let run, if any."""
    names = [name for name in spec.options.code() if name in ws.book.code]
    if not names:
        return ""
    from forecast.families.python import trusts  # which few books need

    shown = [code.shown for name in names if not trusts(code := ws.book.code[name])]
    told = (f"not run: {name} is not trusted; `forecast trust {name}`" for name in shown)
    return "; ".join(told)


def _path(ws: Workspace) -> Path:
    return ours(ws.root / ".forecast" / "log" / "refused.jsonl")


def _attempt(line: str) -> Attempt | None:
    with suppress(*_DAMAGE):
        said = json.loads(line)
        if said["live"] is True:
            gates = said["gates"]
            reason = why(gates.get("reasons", ())) if gates["verdict"] == "refuse" else ""
            at = datetime.fromisoformat(said["at"]).astimezone(UTC)
            return Attempt(at, str(said["question"]), str(said["model"]), reason)
    return None


def _pair(outlook: Outlook) -> tuple[str, str]:
    return outlook.request.view.question.id, outlook.request.spec.name


def _line(ws: Workspace, outlook: Outlook) -> dict[str, Any]:
    as_of = outlook.request.view.as_of
    question, model = _pair(outlook)
    return {
        "at": ws.now.isoformat(),
        "question": question,
        "model": model,
        "as_of": str(as_of.day),
        "live": as_of.live,
        "gates": {"verdict": "publish", **outlook.fit.gates},
    }
