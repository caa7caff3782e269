"""What is left of a location program once columns are fixed, with its separators kept apart.

Of thousands of separators a few hundred bind at a time. They lie in a pool, from which a program
takes those that it needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix, vstack

from planner.programs.location.neighbours import Cut
from planner.programs.location.problem import Bools, Floats, Ints
from planner.solving.arrays import Arrays, Rows

_PASSES = 5
"""Times that rows are asked which columns they fix."""


@dataclass(frozen=True)
class Remaining:
    """The free columns of a program, and its rows without the separators."""

    arrays: Arrays
    columns: Ints
    """Position of each free column in the whole program."""
    fixed: Floats
    """By column of the whole program: its value where it is fixed, else 0."""

    def whole(self, columns: Floats) -> Floats:
        """A point of the free columns as one of all columns."""
        point = self.fixed.copy()
        point[self.columns] = columns
        return point


class Pool:
    """Separators over the free columns: ``matrix @ columns <= right``."""

    def __init__(self, remaining: Remaining, x: Ints, matrix: csr_matrix, right: Floats) -> None:
        """`x` is the column of each arc in the whole program."""
        self.matrix, self.right = matrix, right
        self.used: Bools = np.ones(len(right), bool)
        """Which were known from the start, had a price since, or forbade a plan."""
        place = np.full(len(remaining.fixed), -1)
        place[remaining.columns] = np.arange(len(remaining.columns))
        self._place: Ints = place[x]
        self._value: Floats = remaining.fixed[x]
        self._known: dict[Cut, int] = {}

    @property
    def count(self) -> int:
        """How many separators are used."""
        return int(self.used.sum())

    def violated(self, columns: Floats, least: float) -> Ints:
        """The separators that a point violates by more than `least`."""
        return np.flatnonzero(self.matrix @ columns - self.right > least)

    def add(self, cuts: Sequence[Cut]) -> Ints:
        """Take in cuts that are new; their positions."""
        rows, right = list[dict[int, float]](), list[float]()
        for cut in cuts:
            if cut in self._known:
                continue
            self._known[cut] = len(self.right) + len(rows)
            anchor = [] if cut.anchor is None else [(cut.anchor, 1.0)]
            row, side = dict[int, float](), float(len(anchor))
            for arc, sign in [(cut.unit, 1.0), *anchor, *((a, -1.0) for a in cut.through)]:
                at = int(self._place[arc])
                if at < 0:
                    side -= sign * float(self._value[arc])
                else:
                    row[at] = row.get(at, 0.0) + sign
            rows.append(row)
            right.append(side)
        first = len(self.right)
        if rows:
            start = np.cumsum([0, *map(len, rows)])
            index = [at for row in rows for at in row]
            value = [sign for row in rows for sign in row.values()]
            shape = (len(rows), self.matrix.shape[1])
            self.matrix = vstack([self.matrix, csr_matrix((value, index, start), shape)]).tocsr()
            self.right = np.concatenate([self.right, right])
            self.used = np.concatenate([self.used, np.zeros(len(rows), bool)])
        return np.arange(first, len(self.right))

    def forbid(self, cuts: Sequence[Cut]) -> None:
        """Take in what forbids a plan."""
        self.add(cuts)
        self.used[[self._known[cut] for cut in cuts]] = True

    def rows(self, which: Ints) -> Rows:
        """Some of the separators as rows."""
        least = np.full(len(which), -np.inf)
        return _rows(self.matrix[which], least, self.right[which])


def remaining_of(arrays: Arrays, separators: Sequence[int], x: Ints) -> tuple[Remaining, Pool]:
    """A program without its fixed columns, idle rows, and the separators (by row): those pooled."""
    held = arrays.rows
    shape = (len(held.names), len(arrays.names))
    matrix = csr_matrix((held.value, held.index, held.start), shape)
    arrays = _tightened(arrays, matrix)
    free = arrays.lower < arrays.upper
    fixed = np.where(free, 0.0, arrays.lower)
    shift, matrix = matrix @ fixed, matrix[:, free].tocsr()
    lower, upper = held.lower - shift, held.upper - shift
    least, most = _reach(matrix, arrays.lower[free], arrays.upper[free])
    near = 1e-9 * np.maximum(1.0, np.abs(shift))
    busy = (least < lower - near) | (most > upper + near)
    apart = np.zeros(len(held.names), bool)
    apart[list(separators)] = True
    kept, pooled = np.flatnonzero(busy & ~apart), np.flatnonzero(busy & apart)
    # a separator has one side; PuLP may have turned it round
    turned = np.where(np.isfinite(upper[pooled]), 1.0, -1.0)
    right = np.where(turned > 0, upper[pooled], -lower[pooled])
    remaining = Remaining(
        Arrays(
            names=tuple(np.array(arrays.names)[free].tolist()),
            cost=arrays.cost[free],
            offset=arrays.offset + float(arrays.cost @ fixed),
            lower=arrays.lower[free], upper=arrays.upper[free], integer=arrays.integer[free],
            rows=_rows(matrix[kept], lower[kept], upper[kept]),
        ),
        np.flatnonzero(free), fixed,
    )  # fmt: skip
    own = matrix[pooled].multiply(turned[:, None]).tocsr()
    return remaining, Pool(remaining, x, own, right)


def _tightened(arrays: Arrays, matrix: csr_matrix) -> Arrays:
    """Integer columns fixed where a single row leaves them no choice, pass by pass."""
    rows, lower, upper = arrays.rows, arrays.lower.copy(), arrays.upper.copy()
    entries = matrix.tocoo()
    row, column, value = entries.row, entries.col, entries.data
    for _ in range(_PASSES):
        least, most = _reach(matrix, lower, upper)
        width = np.where(arrays.integer, upper - lower, 0.0)[column] * np.abs(value)
        near = 1e-6 * np.maximum(1.0, np.abs(value))
        high, low = (
            width > rows.upper[row] - least[row] + near,
            width > most[row] - rows.lower[row] + near,
        )
        down, up = np.where(value > 0, high, low), np.where(value > 0, low, high)
        unit = (upper - lower)[column] == 1
        if not (unit & (down | up)).any():
            break
        falls, rises = column[down & unit], column[up & unit]
        upper[falls] = lower[falls]
        lower[rises] = arrays.upper[rises]
    return replace(arrays, lower=lower, upper=np.maximum(lower, upper))


def _reach(matrix: csr_matrix, lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """The least and the most that each row can come to."""
    up, down = matrix.maximum(0.0), matrix.minimum(0.0)
    low, high = (np.nan_to_num(side, posinf=1e15, neginf=-1e15) for side in (lower, upper))
    return up @ low + down @ high, up @ high + down @ low


def _rows(matrix: csr_matrix, lower: Floats, upper: Floats) -> Rows:
    names = tuple(f"r{i}" for i in range(len(lower)))
    start, index = matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32)
    return Rows(names, lower, upper, start, index, np.asarray(matrix.data, float))
