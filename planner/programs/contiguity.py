"""Contiguity: pieces of a part, and the minimal separators that forbid a stray piece.

A part with a root r is contiguous iff for every vertex a of it and every minimal a,r-separator C
some vertex of C belongs to it: ``x[a] <= sum(x[c] for c in C)``. Rows are generated in rounds.
Source: Fischetti et al., "Thinning out Steiner trees", Math. Prog. Comp. 9 (2017).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Graph:
    """An undirected graph over sorted ids; vertices are positions in `ids`."""

    ids: tuple[str, ...]
    neighbours: tuple[tuple[int, ...], ...]
    component: tuple[int, ...]
    """Number of the connected component of each vertex."""

    @property
    def position(self) -> dict[str, int]:
        """Position of each id."""
        return {key: i for i, key in enumerate(self.ids)}


def graph_of(ids: Iterable[str], borders: pd.DataFrame) -> Graph:
    """Graph over `ids` from the columns `a`, `b` of `borders`; other ids are left out."""
    ordered = tuple(sorted(ids))
    position = {key: i for i, key in enumerate(ordered)}
    lists: list[list[int]] = [[] for _ in ordered]
    for a, b in zip(borders["a"], borders["b"], strict=True):
        if a in position and b in position:
            lists[position[a]].append(position[b])
            lists[position[b]].append(position[a])
    neighbours = tuple(tuple(sorted(set(near))) for near in lists)
    component = [-1] * len(ordered)
    for number, piece in enumerate(_pieces(neighbours, range(len(ordered)))):
        for v in piece:
            component[v] = number
    return Graph(ordered, neighbours, tuple(component))


def pieces(graph: Graph, members: Iterable[int]) -> list[list[int]]:
    """Connected pieces of the vertices `members`, each sorted, ordered by their first vertex."""
    return _pieces(graph.neighbours, members)


def stray_pieces(graph: Graph, members: Iterable[int], root: int) -> list[list[int]]:
    """Pieces of `members` + root that do not hold the root, within the root's component."""
    here = [v for v in members if graph.component[v] == graph.component[root]]
    return [piece for piece in pieces(graph, {*here, root}) if root not in piece]


def separator(graph: Graph, piece: Sequence[int], root: int) -> list[int]:
    """Minimal vertex set outside `piece` and `root` that parts them, on the side of the piece.

    Empty if the piece touches the root, or lies in another component.
    """
    inside = set(piece)
    shore = {w for v in piece for w in graph.neighbours[v]} - inside
    if root in shore or graph.component[piece[0]] != graph.component[root]:
        return []
    seen = {root}
    stack = [root]
    touched: set[int] = set()
    while stack:
        for w in graph.neighbours[stack.pop()]:
            if w in shore:
                touched.add(w)
            elif w not in seen and w not in inside:
                seen.add(w)
                stack.append(w)
    return sorted(touched)


def _pieces(neighbours: Sequence[Sequence[int]], members: Iterable[int]) -> list[list[int]]:
    left = set(members)
    found: list[list[int]] = []
    for start in sorted(left):
        if start not in left:
            continue
        left.discard(start)
        piece, stack = [start], [start]
        while stack:
            for w in neighbours[stack.pop()]:
                if w in left:
                    left.discard(w)
                    piece.append(w)
                    stack.append(w)
        found.append(sorted(piece))
    return found
