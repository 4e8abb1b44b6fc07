"""cases: what individual past cases teach, by a hierarchical logistic regression.

Case i of group g ended with the event with probability

    p_i = logit⁻¹(α + Σ_k β_k·x_ik + σ·z_g),    and the question's own case is one more.

The columns are put on one scale first: binary ones to a mean of 0, all others to a mean of 0 and a
standard deviation of ½, so that either way x = 1 tells a high case from a low one (A. Gelman, A.
Jakulin, M. G. Pittau & Y.-S. Su, "A weakly informative default prior distribution for logistic and
other regression models", 2008). Priors on that scale: logit⁻¹(α), the chance of a typical case,
~ Beta(½, ½), so that without columns the answer is the base rate's; β_k ~ Student-t(7 degrees,
scale 2.5), whose tails are light enough for a finite mean where a column separates the outcomes (J.
Ghosh, Y. Li & R. Mitra, "On the use of Cauchy prior distributions for Bayesian logistic
regression", 2018); z_g ~ Normal(0, 1) and σ ~ HalfNormal(1) where cases have groups. A column that
never varies teaches nothing and is left at 0, as is an empty cell.

An event by a date needs `exposure`, the days each case stood open: own p makes the daily hazard
−ln(1 − p)/exposure, the likelihood holds the days survived since the clock, and what has not come
becomes less likely as in `base_rate`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from forecast.domain import IndicatorKind, PastCase, Question, QuestionType, Timing, View
from forecast.errors import BookError
from forecast.families.base import (
    Beside,
    Cases,
    Complaint,
    Indicators,
    common_complaints,
    ratios_learned,
    visible,
)
from forecast.families.clock import lived_data, survival, timed_data, timed_model, timeline
from forecast.families.data import Data, placed
from forecast.families.fields import Days, Identifier, Number
from forecast.families.fits import kind_of, misplaced
from forecast.families.options import FamilyOptions, IndicatorUse
from forecast.families.words import in_days, listed, plain
from forecast.text import did_you_mean, plural

if TYPE_CHECKING:
    import numpy as np
    import pymc as pm
    from numpy.typing import NDArray
    from pytensor.tensor import TensorVariable

    from forecast.families.clock import Curve

    type Array = NDArray[np.float64]

FEWEST = 10  # cases, below which the priors would do the forecasting


class CaseUse(IndicatorUse):
    """An indicator that is also a column of the past cases."""

    lasts: Days | None = Field(
        default=None,
        description="Events: days for which one counts; without it any from the clock's day on "
        "does.",
    )


class CasesOptions(FamilyOptions):
    """The table of past cases, and where the question's own case stands in its columns."""

    family: Literal["cases"] = Field(default="cases", description="The model family's name.")
    cases: Identifier = Field(
        description="The name of the table of past cases beside the question, <name>.csv."
    )
    indicators: tuple[CaseUse, ...] = Field(
        default=(),
        description="Columns whose value in this case is an indicator's: the latest level, a count "
        "per day, or for events 1 if one has come and 0 if not.",
    )
    values: Mapping[Identifier, Number] = Field(
        default_factory=dict, description="Columns whose value in this case is stated here."
    )
    group: str = Field(
        default="", description="The group this case belongs to; one of its own unless said."
    )
    exposure: Days | None = Field(
        default=None, description="Days each case stood open: needed for an event by a date."
    )

    def tables(self) -> tuple[str, ...]:
        """Return the name of the table."""
        return (self.cases,)


