"""Listed patterns: all ways to make one grid of whole buildings of connected compounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from planner.programs.grids.stock import Counts, Pool, Stock, pool_of

MOST_SETS = 20_000
"""Connected sets of compounds looked at; beyond, a listing gives up."""


def list_within(
    stock: Stock,
    *,
    limit: int,
    skip: frozenset[str] = frozenset(),
) -> Pool | None:
    """Patterns within the limits; None beyond `limit`."""
    rows = _multisets(stock, stock.size >= 0, stock.most, limit)
    if rows is None:
        return None
    least = 0 if "limits" in skip else stock.least
    return pool_of(stock, rows[rows @ stock.size >= least], least=least)


def list_outside(stock: Stock, *, households: int, limit: int) -> Pool | None:
    """Patterns outside the limits of at most so many households; None beyond `limit`.

    A grid above the limits must fall below them without its smallest building: else parts of it
    are grids within the limits.
    """
    low = _multisets(stock, stock.size >= 0, min(stock.least - 1, households), limit)
    large = stock.size > stock.most - stock.least
    top = min(households, stock.least - 1 + int(stock.size.max(initial=0)))
    high = _multisets(stock, large, top, limit)
    if low is None or high is None:
        return None
    smallest = np.where(high > 0, stock.size, np.iinfo(np.int64).max).min(axis=1, initial=top + 1)
    total = high @ stock.size
    high = high[(total > stock.most) & (total - smallest < stock.least)]
    return pool_of(stock, np.concatenate([low, high]))


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


def _multisets(
    stock: Stock,
    allowed: npt.NDArray[np.bool_],
    most: int,
    limit: int,
) -> Counts | None:
    """Rows of all connected multisets of allowed kinds up to `most` households."""
    kinds = [[k for k in of if allowed[k] and stock.size[k] <= most] for of in stock.of]
    weight = [min((int(stock.size[k]) for k in of), default=None) for of in kinds]
    sets = connected_sets(stock.neighbours, weight, most)
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
        listed.append(_added(stock, listed[parent], more, most))
    rows: Counts = np.concatenate([np.zeros((0, len(stock.kinds)), np.int64), *listed])
    return rows


def _added(stock: Stock, rows: Counts, more: Counts, most: int) -> Counts:
    """Every row with every one of the others, up to `most` households."""
    fits = (rows @ stock.size)[:, None] + (more @ stock.size)[None, :] <= most
    a, b = np.nonzero(fits)
    both: Counts = rows[a] + more[b]
    return both


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
