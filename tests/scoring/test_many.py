import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forecast.scoring import many, scores
from forecast.scoring.paths import Window, path, time_average

row = st.tuples(st.integers(0, 3), st.integers(-4, 14), st.floats(0, 1) | st.none())


@given(
    rows=st.lists(row, min_size=1, max_size=25),
    answered=st.lists(st.integers(-2, 12), min_size=4, max_size=4),
    opens=st.integers(-3, 3),
)
def test_paths_one_by_one_and_all_at_once_agree(rows, answered, opens):
    question, start, value = zip(*rows, strict=True)
    found = many.pieces(
        question=np.array(question),
        start=start,
        withdrawn=np.array([v is None for v in value]),
        open=[opens] * 4,
        close=[10] * 4,
        answered=answered,
    )
    averages = found.time_average([v if v is not None else np.inf for v in value])
    for q in range(4):
        own = [i for i in range(len(rows)) if question[i] == q]
        one = path(
            start=[start[i] for i in own],
            value=[value[i] for i in own],
            window=Window(opens, 10, answered[q]),
        )
        expected = time_average(one)
        assert found.coverage[q] == pytest.approx(one.coverage)
        assert averages[q] == pytest.approx(np.nan if expected is None else expected, nan_ok=True)
        assert tuple(np.flatnonzero(found.ignored[own])) == one.ignored


def test_when_the_clock_starts_makes_no_difference():
    for begin in (0, 1e9):
        found = many.pieces(
            question=np.array([0, 0]),
            start=[begin, begin + 4],
            open=[begin],
            close=[begin + 10],
            answered=[begin + 8],
        )
        assert found.duration.tolist() == [10]
        assert found.coverage.tolist() == [0.8]
        assert found.time_average([0.5, 0.25]).tolist() == [pytest.approx(0.3)]


def test_unanswered_counts_to_the_close_and_infinite_scores_stay():
    found = many.pieces(
        question=np.array([0, 0]), start=[0, 5], open=[0], close=[10], answered=[np.inf]
    )
    assert found.coverage.tolist() == [1]
    assert found.time_average([np.inf, 0.1]).tolist() == [np.inf]
    with pytest.raises(ValueError, match=r"score\[1\] = nan"):
        found.time_average([0.1, np.nan])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"question": np.array([1])}, "index is not from 0 to 0"),
        ({"start": [[0]]}, "^expected start of shape"),
        ({"start": [np.nan]}, r"^start\[0\] = nan"),
        ({"open": [np.nan]}, r"^open\[0\] = nan"),
        ({"close": [np.nan]}, r"^close\[0\] = nan"),
        ({"answered": [np.nan]}, r"^answered\[0\] = nan"),
        ({"open": [-np.inf]}, "^start, open and close must be finite$"),
        ({"question": np.array([0, 0])}, "shapes differ"),
        ({"start": [np.inf]}, "must be finite"),
        ({"close": [0]}, "before its close"),
        ({"answered": [1, 2]}, r"shape \(q,\)"),
        ({"withdrawn": np.array([True, False])}, "shapes differ"),
    ],
)
def test_refusals(change, message):
    fine = {"question": np.array([0]), "start": [0], "open": [0], "close": [10], "answered": [5]}
    with pytest.raises(ValueError, match=message):
        many.pieces(**(fine | change))


class TestMeanBrier:
    @pytest.mark.parametrize("n", [1, many.CHUNK, 3 * many.CHUNK + 5])
    def test_is_the_mean(self, n):
        rng = np.random.default_rng(n)
        p, y = rng.random(n), rng.random(n) < 0.4
        expected = scores.brier(probability=p, outcome=y).mean()
        assert many.mean_brier(probability=p, outcome=y) == pytest.approx(expected, abs=1e-14)

    @pytest.mark.parametrize(
        ("probability", "outcome", "message"),
        [
            ([0.5, 1.1], [0, 1], r"probability\[1\]"),
            ([0.5, np.nan], [0, 1], r"probability\[1\] = nan"),
            ([0.5, 0.5], [0, 0.5], r"outcome\[1\]"),
            ([0.5, 0.5], [-1, 2], r"outcome\[0\]"),
            ([0.5, 0.5, 0.5], [0.5, 0, 1.5], r"outcome\[0\]"),
            ([[0.5]], [[1]], r"got \(1, 1\) and \(1, 1\)"),
            ([0.5], [0, 1], "shapes differ"),
            ([], [], "n ≥ 1"),
        ],
    )
    def test_refusals(self, probability, outcome, message):
        with pytest.raises(ValueError, match=message):
            many.mean_brier(probability=probability, outcome=outcome)
