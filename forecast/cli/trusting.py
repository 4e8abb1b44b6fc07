"""The command that says which of the user's own model files may run: trust."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forecast.cli.common import emit, output_options

if TYPE_CHECKING:
    from forecast.verbs.trust import Trusted


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--list", "listing", is_flag=True, help="List the files that are trusted.")
@click.option("--revoke", is_flag=True, help="Trust FILE no longer.")
@output_options
def trust(file: Path | None, listing: bool, revoke: bool, output: str) -> None:
    """Let FILE, a model of your own, run as it is now. It runs with all your rights: read it.

    \b
    forecast trust questions/models/storm.py
    forecast trust --list
    forecast trust questions/models/storm.py --revoke

    A file is trusted by its path and its SHA-256, in your own settings, never in a book's: once it
    changes it does not run until you have trusted it again.
    """
    from forecast.verbs import trust as verb

    if file is None:
        if revoke:
            raise click.UsageError("--revoke needs the FILE")
        if not listing:
            raise click.UsageError("name the FILE to trust, or write --list")
        _show(verb.listed(), output)
    elif listing:
        raise click.UsageError("--list needs no FILE")
    elif revoke:
        verb.revoke(file)
        click.echo(f"{file} is trusted no longer.")
    else:
        _show((verb.trust(file),), output)


def _show(files: tuple[Trusted, ...], output: str) -> None:
    from forecast.rows import trust_rows

    def screen() -> object:
        from forecast.render.trust import trust_screen

        return trust_screen(files)

    emit(lambda: trust_rows(files), screen, output, wrap=False)
