"""What a part in pieces violates: separators towards its seat, or around a piece too light.

A vertex set C outside a piece P parts it from everything else. If the part's seat lies in a unit
beyond C, or P is lighter than a part must be, then some vertex of C belongs to every part that
holds a vertex of P: ``x[a] <= sum(x[c] for c in C)``. Where parts have no seats and every piece
is heavy enough, this holds for parts that hold a vertex b beyond C: ``x[a] + x[b] <= 1 + sum(…)``.
Sources: Fischetti et al., Math. Prog. Comp. 9 (2017); Validi, Buchanan and Lykhovyd, Operations
Research 70 (2022) for separators bounded by weight.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from planner.programs.districts.graph import Floats, lightest_paths, pieces
from planner.programs.districts.problem import DistrictProblem


@dataclass(frozen=True)
class Cut:
    """``x[a] <= sum(x[c] for c in separator)`` for every a in `piece`."""

    piece: tuple[int, ...]
    separator: tuple[int, ...]
    anchor: int | None = None
    """A vertex that the separator parts from the piece; None: the piece is too light alone."""


@dataclass(frozen=True, eq=False)
class Separators:
    """Finds the cuts of a problem."""

    problem: DistrictProblem

    @cached_property
    def path(self) -> Floats:
        """Weight of the lightest path between two units, both ends counted, by measure."""
        return np.array([lightest_paths(self.problem.near, w) for w in self.problem.weight])

    @cached_property
    def joinable(self) -> np.ndarray:
        """Units × units: whether some path joins the two without outweighing a part."""
        slack = 1e-9 * np.maximum(1.0, self.problem.upper)
        return np.asarray((self.path <= (self.problem.upper + slack)[:, None, None]).all(axis=0))

    def rooted(self, members: Sequence[int], root: int) -> Iterator[Cut]:
        """Cuts of the pieces of a part that do not hold the root."""
        for piece in pieces(self.problem.near, members):
            if root not in piece:
                shore = self._shore(piece)
                yield Cut(tuple(piece), self._touched(root, piece, shore), root)

    def lonely(self, root: int | None) -> Iterator[Cut]:
        """Cuts of every unit alone, towards a root or because it is too light to be a part."""
        for a, near in enumerate(self.problem.near):
            if root is None and self._too_light([a]):
                yield Cut((a,), near)
            elif root is not None and root != a and root not in near:
                yield Cut((a,), self._touched(root, [a], set(near)), root)

    def unrooted(self, members: Sequence[int]) -> Iterator[Cut]:
        """Cuts of a part without a seat: of the pieces too light to be one, or else of any two."""
        parts = pieces(self.problem.near, members)
        if len(parts) < 2:
            return
        light = [piece for piece in parts if self._too_light(piece)]
        for piece in light:
            yield Cut(tuple(piece), tuple(sorted(self._shore(piece))))
        if not light:
            parts.sort(key=lambda piece: float(self.problem.weight[0][piece].sum()))
            anchor = max(parts[-1], key=lambda i: float(self.problem.weight[0][i]))
            for piece in parts[:-1]:
                yield Cut(tuple(piece), self._touched(anchor, piece, self._shore(piece)), anchor)

    def bounded(self, a: int, root: int, separator: Sequence[int]) -> list[int]:
        """The separator without vertices through which no path from a to the root is light enough.

        The rest parts a and the root in the graph of light paths.
        """
        upper = self.problem.upper * (1 + 1e-9)
        weight = self.problem.weight
        kept = []
        for c in separator:
            through = self.path[:, a, c] + self.path[:, c, root] - weight[:, c]
            if (through <= upper).all():
                kept.append(c)
        return kept

    def _shore(self, piece: Sequence[int]) -> set[int]:
        inside = set(piece)
        return {w for v in piece for w in self.problem.near[v]} - inside

    def _touched(self, root: int, piece: Sequence[int], shore: set[int]) -> tuple[int, ...]:
        """Vertices of the shore that the root's side touches, or that are the root."""
        barred = shore | set(piece)
        seen, stack, touched = {root}, [root], {root} & shore
        while stack:
            for w in self.problem.near[stack.pop()]:
                if w in shore:
                    touched.add(w)
                elif w not in seen and w not in barred:
                    seen.add(w)
                    stack.append(w)
        return tuple(sorted(touched))

    def _too_light(self, piece: Sequence[int]) -> bool:
        weights = self.problem.weight[:, list(piece)].sum(axis=1)
        slack = 1e-9 * np.maximum(1.0, np.abs(self.problem.lower))
        return bool((weights < self.problem.lower - slack).any())
