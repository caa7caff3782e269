"""Separation rounds on an open location program: contiguity rows that are found stay."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pulp

from planner.programs.location.catchments import (
    all_fractional_cuts,
    all_torn_cuts,
    fractional_rows,
    row_of,
    torn_rows,
)
from planner.programs.location.neighbours import Cut, neighbour_cuts
from planner.programs.location.open_program import OpenProgram
from planner.programs.location.problem import Bools, Floats, Ints, LocationProblem
from planner.programs.location.program import LocationProgram
from planner.programs.location.remaining import Pool, Remaining, remaining_of
from planner.solving.arrays import Rows, rows_of
from planner.solving.highs import Outcome
from planner.solving.settings import Settings, gap_of

_LP_ROUNDS = 12
_LOOSE = 0.05
"""Gap of the rounds before the first contiguous plan: their plans are torn anyway."""
_CLOSE = 0.02
"""Gap before the first round at which there are no such rounds."""
_COMPACT_NODES = 400
"""Nodes after which compact plans are given up: that there are none proves nothing.

A plan found late still pays: without one, the search that follows is far longer.
"""


@dataclass(frozen=True)
class Limits:
    """Of a search in rounds, beyond which it is broken off."""

    rounds: int = 60
    """Integer programs in all."""
    loose_nodes: int | None = None
    """Nodes of one at a loose gap: its plan is torn anyway, so one that takes long is pointless."""
    nodes: int | None = None
    """Nodes of those at the gap asked for, in all."""
    least: float = 0.0
    """Share of the way to the target that the bound goes within the loose nodes where it is worth
    going on: the nodes that follow raise it less and less."""


ENDLESS = Limits()


@dataclass(frozen=True)
class Reached:
    """Bound of a search, and the best plan below what was asked for (None: there is none)."""

    bound: float
    value: float
    columns: Floats | None
    unfinished: bool = False
    """Whether the search was broken off before bound and value met."""


class Rounds(OpenProgram):
    """A location program whose contiguity rows come in rounds."""

    def __init__(
        self, problem: LocationProblem, program: LocationProgram, settings: Settings
    ) -> None:
        super().__init__(problem, program, settings)
        names = self.first_rows
        self._separators = [i for i, name in enumerate(names) if name.startswith("neighbour__")]
        self._known: set[str] = set()
        self._compact: tuple[Ints, Rows] | None = None
        """The arc of each compact row, and these rows."""

    def relaxed_bound(self) -> float:
        """Bound of the linear relaxation, separated."""
        bound = -math.inf
        for _ in range(_LP_ROUNDS):
            outcome = self.session.relax()
            bound = max(bound, outcome.bound)
            if outcome.columns is None or not self.separate_fractional(outcome.columns):
                break
        return bound

    def add_cuts(self, cuts: Sequence[Cut]) -> None:
        """Add cuts that hold for every contiguous plan."""
        self._add([row_of(self._problem, self._program, cut) for cut in cuts])

    def separate_fractional(self, columns: Floats) -> int:
        """Add the separators violated at a fractional point; their number."""
        return self._add(fractional_rows(self._problem, self._program, columns[self._x]))

    def separate(self, columns: Floats) -> bool:
        """Whether a plan is torn; adds the rows that forbid it."""
        return self.separate_torn(columns[self._x])

    def separate_torn(self, used: Floats) -> bool:
        """Whether a plan (by arc) has torn catchments; adds the rows that forbid it."""
        rows = torn_rows(self._problem, self._program, used)
        self._add(rows)
        return bool(rows)

    def remaining(self) -> tuple[Remaining, Pool]:
        """What is left of the program as its columns are fixed now, and its separators."""
        return remaining_of(self.session.arrays(), self._separators, self._x.astype(int))

    def cuts(self, columns: Floats, *, plan: bool) -> list[Cut]:
        """Separators that a point violates: a plan, or a fractional one."""
        of_point = all_torn_cuts if plan else all_fractional_cuts
        return of_point(self._problem, self._program, columns[self._x])

    def by_arc(self, columns: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Of an array by column, what belongs to the arcs."""
        return np.asarray(columns[self._x])

    def touching(self, columns: Floats) -> dict[int, frozenset[int]]:
        """By school, the schools of the same service whose catchments touch its own in a plan.

        None where catchments need not hold together.
        """
        arcs, graph = self._problem.arcs, self._problem.graph
        used = columns[self._x] > 0.5
        own = (arcs.unit[used], arcs.service[used], arcs.school[used])
        at = {(u, s): f for u, s, f in zip(*(part.tolist() for part in own), strict=True)}
        touching: dict[int, set[int]] = {}
        for (u, s), f in at.items():
            around = graph.neighbours[u] if graph is not None else ()
            touching.setdefault(f, set()).update(at.get((w, s), f) for w in around)
        return {f: frozenset(others - {f}) for f, others in touching.items()}

    def schools_near(self, columns: Floats) -> set[int]:
        """The schools whose catchments a plan tears, and those that its stray pieces touch."""
        arcs, graph = self._problem.arcs, self._problem.graph
        used = columns[self._x] > 0.5
        at = {int(u): int(f) for u, f in zip(arcs.unit[used], arcs.school[used], strict=True)}
        near = set[int]()
        for cut in self.cuts(columns, plan=True):
            unit = int(arcs.unit[cut.unit])
            around = graph.neighbours[unit] if graph is not None else ()
            near |= {int(arcs.school[cut.unit]), *(at[v] for v in around if v in at)}
        return near

    def shared(self, columns: Floats, schools: Collection[int]) -> Bools:
        """Which columns are arcs between these schools and the units that a plan sends there."""
        arcs = self._problem.arcs
        among = np.isin(arcs.school, sorted(schools))
        units = arcs.unit[among & (columns[self._x] > 0.5)]
        free = np.zeros(len(columns), bool)
        free[self._x] = among & np.isin(arcs.unit, units)
        return free

    def compact_plan(self, *, gap: float, below: float = math.inf) -> Reached:
        """The best plan below a value of those connected by nearer and nearer neighbours.

        No bound of other plans follows from it.
        """
        if self._problem.graph is None:
            return Reached(-math.inf, math.inf, None)
        outcome = self.compact(gap=gap, cutoff=below, nodes=_COMPACT_NODES)
        for columns in map(self.exact, reversed(outcome.improving)):
            value = self.objective(columns)
            if value < below and not self.separate(columns):
                return Reached(-math.inf, value, columns)
        return Reached(-math.inf, math.inf, None)

    def compact(
        self, *, gap: float, cutoff: float, nodes: int, arcs: Bools | None = None
    ) -> Outcome:
        """Solve the program where each unit (only those of some `arcs`) has a nearer neighbour."""
        if self._compact is None:
            cuts = neighbour_cuts(self._problem, nearer=True)
            constraints = [row_of(self._problem, self._program, cut) for cut in cuts]
            arc_of = np.array([cut.unit for cut in cuts], int)
            self._compact = arc_of, rows_of(constraints, self._position)
        arc, rows = self._compact
        first = self.session.row_count
        self.session.add_rows(rows if arcs is None else rows.among(np.flatnonzero(arcs[arc])))
        outcome = self.session.optimise(gap=gap, cutoff=cutoff, nodes=nodes)
        self.session.drop_rows(first)
        return outcome

    def solve(
        self,
        name: str,
        *,
        gap: float,
        below: float = math.inf,
        known: float = -math.inf,
        enough: float = -math.inf,
        mend: Callable[[Floats], Floats | None] | None = None,
        limits: Limits = ENDLESS,
    ) -> Reached:
        """Search plans below a value; the bound is at most `below`, inf if there is no plan at all.

        Stops when the bound is within `gap` of the best plan, or a plan is at most `enough`.
        `known` is a bound that is known before. With
        `mend`, which makes a whole plan of a torn one if it can, the linear relaxation is separated
        again after every torn plan.
        """
        near = self._problem.graph is None or below - known <= _CLOSE * abs(below)
        bound, now = -math.inf, gap if near else max(gap, _LOOSE)
        best, found, left = Reached(bound, below, None), False, limits.nodes
        for _ in range(limits.rounds):
            found = best.columns is not None
            cutoff = best.value - gap * abs(best.value) if found else below
            few = limits.loose_nodes if now >= _LOOSE else left
            outcome = self.session.optimise(gap=now, cutoff=cutoff, nodes=few)
            if left is not None and now < _LOOSE:
                left = max(0, left - outcome.nodes)
            bound, torn = max(bound, outcome.bound), False
            for columns in map(self.exact, outcome.improving):
                value = self.objective(columns)
                if self.separate(columns):
                    torn = True
                elif value < best.value - 1e-9:
                    best = Reached(bound, value, columns)
            found = best.columns is not None
            if torn and mend is not None and not (found and gap_of(best.value, bound) <= gap):
                assert outcome.columns is not None
                bound = max(bound, min(below, self.relaxed_bound()))
                best = self._mended(best, mend(self.exact(outcome.columns)))
            self.tell(name, best.value, bound)
            found = best.columns is not None
            met = found and (gap_of(best.value, bound) <= gap or best.value <= enough)
            stuck = not torn and now <= gap
            none = not found and bound >= below - 1e-9 * max(1.0, abs(below))
            if met or none or bound == math.inf or self.late():
                break
            short = below < math.inf and bound - known < limits.least * (below - known)
            hard = now >= _LOOSE and not outcome.improving and short
            if stuck or hard or left == 0:
                return self._broken_off(best, bound)
            if not torn or (few is not None and outcome.nodes >= few):
                now = gap
        else:
            return self._broken_off(best, bound)
        return Reached(bound, best.value if best.columns is not None else math.inf, best.columns)

    def _broken_off(self, best: Reached, bound: float) -> Reached:
        value = best.value if best.columns is not None else math.inf
        return Reached(bound, value, best.columns, unfinished=True)

    def _mended(self, best: Reached, columns: Floats | None) -> Reached:
        """The better of the best plan and one that was mended."""
        if columns is None:
            return best
        value = self.objective(columns)
        better = value < best.value - 1e-9 and not self.separate(columns)
        return Reached(best.bound, value, columns) if better else best

    def _add(self, rows: list[pulp.LpConstraint]) -> int:
        new = [row for row in rows if row.name not in self._known]
        self._known.update(row.name for row in new)
        if new:
            self._joining = None
            first = self.session.row_count
            self.session.add_rows(rows_of(new, self._position))
            self._separators += range(first, first + len(new))
        return len(new)
