"""Advice on weak questions: it never fails a command, and would rather miss than nag."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forecast.book.scalars import Refusal
from forecast.book.schema import QuestionFile
from forecast.book.validation import Path

type Advice = Iterator[tuple[Path, Refusal]]

# Words by which criteria name who or what decides.
_SOURCE = re.compile(
    r"https?://|\b(sources?|according to|recorded (by|in|on)|stated (by|in|on)|report(s|ed)?"
    r"|publish(es|ed)|official|announce(s|d|ment)|confirm(s|ed)?|credible"
    r"|(data|figures) (of|from|by)|reference (rates?|cross)|press|media|agency|judge[ds]?"
    r"|statements?|list(s|ed)? (of|by)|website|register|gazette)\b",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r"\b(UTC|GMT|CET|CEST|EET|EEST|E[SD]T|P[SD]T|C[SD]T|M[SD]T|MSK|BST|time zone|timezone"
    r"|\w+ time|UTC[+-]\d+)\b"
)
_VOID = re.compile(
    r"\b(annul(s|led|ment)?|void(ed)?|ambiguous|ambiguity|unclear|in doubt|disputed?|cannot be"
    r"|can not be|no longer (be )?(publish|report|exist|measur)\w*|if (no|none|nobody)\b"
    r"|cancel(led|ed|s)?|not (be )?(published|available|decided|known|established))\b",
    re.IGNORECASE,
)


def weaknesses(file: QuestionFile, book_zone: str | None) -> Advice:
    """Yield what would leave a stranger in doubt how a question resolves.

    `book_zone` is the zone the book states, None if it states none.
    """
    criteria = file.resolution_criteria
    where = ("resolution_criteria",)
    if file.deadline and file.deadlines and file.deadline in file.deadlines:
        message = f"deadline {file.deadline} is already a rung of deadlines"
        yield ("deadline",), Refusal("deadline-redundant", message, "remove the line")
    if not criteria:
        hint = "say what counts, who says so, and what happens if nobody can say"
        yield where, Refusal("criteria-missing", "there are no resolution criteria", hint)
        return
    if not _SOURCE.search(criteria):
        message = "the criteria name no source for the resolution"
        yield where, Refusal("criteria-source", message, "say who or what decides")
    if not (file.timezone or book_zone or _ZONE.search(criteria)):
        hint = "add timezone: UTC (or the place's) here or in book.yaml"
        yield where, Refusal("criteria-timezone", "no time zone is stated", hint)
    if not _VOID.search(criteria):
        message = "the criteria do not say what happens if the answer is void or in doubt"
        hint = "add when the question is annulled or ambiguous"
        yield where, Refusal("criteria-annulment", message, hint)
