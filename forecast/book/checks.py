"""What must hold between the fields of one question file.

Each check is a generator of complaints: where (a path in the file), what, and the remedy.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from forecast.book import scalars
from forecast.book.scalars import Refusal
from forecast.book.schema import QuestionFile, ResolutionEntry
from forecast.book.validation import Path
from forecast.domain.questions import NEVER, REOPENED, VOID, QuestionType, Timing
from forecast.domain.times import local_day
from forecast.families.scalars import shown
from forecast.text import did_you_mean, folded, is_id, slug

type Complaints = Iterator[tuple[Path, Refusal]]

CHOICES = {QuestionType.MULTIPLE_CHOICE, QuestionType.ORDERED}
_EVENTS = {QuestionType.BINARY, QuestionType.DATE}
LONGEST = 36_525  # days from clock to deadline


def check(file: QuestionFile, zone: str) -> Complaints:
    """Yield everything that does not fit together in a question file; `zone` is its time zone."""
    for one in _CHECKS:
        yield from one(file)
    for number, entry in enumerate(file.resolution):
        for field, refusal in _resolution(entry, file, zone):
            yield ("resolution", number, field) if field else ("resolution", number), refusal


def deadlines(file: QuestionFile) -> list[date]:
    """Return the deadlines in file order, none twice over from `deadline`."""
    return file.deadlines or ([file.deadline] if file.deadline else [])


def _deadlines(file: QuestionFile) -> Complaints:
    if file.deadline is None and file.deadlines is None:
        hint = "add deadline: YYYY-MM-DD, or deadlines: [ … ] for a ladder"
        yield (), Refusal("deadline-missing", "there is no deadline", hint)
    if file.deadline and file.deadlines and file.deadline not in file.deadlines:
        hint = "add it to deadlines, and remove deadline"
        yield ("deadline",), Refusal("deadline-twice", "both deadline and deadlines", hint)
    days = file.deadlines or []
    for number, (before, day) in enumerate(itertools.pairwise(days), start=1):
        if day <= before:
            message = f"{day} does not come after {before}"
            yield ("deadlines", number), Refusal("deadlines-order", message, "write them in order")


def _opening(file: QuestionFile) -> Complaints:
    rungs = [(("deadlines", n), day) for n, day in enumerate(file.deadlines or [])]
    for where, day in [*rungs, (("deadline",), file.deadline)]:
        if day is not None and day < file.opens:
            message = f"the deadline {day} is before the question opens, {file.opens}"
            yield where, Refusal("deadline-before-opening", message, "move one of them")
    days = deadlines(file)
    if file.clock and days and file.clock >= days[-1]:
        message = f"the clock starts on {file.clock}, no day before the deadline {days[-1]}"
        yield ("clock",), Refusal("clock-after-deadline", message, "start it earlier")
    event = file.type in _EVENTS and file.timing is Timing.BY
    if event and not file.clock and file.opens == max(days, default=None):
        message = f"it opens on {file.opens}, its deadline: no day is left for the event to come"
        yield ("opens",), Refusal("clock-missing", message, "add clock: with an earlier day")
    yield from _span(file)


def _span(file: QuestionFile) -> Complaints:
    days = deadlines(file)
    if days and (max(days) - min(file.clock or file.opens, file.opens)).days > LONGEST:
        where = ("deadlines", days.index(max(days))) if file.deadlines else ("deadline",)
        message = f"{max(days)} is more than a hundred years away"
        yield where, Refusal("deadline-too-far", message, "models count in days; come nearer")


def _options(file: QuestionFile) -> Complaints:
    if file.type in CHOICES and len(file.options) < 2:
        where = ("options",) if file.options else ("type",)
        message = f"a {file.type} question needs at least two options"
        yield where, Refusal("options-missing", message, "add options: [ … ]")
    if file.type not in CHOICES and file.options:
        message = f"a {file.type} question has no options"
        hint = "remove them, or write type: multiple_choice"
        yield ("options",), Refusal("options-needless", message, hint)
    seen: dict[str, str] = {}
    for number, option in enumerate(file.options):
        if option in (*VOID, REOPENED):
            message = f"{option!r} is how a question without an answer resolves"
            yield ("options", number), Refusal("option-reserved", message, "name it otherwise")
        if twin := seen.get(folded(option)):
            message = f"the option {shown(option)} is named twice"
            message += "" if option == twin else f", as {shown(twin)} too"
            yield ("options", number), Refusal("option-twice", message, "remove one")
        seen.setdefault(folded(option), option)


def _types(file: QuestionFile) -> Complaints:
    if file.type is not QuestionType.BINARY and len(file.deadlines or []) > 1:
        message = f"a {file.type} question has one deadline, a ladder is yes or no"
        hint = "leave one, or ask a question for each day"
        yield ("deadlines", 1), Refusal("ladder-type", message, hint)
    if file.type is QuestionType.DATE and file.timing is Timing.ON:
        message = "a question for a date asks when something comes, not for a state on a day"
        yield ("timing",), Refusal("timing-date", message, "leave timing out")


_COUNTS = (dict, "write how often each option came: {option: 3}")
_PAST: dict[QuestionType, tuple[type, str]] = {
    QuestionType.NUMERIC: (list, "list numbers: [ … ]"),
    QuestionType.MULTIPLE_CHOICE: _COUNTS,
    QuestionType.ORDERED: _COUNTS,
}


def _past(file: QuestionFile) -> Complaints:
    if file.past is None:
        return
    if file.type not in _PAST:
        message = f"past answers say nothing of a {file.type} question"
        yield ("past",), Refusal("past-needless", message, "state a reference_class instead")
        return
    answers, (shape, hint) = file.past.answers, _PAST[file.type]
    if not answers or not isinstance(answers, shape):
        message = f"these are no answers to a {file.type} question"
        yield ("past", "answers"), Refusal("past-shape", message, hint)
    for option in answers if shape is dict and isinstance(answers, dict) else ():
        if option not in file.options:
            hint = did_you_mean(option, file.options) or f"it has {', '.join(file.options)}"
            message = f"{shown(option)} is none of the options"
            yield ("past", "answers", option), Refusal("past-option", message, hint)


def _models(file: QuestionFile) -> Complaints:
    if file.model is not None and file.models is not None:
        hint = "put it among models under a name"
        yield ("model",), Refusal("model-twice", "both model and models", hint)
    for name in file.models or {}:
        if not _is_name(name):
            message = f"{shown(name)} cannot name a model"
            hint = "use lower-case letters, digits and hyphens, and neither model nor me"
            yield ("models", name), Refusal("model-name", message, hint)


def _is_name(name: str) -> bool:
    return name not in {"model", "me"} and name.replace("_", "-") == slug(name)


def model_names(file: QuestionFile) -> list[str]:
    """Return the names of the question's models, the first being the model's word."""
    if file.model is not None:
        return [str(file.model.get("family", "model"))]
    return list(file.models or {})


def _headline(file: QuestionFile) -> Complaints:
    if file.headline is None:
        return
    names = model_names(file)
    sources = ["me", *(["model"] if names else []), *names]
    for source in file.headline.pool:
        if source not in sources:
            message = f"{shown(source)} is no source of forecasts here"
            hint = did_you_mean(source, sources) or f"write one of {', '.join(sources)}"
            yield ("headline", "pool", source), Refusal("headline-unknown", message, hint)
    total = sum(file.headline.pool.values())
    if abs(total - 1) > 1e-9:
        message = f"the weights sum to {total:.6g}"
        yield ("headline", "pool"), Refusal("headline-weights", message, "make them sum to 1")


def _formerly(file: QuestionFile) -> Complaints:
    for number, name in enumerate(file.formerly):
        if not is_id(name):
            message = f"{shown(name)} is no id: a–z, 0–9 and hyphens, at most 64"
            hint = "write the name its file had, without .yaml"
            yield ("formerly", number), Refusal("id-pattern", message, hint)


_CHECKS: tuple[Callable[[QuestionFile], Complaints], ...] = (
    _types,
    _deadlines,
    _opening,
    _options,
    _past,
    _models,
    _headline,
    _formerly,
)


def _resolution(
    entry: ResolutionEntry, file: QuestionFile, zone: str
) -> Iterator[tuple[str, Refusal]]:
    if entry.source is None:
        hint = "add source: where anyone can read the answer"
        yield "", Refusal("resolution-source-missing", "a resolution without a source", hint)
    days = deadlines(file)
    if entry.rung and entry.rung not in days:
        message = f"{entry.rung} is none of the deadlines"
        hint = f"write one of {', '.join(map(str, days))}"
        yield "rung", Refusal("resolution-rung-unknown", message, hint)
    yield from _answer(entry, file)
    yield from _happened(entry, file)
    yield from _known(entry, file, zone)


def _answer(entry: ResolutionEntry, file: QuestionFile) -> Iterator[tuple[str, Refusal]]:
    implied = _implied(entry, file)
    if entry.answer is None:
        if not implied:
            hint = f"add answer: {' | '.join(_answers(file))}"
            yield "", Refusal("resolution-answer-missing", "a resolution without an answer", hint)
        return
    if entry.answer in (*VOID, REOPENED) and not implied:
        return
    if implied and entry.answer != implied:
        message = f"happened_on says {implied}, answer says {shown(entry.answer)}"
        yield "answer", Refusal("resolution-contradicts", message, "keep one of them")
    elif refusal := _misfit(entry.answer, file):
        yield "answer", refusal


def _implied(entry: ResolutionEntry, file: QuestionFile) -> str | None:
    """Return the answer that the day of the event implies, if it implies one."""
    if entry.happened_on is None or file.type not in _EVENTS:
        return None
    return "yes" if file.type is QuestionType.BINARY else entry.happened_on.isoformat()


def _answers(file: QuestionFile) -> Iterable[str]:
    if file.type in CHOICES:
        return (*file.options, *VOID)
    return (*_WORDS.get(file.type, ("yes", "no")), *VOID)


_WORDS = {QuestionType.NUMERIC: ("a number",), QuestionType.DATE: ("a date", NEVER)}
_PARSERS: dict[QuestionType, Callable[[str], object]] = {
    QuestionType.NUMERIC: scalars.number,
    QuestionType.DATE: lambda text: text == NEVER or scalars.day(text),
}


def _misfit(answer: str, file: QuestionFile) -> Refusal | None:
    """Return why an answer cannot be one of the question's, if it cannot."""
    known = list(_answers(file))
    if file.type not in _PARSERS:
        if answer in known:
            return None
        hint = did_you_mean(answer, known) or f"write one of {', '.join(known)}"
        message = f"{shown(answer)} is no answer to this question"
        return Refusal("resolution-answer-unknown", message, hint)
    try:
        _PARSERS[file.type](answer)
    except Refusal as refusal:
        return refusal
    return None


