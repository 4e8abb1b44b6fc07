"""Pictures with matplotlib: history, ladder, posterior, reliability.

Each draws on axes you give and returns them; probabilities are written as on the screens. A band or
bar is the 5–95% range over a model's parameters. Base rates are dotted. A model keeps its colour
from picture to picture, and so does a rung; both palettes can be told apart without seeing red and
green (Okabe and Ito 2008; viridis).
"""

from forecast.plots.calibration import reliability, save_reliability
from forecast.plots.parameters import posterior
from forecast.plots.paths import history, ladder

__all__ = ["history", "ladder", "posterior", "reliability", "save_reliability"]
