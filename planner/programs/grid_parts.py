"""Some compounds with grids of their own: a plan that touches compounds seldom, or a proof."""

from __future__ import annotations

from dataclasses import dataclass

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
    single_buildings,
)
from planner.programs.grid_pools import first_fit, glued_patterns
from planner.programs.grid_pricing import choose, price, whole
from planner.programs.grid_program import Kept
from planner.solving.door import Settings

OWN = 30_000
"""Patterns of some compounds listed at most."""
MORE_TOUCHES = 4
"""Touches above the bound at which a first plan is looked for."""
HARD, HARD_NODES = 4_000, 200
"""Patterns and nodes of the program that decides a hard part."""
ROUNDS = 4
"""Programs solved for a hard part, each below the plan of the one before."""
FEW_NODES = 50
"""Nodes of the program that looks for a first plan of a hard part."""


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
    """A first plan, then programs over the patterns whose reduced cost fits below the best one."""
    stock, need = part.stock, sum(part.stock.need)
    pool, least = windowed(stock, part.pool, grids), touches - need
    best = _first_plan(part, grids, touches)
    if best is None:
        best = _plan_of_few(stock, pool, grids, settings)
    if best is None:
        return _decided(part, pool, Kept(0, grids, least), settings)
    pool = joined([pool, pool_of(stock, best)])
    _, linear, reduced = price(stock, pool, Kept(0, grids), 2, settings, core=best)
    least = max(least, whole(linear)) if part.complete else least
    for _ in range(ROUNDS):
        value = levels_of(stock, best)[2]
        if value <= least:
            return Answer(best, value + need)
        fits = pool.take(np.flatnonzero(reduced <= value - 1 - linear + 1e-6))
        short, some = _shortened(fits)
        kept = Kept(0, grids, least)
        rows, bound = choose(stock, short, kept, 2, settings, nodes=HARD_NODES)
        if part.complete and not some:
            least = max(least, min(value, value if bound == np.inf else whole(bound)))
        if rows is not None and levels_of(stock, rows) < levels_of(stock, best):
            best = rows
        elif least < value:
            break
    reached = levels_of(stock, best)[2] <= least
    return Answer(best if reached else None, least + need)


def _decided(part: Part, pool: Pool, kept: Kept, settings: Settings) -> Answer:
    """One program without a plan to begin with."""
    need = sum(part.stock.need)
    pool, some = _shortened(pool)
    rows, bound = choose(part.stock, pool, kept, 2, settings, nodes=HARD_NODES)
    least = kept.least_divided
    if part.complete and not some:
        least = least + 1 if bound == np.inf else max(least, whole(bound))
    if rows is not None and levels_of(part.stock, rows) != (0, kept.grids, least):
        rows = None
    return Answer(rows, least + need)


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


def _plan_of_few(stock: Stock, pool: Pool, grids: int, settings: Settings) -> Counts | None:
    """A plan made of the patterns that enter the linear program for the number of grids."""
    start = first_fit(stock)
    wide = joined([pool, single_buildings(stock), pool_of(stock, start)])
    core, _, _ = price(stock, wide, Kept(), 1, settings, core=start)
    few = wide.take(core)
    few = few.take(np.flatnonzero(few.outside == 0))
    rows, _ = choose(stock, few, Kept(0, grids), 2, settings, nodes=FEW_NODES)
    return rows if rows is not None and levels_of(stock, rows)[:2] == (0, grids) else None


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
