"""The cheapest parts against all subsets of small graphs."""

from __future__ import annotations

import math
from itertools import product

import numpy as np

from planner.programs.districts.cheapest import PartSearch
from planner.programs.districts.graph import Floats, pieces
from planner.programs.districts.sweep import sweep_of
from tests.programs.districts.test_sweep import random_graph


def random_search(seed: int) -> tuple[PartSearch, Floats, list[tuple[float, tuple[bool, ...]]]]:
    """A search, prices, and all its parts with what they cost less their prices."""
    rng = np.random.default_rng(5000 + seed)
    near, price = random_graph(seed)
    count = len(near)
    contiguous = bool(rng.random() < 0.6)
    weight = rng.integers(0, 12, count).astype(float)
    lower = float(rng.integers(0, int(weight.sum()) + 1))
    upper = lower + float(rng.integers(0, 6))
    inside = frozenset([int(rng.integers(count))] if rng.random() < 0.4 else [])
    outside = frozenset([int(rng.integers(count))] if rng.random() < 0.4 else []) - inside
    prices = rng.normal(0, 6, count).round(2)
    steps = sweep_of(near, price, contiguous=contiguous, most=100_000)
    every = []
    for chosen in product((False, True), repeat=count):
        own = np.array(chosen)
        members = np.flatnonzero(own).tolist()
        whole = len(pieces(near, members)) == 1 if contiguous else bool(members)
        fits = lower <= weight[own].sum() <= upper
        if whole and fits and inside <= {*members} and not outside & {*members}:
            every.append((price[own][:, ~own].sum() - prices[own].sum(), chosen))
    search = PartSearch(steps, weight, lower, upper, inside, outside)
    return search, prices, sorted(every)


def test_all_parts_below_a_cutoff_are_listed() -> None:
    for seed in range(150):
        search, prices, every = random_search(seed)
        cutoff = every[len(every) // 3][0] + 0.005 if every else 10.0
        below = [chosen for reduced, chosen in every if reduced < cutoff]
        found = search.find(prices, cutoff=cutoff, width=10_000, most=10_000)
        assert found.complete
        assert {tuple(part) for part in found.parts.tolist()} == {*below}, seed
        assert found.bound == (every[0][0] if every else cutoff) or math.isclose(
            found.bound, every[0][0], abs_tol=1e-9
        ), seed
        assert (np.diff(found.reduced) >= 0).all()


def test_few_labels_still_give_parts_and_a_true_bound() -> None:
    short = 0
    for seed in range(150):
        search, prices, every = random_search(seed)
        found = search.find(prices, cutoff=math.inf, width=2, most=1)
        least = every[0][0] if every else math.inf
        assert found.bound <= least + 1e-9, seed
        known = {chosen: reduced for reduced, chosen in every}
        for part, reduced in zip(found.parts.tolist(), found.reduced.tolist(), strict=True):
            assert math.isclose(known[tuple(part)], reduced, abs_tol=1e-9), seed
        short += not found.complete
    assert short > 50
