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

_NODES = 20
"""Nodes of one program."""
_AGAIN = 6
"""Programs for one neighbourhood whose plans are torn."""
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

    def along(self, around: Callable[[Touching, int], Iterator[frozenset[int]]]) -> None:
        """Search all neighbourhoods of one kind until none holds a better plan."""
        touching = self._rounds.touching(self.columns)
        queue = sorted(touching)
        while queue:
            school = queue.pop(0)
            for schools in around(touching, school):
                if self._value <= self._enough or self._rounds.late():
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
        for _ in range(_AGAIN):
            torn = self._solve()
            if self._value < before or not torn:
                break
        rounds.fix_arcs()
        return self._value < before

    def _solve(self) -> bool:
        """Take in the plans of the program as it stands; whether any of them was torn."""
        rounds, step = self._rounds, _STEP * self._gap
        cutoff, torn = self._value - step * abs(self._value), False
        outcome = rounds.session.optimise(gap=step, cutoff=cutoff, nodes=_NODES)
        for columns in map(rounds.exact, outcome.improving):
            value = rounds.objective(columns)
            if rounds.separate(columns):
                torn = True
            elif value < self._value - 1e-9:
                self.columns, self._value = columns, value
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
