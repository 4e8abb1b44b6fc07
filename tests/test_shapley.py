"""Shares add up, and are the fair ones."""

from __future__ import annotations

import itertools

import pytest

from forecast.verbs.shapley import coalitions, quick, shares, thorough


def _joint(group: frozenset[str]) -> float:
    """A worth in which players help and hinder each other."""
    return len(group) ** 2 / 10 + ("a" in group) * (1 - 0.5 * ("b" in group))


@pytest.mark.parametrize("players", ["", "a", "abc", "abcdefgh", "abcdefghi", "abcdefghijkl"])
@pytest.mark.parametrize("orders", [quick, thorough])
def test_shares_add_up_and_ask_only_for_the_subsets_named(players: str, orders: object) -> None:
    assert callable(orders)
    chosen = orders(players)
    worths = {group: _joint(group) for group in coalitions(players, chosen)}
    found = shares(players, worths.__getitem__, chosen)
    total = worths[frozenset(players)] - worths[frozenset()]
    assert sum(found.values()) == pytest.approx(total)


def test_all_subsets_are_all_orders() -> None:
    players = "abcd"
    every = list(itertools.permutations(players))
    assert shares(players, _joint) == pytest.approx(shares(players, _joint, every))


def test_balanced_orders_share_what_pairs_do_together_in_halves() -> None:
    players = "abcdefghi"

    def pair(group: frozenset[str]) -> float:
        return float({"b", "f"} <= group)

    found = shares(players, pair, thorough(players))
    assert found == pytest.approx(dict.fromkeys(players, 0.0) | {"b": 0.5, "f": 0.5})
