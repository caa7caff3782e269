"""A short tree of linear programs: it finds the separators that matter, and where to divide.

The relaxation at the root meets few separators: those that forbid the torn plans close to the best
one show only further down. Each node separates anew, and what it finds holds everywhere. Rows that
have no price for long leave the linear program, so that nodes stay cheap; the pool keeps them.
Sources: Linderoth and Savelsbergh, INFORMS J. on Computing 11 (1999), best bound first and pseudo
costs; Validi, Buchanan, Lykhovyd, Operations Research 70 (2022), separators in the tree.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from planner.programs.location.neighbours import Cut
from planner.programs.location.problem import Floats, Ints
from planner.programs.location.remaining import Pool, Remaining
from planner.solving.highs import Session
from planner.solving.settings import Settings

_LOOKS, _ROOT_LOOKS = 6, 30
"""Times that a node, or the root, is separated."""
_GAIN = 2e-5
"""Rise of a bound (share) below which separating goes on no more than `_PATIENT` times."""
_PATIENT = 3
_MOST_ROWS = 700
"""Separators in the linear program before those that have had no price for longest leave it."""
_AT_ONCE = 60
"""Separators taken from the pool at a time."""
_VIOLATED = 0.02

Find = Callable[[Floats, bool], Sequence[Cut]]
"""Separators that a point of the whole program violates; whether it is a plan."""


@dataclass(frozen=True)
class Node:
    """Bounds of the columns, and the linear relaxation within them."""

    bound: float
    lower: Floats
    upper: Floats
    columns: Floats
    reduced: Floats


class Tree:
    """Branch and cut on linear programs, best bound first."""

    def __init__(
        self, remaining: Remaining, pool: Pool, find: Find, settings: Settings, cutoff: float
    ) -> None:
        self.remaining, self.pool, self._find = remaining, pool, find
        self.cutoff = cutoff
        """Plans from this value on do not count."""
        self.plans: list[Floats] = []
        """Plans met below the cutoff, of the free columns."""
        arrays = remaining.arrays
        self.session = Session(arrays, settings)
        self._first = self.session.row_count
        self._held: Ints = np.zeros(0, int)
        self._idle: Ints = np.zeros(0, int)
        self._integer = arrays.integer
        self._gains = np.zeros((2, len(arrays.names)))
        self._times = np.zeros((2, len(arrays.names)))
        self._heap: list[tuple[float, int, Node]] = []
        self._count = 0

    def grow(self, nodes: int, *, late: Callable[[], bool]) -> float:
        """Divide up to `nodes` nodes; a bound of the plans below the cutoff that were not met.

        It is the cutoff where there are no others.
        """
        arrays = self.remaining.arrays
        root = self._relaxed(arrays.lower, arrays.upper, _ROOT_LOOKS)
        if root is not None:
            self._push(root)
        for _ in range(nodes):
            if not self._heap or late():
                break
            for child in self.divided(heapq.heappop(self._heap)[-1]):
                self._push(child)
        return min([self.cutoff, *(bound for bound, _, _ in self._heap)])

    def divided(self, node: Node) -> list[Node]:
        """The parts of a node that may hold a plan below the cutoff."""
        lower, upper = self._tightened(node)
        whole = np.abs(node.columns - np.round(node.columns)) < 1e-6
        doubtful = np.flatnonzero(~whole & self._integer)
        if not len(doubtful):
            return self._settled(node, lower, upper)
        at = self._choose(node.columns, doubtful)
        children = []
        for value in (1, 0):
            low, high = lower.copy(), upper.copy()
            low[at] = high[at] = value
            child = self._relaxed(low, high, _LOOKS)
            if child is not None:
                child = replace(child, bound=max(child.bound, node.bound))
            share = abs(value - node.columns[at])
            gain = (self.cutoff if child is None else child.bound) - node.bound
            if math.isfinite(gain):
                self._gains[value, at] += gain / share
                self._times[value, at] += 1
            children += [] if child is None else [child]
        return children

    def _settled(self, node: Node, lower: Floats, upper: Floats) -> list[Node]:
        """A node whose relaxation is a plan: kept, or separated again where it is torn."""
        rounded = np.where(self._integer, np.round(node.columns), node.columns)
        cuts = self._find(self.remaining.whole(rounded), True)
        if not cuts:
            self.plans.append(rounded)
            return []
        self.pool.forbid(cuts)
        self._take(self._missing(rounded, 0.5))
        again = self._relaxed(lower, upper, _LOOKS)
        return [] if again is None else [again]

    def _push(self, node: Node) -> None:
        self._count += 1
        heapq.heappush(self._heap, (node.bound, self._count, node))

    def _relaxed(self, lower: Floats, upper: Floats, looks: int) -> Node | None:
        """The separated relaxation within bounds; None if nothing there is below the cutoff."""
        self._purge()
        self.session.set_bounds(np.arange(len(lower), dtype=np.int32), lower, upper)
        best, gained = -math.inf, 0
        columns, reduced = np.full(len(lower), 0.5), np.zeros(len(lower))
        for look in range(looks + 1):
            outcome = self.session.relax(cutoff=self.cutoff)
            if outcome.columns is None or outcome.reduced is None or outcome.duals is None:
                if outcome.bound == math.inf:
                    return None
                break  # out of time
            priced = np.abs(outcome.duals[self._first :]) > 1e-9
            self._idle = np.where(priced, 0, self._idle + 1)
            self.pool.used[self._held[priced]] = True
            if outcome.bound >= self.cutoff:
                return None
            gained = 0 if outcome.bound > best + _GAIN * abs(outcome.bound) else gained + 1
            best = max(best, outcome.bound)
            columns, reduced = outcome.columns, outcome.reduced
            if look == looks or gained > _PATIENT or not self._separate(outcome.columns):
                break
        return Node(best, lower, upper, columns, reduced)

    def _separate(self, columns: Floats) -> bool:
        known = self._missing(columns, _VIOLATED)
        if not len(known):
            known = self.pool.add(self._find(self.remaining.whole(columns), False))
        self._take(known)
        return len(known) > 0

    def _missing(self, columns: Floats, least: float) -> Ints:
        """The separators of the pool that a point violates most."""
        rows = np.setdiff1d(self.pool.violated(columns, least), self._held)
        excess = self.pool.matrix[rows] @ columns - self.pool.right[rows]
        return np.asarray(rows[np.argsort(-excess, kind="stable")[:_AT_ONCE]])

    def _take(self, rows: Ints) -> None:
        if len(rows):
            self.session.add_rows(self.pool.rows(rows))
            self._held = np.concatenate([self._held, rows])
            self._idle = np.concatenate([self._idle, np.zeros(len(rows), int)])

    def _purge(self) -> None:
        if len(self._held) <= _MOST_ROWS:
            return
        longest = np.argsort(-self._idle, kind="stable")[: len(self._held) - _MOST_ROWS // 2]
        gone = np.sort(longest[self._idle[longest] > 0])
        self.session.remove_rows(self._first + gone)
        self._held, self._idle = np.delete(self._held, gone), np.delete(self._idle, gone)

    def _tightened(self, node: Node) -> tuple[Floats, Floats]:
        """Bounds without what the reduced costs rule out."""
        slack = self.cutoff - node.bound
        lower, upper = node.lower.copy(), node.upper.copy()
        if math.isfinite(slack):
            binary = self._integer & (upper - lower == 1)
            down = binary & (node.reduced > slack) & (node.columns < lower + 0.5)
            up = binary & (-node.reduced > slack) & (node.columns > lower + 0.5)
            upper, lower = np.where(down, lower, upper), np.where(up, upper, lower)
        return lower, upper

    def _choose(self, columns: Floats, doubtful: Ints) -> int:
        """The column whose two sides are expected to raise the bound most."""
        known = np.maximum(1, self._times)
        mean = self._gains.sum(1, keepdims=True) / np.maximum(1, self._times.sum(1, keepdims=True))
        mean = np.where(self._times.sum(1, keepdims=True) > 0, mean, 1.0)
        cost = np.where(self._times > 0, self._gains / known, mean)[:, doubtful]
        up, down = cost[1] * (1 - columns[doubtful]), cost[0] * columns[doubtful]
        return int(doubtful[np.argmax(np.maximum(up, 1e-3) * np.maximum(down, 1e-3))])
