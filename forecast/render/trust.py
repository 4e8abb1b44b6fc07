"""The screen of trust: which of the user's own files may run."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from forecast.text import clean
from forecast.verbs.trust import Trusted

_STATES = {
    "trusted": ("trusted", ""),
    "changed": ("changed since: it does not run until you trust it again", "yellow"),
    "missing": ("not there", "yellow"),
}


def trust_screen(files: Sequence[Trusted]) -> RenderableType:
    """Draw each file with its digest, so that it can be compared with what somebody vouched for."""
    if not files:
        return Text("No file is trusted.")
    return Group(*(_file(each) for each in files))


def _file(each: Trusted) -> RenderableType:
    words, style = _STATES[each.state]
    return Group(
        Text(clean(str(each.path)), style="bold"),
        Text(f" SHA-256 {each.digest}", style="dim"),
        Text(f" {words}", style=style),
    )
