"""YAML text into a tree in which every key and value knows where it stands.

Nothing is interpreted here: scalars stay text (`NO` is not False, `2022-02-30` waits for its
judge), in Unicode's composed form, so that what looks the same is the same. What YAML offers to
attackers is refused: anchors, aliases, tags, merge keys, duplicate keys, more than one document,
more than 1 MiB, more than 32 levels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from forecast.errors import Problem
from forecast.text import clean, composed

MAX_BYTES = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 20_000  # keys and values; a long question has some 300
_MOST_PROBLEMS = 100  # a file with more is wrong as a whole

# What no text of ours may hold: C0 and C1 controls but tab, line feed and carriage return; the line
# ends that editors do not count (U+2028, U+2029); the byte-order mark; the two non-characters.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SURROGATE_OR_NUL = re.compile("[\x00\ud800-\udfff]")

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text: line and column from 1, `index` in characters from 0."""

    line: int
    column: int
    index: int

    @classmethod
    def of(cls, mark: Any) -> Mark:
        """Return PyYAML's mark in our counting."""
        return cls(mark.line + 1, mark.column + 1, mark.index)


@dataclass(slots=True)
class Scalar:
    """A piece of text; `plain` if it stood without quotes and was no block."""

    text: str
    plain: bool
    start: Mark
    end: Mark


@dataclass(slots=True)
class Items:
    """A list; `flow` if written in brackets."""

    start: Mark
    end: Mark
    flow: bool
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """Keys in file order, each with its own place and its value; `flow` if written in braces."""

    start: Mark
    end: Mark
    flow: bool
    keys: dict[str, Scalar] = field(default_factory=dict)
    values: dict[str, Node] = field(default_factory=dict)


type Node = Scalar | Items | Mapping


def plain(node: Node) -> Any:
    """Return the tree as dicts, lists and text; an empty or `null` plain scalar is None."""
    match node:
        case Scalar(text=text):
            return None if node.plain and text in {"", "~", "null"} else text
        case Items(items=items):
            return [plain(item) for item in items]
        case Mapping(values=values):
            return {key: plain(value) for key, value in values.items()}


def locate(root: Node, path: Sequence[str | int], *, key: bool = False) -> Mark:
    """Return where `path` stands: its value, or with `key` (and for a block below it) its key.

    Steps that lead nowhere are passed over, so that a path through something missing ends at the
    nearest thing that is there: at the key of the mapping that lacks it.
    """
    node, key_mark, named = root, root.start, False
    for step in path:
        if isinstance(node, Mapping) and step in node.values:
            key_mark, node, named = node.keys[str(step)].start, node.values[str(step)], True
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
            node, named = node.items[step], False
            key_mark = node.start
    block = not isinstance(node, Scalar) and not node.flow
    return key_mark if key or (block and named) else node.start


