"""YAML becomes a tree of text with places; what YAML offers beyond that is refused with one."""

from __future__ import annotations

import pytest

from forecast.book.source import MAX_DEPTH, Items, Mapping, Scalar, locate, parse, plain
from forecast.errors import Problem


def tree(text: str) -> Mapping:
    root, problems = parse(text.encode(), "q.yaml")
    assert not problems
    assert root is not None
    return root


def only(data: bytes) -> Problem:
    _, problems = parse(data, "q.yaml")
    assert len(problems) == 1
    return problems[0]


def test_nothing_is_interpreted() -> None:
    root = tree("a: NO\nb: 2022-02-30\nc: 0x10\nd: 1_000\ne: .nan\nf: =\n")
    assert plain(root) == {
        "a": "NO",
        "b": "2022-02-30",
        "c": "0x10",
        "d": "1_000",
        "e": ".nan",
        "f": "=",
    }


def test_quotes_are_told_from_plain_text() -> None:
    root = tree("a: 'null'\nb: null_\n")
    quoted, bare = root.values["a"], root.values["b"]
    assert isinstance(quoted, Scalar)
    assert isinstance(bare, Scalar)
    assert (quoted.plain, bare.plain) == (False, True)
    assert plain(root)["a"] == "null"


def test_keys_and_values_know_their_places() -> None:
    root = tree("a: 1\nmodel:\n  uses:\n    - name: x\n    - name: yy\n")
    assert (locate(root, ("a",)).line, locate(root, ("a",)).column) == (1, 4)
    value = locate(root, ("model", "uses", 1, "name"))
    assert (value.line, value.column) == (5, 13)
    key = locate(root, ("model", "uses", 1, "name"), key=True)
    assert (key.line, key.column) == (5, 7)


def test_a_block_is_pointed_at_by_its_key_and_a_missing_key_by_its_parent() -> None:
    root = tree("a: 1\nmodel:\n  uses:\n    - x\n")
    assert locate(root, ("model",)).line == 2
    assert locate(root, ("model", "absent")).line == 2
    assert isinstance(root.values["model"], Mapping)
    assert isinstance(root.values["model"].values["uses"], Items)


def test_the_first_of_two_equal_keys_counts_and_the_rest_is_still_read() -> None:
    root, problems = parse(b"a: 1\na: 2\nb: &x 3\n", "q.yaml")
    assert [p.code for p in problems] == ["yaml-duplicate-key", "yaml-anchor"]
    assert root is not None
    assert plain(root) == {"a": "1", "b": "3"}


@pytest.mark.parametrize(
    ("data", "code", "line", "column"),
    [
        (b"a: [1, 2\n", "yaml-syntax", 1, 4),
        (b'a: 1\nb: "x\n', "yaml-syntax", 2, 4),
        (b"a: @x\n", "yaml-syntax", 1, 4),
        (b"a:\n  b: 1\n c: 2\n", "yaml-syntax", 3, 2),
        (b'a: "\\ud800"\n', "yaml-syntax", 1, 7),
        (b'a: "\\0"\n', "text-control", 1, 4),
        (b"a: 1\nb: x\x00\n", "text-control", 2, 5),
        (b"a: caf\xe9\n", "text-encoding", 1, 7),
        (b"\xff\xfea\x00", "text-encoding", 1, 1),
        (b"a: 1\nb: x\xef\xbb\xbf\n", "text-bom", 2, 5),
        (b"a: \xed\xa0\x80\n", "text-encoding", 1, 4),
        (b"", "yaml-empty", 1, 1),
        (b"text\n", "yaml-not-mapping", 1, 1),
        (b"a: 1\n...\n---\nb: 1\n", "yaml-documents", 3, 1),
    ],
)
def test_each_fault_has_its_place(data: bytes, code: str, line: int, column: int) -> None:
    found = only(data)
    assert (found.code, found.line, found.column) == (code, line, column)
    assert found.hint


@pytest.mark.parametrize("opening", [b"[", b"{a: ", b"- "])
def test_depth_costs_nothing(opening: bytes) -> None:
    found = only(b"a:\n " + opening * 3000)
    assert found.code == "yaml-too-deep"
    assert str(MAX_DEPTH) in found.message


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)}, *{chr(97 + n)}]\n" for n in range(20)
    )
    root, problems = parse(bomb.encode(), "q.yaml")
    assert root is None
    assert {p.code for p in problems} == {"yaml-anchor", "yaml-alias"}


def test_large_files_are_refused_before_they_are_read() -> None:
    assert only(b"a: " + b"x" * (1 << 20)).code == "yaml-too-large"
    assert only(b"".join(b"k%d: x\n" % n for n in range(30_000))).code == "yaml-too-large"


def test_a_file_full_of_faults_names_a_hundred() -> None:
    _, problems = parse(b"a: x\n" * 1000, "q.yaml")
    assert len(problems) == 100
