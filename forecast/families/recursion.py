"""Linear recursions without a loop in the graph: a few doublings instead of one step a day.

A recursion over T steps composes the affine maps x → a·x + b of its steps. Composing neighbours,
then pairs, then fours (Hillis & Steele, "Data parallel algorithms", 1986) takes log₂ T operations
on whole arrays, which PyTensor evaluates without compiling anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytensor.tensor import TensorVariable


def doublings(length: int) -> int:
    """Return how many doublings reach `length` steps.

    >>> [doublings(n) for n in (1, 2, 31, 500)]
    [0, 1, 5, 9]
    """
    return max(0, length - 1).bit_length()


def discounted(x: TensorVariable, decay: TensorVariable, times: int) -> TensorVariable:
    """Return Σ_{j ≥ 0} decay^j·x_{t−j} along the last axis of x, of at most 2**times steps."""
    import pytensor.tensor as pt

    for exponent in range(times):
        step = 2**exponent
        x = pt.inc_subtensor(x[..., step:], decay**step * x[..., :-step])
    return x


def composed(
    factor: TensorVariable, term: TensorVariable, times: int
) -> tuple[TensorVariable, TensorVariable]:
    """Return the maps x → factor·x + term of each step composed with all before it.

    Along the last axis, of at most 2**times steps; both arrays have the same shape.
    """
    import pytensor.tensor as pt

    for exponent in range(times):
        step = 2**exponent
        ahead = factor[..., step:]
        term = pt.inc_subtensor(term[..., step:], ahead * term[..., :-step])
        factor = pt.set_subtensor(ahead, ahead * factor[..., :-step])
    return factor, term
