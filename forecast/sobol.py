"""Scrambled Sobol points: draws that fill the cube evenly, with a seed for their error.

Joe & Kuo (2008), Constructing Sobol sequences with better two-dimensional projections, SIAM J.
Sci. Comput. 30; scrambled by random lower triangular matrices and a digital shift as in Matoušek
(1998), J. Complexity 14. SciPy has the same, but importing `scipy.stats` for it takes half as long
as a first forecast; the tests hold the points to SciPy's.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

_BITS = 32

# Primitive polynomial (coefficients as bits) and initial direction numbers of dimensions 2, 3, …
_TABLE = (
    (3, 1),
    (7, 1, 3),
    (11, 1, 3, 1),
    (13, 1, 1, 1),
    (19, 1, 1, 3, 3),
    (25, 1, 3, 5, 13),
    (37, 1, 1, 5, 5, 17),
    (41, 1, 1, 5, 5, 5),
    (47, 1, 1, 7, 11, 19),
    (55, 1, 1, 5, 1, 1),
    (59, 1, 1, 1, 3, 11),
    (61, 1, 3, 5, 5, 31),
    (67, 1, 3, 3, 9, 7, 49),
    (91, 1, 1, 1, 15, 21, 21),
    (97, 1, 3, 1, 13, 27, 49),
    (103, 1, 1, 1, 15, 7, 5),
    (109, 1, 3, 1, 15, 13, 25),
    (115, 1, 1, 5, 5, 19, 61),
    (131, 1, 3, 7, 11, 23, 15, 103),
    (137, 1, 3, 7, 13, 13, 15, 69),
    (143, 1, 1, 3, 13, 7, 35, 63),
    (145, 1, 3, 5, 9, 1, 25, 53),
    (157, 1, 3, 1, 13, 9, 35, 107),
    (167, 1, 3, 1, 5, 27, 61, 31),
    (171, 1, 1, 5, 11, 19, 41, 61),
    (185, 1, 3, 5, 3, 3, 13, 69),
    (191, 1, 1, 7, 13, 1, 19, 1),
    (193, 1, 3, 7, 5, 13, 19, 59),
    (203, 1, 1, 3, 9, 25, 29, 41),
    (211, 1, 3, 5, 13, 23, 1, 55),
    (213, 1, 3, 7, 3, 13, 59, 17),
    (229, 1, 3, 1, 3, 5, 53, 69),
    (239, 1, 1, 5, 5, 23, 33, 13),
    (241, 1, 1, 7, 7, 1, 61, 123),
    (247, 1, 1, 7, 9, 13, 61, 49),
    (253, 1, 3, 3, 5, 3, 55, 33),
    (285, 1, 3, 1, 15, 31, 13, 49, 245),
    (299, 1, 3, 5, 15, 31, 59, 63, 97),
    (301, 1, 3, 1, 11, 11, 11, 77, 249),
)

MAX_DIM = len(_TABLE) + 1
"""The most dimensions a sequence can have here."""


class Sobol:
    """Sequences of points in the open unit cube of `dim` dimensions.

    With a generator they are scrambled: `scrambles` sequences (one, without an axis of its own, if
    it is None) that are independent, every point of each uniform, so that the spread of their
    estimates is an honest Monte Carlo error. Without a generator the points are not scrambled. Any
    2**m points from a multiple of 2**m on are evenly spread.

    >>> Sobol(2).points(0, 4)
    array([[0.  , 0.  ],
           [0.5 , 0.5 ],
           [0.25, 0.75],
           [0.75, 0.25]])

    Raises ValueError for more than `MAX_DIM` dimensions.
    """

    def __init__(
        self, dim: int, rng: np.random.Generator | None = None, scrambles: int | None = None
    ) -> None:
        if dim > MAX_DIM:
            raise ValueError(f"{dim} dimensions; the table ends at {MAX_DIM}")
        self._directions = _directions(dim)
        self._rows: NDArray[np.uint32] | None = None
        self._shift = np.zeros(dim, dtype=np.uint32)
        self._centre = 0.0
        if rng is not None:
            shape = (dim,) if scrambles is None else (scrambles, dim)
            self._rows = _lower_triangular(rng, shape)
            self._shift = rng.integers(1 << _BITS, size=shape, dtype=np.uint32)
            self._centre = 0.5

    def points(self, start: int, stop: int) -> NDArray[np.float64]:
        """Return points `start` … `stop` − 1 of each sequence, shape ([scramble,] n, dim)."""
        bits = max(1, stop - 1).bit_length()
        directions = self._directions[:, :bits]
        if self._rows is not None:
            directions = _scrambled(directions, self._rows)
        index = np.arange(start, stop, dtype=np.uint32)[:, None]
        digits = np.repeat(self._shift[..., None, :], len(index), axis=-2)
        for bit in range(bits):
            on = (index >> np.uint32(bit)) & np.uint32(1)
            digits ^= on * directions[..., None, :, bit]
        return np.asarray((digits + self._centre) / 2.0**_BITS)


@cache
def _directions(dim: int) -> NDArray[np.uint32]:
    """Return the direction numbers (dim, bits) as integers of `_BITS` binary digits."""
    first = [1] * _BITS
    numbers = [first, *(_recurrence(*row) for row in _TABLE[: dim - 1])]
    shifts = np.arange(_BITS - 1, -1, -1)
    return (np.array(numbers[:dim], dtype=np.int64) << shifts).astype(np.uint32)


def _recurrence(polynomial: int, *initial: int) -> list[int]:
    """Return the odd numbers m_1, m_2, … that a primitive polynomial continues."""
    degree = len(initial)
    m = list(initial)
    while len(m) < _BITS:
        new = m[-degree] ^ (m[-degree] << degree)
        for k in range(1, degree):
            if polynomial >> (degree - k) & 1:
                new ^= m[-k] << k
        m.append(new)
    return m


def _lower_triangular(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.uint32]:
    """Return random lower triangular binary matrices, each row packed into an integer.

    Shape (*shape, bits); the first column is the highest bit, and the diagonal is one.
    """
    place = np.arange(_BITS, dtype=np.uint64)
    diagonal = np.uint64(1) << (_BITS - 1 - place)
    left = (np.uint64(1) << np.uint64(_BITS)) - (diagonal << np.uint64(1))
    rows = rng.integers(1 << _BITS, size=(*shape, _BITS), dtype=np.uint64)
    return np.asarray((rows & left) | diagonal, dtype=np.uint32)


def _scrambled(directions: NDArray[np.uint32], rows: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return the products (…, dim, number) of binary matrices with direction numbers."""
    ones = np.bitwise_count(rows[..., None, :] & directions[..., None])
    odd = (ones & 1).astype(np.uint32)
    return np.asarray((odd << np.arange(_BITS - 1, -1, -1, dtype=np.uint32)).sum(-1, np.uint32))