def decode(data: bytes, path: str) -> str | Problem:
    """Return the text of a UTF-8 file, or the problem that keeps it from being read."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem(path, 1, 1, "text-encoding", "the file is UTF-16", "save it as UTF-8")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = _place(before, len(before))
        message = f"byte 0x{data[error.start]:02x} is not UTF-8"
        return Problem(path, line, column, "text-encoding", message, "save the file as UTF-8")
    bad = _CONTROL.search(text)
    return _control_problem(path, text, bad) if bad else text


def _control_problem(path: str, text: str, bad: re.Match[str]) -> Problem:
    line, column = _place(text, bad.start())
    if bad.group() == "\ufeff":
        message, hint = "a byte-order mark stands here", "save as UTF-8 without a byte-order mark"
        return Problem(path, line, column, "text-bom", message, hint)
    message = f"the control character U+{ord(bad.group()):04X} stands here"
    return Problem(path, line, column, "text-control", message, "delete it")


def _place(text: str, index: int) -> tuple[int, int]:
    line = text.count("\n", 0, index) + 1
    return line, index - (text.rfind("\n", 0, index) + 1) + 1


def parse(data: bytes, path: str) -> tuple[Mapping | None, list[Problem]]:
    """Return the tree of a YAML file whose top is a mapping, and every problem of its form.

    The tree is None if the text cannot be judged further; with problems such as a duplicate key it
    is returned (the first wins), so that the rest of the file is checked in the same pass.
    """
    if len(data) > MAX_BYTES:
        hint = "a question or indicator file is a page; keep data in the CSV beside it"
        message = "the file is larger than 1 MiB"
        return None, [Problem(path, 1, 1, "yaml-too-large", message, hint)]
    text = decode(data, path)
    if isinstance(text, Problem):
        return None, [text]
    builder = _Builder(path)
    try:
        builder.build(yaml.parse(text, Loader=_LOADER))
    except _HopelessError:
        return None, builder.problems
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return None, [*builder.problems, _syntax_problem(error, path, text)]
    root = builder.root
    if root is None or (isinstance(root, Scalar) and plain(root) is None):
        problem = Problem(path, 1, 1, "yaml-empty", "the file is empty", "see `forecast new`")
        return None, [*builder.problems, problem]
    if not isinstance(root, Mapping):
        line, column = root.start.line, root.start.column
        message, hint = "keys with values should stand here", "write `key: value` lines"
        problem = Problem(path, line, column, "yaml-not-mapping", message, hint)
        return None, [*builder.problems, problem]
    return (None if builder.spoilt else root), builder.problems


class _HopelessError(Exception):
    """The rest of the file cannot be judged; the builder has said why."""


class _Builder:
    """Builds the tree from the parser's events with a stack of its own, so depth costs nothing."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.spoilt = False
        self._open: list[Items | Mapping] = []
        self._keys: list[Scalar | None] = []
        self._documents = 0

    def complain(self, mark: Mark, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(self.path, mark.line, mark.column, code, message, hint))
        if len(self.problems) >= _MOST_PROBLEMS:
            raise _HopelessError

    def build(self, events: Iterator[Any]) -> None:
        for number, event in enumerate(events):
            if number > MAX_NODES:
                message = f"more than {MAX_NODES:,} keys and values"
                hint = "keep data in the CSV beside it"
                self.complain(Mark.of(event.start_mark), "yaml-too-large", message, hint)
                raise _HopelessError
            match event:
                case yaml.DocumentStartEvent():
                    self._document(event)
                case yaml.AliasEvent():
                    self._alias(event)
                case yaml.ScalarEvent() | yaml.CollectionStartEvent():
                    self._node(event)
                case yaml.CollectionEndEvent():
                    self._close(event)

    def _document(self, event: Any) -> None:
        self._documents += 1
        if self._documents == 2:
            hint = "keep one question or indicator in a file"
            self.complain(Mark.of(event.start_mark), "yaml-documents",
                          "a second document starts here", hint)  # fmt: skip

    def _alias(self, event: Any) -> None:
        mark = Mark.of(event.start_mark)
        self.complain(mark, "yaml-alias", f"*{event.anchor} is an alias",
                      "write the value out")  # fmt: skip
        self.spoilt = True
        self._place(Scalar("", False, mark, Mark.of(event.end_mark)))

    def _node(self, event: Any) -> None:
        start, end = Mark.of(event.start_mark), Mark.of(event.end_mark)
        if event.anchor is not None:
            self.complain(start, "yaml-anchor", f"&{event.anchor} is an anchor",
                          "remove it and write values out where they are needed")  # fmt: skip
        if event.tag is not None:
            tag = clean(event.tag.replace("tag:yaml.org,2002:", "!!"))
            self.complain(start, "yaml-tag", f"{tag} is a tag",
                          "remove it; all values are plain text")  # fmt: skip
        if isinstance(event, yaml.ScalarEvent):
            self._place(self._scalar(event, start, end))
        else:
            self._descend(event, start, end)

    def _scalar(self, event: Any, start: Mark, end: Mark) -> Scalar:
        if bad := _SURROGATE_OR_NUL.search(event.value):
            self.complain(start, "text-control",
                          f"the character U+{ord(bad.group()):04X} is in this text",
                          "delete its escape")  # fmt: skip
        bare = event.style is None or event.style == ""
        return Scalar(composed(event.value), bare, start, end)

    def _descend(self, event: Any, start: Mark, end: Mark) -> None:
        if len(self._open) >= MAX_DEPTH:
            self.complain(start, "yaml-too-deep", f"more than {MAX_DEPTH} levels deep",
                          "a question needs six")  # fmt: skip
            raise _HopelessError
        kind = Mapping if isinstance(event, yaml.MappingStartEvent) else Items
        node = kind(start, end, bool(event.flow_style))
        self._place(node)
        self._open.append(node)
        self._keys.append(None)

    def _close(self, event: Any) -> None:
        self._open.pop().end = Mark.of(event.end_mark)
        self._keys.pop()

    def _place(self, node: Node) -> None:
        """Put a finished or just opened node where it belongs: root, list item, key or value."""
        if not self._open:
            self.root = self.root or node
            return
        parent = self._open[-1]
        if isinstance(parent, Items):
            parent.items.append(self._said(node))
        elif self._keys[-1] is None:
            self._keys[-1] = self._key(node)
        else:
            self._pair(parent, self._keys[-1], node)
            self._keys[-1] = None

    def _key(self, node: Node) -> Scalar:
        if isinstance(node, Scalar):
            return node
        self.complain(node.start, "yaml-key", "a key must be a word", "write `key: value`")
        raise _HopelessError

    def _pair(self, parent: Mapping, key: Scalar, value: Node) -> None:
        if key.text == "<<" and key.plain:
            self.complain(key.start, "yaml-merge-key", "<< merges another mapping",
                          "write the keys out")  # fmt: skip
            self.spoilt = True
        elif key.text in parent.values:
            message = f"{key.text!r} is already on line {parent.keys[key.text].start.line}"
            self.complain(key.start, "yaml-duplicate-key", message, "keep one of them")
        else:
            parent.keys[key.text] = key
            parent.values[key.text] = self._said(value)

    def _said(self, value: Node) -> Node:
        """Return a value, and complain if it says nothing: it cannot have been meant."""
        if isinstance(value, Scalar) and plain(value) is None:
            hint = "write one, or remove the key"
            self.complain(value.start, "value-empty", "there is no value", hint)
        return value


