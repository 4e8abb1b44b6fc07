"""What must hold between the files of a book: indicators and parts that are there and fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from forecast.book.scalars import Refusal
from forecast.book.source import Items, Node, Scalar
from forecast.book.source import Mapping as MappingNode
from forecast.book.validation import Findings, Path
from forecast.domain import Code, Indicator, ModelSpec, PastCase, Question, QuestionType
from forecast.domain.ladders import as_ladder
from forecast.families import get
from forecast.text import did_you_mean

_NAMING_KEYS = ("use", "series", "question", "episodes_from", "cases", "file")


@dataclass(slots=True)
class Draft:
    """A question that is right by itself, and where its problems go."""

    question: Question
    findings: Findings

    @property
    def parts(self) -> tuple[str, ...]:
        """Ids of the questions that its models build on."""
        return tuple(part for spec in self.question.models for part in spec.options.parts())

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the tables of past cases that its models read."""
        return tuple(name for spec in self.question.models for name in spec.options.tables())

    @property
    def code(self) -> tuple[str, ...]:
        """Names of the files of the user's own code that its models run."""
        return tuple(name for spec in self.question.models for name in spec.options.code())

    def where(self, spec: ModelSpec) -> Path:
        """Return where a model stands in the file."""
        named = "models" in self.findings.root.values
        return ("models", spec.name) if named else ("model",)

    def naming(self, spec: ModelSpec, name: str) -> Path:
        """Return where a model names an indicator or a question."""
        where = self.where(spec)
        found = [path for path, text in _texts(self.findings.root, ()) if text == name]
        inside = [path for path in found if path[: len(where)] == where]
        return next((p for p in inside if p[-1] in _NAMING_KEYS), next(iter(inside), where))


def _texts(node: Node, path: tuple[str | int, ...]) -> Iterator[tuple[Path, str]]:
    match node:
        case Scalar(text=text):
            yield path, text
        case Items(items=items):
            for number, item in enumerate(items):
                yield from _texts(item, (*path, number))
        case MappingNode(values=values):
            for key, value in values.items():
                yield from _texts(value, (*path, key))


@dataclass(frozen=True, slots=True)
class Inventory:
    """Everything the files of the book are named after, healthy or not.

    Of `cases` only the tables that a model names are there, None where one is not right.
    """

    drafts: Mapping[str, Draft]
    indicators: Mapping[str, Indicator]
    question_ids: frozenset[str]
    indicator_ids: frozenset[str]
    cases: Mapping[str, tuple[PastCase, ...] | None] = field(default_factory=dict)
    code: Mapping[str, Code] = field(default_factory=dict)


def cross(inventory: Inventory) -> frozenset[str]:
    """Add every problem between files; return the ids of the questions left healthy."""
    for draft in inventory.drafts.values():
        _formerly(draft, inventory)
        for spec in draft.question.models:
            _indicators(draft, spec, inventory)
            _parts(draft, spec, inventory)
            _cases(draft, spec, inventory)
            _code(draft, spec, inventory)
            _fit(draft, spec, inventory)
    return _healthy(inventory.drafts)


def _indicators(draft: Draft, spec: ModelSpec, inventory: Inventory) -> None:
    for name in spec.options.uses():
        if name in inventory.indicators or draft.findings.full:
            continue
        if name in inventory.indicator_ids:
            message = f"the indicator {name!r} has problems of its own"
            refusal = Refusal("indicator-broken", message, f"mend indicators/{name} first")
        else:
            hint = did_you_mean(name, inventory.indicator_ids) or f"add indicators/{name}.yaml"
            refusal = Refusal("indicator-missing", f"there is no indicator {name!r}", hint)
        draft.findings.add(draft.naming(spec, name), refusal)


def _parts(draft: Draft, spec: ModelSpec, inventory: Inventory) -> None:
    for name in spec.options.parts():
        if name not in inventory.question_ids:
            hint = did_you_mean(name, inventory.question_ids) or f"add {name}.yaml"
            refusal = Refusal("part-missing", f"there is no question {name!r}", hint)
            draft.findings.add(draft.naming(spec, name), refusal)
        elif name == draft.question.id or _leads_to(name, draft.question.id, inventory.drafts):
            message = f"{name!r} builds on this question in turn"
            refusal = Refusal("part-cycle", message, "let one of them stand by itself")
            draft.findings.add(draft.naming(spec, name), refusal)
        elif name in inventory.drafts:
            models = [model for part, model in spec.options.part_models() if part == name]
            for refusal in filter(None, (_no_curve(inventory.drafts[name], m) for m in models)):
                draft.findings.add(draft.naming(spec, name), refusal)