class PastCases:
    """A regression on past cases."""

    name = "cases"
    Options = CasesOptions
    answers = frozenset({QuestionType.BINARY})

    def check(
        self, options: CasesOptions, question: Question, indicators: Indicators | None = None
    ) -> Iterator[Complaint]:
        """Return what does not fit: no exposure, or a column with two values."""
        yield from common_complaints(options, question, self.answers)
        if question.timing is Timing.BY and options.exposure is None:
            message = "an event by a date needs exposure: how long each past case stood open"
            hint = "add exposure: 180 days, or ask for a state with timing: on"
            yield Complaint(("exposure",), "exposure-missing", message, hint)
        for position, use in enumerate(options.indicators):
            place = ("indicators", position)
            if use.use in options.values:
                message = f"{use.use} is both an indicator and a stated value"
                yield Complaint(("values", use.use), "value-twice", message, "keep one of them")
            if (kind := kind_of(use, indicators)) is not None:
                yield from misplaced(use, kind, place)

    def check_cases(
        self, options: CasesOptions, tables: Cases, indicators: Indicators | None = None
    ) -> Iterator[Complaint]:
        """Return the columns that no past case has a value in, and the group that none is of."""
        table = tables[options.cases]
        columns = dict.fromkeys(name for case in table for name in case.seen)
        places = [(("indicators", i, "use"), use.use) for i, use in enumerate(options.indicators)]
        for place, name in [*places, *((("values", name), name) for name in options.values)]:
            if name not in columns:
                yield Complaint(place, "column-missing", *_no_values(options.cases, name, columns))
        groups = dict.fromkeys(case.group for case in table)
        if options.group and options.group not in groups:
            message = f"no past case is of the group {options.group!r}"
            hint = did_you_mean(options.group, groups) or "leave group out for one of its own"
            yield Complaint(("group",), "case-group-unknown", message, hint)

    def build(self, options: CasesOptions, view: View) -> pm.Model:
        """Return the PyMC model; BookError if too few cases were known."""
        if view.question.timing is Timing.BY:
            return timed_model(self, options, view)
        return _state(visible(options, view), view)

    def data(self, options: CasesOptions, view: View) -> Data:
        """Return the numbers of the model."""
        if view.question.timing is Timing.BY:
            return timed_data(self, options, view)
        return _regression_data(visible(options, view), view)

    def survival_curve(self, options: CasesOptions, view: View) -> Curve:
        """Add the regression to the current model and return the curve from now on."""
        import pymc as pm
        import pytensor.tensor as pt

        options, time = visible(options, view), timeline(view)
        log_odds = _log_odds(_regression_data(options, view))
        (exposure,) = placed(_exposure_data(options))
        # −ln(1 − p) is softplus of the log odds, and e to them where they are low.
        low = log_odds < -30
        log_total = pt.switch(low, log_odds, pt.log(pt.softplus(pt.switch(low, 0.0, log_odds))))
        past, curve = survival(log_total - pt.log(exposure), time)
        pm.Potential("survived", past)
        return curve

    def survival_data(self, options: CasesOptions, view: View) -> Data:
        """Return the numbers of `survival_curve`."""
        options = visible(options, view)
        numbers = _regression_data(options, view) | _exposure_data(options)
        return numbers | lived_data(timeline(view))

    def key(self, options: CasesOptions, view: View) -> str:
        """Name the structure of the graph."""
        options = visible(options, view)
        columns, grouped = len(_own(options, view)), _grouped(view.cases[options.cases])
        kind = f"k{columns}{'g' if grouped else ''}"
        return f"cases/{view.question.timing}/{kind}/r{len(view.question.targets)}"

    def beside(self, options: CasesOptions, view: View, draws: Mapping[str, Any], p: Any) -> Beside:
        """Return the odds ratios learned: of a high case against a low one in each column."""
        names = list(_own(visible(options, view), view))
        return {"odds_ratios": ratios_learned(names, draws["weight"])} if names else {}

    def sentence(self, options: CasesOptions, view: View) -> str:
        """Say the model in one sentence."""
        options, table = visible(options, view), view.cases[options.cases]
        came = sum(case.outcome for case in table)
        within = "" if options.exposure is None else f" within {in_days(options.exposure)}"
        said = f"{plural(len(table), 'past case')} in {options.cases}.csv, {came} of them with the "
        said += f"event{within}"
        own = [
            f"{name} ({'not known' if value is None else plain(value)} here)"
            for name, value in _own(options, view).items()
        ]
        return f"{said}, weighed by {listed(own)}." if own else f"{said}."


def _own(options: CasesOptions, view: View) -> dict[str, float | None]:
    """Return the question's own value in each column, None where it is not known."""
    read = {use.use: _current(use, view) for use in options.indicators}
    return {**read, **options.values}


def _current(use: CaseUse, view: View) -> float | None:
    """Return what an indicator says now."""
    kind, seen = view.indicators[use.use].kind, view.readings(use.use)
    if kind is IndicatorKind.EVENT:
        today = view.as_of.day
        ages = [(today - each.observed_on).days for each in seen]
        since_the_clock = (today - view.question.clock).days + 1  # its own day is one of them
        lasts = since_the_clock if use.lasts is None else use.lasts
        return float(any(0 <= age < lasts for age in ages))
    if not seen:
        return None
    return seen[-1].center / (seen[-1].days if kind is IndicatorKind.COUNT else 1)


