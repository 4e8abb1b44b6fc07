"""One file's text into a checked Question or Indicator, with every problem in it."""

from __future__ import annotations

import math
from collections.abc import Mapping as MappingOf
from functools import cache
from typing import Any

from forecast.book import advice, checks
from forecast.book.scalars import Refusal
from forecast.book.schema import IndicatorFile, QuestionFile, ResolutionEntry
from forecast.book.source import parse, plain
from forecast.book.validation import Findings, Path
from forecast.canonical import digest
from forecast.domain import (
    Headline,
    Indicator,
    ModelSpec,
    PastAnswers,
    Question,
    QuestionType,
    ReferenceClass,
    Resolution,
)
from forecast.errors import Problem
from forecast.families import FAMILIES, get, names
from forecast.families.options import FamilyOptions
from forecast.families.scalars import shown
from forecast.text import did_you_mean

_PROSE = {"why", "source"}

# What may change without the question becoming another one.
_NOT_THE_QUESTION = {
    *("resolution", "background", "tags", "event", "formerly", "headline"),
    *("model", "models", "timezone", "past"),
}


def read_indicator(data: bytes, path: str, id: str) -> tuple[Indicator | None, list[Problem]]:
    """Return the definition in an indicator file, without readings, and the file's problems."""
    root, problems = parse(data, path)
    if root is None:
        return None, problems
    findings = Findings(path, root, problems)
    file = findings.validate(IndicatorFile, plain(root))
    if file is None or findings.problems:
        return None, findings.problems
    indicator = Indicator(
        id=id,
        path=path,
        every=_whole_days(file.every),
        stale_after=_whole_days(file.stale_after),
        **file.model_dump(exclude={"every", "stale_after"}),
    )
    return indicator, []


def _whole_days(days: float | None) -> int | None:
    return None if days is None else math.ceil(days)


def read_question(
    data: bytes, path: str, id: str, zone: str | None = None
) -> tuple[Question | None, Findings | None, list[Problem]]:
    """Return the question in a file, its findings (for checks across files), and its problems.

    `zone` is the time zone the book states, None if it states none. The question is None if its
    file has a problem that is more than advice; the findings are None if its text has no tree.
    """
    root, problems = parse(data, path)
    if root is None:
        return None, None, problems
    findings = Findings(path, root, problems)
    content = plain(root)
    raw = raw_models(content)
    file = findings.validate(QuestionFile, content)
    if file is None:
        models(raw, findings)
        return None, findings, findings.problems
    for where, refusal in checks.check(file, file.timezone or zone or "UTC"):
        findings.add(where, refusal)
    specs = models(raw, findings)
    question = None if findings.serious else _question(file, specs, id, path, zone or "UTC")
    if question is not None:
        for where, refusal in advice.weaknesses(file, zone):
            findings.add(where, refusal, key=True, advice=True)
    return None if findings.serious else question, findings, findings.problems


def raw_models(value: MappingOf[str, Any]) -> dict[Path, Any]:
    """Return the models in a file by their place in it."""
    found: dict[Path, Any] = {}
    if isinstance(value.get("model"), dict):
        found[("model",)] = value["model"]
    if isinstance(value.get("models"), dict):
        models = value["models"].items()
        found |= {("models", name): each for name, each in models if isinstance(each, dict)}
    return found


def models(raw: MappingOf[Path, Any], findings: Findings) -> list[ModelSpec]:
    """Return the models whose options are right, and add the problems of the others."""
    specs = []
    for where, options in raw.items():
        if findings.full:
            break
        if spec := _model(where, options, findings):
            specs.append(spec)
    return specs


@cache
def _families() -> tuple[str, ...]:
    return tuple(names())  # looks through what is installed: slow, and the same all along


def _model(where: Path, raw: MappingOf[str, Any], findings: Findings) -> ModelSpec | None:
    if raw.get("family") is None:
        hint = f"add family: {' | '.join(_families())}"
        findings.add(where, Refusal("family-missing", "a model without its family", hint), key=True)
        return None
    name = str(raw["family"])
    if name not in FAMILIES and name not in _families():
        hint = did_you_mean(name, _families()) or f"write one of {', '.join(_families())}"
        message = f"there is no model family {shown(name)}"
        findings.add((*where, "family"), Refusal("family-unknown", message, hint))
        return None
    options = findings.validate(get(name).Options, raw, where)
    if options is None:
        return None
    return ModelSpec(
        name=str(where[-1]) if where[0] == "models" else name,
        family=name,
        options=options,
        elicited_on=options.elicited_on,
        digest=model_digest(name, options),
    )


def model_digest(family: str, options: FamilyOptions) -> str:
    """Return what tells a model from every other that could give other numbers."""
    content = options.model_dump(mode="json", exclude_defaults=True)
    return digest({"family": family, "options": _unspoken(content)})


def _unspoken(content: Any) -> Any:
    """Return options without their prose, which moves no number."""
    if isinstance(content, dict):
        return {key: _unspoken(value) for key, value in content.items() if key not in _PROSE}
    return [_unspoken(each) for each in content] if isinstance(content, list) else content


def _question(
    file: QuestionFile, specs: list[ModelSpec], id: str, path: str, zone: str
) -> Question:
    content = file.model_dump(mode="json", exclude=_NOT_THE_QUESTION, exclude_defaults=True)
    content |= {"timezone": file.timezone or zone}
    return Question(
        id=id,
        title=file.question,
        type=file.type,
        opens=file.opens,
        deadlines=tuple(checks.deadlines(file)),
        clock=file.clock or file.opens,
        zone=file.timezone or zone,
        timing=file.timing,
        resolution_criteria=file.resolution_criteria,
        background=file.background,
        event=file.event,
        tags=tuple(file.tags),
        options=tuple(file.options),
        unit=file.unit,
        headline=_headline(file),
        models=tuple(specs),
        reference_class=_reference_class(file),
        past=_past(file),
        resolutions=tuple(_resolution(entry, file.type) for entry in file.resolution),
        formerly=tuple(file.formerly),
        path=path,
        digest=digest(content),
    )


def _headline(file: QuestionFile) -> Headline:
    """Return what the file says, or else the first model's word, or mine if there is no model."""
    if file.headline is not None:
        return Headline(dict(file.headline.pool))
    return Headline({"model" if checks.model_names(file) else "me": 1.0})


def _reference_class(file: QuestionFile) -> ReferenceClass | None:
    return file.reference_class.domain() if file.reference_class else None


def _past(file: QuestionFile) -> PastAnswers | None:
    if file.past is None:
        return None
    answers = file.past.answers
    numbers = {"values": tuple(answers)} if isinstance(answers, list) else {"counts": answers}
    return PastAnswers(file.past.name, source=file.past.source, **numbers)


def _resolution(entry: ResolutionEntry, type: QuestionType) -> Resolution:
    known_at = entry.known_at or entry.happened_on
    assert known_at is not None, "checked"
    implied = str(entry.happened_on) if type is QuestionType.DATE else "yes"
    return Resolution(
        answer=entry.answer or implied,
        known_at=known_at,
        source=entry.source or "",
        rung=entry.rung,
        happened_on=entry.happened_on,
        note=entry.note,
    )
