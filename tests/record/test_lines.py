"""One forecast is one canonical line; what is read back is what was written, or an error."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.canonical import canonical
from forecast.domain import Forecast, Kind, Target
from forecast.record.lines import LONGEST, SILENT, LineError, body, decode, encode, restore

GOLDEN = Path(__file__).parent / "golden"

words = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
said = words.filter(lambda text: bool(text.strip()))
shares = st.lists(st.floats(0.01, 1), min_size=1, max_size=5).map(
    lambda xs: {f"option {i}": x / sum(xs) for i, x in enumerate(xs)}
)
quantiles = st.lists(st.floats(-1e9, 1e300), min_size=2, max_size=5).map(
    lambda xs: {f"0.{i}": x for i, x in enumerate(sorted(xs), 1)}
)
curves = st.lists(st.floats(0, 1), min_size=1, max_size=5).map(
    lambda xs: {f"2022-03-0{i}": x for i, x in enumerate(sorted(xs), 1)}
)
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | words
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
days = st.dates(date(1500, 1, 1), date(2999, 12, 31))
forecasts = st.builds(
    Forecast,
    target=st.builds(Target, st.just("a-question"), st.none() | days),
    forecaster=said,
    kind=st.sampled_from(sorted(set(Kind) - SILENT - {Kind.BACKTEST})),
    made_at=st.datetimes(
        datetime(1500, 1, 2), datetime(3000, 1, 1), timezones=st.just(timezone(timedelta(hours=3)))
    ),
    as_of=days,
    value=st.floats(0, 1) | shares | quantiles | curves,
    interval=st.none() | st.tuples(st.floats(0, 0.5), st.floats(0.5, 1)),
    question_digest=words,
    seed=st.none() | st.integers(0, 2**32),
    gates=st.dictionaries(words, plain, max_size=3),
    rationale=words,
    detail=st.dictionaries(words, plain, max_size=3),
)


@given(forecasts)
def test_a_line_reads_back_as_the_forecast_it_was_and_writes_the_same_bytes(forecast):
    raw, own = encode(body(forecast), "anna", 7, "0" * 64)
    entry = decode(raw, Path("anna.jsonl"), 7)
    assert (entry.writer, entry.seq, entry.prev, entry.hash) == ("anna", 7, "0" * 64, own)
    assert entry.line == 7
    same = {"value": entry.forecast.value, "interval": entry.forecast.interval}
    assert entry.forecast == replace(forecast, **same)
    assert encode(body(entry.forecast), "anna", 7, "0" * 64) == (raw, own)


def test_the_hash_is_of_the_line_without_it(say):
    raw, own = encode(body(say()), "anna", 1, None)
    members = json.loads(raw)
    assert members.pop("hash") == own == hashlib.sha256(canonical(members)).hexdigest()
    assert set(members) == {
        *("as_of", "detail", "digests", "forecaster", "gates", "interval", "kind", "made_at"),
        *("prev", "question", "rationale", "seed", "seq", "target", "v", "value", "writer"),
    }


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (0.12345678, 0.123457),
        (0, 0.0),
        (1.4e-9, 0.000001),
        (1 - 1e-9, 0.999999),
        ({"hike": 1 / 3, "hold": 2 / 3}, {"hike": 0.333333, "hold": 0.666667}),
        ({"0.25": 0.5, "0.5": 0.5}, {"0.25": 0.5, "0.5": 0.5}),
        ({"0.1": 76.123456789, "0.9": 80}, {"0.1": 76.123456789, "0.9": 80.0}),
    ],
)
def test_probabilities_are_kept_to_six_decimals_and_quantiles_as_they_are(say, value, kept):
    assert restore(body(say(value))).value == kept


@pytest.mark.parametrize(
    ("value", "ends", "kept"),
    [
        (0.3, (0.12345678, 0.87654321), (0.123457, 0.876543)),
        (0.3, (0.3, 0.3), (0.3, 0.3)),
        ({"0.1": 5.0, "0.9": 80.0}, (5.123456789, 80.123456789), (5.123456789, 80.123456789)),
    ],
)
def test_an_interval_is_kept_as_exactly_as_its_value(say, value, ends, kept):
    assert restore(body(say(value, interval=ends))).interval == kept


@pytest.mark.parametrize("value", [0.0, 1.0, {"a": 0.0, "b": 1.0}])
def test_certainty_may_be_said(say, value):
    assert restore(body(say(value))).value == value


@pytest.mark.usefixtures("tokyo")
def test_an_instant_is_spelt_in_utc_wherever_the_machine_stands(say):
    raw, _ = encode(body(say()), "anna", 1, None)
    assert b'"made_at":"2022-02-18T12:00:00Z"' in raw
    assert decode(raw).forecast == say()


def test_sequences_of_any_kind_are_lists(say):
    detail = {"read": ("troops", [12, {"days": (1, 2)}])}
    assert body(say(detail=detail))["detail"] == {"read": ["troops", [12, {"days": [1, 2]}]]}


@pytest.mark.parametrize("number", [2**53 - 1, -(2**53) + 1, 2.0**53, 1.5 * 2**53, -(2.0**53)])
def test_whole_numbers_that_doubles_may_miss_are_read_as_doubles(say, number):
    raw, _ = encode(body(say(detail={"n": number})), "anna", 1, None)
    read = decode(raw).forecast.detail["n"]
    assert (read, type(read)) == (number, type(number))


def test_chances_by_day_need_a_newer_line_and_all_else_an_old_one(say):
    curve = {"2022-03-01": 0, "2022-03-31": 0.7000004}
    assert body(say(curve))["v"] == 2
    assert body(say(curve))["value"] == {"2022-03-01": 0, "2022-03-31": 0.7}
    for value in (0.3, {"a": 0.5, "b": 0.5}, {"0.5": 76.2}):
        assert body(say(value))["v"] == 1


def test_chances_by_day_are_read_as_they_were_first_written():
    raw = (GOLDEN / "v2.jsonl").read_bytes().rstrip()
    said = decode(raw).forecast
    assert said.value == {"2026-11-25": 0.0, "2026-12-20": 0.05, "2027-03-01": 0.5}
    assert encode(body(said), "anna", 1, None)[0] == raw


def test_every_line_ever_written_is_read():
    path = GOLDEN / "v1.jsonl"
    lines = path.read_bytes().splitlines()
    entries = [decode(raw, path, number) for number, raw in enumerate(lines, 1)]
    assert [e.forecast.kind for e in entries] == [
        Kind.LIVE,
        Kind.LIVE,
        Kind.LIVE,
        Kind.BACKFILLED,
        Kind.IMPORTED,
        Kind.RETRACTED,
        Kind.WITHDRAWN,
        Kind.RESOLUTION,
    ]
    first, choice, number = (e.forecast for e in entries[:3])
    assert first == Forecast(
        target=Target("ukraine-invasion", date(2022, 3, 1)),
        forecaster="model/intent",
        kind=Kind.LIVE,
        made_at=datetime(2022, 2, 18, 12, 30, 15, 250000, tzinfo=UTC),
        as_of=date(2022, 2, 18),
        value=0.341235,
        interval=(0.121, 0.607),
        question_digest="a" * 64,
        model_digest="b" * 64,
        view_digest="c" * 64,
        seed=3405691582,
        gates={"verdict": "publish", "khat": 0.31, "ess": 1400},
        rationale='Ünïcode, "quotes" and\na second line',
        detail={"seen": {"troops": 12}},
    )
    assert choice.value == {"Kyiv": 0.2, "Warsaw": 0.8}
    assert number.value == {"0.05": -1.5, "0.5": 76.25, "0.95": 1e21}
    assert entries[-1].forecast.detail["answer"] == "yes"


NEITHER = "`value` holds neither probabilities nor quantiles nor chances by day"
NO_TARGET = "`target` {!r} is no target of `question`"
DAY = "day of the years 1500 to 2999"
KNOWN = "day or instant of the years 1500 to 2999"
EARLY = "0001-01-01T00:00:00+14:00"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"value": 1.2}, "`value` is no probability"),
        ({"value": float("nan")}, "`value` is no probability"),
        ({"value": None}, "`value` is no probability"),
        ({"value": {}}, "`value` holds something else than numbers"),
        ({"value": {"a": float("inf")}}, "`value` holds something else than numbers"),
        ({"value": {"a": 0.5, "b": 0.4}}, NEITHER),
        ({"value": {"0.1": 5.0, "0.9": 4.0}}, NEITHER),
        ({"value": {"a": 1.5, "b": -0.5}}, NEITHER),
        ({"value": {"0": 5.0, "0.5": 6.0}}, NEITHER),
        ({"value": {"0.5": 5.0, "1": 6.0}}, NEITHER),
        ({"value": {"0.5": 5.0, "0.50": 6.0}}, NEITHER),
        ({"interval": (0.5, 0.4)}, "`interval` is not two numbers in order"),
        ({"interval": (0.5, float("nan"))}, "`interval` is not two numbers in order"),
        ({"made_at": datetime(2022, 2, 18)}, "2022-02-18 00:00:00 has no time zone"),
        ({"forecaster": " "}, "`forecaster` is empty"),
        ({"target": Target("Not An Id")}, NO_TARGET.format("Not An Id")),
        ({"seed": 1.5}, "`seed` has the wrong type"),
        ({"rationale": "x" * LONGEST}, f"its line would be longer than {LONGEST} bytes"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(say, members, reason):
    with pytest.raises(LineError) as caught:
        body(replace(say(), **members))
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("members", "word"),
    [
        ({"gates": {"khat": float("nan")}}, "not representable"),
        ({"detail": {"when": date(2022, 2, 18)}}, "unsupported type"),
        ({"rationale": "\ud800"}, "non-UTF-8"),
        ({"seed": 2**60}, "exceeds"),
    ],
)
def test_what_json_cannot_spell_is_not_written(say, members, word):
    with pytest.raises(LineError, match=word):
        body(replace(say(), **members))


def test_a_withdrawal_has_no_value(say):
    with pytest.raises(LineError, match="a withdrawn line has no value"):
        body(replace(say(kind=Kind.WITHDRAWN), value=0.5))


def forged(say, **changes):
    """A line with members changed, dropped (None) or added, and a hash that fits them."""
    members = {**body(say()), "writer": "anna", "seq": 1, "prev": None, **changes}
    members = {name: value for name, value in members.items() if value != "drop"}
    return canonical({**members, "hash": hashlib.sha256(canonical(members)).hexdigest()})


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"v": 3}, "the line was written by a newer version of forecast: upgrade to read it"),
        ({"value": {"2022-03-01": 0.3, "2022-04-01": 0.2}}, NEITHER),
        ({"value": {"2022-03-01": 0.3, "2022-02-30": 0.2}}, NEITHER),
        ({"value": {"2022-03-01": 0.3, "2022-04-01": 1.2}}, NEITHER),
        ({"v": 0}, "`v` is no version of the record"),
        ({"v": "1"}, "`v` is no version of the record"),
        ({"extra": 1}, "`extra` is not a member of a line"),
        ({"seq": "drop"}, "`seq` is missing"),
        ({"gates": "drop"}, "`gates` is missing"),
        ({"seq": 0}, "`writer` or `seq` is out of range"),
        ({"seq": True}, "`seq` has the wrong type"),
        ({"writer": "../anna"}, "`writer` or `seq` is out of range"),
        ({"kind": "guess"}, "`kind` 'guess' is unknown"),
        ({"kind": "backtest"}, "a backtest does not belong in the record"),
        (
            {"digests": {"model": ""}},
            "`digests` does not hold the digests of model, question and view",
        ),
        (
            {"digests": {"model": "", "question": "", "view": 1}},
            "`digests` does not hold the digests of model, question and view",
        ),
        (
            {"target": "ukraine-invasion@2022-02-30"},
            NO_TARGET.format("ukraine-invasion@2022-02-30"),
        ),
        ({"target": "another"}, NO_TARGET.format("another")),
        ({"made_at": "2022-02-18T12:00:00+00:00"}, "`made_at` is no instant in UTC"),
        ({"made_at": "yesterday"}, "`made_at` is no instant in UTC"),
        ({"made_at": ""}, "`made_at` is no instant in UTC"),
        ({"made_at": EARLY}, "`made_at` is no instant in UTC"),
        ({"as_of": "20220218"}, "`as_of` is no date"),
        ({"as_of": "2022-02-30"}, "`as_of` is no date"),
        ({"as_of": "9999-12-31"}, "`as_of` is not of the years 1500 to 2999"),
        ({"as_of": "0001-01-01"}, "`as_of` is not of the years 1500 to 2999"),
        ({"made_at": "9999-12-31T23:59:59Z"}, "`made_at` is not of the years 1500 to 2999"),
        ({"value": True}, "`value` has the wrong type"),
        ({"interval": [1]}, "`interval` is not two numbers in order"),
    ],
)
def test_reading_is_strict_even_where_the_hash_fits(say, changes, reason):
    with pytest.raises(LineError) as caught:
        decode(forged(say, **changes))
    assert str(caught.value) == reason


RANGE = {"low": 1.1, "middle": 1.5, "high": 2}


@pytest.mark.parametrize(
    ("kind", "detail", "reason"),
    [
        ("resolution", {"answer": ["yes"]}, "`answer` of `detail` is no text"),
        ("resolution", {"answer": 5}, "`answer` of `detail` is no text"),
        ("resolution", {"source": {}}, "`source` of `detail` is no text"),
        ("resolution", {"note": ["x"]}, "`note` of `detail` is no text"),
        *(
            ("resolution", {"known_at": known}, f"`known_at` of `detail` is no {KNOWN}")
            for known in (5, "", "soon", "9999-12-31", "20220224", "2022-02-24T12:00:00", EARLY)
        ),
        ("resolution", {"rung": "2022-02-30"}, f"`rung` of `detail` is no {DAY}"),
        ("resolution", {"happened_on": 5}, f"`happened_on` of `detail` is no {DAY}"),
        ("live", {"means_it": "x"}, "`means_it` of `detail` is no number"),
        ("live", {"means_it": True}, "`means_it` of `detail` is no number"),
        ("live", {"hazard_ratios": 5}, "`hazard_ratios` of `detail` is no range by name"),
        ("live", {"odds_ratios": {"a": 5}}, "`odds_ratios` of `detail` is no range by name"),
        (
            "live",
            {"odds_ratios": {"a": RANGE | {"low": "x"}}},
            "`odds_ratios` of `detail` is no range by name",
        ),
        ("live", {"given": 0.5}, "`given` of `detail` stands without `if_given` and `if_not`"),
        ("live", {"if_given": None}, "`if_given` of `detail` is no number"),
        ("live", {"seen": 5}, "`seen` of `detail` is no row by indicator"),
        ("live", {"seen": {"troops": "x"}}, "`seen` of `detail` is no row by indicator"),
    ],
)
def test_what_is_read_back_from_a_detail_could_have_been_written(say, kind, detail, reason):
    value = None if kind == "resolution" else 0.3
    with pytest.raises(LineError) as caught:
        decode(forged(say, kind=kind, detail=detail, value=value))
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("kind", "detail"),
    [
        ("resolution", {"answer": "yes", "known_at": "2022-02-24T05:00:00+02:00", "more": [5]}),
        ("resolution", {"answer": "no", "known_at": "2022-02-24", "rung": "2022-03-01"}),
        ("live", {"seen": {"troops": 12}, "means_it": 1, "hazard_ratios": {"troops": RANGE}}),
        ("live", {"given": 0.5, "if_given": 0.5, "if_not": 0, "answer": 5, "family": None}),
    ],
)
def test_a_detail_may_hold_what_is_written_and_what_nobody_reads(say, kind, detail):
    value = None if kind == "resolution" else 0.3
    assert decode(forged(say, kind=kind, detail=detail, value=value)).forecast.detail == detail


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "the line is not JSON"),
        (b"\xff", "the line is not JSON"),
        (b"[1]", "the line is not a JSON object"),
        (b"nonsense", "the line is not JSON"),
        (b'{"v":NaN}', "the line is not JSON"),
        (b"\xef\xbb\xbf{}", "the line is not JSON"),
        (b"[" * 200_000, "the line is not JSON"),
        (b"1" * 10_000, "the line is not a JSON object"),
        (b" " * (LONGEST + 1), f"the line is longer than {LONGEST} bytes"),
        (b'"' + b"x" * 50, "the line is not JSON"),
        (b"{}", "`v` is no version of the record"),
    ],
)
def test_bytes_that_are_no_line_are_refused(raw, reason):
    with pytest.raises(LineError) as caught:
        decode(raw)
    assert str(caught.value) == reason


def test_a_changed_byte_is_refused(say):
    raw, _ = encode(body(say()), "anna", 1, None)
    with pytest.raises(LineError, match="hash does not match"):
        decode(raw.replace(b'"value":0.34', b'"value":0.35'))
    with pytest.raises(LineError, match="hash does not match"):
        decode(raw.replace(b",", b", ", 1))
