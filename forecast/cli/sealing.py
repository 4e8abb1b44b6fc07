"""Commands that vouch for the record: verify, seal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from forecast.cli.common import book_option, emit, output_options

if TYPE_CHECKING:
    from forecast.verbs.workspace import Workspace


def roots_option[F: Callable[..., Any]](command: F) -> F:
    """Add --roots, the certificates time stamps are checked against."""
    return click.option(
        "--roots",
        type=click.Path(path_type=Path),
        multiple=True,
        envvar="FORECAST_ROOTS",
        metavar="FILE",
        help="Root certificate (PEM) of a time-stamping authority you trust (or FORECAST_ROOTS).",
    )(command)


@click.command()
@click.option("--proofs", is_flag=True, help="What the seals prove of each question's forecasts.")
@roots_option
@output_options
@book_option
def verify(proofs: bool, roots: tuple[Path, ...], output: str, ws: Workspace) -> int:
    """Walk every chain of the record, check the seals, and name what does not fit.

    \b
    forecast verify
    forecast verify --proofs                 what is proven to be older than its answer
    forecast verify --roots authority.pem    trust time stamps of this authority

    0 when the record is whole, 3 when it is not, 1 when an answer in a question's file is not
    the one that was recorded.
    """
    from forecast.rows import problem_rows, proof_rows
    from forecast.verbs.verify import verify as verb

    report = verb(ws, roots)

    def screen() -> object:
        from forecast.render.sealing import proofs_screen, verified

        return proofs_screen(report) if proofs else verified(report)

    emit(
        lambda: proof_rows(report) if proofs else problem_rows(report.problems),
        screen,
        output,
        wrap=False,
    )
    return report.exit_code


@click.command()
@click.option(
    "--token",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Keep a time-stamping authority's answer (.tsr).",
)
@roots_option
@output_options
@book_option
def seal(token: Path | None, roots: tuple[Path, ...], output: str, ws: Workspace) -> None:
    """Fix what the record says now, so that it can be proven later.

    \b
    forecast seal
    git add seals record && git commit -m "Seal" && git push
    curl -H "Content-Type: application/timestamp-query" \\
      --data-binary @seals/NAME.tsq -o NAME.tsr AUTHORITY
    forecast seal --token NAME.tsr --roots authority.pem
    openssl ts -verify -data seals/NAME.json -in seals/NAME.tsr \\
      -CAfile authority.pem

    A seal holds the hash of the last line of every chain, and so fixes every line before it. When
    it was there is proven by the commit that first holds it, once others have that commit, or
    by the signed answer of any time-stamping authority (RFC 3161). Nothing here uses the network.
    """
    from forecast.rows import seal_rows
    from forecast.verbs.seal import seal as verb
    from forecast.verbs.seal import stamp

    report = stamp(ws, token, roots) if token else verb(ws)

    def screen() -> object:
        from forecast.render.sealing import sealed

        return sealed(report)

    emit(lambda: seal_rows(report), screen, output, wrap=False)
