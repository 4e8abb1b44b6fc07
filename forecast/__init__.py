"""Plain-text Bayesian forecasting: questions as files, PyMC models, a record, honest scores."""

__version__ = "0.1.0"
