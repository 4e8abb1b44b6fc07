"""Commands that make forecasts: update, predict, withdraw, retract, import, backtest."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.common import (
    DAY,
    PERIOD,
    WORDS,
    as_of_option,
    book_option,
    complete_ids,
    emit,
    output_options,
    progress_bar,
    questions_argument,
    say,
    warn_problems,
)
from forecast.text import plural

if TYPE_CHECKING:
    from forecast.inference.sampler import Sampler
    from forecast.verbs.workspace import Workspace

sampler_option = click.option(
    "--sampler",
    type=click.Choice(["auto", "fast", "nuts"]),
    default="auto",
    show_default=True,
    help="fast compiles nothing; nuts is the reference; auto is fast, and nuts where that fails.",
)
hindsight_option = click.option(
    "--hindsight",
    is_flag=True,
    help="Include what was elicited after the replayed day, and mark it.",
)
by_option = click.option(
    "--by", type=WORDS, metavar="NAME", help="Who says so (default: FORECAST_BY, settings, login)."
)
why_option = click.option(
    "--why", type=WORDS, default="", metavar="TEXT", help="The reason, kept with it."
)


@click.command()
@questions_argument()
@as_of_option
@sampler_option
@hindsight_option
@click.option("--dry-run", is_flag=True, help="Show what would be recorded, and write nothing.")
@output_options
@book_option
def update(
    ids: tuple[str, ...],
    day: date | None,
    sampler: Sampler,
    hindsight: bool,
    dry_run: bool,
    output: str,
    ws: Workspace,
) -> int:
    """Turn what is known now into probabilities, and say what moved them.

    \b
    forecast update                              every open question
    forecast update ukraine-invasion             one question
    forecast update --as-of 2022-02-18           a replay, kept apart from the record
    forecast update --json > today.json

    A second update on one day adds nothing unless something changed. A posterior that fails its
    diagnostics is refused: the last good forecast stands, and the command leaves with 1.
    """
    from forecast.rows import update_rows
    from forecast.verbs.update import update as verb

    with progress_bar("fitting") as progress:
        report = verb(
            ws,
            ids,
            day=day,
            sampler=sampler,
            hindsight=hindsight,
            dry_run=dry_run,
            progress=progress,
        )
    code = warn_problems(report.problems)

    def screen() -> object:
        from forecast.render.updates import update_screen

        return update_screen(report)

    emit(lambda: update_rows(report), screen, output)
    return 1 if report.refused else code


@click.command()
@click.argument("target", metavar="ID[@DEADLINE]", shell_complete=complete_ids)
@click.argument(
    "words",
    type=WORDS,
    nargs=-1,
    required=True,
    metavar="P | DAY=P... | OPTION=P... | LEVEL%=X... | NAME(...)",
)
@by_option
@why_option
@click.option("--on", type=DAY, metavar="DATE", help="Date it back: shown, never scored as live.")
@click.option("--dry-run", is_flag=True, help="Check it and write nothing.")
@output_options
@book_option
def predict(
    target: str,
    words: tuple[str, ...],
    by: str | None,
    why: str,
    on: date | None,
    dry_run: bool,
    output: str,
    ws: Workspace,
) -> None:
    """Record your own forecast of a question.

    \b
    forecast predict cuba-venezuela .03 --why "Ryabkov only declined to rule it out"
    forecast predict ukraine-invasion 2022-02-01=.05 2022-03-01=.2
    forecast predict ukraine-invasion@2022-03-01 .2
    forecast predict first-outcome invasion=.3 truce=.1 neither=.6
    forecast predict rouble-level 5%=70 50%=76 95%=90
    forecast predict rouble-level "normal(76, 6)"
    forecast predict ceasefire-day 5%=2026-12-20 50%=2027-03-01 never=.3

    A number takes quantiles or a distribution: normal(mean, sd), lognormal(meanlog, sdlog),
    student(df, location, scale), uniform(low, high), beta(a, b), gamma(shape, scale) or
    poisson(rate). A date takes days with the chance by each, or the same distributions with a date
    for the location, or else of the days from now; what is left is "not by the last day".
    """
    from forecast.rows import forecast_rows
    from forecast.verbs.predict import predict as verb

    made = verb(ws, target, words, by=by, why=why, on=on, dry_run=dry_run)

    def screen() -> object:
        from forecast.render.messages import predicted

        return predicted(ws, made, dry_run)

    emit(lambda: forecast_rows(made), screen, output)


def _end_command(name: str, kind: str, help_text: str) -> click.Command:
    @click.command(name, help=help_text)
    @click.argument("target", metavar="ID[@DEADLINE]", shell_complete=complete_ids)
    @by_option
    @why_option
    @output_options
    @book_option
    def command(target: str, by: str | None, why: str, output: str, ws: Workspace) -> None:
        from forecast.domain import Kind
        from forecast.rows import forecast_rows
        from forecast.verbs.predict import withdraw as verb

        ended = verb(ws, target, kind=Kind(kind), by=by, why=why)

        def screen() -> object:
            from forecast.render.messages import ended as drawn

            return drawn(ended)

        emit(lambda: forecast_rows(ended), screen, output)

    return command


withdraw = _end_command(
    "withdraw",
    "withdrawn",
    """Stop standing by a forecast of yours, from now on.

    \b
    forecast withdraw cuba-venezuela
    forecast withdraw ukraine-invasion@2022-03-01 --why "no longer following it"

    It scores for the time it stood; from now on you have none.
    """,
)
retract = _end_command(
    "retract",
    "retracted",
    """Mark a forecast of yours as a slip (a typing error, the wrong question), from now on.

    \b
    forecast retract cuba-venezuela --why "meant .03, typed .3"

    The record keeps it, and it scores until now: nothing that was said is ever taken back.
    """,
)


@click.command("import")
@click.argument("path", metavar="FILE.csv", type=click.Path(path_type=Path))
@click.option(
    "--forecaster", metavar="NAME", help="Who said it (default: each row's own `forecaster`)."
)
@click.option("--by", metavar="NAME", help="Who puts it on record (default as for predict).")
@click.option("--dry-run", is_flag=True, help="Show what would be recorded, and write nothing.")
@output_options
@book_option
def import_(
    path: Path, forecaster: str | None, by: str | None, dry_run: bool, output: str, ws: Workspace
) -> None:
    """Put on record what others said at their time, such as a crowd.

    \b
    forecast import crowd.csv
    forecast import crowd.csv --forecaster metaculus --dry-run --json

    The file's columns are date, target (an id, or id@deadline), probability and forecaster;
    question, source and note are kept with it. Imported forecasts stand from when they were said,
    are never scored as live, and are what `forecast backtest` is compared with. A row that is on
    record already is passed over.
    """
    from forecast.rows import forecast_rows
    from forecast.verbs.importing import import_forecasts

    report = import_forecasts(ws, path, forecaster, by=by, dry_run=dry_run)

    def screen() -> object:
        from forecast.render.messages import imported

        return imported(report)

    emit(lambda: forecast_rows(report.added), screen, output)


@click.command()
@questions_argument()
@click.option("--from", "start", type=DAY, required=True, metavar="DATE", help="First cutoff.")
@click.option("--to", "end", type=DAY, required=True, metavar="DATE", help="Last cutoff at most.")
@click.option("--every", type=PERIOD, default="7d", show_default=True, metavar="DAYS", help="Step.")
@sampler_option
@hindsight_option
@click.option("--movers", "attribute", is_flag=True, help="Say what moved each number (slow).")
@output_options
@book_option
def backtest(
    ids: tuple[str, ...],
    start: date,
    end: date,
    every: int,
    sampler: Sampler,
    hindsight: bool,
    attribute: bool,
    output: str,
    ws: Workspace,
) -> int:
    """Replay the book day by day with only what was known then.

    \b
    forecast backtest --from 2022-01-17 --to 2022-03-01 --every 7d
    forecast backtest ukraine-invasion --from 2021-12-01 --to 2022-02-23 --every 7d --json

    Replays are kept apart from the record and scored under their own heading. What was fitted once
    is not fitted again, so an interrupted backtest goes on where it stopped.
    """
    from forecast.rows import backtest_rows
    from forecast.verbs.backtest import backtest as verb

    code = warn_problems(ws.book.problems)
    with progress_bar("replaying") as progress:
        report = verb(
            ws,
            ids,
            start=start,
            end=end,
            every=every,
            sampler=sampler,
            hindsight=hindsight,
            attribute=attribute,
            progress=progress,
        )
    if not report.replays and not report.refused:
        say(f"nothing to replay in {plural(len(ws.questions(ids)), 'question')}")

    def screen() -> object:
        from forecast.render.backtests import backtest_screen

        return backtest_screen(report)

    emit(lambda: backtest_rows(report), screen, output)
    return 1 if report.refused else code
