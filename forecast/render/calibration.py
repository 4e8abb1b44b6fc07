"""The screen of calibration: a reliability diagram, and what it means in words."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from forecast.render.compare import p_value
from forecast.render.console import Symbols, symbols
from forecast.render.reliability import diagram
from forecast.render.scores import HEADINGS
from forecast.render.words import chance, scored, spread
from forecast.scoring.recalibration import FEWEST, Advice
from forecast.text import clean, plural
from forecast.verbs.calibration import CalibrationReport
from forecast.verbs.curves import Curve

FEW = 50
SURE = 1.96  # standard errors either side of a 95% interval


def calibration_screen(report: CalibrationReport) -> RenderableType:
    """Draw each curve with its numbers, then what was left out."""
    s = symbols()
    parts: list[RenderableType] = []
    for curve in report.curves:
        parts += [*_curve(report, curve, s), Text()]
    if not report.curves:
        parts.append(Text("Nothing to read yet: no question was answered after its snapshot."))
    parts += _left_out(report)
    return Group(*parts)


def _curve(report: CalibrationReport, curve: Curve, s: Symbols) -> Iterator[RenderableType]:
    who = clean(curve.forecaster.removeprefix("model/"))
    number = plural(len(curve.snapshots), "question")
    yield Text(f"{HEADINGS[curve.kind]} {s.dot} {who} {s.dot} {number}", style="bold")
    yield Text(f"one snapshot a question, {report.read}", style="dim")
    if report.early:
        yield Text(
            "Answers are counted as they came: this leans towards yes, since an event can come "
            "early and its absence cannot.",
            style="yellow",
        )
    yield Text()
    yield from diagram(curve, s)
    yield Text()
    yield from _numbers(curve, s)
    if report.advised:
        yield from _advice(curve, s)
    yield from _secondary(curve, s)


def _numbers(curve: Curve, s: Symbols) -> Iterator[Text]:
    r, c = curve.reliability, curve.consistency
    yield Text(
        f"Brier {scored(r.score, s)} = miscalibration {scored(r.miscalibration, s)} {s.minus} "
        f"discrimination {scored(r.discrimination, s)} + uncertainty {scored(r.uncertainty, s)}"
    )
    if curve.brier.low is not None:
        low, high = max(0.0, curve.brier.low), curve.brier.high
        clusters = plural(curve.brier.clusters, "independent cluster")
        yield Text(f"95% of the Brier score, over {clusters}: {spread(low, high, s)}.")
    yield Text(
        f"A perfectly calibrated forecaster saying the same would show {scored(c.expected, s)} of "
        f"miscalibration by luck; this much or more in {_share(c.p_value)} of cases."
    )
    yield Text(_confidence(curve, s))
    yield Text(_discrimination(curve, s))
    if len(curve.snapshots) < FEW:
        yield Text(
            f"With {plural(len(curve.snapshots), 'question')} luck cannot be told from skill: "
            f"some {FEW} at least are needed to see even strong overconfidence half of the time.",
            style="yellow",
        )


def _share(p: float) -> str:
    return "under 1%" if p < 0.01 else f"{p:.0%}"


def _plus_minus(error: float, s: Symbols) -> str:
    size = f"{SURE * error:.2f}".removeprefix("0")
    return f"{'±' if s.dot == '·' else '+/-'} {size}"


def _confidence(curve: Curve, s: Symbols) -> str:
    line = curve.line
    if line.slope is None or line.slope_error is None:
        return f"Over- or underconfident: cannot be said ({line.reason or 'one cluster only'})."
    slope = f"{abs(line.slope):.2f}".removeprefix("0")
    slope = f"{s.minus if line.slope < 0 else ''}{slope}"
    spelled = f"slope {slope} {_plus_minus(line.slope_error, s)}"
    if len(curve.snapshots) < FEW:
        return f"Too few questions to tell over- from underconfident ({spelled})."
    if abs(line.slope - 1) <= SURE * line.slope_error:
        return f"Neither over- nor underconfident as far as can be seen ({spelled})."
    word = "Overconfident" if line.slope < 1 else "Underconfident"
    yes, no = (line.happens(p) for p in (0.9, 0.1))
    assert yes is not None and no is not None
    return f"{word}: your 90% happens {float(yes):.0%}, your 10% {float(no):.0%} ({spelled})."


def _discrimination(curve: Curve, s: Symbols) -> str:
    found = curve.discrimination
    if found.value is None:
        return f"Telling yes from no: cannot be said ({found.reason})."
    sure = "" if found.error is None else f" {_plus_minus(found.error, s)}"
    return (
        f"Telling yes from no: of a yes and a no, the yes had the higher chance {found.value:.0%} "
        f"of the time (AUC {chance(found.value, s)}{sure}; guessing is .50)."
    )


def _advice(curve: Curve, s: Symbols) -> Iterator[Text]:
    """Say whether recalibration would have helped on questions left out; nothing is changed."""
    helps = [each for each in curve.advice if each.helps]
    if curve.brier.clusters < FEWEST:
        yield Text(f"No advice: fewer than {FEWEST} independent clusters teach nothing that holds.")
    elif not helps:
        yield Text("No advice: recalibrating would not have helped on questions left out.")
    else:
        yield _advised(min(helps, key=lambda each: each.gain.interval.mean), s)


def _advised(best: Advice, s: Symbols) -> Text:
    gain = best.gain.interval
    says = ", ".join(
        f"{chance(p, s)} {s.arrow} {chance(q, s)}"
        for p, q in zip(best.said.tolist(), best.say.tolist(), strict=True)
    )
    wide = spread(-(gain.high or 0.0), -(gain.low or 0.0), s)
    return Text(
        f"Advice ({best.method}; on questions left out it would have saved "
        f"{scored(-gain.mean, s)} of the Brier score, 95% {wide}; nothing is changed): {says}.",
        style="bold",
    )


def _secondary(curve: Curve, s: Symbols) -> Iterator[Text]:
    """Say the older readings, which depend on where bins are cut."""
    b = curve.binned
    text = (
        f"In ten bins, cut at tenths, an edge with the bin below, each read at its mean forecast: "
        f"miscalibration {scored(b.miscalibration, s)}, discrimination "
        f"{scored(b.discrimination, s)}, expected calibration error "
        f"{scored(curve.binned_error, s)}."
    )
    if curve.surprise.statistic is not None and curve.surprise.p_value is not None:
        z = f"{curve.surprise.statistic:.2f}".replace("-", s.minus)
        text += f" Spiegelhalter's Z {z}, p {p_value(curve.surprise.p_value)}."
    yield Text(text, style="dim")


def _left_out(report: CalibrationReport) -> Iterator[Text]:
    left = [
        (report.over, "answered before their snapshot"),
        (report.waiting, "waiting for their scheduled close"),
        (report.unanswered, "not answered yet"),
        (report.void, "annulled or ambiguous"),
        (report.silent, "without a forecast then"),
        (report.other, "not binary"),
    ]
    words = [f"{number} {what}" for number, what in left if number]
    if words:
        yield Text(f"Left out: {', '.join(words)}.", style="dim")
