"""What a forecaster talks about, as frozen values; standard library only."""

from forecast.domain.cases import PastCase
from forecast.domain.code import Code
from forecast.domain.forecasts import Forecast, Gates, Kind, Value
from forecast.domain.indicators import Indicator, IndicatorKind, Observation
from forecast.domain.questions import (
    Headline,
    ModelSpec,
    PastAnswers,
    Question,
    QuestionType,
    ReferenceClass,
    Resolution,
    Settled,
    Status,
    Target,
    Timing,
)
from forecast.domain.times import AsOf, Known, end_of_day, start_of_day
from forecast.domain.views import View

__all__ = [
    "AsOf",
    "Code",
    "Forecast",
    "Gates",
    "Headline",
    "Indicator",
    "IndicatorKind",
    "Kind",
    "Known",
    "ModelSpec",
    "Observation",
    "PastAnswers",
    "PastCase",
    "Question",
    "QuestionType",
    "ReferenceClass",
    "Resolution",
    "Settled",
    "Status",
    "Target",
    "Timing",
    "Value",
    "View",
    "end_of_day",
    "start_of_day",
]
