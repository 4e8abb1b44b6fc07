"""Commands that ask a model why, what if and what next: explain, whatif, watch-for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from forecast.cli.common import (
    DAY,
    PERIOD,
    as_of_option,
    book_option,
    complete_ids,
    emit,
    output_options,
    progress_bar,
)

if TYPE_CHECKING:
    from forecast.verbs.workspace import Workspace


def model_option[F: Callable[..., Any]](command: F) -> F:
    """Add --model."""
    return click.option(
        "--model", metavar="NAME", help="Which of the question's models (default: the first)."
    )(command)


target_argument = click.argument("target", metavar="ID[@DEADLINE]", shell_complete=complete_ids)


@click.command()
@target_argument
@click.option(
    "--since",
    type=DAY,
    metavar="DATE",
    help="Begin at the number as of DATE, instead of at the base rate.",
)
@model_option
@as_of_option
@output_options
@book_option
def explain(
    target: str,
    since: date | None,
    model: str | None,
    day: date | None,
    output: str,
    ws: Workspace,
) -> None:
    """Take a number apart: base rate, time passing, and each indicator's readings.

    \b
    forecast explain ukraine-invasion@2022-03-01 --as-of 2022-02-18
    forecast explain ukraine-invasion --as-of 2022-02-18 --since 2022-01-17
    forecast explain ukraine-invasion --as-of 2022-02-18 --model hazard --csv

    The model is fitted again without each of its reasons, so the parts add up to the whole. What
    indicators do together is shared by Shapley's rule: over all orders of up to eight, over a
    balanced set of orders where there are more. Nothing is recorded.
    """
    from forecast.rows import explain_rows
    from forecast.verbs.explain import explain as verb

    with progress_bar("refitting") as progress:
        report = verb(ws, target, day=day, since=since, model=model, progress=progress)

    def screen() -> object:
        from forecast.render.explain import explain_screen

        return explain_screen(report)

    emit(lambda: explain_rows(report), screen, output)


@click.command()
@target_argument
@click.argument("words", nargs=-1, required=True, metavar="INDICATOR=VALUE@DATE | EVENT@DATE...")
@model_option
@as_of_option
@output_options
@book_option
def whatif(
    target: str,
    words: tuple[str, ...],
    model: str | None,
    day: date | None,
    output: str,
    ws: Workspace,
) -> None:
    """Show the numbers under readings that have not happened.

    \b
    forecast whatif ukraine-invasion troops=200000@2022-02-20 --as-of 2022-02-18
    forecast whatif ukraine-invasion talks@2022-02-20 deescalation@2022-02-21 --as-of 2022-02-18

    Each reading is taken as known on its day. The question is seen from the end of the last of
    those days, and what the waiting alone would do is told apart. Nothing is recorded.
    """
    from forecast.rows import whatif_rows
    from forecast.verbs.whatif import whatif as verb

    with progress_bar("supposing") as progress:
        report = verb(ws, target, words, day=day, model=model, progress=progress)

    def screen() -> object:
        from forecast.render.whatif import whatif_screen

        return whatif_screen(report)

    emit(lambda: whatif_rows(report), screen, output)


@click.command("watch-for")
@target_argument
@click.option(
    "--within",
    type=PERIOD,
    default="7d",
    show_default=True,
    metavar="DAYS",
    help="How far ahead the reading may come.",
)
@model_option
@as_of_option
@output_options
@book_option
def watch_for(
    target: str,
    within: int,
    model: str | None,
    day: date | None,
    output: str,
    ws: Workspace,
) -> None:
    """Show which single next reading would move the number most.

    \b
    forecast watch-for ukraine-invasion@2022-03-01 --as-of 2022-02-18
    forecast watch-for ukraine-invasion --as-of 2022-02-18 --within 14d --json

    For each indicator: one more event, a level up and down as it moved in the past, a count
    doubled and halved. The expected change weighs each by how often such readings came, and is
    left out where too few did. Nothing is recorded.
    """
    from forecast.rows import watch_rows
    from forecast.verbs.watchfor import watch_for as verb

    with progress_bar("watching") as progress:
        report = verb(ws, target, day=day, within=within, model=model, progress=progress)

    def screen() -> object:
        from forecast.render.watchfor import watch_screen

        return watch_screen(report)

    emit(lambda: watch_rows(report), screen, output)
