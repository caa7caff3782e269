"""Contiguity cuts as rows over arcs: those known from the start, and those a point violates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix, vstack

from planner.programs.location.catchments import fractional_cuts
from planner.programs.location.neighbours import Cut, neighbour_cuts
from planner.programs.location.problem import Floats, Ints
from planner.programs.priced.layout import Layout
from planner.solving.arrays import Rows


@dataclass(frozen=True)
class Joined:
    """Rows that join the arcs of a catchment: ``matrix @ x <= right``, x by arc."""

    matrix: csr_matrix
    right: Floats

    def and_(self, more: Joined) -> Joined:
        """These rows and more."""
        matrix = vstack([self.matrix, more.matrix]).tocsr()
        return Joined(matrix, np.append(self.right, more.right))

    def over(self, arcs: Ints) -> Joined:
        """All rows, over some of the arcs; no other arc is used."""
        return Joined(self.matrix[:, arcs].tocsr(), self.right)

    def within(self, arcs: Ints) -> Joined:
        """The same without the rows that then bind nothing."""
        part = self.matrix[:, arcs]
        binding = np.asarray((part > 0).sum(1)).ravel() > 0
        return Joined(part[binding].tocsr(), self.right[binding])

    def rows(self, width: int) -> Rows:
        """As rows of a program whose first columns are the arcs."""
        matrix = self.matrix.tocsr()
        matrix.resize(matrix.shape[0], width)
        matrix.sort_indices()
        count = matrix.shape[0]
        return Rows(
            tuple(f"cut{i}" for i in range(count)), np.full(count, -np.inf), self.right,
            matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32),
            matrix.data.astype(float),
        )  # fmt: skip


def joined_of(cuts: Sequence[Cut], count: int) -> Joined:
    """Cuts as rows over `count` arcs."""
    rows, columns, values, right = list[int](), list[int](), list[float](), list[float]()
    for i, cut in enumerate(cuts):
        parts = [(cut.unit, 1.0), *((a, -1.0) for a in cut.through)]
        if cut.anchor is not None:
            parts.append((cut.anchor, 1.0))
        rows += [i] * len(parts)
        columns += [a for a, _ in parts]
        values += [value for _, value in parts]
        right.append(0.0 if cut.anchor is None else 1.0)
    return Joined(csr_matrix((values, (rows, columns)), (len(cuts), count)), np.array(right, float))


def known_cuts(layout: Layout) -> Joined:
    """The first separator of every arc; none without a graph."""
    return joined_of(neighbour_cuts(layout.problem), len(layout.cost))


def violated_cuts(layout: Layout, x: Floats) -> list[Cut]:
    """Separators that a fractional point violates."""
    return [
        cut
        for pair in range(len(layout.places))
        for cut in fractional_cuts(
            layout.problem, divmod(pair, layout.services), layout.by_pair.of(pair).tolist(), x
        )
    ]
