"""The rows of seals and of what they prove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from forecast.rows.tables import Cell, Rows, iso, table

if TYPE_CHECKING:
    from forecast.verbs.seal import SealReport
    from forecast.verbs.verify import Proven, VerifyReport


def seal_rows(report: SealReport) -> Rows:
    """Return one row: the seal, how much it fixes, and by when an authority saw it."""
    seal, stamp = report.seal, report.stamp
    columns = ("seal", "made_at", "new", "files", "request", "stamped_by", "trusted")
    row = (
        str(seal.path),
        iso(seal.made_at),
        report.new,
        len(seal.heads),
        str(seal.request),
        iso(stamp.by) if stamp else None,
        stamp.trusted if stamp else None,
    )
    return table(columns, [row])


def proof_rows(report: VerifyReport) -> Rows:
    """Return one row per question: how many forecasts are proven, by what, and from when."""
    columns = (
        "question", "forecasts", "answered", "committed", "first_commit", "commit", "stamped",
        "first_stamp",
    )  # fmt: skip
    return table(columns, (_proven(each) for each in report.questions))


def _proven(each: Proven) -> tuple[Cell, ...]:
    commit, stamp = each.committed.first, each.stamped.first
    return (
        each.question,
        each.forecasts,
        iso(each.answered),
        each.committed.forecasts,
        iso(commit.by) if commit else None,
        commit.commit if commit else None,
        each.stamped.forecasts,
        iso(stamp.by) if stamp else None,
    )
