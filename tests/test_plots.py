"""Pictures of reports written by hand: nothing is fitted here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib import rc_context
from matplotlib.figure import Figure

from forecast import plots
from forecast.domain import (
    AsOf,
    Forecast,
    Kind,
    ModelSpec,
    Question,
    QuestionType,
    ReferenceClass,
    Resolution,
    Status,
    Target,
)
from forecast.errors import UsageError
from forecast.plots.style import HUES
from forecast.verbs.calibration import CalibrationReport
from forecast.verbs.curves import Curve, Snapshot
from forecast.verbs.curves import curve as judged
from forecast.verbs.show import Rung, ShowReport
from forecast.verbs.standing import Track

CLASS = ReferenceClass("crises", events=6, cases=75, exposure=180)
RUNGS = (date(2022, 2, 1), date(2022, 3, 1), date(2022, 7, 1))
QUESTION = Question(
    id="war",
    title="Will it cost $100 or $200?",
    type=QuestionType.BINARY,
    opens=date(2022, 1, 17),
    deadlines=RUNGS,
    clock=date(2021, 11, 1),
    models=(ModelSpec("intent", "intent", None), ModelSpec("hazard", "hazard", None)),
    reference_class=CLASS,
)
DAYS = (date(2022, 1, 17), date(2022, 1, 24), date(2022, 1, 31))
AS_OF = AsOf.at(date(2022, 2, 3), "UTC")


def track(target: Target, who: str, values: list[Any], *, width: float = 0.05) -> Track:
    """Replays at the end of each day of DAYS."""
    starts = tuple(AsOf.at(day, "UTC").instant for day in DAYS)
    forecasts = tuple(
        Forecast(
            target=target,
            forecaster=who,
            kind=Kind.BACKTEST,
            made_at=start,
            as_of=day,
            value=value,
            interval=(value - width, value + width) if isinstance(value, float) else None,
        )
        for start, day, value in zip(starts, DAYS, values, strict=True)
    )
    return Track(target, who, True, starts, forecasts)


def report(question: Question, tracks: list[Track], rate: float | None = 0.05) -> ShowReport:
    """A question shown as of 3 February 2022, its first rung over."""
    rungs = tuple(
        Rung(
            target=t,
            deadline=question.deadline(t),
            standing={k.forecaster: k.forecasts[-1] for k in tracks if k.target == t},
            base_rate=rate,
            settled=None,
        )
        for t in question.targets
    )
    return ShowReport(
        question=question,
        as_of=AS_OF,
        status=Status.OPEN,
        rungs=rungs,
        tracks=tuple(tracks),
        evidence=(),
        models=(),
        reference=question.reference_class,
        backtest=True,
        refused={},
    )


@pytest.fixture
def shown() -> ShowReport:
    """Two models on three rungs."""
    return report(
        QUESTION,
        [
            track(target, who, [base + 0.1 * i, base + 0.15 + 0.1 * i, base + 0.12 + 0.1 * i])
            for who, base in (("model/intent", 0.06), ("model/hazard", 0.3))
            for i, target in enumerate(QUESTION.targets)
        ],
    )


@pytest.fixture
def draws() -> Any:
    """A thousand draws of three rungs, of which the first has passed."""
    p = np.random.default_rng(0).beta(2, [[20], [10], [5]], size=(3, 1000)).T
    p[:, 0] = 0
    return p


@pytest.fixture
def calibration() -> CalibrationReport:
    """Sixty live and twelve replayed questions."""
    return CalibrationReport((curve("live", 60), curve("backtest", 12)), 0, 0, 0, 0)


def curve(kind: str, number: int) -> Curve:
    rng = np.random.default_rng(number)
    said = np.round(rng.uniform(0.02, 0.98, number), 2)
    came = (rng.uniform(size=number) < said).astype(int)
    snapshots = tuple(
        Snapshot(kind, "headline", f"q{i}", f"q{i}", f"q{i}", datetime(2022, 1, 1, tzinfo=UTC),
                 float(p), int(o))
        for i, (p, o) in enumerate(zip(said, came, strict=True))
    )  # fmt: skip
    return judged(snapshots)


@pytest.fixture
def axes() -> Any:
    return Figure(figsize=(7, 4), layout="constrained").add_subplot()


type Draw = Callable[[Any], Any]


@pytest.fixture
def pictures(shown: ShowReport, draws: Any, calibration: CalibrationReport) -> dict[str, Draw]:
    return {
        "rungs": lambda axes: plots.history(shown, axes, forecaster="hazard"),
        "models": lambda axes: plots.history(shown, axes, rung=RUNGS[1]),
        "ladder": lambda axes: plots.ladder(shown, axes),
        "posterior": lambda axes: plots.posterior(draws, QUESTION, axes),
        "reliability": lambda axes: plots.reliability(calibration.curves[0], axes),
    }


LABELS = {
    "rungs": ("by 1 Feb 22  .42", "by 1 Jul 22  .62", "hazard, backtest", "probability"),
    "models": ("intent  .28", "hazard  .52", "base rate  .0", "by 1 Mar 22, backtest"),
    "ladder": ("intent  .38", "hazard  .62", "base rate  .05", "as of 3 Feb 22"),
    "posterior": ("by 1 Mar 22", "by 1 Jul 22", "mean and 5–95%"),
    "reliability": ("said", "how often it came", "headline: 60 questions", "calibrated, 90%"),
}


@pytest.mark.parametrize("name", LABELS)
def test_every_picture_is_drawn_and_says_what_it_shows(name, pictures, axes, tmp_path):
    assert pictures[name](axes) is axes
    png, svg = tmp_path / "picture.png", tmp_path / "picture.svg"
    with rc_context({"svg.fonttype": "none"}):
        axes.figure.savefig(png)
        axes.figure.savefig(svg)
    assert png.read_bytes().startswith(b"\x89PNG")
    written = svg.read_text(encoding="utf-8")
    asked = () if name == "reliability" else ("Will it cost $100 or $200?",)
    assert [label for label in (*LABELS[name], *asked) if label not in written] == []


def texts(axes: Any) -> list[str]:
    """Every text on the axes as it would be drawn."""
    from matplotlib.text import Text

    axes.figure.canvas.draw()
    return [t.get_text() for t in axes.findobj(Text) if t.get_text()]


class TestHistory:
    def test_the_headlines_one_source_is_shown_unless_another_is_named(self, shown, axes):
        assert "intent, backtest" in plots.history(shown, axes).get_title(loc="left")

    def test_lines_stand_from_each_forecast_until_the_next_and_end_with_the_rung(self, shown, axes):
        plots.history(shown, axes, forecaster="intent")
        line = axes.get_lines()[0]
        days = [AsOf.at(day, "UTC").instant for day in (*DAYS, RUNGS[0])]
        assert list(line.get_xdata()) == [d for pair in pairwise(days)
                                          for d in pair]  # fmt: skip
        assert list(line.get_ydata()) == pytest.approx([0.06, 0.06, 0.21, 0.21, 0.18, 0.18])

    def test_a_line_breaks_where_a_forecast_was_withdrawn(self, axes):
        one = replace(QUESTION, deadlines=RUNGS[1:2])
        plots.history(report(one, [track(one.targets[0], "ann", [0.2, None, 0.4])]), axes)
        values = np.asarray(axes.get_lines()[0].get_ydata())
        assert np.isnan(values).tolist() == [False, False, True, True, False, False]

    def test_a_line_ends_when_the_answer_was_known(self, shown, axes):
        known = Resolution("", date(2022, 2, 2), "Reuters", happened_on=date(2022, 2, 2))
        answered = replace(shown, question=replace(QUESTION, resolutions=(known,)))
        plots.history(answered, axes, rung=RUNGS[2])
        assert axes.get_lines()[0].get_xdata()[-1] == AsOf.at(date(2022, 2, 2), "UTC").instant

    def test_the_options_of_a_choice_each_have_a_line(self, axes):
        choice = replace(
            QUESTION, type=QuestionType.MULTIPLE_CHOICE, deadlines=RUNGS[2:], options=("war", "no")
        )
        values = [{"war": p, "no": 1 - p} for p in (0.1, 0.2, 0.3)]
        plots.history(report(choice, [track(choice.targets[0], "model/intent", values)]), axes)
        assert {"war  .30", "no  .70"} <= set(texts(axes))

    def test_a_number_has_its_median_its_range_and_its_unit(self, axes):
        number = replace(QUESTION, type=QuestionType.NUMERIC, deadlines=RUNGS[2:], unit="RUB",
                         reference_class=None)  # fmt: skip
        values = [{"0.05": 70.0, "0.5": m, "0.95": 90.0} for m in (76.0, 77.0, 78.5)]
        plots.history(report(number, [track(number.targets[0], "model/intent", values)]), axes)
        assert axes.get_ylabel() == "RUB"
        assert "intent  78.5" in texts(axes)
        assert axes.get_ylim()[1] > 90

    def test_nothing_forecast_is_said(self, axes):
        with pytest.raises(UsageError, match="nothing was forecast of war yet"):
            plots.history(report(QUESTION, []), axes)

    def test_names_keep_beside_their_lines_on_shared_axes(self, shown):
        left, right = Figure(figsize=(12, 4)).subplots(1, 2, sharey=True)
        low = [track(t, "model/intent", [0.01, 0.02, 0.03], width=0.01) for t in QUESTION.targets]
        plots.history(report(QUESTION, low), left)
        plots.history(shown, right, forecaster="hazard")
        bottom, top = left.get_ylim()
        name = next(t for t in left.texts if t.get_text().startswith("by 1 Feb"))
        assert bottom + name.get_position()[1] * (top - bottom) == pytest.approx(0.03)


class TestLadder:
    def test_it_rises_from_nothing_over_the_rungs_ahead(self, shown, axes):
        plots.ladder(shown, axes)
        line = axes.get_lines()[0]
        assert list(line.get_xdata()) == [AS_OF.day, *RUNGS[1:]]
        assert list(line.get_ydata()) == pytest.approx([0, 0.28, 0.38])

    def test_a_model_keeps_its_colour_from_picture_to_picture(self, shown):
        left, right = Figure().subplots(1, 2)
        plots.ladder(shown, left)
        plots.history(shown, right, rung=RUNGS[1])
        for axes in (left, right):
            named = {t.get_text().split()[0]: t.get_color() for t in axes.texts}
            assert (named["intent"], named["hazard"]) == HUES[:2]

    def test_nothing_ahead_is_said(self, shown, axes):
        over = replace(shown, as_of=AsOf.at(date(2022, 8, 1), "UTC"))
        with pytest.raises(UsageError, match="war has no ladder to draw"):
            plots.ladder(over, axes)


class TestPosterior:
    def test_rungs_that_have_passed_are_left_out(self, draws, axes):
        plots.posterior(draws, QUESTION, axes)
        assert [t.get_text() for t in axes.get_yticklabels()] == ["by 1 Jul 22", "by 1 Mar 22"]

    def test_mean_and_range_are_those_of_the_draws(self, draws, axes):
        plots.posterior(draws, QUESTION, axes)
        bar, dot = axes.get_lines()[:2]
        assert list(bar.get_xdata()) == pytest.approx(np.quantile(draws[:, 2], [0.05, 0.95]))
        assert list(dot.get_xdata()) == pytest.approx([draws[:, 2].mean()])

    @pytest.mark.parametrize("shape", [(10,), (10, 2), (0, 3)])
    def test_draws_of_another_shape_are_refused(self, shape, axes):
        with pytest.raises(ValueError, match=r"not \(draw, 3\)"):
            plots.posterior(np.zeros(shape), QUESTION, axes)


class TestSaving:
    def test_both_kinds_are_drawn(self, calibration, tmp_path):
        for name in ("a.png", "b.SVG"):
            plots.save_reliability(calibration, tmp_path / name)
        assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
        svg = (tmp_path / "b.SVG").read_text(encoding="utf-8")
        for label in ("headline: 60 questions", "headline, backtest: 12 questions", "said"):
            assert f">{label}" in svg

    def test_the_same_picture_is_the_same_file(self, calibration, tmp_path):
        for name in ("a.svg", "b.svg"):
            plots.save_reliability(calibration, tmp_path / name)
        assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()

    @pytest.mark.parametrize("name", ["picture.pdf", "picture", "picture.png.txt"])
    def test_other_endings_are_refused(self, name, calibration, tmp_path):
        with pytest.raises(UsageError, match="cannot draw to"):
            plots.save_reliability(calibration, tmp_path / name)
        assert not list(tmp_path.iterdir())

    def test_nothing_to_draw_is_said(self, tmp_path):
        with pytest.raises(UsageError, match="nothing to draw yet"):
            plots.save_reliability(CalibrationReport((), 0, 0, 0, 0), tmp_path / "a.png")
