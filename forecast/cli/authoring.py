"""Commands that write the book: init, new, check, observe, resolve, schema."""

from __future__ import annotations

import shlex
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.common import (
    DAY,
    MOMENT,
    NUMBER,
    WORDS,
    BelowZero,
    book_option,
    complete_ids,
    emit,
    output_options,
    say,
)
from forecast.cli.forecasting import by_option

if TYPE_CHECKING:
    from forecast.domain import Known
    from forecast.verbs.workspace import Workspace


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path("questions"))
@click.option("--example", is_flag=True, help="Fill it with ten real questions of January 2022.")
@click.option("--title", type=WORDS, default="My forecasts", help="The book's title.")
def init(folder: Path, example: bool, title: str) -> None:
    """Begin a book of questions in FOLDER (default: questions).

    \b
    forecast init
    forecast init --example
    forecast init ~/forecasts --title "What I think"
    """
    from forecast.verbs.init import init as verb

    made = verb(folder, example=example, title=title)
    what = "a book of ten questions" if example else "an empty book"
    step = f"{'list' if example else 'new my-question'} --book {shlex.quote(str(folder))}"
    say(f"{made} holds {what}.\nNext: forecast {step}", err=False)


@click.command()
@click.argument("name", metavar="ID")
@click.option("--title", type=WORDS, default="", metavar="TEXT", help="The question in words.")
@click.option(
    "--deadline",
    "deadlines",
    type=DAY,
    multiple=True,
    metavar="DATE",
    help="Its deadline (default: in 90 days); several make a ladder.",
)
@click.option(
    "--type",
    "kind",
    type=click.Choice(["binary", "multiple_choice", "ordered", "numeric", "date"]),
    default="binary",
    show_default=True,
    help="What an answer looks like.",
)
@click.option(
    "--option", "options", type=WORDS, multiple=True, metavar="TEXT", help="An option to choose."
)
@click.option("--unit", type=WORDS, default="", metavar="TEXT", help="The unit of a number.")
@click.option(
    "--indicator",
    type=click.Choice(["level", "event", "count"]),
    help="Write an indicator of this kind instead of a question.",
)
@book_option
def new(
    name: str,
    title: str,
    deadlines: tuple[date, ...],
    kind: str,
    options: tuple[str, ...],
    unit: str,
    indicator: str | None,
    ws: Workspace,
) -> None:
    """Write a commented question file to fill in.

    \b
    forecast new snap-election --title "Will a snap election be called?" --deadline 2027-03-31
    forecast new first-out --type multiple_choice --option invasion --option truce --option neither
    forecast new polls --indicator level --unit "per cent"
    """
    from forecast.domain import IndicatorKind, QuestionType
    from forecast.verbs.new import new_indicator, new_question

    if indicator:
        path = new_indicator(ws, name, title=title, kind=IndicatorKind(indicator), unit=unit)
        value = "" if indicator == "event" else " VALUE"
        step = f"forecast observe {name}{value} --on DATE --source URL"
    else:
        path = new_question(
            ws,
            name,
            title=title,
            type=QuestionType(kind),
            deadlines=deadlines,
            options=options,
            unit=unit,
        )
        step = "edit it, then `forecast check`"
    say(f"wrote {path}\nNext: {step}", err=False)


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--strict", is_flag=True, help="Let advice fail the check too.")
@output_options
@book_option
def check(files: tuple[Path, ...], strict: bool, output: str, ws: Workspace) -> int:
    """Name every problem in the book, with its position and remedy.

    \b
    forecast check
    forecast check questions/ukraine-invasion.yaml
    forecast check --json

    Silent and 0 when all is well. Advice (a criterion nobody could apply) does not fail it.
    """
    from forecast.rows import problem_rows
    from forecast.verbs.check import check as verb

    problems = verb(ws)
    if files:
        missing = [path for path in files if not path.exists()]
        if missing:
            raise click.UsageError(f"there is no file {missing[0]}")
        wanted = {path.resolve() for path in files}
        problems = tuple(p for p in problems if Path(p.path).resolve() in wanted)

    def screen() -> object:
        from forecast.render.messages import problem_lines

        return problem_lines(problems)

    if problems or output != "screen":
        emit(lambda: problem_rows(problems), screen, output, wrap=False)
    return 1 if any(strict or not p.advice for p in problems) else 0


