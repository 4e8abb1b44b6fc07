"""The screens of verify and seal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from forecast.render.columns import line, widths
from forecast.render.console import Symbols, symbols
from forecast.render.messages import problem_lines
from forecast.render.words import day
from forecast.text import clean, plural
from forecast.verbs.seal import SealReport
from forecast.verbs.verify import Proven, Standing, VerifyReport


def verified(report: VerifyReport) -> RenderableType:
    """List what does not fit, and say how much of the record is whole and proven."""
    parts = _problems(report)
    if not report.broken:
        size = f"{plural(report.lines, 'line')} in {plural(report.files, 'file')}"
        parts.append(Text(f"{size}: whole."))
    if report.seals and report.questions:
        told = sum(each.forecasts for each in report.questions)
        committed = sum(each.committed.forecasts for each in report.questions)
        stamped = sum(each.stamped.forecasts for each in report.questions)
        proven = f"{committed} proven by commits, {stamped} by time stamps"
        seals = plural(report.seals, "seal")
        parts.append(Text(f"{plural(told, 'forecast')}, {seals}: {proven}."))
        parts.append(Text("Which, and from when: forecast verify --proofs", style="dim"))
    return Group(*parts)


def proofs_screen(report: VerifyReport) -> RenderableType:
    """Draw what seals prove of each question, and how far a proof goes."""
    s = symbols()
    parts = _problems(report)
    if not report.questions:
        return Group(*parts, Text("No forecasts to prove."))
    titles = ("", "said", "answered", "committed before", "stamped before")
    rows = [[Text(title, style="dim") for title in titles]]
    rows += [_cells(each, s) for each in report.questions]
    wide = widths(rows)
    parts += [line(cells, wide) for cells in rows]
    notes = ["Proven to be older than the answer, and the day of the first proof."]
    if any(each.committed.first for each in report.questions):
        notes.append("A commit's date is its author's word until others hold the commit: push it.")
    return Group(*parts, *(Text(note, style="dim") for note in notes))


def _problems(report: VerifyReport) -> list[RenderableType]:
    return [problem_lines(report.problems)] if report.problems else []


def _cells(each: Proven, s: Symbols) -> list[Text]:
    return [
        Text(each.question),
        Text(str(each.forecasts)),
        Text(day(each.answered.date() if each.answered else None, s)),
        _standing(each.committed, s),
        _standing(each.stamped, s),
    ]


def _standing(each: Standing, s: Symbols) -> Text:
    if each.first is None:
        return Text(s.none)
    return Text(f"{each.forecasts} ({day(each.first.by.date(), s)})")


def sealed(report: SealReport) -> RenderableType:
    """Say where a seal is and how to prove when it was made, or what its time stamp says."""
    return _stamped(report) if report.stamp else _made(report)


def _stamped(report: SealReport) -> RenderableType:
    assert report.stamp is not None
    said = f"{report.seal.path.name}: there by {report.stamp.by:%Y-%m-%d %H:%M:%S} UTC"
    if report.stamp.trusted:
        return Text(f"{said}, signed under your root certificates.")
    later = "Who signed that is not checked: give --roots with the authority's root certificate."
    return Group(Text(f"{said}, says its time stamp."), Text(later, style="yellow"))


def _made(report: SealReport) -> RenderableType:
    seal = report.seal
    where, answer = clean(str(seal.path)), clean(seal.token.name)
    files = f"{plural(len(seal.heads), 'file')} of the record"
    news = "fixes" if report.new else "was there already and fixes"
    return Group(
        Text(f"{where} {news} {files}."),
        Text("To prove when, commit and push it, or have it time-stamped:"),
        Text(f"  git add {clean(str(seal.path.parent))} && git commit && git push"),
        Text(
            "  curl -H 'Content-Type: application/timestamp-query' \\\n"
            f"    --data-binary @{clean(str(seal.request))} -o {answer} AUTHORITY"
        ),
        Text(f"  forecast seal --token {answer}"),
    )
