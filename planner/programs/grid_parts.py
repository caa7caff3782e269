"""Some compounds with grids of their own: a plan that touches compounds seldom, or a proof."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from planner.programs.grid_bounds import levels_of, windowed
from planner.programs.grid_cover import GaveUpError, cover
from planner.programs.grid_patterns import (
    Counts,
    Pool,
    Stock,
    joined,
    list_within,
    pool_of,
)
from planner.programs.grid_pools import glued_patterns
from planner.programs.grid_pricing import choose, price, whole
from planner.programs.grid_program import Kept
from planner.solving.door import Settings

OWN = 30_000
"""Patterns of some compounds listed at most."""
MORE_TOUCHES = 4
"""Touches above the bound at which a first plan is looked for."""
HARD, HARD_NODES = 4_000, 200
"""Patterns and nodes of the program that decides a hard part."""


@dataclass(frozen=True)
class Part:
    """Some compounds alone: their stock, and patterns that touch no others."""

    stock: Stock
    pool: Pool
    complete: bool
    kinds: tuple[int, ...]
    width: int

    def widened(self, rows: Counts) -> Counts:
        """Rows over the kinds of the whole piece."""
        wide = np.zeros((len(rows), self.width), np.int64)
        wide[:, list(self.kinds)] = rows
        return wide


@dataclass(frozen=True)
class Answer:
    """Fewest touches that are proven, and a plan that has them (None: not found)."""

    rows: Counts | None
    touches: int


def divide(part: Part, grids: int, touches: int, settings: Settings, *, hard: bool) -> Answer:
    """Hold the part by `grids` grids within limits, touching compounds at least `touches` times.

    The fewest touches are proven where every pattern of the part is listed. `hard` asks the grid
    program where a depth-first search gave up.
    """
    if hard:
        return _divide_hard(part, grids, touches, settings)
    try:
        rows = cover(part.stock, part.pool, grids=grids, touches=touches)
    except GaveUpError:
        return Answer(None, touches)
    return Answer(rows, touches + (rows is None and part.complete))


def _divide_hard(part: Part, grids: int, touches: int, settings: Settings) -> Answer:
    stock, need = part.stock, sum(part.stock.need)
    kept = Kept(outside=0, grids=grids, least_divided=touches - need)
    pool, complete = windowed(stock, part.pool, grids), part.complete
    best = _first_plan(part, grids, touches)
    if best is not None:
        value = levels_of(stock, best)[2]
        pool = joined([pool, pool_of(stock, best)])
        free = replace(kept, least_divided=0)
        _, linear, reduced = price(stock, pool, free, 2, settings, core=best)
        kept = replace(kept, least_divided=max(kept.least_divided, whole(linear)))
        if value <= kept.least_divided:
            return Answer(best, touches if not complete else value + need)
        pool = pool.take(np.flatnonzero(reduced <= value - 1 - linear + 1e-6))
    pool, some = _shortened(pool)
    complete = complete and not some
    rows, bound = choose(stock, pool, kept, 2, settings, nodes=HARD_NODES)
    if rows is None or levels_of(stock, rows)[:2] != (0, grids):
        rows = best
    if not complete:
        least = touches
    elif bound < np.inf:
        least = max(whole(bound), kept.least_divided) + need
    else:
        least = touches + 1 if best is None else levels_of(stock, best)[2] + need
    reached = rows is not None and levels_of(stock, rows)[2] + need <= least
    return Answer(rows if reached else None, least)


def _first_plan(part: Part, grids: int, touches: int) -> Counts | None:
    """A plan with a few more touches, found by depth-first search."""
    for more in range(1, MORE_TOUCHES + 1):
        try:
            rows = cover(part.stock, part.pool, grids=grids, touches=touches + more)
        except GaveUpError:
            continue
        if rows is not None:
            return rows
    return None


def _shortened(pool: Pool) -> tuple[Pool, bool]:
    """Patterns of fewer compounds where there are too many, and whether some were left out."""
    some = False
    for longest in (4, 3, 2):
        if len(pool) > HARD:
            pool = pool.take(np.flatnonzero(pool.touched.sum(axis=1) <= longest))
            some = True
    return pool, some


def part_of(stock: Stock, pool: Pool | None, members: tuple[int, ...]) -> Part:
    """The compounds `members` alone, with patterns from the pool or, without one, listed anew."""
    place = {c: i for i, c in enumerate(members)}
    kinds = [k for k, (c, _) in enumerate(stock.kinds) if c in place]
    small = Stock(
        compounds=tuple(stock.compounds[c] for c in members),
        neighbours=tuple(
            tuple(place[w] for w in stock.neighbours[c] if w in place) for c in members
        ),
        kinds=tuple((place[stock.kinds[k][0]], stock.kinds[k][1]) for k in kinds),
        count=tuple(stock.count[k] for k in kinds),
        least=stock.least,
        most=stock.most,
    )
    own = list_within(small, limit=OWN) if pool is None else _own(stock, pool, members, kinds)
    complete = own is not None
    if own is None:
        glued = glued_patterns(small, limit=OWN)
        own = glued.take(np.flatnonzero(glued.outside == 0))
    return Part(small, own, complete, tuple(kinds), len(stock.kinds))


def _own(stock: Stock, pool: Pool, members: tuple[int, ...], kinds: list[int]) -> Pool:
    """The patterns of the pool that touch no compounds but the members."""
    others = np.ones(len(stock.compounds), bool)
    others[list(members)] = False
    own = pool.take(np.flatnonzero(~pool.touched[:, others].any(axis=1)))
    return Pool(own.rows[:, kinds], own.touched[:, list(members)], own.households, own.outside)
