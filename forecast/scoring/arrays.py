"""Argument checks shared by the scores: nothing odd is ever scored silently."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

type Array = npt.NDArray[np.float64]
type ArrayLike = npt.ArrayLike

# Probabilities are recorded to six decimals, so those of a dozen options may miss one by as much.
SUM_TOLERANCE = 1e-4


def numbers(value: ArrayLike, name: str) -> Array:
    """Return `value` as an array of floats; ValueError if one is missing or not a number."""
    array = np.asarray(value, dtype=np.float64)
    _refuse(np.isnan(array), array, name, "is missing (NaN)")
    return array


def probabilities(value: ArrayLike, name: str = "probability") -> Array:
    """Return `value` as an array; ValueError unless every entry lies between 0 and 1.

    >>> probabilities([0.2, 1.2])
    Traceback (most recent call last):
    ValueError: probability[1] = 1.2 lies outside 0 to 1
    """
    array = np.asarray(value, dtype=np.float64)
    if array.size and not (array.min() >= 0 and array.max() <= 1):
        numbers(array, name)
        _refuse((array < 0) | (array > 1), array, name, "lies outside 0 to 1")
    return array


def outcomes(value: ArrayLike, name: str = "outcome") -> Array:
    """Return `value` as an array; ValueError unless every entry is 0 or 1 (or False, True).

    Annulled and ambiguous questions have no outcome: leave them out before.

    >>> outcomes([1, 0.5])
    Traceback (most recent call last):
    ValueError: outcome[1] = 0.5 is neither 0 nor 1
    """
    array = np.asarray(value, dtype=np.float64)
    fine = (array == 0) | (array == 1)
    if not fine.all():
        numbers(array, name)
        _refuse(~fine, array, name, "is neither 0 nor 1")
    return array


def pair(probability: ArrayLike, outcome: ArrayLike) -> tuple[Array, Array]:
    """Return both as checked arrays of one shape (either may be a single number)."""
    p, o = probabilities(probability), outcomes(outcome)
    same_shape(probability=p, outcome=o)
    return p, o


def flat_pair(probability: ArrayLike, outcome: ArrayLike) -> tuple[Array, Array]:
    """Return both as checked arrays of shape (n,), n ≥ 1."""
    p, o = pair(probability, outcome)
    if p.shape != o.shape or p.ndim != 1 or not p.size:
        raise ValueError(f"expected two arrays of shape (n,), n ≥ 1; got {p.shape} and {o.shape}")
    return p, o


def categories(probability: ArrayLike, outcome: ArrayLike) -> tuple[Array, npt.NDArray[np.intp]]:
    """Return probabilities of shape (…, K) that sum to one, and outcomes of shape (…) in 0 … K−1.

    >>> categories([0.5, 0.6], 0)
    Traceback (most recent call last):
    ValueError: probabilities sum to 1.1, not to one
    """
    p, o = probabilities(probability), numbers(outcome, "outcome")
    if p.ndim == 0 or p.shape[-1] < 2:
        raise ValueError(f"expected K ≥ 2 categories on the last axis; got shape {p.shape}")
    if o.shape != p.shape[:-1]:
        raise ValueError(f"outcome has shape {o.shape}; probability {p.shape} needs {p.shape[:-1]}")
    total = p.sum(axis=-1)
    off = np.abs(total - 1) > SUM_TOLERANCE
    if off.any():
        raise ValueError(f"probabilities sum to {total[off].flat[0]:.6g}, not to one")
    bad = (o != np.floor(o)) | (o < 0) | (o >= p.shape[-1])
    _refuse(bad, o, "outcome", f"is no category from 0 to {p.shape[-1] - 1}")
    return p, o.astype(np.intp)


def same_shape(**arrays: Array) -> None:
    """Raise ValueError unless all arrays that are not single numbers have one shape."""
    shapes = {array.shape for array in arrays.values() if array.ndim}
    if len(shapes) > 1:
        found = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"shapes differ: {found}")


def _refuse(bad: npt.NDArray[np.bool_], array: Array, name: str, complaint: str) -> None:
    """Raise ValueError naming the first entry that is bad, with its index."""
    if not bad.any():
        return
    if not array.ndim:
        raise ValueError(f"{name} = {array:g} {complaint}")
    index = tuple(int(i) for i in np.argwhere(bad)[0])
    where = ", ".join(map(str, index))
    raise ValueError(f"{name}[{where}] = {array[index]:g} {complaint}")
