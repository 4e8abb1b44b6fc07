"""Backtested forecasts, kept beside the record: computed, so they may be deleted at any time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from forecast.canonical import canonical
from forecast.disk import Disk, draft, environment, listed, ours
from forecast.domain import Forecast, Target
from forecast.errors import RecordError, UsageError
from forecast.record.lines import LineError, body, parse, restore
from forecast.text import clean, is_id


class BacktestStore:
    """`.forecast/backtests/` of one book: a file of JSON lines per unit of work, their count first.

    A unit is what one forecaster says of one question at the cutoffs of a period, with hindsight or
    without; it is named by the digest of these, and a later run over the same period replaces it.
    """

    def __init__(self, root: Path, *, disk: Disk | None = None) -> None:
        self.folder = root / ".forecast" / "backtests"
        self._disk = disk or Disk()

    def get(self, key: str) -> list[Forecast] | None:
        """Return the forecasts of a unit (perhaps none), or None where it is not done.

        A file that cannot be read counts as not done. Raises BookError for a link or pipe.
        """
        return _read(ours(self._path(key)))

    def put(self, key: str, forecasts: Sequence[Forecast]) -> None:
        """Keep the forecasts of a unit, in place of earlier ones, in one step.

        Raises EnvironmentFailure where the disk refuses, RecordError for what cannot be a line,
        BookError where a link or pipe is in the way.
        """
        path = ours(self._path(key))
        try:
            members = [{"forecasts": len(forecasts)}, *map(body, forecasts)]
        except LineError as error:
            raise RecordError(f"a backtest cannot be kept: {error}") from None
        data = b"".join(canonical(line) + b"\n" for line in members)
        with environment(path, "the backtest was not kept"):
            for folder in (self.folder.parent, self.folder, path.parent):
                self._disk.make_directory(folder)
            with draft(self._disk, path, data, durable=False) as beside:
                self._disk.replace(beside, path)

    def forecasts(self) -> Iterator[Forecast]:
        """Yield all forecasts, sorted; of several of one target, forecaster and day the newest.

        Replays with hindsight are others than those without. Raises BookError for a link or pipe.
        """
        newest: dict[tuple[Target, str, date, bool], Forecast] = {}
        files = (path for folder in listed(self.folder) for path in listed(folder))
        for path in (path for path in files if path.suffix == ".jsonl"):
            for forecast in _read(path) or ():
                hindsight = bool(forecast.detail.get("hindsight"))
                key = forecast.target, forecast.forecaster, forecast.as_of, hindsight
                if key not in newest or newest[key].made_at < forecast.made_at:
                    newest[key] = forecast
        return (newest[key] for key in sorted(newest))

    def _path(self, key: str) -> Path:
        if not is_id(key):
            raise UsageError(f"{clean(key)!r} cannot name a unit of work", "use a digest")
        return self.folder / key[:2] / f"{key}.jsonl"


def _read(path: Path) -> list[Forecast] | None:
    try:
        head, *lines = path.read_bytes().splitlines()
        whole = parse(head) == {"forecasts": len(lines)}
        return [restore(parse(line)) for line in lines] if whole else None
    except (OSError, ValueError):
        return None