# The parser's words → (what we say, remedy, whether the fault began where its context did).
_SYNTAX = {
    "mapping values are not allowed": (
        "a second colon in one line",
        "put text that contains ': ' in quotes",
        False,
    ),
    "unexpected end of stream": ("this quote is not closed", "close it", True),
    "expected ',' or": ("this bracket is not closed", "close it, or add a comma", True),
    "could not find expected ':'": ("a key without its colon", "write `key: value`", True),
    "expected key": (
        "this does not fit what stands before it",
        "align it with its neighbours, or quote the whole value",
        False,
    ),
    "unknown escape character": (
        "a backslash in double quotes begins no known escape",
        "use single quotes",
        False,
    ),
}


def _syntax_problem(error: Exception, path: str, text: str) -> Problem:
    """Say in plain words, with a remedy, what the YAML parser found."""
    said = str(getattr(error, "problem", None) or getattr(error, "reason", None) or error)
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None) or mark
    code, message, hint = "yaml-syntax", f"this is not YAML ({said.splitlines()[0]})", "rewrite it"
    if mark and "cannot start any token" in said:
        found = text[mark.index : mark.index + 1]
        if found == "\t":
            code, message, hint = "yaml-tab", "a tab stands in the indentation", "use spaces"
        else:
            message, hint = f"a value cannot begin with {found!r}", "put it in quotes"
    for words, (meaning, remedy, from_context) in _SYNTAX.items():
        if words in said:
            message, hint, mark = meaning, remedy, context if from_context else mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Problem(path, line, column, code, message, hint)
