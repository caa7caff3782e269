"""Patterns: all ways to make one grid of whole buildings of connected compounds.

Buildings of one compound with equal households are one kind; a pattern counts how many of each
kind a grid holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Counts = npt.NDArray[np.int64]

MOST_SETS = 20_000
"""Connected sets of compounds looked at; beyond, a listing gives up."""


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
        """Fewest grids within limits that can hold a compound: ``max(1, ceil(h / most))``."""
        return tuple(max(1, -(-h // self.most)) for h in self.households)


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


def list_within(
    stock: Stock,
    *,
    limit: int,
    most_compounds: int | None = None,
    skip: frozenset[str] = frozenset(),
) -> Pool | None:
    """Patterns within the limits, touching at most so many compounds; None beyond `limit`."""
    rows = _multisets(stock, stock.size >= 0, stock.most, limit, most_compounds)
    if rows is None:
        return None
    least = 0 if "limits" in skip else stock.least
    return pool_of(stock, rows[rows @ stock.size >= least], least=least)


def list_outside(stock: Stock, *, households: int, limit: int) -> Pool | None:
    """Patterns outside the limits of at most so many households; None beyond `limit`.

    A grid above the limits must fall below them without its smallest building: else parts of it
    are grids within the limits.
    """
    low = _multisets(stock, stock.size >= 0, min(stock.least - 1, households), limit, None)
    large = stock.size > stock.most - stock.least
    top = min(households, stock.least - 1 + int(stock.size.max(initial=0)))
    high = _multisets(stock, large, top, limit, None)
    if low is None or high is None:
        return None
    smallest = np.where(high > 0, stock.size, np.iinfo(np.int64).max).min(axis=1, initial=top + 1)
    total = high @ stock.size
    high = high[(total > stock.most) & (total - smallest < stock.least)]
    return pool_of(stock, np.concatenate([low, high]))


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


def connected_sets(
    neighbours: Sequence[Sequence[int]],
    weight: Sequence[int | None],
    most: int,
    *,
    size: int | None = None,
    limit: int = MOST_SETS,
) -> list[tuple[int, int]] | None:
    """All connected sets up to a total weight: (set it grows from or -1, vertex added).

    Each set occurs once; a weight of None leaves a vertex out. None beyond `limit`.
    Source: Wernicke, "Efficient detection of network motifs", TCBB 3 (2006).
    """
    found: list[tuple[int, int]] = []
    for root in range(len(neighbours)):
        first = weight[root]
        if first is None or first > most:
            continue
        start = [w for w in neighbours[root] if w > root]
        stack = [(-1, root, 0, 0, start, {root, *neighbours[root]})]
        while stack:
            parent, v, total, length, ways, seen = stack.pop()
            total += weight[v] or 0
            here = len(found)
            found.append((parent, v))
            if len(found) > limit:
                return None
            if size is not None and length + 1 >= size:
                continue
            for i, w in enumerate(ways):
                heavy = weight[w]
                if heavy is None or total + heavy > most:
                    continue
                new = [u for u in neighbours[w] if u > root and u not in seen]
                stack.append(
                    (here, w, total, length + 1, ways[i + 1 :] + new, seen | set(neighbours[w]))
                )
    return found


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


def _multisets(
    stock: Stock,
    allowed: npt.NDArray[np.bool_],
    most: int,
    limit: int,
    most_compounds: int | None,
) -> Counts | None:
    """Rows of all connected multisets of allowed kinds up to `most` households."""
    kinds = [[k for k in of if allowed[k] and stock.size[k] <= most] for of in stock.of]
    weight = [min((int(stock.size[k]) for k in of), default=None) for of in kinds]
    sets = connected_sets(stock.neighbours, weight, most, size=most_compounds)
    if sets is None or _too_many(stock, kinds, sets, most, limit):
        return None
    own = [_own(stock, of, most) if of else None for of in kinds]
    listed: list[Counts] = []
    for parent, v in sets:
        more = own[v]
        assert more is not None
        if parent < 0:
            listed.append(more)
            continue
        base = listed[parent]
        fits = (base @ stock.size)[:, None] + (more @ stock.size)[None, :] <= most
        a, b = np.nonzero(fits)
        listed.append(base[a] + more[b])
    rows: Counts = np.concatenate([np.zeros((0, len(stock.kinds)), np.int64), *listed])
    return rows


def _own(stock: Stock, kinds: Sequence[int], most: int) -> Counts:
    """Rows of one compound's kinds: at least one building, at most so many households."""
    rows = np.zeros((1, len(stock.kinds)), np.int64)
    for k in kinds:
        steps = np.arange(stock.count[k] + 1)
        fits = (rows @ stock.size)[:, None] + steps[None, :] * stock.size[k] <= most
        a, b = np.nonzero(fits)
        rows = rows[a]
        rows[:, k] = steps[b]
    some: Counts = rows[rows.sum(axis=1) > 0]
    return some


def _too_many(
    stock: Stock, kinds: list[list[int]], sets: list[tuple[int, int]], most: int, limit: int
) -> bool:
    """Whether more than `limit` multisets would be listed; counted by their households."""
    own = [_own_numbers(stock, of, most) for of in kinds]
    numbers: list[npt.NDArray[np.float64]] = []
    total = 0.0
    for parent, v in sets:
        number = own[v] if parent < 0 else np.convolve(numbers[parent], own[v])[: most + 1]
        numbers.append(number)
        total += number.sum()
        if total > limit:
            return True
    return False


def _own_numbers(stock: Stock, kinds: Sequence[int], most: int) -> npt.NDArray[np.float64]:
    """Number of one compound's multisets by households."""
    number = np.zeros(most + 1)
    number[0] = 1
    for k in kinds:
        size, wider = int(stock.size[k]), np.zeros(most + 1)
        for copies in range(stock.count[k] + 1):
            if copies * size > most:
                break
            wider[copies * size :] += number[: most + 1 - copies * size]
        number = wider
    number[0] -= 1
    return number
