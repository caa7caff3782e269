"""A district program solved in rounds: solve, separate the parts in pieces, solve again."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pulp

from planner.programs.districts.answer import cutoff_below, rounded
from planner.programs.districts.graph import Floats
from planner.programs.districts.objective import Objective
from planner.programs.districts.plan import Plan, value_of
from planner.programs.districts.program import DistrictProgram, contiguous_rows
from planner.programs.districts.separators import Cut, Separators
from planner.solving.arrays import arrays_of, rows_of, vector_of
from planner.solving.highs import Session
from planner.solving.settings import Settings

WHOLE_GAP = 0.99
"""Whole values are proven when bound and value are nearer than that."""


@dataclass(frozen=True)
class Found:
    """The best plan below the cutoff, if any, and the bound on all plans below it.

    Without a plan the bound is inf once it is proven that there is none below the cutoff.
    """

    plan: Plan | None
    value: float | None
    bound: float
    rounds: int


class Rounds:
    """A program held open: its separators stay from solve to solve."""

    def __init__(
        self, program: DistrictProgram, separators: Separators, settings: Settings
    ) -> None:
        self.program = program
        self._separators = separators
        self._settings = settings
        self._seeded = False
        # a variable in no row is a column nevertheless
        every = [*program.x.values(), *program.z.values(), *program.g.values()]
        program.lp.setObjective(pulp.LpAffineExpression([(v, 0.0) for v in every]))
        self._arrays = arrays_of(program.lp)
        self._position = self._arrays.position
        self._session = Session(self._arrays, settings)
        self._x = [(key, self._position[v.name]) for key, v in program.x.items()]

    def seed(self, cuts: list[tuple[Cut, int]]) -> None:
        """Add the rows of some cuts, by column."""
        rows = [
            row for cut, j in cuts for row in contiguous_rows(
                self.program, self._separators, cut, j)
        ]  # fmt: skip
        self._session.add_rows(rows_of(rows, self._position))

    def minimise(
        self,
        objective: Objective,
        level: int,
        *,
        cutoff: float = math.inf,
        start: Plan | None = None,
        nodes: int | None = None,
    ) -> Found:
        """Minimise one level over the plans below `cutoff`, to the tolerance of the settings.

        Plans that hang together on the way count: the best of them cuts off what is not better.
        """
        self._session.set_cost(*vector_of(self.program.levels[level], self._position))
        columns = None if start is None else self._columns(start)
        best = Found(None, None, -math.inf, 0)
        while True:
            gap = self._settings.tolerance
            if objective.whole and math.isfinite(cutoff):
                gap = max(gap, WHOLE_GAP / max(1.0, abs(cutoff)))
            outcome = self._session.optimise(start=columns, gap=gap, cutoff=cutoff, nodes=nodes)
            bound = max(best.bound, rounded(objective, outcome.bound))
            best = replace(best, bound=bound, rounds=best.rounds + 1)
            # HiGHS may return a plan above the cutoff once it has proven that none is below
            none = outcome.bound >= cutoff - 1e-12 * abs(cutoff)
            if none or outcome.columns is None:
                return self._told(best, none=none)
            plans = [self._plan(found) for found in outcome.improving or (outcome.columns,)]
            torn = self._separate(plans)
            for plan in (plan for plan, own in zip(plans, torn, strict=True) if not own):
                value = value_of(objective, plan)
                if best.value is None or value < best.value:
                    best = replace(best, plan=plan, value=value)
            if not torn[-1] or self._settings.seconds_left() <= 0:
                return self._told(best, none=False)
            columns = None
            if best.value is not None:
                cutoff = min(cutoff, cutoff_below(objective, best.value, self._settings.tolerance))

    @staticmethod
    def _told(best: Found, *, none: bool) -> Found:
        """What was found; `none`: nothing is better, within the tolerance."""
        if best.value is None:
            return replace(best, bound=math.inf) if none else best
        return replace(best, bound=min(best.bound, best.value))

    def _separate(self, plans: list[Plan]) -> list[bool]:
        """Add the rows that plans violate; which of them do."""
        if not self.program.problem.contiguous:
            return [False] * len(plans)
        strays = [self._strays(plan) for plan in plans]
        if not self._seeded and any(strays):
            self._seeded = True
            roots = enumerate(map(self.program.home, range(self.program.columns.count)))
            self.seed([(cut, j) for j, root in roots for cut in self._separators.lonely(root)])
        self.seed([stray for own in strays for stray in own])
        return [bool(own) for own in strays]

    def _strays(self, plan: Plan) -> list[tuple[Cut, int]]:
        """Cuts of the parts in pieces, by column."""
        found: list[tuple[Cut, int]] = []
        program = self.program
        members: dict[int, list[int]] = {}
        for i, j in enumerate(plan.part):
            members.setdefault(j, []).append(i)
        column = {seat: c for c, seat in enumerate(program.columns.seats)}
        for j, inside in sorted(members.items()):
            c = column[plan.seat[j]] if column else j
            root = program.home(c)
            if root is not None:
                found += [(cut, c) for cut in self._separators.rooted(inside, root)]
                continue
            cuts = list(self._separators.unrooted(inside))
            found += [(cut, k) for cut in cuts for k in range(program.columns.count)]
        return found

    def _plan(self, columns: Floats) -> Plan:
        column = [-1] * self.program.problem.count
        for (i, j), at in self._x:
            if columns[at] > 0.5:
                column[i] = j
        if not self.program.columns.seats:
            return Plan(tuple(column))
        used = sorted(set(column))
        number = {j: n for n, j in enumerate(used)}
        return Plan(
            tuple(number[j] for j in column),
            tuple(self.program.columns.seats[j] for j in used),
        )

    def _columns(self, plan: Plan) -> Floats:
        """A plan as columns of the program; numbered parts are put in the program's order."""
        program = self.program
        column = _numbers(program, plan)
        values = {v.name: float(column[i] == j) for (i, j), v in program.x.items()}
        values |= {
            v.name: float(column[a] == j and column[b] != j)
            for (a, b, j), v in program.z.items()
        }  # fmt: skip
        lies = {(program.problem.parent[i], j) for i, j in enumerate(column) if program.g}
        values |= {v.name: float(key in lies) for key, v in program.g.items()}
        return np.array([values.get(name, math.nan) for name in self._arrays.names], float)


def _numbers(program: DistrictProgram, plan: Plan) -> list[int]:
    """Column of each unit."""
    if program.columns.seats:
        column = {seat: c for c, seat in enumerate(program.columns.seats)}
        return [column[plan.seat[p]] for p in plan.part]
    if program.distinct:
        return list(plan.part)
    number: dict[int, int] = {}
    for i in program.order:
        number.setdefault(plan.part[i], len(number))
    return [number[p] for p in plan.part]
