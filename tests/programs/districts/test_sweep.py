"""Sweeps over small graphs: every part is one way through the states, at its price."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from planner.programs.districts.graph import Floats, neighbours_of, pieces
from planner.programs.districts.sweep import NOWHERE, Step, TooWideError, narrow_order, sweep_of


def random_graph(seed: int) -> tuple[tuple[tuple[int, ...], ...], Floats]:
    """Up to nine units, often with islands, and prices of some pairs, joined or not."""
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 10))
    joined = np.triu(rng.random((count, count)) < rng.choice([0.15, 0.3, 0.6]), 1)
    price = np.triu(rng.integers(1, 9, (count, count)), 1) * (rng.random((count, count)) < 0.4)
    return neighbours_of(count, np.argwhere(joined)), (price + price.T).astype(float)


def through(steps: tuple[Step, ...], inside: np.ndarray) -> tuple[int, float]:
    """State at the end and price on the way of some units inside."""
    state, total = 0, 0.0
    for step in steps:
        chosen = bool(inside[step.unit])
        total += float((step.into_price if chosen else step.out_price)[state])
        state = int((step.into if chosen else step.out)[state])
        if state == NOWHERE:
            return NOWHERE, total
    return state, total


@pytest.mark.parametrize("contiguous", [True, False])
def test_parts_and_nothing_else_pass_at_their_price(contiguous: bool) -> None:
    for seed in range(60):
        near, price = random_graph(seed)
        steps = sweep_of(near, price, contiguous=contiguous, most=100_000)
        assert sorted(step.unit for step in steps) == list(range(len(near)))
        for chosen in product((False, True), repeat=len(near)):
            inside = np.array(chosen)
            members = np.flatnonzero(inside).tolist()
            whole = len(pieces(near, members)) == 1 if contiguous else bool(members)
            state, total = through(steps, inside)
            assert state == (0 if whole else NOWHERE), seed
            if whole:
                assert total == price[inside][:, ~inside].sum(), seed


def test_a_long_strip_has_few_states_whatever_the_numbering() -> None:
    cells = [(x, y) for x in range(30) for y in range(3)]
    mixed = [cells[(37 * n) % len(cells)] for n in range(len(cells))]
    place = {cell: n for n, cell in enumerate(mixed)}
    edges = [
        sorted((place[x, y], place[x + a, y + b]))
        for x, y in cells for a, b in ((0, 1), (1, 0)) if (x + a, y + b) in place
    ]  # fmt: skip
    near = neighbours_of(len(cells), np.array(edges))
    assert sorted(narrow_order(near)) == list(range(len(cells)))
    steps = sweep_of(near, np.zeros((90, 90)), contiguous=True, most=100_000)
    assert max(step.states for step in steps) <= 40


@pytest.mark.parametrize("most", [3, 200])
def test_a_wide_map_is_refused(most: int) -> None:
    near = tuple(tuple(w for w in range(12) if w != u) for u in range(12))
    with pytest.raises(TooWideError):
        sweep_of(near, np.zeros((12, 12)), contiguous=True, most=most)
