"""The live forecasts of many questions at once, read in batches so that memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forecast.disk import environment
from forecast.record.columns import read
from forecast.record.ledger import Ledger
from forecast.record.traces import Trace, traces

type Asked = tuple[str, Sequence[str]]
"""A question's id, and the ids under which it was recorded before."""


def recorded(ledger: Ledger, asked: Sequence[Asked]) -> Iterator[list[Trace]]:
    """Yield the traces of each question, in the order asked.

    Flaws go to the ledger's `notice`, and what is whole is read on. Raises EnvironmentFailure where
    a file cannot be read.
    """
    for question, formerly in asked:
        files = [path for name in (*formerly, question) for path in ledger.files(name)]
        with environment(ledger.folder / question, "the record cannot be read"):
            lines = read(enumerate(files), ledger.notice)
        yield list(traces(lines, [question] * len(files)))
