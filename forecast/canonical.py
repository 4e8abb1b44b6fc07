"""One spelling for each value: RFC 8785 canonical JSON, and digests of it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import rfc8785

_PLAIN = 1e-4  # from here on Python writes a fraction as ECMAScript does, without an exponent
_ALIKE = frozenset({str, bool, type(None)})  # spelt alike by every encoder
_EXACT = 2**53  # up to here every whole number is a double, and beyond there are no fractions


_quick = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), sort_keys=True
).encode


class _UnusualError(Exception):
    """A value that the quick way might spell otherwise."""


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 (JSON Canonicalization Scheme) bytes of a JSON value.

    Raises ValueError where JSON has no spelling (NaN, infinities, integers beyond 2**53).

    >>> canonical({"b": 1, "a": [0.1, None]})
    b'{"a":[0.1,null],"b":1}'
    """
    try:
        return _quick(_usual(value)).encode()
    except (_UnusualError, UnicodeEncodeError, RecursionError):
        return rfc8785.dumps(value)


def digest(value: Any) -> str:
    """Return the SHA-256 of the canonical bytes, as 64 hex digits.

    >>> digest({})[:8]
    '44136fa3'
    """
    return hashlib.sha256(canonical(value)).hexdigest()


def _usual(value: Any) -> Any:
    """Return a value whose plain JSON is canonical; raise for one that may be spelt otherwise.

    The standard library's encoder, in C, differs in numbers that are whole or need an exponent, and
    in the order of keys beyond ASCII.
    """
    kind = type(value)
    if kind in _ALIKE:
        return value
    if kind is float:
        return _usual_float(value)
    if kind is list or kind is tuple:
        return [each if type(each) in _ALIKE else _usual(each) for each in value]
    if kind is dict and all(type(key) is str and key.isascii() for key in value):
        return {key: _usual(each) for key, each in value.items()}
    if (kind is int and -_EXACT < value < _EXACT) or isinstance(value, str):
        return value
    raise _UnusualError


def _usual_float(value: float) -> float | int:
    if value.is_integer() and -_EXACT < value < _EXACT:
        return int(value)
    if _PLAIN <= abs(value) < _EXACT:
        return value
    raise _UnusualError
