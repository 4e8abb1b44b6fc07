"""What commands that judge share: how paths are read, what they are compared with, pools."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click

from forecast.cli.common import NUMBER, PERIOD

METHODS = ("mean", "median", "geometric", "extremized", "recent", "learned")


def basis_options[F: Callable[..., Any]](command: F) -> F:
    """Add how paths are read and what they are compared with, as one `basis`."""

    @click.option(
        "--per-covered-day",
        is_flag=True,
        help="Average over the covered time only (improper when events end questions early).",
    )
    @click.option("--last", is_flag=True, help="Only what stood last (descriptive only).")
    @click.option(
        "--lead", type=PERIOD, metavar="30d", help="What stood so long before the scheduled close."
    )
    @click.option(
        "--against",
        metavar="NAME",
        help="Compare with this forecaster, or with `climatology` (the share of yes among the "
        "questions scored), instead of the base rate.",
    )
    @click.option(
        "--clip",
        type=NUMBER,
        default=0.0,
        metavar="EPS",
        help="Hold the chance given to what happened within EPS to 1 - EPS in the log score.",
    )
    @functools.wraps(command)
    def wrapped(
        *args: Any, per_covered_day: bool, last: bool, lead: int | None, against: str | None,
        clip: float, **kwargs: Any,
    ) -> Any:  # fmt: skip
        from forecast.verbs.basis import BASE_RATE, basis

        if per_covered_day + last + (lead is not None) > 1:
            raise click.UsageError("--per-covered-day, --last and --lead exclude each other")
        reading = "covered" if per_covered_day else "last" if last else "scheduled"
        chosen = basis(reading, lead=lead, against=against or BASE_RATE, clip=clip)
        return command(*args, basis=chosen, **kwargs)

    return wrapped  # type: ignore[return-value]


def pools_option[F: Callable[..., Any]](command: F) -> F:
    """Add --aggregate, the methods by which forecasters are pooled into virtual ones."""
    return click.option(
        "--aggregate",
        "pools",
        multiple=True,
        type=click.Choice(METHODS),
        help="Also judge what all forecasters say together, as a virtual one (may be repeated); "
        "`learned` is recalibrated by what was answered before, out of sample.",
    )(command)


def complete_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Offer the names of house rules."""
    from forecast.verbs.houses import HOUSES

    return [name for name in HOUSES if name.startswith(incomplete)]
