"""Fair shares of a joint effect (Shapley, "A value for n-person games", 1953).

A player's share is what its coming changes, averaged over the orders in which all may come; the
shares add up to the whole exactly. All orders need the worth of every subset of n players, 2**n of
them. Beyond a limit a few orders stand for all: their shares add up just as exactly.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

type Orders = Sequence[tuple[str, ...]] | None
"""The orders to average over; None for all of them."""

type Worth = Callable[[frozenset[str]], float]

QUICK_LIMIT = 6
THOROUGH_LIMIT = 8


def quick(players: Sequence[str]) -> Orders:
    """Return all orders of up to six players, beyond that only the one they are given in."""
    return None if len(players) <= QUICK_LIMIT else [tuple(players)]


def thorough(players: Sequence[str]) -> Orders:
    """Return all orders of up to eight players, beyond that the rotations of one, both ways round.

    In those each player comes once in every place, forwards and backwards; n players have only
    n(n − 1) + 2 subsets in them.

    >>> [len(coalitions(players, thorough(players))) for players in ("abc", "abcdefghi")]
    [8, 74]
    """
    if len(players) <= THOROUGH_LIMIT:
        return None
    forwards = [(*players[k:], *players[:k]) for k in range(len(players))]
    return [*forwards, *(order[::-1] for order in forwards)]


def coalitions(players: Sequence[str], orders: Orders = None) -> list[frozenset[str]]:
    """Return every subset whose worth `shares` asks for, from none of the players to all."""
    if orders is None:
        sizes = range(len(players) + 1)
        return [frozenset(c) for k in sizes for c in itertools.combinations(players, k)]
    found = {frozenset(order[:k]) for order in orders for k in range(len(order) + 1)}
    return sorted(found, key=lambda group: (len(group), sorted(group)))


def shares(players: Sequence[str], worth: Worth, orders: Orders = None) -> dict[str, float]:
    """Return each player's share of `worth(all) - worth(none)`.

    >>> glove = lambda hands: float({"left"} < hands)      # a left glove and any right one
    >>> {k: round(v, 3) for k, v in shares(["left", "right", "other"], glove).items()}
    {'left': 0.667, 'right': 0.167, 'other': 0.167}
    """
    found = dict.fromkeys(players, 0.0)
    if orders is None:
        for player in players:
            found[player] = _share(player, players, worth)
        return found
    for order in orders:
        for k, player in enumerate(order):
            gain = worth(frozenset(order[: k + 1])) - worth(frozenset(order[:k]))
            found[player] += gain / len(orders)
    return found


def _share(player: str, players: Sequence[str], worth: Worth) -> float:
    n = len(players)
    others = [p for p in players if p != player]
    total = 0.0
    for size in range(n):
        weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
        for group in itertools.combinations(others, size):
            without = frozenset(group)
            total += weight * (worth(without | {player}) - worth(without))
    return total