def _state(options: CasesOptions, view: View) -> pm.Model:
    import pymc as pm
    import pytensor.tensor as pt

    with pm.Model() as model:
        log_odds = _log_odds(_regression_data(options, view))
        pm.Deterministic("p", pt.zeros(len(view.question.targets)) + pt.sigmoid(log_odds))
    return model


def _exposure_data(options: CasesOptions) -> Data:
    if options.exposure is None:
        raise BookError("an event by a date needs exposure", hint="say how long cases stood open")
    return {"exposure": options.exposure}


def _grouped(table: Sequence[PastCase]) -> bool:
    return any(case.group for case in table)


def _regression_data(options: CasesOptions, view: View) -> Data:
    """Return the numbers of `_log_odds`: columns on one scale, outcomes, own values and groups."""
    import numpy as np

    table, own = view.cases[options.cases], _own(options, view)
    if len(table) < FEWEST:
        known = plural(len(table), "past case")
        raise BookError(f"{options.cases}.csv has {known} known by then, {FEWEST} are the fewest")
    columns = [_scaled([_number(case, name) for case in table], own[name]) for name in own]
    numbers: Data = {
        "came": np.array([float(case.outcome) for case in table]),
        "case_x": np.array([x for x, _ in columns]).reshape(len(own), len(table)).T,
        "own_x": np.array([x for _, x in columns]),
    }
    if _grouped(table):
        names = list(dict.fromkeys([*(case.group for case in table), options.group or None]))
        numbers["case_group"] = np.array([names.index(case.group) for case in table])
        numbers["own_group"] = np.array(names.index(options.group or None))
        numbers["groups"] = np.zeros(len(names))
    return numbers


def _number(case: PastCase, name: str) -> float | None:
    """Return a case's number in a column; days on which something happened are a 1."""
    seen = case.seen.get(name)
    return float(bool(seen)) if isinstance(seen, tuple) else seen


def _scaled(column: Sequence[float | None], own: float | None) -> tuple[Array, float]:
    """Return a column and the own value on the scale of the priors; what is not known is at 0."""
    import numpy as np

    known = np.array([x for x in column if x is not None])
    if not len(known) or np.ptp(known) == 0:
        return np.zeros(len(column)), 0.0
    low, spread = known.min(), np.ptp(known)
    unit = (known - low) / spread  # whatever its unit, nothing is too large or too small here
    binary = bool(np.isin(unit, [0.0, 1.0]).all())
    middle, scale = unit.mean(), 1.0 if binary else 2 * unit.std()

    def scaled(x: float | None) -> float:
        return 0.0 if x is None else float(((x - low) / spread - middle) / scale)

    return np.array([scaled(x) for x in column]), scaled(own)


def _log_odds(numbers: Data) -> TensorVariable:
    """Add the regression to the current model; return the log odds of the question's own case."""
    import pymc as pm
    import pytensor.tensor as pt

    came, x, own_x, *grouping = placed(numbers)
    typical = pm.Beta("typical", 0.5, 0.5)
    case, own = pt.zeros(x.shape[0]), pt.zeros(())
    if numbers["own_x"].size:
        weight = pm.StudentT("weight", nu=7, mu=0, sigma=2.5, shape=own_x.shape)
        case, own = x @ weight, own_x @ weight
    if grouping:
        of_case, of_own, groups = grouping
        between = pm.HalfNormal("between", 1)
        shift = between * pm.Normal("group", groups, 1)
        case, own = case + shift[of_case], own + shift[of_own]
    intercept = pt.log(typical) - pt.log1p(-typical)
    log_odds = intercept + case
    pm.Potential("outcomes", (came * log_odds - pt.softplus(log_odds)).sum())
    return intercept + own


def _no_values(table: str, name: str, columns: Collection[str]) -> tuple[str, str]:
    """Say that no case of a table has a value in a column, and which `columns` have some."""
    message = f"no past case in {table}.csv has a value in a column {name!r}"
    if not columns:
        return message, "write down what was seen in each case"
    return message, did_you_mean(name, columns) or f"there are values in {', '.join(columns)}"


family = PastCases()
