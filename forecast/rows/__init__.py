"""Every result as rows, once: the screen, --json, --csv and DataFrames all come from here.

Keys are stable: they are part of the interface and tested. Probabilities and scores are plain
numbers, dates ISO text, absent values None.
"""

from forecast.rows.asking import explain_rows, watch_rows, whatif_rows
from forecast.rows.calibration import calibration_rows
from forecast.rows.comparing import compare_rows, group_rows, house_rows
from forecast.rows.results import (
    backtest_rows,
    forecast_rows,
    list_rows,
    observe_rows,
    problem_rows,
    record_rows,
    resolve_rows,
    score_rows,
    show_rows,
    update_rows,
)
from forecast.rows.sealing import proof_rows, seal_rows
from forecast.rows.tables import Cell, Rows, table, to_csv, to_frame, to_json
from forecast.rows.trust import trust_rows

__all__ = [
    "Cell",
    "Rows",
    "backtest_rows",
    "calibration_rows",
    "compare_rows",
    "explain_rows",
    "forecast_rows",
    "group_rows",
    "house_rows",
    "list_rows",
    "observe_rows",
    "problem_rows",
    "proof_rows",
    "record_rows",
    "resolve_rows",
    "score_rows",
    "seal_rows",
    "show_rows",
    "table",
    "to_csv",
    "to_frame",
    "to_json",
    "trust_rows",
    "update_rows",
    "watch_rows",
    "whatif_rows",
]