def _happened(entry: ResolutionEntry, file: QuestionFile) -> Iterator[tuple[str, Refusal]]:
    for field, day in _days(entry, file):
        if file.timing is Timing.ON:
            message = "a question about a state on a day does not happen"
            hint = "write answer and, on a ladder, rung"
            yield field, Refusal("resolution-happened-needless", message, hint)
        elif day < (first := _first_day(file)):
            message = f"{day} is before the question can be answered, from {first} on"
            yield field, Refusal("resolution-happened-outside", message, "check both dates")
        elif day > (last := deadlines(file)[-1]):
            message = f"{day} is after the last deadline, {last}"
            instead = {QuestionType.BINARY: "write answer: no", QuestionType.DATE: "write never"}
            hint = f"{instead[file.type]} instead" if file.type in instead else "check both"
            yield field, Refusal("resolution-happened-outside", message, hint)


def _days(entry: ResolutionEntry, file: QuestionFile) -> Iterator[tuple[str, date]]:
    """Yield the days on which a resolution says the event came, by their field."""
    if not deadlines(file):
        return
    if entry.happened_on is not None:
        yield "happened_on", entry.happened_on
    elif file.type is QuestionType.DATE and (day := _day(entry.answer)):
        yield "answer", day


def _day(answer: str | None) -> date | None:
    try:
        return scalars.day(answer or "")
    except Refusal:
        return None


def _first_day(file: QuestionFile) -> date:
    """Return the first day that counts: the opening, or the day after an earlier clock's."""
    if file.clock is None or file.clock >= file.opens:
        return file.opens
    return file.clock + timedelta(days=1)


def _known(entry: ResolutionEntry, file: QuestionFile, zone: str) -> Iterator[tuple[str, Refusal]]:
    happened = next((day for _, day in _days(entry, file)), None)
    if entry.known_at is None:
        if entry.happened_on is None:
            message = "it does not say when the answer was known"
            yield "", Refusal("resolution-known-missing", message, "add known_at: YYYY-MM-DD")
    elif happened and local_day(entry.known_at, zone) < happened:
        message = f"known before it happened on {happened}"
        yield "known_at", Refusal("resolution-known-early", message, "check both dates")
