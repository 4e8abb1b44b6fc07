"""What is shown of text: no secrets, however a message spells them."""

from __future__ import annotations

import time

import pytest

from forecast.text import clean, redact

SECRETS = [
    "plainly",
    "word'word",
    'word"word',
    "word'word\"word",
    "word\\word",
    "word\nword",
    "\x1b[31mword",
    "word\u200bword",
]
SPELLINGS = [
    str,
    repr,
    clean,
    lambda secret: repr(clean(secret)),
    lambda secret: repr(f"it's {secret}"),
    lambda secret: repr(f'"{secret}'),
]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("spell", SPELLINGS)
def test_a_secret_is_hidden_however_it_is_quoted(secret, spell):
    shown = redact(f"no luck with {spell(secret)} today", {"MY_TOKEN": secret})
    assert "***" in shown
    assert "word" not in shown
    assert "plain" not in shown


@pytest.mark.parametrize(
    "name",
    ["MYSQL_PASS", "SSHPASS", "PASS", "GPG_PASSPHRASE", "MY_PAT", "GITHUB_PAT_2", "AUTH",
     "NPM_AUTH", "MYSQL_PWD", "PGPASSWORD", "API_KEY", "database_url"],
)  # fmt: skip
def test_secrets_are_known_by_the_words_of_their_names(name):
    assert redact("with h0rse", {name: "h0rse"}) == "with ***"


@pytest.mark.parametrize("name", ["PATH", "PWD", "AUTHOR", "MANPATH", "PASSAGE", "XAUTHORITY"])
def test_other_names_hide_nothing(name):
    assert redact("with h0rse", {name: "h0rse"}) == "with h0rse"


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://ann:pw@host/x", "https://***@host/x"),
        ("https://ann:p/w@host", "https://***@host"),
        ("https://ann:p@w@host", "https://***@host"),
        ("https://t0ken@host", "https://***@host"),
        ("https://t0ken@host/?to=ann@b", "https://***@b"),
        ("https://t0@ken@host", "https://***@host"),
        ("https://a.example/?next=https://ann:pw@host", "https://a.example/?next=https://***@host"),
        ("postgresql://ann:pw@db/x and more", "postgresql://***@db/x and more"),
        ("https://example.org/@ann", "https://example.org/@ann"),
        ("https://example.org/?to=ann@host", "https://example.org/?to=ann@host"),
        ("ann@example.org", "ann@example.org"),
    ],
)
def test_an_address_is_shown_without_its_login(address, shown):
    assert redact(f"see {address}", {}) == f"see {shown}"


def test_a_long_word_takes_no_long_time():
    begun = time.process_time()
    redact("://a:" * 100_000 + "\n" + "://" * 100_000 + "@", {})
    assert time.process_time() - begun < 5
