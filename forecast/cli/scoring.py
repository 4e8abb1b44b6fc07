"""Commands that judge: score, compare, calibration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecast.cli.basis import basis_options, complete_rules, pools_option
from forecast.cli.common import (
    PERIOD,
    as_of_option,
    book_option,
    emit,
    output_options,
    questions_argument,
    say,
    warn_problems,
)
from forecast.cli.forecasting import hindsight_option

type Views = tuple[Callable[[], Rows], Callable[[], object]]
"""A result as rows, and as its screen, each made when asked for."""

if TYPE_CHECKING:
    from forecast.rows import Rows
    from forecast.verbs.basis import Basis
    from forecast.verbs.workspace import Workspace


@click.command()
@questions_argument()
@click.option(
    "--by", "forecaster", metavar="NAME", help="Only this forecaster, such as model/intent."
)
@click.option(
    "--rule",
    metavar="NAME",
    shell_complete=complete_rules,
    help="Score as another site would: metaculus, metaculus-peer, metaculus-spot, "
    "metaculus-relative, gjopen, gjopen-relative, fatebook, fatebook-relative, predictionbook or "
    "forecastbench.",
)
@click.option(
    "--group",
    type=click.Choice(["tag", "type", "family", "horizon"]),
    help="By groups of questions, or by the time left to the scheduled close.",
)
@pools_option
@basis_options
@as_of_option
@hindsight_option
@output_options
@book_option
def score(
    ids: tuple[str, ...],
    forecaster: str | None,
    rule: str | None,
    group: str | None,
    pools: tuple[str, ...],
    basis: Basis,
    day: date | None,
    hindsight: bool,
    output: str,
    ws: Workspace,
) -> int:
    """Score resolved questions beside their base rate.

    \b
    forecast score
    forecast score ukraine-invasion --json
    forecast score --by model/intent
    forecast score --against crowd
    forecast score --lead 30d                    what stood 30 days before the close
    forecast score --rule metaculus-peer         as another site would
    forecast score --group tag                   or type, family, horizon
    forecast score --aggregate median            and all forecasters together

    The score is averaged over the scheduled time of each question; time after an early answer
    counts as zero and stays in the average, for everybody alike. Lower is better. Live forecasts
    and backtests are never mixed.
    """
    code = warn_problems(ws.book.problems)
    chosen = {"day": day, "hindsight": hindsight, "forecaster": forecaster, "pools": pools}
    if rule is not None:
        _refuse_basis(basis, group)
        rows, screen = _by_rule(ws, rule, ids, chosen)
    elif group is not None:
        rows, screen = _by_group(ws, group, ids, {**chosen, "basis": basis})
    else:
        rows, screen = _plain(ws, ids, {**chosen, "basis": basis})
    emit(rows, screen, output)
    return code


def _refuse_basis(basis: Basis, group: str | None) -> None:
    from forecast.verbs.basis import USUAL

    if group is not None or basis != USUAL:
        raise click.UsageError("--rule has its own basis; leave the other options out")


def _plain(ws: Workspace, ids: tuple[str, ...], chosen: dict[str, Any]) -> Views:
    from forecast.rows import score_rows
    from forecast.verbs.score import score as verb

    report = verb(ws, ids, **chosen)

    def screen() -> object:
        from forecast.render.scores import score_screen

        return score_screen(report)

    return lambda: score_rows(report), screen


def _by_group(ws: Workspace, group: str, ids: tuple[str, ...], chosen: dict[str, Any]) -> Views:
    from forecast.rows import group_rows
    from forecast.verbs.groups import grouped

    report = grouped(ws, group, ids, **chosen)

    def screen() -> object:
        from forecast.render.groups import group_screen

        return group_screen(report)

    return lambda: group_rows(report), screen


def _by_rule(ws: Workspace, rule: str, ids: tuple[str, ...], chosen: dict[str, Any]) -> Views:
    from forecast.rows import house_rows
    from forecast.verbs.ruling import score_by_rule

    report = score_by_rule(ws, rule, ids, **chosen)

    def screen() -> object:
        from forecast.render.houses import house_screen

        return house_screen(report)

    return lambda: house_rows(report), screen


@click.command()
@questions_argument()
@click.option(
    "--by",
    "forecasters",
    multiple=True,
    metavar="NAME",
    help="Only these forecasters, such as ann, model/intent or `base rate`.",
)
@pools_option
@as_of_option
@hindsight_option
@output_options
@book_option
def compare(
    ids: tuple[str, ...],
    forecasters: tuple[str, ...],
    pools: tuple[str, ...],
    day: date | None,
    hindsight: bool,
    output: str,
    ws: Workspace,
) -> int:
    """Compare forecasters, the base rate and pools, question by question.

    \b
    forecast compare
    forecast compare --by ann --by model/intent
    forecast compare --aggregate median --aggregate extremized

    Each pair is compared on the questions both forecast, over the time in which both stood. A
    difference counts when luck is unlikely to make one so large in any of as many comparisons.
    Lower is better. Live forecasts and backtests are never mixed.
    """
    from forecast.rows import compare_rows
    from forecast.verbs.compare import compare as verb

    code = warn_problems(ws.book.problems)
    report = verb(ws, ids, day=day, hindsight=hindsight, forecasters=forecasters, pools=pools)

    def screen() -> object:
        from forecast.render.compare import compare_screen

        return compare_screen(report)

    emit(lambda: compare_rows(report), screen, output)
    return code


@click.command()
@questions_argument()
@click.option("--by", "forecaster", metavar="NAME", help="Whose (default: the headline).")
@click.option("--lead", type=PERIOD, metavar="30d", help="Read so long before the scheduled close.")
@click.option(
    "--early",
    is_flag=True,
    help="Count answers as they come (leans towards yes: an event can come early).",
)
@click.option(
    "--advise",
    is_flag=True,
    help="Try out recalibration on questions left out; nothing is ever changed.",
)
@click.option("--plot", type=click.Path(path_type=Path), help="Also draw it to a PNG or SVG file.")
@pools_option
@as_of_option
@hindsight_option
@output_options
@book_option
def calibration(
    ids: tuple[str, ...],
    forecaster: str | None,
    lead: int | None,
    early: bool,
    advise: bool,
    plot: Path | None,
    pools: tuple[str, ...],
    day: date | None,
    hindsight: bool,
    output: str,
    ws: Workspace,
) -> int:
    """Show whether stated chances come true as often as they say.

    \b
    forecast calibration
    forecast calibration --by model/hazard
    forecast calibration --advise                would saying something else have helped?
    forecast calibration --plot calibration.png

    Read at one time per question, midway through its schedule, fixed before the answer. Questions
    over by then drop out and are counted.
    """
    from forecast.rows import calibration_rows
    from forecast.verbs.calibration import calibration as verb

    code = warn_problems(ws.book.problems)
    report = verb(
        ws,
        ids,
        day=day,
        hindsight=hindsight,
        forecaster=forecaster,
        lead=lead,
        early=early,
        advise=advise,
        pools=pools,
    )
    if plot is not None:
        from forecast.plots import save_reliability

        save_reliability(report, plot)
        say(f"drawn to {plot}")

    def screen() -> object:
        from forecast.render.calibration import calibration_screen

        return calibration_screen(report)

    emit(lambda: calibration_rows(report), screen, output)
    return code
