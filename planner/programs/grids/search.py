"""Ranked levels of one piece: a linear bound with cuts, then few patterns that fit below it.

All grids within the limits, and as few as the households fill: the linear program over all
patterns with capacity rows bounds the compounds divided, and a plan of as many or one more has only
patterns of small reduced cost. Where that fails, the three levels are minimised one by one.
Source: Baldacci, Christofides and Mingozzi, Mathematical Programming 115 (2008).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from planner.programs.grids.clusters import relax_buildings
from planner.programs.grids.minimum import minimise
from planner.programs.grids.patterns import list_outside, list_within
from planner.programs.grids.pricing import whole
from planner.programs.grids.program import Kept, Question
from planner.programs.grids.stock import (
    Counts,
    Pool,
    Stock,
    first_fit,
    joined,
    least_grids,
    least_outside,
    levels_of,
    pool_of,
    single_buildings,
    within_window,
)
from planner.solving.door import Settings

FULL = 250_000
"""Patterns listed at most; beyond, good ones are generated."""
MORE_GRIDS = 3
"""Numbers of grids above the bound that are asked for with all of them within the limits."""


@dataclass(frozen=True)
class PieceResult:
    """Grids of one piece (rows by kinds), with values and proven bounds of the three levels."""

    rows: Counts
    values: tuple[int, int, int]
    bounds: tuple[int, int, int]


def solve_piece(
    stock: Stock, settings: Settings, *, skip: frozenset[str] = frozenset()
) -> PieceResult:
    """Grids of a connected piece, ranked: households outside limits, grids, compounds divided.

    A level's bound is proven given the values of the levels above it. `skip` leaves row families
    and pattern rules out (tests).
    """
    search = _Search(stock, replace(settings, tolerance=0.0), skip)
    may_keep = search.bounds[0] == 0 and not skip
    if not (may_keep and search.keep_limits()) and not search.proven:
        search.rank()
    low = search.bounds
    return PieceResult(search.rows, search.values, (low[0], low[1], low[2]))


class _Search:
    """The best plan so far and what is proven."""

    def __init__(self, stock: Stock, settings: Settings, skip: frozenset[str]) -> None:
        self.stock, self.settings, self.skip = stock, settings, skip
        self.rows = first_fit(stock)
        outside = least_outside(stock)
        self.bounds = [outside, least_grids(stock, outside), 0]
        within = list_within(stock, limit=FULL, skip=skip)
        self.complete = within is not None
        self.within = pool_of(stock, first_fit(stock)) if within is None else within

    @property
    def values(self) -> tuple[int, int, int]:
        return levels_of(self.stock, self.rows)

    @property
    def proven(self) -> bool:
        return list(self.values) == self.bounds

    def take(self, rows: Counts | None) -> None:
        """Keep a plan if it is better in rank order."""
        if rows is not None and levels_of(self.stock, rows) < self.values:
            self.rows = rows

    def keep_limits(self) -> bool:
        """Plan all grids within the limits, as few as there can be; whether a plan was found."""
        fewest, proven = self.bounds[1], False
        for grids in range(fewest, fewest + MORE_GRIDS):
            listed = self.complete
            divided = self._divide(self.within, grids, 0) if listed else self._generate(grids)
            if divided < math.inf and not proven:
                self.bounds, proven = [0, grids, whole(divided)], True
            if proven and self.values[:2] <= (0, grids):
                self.bounds[2] = whole(divided)
                return True
        return False

    def _generate(self, grids: int) -> float:
        """Bound on compounds divided from a relaxation; a plan is sought among some patterns."""
        bound = relax_buildings(self.stock, grids, self.settings)
        if bound < math.inf:
            self._divide(self.within, grids, whole(bound))
        return bound

    def _divide(self, within: Pool, grids: int, least: int) -> float:
        """Fewest compounds divided by so many grids, all within the limits; see `_minimise`."""
        pool = within.take(np.flatnonzero(within_window(self.stock, within, grids)))
        return self._minimise(pool, Kept(0, grids, least), 2)

    def rank(self) -> None:
        """The levels one after the other, with grids outside the limits where they must be."""
        stock, low = self.stock, [self.bounds[0], 1, 0]
        pool = joined([self.within, single_buildings(stock)])
        for level in range(3):
            outside, grids, _ = self.values
            kept = (Kept(), Kept(outside), Kept(outside, grids))[level]
            if level == 1:
                low[1] = least_grids(stock, outside)
                below = list_outside(stock, households=outside, limit=FULL)
                self.complete = self.complete and below is not None
                if below is not None:
                    pool = joined([self.within, below])
            if self.values[level] > low[level]:
                proven = self._minimise(pool, kept, level)
                if self.complete:
                    low[level] = int(max(low[level], min(proven, self.values[level])))
        self.bounds = low

    def _minimise(self, pool: Pool, kept: Kept, level: int) -> float:
        """Minimise a level over a pool; what is proven over this pool, inf if it has no plan."""
        values, best = self.values, math.inf
        if kept.outside in (None, values[0]) and kept.grids in (None, values[1]):
            best = values[level]
        question = Question(self.stock, pool, level, kept, self.skip, open=not self.complete)
        rows, bound = minimise(question, self.settings, best=best)
        self.take(rows)
        return bound
