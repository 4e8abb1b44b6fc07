"""Commands that read: list, show, score, calibration, verify."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.common import (
    as_of_option,
    book_option,
    complete_ids,
    emit,
    output_options,
    questions_argument,
    warn_problems,
)
from forecast.cli.forecasting import hindsight_option

if TYPE_CHECKING:
    from forecast.verbs.workspace import Workspace


@click.command("list")
@questions_argument()
@click.option(
    "--due", is_flag=True, help="Only what is past its deadline, with the command that answers it."
)
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only questions with this tag.")
@click.option(
    "--status",
    type=click.Choice(["upcoming", "open", "closed", "resolved"]),
    help="Only targets of this status.",
)
@as_of_option
@output_options
@book_option
def list_(
    ids: tuple[str, ...],
    due: bool,
    tags: tuple[str, ...],
    status: str | None,
    day: date | None,
    output: str,
    ws: Workspace,
) -> int:
    """List questions with their status, number and answer.

    \b
    forecast list
    forecast list --status open --tag ukraine
    forecast list --due                          what waits for its answer
    forecast list --as-of 2022-02-18 --csv
    """
    from forecast.rows import list_rows
    from forecast.verbs.listing import listing

    code = warn_problems(ws)
    lines = listing(ws, ids, day=day, due=due, tags=tags, status=status)

    def screen() -> object:
        from forecast.render.listing import list_screen

        return list_screen(lines, due=due)

    emit(lambda: list_rows(lines), screen, output, wrap=not due)
    return code


@click.command()
@click.argument("target", metavar="ID", shell_complete=complete_ids)
@click.option("--sources", is_flag=True, help="Write out the address of every source.")
@as_of_option
@hindsight_option
@output_options
@book_option
def show(
    target: str, sources: bool, day: date | None, hindsight: bool, output: str, ws: Workspace
) -> None:
    """Show one question whole: numbers, history, evidence, models, base rate, criteria.

    \b
    forecast show ukraine-invasion
    forecast show ukraine-invasion --as-of 2022-02-18
    forecast show ukraine-invasion --sources     every address in full
    forecast show ukraine-invasion --csv         its history as rows
    """
    from forecast.rows import show_rows
    from forecast.verbs.show import show as verb

    report = verb(ws, target, day=day, hindsight=hindsight)

    def screen() -> object:
        from forecast.render.show import show_screen

        return show_screen(report, sources=sources)

    emit(lambda: show_rows(report), screen, output)


@click.command()
@questions_argument()
@click.option(
    "--by", "forecaster", metavar="NAME", help="Only this forecaster, such as model/intent."
)
@as_of_option
@hindsight_option
@output_options
@book_option
def score(
    ids: tuple[str, ...],
    forecaster: str | None,
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

    The score is averaged over the scheduled time of each question; time after an early answer
    counts as zero and stays in the average, for everybody alike. Lower is better. Live forecasts
    and backtests are never mixed.
    """
    from forecast.rows import score_rows
    from forecast.verbs.score import score as verb

    code = warn_problems(ws)
    report = verb(ws, ids, day=day, hindsight=hindsight, forecaster=forecaster)

    def screen() -> object:
        from forecast.render.scores import score_screen

        return score_screen(report)

    emit(lambda: score_rows(report), screen, output)
    return code


@click.command()
@questions_argument()
@click.option("--by", "forecaster", metavar="NAME", help="Whose (default: the headline).")
@click.option("--plot", type=click.Path(path_type=Path), help="Also draw it to a PNG or SVG file.")
@as_of_option
@hindsight_option
@output_options
@book_option
def calibration(
    ids: tuple[str, ...],
    forecaster: str | None,
    plot: Path | None,
    day: date | None,
    hindsight: bool,
    output: str,
    ws: Workspace,
) -> int:
    """Show whether stated chances come true as often as they say.

    \b
    forecast calibration
    forecast calibration --by model/hazard
    forecast calibration --plot calibration.png

    Read at one time per question, midway through its schedule, fixed before the answer. Questions
    over by then drop out and are counted.
    """
    from forecast.rows import calibration_rows
    from forecast.verbs.calibration import calibration as verb

    code = warn_problems(ws)
    report = verb(ws, ids, day=day, hindsight=hindsight, forecaster=forecaster)
    if plot is not None:
        from forecast.plots import save_reliability

        save_reliability(report, plot)
        click.echo(f"drawn to {plot}", err=True)

    def screen() -> object:
        from forecast.render.calibration import calibration_screen

        return calibration_screen(report)

    emit(lambda: calibration_rows(report), screen, output)
    return code


@click.command()
@output_options
@book_option
def verify(output: str, ws: Workspace) -> int:
    """Walk every chain of the record and name what does not fit.

    \b
    forecast verify

    0 when the record is whole, 3 when it is not.
    """
    from forecast.rows import problem_rows

    problems = ws.ledger.verify()
    broken = any(not problem.advice for problem in problems)

    def screen() -> object:
        from forecast.render.messages import verified

        return verified(ws, problems, broken)

    emit(lambda: problem_rows(problems), screen, output, wrap=False)
    return 3 if broken else 0
