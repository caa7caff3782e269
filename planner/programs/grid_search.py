"""Ranked levels of one piece: clusters first, then the grid program, priced in rounds.

The linear program over all patterns bounds the number of grids; clusters of compounds with grids of
their own bound the compounds divided. A plan that meets both is proven. Otherwise each level is an
integer program over the patterns whose reduced cost fits below the best plan.
Source: Baldacci, Christofides and Mingozzi, Mathematical Programming 115 (2008).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from planner.programs.grid_bounds import least_grids, least_outside, levels_of, windowed
from planner.programs.grid_clusters import ClusterPlan, plan_clusters
from planner.programs.grid_patterns import (
    Counts,
    Pool,
    Stock,
    joined,
    list_outside,
    list_within,
    pool_of,
    single_buildings,
)
from planner.programs.grid_pools import first_fit, glued_patterns
from planner.programs.grid_pricing import Priced, choose, price, whole
from planner.programs.grid_program import Kept
from planner.solving.door import Settings

SMALL = 1_000
"""Patterns taken into one integer program without pricing."""
SHORT = 12_000
"""Most patterns listed by number of compounds where all are too many."""
FULL = 250_000
"""Patterns listed at most; beyond, a plan is proven by the bounds of clusters alone."""
FEW_NODES = 100
NODES = 3_000
"""Nodes of a search that improves, and of one that proves."""
FITTING = (400, 15_000)
"""Most patterns of a proof before and after a better plan was looked for."""
MORE_GRIDS = 2
"""Numbers of grids above the bound that clusters are asked for."""


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

    A level's bound is proven given the values of the levels above it.
    """
    search = _Search(stock, replace(settings, tolerance=0.0), skip)
    if search.bounds[0] == 0 and not skip:
        search.cluster()
    if not search.proven:
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
        self.within = list_within(stock, limit=FULL, skip=skip)
        self.core: Pool | None = None
        self.fewest = 1
        self.asked: dict[int, ClusterPlan] = {}

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

    def cluster(self) -> None:
        """Look for a plan with all grids within limits that meets all bounds."""
        fewest = self.bounds[1]
        self.fewest = fewest
        if self.within is not None:
            pool = joined([self.within, single_buildings(self.stock)])
            core, bound, _ = self._price(pool, Kept(), 1)
            self.core = pool.take(core)
            fewest = self.fewest = max(fewest, whole(bound))
        for grids in range(fewest, fewest + MORE_GRIDS):
            plan = self._clusters(grids)
            if self.values == (0, grids, plan.least_divided):
                self.bounds = list(self.values)
            if math.isfinite(plan.least_divided):
                return

    def rank(self) -> None:
        """The levels one after the other over the patterns within, and those outside allowed."""
        stock, kept = self.stock, Kept()
        self.bounds[1:] = [1, 0]
        if self.core is not None and self.values[0] > 0:
            within_only = self.core.take(np.flatnonzero(self.core.outside == 0))
            aimed = Kept(0, self.fewest, self._cluster_bound())
            self._integer(within_only, aimed, 2, FEW_NODES, started=False)
            if self.values[0] > 0:
                self._integer(within_only, Kept(outside=0), 1, FEW_NODES, started=False)
        complete = self.within is not None
        within = self.within if self.within is not None else self._some_patterns()
        pool = joined([within, single_buildings(stock)])
        for level in range(3):
            if level == 1:
                below = list_outside(stock, households=kept.outside or 0, limit=FULL)
                complete = complete and below is not None
                pool = joined([within, below if below is not None else single_buildings(stock)])
                self.bounds[1] = max(self.bounds[1], least_grids(stock, kept.outside or 0))
            if level == 2:
                pool = self._windowed(pool)
                self.bounds[2] = self._least_divided()
                kept = replace(kept, least_divided=self.bounds[2])
            if self.values[level] > self.bounds[level]:
                low = self._improve(joined([pool, pool_of(stock, self.rows)]), kept, level)
                if complete:
                    self.bounds[level] = max(self.bounds[level], low)
            value = self.values[level]
            if kept.outside is not None and self.values[0] < kept.outside:
                self.rank()
                return
            kept = replace(kept, outside=value) if level == 0 else replace(kept, grids=value)

    def _some_patterns(self) -> Pool:
        """Patterns of few compounds and of buildings put together, where all are too many."""
        pools = [glued_patterns(self.stock, limit=SHORT)]
        for most_compounds in (3, 2, 1):
            pool = list_within(
                self.stock, limit=SHORT, most_compounds=most_compounds, skip=self.skip
            )
            if pool is not None:
                return joined([*pools, pool])
        return pools[0]

    def _windowed(self, pool: Pool) -> Pool:
        """Patterns that leave households for the other grids to be within the limits."""
        outside, grids, _ = self.values
        if outside > 0 or self.skip:
            return pool
        return windowed(self.stock, pool, grids)

    def _least_divided(self) -> int:
        """Bound on the last level; the plan of clusters is taken if it meets it."""
        outside, grids, _ = self.values
        if outside > 0 or self.skip:
            return 0
        plan = self._clusters(grids)
        return int(plan.least_divided) if math.isfinite(plan.least_divided) else 0

    def _clusters(self, grids: int) -> ClusterPlan:
        """Ask the clusters once for every number of grids."""
        if grids not in self.asked:
            self.asked[grids] = plan_clusters(self.stock, self.within, grids, self.settings)
            self.take(self.asked[grids].rows)
        return self.asked[grids]

    def _cluster_bound(self) -> int:
        """Bound on compounds divided at the fewest grids, where the clusters were asked."""
        plan = self.asked.get(self.fewest)
        return int(plan.least_divided) if plan and math.isfinite(plan.least_divided) else 0

    def _improve(self, pool: Pool, kept: Kept, level: int) -> int:
        """Improve one level over the pool; what is proven of it over this pool."""
        if len(pool) <= SMALL:
            return self._integer(pool, kept, level, NODES)
        core, linear, reduced = self._price(pool, replace(kept, least_divided=0), level)
        low = max(self.bounds[level], whole(linear))
        if level == 1:
            aimed = replace(kept, grids=low)
            self._integer(pool.take(core), aimed, 2, FEW_NODES, started=False)
        for nodes in (FEW_NODES, NODES):
            value = self.values[level]
            if value <= low:
                return low
            fits = np.flatnonzero(reduced <= value - 1 - linear + 1e-6)
            if len(fits) <= FITTING[nodes == NODES]:
                proven = self._integer(pool.take(fits), kept, level, NODES, started=False)
                return max(low, min(value, proven))
            self._integer(pool.take(core), kept, level, nodes)
        return low

    def _price(self, pool: Pool, kept: Kept, level: int) -> Priced:
        return price(
            self.stock, pool, kept, level, self.settings, core=self.rows, skip=self.skip
        )  # fmt: skip

    def _integer(
        self, pool: Pool, kept: Kept, level: int, nodes: int, *, started: bool = True
    ) -> int:
        """Improve over a pool by its integer program; the bound over this pool, inf if empty."""
        rows, bound = choose(
            self.stock, pool, kept, level, self.settings,
            nodes=nodes, start=self.rows if started else None, skip=self.skip,
        )  # fmt: skip
        self.take(rows)
        return self.values[level] if bound == math.inf else whole(bound)
