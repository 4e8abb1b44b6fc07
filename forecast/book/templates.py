"""The texts that `init` and `new` write: commented files that are right as they stand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from forecast.book.edit import scalar
from forecast.book.jsonschema import FOLDER, INDICATOR, QUESTION
from forecast.domain import IndicatorKind, QuestionType
from forecast.families import answering

SERIES = "some-level"

GITATTRIBUTES = """\
# The record is compared byte for byte; lines of two branches are simply both kept.
*.jsonl -text merge=union
seals/* -text
"""

GITIGNORE = """\
# Cache, locks, logs and backtests: may be deleted at any time.
.forecast/
"""


def book_text(title: str, zone: str = "UTC") -> str:
    """Return a `book.yaml`."""
    return f"""\
# This file makes the folder a book. Questions lie beside it as <id>.yaml, what moves them in
# indicators/, and forecasts are appended to record/.
format: 1
title: {scalar(title)}
timezone: {scalar(zone)}   # of all dates whose question names none
"""


def new_question_text(
    title: str,
    *,
    opens: date,
    deadlines: Sequence[date],
    type: QuestionType = QuestionType.BINARY,
    options: Sequence[str] = (),
    unit: str = "",
    zone: str | None = None,
) -> str:
    """Return a commented question file without a model, ready to be filled in.

    `options` are needed for the types to choose from; `deadlines` has at least one day.
    """
    lines = [
        f"# yaml-language-server: $schema={FOLDER}/{QUESTION}",
        f"question: {scalar(title)}",
        f"type: {type.value}",
    ]
    if options:
        lines.append(f"options: [{', '.join(_item(option) for option in options)}]")
    if type is QuestionType.NUMERIC:
        lines.append(f"unit: {scalar(unit or 'units')}")
    lines += [
        f"opens: {opens}   # scored from this day on",
        _deadlines(deadlines),
        f"timezone: {scalar(zone)}" if zone else "# timezone: Europe/Kyiv   # default: the book's",
        _CRITERIA,
        _model(type, options),
    ]
    if options or type is QuestionType.NUMERIC:
        example = "{one: 3, another: 5}" if options else "[4.1, 3.8, 5.0]"
        lines.append(_PAST.format(example))
    return "\n".join(lines)


def _model(type: QuestionType, options: Sequence[str]) -> str:
    """Return a model to uncomment, of a family that answers such questions, and name the others."""
    first, *others = sorted(answering(type), key=lambda name: name != "base_rate")
    said = {"others": ", ".join(others), "series": SERIES}
    if first == "trend":
        thresholds = [_THRESHOLDS.format([*range(1, len(options))])] if options else []
        return "\n".join([_TREND.format(**said), *thresholds, ""])
    if not options:
        return _EVENT.format(**said)
    *causes, none = map(_item, options)
    return _RACE.format(**said, none=none, causes="\n".join(map(_CAUSE.format, causes)))


def _deadlines(days: Sequence[date]) -> str:
    if len(days) == 1:
        return f"deadline: {days[0]}   # includes this day"
    return f"deadlines: [{', '.join(map(str, days))}]   # one event, a ladder; each day included"


def _item(text: str) -> str:
    """Return text as an item of a list in brackets."""
    written = scalar(text)
    return written if written.startswith('"') or "," not in text else f'"{text}"'


_CRITERIA = """\
# clock: 2022-01-01   # the event is possible from the end of this day on; default: opens
# event: some-event   # questions that hang on one event are one cluster in the scores
# tags: [one, two]

resolution_criteria: |
  What counts, in words that a stranger could apply.
  Source: who or what decides, and where it can be read.
  Annulled if the question loses its sense; ambiguous if the sources contradict each other.
"""

_EVENT = """\
# How often such things happened before; uncomment it and the model for forecasts by `update`.
# reference_class:
#   name: what the past cases have in common
#   events: 3            # how many of them met these criteria
#   cases: 40            # how many there were; leave out for events that recur
#   exposure: 180 days   # how long each stood open
#   source: where the figures come from
# model:
#   family: base_rate    # or {others}
"""

_RACE = """\
# Uncomment it for forecasts by `update`: which of several events comes first, if any does.
# model:
#   family: competing_risks   # or {others}
#   none: {none}
#   causes:   # one for each other option, from such cases or from a question: {{question: its-id}}
{causes}
"""
_CAUSE = (
    "#     {}: {{reference_class: {{name: cases, events: 2, exposure: 900 days, source: where}}}}"
)

_TREND = """\
# Uncomment it for forecasts by `update`, from the readings of an indicator.
# model:
#   family: trend
#   series: {series}   # the id of the indicator that is asked about"""
_THRESHOLDS = "#   thresholds: {}   # where each option ends and the next begins"


_PAST = """\
# How such questions were answered before: what forecasts are compared with in the scores.
# past:
#   name: what they have in common
#   answers: {}
#   source: where they can be read
"""


def new_indicator_text(title: str, kind: IndicatorKind, unit: str = "") -> str:
    """Return a commented indicator file; `forecast observe` makes the CSV beside it."""
    return f"""\
# yaml-language-server: $schema=../{FOLDER}/{INDICATOR}
title: {scalar(title)}
kind: {kind.value}   # level | event | count
{f"unit: {scalar(unit)}" if unit else "# unit: soldiers"}
# source: where readings come from
# every: 7 days          # how often one is due
# stale_after: 30 days   # `update` warns when the last one is older
# relative_error: .1     # 80% half-width of a reading, as a share of it
"""