def _no_curve(part: Draft, model: str | None) -> Refusal | None:
    """Return why nothing can be built on that model of a part (None: its first), if so."""
    question = part.question
    specs = [spec for spec in question.models if model in (None, spec.name)]
    if not specs:
        names = ", ".join(spec.name for spec in question.models)
        hint = f"it has {names}" if names else "give it one: nothing can be built on none"
        return Refusal("part-model", f"{question.id} has no model {model or ''}".rstrip(), hint)
    if not hasattr(get(specs[0].family), "survival_curve"):
        message = f"{specs[0].family}, the model of {question.id}, says nothing day by day"
        hint = "name one of a family that races with time, such as hazard"
        return Refusal("part-curve", message, hint)
    return None


def _cases(draft: Draft, spec: ModelSpec, inventory: Inventory) -> None:
    for name in spec.options.tables():
        if name not in inventory.cases:
            hint = f"add {name}.csv beside the question, one past case a line"
            refusal = Refusal("table-missing", f"there is no table {name}.csv", hint)
        elif inventory.cases[name] is None:
            message = f"the table {name}.csv has problems of its own"
            refusal = Refusal("table-broken", message, f"mend {name}.csv first")
        else:
            continue
        draft.findings.add(draft.naming(spec, name), refusal)


def _code(draft: Draft, spec: ModelSpec, inventory: Inventory) -> None:
    for name in spec.options.code():
        if name not in inventory.code:
            message = f"there is no file {name!r} in the folder models"
            refusal = Refusal("code-missing", message, f"add models/{name} with build(view)")
            draft.findings.add(draft.naming(spec, name), refusal)


def _leads_to(start: str, goal: str, drafts: Mapping[str, Draft]) -> bool:
    seen, ahead = set(), [start]
    while ahead:
        here = ahead.pop()
        if here == goal:
            return True
        if here in drafts and here not in seen:
            seen.add(here)
            ahead += drafts[here].parts
    return False


def _fit(draft: Draft, spec: ModelSpec, inventory: Inventory) -> None:
    """Add what a family finds wrong between a model, its question and its indicators."""
    family, question = get(spec.family), draft.question
    if QuestionType.BINARY in family.answers:
        question = as_ladder(question)
    complaints = [family.check(spec.options, question, inventory.indicators)]
    tables = {name: inventory.cases.get(name) for name in spec.options.tables()}
    if hasattr(family, "check_cases") and all(table is not None for table in tables.values()):
        complaints.append(family.check_cases(spec.options, tables, inventory.indicators))
    for complaint in chain.from_iterable(complaints):
        refusal = Refusal(complaint.code, complaint.message, complaint.hint)
        draft.findings.add((*draft.where(spec), *complaint.path), refusal)


def _formerly(draft: Draft, inventory: Inventory) -> None:
    for number, name in enumerate(draft.question.formerly):
        others = [d.question for d in inventory.drafts.values() if d is not draft]
        if name in inventory.question_ids:
            message, hint = f"the question {name!r} is still in the book", "remove one of the two"
        elif claimed := [each.id for each in others if name in each.formerly]:
            message, hint = f"{claimed[0]!r} was formerly {name!r} too", "keep one of the two"
        else:
            continue
        draft.findings.add(("formerly", number), Refusal("formerly-taken", message, hint))


def _healthy(drafts: Mapping[str, Draft]) -> frozenset[str]:
    """Return the questions without problems that build on nothing but such questions."""
    healthy = {id for id, draft in drafts.items() if not draft.findings.serious}
    while falling := {id for id in healthy if not set(drafts[id].parts) <= healthy}:
        for id in falling:
            _name_broken_parts(drafts[id], healthy)
        healthy -= falling
    return frozenset(healthy)


def _name_broken_parts(draft: Draft, healthy: set[str]) -> None:
    for spec in draft.question.models:
        for part in spec.options.parts():
            if part not in healthy:
                message = f"the question {part!r} has problems of its own"
                refusal = Refusal("part-broken", message, f"mend {part}.yaml first")
                draft.findings.add(draft.naming(spec, part), refusal)
