from hypothesis import given
from hypothesis import strategies as st

from forecast.scoring.bulk import Headline, Said, headlines
from forecast.scoring.paths import Path, Window, common, path, time_average
from forecast.scoring.scores import brier, logarithmic

NAN = float("nan")
# Whole ones too, so that several fall on one instant, or on the end.
instant = st.integers(-4, 14).map(float) | st.floats(-4, 14, allow_subnormal=False)
instants = st.lists(instant, max_size=9, unique=True).map(sorted)
chances = st.sampled_from([0.0, 1.0, 0.25, 1 / 3, 0.7])


@st.composite
def sayings(draw: st.DrawFn) -> Said:
    """A path with withdrawals in a window that may end early, beside a reference or none."""
    answered = draw(st.none() | instant)
    starts = draw(instants)
    values = [draw(chances | st.just(NAN)) for _ in starts]
    changes = [0.0, *(t for t in draw(instants) if t > 0)]
    reference = draw(st.none() | st.just([draw(chances) for _ in changes]))
    outcome = draw(st.sampled_from([0, 1]))
    return Said(Window(0, 10, answered), outcome, starts, values, changes, reference)


def one_by_one(said: Said) -> Headline | None:
    def judged(rule, each: Path[float]) -> float | None:
        scores = rule(probability=list(each.values), outcome=[said.outcome] * len(each.values))
        return time_average(each.changed(tuple(scores.tolist())))

    own = path(start=said.starts, value=said.values, window=said.window)
    if not own.values:
        return None
    other = None
    if said.reference is not None:
        beside = path(start=said.changes, value=said.reference, window=said.window)
        other = judged(brier, common([own, beside])[1])
    return Headline(
        forecasts=len(own.values),
        ignored=len(own.ignored),
        coverage=own.coverage,
        brier=judged(brier, own),
        log=judged(logarithmic, own),
        reference=other,
    )


@given(said=st.lists(sayings(), max_size=6))
def test_many_at_once_are_one_after_the_other_to_the_last_bit(said: list[Said]) -> None:
    assert headlines(said) == [one_by_one(each) for each in said]


def test_a_certainty_that_failed_is_infinite() -> None:
    (found,) = headlines([Said(Window(0, 10), 1, [0], [0.0])])
    assert found is not None
    assert (found.log, found.brier, found.reference) == (float("inf"), 1.0, None)
