"""DuckDB's part: many record files read at once, and columns kept as Parquet.

What is read fast is checked less. Every line's hash is checked (`chains`), so that no changed byte
is ever scored, and so is every member that scoring uses. Not looked at are the members it does not
use (their types, their canonical form) and whether chains are unbroken: that is `forecast verify`.
A file with anything the matter is left to `columns.read`, which says what it is.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import duckdb
import numpy as np

from forecast.domain.times import FIRST_YEAR, LAST_YEAR
from forecast.record.chains import Chain
from forecast.record.columns import KINDS, Lines, columns, joined
from forecast.record.lines import SILENT, VERSION

_DAY, _TIME = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d:\d\d(\.\d{6})?Z"
_MEMBERS = """{"forecaster": "VARCHAR", "hash": "VARCHAR", "kind": "VARCHAR", "v": "BIGINT",
    "made_at": "VARCHAR", "question": "VARCHAR", "target": "VARCHAR", "value": "JSON"}"""

# The members of every line as columns. `fine` says that they are what `lines.decode` lets through:
# a known version and kind, somebody, a target of its question, an instant in UTC that is in range,
# and a value that is a probability, or an object, or nothing where the kind has none.
_READ = f"""
WITH lines AS (
    SELECT from_json(json, '{_MEMBERS}') AS said FROM read_ndjson_objects($files)
), members AS (
    SELECT
        said.*,
        said.value::VARCHAR AS text,
        try_cast(said.value AS DOUBLE) AS number,
        list_position($kinds, said.kind) - 1 AS code,
        try_cast(rtrim(said.made_at, 'Z') AS TIMESTAMP) AS instant,
        said.target = said.question AS whole,
        said.target[:length(said.question) + 1] = concat(said.question, '@') AS parted,
        said.target[length(said.question) + 2:] AS rung
    FROM lines
)
SELECT
    ('0x' || hash[:16])::UBIGINT AS hash,
    code::TINYINT AS kind,
    CASE WHEN whole THEN 0
         ELSE date_diff('day', DATE '0001-01-01', try_cast(rung AS DATE)) + 1
    END::INTEGER AS rung,
    forecaster,
    epoch_us(instant) AS made_at,
    coalesce(number, 'nan'::DOUBLE) AS value,
    CASE WHEN text[:1] = '{{' THEN text ELSE '' END AS shares,
    coalesce(
        v BETWEEN 1 AND {VERSION} AND code IS NOT NULL AND trim(forecaster) <> ''
        AND (whole OR (parted AND regexp_full_match(rung, '{_DAY}')
                       AND try_cast(rung AS DATE) IS NOT NULL))
        AND regexp_full_match(made_at, '{_DAY}T{_TIME}')
        AND year(instant) BETWEEN {FIRST_YEAR} AND {LAST_YEAR}
        AND CASE WHEN kind IN $silent THEN coalesce(text, 'null') = 'null'
                 WHEN text[:1] BETWEEN '0' AND '9' THEN number BETWEEN 0 AND 1
                 ELSE text[:1] = '{{' END,
        false) AS fine
FROM members
"""


class Database:
    """DuckDB in memory; its methods may be called from one thread at a time.

    Anything that keeps it from reading or writing is None or nothing done, never an error: there is
    always another way to what it returns.
    """

    def __init__(self) -> None:
        self._duckdb = duckdb.connect(config={"temp_directory": "", "threads": os.cpu_count() or 1})

    def read(self, files: Mapping[int, Path], chains: Mapping[int, Chain]) -> Lines | None:
        """Return the lines of numbered files, in order, whose chains are known.

        None where what DuckDB finds is not, line for line, what was hashed, or not all fine.
        """
        if not files:
            return joined([])
        asked = {
            "files": [str(path) for path in files.values()],
            "kinds": [str(kind) for kind in KINDS],
            "silent": [str(kind) for kind in SILENT],
        }
        try:
            found = self._duckdb.execute(_READ, asked).fetchnumpy()
        except duckdb.Error:
            return None
        hashed = [own[:16].decode() for n in files for own in chains[n].hashes]
        known = np.frombuffer(bytes.fromhex("".join(hashed)), ">u8")
        if not np.array_equal(known, found.pop("hash")) or not np.all(found.pop("fine")):
            return None
        counts = [len(chains[n].hashes) for n in files]
        strands = [number for n in files for number in chains[n].strands]
        return columns(file=np.repeat(list(files), counts), strand=strands, **found)

    def load(self, path: Path) -> Lines | None:
        """Return the lines kept at `path`."""
        try:
            found = self._duckdb.execute("SELECT * FROM read_parquet($1)", [str(path)]).fetchnumpy()
            value = np.ma.filled(found.pop("value"), np.nan)  # NaN was kept as nothing
            return columns(**found, value=value)
        except (duckdb.Error, TypeError, KeyError):
            return None

    def store(self, lines: Lines, path: Path) -> bool:
        """Write lines as Parquet at `path`; say whether that went well."""
        kept = {each.name: getattr(lines, each.name) for each in fields(Lines)}
        try:
            self._duckdb.register("lines", kept)
            self._duckdb.execute(
                "COPY (SELECT * FROM lines) TO $1 (FORMAT parquet, CODEC zstd)", [str(path)]
            )
        except duckdb.Error:
            return False
        return True
