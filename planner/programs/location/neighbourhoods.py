"""Better plans from a plan: a few catchments that touch are shared out anew, the others stay.

A plan near the best one makes a proof short: what is further from it than the gap needs no search.
Pairs of catchments come first, then threes, then a catchment with all around it: each of these
programs is small, and ends after a few nodes.
Source: Pisinger, Ropke, Large neighborhood search, in Handbook of Metaheuristics (2010).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

from planner.programs.location.problem import Floats
from planner.programs.location.rounds import Rounds
from planner.solving.highs import Outcome

_NODES = 20
"""Nodes of one program."""
_AGAIN = 3
"""Programs for one neighbourhood whose plans are torn, before one that has no torn plans."""
_TIRED = 5
"""Programs of one kind that run out of nodes without a better plan before it is let go."""
_MOST = 0.5
"""Share of the catchments that a neighbourhood has at most: more are as hard as all of them."""
_STEP = 0.1
"""Least share of the gap that is a better plan."""

Touching = Mapping[int, frozenset[int]]
"""The schools whose catchments touch that of each school."""


def improved(rounds: Rounds, columns: Floats, *, gap: float, enough: float) -> Floats:
    """The plan of the program of `rounds` that `columns` leads to; ends at a value of `enough`.

    The program is taken with its rows and the options that are fixed. `gap` is what the search at
    large is solved to: gains that are small beside it are let go.
    """
    descent = _Descent(rounds, columns, gap, enough)
    for around in (_pairs, _threes, _rings):
        descent.along(around)
    return descent.columns


class _Descent:
    """The best plan so far, and the search around each of its catchments in turn."""

    def __init__(self, rounds: Rounds, columns: Floats, gap: float, enough: float) -> None:
        self.columns = columns
        self._rounds, self._gap, self._enough = rounds, gap, enough
        self._value = rounds.objective(columns)
        self._run_out = 0

    def along(self, around: Callable[[Touching, int], Iterator[frozenset[int]]]) -> None:
        """Search all neighbourhoods of one kind until none holds a better plan."""
        touching = self._rounds.touching(self.columns)
        queue, self._run_out = sorted(touching), 0
        while queue:
            school = queue.pop(0)
            for schools in around(touching, school):
                if self._value <= self._enough or self._run_out >= _TIRED or self._rounds.late():
                    return
                few = len(schools) <= _MOST * len(touching)
                if few and self._share_out(schools):
                    touching = self._rounds.touching(self.columns)
                    near = schools.union(*(touching.get(f, frozenset()) for f in schools))
                    queue += sorted(near - set(queue))

    def _share_out(self, schools: frozenset[int]) -> bool:
        """Whether a better plan was found by sharing out the catchments of some schools anew."""
        rounds, before = self._rounds, self._value
        used = rounds.by_arc(self.columns) > 0.5
        free = rounds.by_arc(rounds.shared(self.columns, schools)) > 0.5
        rounds.fix_arcs(used & ~free, used | free)
        step = _STEP * self._gap
        cutoff = before - step * abs(before)
        for _ in range(_AGAIN):
            torn = self._take(rounds.session.optimise(gap=step, cutoff=cutoff, nodes=_NODES))
            if self._value < before or not torn:
                break
        else:
            self._take(rounds.compact(gap=step, cutoff=cutoff, nodes=_NODES, arcs=free))
        rounds.fix_arcs()
        return self._value < before

    def _take(self, outcome: Outcome) -> bool:
        """Take in the plans of a program; whether any of them was torn."""
        torn = False
        for columns in map(self._rounds.exact, outcome.improving):
            value = self._rounds.objective(columns)
            if self._rounds.separate(columns):
                torn = True
            elif value < self._value - 1e-9:
                self.columns, self._value, self._run_out = columns, value, 0
        self._run_out += outcome.nodes >= _NODES
        return torn


def _pairs(touching: Touching, school: int) -> Iterator[frozenset[int]]:
    return (frozenset({school, other}) for other in sorted(touching.get(school, ())))


def _threes(touching: Touching, school: int) -> Iterator[frozenset[int]]:
    for pair in combinations(sorted(touching.get(school, ())), 2):
        if pair[1] in touching.get(pair[0], ()):
            yield frozenset({school, *pair})


def _rings(touching: Touching, school: int) -> Iterator[frozenset[int]]:
    if touching.get(school):
        yield frozenset({school, *touching[school]})
