"""python: the user's own PyMC model, from a file of the book.

`models/<file>` defines `build(view)`, which returns a `pm.Model` whose deterministic `p` holds the
probability of the event by each of `view.question.deadlines` (for a choice, of each of
`view.question.options`), given that it has not come by `view.as_of`. `view` is a
`forecast.domain.View`: what was known then and nothing else, with the readings of the `indicators`
and the past `cases` that the model states. Numbers from it may go in through `pm.Data` or not.

A file is run only if the user's own settings trust exactly it, by its path and SHA-256 (`forecast
trust FILE`): a repository cannot make itself trusted, and a file that changed is another file. The
bytes that were compared are the bytes that run; no compiled copy beside the file is ever looked at.
It is sampled by NUTS unless another sampler is asked for, since nobody has looked at its shape.
"""

from __future__ import annotations

import hashlib
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, replace
from importlib.abc import SourceLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from forecast import settings
from forecast.domain import Question, QuestionType, View
from forecast.domain.code import Code
from forecast.domain.times import end_of_day
from forecast.errors import BookError
from forecast.families.base import Complaint, Indicators, common_complaints, visible
from forecast.families.fields import Identifier
from forecast.families.options import FamilyOptions
from forecast.text import clean

if TYPE_CHECKING:
    import pymc as pm

FOLDER = "models"
UNTRUSTED = "model-untrusted"


class PythonOptions(FamilyOptions):
    """Which file it is, and what it may see."""

    family: Literal["python"] = Field(default="python", description="The model family's name.")
    file: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}\.py$")] = Field(
        description="The file in the book's folder models/ that defines build(view), such as "
        "storm.py."
    )
    cases: Identifier | None = Field(
        default=None, description="A table of past cases beside the question, <name>.csv."
    )

    def tables(self) -> tuple[str, ...]:
        """Return the name of the table of past cases."""
        return () if self.cases is None else (self.cases,)

    def code(self) -> tuple[str, ...]:
        """Return the name of the file."""
        return (self.file,)


class Python:
    """A model the user wrote."""

    name = "python"
    Options = PythonOptions
    answers = frozenset({QuestionType.BINARY, QuestionType.MULTIPLE_CHOICE})
    unknown_shape = True

    def check(
        self, options: PythonOptions, question: Question, indicators: Indicators | None = None
    ) -> Iterator[Complaint]:
        """Return what does not fit; the file is not run for it."""
        yield from common_complaints(options, question, self.answers)

    def permitted(self, options: PythonOptions, view: View) -> bool:
        """Say whether the user's settings let the file run as it is."""
        return trusts(view.code[options.file])

    def build(self, options: PythonOptions, view: View) -> pm.Model:
        """Return the model that the file builds.

        Raises BookError, with file and line, if it is not trusted or does not build one.
        """
        import pymc as pm

        code = view.code[options.file]
        source = _trusted_source(code)
        with _one_line(code):
            build = getattr(_module(code, source), "build", None)
            model = build(_shown(options, view)) if callable(build) else None
        if build is None:
            raise BookError(f"{code.shown} defines no build(view)", hint="define it")
        if not isinstance(model, pm.Model) or "p" not in model.named_vars:
            message = f"{code.shown}: build(view) returns no pm.Model with a deterministic p"
            raise BookError(message, hint="name the answer's probabilities p")
        return model

    def key(self, options: PythonOptions, view: View) -> str:
        """Name the graph by all that the file sees, as nobody knows what of it it depends on."""
        seen = repr(asdict(_shown(options, view))).encode()
        return f"python/{view.code[options.file].digest}/{hashlib.sha256(seen).hexdigest()}"

    def sentence(self, options: PythonOptions, view: View) -> str:
        """Say whose model it is, and which file exactly."""
        code = view.code[options.file]
        said = "" if trusts(code) else ", not trusted on this machine"
        return f"Your own model, {FOLDER}/{options.file} (SHA-256 {code.digest[:12]}…){said}."


def _shown(options: PythonOptions, view: View) -> View:
    """Return what the file may see: what its model states and a fit is named by, and no more."""
    question, as_of = view.question, view.as_of
    uses = visible(options, view).uses()
    return View(
        question=Question(
            id=question.id,
            title="",
            type=question.type,
            opens=question.opens,
            deadlines=question.deadlines,
            clock=question.clock,
            zone=question.zone,
            timing=question.timing,
            options=question.options,
            reference_class=question.reference_class,
        ),
        as_of=replace(as_of, instant=end_of_day(as_of.day, question.zone)),
        indicators={use: view.indicators[use] for use in uses},
        cases={name: view.cases[name] for name in options.tables()},
        hindsight=view.hindsight,
    )


def trusts(code: Code) -> bool:
    """Say whether the user's settings trust exactly this file."""
    return settings.trusted().get(Path(code.path).resolve()) == code.digest


def _trusted_source(code: Code) -> bytes:
    """Return the bytes of a file that the user trusts; BookError for any other."""
    if not trusts(code):
        message = f"{code.shown} is not trusted, and was not run [{UNTRUSTED}]"
        raise BookError(message, hint=f"read it, then `forecast trust {code.shown}`")
    source = Path(code.path).read_bytes()
    if hashlib.sha256(source).hexdigest() != code.digest:
        raise BookError(f"{code.shown} changed while the book was read", hint="run it again")
    return source


class _Loader(SourceLoader):
    """Gives the import system the bytes at hand, and nothing from the disk beside them."""

    def __init__(self, code: Code, source: bytes) -> None:
        self._path, self._source = code.path, source

    def get_filename(self, fullname: str) -> str:
        return self._path

    def get_data(self, path: str | bytes) -> bytes:
        if path != self._path:  # a compiled copy, which anybody could have put there
            raise OSError(path)
        return self._source


def _module(code: Code, source: bytes) -> ModuleType:
    name = f"forecast_user_model_{code.digest[:16]}"
    spec = spec_from_loader(name, _Loader(code, source))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # where classes look for their own module
    try:
        spec.loader.exec_module(module)
    finally:
        del sys.modules[name]
    return module


@contextmanager
def _one_line(code: Code) -> Iterator[None]:
    """Turn what the user's code raises into one line that names the place in it."""
    try:
        with redirect_stdout(sys.stderr):  # what it prints is no row of ours
            yield
    except (Exception, SystemExit) as error:
        said = clean(f"{type(error).__name__}: {error}".splitlines()[0])
        raise BookError(f"{code.shown}:{_line(error, code)}: {said}") from error


def _line(error: BaseException, code: Code) -> int:
    """Return the last line of the user's file on the way to an error."""
    if isinstance(error, SyntaxError) and error.filename == code.path:
        return error.lineno or 1
    frames = traceback.extract_tb(error.__traceback__)
    return next((f.lineno or 1 for f in reversed(frames) if f.filename == code.path), 1)


family = Python()
