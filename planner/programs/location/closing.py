"""The end of a search: a short tree finds the separators that matter before an integer program.

Integer programs end with one torn plan after the other where many are better than the best plan
that holds together. So separators are first looked for in a tree of linear programs, and each torn
plan is mended: its torn catchments and those next to them are shared out anew until they hold.
What that finds is a plan, often a better one, and the separators that the mending met.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from planner.programs.location.neighbours import Cut
from planner.programs.location.problem import Bools, Floats
from planner.programs.location.rounds import Reached, Rounds
from planner.programs.location.tree import Tree
from planner.solving.highs import Outcome, Session

_NODES = 300
"""Nodes of the tree."""
_ROUNDS = 30
"""Integer programs that may end with torn plans."""
_MENDING, _MEND_NODES = 12, 200
"""Integer programs for a torn plan, and nodes of each."""


def close(rounds: Rounds, *, gap: float, below: float, workers: int = 1) -> Reached:
    """The best plan of the program below a value, and a bound within `gap` of it (at most `below`).

    The program is taken with the bounds that its columns have now. The bound is what is proven by
    then if time runs out.
    """
    return _Closing(rounds, gap, below, workers).run()


class _Closing:
    """The program without what is fixed, its separators, and the best plan."""

    def __init__(self, rounds: Rounds, gap: float, below: float, workers: int) -> None:
        self._rounds, self._gap, self._below, self._workers = rounds, gap, below, workers
        self._remaining, self._pool = rounds.remaining()
        self._best = Reached(-math.inf, math.inf, None)

    def run(self) -> Reached:
        """Separate in the tree, then solve and mend until no plan is torn."""
        tree = Tree(self._remaining, self._pool, self._find, self._rounds.settings, self._below)
        tree.session.until = self._rounds.session.until
        bound = tree.grow(_NODES, late=self._rounds.late)
        for columns in tree.plans:
            self._meet(columns)
        for _ in range(_ROUNDS):
            if bound >= self._cutoff or self._rounds.late():
                break
            known = self._pool.count
            outcome = self._solve(self._cutoff)
            bound = max(bound, outcome.bound)
            torn = [columns for columns in outcome.improving if not self._meet(columns)]
            if not torn or self._pool.count == known:
                break
            if bound < self._cutoff:
                self._mend(torn[-1])
        return replace(self._best, bound=min(bound, self._cutoff))

    @property
    def _cutoff(self) -> float:
        """Plans from this value on are not better than the best one by more than the gap."""
        value = self._best.value
        return min(self._below, value - self._gap * abs(value)) if value < math.inf else self._below

    def _solve(
        self, cutoff: float, *, free: Bools | None = None, plan: Floats | None = None
    ) -> Outcome:
        """The integer program with the separators of use; all but `free` columns as in a plan."""
        arrays = self._remaining.arrays
        if free is not None and plan is not None:
            lower, upper = (np.where(free, b, plan) for b in (arrays.lower, arrays.upper))
            arrays = replace(arrays, lower=lower, upper=upper)
        session = Session(arrays, self._rounds.settings, heuristics=free is not None)
        session.until = self._rounds.session.until
        session.add_rows(self._pool.rows(np.flatnonzero(self._pool.used)))
        nodes = None if free is None else _MEND_NODES
        workers = self._workers if free is None else 1
        return session.optimise(gap=self._gap, cutoff=cutoff, nodes=nodes, workers=workers)

    def _mend(self, columns: Floats) -> None:
        """Share out the catchments around those that a plan tears, until they hold together."""
        schools = self._rounds.schools_near(self._remaining.whole(columns))
        for _ in range(_MENDING):
            whole = self._remaining.whole(columns)
            free = self._rounds.shared(whole, schools)[self._remaining.columns]
            outcome = self._solve(self._cutoff, free=free, plan=columns)
            if not outcome.improving:
                return
            held = [self._meet(better) for better in outcome.improving]
            if held[-1]:
                return
            columns = outcome.improving[-1]

    def _meet(self, columns: Floats) -> bool:
        """Take in a plan; False if it is torn, and forbidden from now on."""
        plan = self._rounds.exact(self._remaining.whole(columns))
        cuts = self._find(plan, True)
        if cuts:
            self._pool.forbid(cuts)
            return False
        value = self._rounds.objective(plan)
        if value < min(self._below, self._best.value) - 1e-9:
            self._best = Reached(-math.inf, value, plan)
        return True

    def _find(self, columns: Floats, plan: bool) -> Sequence[Cut]:
        return self._rounds.cuts(columns, plan=plan)
