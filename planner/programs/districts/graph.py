"""An undirected graph over positions: neighbours, pieces, hops, lightest paths, bit sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import shortest_path

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Neighbours = Sequence[Sequence[int]]


def neighbours_of(count: int, edges: Ints) -> tuple[tuple[int, ...], ...]:
    """Sorted neighbours of each vertex."""
    near: list[set[int]] = [set() for _ in range(count)]
    for u, v in edges.tolist():
        near[u].add(v)
        near[v].add(u)
    return tuple(tuple(sorted(others)) for others in near)


def pieces(near: Neighbours, members: Iterable[int]) -> list[list[int]]:
    """Connected pieces of `members`, each sorted, in the order of their first vertices."""
    ordered = sorted(set(members))
    left = set(ordered)
    found: list[list[int]] = []
    for first in ordered:
        if first not in left:
            continue
        left.discard(first)
        piece = [first]
        for v in piece:
            for w in near[v]:
                if w in left:
                    left.discard(w)
                    piece.append(w)
        found.append(sorted(piece))
    return found


def hops(near: Neighbours) -> Floats:
    """Edges of a shortest path between any two vertices; inf where there is none."""
    return _paths(near, np.ones(len(near)))


def lightest_paths(near: Neighbours, weight: Floats) -> Floats:
    """Weight of the lightest path between any two vertices, both ends counted; inf: none."""
    # an arc into w costs the weight of w; the first vertex is added afterwards
    return np.asarray(_paths(near, np.maximum(weight, 0.0)) + weight[:, None])


def _paths(near: Neighbours, into: Floats) -> Floats:
    count = len(near)
    heads = [w for others in near for w in others]
    start = np.cumsum([0, *(len(others) for others in near)])
    # explicit zeros would mean "no arc" once dense: scipy keeps them in a sparse graph
    graph = csr_array((into[heads] if heads else np.zeros(0), heads, start), shape=(count, count))
    return np.asarray(shortest_path(graph, method="D", directed=True), float)


def bit_sets(near: Neighbours) -> tuple[int, ...]:
    """Neighbours of each vertex as a bit set."""
    return tuple(sum(1 << w for w in others) for others in near)


def flood(bits: Sequence[int], start: int, inside: int) -> int:
    """Vertices of `inside` that hang together with the set `start`, and `start` itself."""
    seen = front = start
    while front:
        low = front & -front
        front ^= low
        new = bits[low.bit_length() - 1] & inside & ~seen
        seen |= new
        front |= new
    return seen


def bit_pieces(bits: Sequence[int], inside: int) -> list[int]:
    """Connected pieces of a bit set."""
    found = []
    while inside:
        piece = flood(bits, inside & -inside, inside)
        found.append(piece)
        inside &= ~piece
    return found


def members_of(mask: int) -> list[int]:
    """Positions in a bit set, ascending."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found


def weigher(weight: Sequence[float]) -> Callable[[int], float]:
    """The weight of a bit set, read eight positions at a time."""
    tables: list[list[float]] = []
    for first in range(0, len(weight), 8):
        table = [0.0] * 256
        for value in range(1, 256):
            low = (value & -value).bit_length() - 1
            here = weight[first + low] if first + low < len(weight) else 0.0
            table[value] = table[value & (value - 1)] + here
        tables.append(table)

    def weigh(mask: int) -> float:
        total, number = 0.0, 0
        while mask:
            total += tables[number][mask & 255]
            mask >>= 8
            number += 1
        return total

    return weigh