@click.command(cls=BelowZero)
@click.argument("indicator", metavar="INDICATOR")
@click.argument("value", type=NUMBER, required=False)
@click.option("--on", type=DAY, required=True, metavar="DATE", help="The day it was so.")
@click.option("--known", type=DAY, metavar="DATE", help="The day it became known (default: today).")
@click.option("--low", type=NUMBER, help="Lower end of an 80% interval.")
@click.option("--high", type=NUMBER, help="Upper end of an 80% interval.")
@click.option(
    "--days",
    type=int,
    default=1,
    show_default=True,
    help="Length of a count's period, ending --on.",
)
@click.option("--by", type=WORDS, default="", metavar="NAME", help="Who says so.")
@click.option("--source", type=WORDS, default="", metavar="URL", help="Where it says so.")
@click.option("--note", type=WORDS, default="", metavar="TEXT", help="Anything else.")
@click.option("--corrects", type=int, metavar="ROW", help="The line of the CSV that this replaces.")
@output_options
@book_option
def observe(
    indicator: str,
    value: float | None,
    on: date,
    known: date | None,
    low: float | None,
    high: float | None,
    days: int,
    by: str,
    source: str,
    note: str,
    corrects: int | None,
    output: str,
    ws: Workspace,
) -> None:
    """Add a dated reading of an indicator.

    \b
    forecast observe troops 150000 --on 2022-02-15 --by US --source https://…
    forecast observe troops --low 169000 --high 190000 --on 2022-02-18 --by US
    forecast observe talks-failed --on 2022-01-13 --note "third meeting of the week"
    forecast observe troops 140000 --on 2022-02-15 --corrects 11
    """
    from forecast.rows import observe_rows
    from forecast.verbs.observe import observe as verb

    report = verb(
        ws,
        indicator,
        value,
        on=on,
        known=known,
        low=low,
        high=high,
        days=days,
        by=by,
        source=source,
        note=note,
        corrects=corrects,
    )

    def screen() -> object:
        from forecast.render.messages import observed

        return observed(report)

    emit(lambda: observe_rows(report), screen, output)


@click.command(cls=BelowZero)
@click.argument("target", metavar="ID[@DEADLINE]", shell_complete=complete_ids)
@click.argument("answer", type=WORDS, required=False)
@click.option(
    "--happened", type=DAY, metavar="DATE", help="The day it happened: settles every rung."
)
@click.option(
    "--known",
    type=MOMENT,
    metavar="DATE",
    help="The day the answer was known (default: today), or the instant: 2026-01-01T12:00Z.",
)
@click.option("--source", type=WORDS, required=True, metavar="TEXT", help="Who says so, and where.")
@click.option("--note", type=WORDS, default="", metavar="TEXT", help="Anything else.")
@click.option("--early", is_flag=True, help="Answer what is not over but cannot change any more.")
@by_option
@output_options
@book_option
def resolve(
    target: str,
    answer: str | None,
    happened: date | None,
    known: Known | None,
    source: str,
    note: str,
    early: bool,
    by: str | None,
    output: str,
    ws: Workspace,
) -> None:
    """Answer a question: yes, no, an option, a number, a day or never, annulled or ambiguous.

    \b
    forecast resolve ukraine-invasion --happened 2022-02-24 --source https://…
    forecast resolve donbas-truce@2022-03-01 no --source "no document by then: TCG statements"
    forecast resolve rouble-level 105.0 --source "ECB reference rates of 1 March 2022"
    forecast resolve ceasefire-day never --source "none by the last day: UN reports"
    forecast resolve donbas-truce open --source "answered the wrong question"

    The answer goes into the question's file, everything else in it left as it stands, and into the
    record.
    """
    from forecast.rows import resolve_rows
    from forecast.verbs.resolve import resolve as verb

    report = verb(
        ws,
        target,
        answer,
        happened=happened,
        known=known,
        source=source,
        note=note,
        early=early,
        by=by,
    )

    def screen() -> object:
        from forecast.render.messages import resolved

        return resolved(report)

    emit(lambda: resolve_rows(report.settled), screen, output)


@click.command()
@click.argument("kind", type=click.Choice(["question", "indicator"]), default="question")
def schema(kind: str) -> None:
    """Print the JSON Schema of question or indicator files, for editors.

    \b
    forecast schema > questions/question.schema.json
    """
    import json

    from forecast.book.jsonschema import indicator_schema, question_schema

    found = {"question": question_schema, "indicator": indicator_schema}[kind]()
    click.echo(json.dumps(found, indent=2))
