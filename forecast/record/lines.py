"""One forecast as one line: RFC 8785 bytes, and the strict reading of them.

A line's `hash` is the SHA-256 of the same line without its `hash` member, `prev` the hash of the
line it follows (null at the start of a chain) and `seq` one more than that line's.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import NoneType
from typing import Any

from forecast.canonical import canonical
from forecast.domain import Forecast, Kind, Target, Value
from forecast.record.details import RANGE, flaw, in_range, is_day, is_finite
from forecast.text import clean, is_id

VERSION = 2  # the newest; a line is written in the oldest that can hold it
_BY_DAY = 2  # the first to hold chances by day
LONGEST = 1 << 20  # bytes of a line; anything longer was not written here
_CHAINED = 1 << 10  # of these, room for the members that chain it
DECIMALS = 6  # of a probability

# Kinds that say something about forecasts rather than forecast.
SILENT = frozenset({Kind.WITHDRAWN, Kind.RETRACTED, Kind.RESOLUTION})
# Kinds whose `made_at` was given by hand or by another site, and need not rise along a chain.
DATED = frozenset({Kind.IMPORTED, Kind.BACKFILLED})

_BODY: dict[str, tuple[type, ...]] = {
    "as_of": (str,),
    "detail": (dict,),
    "digests": (dict,),
    "forecaster": (str,),
    "gates": (dict,),
    "interval": (list, NoneType),
    "kind": (str,),
    "made_at": (str,),
    "question": (str,),
    "rationale": (str,),
    "seed": (int, NoneType),
    "target": (str,),
    "v": (int,),
    "value": (int, float, dict, NoneType),
}
_CHAIN: dict[str, tuple[type, ...]] = {
    "hash": (str,),
    "prev": (str, NoneType),
    "seq": (int,),
    "writer": (str,),
}
_DIGESTS = ("model", "question", "view")


class LineError(ValueError):
    """Bytes that are no whole, unchanged line of the record; the text says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded forecast, its place in the chain, and where its line stands (from 1)."""

    forecast: Forecast
    writer: str
    seq: int
    prev: str | None
    hash: str
    path: Path
    line: int


def body(forecast: Forecast) -> dict[str, Any]:
    """Return a forecast as the members of a JSON object, probabilities rounded to 6 decimals.

    Raises LineError if it could not be read back, is too long, or JSON has no spelling for it.
    """
    members = {
        "v": _BY_DAY if _is_curve(forecast.value) else 1,
        "kind": str(forecast.kind),
        "question": forecast.target.question,
        "target": str(forecast.target),
        "forecaster": forecast.forecaster,
        "made_at": instant(forecast.made_at),
        "as_of": forecast.as_of.isoformat(),
        "value": _rounded(forecast.value),
        "interval": _rounded_ends(forecast),
        "digests": {name: getattr(forecast, f"{name}_digest") for name in _DIGESTS},
        "seed": forecast.seed,
        "gates": _plain(forecast.gates),
        "rationale": forecast.rationale,
        "detail": _plain(forecast.detail),
    }
    restore(members)
    try:
        size = len(canonical(members))
    except (ValueError, RecursionError) as error:
        raise LineError(clean(str(error))) from None
    if size > LONGEST - _CHAINED:
        raise LineError(f"its line would be longer than {LONGEST} bytes")
    return members


def restore(members: Mapping[str, Any]) -> Forecast:
    """Return the forecast that `body` turned into `members`; LineError if it is anything else."""
    _check_version(members)
    _check_types(members, _BODY)
    digests = members["digests"]
    if set(digests) != set(_DIGESTS) or not all(type(d) is str for d in digests.values()):
        raise LineError("`digests` does not hold the digests of model, question and view")
    kind = _kind(members["kind"])
    value = _value(members["value"], kind)
    if wrong := flaw(members["detail"], kind):
        raise LineError(wrong)
    return Forecast(
        target=_target(members["target"], members["question"]),
        forecaster=_said(members["forecaster"], "forecaster"),
        kind=kind,
        made_at=_instant(members["made_at"]),
        as_of=_day(members["as_of"]),
        value=value,
        interval=_interval(members["interval"]),
        **{f"{name}_digest": digests[name] for name in _DIGESTS},
        seed=members["seed"],
        gates=members["gates"],
        rationale=members["rationale"],
        detail=members["detail"],
    )


def encode(
    members: Mapping[str, Any], writer: str, seq: int, prev: str | None
) -> tuple[bytes, str]:
    """Return the line (without newline) of a `body` chained after `prev`, and its hash."""
    chained = {**members, "writer": writer, "seq": seq, "prev": prev}
    own = hashlib.sha256(canonical(chained)).hexdigest()
    return canonical({**chained, "hash": own}), own


def decode(raw: bytes, path: Path = Path(), line: int = 0) -> Entry:
    """Return the entry whose line (without newline) is `raw`; LineError unless it is unchanged.

    The hash is taken of the bytes as they stand, so no changed byte goes unnoticed.
    """
    members = parse(raw)
    _check_version(members)
    _check_types({k: v for k, v in members.items() if k in _CHAIN}, _CHAIN)
    own = members["hash"]
    rest = raw.replace(b'"hash":"%s",' % own.encode(), b"", 1)
    if hashlib.sha256(rest).hexdigest() != own:
        raise LineError("the line was changed: its hash does not match")
    forecast = restore({k: v for k, v in members.items() if k not in _CHAIN})
    if forecast.kind is Kind.BACKTEST:
        raise LineError("a backtest does not belong in the record")
    if not is_id(members["writer"]) or members["seq"] < 1:
        raise LineError("`writer` or `seq` is out of range")
    return Entry(forecast, members["writer"], members["seq"], members["prev"], own, path, line)


def parse(raw: bytes) -> dict[str, Any]:
    """Return the JSON object that `raw` spells; LineError if it spells none."""
    if len(raw) > LONGEST:
        raise LineError(f"the line is longer than {LONGEST} bytes")
    try:
        found = json.loads(raw.decode(), parse_int=_integer, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise LineError("the line is not JSON") from None
    if not isinstance(found, dict):
        raise LineError("the line is not a JSON object")
    return found


def instant(moment: datetime) -> str:
    """Return an aware datetime as the record spells it; LineError for one without a zone.

    >>> instant(datetime(2022, 2, 18, 12, tzinfo=UTC))
    '2022-02-18T12:00:00Z'
    """
    if moment.utcoffset() is None:
        raise LineError(f"{moment} has no time zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _check_types(members: Mapping[str, Any], known: Mapping[str, tuple[type, ...]]) -> None:
    if missing := sorted(set(known) - set(members)):
        raise LineError(f"`{missing[0]}` is missing")
    if unknown := sorted(set(members) - set(known)):
        raise LineError(f"`{clean(unknown[0])}` is not a member of a line")
    for name, types in known.items():
        if type(members[name]) not in types:
            raise LineError(f"`{name}` has the wrong type")


def _check_version(members: Mapping[str, Any]) -> None:
    version = members.get("v")
    if type(version) is int and version > VERSION:
        raise LineError("the line was written by a newer version of forecast: upgrade to read it")
    if type(version) is not int or version < 1:
        raise LineError("`v` is no version of the record")


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise LineError(f"`kind` {clean(text)!r} is unknown") from None


def _target(text: str, question: str) -> Target:
    try:
        target = Target.parse(text)
    except ValueError:
        target = Target("")
    if target.question != question or str(target) != text or not is_id(question):
        raise LineError(f"`target` {clean(text)!r} is no target of `question`")
    return target


def _said(text: str, name: str) -> str:
    if not text.strip():
        raise LineError(f"`{name}` is empty")
    return text


def _instant(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        spelt_so = instant(moment) == text
    except (ValueError, OverflowError):
        spelt_so = False
    if not spelt_so:
        raise LineError("`made_at` is no instant in UTC")
    return _in_range(moment, "made_at")


def _day(text: str) -> date:
    if not is_day(text):
        raise LineError("`as_of` is no date")
    return _in_range(date.fromisoformat(text), "as_of")


def _in_range[D: date](day: D, name: str) -> D:
    if not in_range(day):
        raise LineError(f"`{name}` is not {RANGE}")
    return day


def _value(value: Any, kind: Kind) -> Value | None:
    if kind in SILENT:
        if value is not None:
            raise LineError(f"a {kind} line has no value")
        return None
    if isinstance(value, dict):
        return _distribution(value)
    if value is None or not 0 <= value <= 1:
        raise LineError("`value` is no probability")
    return float(value)


def _distribution(values: Mapping[str, Any]) -> dict[str, float]:
    """Option → probability summing to one; quantile level → value, or day → chance, rising."""
    if not values or not all(is_finite(x) for x in values.values()):
        raise LineError("`value` holds something else than numbers")
    if not _sums_to_one(values) and not _quantiles(values) and not _curve(values):
        raise LineError("`value` holds neither probabilities nor quantiles nor chances by day")
    return {name: float(x) for name, x in values.items()}


def _sums_to_one(values: Mapping[str, float]) -> bool:
    return all(0 <= x <= 1 for x in values.values()) and abs(sum(values.values()) - 1) < 1e-3


def _quantiles(values: Mapping[str, float]) -> bool:
    try:
        pairs = sorted((float(level), x) for level, x in values.items())
    except ValueError:
        return False
    if not all(0 < level < 1 for level, _ in pairs):
        return False
    return all(a[0] < b[0] and a[1] <= b[1] for a, b in itertools.pairwise(pairs))


def _curve(values: Mapping[str, float]) -> bool:
    """Whether they are chances by the end of days, none falling; the rest is "later or never"."""
    chances = [values[day] for day in sorted(values)]
    return _is_curve(values) and all(a <= b for a, b in itertools.pairwise([0, *chances, 1]))


def _is_curve(value: Value | None) -> bool:
    return isinstance(value, Mapping) and all(is_day(day) for day in value)


def _interval(ends: list[Any] | None) -> tuple[float, float] | None:
    if ends is None:
        return None
    if len(ends) != 2 or not all(is_finite(x) for x in ends) or ends[0] > ends[1]:
        raise LineError("`interval` is not two numbers in order")
    return float(ends[0]), float(ends[1])


def _rounded(value: Value | None) -> float | dict[str, float] | None:
    """Round probabilities; quantiles are in the question's own unit and stay as they are."""
    if isinstance(value, Mapping):
        plain = {name: float(x) for name, x in value.items()}
        rounded = {name: _decimals(x) for name, x in plain.items()}
        return rounded if _sums_to_one(plain) or _curve(plain) else plain
    return None if value is None else _decimals(float(value))


def _decimals(chance: float) -> float:
    """Round a probability; none becomes certain that is not."""
    least = 10.0**-DECIMALS
    rounded = round(chance, DECIMALS)
    return min(max(rounded, least), 1 - least) if 0 < chance < 1 else rounded


def _rounded_ends(forecast: Forecast) -> list[float] | None:
    if forecast.interval is None:
        return None
    probability = not isinstance(forecast.value, Mapping)
    return [_decimals(float(x)) if probability else float(x) for x in forecast.interval]


def _plain(value: Any) -> Any:
    """Return mappings and sequences as the dict and list JSON knows, all else as it is."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _integer(text: str) -> int | float:
    """Beyond 2**53 a JSON number is a float, as RFC 8785 reads it."""
    number = float(text)
    return int(text) if abs(number) < 2**53 else number


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no JSON")
