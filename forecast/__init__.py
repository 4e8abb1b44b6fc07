"""Plain-text Bayesian forecasting: questions as files, PyMC models, a record, honest scores.

Everything is loaded when it is first used, so that `import forecast` costs nothing.

>>> import forecast
>>> sorted(set(forecast.__all__) - {"__version__"})
['open', 'scores']
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forecast.version import __version__

__all__ = ["__version__", "open", "scores"]

if TYPE_CHECKING:
    from forecast.api import open_book as open
    from forecast.scoring import scores


def __getattr__(name: str) -> Any:
    if name == "open":
        from forecast.api import open_book

        return open_book
    if name == "scores":
        from forecast.scoring import scores

        return scores
    raise AttributeError(f"module 'forecast' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
