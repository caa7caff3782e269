"""Separation rounds on an open location program: rows found stay, the best plan is kept."""

from __future__ import annotations

import math
import time

import numpy as np
import pulp

from planner.programs.catchments import fractional_rows, torn_rows
from planner.programs.location import LocationProgram
from planner.programs.location_problem import Floats, LocationProblem
from planner.solving.arrays import arrays_of, rows_of, vector_of
from planner.solving.highs import Session
from planner.solving.settings import Progress, Settings, gap_of

_ROUNDS = 60
_LP_ROUNDS = 12
_LOOSE = 0.01
"""Gap of the rounds before the first contiguous plan: their plans are torn anyway."""


class Rounds:
    """A location program in HiGHS whose contiguity rows come in rounds."""

    def __init__(
        self, problem: LocationProblem, program: LocationProgram, settings: Settings
    ) -> None:
        self.settings = settings
        self._problem, self._program = problem, program
        arrays = arrays_of(program.problem)
        self._position = arrays.position
        self._x = np.array([self._position[v.name] for v in program.x], int)
        self.z = np.array([self._position[v.name] for v in program.z], np.int32)
        self.session = Session(arrays, settings)
        self._known: set[str] = set()
        self._kept: dict[str, tuple[int, float]] = {}
        self._rows: dict[str, int] = {}
        self._cost, self._offset = np.zeros(len(arrays.names)), 0.0
        self._began = time.monotonic()
        self.best: Floats | None = None
        self.value = math.inf

    def set_objective(self, expression: pulp.LpAffineExpression) -> None:
        """Minimise `expression` from now on; the best plan stays as a start."""
        self._cost, self._offset = vector_of(expression, self._position)
        self.session.set_cost(self._cost, self._offset)
        self.value = math.inf if self.best is None else self.value_of(expression)

    def value_of(self, expression: pulp.LpAffineExpression) -> float:
        """Value of an expression at the best plan."""
        cost, offset = vector_of(expression, self._position)
        return math.inf if self.best is None else float(cost @ self.best) + offset

    def keep(self, expression: pulp.LpAffineExpression, allowed: float, level: str) -> None:
        """Add ``expression - spare <= allowed``; the spare is 0 unless stretched."""
        spare = self._program.spare[level]
        row = expression - spare <= allowed + 1e-6
        row.name = f"keep__{level}"
        if level in self._rows:
            self.session.set_row_bounds(self._rows[level], -math.inf, -row.constant)
        else:
            self._rows[level] = self.session.row_count
            self.session.add_rows(rows_of([row], self._position))
        self._kept[level] = (self._position[spare.name], allowed)

    def kept(self, level: str) -> float:
        """What is kept of a level."""
        return self._kept[level][1]

    def release(self, level: str) -> None:
        """Take back what was kept of a level."""
        self.session.set_row_bounds(self._rows[level], -math.inf, math.inf)
        del self._kept[level]

    def best_values(self) -> dict[str, float]:
        """The best plan by variable name."""
        if self.best is None:
            raise ValueError("no plan yet")
        return {name: float(self.best[i]) for name, i in self._position.items()}

    def relaxed_bound(self) -> float:
        """Bound of the linear relaxation, separated."""
        bound = -math.inf
        for _ in range(_LP_ROUNDS):
            outcome = self.session.relax()
            bound = max(bound, outcome.bound)
            if outcome.columns is None or not self.separate_fractional(outcome.columns):
                break
        return bound

    def stretch(self, price: float) -> None:
        """Let kept levels be exceeded at a price (0: not at all), so that relaxations exist."""
        if not self._kept:
            return
        columns = np.array([column for column, _ in self._kept.values()], np.int32)
        count = len(columns)
        self.session.set_bounds(columns, np.zeros(count), np.full(count, math.inf if price else 0.0))
        cost = self._cost.copy()
        scale = max(1.0, float(np.abs(self._cost).max())) if self.best is None else max(1.0, abs(self.value))
        for column, allowed in self._kept.values():
            cost[column] = price * scale / max(1.0, 0.05 * abs(allowed))
        self.session.set_cost(cost if price else self._cost, self._offset)

    def stretched(self, columns: Floats) -> bool:
        """Whether a relaxation had to exceed a kept level."""
        return any(
            columns[column] > 1e-6 * max(1.0, abs(allowed))
            for column, allowed in self._kept.values()
        )

    def free_choice(self) -> None:
        """Leave the choice of options open."""
        self.session.set_bounds(self.z, np.zeros(len(self.z)), np.ones(len(self.z)))

    def fix_choice(self, z: Floats) -> None:
        """Fix every option (array by option)."""
        self.session.set_bounds(self.z, z, z)

    def separate_fractional(self, columns: Floats) -> int:
        """Add the separators violated at a fractional point; their number."""
        return self._add(fractional_rows(self._problem, self._program, columns[self._x]))

    def solve(self, name: str, *, gap: float | None = None, enough: float = -math.inf) -> float:
        """Bound of the program as it stands; the best plan improves where it can.

        Stops when the bound is within `gap` of the best plan, or a plan is at most `enough`.
        """
        tolerance = self.settings.tolerance / 2 if gap is None else gap
        bound, now = -math.inf, max(tolerance, _LOOSE)
        for _ in range(_ROUNDS):
            cutoff = self.value * (1 - tolerance) if self.value > 0 else self.value
            outcome = self.session.optimise(gap=now, cutoff=cutoff)
            bound = max(bound, min(outcome.bound, cutoff) if outcome.columns is None else outcome.bound)
            if outcome.columns is None and outcome.bound == math.inf and cutoff == math.inf:
                return math.inf
            fresh = sum(self._take(columns) for columns in outcome.improving)
            self.tell(name, bound)
            done = gap_of(self.value, bound) <= tolerance * 1.001 or self.value <= enough
            if done or (not fresh and now <= tolerance) or self.settings.seconds_left() <= 0:
                break
            if not fresh:
                now = tolerance
        return bound

    def tell(self, name: str, bound: float) -> None:
        """Report progress."""
        if self.settings.report:
            seconds = time.monotonic() - self._began
            self.settings.report(Progress(name, seconds, self.value, bound))

    def _take(self, columns: Floats) -> int:
        """Keep a contiguous plan that is better; of a torn one, add the rows. Number of rows."""
        rows = torn_rows(self._problem, self._program, columns[self._x])
        if rows:
            return self._add(rows)
        reached = float(self._cost @ columns) + self._offset
        if reached < self.value - 1e-9:
            self.value = reached
            self.best = np.where(self.session.integer, np.round(columns), columns)
        return 0

    def _add(self, rows: list[pulp.LpConstraint]) -> int:
        new = [row for row in rows if row.name not in self._known]
        self._known.update(row.name for row in new)
        self.session.add_rows(rows_of(new, self._position))
        return len(new)
