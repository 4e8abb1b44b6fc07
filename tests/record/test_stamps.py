"""What a time stamp proves, held to what openssl reads in it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from forecast.errors import UsageError
from forecast.record import stamps
from tests.authority import Authority, available

pytestmark = pytest.mark.skipif(not available(), reason="openssl is not installed")
DATA = b"what was said"


def answered(authority: Authority, data: bytes = DATA) -> tuple[bytes, bytes]:
    """A request about `data`, and the authority's answer."""
    asked, answer = authority.folder / "asked.tsq", authority.folder / "answer.tsr"
    asked.write_bytes(stamps.request(data))
    return asked.read_bytes(), authority.answer(asked, answer).read_bytes()


@pytest.mark.parametrize(
    ("accuracy", "late"),
    [
        ("accuracy = secs:2, millisecs:500", timedelta(seconds=2.5)),
        ("accuracy = microsecs:250", timedelta(microseconds=250)),
        ("", timedelta(0)),
    ],
)
def test_it_was_there_by_the_latest_instant_the_stated_accuracy_allows(
    tmp_path: Path, accuracy: str, late: timedelta
) -> None:
    authority = Authority.begin(tmp_path / "own", accuracy=accuracy)
    asked, answer = answered(authority)
    found = re.search(r"Time stamp: (.+) GMT", authority.reads(authority.folder / "answer.tsr"))
    assert found is not None
    stated = datetime.strptime(found[1], "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    assert stamps.check(answer, DATA, asked) == stamps.Stamp(stated + late, trusted=False)
    assert stamps.check(answer, DATA, None).by == stated + late
    roots = stamps.certificates([authority.root])
    assert stamps.check(answer, DATA, asked, roots) == stamps.Stamp(stated + late, trusted=True)


@pytest.mark.usefixtures("tokyo")
def test_the_instant_is_in_utc_wherever_the_machine_stands(tmp_path: Path) -> None:
    asked, answer = answered(Authority.begin(tmp_path / "own"))
    assert stamps.check(answer, DATA, asked).by.utcoffset() == timedelta(0)


def test_any_of_the_root_certificates_given_may_have_signed(tmp_path: Path) -> None:
    own, other = (Authority.begin(tmp_path / name, name) for name in ("own", "other"))
    asked, answer = answered(own)
    for order in ([own.root, other.root], [other.root, own.root]):
        assert stamps.check(answer, DATA, asked, stamps.certificates(order)).trusted
    said = r"^is not signed under the root certificates given \((?!None).+\)$"
    with pytest.raises(stamps.StampError, match=said):
        stamps.check(answer, DATA, asked, stamps.certificates([other.root]))


def test_a_file_without_a_certificate_is_named(tmp_path: Path) -> None:
    path = tmp_path / "empty.pem"
    path.write_bytes(b"")
    with pytest.raises(
        UsageError, match=rf"^{re.escape(str(path))} holds no certificate$"
    ) as caught:
        stamps.certificates([path])
    assert caught.value.hint == "give the authority's root certificate in PEM form"


def test_what_it_does_not_prove_is_said(tmp_path: Path) -> None:
    authority = Authority.begin(tmp_path / "own")
    asked, answer = answered(authority)
    other, _ = answered(authority)
    for words, given in [
        ("is a time stamp of something else", (answer, b"something else", asked)),
        ("answers another request than the one beside it", (answer, DATA, other)),
        ("has a request beside it that is none", (answer, DATA, b"")),
        ("is no answer to a time-stamp request (RFC 3161)", (b"", DATA, asked)),
    ]:
        with pytest.raises(stamps.StampError, match=f"^{re.escape(words)}$"):
            stamps.check(*given)
