"""trend: where a series goes if it goes on as it has.

The form is stated by the family, its numbers come from the series itself: the last `window`
readings. Levels follow a GARCH(1,1) with Student-t shocks and no drift (`forecast.families.garch`),
counts a log-linear negative binomial (`forecast.families.counts`). The series is observed at its
fixings, and only fixings decide:

    by a date:  P = E[share of simulated futures with any fixing from tomorrow to it beyond c]
    on a date:  P = E[share of them beyond c on the last fixing at or before it]

with E over the posterior; a number is answered by the values of the futures on that last fixing,
and options in order by the shares of them between thresholds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from forecast.domain import Indicator, IndicatorKind, Question, QuestionType, Timing, View
from forecast.families import garch, scalars
from forecast.families.bands import add_shares, band_complaints, bands_data
from forecast.families.base import Complaint, Indicators, common_complaints
from forecast.families.data import Data, placed
from forecast.families.fields import Identifier, Number
from forecast.families.fixings import Calendar, Pace
from forecast.families.options import FamilyOptions
from forecast.families.scalars import refuse
from forecast.families.series import FEWEST, Series, period, window

if TYPE_CHECKING:
    import numpy as np
    import pymc as pm
    from numpy.typing import NDArray
    from pytensor.tensor import TensorVariable


def _window(value: object) -> int:
    number = scalars.number(value)
    if number != round(number) or not FEWEST <= number <= 5000:
        refuse("window-range", "a window is a whole number of readings, 10 to 5000", "write 500")
    return round(number)


class TrendOptions(FamilyOptions):
    """A series, and for a binary question the threshold."""

    family: Literal["trend"] = Field(default="trend", description="The model family's name.")
    series: Identifier = Field(description="The indicator that is forecast: a level or a count.")
    above: Number | None = Field(
        default=None,
        description="Binary: yes if a fixing is above this, in the indicator's unit (counts: per "
        "period, as most of its readings are).",
    )
    below: Number | None = Field(default=None, description="The same for a fixing below this.")
    thresholds: tuple[Number, ...] = Field(
        default=(),
        description="Ordered: where each option ends and the next begins, rising; a fixing at one "
        "counts below it.",
    )
    window: Annotated[
        int, PlainValidator(_window), WithJsonSchema({"type": "integer", "minimum": FEWEST})
    ] = Field(default=500, description="How many of the last readings it learns from.")
    calendar: Calendar | None = Field(
        default=None,
        description="On which days the series is fixed in future: weekdays (levels unless said) or "
        "daily. Counts unless said: as far apart as most of their periods are long; for those of "
        "several days leave it out.",
    )

    def uses(self) -> tuple[str, ...]:
        """Return the id of the series."""
        return (self.series,)


class Trend:
    """A series that goes on as it has."""

    name = "trend"
    Options = TrendOptions
    answers = frozenset({QuestionType.BINARY, QuestionType.NUMERIC, QuestionType.ORDERED})

    def check(
        self, options: TrendOptions, question: Question, indicators: Indicators | None = None
    ) -> Iterator[Complaint]:
        """Return what does not fit: a threshold too many or too few, a series it cannot read."""
        yield from common_complaints(options, question, self.answers)
        yield from _threshold_complaints(options, question)
        yield from band_complaints(options.thresholds, question)
        yield from _series_complaints(options, indicators)
        if options.indicators:
            message = "trend reads its series and no other indicators"
            yield Complaint(("indicators",), "indicators-unused", message, "use hazard or intent")

    def build(self, options: TrendOptions, view: View) -> pm.Model:
        """Return the PyMC model; BookError if the series has too few or impossible readings."""
        import pymc as pm

        series = Series(options, view)
        with pm.Model() as model:
            (which,) = placed(_which_data())
            paths = series.futures(which)
            if view.question.type is QuestionType.NUMERIC:
                pm.Deterministic("value", _values(paths, series))
            elif view.question.type is QuestionType.ORDERED:
                add_shares(_values(paths, series), options.thresholds)
            else:
                _add_chances(paths, series, options, view)
        return model

    def data(self, options: TrendOptions, view: View) -> Data:
        """Return the numbers of the model; BookError as for `build`."""
        series = Series(options, view)
        if view.question.type is QuestionType.NUMERIC:
            asked = _value_data(series)
        elif view.question.type is QuestionType.ORDERED:
            asked = _value_data(series) | bands_data(options.thresholds)
        else:
            asked = _chances_data(series, options, view)
        return _which_data() | series.data() | asked

    def key(self, options: TrendOptions, view: View) -> str:
        """Name the structure of the graph."""
        question = view.question
        kinds = {QuestionType.NUMERIC: "value", QuestionType.ORDERED: f"o{len(question.options)}"}
        asked = kinds.get(question.type, str(question.timing))
        series = Series(options, view)
        if series.counted:
            return f"trend/count/{asked}"
        return f"trend/level/{asked}/{garch.stretches(len(series.ahead.lengths))}"

    def sentence(self, options: TrendOptions, view: View) -> str:
        """Say the model in one sentence."""
        series = Series(options, view)
        what = "Counts of" if series.counted else "Log returns of"
        moved = (
            "with a rate that follows the counts before it (negative binomial)"
            if series.counted
            else "without drift, in calm and stormy spells (GARCH with Student-t shocks)"
        )
        said = (
            f"{what} {options.series} go on as in the last {len(series.values)} readings, {moved}"
        )
        return f"{said}; judged at {_fixings_words(series.pace)}."


def _which_data() -> Data:
    """Return the number of the set of futures to use, which the engine replaces point by point."""
    return {"_replicate": _integer(0)}


def _chances_data(series: Series, options: TrendOptions, view: View) -> Data:
    """Return the numbers of `_add_chances`: where the threshold is, and which fixings decide."""
    import numpy as np

    side, limit = _crossing(options)
    by = view.question.timing is Timing.BY
    return {
        "side": side,
        "threshold": limit,
        "rungs": _integer(series.ahead.rungs),
        "standing": 0.0 if by else float(side * (series.last - limit) > 0),
        "came": np.array(_came(series, options, view), dtype=float),
        **({"judged": np.array(series.ahead.judged)} if by else {}),
    }


def _add_chances(paths: TensorVariable, series: Series, options: TrendOptions, view: View) -> None:
    """Add `p`: by rung, the share of futures beyond the threshold by it, or on it.

    Where a fixing since the clock lies beyond it already, the event has come.
    """
    import pymc as pm
    import pytensor.tensor as pt

    side, limit, rungs, standing, came, *judged = placed(_chances_data(series, options, view))
    beyond = side * (paths - limit) > 0
    for decides in judged:
        beyond = pt.cumsum(beyond * decides, axis=-1) > 0
    share = beyond[:, pt.maximum(rungs - 1, 0)].mean(axis=0)
    chance = pt.switch(rungs > 0, share, standing)
    pm.Deterministic("p", pt.switch(came > 0, 1.0, chance))


def _crossing(options: TrendOptions) -> tuple[float, float]:
    """Return on which side of which threshold the event lies."""
    if options.above is not None:
        return 1.0, options.above
    assert options.below is not None
    return -1.0, options.below


def _came(series: Series, options: TrendOptions, view: View) -> list[bool]:
    """Say of each rung that is open whether a fixing since the clock has crossed by it."""
    question = view.question
    side, limit = _crossing(options)
    days = [
        seen.observed_on
        for seen in view.readings(options.series)
        if seen.observed_on > question.clock
        and series.fixes(seen)
        and side * (seen.center - limit) > 0
    ]
    by = question.timing is Timing.BY
    return [
        by and deadline > view.start and any(day <= deadline for day in days)
        for deadline in question.deadlines
    ]


def _value_data(series: Series) -> Data:
    """Return the numbers of `_values`."""
    return {"rung": _integer(series.ahead.rungs[-1]), "standing": series.last}


def _values(paths: TensorVariable, series: Series) -> TensorVariable:
    """Return what each future says on the last fixing at or before the deadline."""
    import pytensor.tensor as pt

    rung, standing = placed(_value_data(series))
    ahead = paths[:, pt.maximum(rung - 1, 0)]
    return pt.switch(rung > 0, ahead, standing)


def _integer(numbers: object) -> NDArray[np.int64]:
    import numpy as np

    return np.asarray(numbers, dtype=np.int64)  # of Python's own integers PyMC makes floats


def _threshold_complaints(options: TrendOptions, question: Question) -> Iterator[Complaint]:
    stated = [name for name in ("above", "below") if getattr(options, name) is not None]
    if question.type is not QuestionType.BINARY and stated:
        asked = "a number" if question.type is QuestionType.NUMERIC else "an option"
        message = f"{asked} is asked for, and {stated[0]} states a threshold"
        yield Complaint((stated[0],), "threshold-unused", message, f"leave {stated[0]} out")
    elif question.type is QuestionType.BINARY and not stated:
        message = "trend needs a threshold: yes is a fixing beyond it"
        yield Complaint((), "threshold-missing", message, "add above or below")
    elif len(stated) == 2:
        message = "above and below exclude each other"
        yield Complaint(("below",), "threshold-twice", message, "use one of them")


def _series_complaints(options: TrendOptions, indicators: Indicators | None) -> Iterator[Complaint]:
    indicator = (indicators or {}).get(options.series)
    if indicator is None:
        return
    if indicator.kind is IndicatorKind.EVENT:
        message = f"{options.series} is of kind event, and events have no trend"
        yield Complaint(("series",), "series-kind", message, "use a level or a count")
    elif indicator.kind is IndicatorKind.COUNT:
        yield from _count_complaints(options, indicator)
    else:
        yield from _level_complaints(options, indicator)


def _level_complaints(options: TrendOptions, indicator: Indicator) -> Iterator[Complaint]:
    limit = options.above if options.above is not None else options.below
    if indicator.every is not None and indicator.every > 1:
        message = f"{options.series} is read every {indicator.every} days, trend steps daily"
        yield Complaint(("series",), "series-cadence", message, "use a series read every day")
    if limit is not None and limit <= 0:
        place = ("above" if options.above is not None else "below",)
        message = "a level of 0 or less is never reached"
        yield Complaint(place, "threshold-range", message, "write a level above 0")


def _count_complaints(options: TrendOptions, indicator: Indicator) -> Iterator[Complaint]:
    seen = window(options, indicator)
    if options.calendar is not None and seen and (days := period(seen)) > 1:
        message = f"{options.series} counts {days} days at a time, its calendar goes day by day"
        yield Complaint(("calendar",), "series-cadence", message, "leave calendar out")


def _fixings_words(pace: Pace) -> str:
    if pace == "weekdays":
        return "weekday fixings"
    return "daily fixings" if pace == 1 else f"fixings of {pace} days"


family = Trend()
