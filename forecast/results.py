"""What a verb found, as a notebook shows it: rows for a DataFrame, and the command's own screen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from forecast.rows import Rows, to_frame
from forecast.text import plural

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False)
class Result:
    """What a verb found: its `report`, the same rows the command prints, and the same screen."""

    report: Any
    rows: Rows
    _screen: Callable[[Any], Any]

    def frame(self) -> pd.DataFrame:
        """Return the rows of `--json` and `--csv` as a DataFrame."""
        return to_frame(self.rows)

    def __len__(self) -> int:
        return len(self.rows.records)

    def __rich__(self) -> Any:
        return self._screen(self.report)

    def __repr__(self) -> str:
        return f"<{type(self.report).__name__}: {plural(len(self), 'row')}>"

    def _repr_html_(self) -> str:
        frame = to_frame(self.rows)
        known = frame.where(frame.notna())  # None becomes NaN, and NaN an empty cell
        return str(known.to_html(index=False, na_rep="", float_format="{:.3f}".format))
