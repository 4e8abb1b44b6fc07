"""The screens users look at most, drawn from the bundled book and kept to be compared.

Run `python -m tests.golden.screens` to draw them anew, then look at each. Posteriors are stood in
for by a formula of base rate and readings, so that a screen changes only when its drawing does.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

from forecast.cli.main import run
from forecast.domain import QuestionType
from forecast.domain.distributions import LEVELS
from forecast.verbs import fitting
from forecast.verbs.fitting import Fit, Request
from forecast.verbs.reference import reference_class

HERE = Path(__file__).parent
BOOK = HERE.parents[1] / "questions"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
BROKEN = "question: Will it?\nopens: 2022-02-30\ndeadlnie: 2022-03-01\n"
SCREENS = {
    "list": ["list", "--as-of", "2022-02-18"],
    "update": ["update", "--as-of", "2022-02-18"],
    "show": ["show", "ukraine-invasion", "--as-of", "2022-02-18"],
    "explain": ["explain", "ukraine-invasion@2022-07-01", "--as-of", "2022-02-18"],
    "whatif": [
        "whatif", "ukraine-invasion", "talks@2022-02-20", "troops=200000@2022-02-21",
        "--as-of", "2022-02-18",
    ],
    "watch-for": ["watch-for", "ukraine-invasion@2022-07-01", "--as-of", "2022-02-18"],
    "backtest": ["backtest", "--from", "2022-01-17", "--to", "2022-02-14"],
    "score": ["score"],
    "score-rule": ["score", "--rule", "gjopen", "first-outcome", "ministers-meet"],
    "score-group": ["score", "--group", "horizon"],
    "compare": ["compare", "ukraine-invasion", "rouble-80", "--aggregate", "extremized"],
    "calibration": ["calibration"],
    "error": ["show", "ukraine-invsaion"],
    "problems": ["check"],
}  # fmt: skip


def stand_in(requests: Sequence[Request], *_: object) -> list[Fit]:
    """Return fits by a formula instead of by sampling."""
    return [_stand_in(request) for request in requests]


def _stand_in(request: Request) -> Fit:
    question, view = request.view.question, request.view
    readings = sum(min(len(i.observations), 12) for i in view.indicators.values())
    gates = {"verdict": "publish", "reasons": []}
    if question.type is QuestionType.NUMERIC:
        values = tuple(70 + readings / 4 + 12 * level for level in LEVELS)
        return Fit(values, values, values, tuple(0.01 for _ in values), gates)
    if question.options:
        first = min(0.6, 0.02 + readings / 200)
        values = (first, 0.2, 0.8 - first)
        return Fit(values, values, values, (0.001,) * 3, gates)
    reference = reference_class(question)
    assert reference is not None
    survived = view.survived
    chances = []
    for deadline in question.deadlines:
        until = survived + view.horizon(deadline)
        quiet = reference.survival(until) / reference.survival(survived)
        chances.append(1 - quiet ** (1 + readings / 20))
    values = tuple(chances)
    low, high = (tuple(p / 3 for p in values), tuple(p**0.6 for p in values))
    return Fit(values, low, high, tuple(0.0005 for _ in values), gates)


@contextlib.contextmanager
def example() -> Iterator[Path]:
    """A copy of the bundled book with replays to score, and a broken file beside them."""
    with tempfile.TemporaryDirectory() as folder:
        book = Path(folder) / "book"
        shutil.copytree(BOOK, book, ignore=shutil.ignore_patterns(".forecast"))
        with mock.patch.object(fitting, "_compute", stand_in):
            yield book


def draw(arguments: Sequence[str], book: Path, *, width: int, colour: bool) -> str:
    """Return what a command prints at a width, stdout and stderr together."""
    shown = {"COLUMNS": str(width), "FORECAST_BOOK": str(book), "FORECAST_BY": "ann"}
    shown |= {"FORCE_COLOR": "1", "TERM": "xterm-256color"} if colour else {"NO_COLOR": "1"}
    hidden = ("NO_COLOR", "FORCE_COLOR", "TERM")
    kept = {key: value for key, value in os.environ.items() if key not in hidden}
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)
    with (
        mock.patch.dict(os.environ, kept | shown, clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
    ):
        code = run(list(arguments), now=NOW)
    drawn = out.buffer.getvalue().decode()  # type: ignore[attr-defined]
    lines = [line.rstrip() for line in drawn.replace(str(book), "BOOK").splitlines()]
    return "\n".join([*lines, f"exit {int(code)}", ""])


def screens() -> Iterator[tuple[str, str]]:
    """Draw every screen at 60 and 80 columns, the wider ones with and without colour."""
    with example() as book:
        draw(SCREENS["backtest"], book, width=80, colour=False)
        for name, arguments in SCREENS.items():
            if name == "problems":
                (book / "broken.yaml").write_text(BROKEN, encoding="utf-8")
            for width, colour in ((60, False), (80, False), (80, True)):
                suffix = "-colour" if colour else ""
                drawn = draw(arguments, book, width=width, colour=colour)
                yield f"{name}-{width}{suffix}.txt", drawn


if __name__ == "__main__":
    for name, text in screens():
        (HERE / name).write_text(text, encoding="utf-8", newline="\n")
