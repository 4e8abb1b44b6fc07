"""The screen of show: a question whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from forecast.domain import PastAnswers, Question, Status
from forecast.render.console import Symbols, symbols
from forecast.render.evidence import evidence
from forecast.render.standing import history, standing
from forecast.render.words import chance, day, duration, headline_words, quantity
from forecast.text import clean
from forecast.verbs.headline import MODEL, model_name
from forecast.verbs.show import ShowReport


def show_screen(report: ShowReport, *, sources: bool = False) -> RenderableType:
    """Draw a question: numbers first, then how they came about, then what was asked.

    With `sources` every address is written out.
    """
    s = symbols()
    parts: list[RenderableType] = [
        Text(clean(report.question.title), style="bold"),
        Text(_standing(report, s), style="dim"),
        Text(),
        standing(report, s),
    ]
    if report.backtest:
        parts.append(Text("These are replays, not forecasts made at the time.", style="dim"))
    for who, reason in report.refused.items():
        stale = f"{s.warn} {clean(who.removeprefix(MODEL))} is stale, {clean(reason)}"
        parts.append(Text(stale, style="yellow"))
    for heading, lines in (
        ("History", history(report, s)),
        ("Evidence", list(evidence(report, s, sources))),
        ("Models", list(_models(report, s))),
        ("Base rate", list(_base_rate(report, s))),
        ("Criteria", list(_criteria(report.question))),
        ("Answer", list(_answers(report, s))),
    ):
        if lines:
            parts += [
                Text(),
                Text(heading, style="bold"),
                *(Padding(x, (0, 0, 0, 1)) for x in lines),
            ]
    parts += [Text(), Text(_next(report), style="dim")]
    return Group(*parts)


def _standing(report: ShowReport, s: Symbols) -> str:
    question = report.question
    words = [question.id, str(report.status)]
    if not report.as_of.live:
        words.append(f"as of {day(report.as_of.day, s)}")
    span = f"{day(question.opens, s)} to {day(question.deadlines[-1], s)}"
    words.append(f"open {span}, days in {question.zone}")
    words.append(f"headline {headline_words(question)}")
    return f" {s.dot} ".join(words)


def _models(report: ShowReport, s: Symbols) -> Iterator[RenderableType]:
    for name, sentence in report.models:
        text = Text(f"{name}: ", style="dim")
        text.append(Text(clean(sentence), style="none"))
        for said in _beside(report, name, s):
            text.append(Text(f" {said}", style="bold"))
        yield text


def _beside(report: ShowReport, model: str, s: Symbols) -> Iterator[str]:
    """Say what a model's latest forecasts hold beside their numbers."""
    latest = [(r.deadline, r.standing.get(model_name(model))) for r in report.rungs]
    found = [(deadline, f.detail) for deadline, f in latest if f is not None]
    for _, detail in found[-1:]:
        if "means_it" in detail:
            yield f"Meant, on what is known: {chance(detail['means_it'], s)}."
        for name, words in _LEARNED.items():
            if name in detail:
                yield f"{words}: {_ratios(detail[name])}."
    for deadline, detail in found:
        if "given" in detail:
            given, so, not_so = (chance(detail[k], s) for k in ("given", "if_given", "if_not"))
            yield f"If it comes by {day(deadline, s)} ({given}): {so}, if not: {not_so}."


_LEARNED = {
    "hazard_ratios": "Hazard ratios as learned (90%)",
    "odds_ratios": "Odds of a high case against a low one, as learned (90%)",
}


def _ratios(learned: Mapping[str, Mapping[str, float]]) -> str:
    return ", ".join(
        f"{clean(name)} {r['middle']:.2g}× ({r['low']:.2g}–{r['high']:.2g})"
        for name, r in learned.items()
    )


def _base_rate(report: ShowReport, s: Symbols) -> Iterator[RenderableType]:
    reference = report.reference
    if report.question.past is not None:
        yield from _past(report.question.past, s)
    if reference is None:
        return
    cases = f" of {quantity(reference.cases, s)}" if reference.cases is not None else ""
    what = f"{quantity(reference.events, s)}{cases} {clean(reference.name)}"
    text = f"{what}, over {duration(reference.exposure)}"
    if reference.relevance != 1:
        text += f", counted at {reference.relevance:g} of their weight"
    yield Text(text)
    if reference.source:
        yield Text(clean(reference.source), style="dim")


def _past(past: PastAnswers, s: Symbols) -> Iterator[RenderableType]:
    number = float(len(past.values)) or sum(past.counts.values(), 0.0)
    yield Text(f"{quantity(number, s)} past answers: {clean(past.name)}")
    if past.source:
        yield Text(clean(past.source), style="dim")


def _criteria(question: Question) -> Iterator[RenderableType]:
    for paragraph in _reflowed(clean(question.resolution_criteria, lines=True)):
        yield Text(paragraph)


def _reflowed(text: str) -> list[str]:
    """Join the lines of a sentence broken for the file's width; a sentence's end stays one."""
    paragraphs: list[str] = []
    for line in text.strip().splitlines():
        if paragraphs and line.strip() and paragraphs[-1][-1:] not in (*".:;!?", ""):
            paragraphs[-1] += " " + line.strip()
        else:
            paragraphs.append(line.strip())
    return paragraphs


def _answers(report: ShowReport, s: Symbols) -> Iterator[RenderableType]:
    if report.status is not Status.RESOLVED:
        return
    for resolution in report.question.resolutions:
        when = f"on {day(resolution.happened_on, s)}" if resolution.happened_on else ""
        rung = f"{day(resolution.rung, s)}: " if resolution.rung else ""
        yield Text(f"{rung}{clean(resolution.answer)} {when}".strip())
        yield Text(clean(resolution.source), style="dim")


def _next(report: ShowReport) -> str:
    if report.status is Status.RESOLVED:
        return f"Next: forecast score {report.question.id}"
    if report.status is Status.CLOSED:
        return "Next: forecast list --due"
    if not report.question.models:
        return f"Next: forecast predict {report.question.id} …"
    return f"Next: forecast update {report.question.id}"
