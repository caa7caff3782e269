"""Patterns and plans made by rule, where not all patterns can be listed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from planner.programs.grid_patterns import Counts, Pool, Stock, joined, list_within, pool_of

TURNS = 4
"""Ways in which buildings are put together."""


def first_fit(stock: Stock) -> Counts:
    """A plan compound by compound: buildings fill a grid up to its upper limit."""
    rows: list[Counts] = []
    for kinds in stock.of:
        row, total = np.zeros(len(stock.kinds), np.int64), 0
        for k in kinds:
            for _ in range(stock.count[k]):
                size = int(stock.size[k])
                if row.any() and total + size > stock.most:
                    rows.append(row)
                    row, total = np.zeros(len(stock.kinds), np.int64), 0
                row[k] += 1
                total += size
        rows.append(row)
    return np.array(rows)


def glued_patterns(stock: Stock, *, limit: int) -> Pool:
    """Patterns of buildings put together beforehand, in several ways, so that few remain."""
    pools = [pool_of(stock, first_fit(stock))]
    for turn in range(TURNS):
        for target in (stock.least // 4, stock.least // 3, stock.least // 2, stock.least):
            units = _glued(stock, turn, target)
            homes = [stock.kinds[int(np.argmax(unit))][0] for unit in units]
            sizes = (units @ stock.size).tolist()
            coarse = replace(
                stock,
                kinds=tuple(zip(homes, sizes, strict=True)),
                count=(1,) * len(units),
            )
            pool = list_within(coarse, limit=limit)
            if pool is not None:
                pools.append(pool_of(stock, pool.rows @ units))
                break
    return joined(pools)


def _glued(stock: Stock, turn: int, target: int) -> Counts:
    """Units of up to about `target` households: buildings of a compound, small with large."""
    units: list[Counts] = []
    for kinds in stock.of:
        left = [k for k in kinds for _ in range(stock.count[k])]
        shift = turn * len(left) // TURNS
        left = left[shift:] + left[:shift]
        while left:
            unit, total = np.zeros(len(stock.kinds), np.int64), 0
            while left and (total == 0 or total + stock.size[left[0]] <= target):
                k = left.pop(0 if len(units) % 2 else -1)
                unit[k] += 1
                total += int(stock.size[k])
            units.append(unit)
    return np.array(units)
