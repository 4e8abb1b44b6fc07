"""Commands that read: list, show."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from forecast.cli.common import (
    WORDS,
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
@click.option(
    "--tag", "tags", type=WORDS, multiple=True, metavar="TAG", help="Only questions with this tag."
)
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

    code = warn_problems(ws.book.problems)
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
