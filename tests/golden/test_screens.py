"""Screens look as they were last looked at."""

from tests.golden.screens import HERE, screens


def test_screens_are_as_they_were_looked_at() -> None:
    drawn = dict(screens())
    stored = {path.name: path.read_text(encoding="utf-8") for path in HERE.glob("*.txt")}
    assert drawn.keys() == stored.keys()
    for name, text in drawn.items():
        assert text == stored[name], f"{name}: look at it, then python -m tests.golden.screens"


def test_no_line_is_wider_than_its_screen() -> None:
    for name, text in screens():
        if "colour" in name or "problems" in name:
            continue  # positions and commands are left whole
        width = int(name.rsplit("-", 1)[1].removesuffix(".txt"))
        for line in text.splitlines():
            assert len(line) <= width, f"{name}: {line!r}"
