"""The three ranked levels of a plan, and what they cannot go below by arithmetic."""

from __future__ import annotations

import numpy as np

from planner.programs.grid_patterns import Counts, Pool, Stock


def levels_of(stock: Stock, rows: Counts) -> tuple[int, int, int]:
    """Households outside limits, grids, and compounds divided beyond need of a plan.

    A compound of h households needs ``max(1, ceil(h / most))`` grids; what is counted is
    ``sum(max(0, grids that touch it - need))``.
    """
    total = rows @ stock.size
    outside = total[(total < stock.least) | (total > stock.most)].sum()
    touching = [int((rows[:, list(of)].sum(axis=1) > 0).sum()) for of in stock.of]
    divided = sum(max(0, t - n) for t, n in zip(touching, stock.need, strict=True))
    return int(outside), len(rows), divided


def least_outside(stock: Stock) -> int:
    """Households of the buildings that are above the limits by themselves."""
    return sum(s * n for (_, s), n in zip(stock.kinds, stock.count, strict=True) if s > stock.most)


def least_grids(stock: Stock, outside: int) -> int:
    """Fewest grids when `outside` households are in grids outside the limits.

    A building above the limits is a grid of its own; a grid above the limits has less than
    ``2 least`` households otherwise.
    """
    pairs = zip(stock.kinds, stock.count, strict=True)
    large = sum(n for (_, s), n in pairs if s > stock.most)
    rest = outside - least_outside(stock)
    within = sum(stock.households) - outside
    above = max(stock.most, 2 * stock.least)
    return max(1, large + max(0, -(-within // stock.most)) + max(0, -(-rest // above)))


def windowed(stock: Stock, pool: Pool, grids: int) -> Pool:
    """Patterns that leave so many households that the other grids can be within the limits."""
    total = sum(stock.households)
    low, high = (total - (grids - 1) * limit for limit in (stock.most, stock.least))
    return pool.take(np.flatnonzero((pool.households >= low) & (pool.households <= high)))
