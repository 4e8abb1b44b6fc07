"""The interpreter says what PyTensor's own machine says, operator by operator."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from forecast.inference.interpreter import Interpreter

X = np.array([[-1.5, 0.0, 2.0], [0.3, -0.2, 4.0]])
V = np.array([0.5, 2.0, 1.0])


def machine(inputs, outputs):
    return pytensor.function(inputs, outputs, mode="FAST_COMPILE", on_unused_input="ignore")


x, v, n = pt.dmatrix("x"), pt.dvector("v"), pt.lvector("n")
OUTPUTS = {
    "sums of many": x + v + 1 + x * v * 2 * x,
    "whole numbers": n / 3 + n**2,
    "dtypes": pt.cast(x * 10, "int32"),
    "branches": pt.switch(x > 0, pt.log(x), -pt.inf),
    "logic": pt.and_(x > 0, x < 3),
    "special": pt.sigmoid(x) + pt.erfc(x) + pt.gammaln(x * x + 1) + pt.log1p(x * x),
    "axes": x.T[:, None, :, None] + v[:, None, None, None],
    "squeezed": x[:, :1].dimshuffle(0),
    "reductions": pt.stack([x.sum(), x.max(), x.mean(axis=0)[1]]),
    "cumulated": pt.cumsum(x, axis=1),
    "products": x @ v + v @ x.T,
    "indices": x[:, n] * x[0, n],
    "written": pt.set_subtensor(x[:, 1], 7.0),
    "joined": pt.concatenate([x, x * 2], axis=1),
    "shapes": pt.arange(x.shape[1]) + x.shape[0],
    "solved": pt.linalg.cholesky(x @ x.T),
    "constant": pt.constant(3.0),
    "input": x,
    "scalars": pt.exp(x[0, 0]).dimshuffle("x", "x"),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_every_operator_as_pytensor_says(name):
    ours = Interpreter([x, v, n], [OUTPUTS[name]])
    theirs = machine([x, v, n], [OUTPUTS[name]])
    arrays = X, V, np.array([2, 0])
    with np.errstate(all="ignore"):
        for _ in range(2):
            (found,), (expected,) = ours(*arrays), theirs(*arrays)
            np.testing.assert_array_equal(found, expected)
            assert np.asarray(found).dtype == expected.dtype


def test_loops_and_gradients():
    steps = pytensor.scan(
        lambda a, b: a + 0.5 * b,
        sequences=v,
        outputs_info=pt.zeros(()),
        return_updates=False,
    )
    slope = pytensor.grad(pt.exp(x @ v).sum(), [x, v])
    ours, theirs = Interpreter([x, v], [steps, *slope]), machine([x, v], [steps, *slope])
    for found, expected in zip(ours(X, V), theirs(X, V), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_equal_nodes_are_computed_once():
    twice = Interpreter([v], [pt.exp(v) + 1.0, pt.exp(v) + 1.0, pt.exp(v)])
    assert len(twice.sizes(V)) == len(Interpreter([v], [pt.exp(v) + 1.0]).sizes(V))
    first, second, third = twice(V)
    assert (first == second).all()
    assert (first == third + 1).all()


def test_sizes_are_those_of_all_arrays():
    assert sorted(Interpreter([x, v], [(x @ v).sum()]).sizes(X, V))[-1] == 3


def test_an_axis_that_is_not_one_is_not_dropped():
    column = pt.tensor("column", dtype="float64", shape=(None, 1))
    ours = Interpreter([column], [column.dimshuffle(0)])
    with pytest.raises(ValueError, match="not equal to one"):
        ours(X)
