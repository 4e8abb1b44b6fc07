"""The quick way to canonical JSON spells everything as RFC 8785 does."""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from forecast.canonical import canonical

NUMBERS = st.integers(-(2**60), 2**60) | st.floats() | st.floats(-10, 10)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Word(StrEnum):
    YES = "yes"


def spelt(write: Any, value: Any) -> bytes | type[Exception]:
    try:
        return bytes(write(value))
    except ValueError:
        return ValueError


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
@example([0.0, -0.0, 1.0, 1e-4, 9.999e-5, 1e-7, 2.0**53, -(2.0**53), 1e16, 1e21, math.inf])
@example({"\ue000": 1, "\U0001f600": 2, "a": "\x00\x1f\x7f\u2028\ud800"})
def test_any_value_is_spelt_as_the_standard_says(value: Any) -> None:
    assert spelt(canonical, value) == spelt(rfc8785.dumps, value)


@pytest.mark.parametrize("value", [Word.YES, {"a": Word.YES}, (1, 2), {1: 2}, object()])
def test_what_is_no_plain_json_is_spelt_or_refused_alike(value: Any) -> None:
    assert spelt(canonical, value) == spelt(rfc8785.dumps, value)
