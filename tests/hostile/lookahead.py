"""Change everything that became known after a moment: nothing as of that moment may change.

    python -m tests.hostile.lookahead            200 books × 50 moments, and 20 × 10 of them fitted

Compared are the views every model is given, their digests, each question's status and answers, and
for some the probabilities themselves, computed anew. Exit code 1 if anything differs.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from forecast.book.load import Book, load
from forecast.book.views import models_at, view, view_payload
from forecast.domain import AsOf
from forecast.verbs.fitting import Request, fit
from tests.hostile.worlds import ZONE, Cutoff, World, moments, otherwise, world

EQUAL = 1e-9


@dataclass
class Compared:
    """How much was compared, and what differed."""

    views: int = 0
    fits: int = 0
    refused: int = 0
    largest: float = 0.0
    differences: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.views:,} views, {self.fits:,} fits ({self.refused:,} refused in both worlds), "
            f"largest difference {self.largest:.1e}, {len(self.differences):,} differ"
        )


def compare(
    books: int, cutoffs: int, *, fitted: tuple[int, int] = (0, 0), seed: int = 1
) -> Compared:
    """Compare `books` worlds at `cutoffs` moments each; the first `fitted` of both by their fits.

    Shapes of `fitted`: (books, moments).
    """
    result = Compared()
    for number in range(books):
        with tempfile.TemporaryDirectory() as folder:
            random = Random(f"{seed}/{number}")
            made = world(random)
            every = moments(random, cutoffs)
            step = max(1, cutoffs // (fitted[1] or 1))
            for place, cutoff in enumerate(every):
                deep = number < fitted[0] and place % step == 0 and place // step < fitted[1]
                for said in _differences(made, cutoff, random, Path(folder), deep, result):
                    result.differences.append(f"seed {seed} book {number}, {cutoff}: {said}")
    return result


def _differences(
    made: World, cutoff: Cutoff, random: Random, folder: Path, deep: bool, result: Compared
) -> Iterator[str]:
    first = load(made.write(folder / "first"))
    second = load(otherwise(made, cutoff, random).write(folder / "second"))
    for book in (first, second):
        broken = [str(problem) for problem in book.problems if not problem.advice]
        assert not broken, broken
    as_of = _as_of(cutoff)
    for name in first.questions:
        result.views += 1
        before, after = (_known(book, name, as_of) for book in (first, second))
        for key in (key for key in before if before[key] != after[key]):
            yield f"{name}, {key}: {before[key]} is not {after[key]}"
    if deep:
        yield from _fits(first, second, as_of, folder, result)


def _as_of(cutoff: Cutoff) -> AsOf:
    return AsOf.now(cutoff.instant, ZONE) if cutoff.instant else AsOf.at(cutoff.day, ZONE)


def _known(book: Book, name: str, as_of: AsOf) -> dict[str, Any]:
    """Return everything a command can know of a question at a moment."""
    question = book.questions[name]
    seen = view(book, question, as_of)
    stated = models_at(question, as_of)
    uses = {use for spec in stated for use in spec.options.uses()}
    return {
        "status": question.status(as_of),
        "answers": [question.settled_by(target, as_of) for target in question.targets],
        "resolutions": seen.question.resolutions,
        "readings": {use: seen.readings(use) for use in uses},
        "models": [
            (spec.name, spec.digest, Request(spec, seen).view_digest, view_payload(seen, spec))
            for spec in stated
        ],
    }


def _fits(first: Book, second: Book, as_of: AsOf, folder: Path, result: Compared) -> Iterator[str]:
    """Compute every model of both worlds anew, and compare the numbers."""
    asked = [_requests(book, as_of) for book in (first, second)]
    made = [fit(each, folder / f"cache{n}", sampler="fast") for n, each in enumerate(asked)]
    for request, one, other in zip(asked[0], *made, strict=True):
        result.fits += 1
        result.refused += one.refused and other.refused
        if one.refused != other.refused:
            yield f"{request.view.question.id}: refused in one world only"
        elif not one.refused:
            gap = max(abs(a - b) for a, b in zip(_numbers(one), _numbers(other), strict=True))
            result.largest = max(result.largest, gap)
            if gap > EQUAL:
                yield f"{request.view.question.id}: the numbers differ by {gap}"
    for n in range(2):
        shutil.rmtree(folder / f"cache{n}", ignore_errors=True)


def _requests(book: Book, as_of: AsOf) -> list[Request]:
    question = book.questions["asked"]
    if all(question.settled_by(target, as_of) for target in question.targets):
        return []
    if as_of.day > question.deadlines[-1]:
        return []
    return [Request(spec, view(book, question, as_of)) for spec in models_at(question, as_of)]


def _numbers(fitted: Any) -> tuple[float, ...]:
    return (*fitted.value, *fitted.low, *fitted.high)


def main() -> None:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--books", type=int, default=200)
    parser.add_argument("--moments", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    result = compare(asked.books, asked.moments, fitted=(20, 10), seed=asked.seed)
    print(result)
    print("\n".join(result.differences[:20]))
    sys.exit(1 if result.differences else 0)


if __name__ == "__main__":
    main()
