"""The study's tables as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forecast.scoring.uncertainty import Interval
from tests.study.said import MODEL, PAST, WALK, Said
from tests.study.tables import FORECASTERS, Row, brier_rows, calibrated, covered, crps_rows
from tests.study.weeks import Series, Week

NAMES = {MODEL: "trend", WALK: "walk", PAST: "climatology"}


def table(series: Series, weeks: Sequence[Week], said: Said) -> Iterator[str]:
    """Yield one series' heading and tables."""
    yield f"### {series.name}, {weeks[0].begins} to {weeks[-1].ends}"
    yield ""
    asked = f"{len(said.chances)} binary and {len(said.levels)} numeric questions"
    yield f"{len(weeks)} weeks, {asked}; {said.refused} fits refused."
    yield ""
    yield from _scores(series, said)
    yield ""
    yield from _calibration(said)
    yield ""


def _scores(series: Series, said: Said) -> Iterator[str]:
    unit = series.unit
    yield f"| | Brier | less the walk's | CRPS, {unit} | less the walk's | within 5–95% |"
    yield "|---|---|---|---|---|---|"
    for chance, level in zip(brier_rows(said.chances), crps_rows(said.levels), strict=True):
        share = f"{covered(said.levels, chance.forecaster):.1%}"
        yield _line(NAMES[chance.forecaster], *_cells(chance), *_cells(level), share)


def _calibration(said: Said) -> Iterator[str]:
    yield "| | MCB | 90%, blocks of weeks drawn anew | if calibrated | p | DSC | UNC |"
    yield "|---|---|---|---|---|---|---|"
    for who in FORECASTERS:
        found = calibrated(said.chances, who)
        curve, band = found.curve, found.band
        yield _line(
            NAMES[who],
            f"{curve.miscalibration:.4f}",
            f"{found.low:.4f} to {found.high:.4f}",
            f"{band.expected:.4f}",
            f"{band.p_value:.2f}",
            f"{curve.discrimination:.4f}",
            f"{curve.uncertainty:.4f}",
        )


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(row: Row) -> tuple[str, str]:
    """Return a mean, and its difference from the walk's with the 95% interval."""
    mean = f"{row.mean.mean:,.0f}" if row.mean.mean >= 1000 else f"{row.mean.mean:.4g}"
    return mean, "" if row.difference is None else _apart(row.difference)


def _apart(found: Interval) -> str:
    if found.low is None or found.high is None:
        return f"{_signed(found.mean)} ({found.reason})"
    return f"{_signed(found.mean)} ({_signed(found.low)} to {_signed(found.high)})"


def _signed(x: float) -> str:
    """Return a difference to two digits, and whole from a hundred on.

    >>> _signed(-0.000883), _signed(0.0000544), _signed(-3563.2)
    ('−0.00088', '+0.000054', '−3,563')
    """
    size = f"{abs(x):,.0f}" if abs(x) >= 100 else f"{abs(x):#.2g}"
    if "e" in size:
        size = f"{abs(x):.6f}"
    return f"{'−' if x < 0 else '+'}{size}"
