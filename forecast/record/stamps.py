"""Time stamps (RFC 3161): an authority signs that it saw a hash at an instant.

Nothing here uses the network. A request is a file to be sent to any authority, its answer a file
that is checked offline against the root certificates its reader trusts, never against the book's.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from forecast.disk import whole
from forecast.errors import UsageError
from forecast.text import clean

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from rfc3161_client import TimeStampResponse

LARGEST = 1 << 16  # bytes of an answer; those with a whole chain of certificates need some 8,000
_BUNDLE = 1 << 24  # bytes of root certificates; all that a system trusts need some 250,000


class StampError(ValueError):
    """Bytes that are no time stamp of what they should be; the text says why."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """By when a hash was seen, and whether a trusted authority signed that."""

    by: datetime
    trusted: bool


def request(data: bytes) -> bytes:
    """Return the request for a time stamp of `data`, with a nonce, to be sent to an authority."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    return TimestampRequestBuilder(data, HashAlgorithm.SHA256).build().as_bytes()


def stamped_hash(answer: bytes) -> str:
    """Return the SHA-256, in hex, that an authority's answer is about; StampError if it is none."""
    return _parsed(answer).tst_info.message_imprint.message.hex()


def check(
    answer: bytes, data: bytes, asked: bytes | None, roots: Sequence[Certificate] = ()
) -> Stamp:
    """Return what an authority's answer proves of `data`.

    `asked` is the request it answers; without `roots` it is read but not trusted. The instant is
    the latest its stated accuracy allows. Raises StampError for an answer to something else, and
    for one that `roots` did not sign.
    """
    found = _parsed(answer)
    info = found.tst_info
    if info.message_imprint.message != hashlib.sha256(data).digest():
        raise StampError("is a time stamp of something else")
    if asked is not None and info.nonce != _nonce(asked):
        raise StampError("answers another request than the one beside it")
    if roots:
        _must_be_signed(found, data, roots)
    return Stamp(info.gen_time.astimezone(UTC) + _accuracy(found), bool(roots))


def certificates(paths: Sequence[Path]) -> list[Certificate]:
    """Return the certificates in PEM files; UsageError where one holds none."""
    from cryptography.x509 import load_pem_x509_certificates

    found: list[Certificate] = []
    for path in paths:
        try:
            with _quiet():
                found += load_pem_x509_certificates(whole(path, _BUNDLE))
        except (OSError, ValueError):
            hint = "give the authority's root certificate in PEM form"
            raise UsageError(f"{clean(str(path))} holds no certificate", hint) from None
    return found


def _parsed(answer: bytes) -> TimeStampResponse:
    from rfc3161_client import decode_timestamp_response

    if len(answer) > LARGEST:
        raise StampError(f"is larger than {LARGEST} bytes, and so no time stamp")
    try:
        found = decode_timestamp_response(answer)
        if found.status != 0:
            raise StampError(f"says that the authority refused (status {found.status})")
        _ = found.tst_info.gen_time, found.tst_info.message_imprint.message
    except StampError:
        raise
    except ValueError:
        raise StampError("is no answer to a time-stamp request (RFC 3161)") from None
    return found


def _nonce(asked: bytes) -> int | None:
    # The library reads its own requests only here.
    from rfc3161_client._rust import parse_timestamp_request

    try:
        return parse_timestamp_request(asked).nonce
    except ValueError:
        raise StampError("has a request beside it that is none") from None


def _must_be_signed(found: TimeStampResponse, data: bytes, roots: Sequence[Certificate]) -> None:
    from rfc3161_client import VerifierBuilder

    try:
        with _quiet():
            VerifierBuilder(roots=list(roots)).build().verify_message(found, data)
    except Exception as error:  # a hostile certificate fails in more ways than are documented
        why = clean(str(error))[:200]
        raise StampError(f"is not signed under the root certificates given ({why})") from None


def _accuracy(found: TimeStampResponse) -> timedelta:
    stated = found.tst_info.accuracy  # None where the authority states none
    parts = {"seconds": "seconds", "milliseconds": "millis", "microseconds": "micros"}
    return timedelta(**{unit: getattr(stated, name, None) or 0 for unit, name in parts.items()})


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's words about odd certificates from the screen."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
