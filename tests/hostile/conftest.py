"""Commands that show hostile books, with posteriors stood in for by a formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from unittest import mock

import pytest

from forecast.verbs import fitting
from tests.golden.screens import stand_in
from tests.hostile.commands import Drawn, drawn, quiet

type Draw = Callable[..., Drawn]


@pytest.fixture(scope="module")
def draw() -> Iterator[Draw]:
    """Run commands as if on a terminal."""
    with quiet(), mock.patch.object(fitting, "_compute", stand_in):
        yield drawn
