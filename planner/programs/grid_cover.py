"""Exact cover of a few compounds by a given number of grids, by depth-first search."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from planner.programs.grid_bounds import windowed
from planner.programs.grid_patterns import Counts, Pool, Stock

COVER_NODES = 400
"""States looked at before a search in one order gives up."""
ORDERS = 4
"""Orders in which a search is tried."""


class GaveUpError(Exception):
    """The search reached its limit: neither found nor refuted."""


def cover(
    stock: Stock, pool: Pool, *, grids: int, touches: int, nodes: int = COVER_NODES
) -> Counts | None:
    """Patterns that hold each building once: `grids` of them, touching compounds `touches` times.

    Fewer touches will do. Returns rows (grids × kinds), or None where there are none for sure.
    Raises GaveUpError beyond `nodes` states.
    """
    pool = windowed(stock, pool, grids)
    pool = pool.take(np.flatnonzero(pool.touched.sum(axis=1) <= touches - grids + 1))
    for order in range(ORDERS):
        search = _Cover(stock, pool, nodes, order)
        try:
            chosen = search.find(np.array(stock.count, np.int64), grids, touches)
        except GaveUpError:
            continue
        return None if chosen is None else pool.rows[chosen]
    raise GaveUpError


class _Cover:
    """A search: the pool, the states that failed, and how many were looked at."""

    def __init__(self, stock: Stock, pool: Pool, nodes: int, order: int) -> None:
        self._stock, self._pool, self._left = stock, pool, nodes
        self._length = pool.touched.sum(axis=1)
        self._failed: dict[tuple[bytes, int], int] = {}
        self._first = [of[0] for of in stock.of]
        self._holding = [np.flatnonzero(pool.rows[:, k]) for k in range(len(stock.kinds))]
        random = np.random.default_rng(order)
        self._taste = -pool.households if order == 0 else random.random(len(pool))
        self._weight = (
            np.zeros(len(stock.compounds)) if order < 2 else random.random(len(stock.compounds))
        )

    def find(self, rest: Counts, grids: int, touches: int) -> list[int] | None:
        """Patterns that cover `rest`."""
        if grids == 0:
            return [] if not rest.any() else None
        key = (rest.tobytes(), grids)
        if not rest.any() or self._failed.get(key, -1) >= touches:
            return None
        self._left -= 1
        if self._left < 0:
            raise GaveUpError
        for p in self._candidates(rest, grids, touches):
            lower = self.find(rest - self._pool.rows[p], grids - 1, touches - int(self._length[p]))
            if lower is not None:
                return [int(p), *lower]
        self._failed[key] = touches
        return None

    def _candidates(self, rest: Counts, grids: int, touches: int) -> npt.NDArray[np.intp]:
        """Patterns with the pivot building after which the others may do, promising ones first."""
        stock, pool = self._stock, self._pool
        total = int(rest @ stock.size)
        low = total - stock.most * (grids - 1)
        high = total - stock.least * (grids - 1)
        some = self._holding[self._pivot(rest)]
        fits = (pool.households[some] >= low) & (pool.households[some] <= high)
        some = some[fits & (self._length[some] <= touches - grids + 1)]
        some = some[(pool.rows[some] <= rest).all(axis=1)]
        if not len(some):
            return np.zeros(0, np.intp)
        left = rest - pool.rows[some]
        present = np.add.reduceat(left, self._first, axis=1) > 0
        households = np.add.reduceat(left * stock.size, self._first, axis=1)
        fewest = self._fewest_touches(households, present, grids - 1)
        may = fewest <= touches - self._length[some]
        some, present = some[may], present[may]
        opened = (pool.touched[some] & present).sum(axis=1)
        order = np.lexsort((self._taste[some], self._length[some], opened))
        return np.asarray(some[order], np.intp)

    def _fewest_touches(
        self, households: Counts, present: npt.NDArray[np.bool_], grids: int
    ) -> Counts:
        """Bound for remainders (rows) by compounds: two arguments, the larger counts.

        A compound is touched as often as its households need. And touches are grids + compounds -
        clusters, where more clusters cannot be than single compounds with grids of their own, least
        waste first, and pairs of the others.
        """
        stock = self._stock
        number = -(-households // stock.most)
        needed: Counts = np.maximum(present, number).sum(axis=1)
        waste = number * stock.most - households
        alone = present & (number > 0) & (households >= number * stock.least)
        ordered = np.sort(np.where(alone, waste, stock.most * (grids + 1) + 1), axis=1)
        spare = grids * stock.most - households.sum(axis=1)
        singles = (np.cumsum(ordered, axis=1) <= spare[:, None]).sum(axis=1)
        count = present.sum(axis=1)
        linked: Counts = grids + count - (singles + (count - singles) // 2)
        return np.maximum(needed, linked)

    def _pivot(self, rest: Counts) -> int:
        """A largest building of the compound with the fewest neighbours that are left."""
        stock = self._stock
        present = self._present(rest)
        best = min(
            (int(present[list(stock.neighbours[c])].sum()) + 3 * self._weight[c], c)
            for c in np.flatnonzero(present)
        )[1]
        return max((stock.kinds[k][1], k) for k in stock.of[best] if rest[k])[1]

    def _present(self, rest: Counts) -> npt.NDArray[np.bool_]:
        """Compounds with buildings left."""
        present: npt.NDArray[np.bool_] = np.add.reduceat(rest, self._first) > 0
        return present
