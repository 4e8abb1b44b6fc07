"""A folder into a Book: what is healthy is loaded, everything else is named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.book import cases, crossings, questions, readings, sheet
from forecast.book.crossings import Draft, Inventory
from forecast.book.folder import BOOK_FILE, INDICATORS, MODELS, find
from forecast.book.scalars import Refusal
from forecast.book.schema import FORMAT, BookFile
from forecast.book.source import MAX_BYTES, parse, plain
from forecast.book.validation import Findings
from forecast.disk import limited
from forecast.domain import Code, Indicator, PastCase, Question
from forecast.errors import Problem
from forecast.text import clean, folded, is_id, slug

if TYPE_CHECKING:
    from forecast.book.known import Known

LARGE = 500
"""Question files from which on a book is large."""


@dataclass(frozen=True)
class Book:
    """A folder of questions and indicators as far as they are right, and every problem found.

    `questions` and `indicators` are in order of their ids; `cases` and `code` hold the tables of
    past cases and the files of the user's own code that models name; `problems` in order of path,
    line and column, advice among them. `root` is the folder as it was named by the caller.
    """

    root: Path
    title: str = ""
    zone: str = "UTC"
    questions: Mapping[str, Question] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    cases: Mapping[str, tuple[PastCase, ...]] = field(default_factory=dict)
    code: Mapping[str, Code] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def healthy(self) -> bool:
        """Whether nothing but advice was found."""
        return all(problem.advice for problem in self.problems)


def load(path: Path | str, program: Callable[[], str] | None = None) -> Book:
    """Read the whole book in folder `path`; problems never raise, they are in `Book.problems`.

    With `program`, which gives a digest of all code that reads it, a large book is kept as read in
    its `.forecast` folder, and of question files only what changed is parsed again.

    Raises UsageError if there is no book.yaml.
    """
    return _Loader(find(path), program).load()


class _Loader:
    def __init__(self, root: Path, program: Callable[[], str] | None) -> None:
        self.root = root
        self.program = program
        self.real = root.resolve()
        self.problems: list[Problem] = []
        self.zone: str | None = None

    def load(self) -> Book:
        title = self._book_file()
        files = self._ids(self.root, ".yaml", skip={BOOK_FILE})
        definitions = self._ids(self.root / INDICATORS, ".yaml")
        tables = self._ids(self.root / INDICATORS, ".csv")
        indicators = self._indicators(definitions, tables)
        drafts = self._drafts(files)
        known = self._cases({name for draft in drafts.values() for name in draft.tables})
        code = self._code({name for draft in drafts.values() for name in draft.code})
        inventory = Inventory(
            drafts, indicators, frozenset(files), frozenset(definitions) | set(tables), known, code
        )
        healthy = crossings.cross(inventory)
        for draft in drafts.values():
            self.problems += draft.findings.problems
        return Book(
            root=self.root,
            title=title,
            zone=self.zone or "UTC",
            questions={id: drafts[id].question for id in sorted(healthy)},
            indicators=indicators,
            cases={name: table for name, table in known.items() if table is not None},
            code=code,
            problems=tuple(sorted(self.problems)),
        )

    def _book_file(self) -> str:
        path = self.root / BOOK_FILE
        data = self._bytes(path, MAX_BYTES)
        if data is None:
            return ""
        root, problems = parse(data, self._shown(path))
        self.problems += problems
        if root is None:
            return ""
        findings = Findings(self._shown(path), root)
        file = findings.validate(BookFile, plain(root))
        if file is not None and file.format != FORMAT:
            message = f"format {file.format} is not known to this version"
            findings.add(("format",), Refusal("format-unknown", message, f"write format: {FORMAT}"))
        self.problems += findings.problems
        if file is None:
            return ""
        self.zone = file.timezone if "timezone" in file.model_fields_set else None
        return file.title

    def _indicators(
        self, definitions: Mapping[str, Path], tables: Mapping[str, Path]
    ) -> dict[str, Indicator]:
        found: dict[str, Indicator] = {}
        for id, path in definitions.items():
            data = self._bytes(path, MAX_BYTES)
            if data is None:
                continue
            indicator, problems = questions.read_indicator(data, self._shown(path), id)
            self.problems += problems
            if indicator is None:
                continue
            if id in tables:
                indicator = self._with_readings(indicator, tables[id])
            if indicator is not None:
                found[id] = indicator
        for id in sorted(tables.keys() - definitions.keys()):
            message, hint = "readings without a definition", f"add {INDICATORS}/{id}.yaml"
            self._complain(tables[id], "indicator-undefined", message, hint)
        return found

    def _with_readings(self, indicator: Indicator, path: Path) -> Indicator | None:
        data = self._bytes(path, sheet.MAX_BYTES)
        if data is None:
            return None
        shown = self._shown(path)
        observations, problems = readings.read(data, shown, indicator.kind, self.zone or "UTC")
        self.problems += problems
        return None if problems else replace(indicator, observations=observations)

    def _cases(self, names: Collection[str]) -> dict[str, tuple[PastCase, ...] | None]:
        """Return the tables of past cases with these names that are there, None if not right."""
        found: dict[str, tuple[PastCase, ...] | None] = {}
        for name, path in self._ids(self.root, ".csv", only=names).items():
            data = self._bytes(path, sheet.MAX_BYTES)
            if data is None:
                continue
            table, problems = cases.read(data, self._shown(path), self.zone or "UTC")
            self.problems += problems
            found[name] = None if problems else table
        return found

    def _code(self, names: Collection[str]) -> dict[str, Code]:
        """Return the files of the user's own code with these names that are there; none is run."""
        found: dict[str, Code] = {}
        for name in sorted(names):
            path = self.root / MODELS / name
            if not path.exists() or not self._inside(path):
                continue
            data = self._bytes(path, MAX_BYTES)
            if data is not None:
                found[name] = Code(path.as_posix(), hashlib.sha256(data).hexdigest())
        return found

    def _drafts(self, files: Mapping[str, Path]) -> dict[str, Draft]:
        known = self._known(len(files))
        drafts: dict[str, Draft] = {}
        for id, path in files.items():
            draft = known and known.recall(id, path, self._shown(path))
            if draft is None and (draft := self._draft(id, path)) and known:
                known.keep(id, path, draft)
            if draft:
                drafts[id] = draft
        if known:
            known.save()
        return drafts

    def _known(self, count: int) -> Known | None:
        """Return what is known of question files from before, where there are so many as to ask."""
        if self.program is None or count < LARGE:
            return None
        from forecast.book.known import Known

        return Known(self.root / ".forecast" / "book.json", f"{self.program()} {self.zone}")

    def _draft(self, id: str, path: Path) -> Draft | None:
        data = self._bytes(path, MAX_BYTES)
        if data is None:
            return None
        question, findings, problems = questions.read_question(
            data, self._shown(path), id, self.zone
        )
        if question is not None and findings is not None:
            return Draft(question, findings)
        self.problems += problems
        return None

    def _ids(
        self,
        folder: Path,
        suffix: str,
        skip: Collection[str] = (),
        only: Collection[str] | None = None,
    ) -> dict[str, Path]:
        """Return the files of a folder by id, in order, and name those that cannot have one."""
        if not folder.is_dir():
            return {}
        paths = [p for p in sorted(folder.iterdir()) if not p.name.startswith(".")]
        if suffix == ".yaml":
            self._other_endings(paths)
        paths = [p for p in paths if p.suffix == suffix and p.name not in skip]
        if only is not None:
            paths = [p for p in paths if p.stem in only]
        inside = folder.resolve().is_relative_to(self.real)
        good = [p for p in paths if self._has_id(p, paths) and self._inside(p, inside)]
        return {path.stem: path for path in good}

    def _other_endings(self, paths: Sequence[Path]) -> None:
        for path in paths:
            if path.suffix.lower() in {".yml", ".yaml"} and path.suffix != ".yaml":
                message = f"files that end in {path.suffix} are not read"
                self._complain(path, "file-ending", message, f"rename it to {path.stem}.yaml")

    def _has_id(self, path: Path, siblings: Sequence[Path]) -> bool:
        id = path.stem
        if is_id(id):
            return True
        twins = [p.stem for p in siblings if p != path and folded(p.stem) == folded(id)]
        name = clean(id)
        if is_id(f"{id}x"):  # its letters are right, so it is the name of a device
            message, hint = f"{name!r} is the name of a device on Windows", "choose another"
            self._complain(path, "id-reserved", message, hint)
        elif twins:
            message = f"{name!r} differs from {clean(twins[0])!r} only in how it is written"
            self._complain(path, "id-twin", message, "keep one of the two")
        else:
            hint = f"rename it to {slug(id)}{path.suffix}" if slug(id) else "rename it"
            message = f"{name!r} is no id: a–z, 0–9 and hyphens, at most 64"
            self._complain(path, "id-pattern", message, hint)
        return False

    def _inside(self, path: Path, folder: bool = False) -> bool:
        """Say whether a file is in the book; `folder` says that the one it stands in is."""
        if (folder and not path.is_symlink()) or path.resolve().is_relative_to(self.real):
            return True
        hint = "put the file itself into the book"
        self._complain(path, "symlink-outside", "the link leads out of the book", hint)
        return False

    def _bytes(self, path: Path, limit: int) -> bytes | None:
        """Return a file's bytes, at most `limit` + 1 of them; None, and a problem, if it fails."""
        try:
            return limited(path, limit)
        except OSError as error:
            why = (error.strerror or "it cannot be read").lower()
            self._complain(path, "file-unreadable", why, "check the file and its permissions")
            return None

    def _complain(self, path: Path, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(self._shown(path), 1, 1, code, message, hint))

    def _shown(self, path: Path) -> str:
        return clean(path.as_posix())
