"""Exact cover of a few compounds by a given number of grids, by depth-first search."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

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
        self._belongs = np.zeros((len(stock.kinds), len(stock.compounds)), np.int64)
        for k, (c, _) in enumerate(stock.kinds):
            self._belongs[k, c] = 1
        random = np.random.default_rng(order)
        self._taste = -pool.households if order == 0 else random.random(len(pool))
        self._weight = np.zeros(len(stock.compounds)) if order < 2 else random.random(
            len(stock.compounds)
        )

    def find(self, rest: Counts, grids: int, touches: int) -> list[int] | None:
        """Patterns that cover `rest`."""
        if grids == 0:
            return [] if not rest.any() else None
        key = (rest.tobytes(), grids)
        if self._hopeless(rest, grids, touches) or self._failed.get(key, -1) >= touches:
            return None
        self._left -= 1
        if self._left < 0:
            raise GaveUpError
        for p in self._candidates(rest, grids, touches):
            lower = self.find(
                rest - self._pool.rows[p], grids - 1, touches - int(self._length[p])
            )
            if lower is not None:
                return [int(p), *lower]
        self._failed[key] = touches
        return None

    def _hopeless(self, rest: Counts, grids: int, touches: int) -> bool:
        stock = self._stock
        households = (rest * stock.size) @ self._belongs
        total = int(households.sum())
        if not grids * stock.least <= total <= grids * stock.most:
            return True
        present = rest @ self._belongs > 0
        if int(np.maximum(present, -(-households // stock.most)).sum()) > touches:
            return True
        clusters = self._most_clusters(households[present], grids)
        return grids + int(present.sum()) - clusters > touches

    def _most_clusters(self, households: Counts, grids: int) -> int:
        """More clusters with grids of their own cannot be: single compounds, then pairs."""
        stock = self._stock
        number = -(-households // stock.most)
        waste = number * stock.most - households
        alone = np.sort(waste[(number >= 1) & (households >= number * stock.least)])
        spare = grids * stock.most - int(households.sum())
        singles = int((np.cumsum(alone) <= spare).sum())
        return singles + (len(households) - singles) // 2

    def _candidates(self, rest: Counts, grids: int, touches: int) -> npt.NDArray[np.intp]:
        """Patterns with the pivot building that leave enough, but not too much, to the others."""
        stock, pool = self._stock, self._pool
        total = int(rest @ stock.size)
        low = total - stock.most * (grids - 1)
        high = total - stock.least * (grids - 1)
        fits = (pool.rows[:, self._pivot(rest)] > 0) & (pool.households >= low)
        fits &= (pool.households <= high) & (self._length <= touches - grids + 1)
        some = np.flatnonzero(fits)
        some = some[(pool.rows[some] <= rest).all(axis=1)]
        left = (rest - pool.rows[some]) @ self._belongs > 0
        opened = self._length[some] - (pool.touched[some] & ~left).sum(axis=1)
        return some[np.lexsort((self._taste[some], self._length[some], opened))]

    def _pivot(self, rest: Counts) -> int:
        """A largest building of the compound with the fewest neighbours that are left."""
        stock = self._stock
        present = rest @ self._belongs > 0
        best = min(
            (int(present[list(stock.neighbours[c])].sum()) + 3 * self._weight[c], c)
            for c in np.flatnonzero(present)
        )[1]
        return max((stock.kinds[k][1], k) for k in stock.of[best] if rest[k])[1]
