"""Stock and patterns: the buildings of a piece by kind, and ways to put them into a grid.

Buildings of one compound with equal households are one kind: they are interchangeable, so a pattern
counts how many of each kind a grid holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Stock:
    """Buildings of a connected piece of a community, by kind."""

    compounds: tuple[str, ...]
    neighbours: tuple[tuple[int, ...], ...]
    kinds: tuple[tuple[int, int], ...]
    """Position of the compound and households of a building; sorted."""
    count: tuple[int, ...]
    """Buildings of each kind."""
    least: int
    most: int
    """Limits of a grid's households."""

    @cached_property
    def size(self) -> Counts:
        """Households of a building of each kind."""
        return np.array([size for _, size in self.kinds], np.int64)

    @cached_property
    def of(self) -> tuple[tuple[int, ...], ...]:
        """Kinds of each compound."""
        lists: list[list[int]] = [[] for _ in self.compounds]
        for k, (c, _) in enumerate(self.kinds):
            lists[c].append(k)
        return tuple(tuple(kinds) for kinds in lists)

    @cached_property
    def households(self) -> tuple[int, ...]:
        """Households of each compound."""
        return tuple(sum(self.kinds[k][1] * self.count[k] for k in kinds) for kinds in self.of)

    @cached_property
    def need(self) -> tuple[int, ...]:
        """Fewest grids within limits that can hold a compound: ``max(1, ceil(h / most))``.

        0 for a compound without buildings.
        """
        return tuple(self.fewest((c,)) for c in range(len(self.compounds)))

    def fewest(self, compounds: Sequence[int]) -> int:
        """Fewest grids up to the upper limit that can hold some compounds."""
        some = any(self.count[k] for c in compounds for k in self.of[c])
        return max(int(some), -(-sum(self.households[c] for c in compounds) // self.most))


@dataclass(frozen=True)
class Pool:
    """Patterns (rows) by kinds (columns), with what the ranked levels count."""

    rows: Counts
    touched: npt.NDArray[np.bool_]
    """Patterns × compounds."""
    households: Counts
    outside: Counts
    """Households of a pattern outside the limits, else 0."""

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, chosen: npt.NDArray[np.intp]) -> Pool:
        """Some of the patterns, in the order of `chosen`."""
        return Pool(
            self.rows[chosen], self.touched[chosen], self.households[chosen], self.outside[chosen]
        )

    def with_more(self, others: Pool) -> Pool:
        """These patterns, then the others."""
        return Pool(
            np.concatenate([self.rows, others.rows]),
            np.concatenate([self.touched, others.touched]),
            np.concatenate([self.households, others.households]),
            np.concatenate([self.outside, others.outside]),
        )


def buildings_by_kind(
    compounds: Sequence[str], buildings: Mapping[str, tuple[str, int]]
) -> dict[tuple[str, int], list[str]]:
    """Sorted building ids of each (compound, households)."""
    inside = set(compounds)
    kinds: dict[tuple[str, int], list[str]] = {}
    for key, kind in sorted(buildings.items(), key=lambda item: (item[1], item[0])):
        if kind[0] in inside:
            kinds.setdefault(kind, []).append(key)
    return kinds


def single_buildings(stock: Stock) -> Pool:
    """Each kind as a grid of one building."""
    return pool_of(stock, np.eye(len(stock.kinds), dtype=np.int64))


def pool_of(stock: Stock, rows: Counts, *, least: int | None = None) -> Pool:
    """The pool of some rows; `least` replaces the lower limit."""
    total = rows @ stock.size
    low = stock.least if least is None else least
    outside = np.where((total < low) | (total > stock.most), total, 0)
    belongs = np.zeros((len(stock.kinds), len(stock.compounds)), np.int64)
    for k, (c, _) in enumerate(stock.kinds):
        belongs[k, c] = 1
    return Pool(rows, rows @ belongs > 0, total, outside)


def joined(pools: Sequence[Pool]) -> Pool:
    """The pools together; a pattern that occurs twice is kept once, in order of the counts."""
    rows = np.concatenate([pool.rows for pool in pools])
    _, first = np.unique(rows, axis=0, return_index=True)
    whole = Pool(
        rows,
        np.concatenate([pool.touched for pool in pools]),
        np.concatenate([pool.households for pool in pools]),
        np.concatenate([pool.outside for pool in pools]),
    )
    return whole.take(first)


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


def within_window(stock: Stock, pool: Pool, grids: int) -> npt.NDArray[np.bool_]:
    """Patterns that leave so many households that the other grids can be within the limits."""
    total = sum(stock.households)
    low, high = (total - (grids - 1) * limit for limit in (stock.most, stock.least))
    return (pool.households >= low) & (pool.households <= high)
