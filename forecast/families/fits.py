"""Whether what a model says of an indicator fits the indicator's kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from forecast.domain import IndicatorKind
from forecast.families.base import Complaint, Indicators
from forecast.families.options import Group, HazardEffect, IndicatorUse, Report
from forecast.text import did_you_mean

type Place = tuple[str | int, ...]

_OF_LEVELS = ("per", "scale", "above", "below")
_OF_EVENTS = ("lasts", "count")


def kind_of(use: IndicatorUse, indicators: Indicators | None) -> IndicatorKind | None:
    """Return the kind of the indicator a use names, or None where it is not at hand."""
    indicator = (indicators or {}).get(use.use)
    return indicator.kind if indicator else None


def misplaced(use: IndicatorUse, kind: IndicatorKind, place: Place) -> Iterator[Complaint]:
    """Yield what a use says that only another kind of indicator has."""
    foreign = _OF_LEVELS if kind is IndicatorKind.EVENT else _OF_EVENTS
    other = "levels and counts" if kind is IndicatorKind.EVENT else "events"
    for field in (name for name in foreign if name in use.model_fields_set):
        message = f"{field} is for {other}, {use.use} is of kind {kind}"
        yield Complaint((*place, field), "field-misplaced", message, f"leave {field} out")


def _needed(use: Any, field: str, place: Place, why: str) -> Iterator[Complaint]:
    if getattr(use, field) is None:
        yield Complaint(place, f"{field}-missing", f"{use.use} needs {field}", why)


def effect_complaints(
    use: HazardEffect, place: Place, indicators: Indicators | None
) -> Iterator[Complaint]:
    """Yield what a use that moves the hazard lacks, or says of the wrong kind of indicator."""
    kind = kind_of(use, indicators)
    if kind is None:
        return
    yield from misplaced(use, kind, place)
    if kind is IndicatorKind.EVENT:
        yield from _needed(use, "lasts", place, "say for how long one counts, e.g. 60 days")
        if use.ahead and use.ahead.mode == "drift":
            place = (*place, "ahead")
            yield Complaint(place, "drift-of-events", "events do not drift", "use hold or fade")
    else:
        yield from _needed(use, "per", place, "say what change the hazard ratio is for")
        yield from _needed(use, "baseline", place, "say what is typical of the reference class")


def report_complaints(
    use: Report, place: Place, indicators: Indicators | None
) -> Iterator[Complaint]:
    """Yield what a report lacks, or says of the wrong kind of indicator."""
    kind = kind_of(use, indicators)
    if kind is None:
        return
    yield from misplaced(use, kind, place)
    if kind is not IndicatorKind.EVENT and use.above is None and use.below is None:
        message = f"{use.use} is a {kind}: from which reading on has the report come?"
        yield Complaint(place, "threshold-missing", message, "add above or below")


def group_complaints(reports: Sequence[Report], groups: Mapping[str, Group]) -> Iterator[Complaint]:
    """Yield the groups that reports name and nobody defines."""
    for position, use in enumerate(reports):
        if use.group is not None and use.group not in groups:
            hint = did_you_mean(use.group, groups) or f"add {use.group}: {{rho: …}} under groups"
            path = ("indicators", position, "group")
            yield Complaint(path, "group-unknown", f"there is no group {use.group!r}", hint)
