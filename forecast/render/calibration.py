"""The screen of calibration: a reliability diagram in characters, and what it means in words."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from forecast.render.console import Symbols, symbols
from forecast.render.scores import HEADINGS
from forecast.render.words import chance
from forecast.text import clean, plural
from forecast.verbs.calibration import CalibrationReport, Curve

WIDTH, HEIGHT = 41, 11
FEW = 50


def calibration_screen(report: CalibrationReport) -> RenderableType:
    """Draw each curve with its numbers, then what was left out."""
    s = symbols()
    parts: list[RenderableType] = []
    for curve in report.curves:
        parts += [*_curve(curve, s), Text()]
    if not report.curves:
        parts.append(Text("Nothing to read yet: no question was answered after its snapshot."))
    parts += _left_out(report)
    return Group(*parts)


def _curve(curve: Curve, s: Symbols) -> Iterator[RenderableType]:
    n = len(curve.snapshots)
    who = clean(curve.forecaster.removeprefix("model/"))
    yield Text(
        f"{HEADINGS[curve.kind]} {s.dot} {who} {s.dot} {plural(n, 'question')}", style="bold"
    )
    yield Text("one snapshot a question, midway through its schedule", style="dim")
    yield Text()
    yield from _diagram(curve, s)
    yield Text()
    yield from _numbers(curve, s)


def _diagram(curve: Curve, s: Symbols) -> Iterator[Text]:
    """How often it came (up) against what was said (right): o the curve, · perfect calibration."""
    cells = [[" "] * WIDTH for _ in range(HEIGHT)]

    def put(x: float, y: float, mark: str) -> None:
        cells[HEIGHT - 1 - round(y * (HEIGHT - 1))][round(x * (WIDTH - 1))] = mark

    for column in range(WIDTH):
        put(column / (WIDTH - 1), column / (WIDTH - 1), s.dot)
    band = curve.consistency
    for said, low, high in zip(band.forecast, band.low, band.high, strict=True):
        for step in range(HEIGHT):
            if low <= step / (HEIGHT - 1) <= high:
                put(float(said), step / (HEIGHT - 1), ":")
    for said, fitted in zip(curve.reliability.forecast, curve.reliability.fitted, strict=True):
        put(float(said), float(fitted), "o")
    for index, row in enumerate(cells):
        label = {0: "1 ", HEIGHT // 2: ".5", HEIGHT - 1: "0 "}.get(index, "  ")
        yield Text(f"  {label} {s.bar}{''.join(row)}")
    yield Text(f"     +{s.line * WIDTH}")
    yield Text(f"      0{'said':^{WIDTH - 2}}1")
    yield Text(
        f"     o how often it came, {s.dot} perfect, : where luck alone would put it (90%)",
        style="dim",
    )
    yield Text(f"     {_histogram(curve)}", style="dim")


def _histogram(curve: Curve) -> str:
    """How many were said in each tenth: sharp forecasters stay away from the middle."""
    counts = [0] * 10
    for snapshot in curve.snapshots:
        counts[min(9, int(snapshot.probability * 10))] += 1
    return "said by tenths: " + " ".join(str(count) for count in counts)


def _numbers(curve: Curve, s: Symbols) -> Iterator[Text]:
    r, c = curve.reliability, curve.consistency
    yield Text(
        f"Brier {r.score:.3f} = miscalibration {r.miscalibration:.3f} {s.minus} discrimination "
        f"{r.discrimination:.3f} + uncertainty {r.uncertainty:.3f}"
    )
    yield Text(
        f"A perfectly calibrated forecaster saying the same would show {c.expected:.3f} of "
        f"miscalibration by luck; this much or more in {c.p_value:.0%} of cases."
    )
    yield Text(_confidence(curve, s))
    if len(curve.snapshots) < FEW:
        yield Text(
            f"With {plural(len(curve.snapshots), 'question')} luck cannot be told from skill: "
            f"some {FEW} at least are needed to see even strong overconfidence half of the time.",
            style="yellow",
        )


def _confidence(curve: Curve, s: Symbols) -> str:
    line = curve.line
    if line.slope is None or line.slope_error is None:
        return f"Over- or underconfident: cannot be said ({line.reason})."
    word = "overconfident" if line.slope < 1 else "underconfident"
    happens = line.happens(0.9)
    spelled = f"slope {line.slope:.2f} ± {1.96 * line.slope_error:.2f}"
    if s.dot != "·":
        spelled = spelled.replace("±", "+/-")
    if len(curve.snapshots) < FEW:
        return f"Too few questions to tell over- from underconfident ({spelled})."
    if abs(line.slope - 1) <= 1.96 * line.slope_error:
        return f"Neither over- nor underconfident as far as can be seen ({spelled})."
    rate = chance(float(happens), s) if happens is not None else s.none
    return f"Looks {word}: what is said at .90 happens {rate} of the time ({spelled})."


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
