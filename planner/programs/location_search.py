"""Proving a ranked location program whose contiguity rows come in rounds.

Each level keeps the best contiguous plan (upper bound) and the best bound of all rounds; it stops
when the two meet within the tolerance. Every plan the solver passes on its way is separated too.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
import pulp

from planner.programs.catchments import fractional_rows, torn_rows
from planner.programs.location import LocationProgram
from planner.programs.location_problem import Floats, LocationProblem
from planner.solving.arrays import arrays_of, rows_of, vector_of
from planner.solving.highs import Session
from planner.solving.ranked import LevelResult
from planner.solving.settings import Progress, Settings, gap_of

_LOOSE = 10.0
"""Early rounds stop at this many times the tolerance: their plans are still torn."""
_LP_ROUNDS = 12


@dataclass(frozen=True)
class Reached:
    """Best contiguous plan (columns; None: none found) and proven bound of one level."""

    columns: Floats | None
    value: float
    bound: float
    seconds: float
    rounds: int


class Search:
    """A location program under separation: rows found stay from level to level."""

    def __init__(
        self, problem: LocationProblem, program: LocationProgram, settings: Settings
    ) -> None:
        self._problem = problem
        self._program = program
        self._settings = settings
        arrays = arrays_of(program.problem)
        self._position = arrays.position
        self._x = np.array([self._position[v.name] for v in program.x], int)
        self._session = Session(arrays, settings)
        self._known: set[str] = set()
        self.best: Floats | None = None

    def value(self, expression: pulp.LpAffineExpression, columns: Floats) -> float:
        """Value of an expression at a plan."""
        cost, offset = vector_of(expression, self._position)
        return float(cost @ columns) + offset

    def keep(self, expression: pulp.LpAffineExpression, allowed: float, name: str) -> None:
        """Add ``expression <= allowed``."""
        row = expression <= allowed + 1e-9 * max(1.0, abs(allowed))
        row.name = f"keep__{name}"
        self._session.add_rows(rows_of([row], self._position))

    def minimise(
        self,
        expression: pulp.LpAffineExpression,
        *,
        name: str,
        whole: bool = False,
        gap: float | None = None,
    ) -> Reached:
        """Minimise over all rows so far; `whole` objectives have whole values only."""
        began = time.monotonic()
        cost, offset = vector_of(expression, self._position)
        self._session.set_cost(cost, offset)
        tolerance = self._settings.tolerance if gap is None else gap
        lift = (lambda bound: math.ceil(bound - 1e-6)) if whole else (lambda bound: bound)
        bound = lift(self._relax())
        value = math.inf if self.best is None else float(cost @ self.best) + offset
        loose, rounds = tolerance < gap_of(value, bound), 0
        while not gap_of(value, bound) <= tolerance and math.isfinite(bound):
            rounds += 1
            outcome = self._session.optimise(
                start=self.best, gap=tolerance * (_LOOSE if loose else 0.9)
            )
            bound = max(bound, lift(outcome.bound))
            fresh = 0
            for columns in outcome.improving:
                new = self._separate(columns)
                fresh += new
                reached = float(cost @ columns) + offset
                if new == 0 and reached < value - 1e-9 and not self._torn(columns):
                    value, self.best = reached, _rounded(columns, self._session)
            self._tell(name, began, value, bound)
            if self._settings.seconds_left() <= 0 or (fresh == 0 and not loose):
                break
            loose = loose and fresh > 0
        if value < math.inf:
            bound = min(bound, value)
        return Reached(self.best, value, bound, time.monotonic() - began, rounds)

    def _relax(self) -> float:
        """Bound of the linear relaxation, separated."""
        bound = -math.inf
        for _ in range(_LP_ROUNDS):
            outcome = self._session.relax()
            bound = max(bound, outcome.bound)
            if outcome.columns is None:
                return bound
            rows = fractional_rows(self._problem, self._program, outcome.columns[self._x])
            if not self._add(rows):
                break
        return bound

    def _separate(self, columns: Floats) -> int:
        return self._add(torn_rows(self._problem, self._program, columns[self._x]))

    def _torn(self, columns: Floats) -> bool:
        return bool(torn_rows(self._problem, self._program, columns[self._x]))

    def _add(self, rows: list[pulp.LpConstraint]) -> int:
        new = [row for row in rows if row.name not in self._known]
        self._known.update(row.name for row in new)
        self._session.add_rows(rows_of(new, self._position))
        return len(new)

    def _tell(self, name: str, began: float, value: float, bound: float) -> None:
        if self._settings.report:
            self._settings.report(Progress(name, time.monotonic() - began, value, bound))


def _rounded(columns: Floats, session: Session) -> Floats:
    return np.where(session.integer, np.round(columns), columns)


def level_of(name: str, unit: str, reached: Reached, allowed: float) -> LevelResult:
    """A level's result from what was reached."""
    return LevelResult(
        name, unit, reached.value, reached.bound, gap_of(reached.value, reached.bound),
        allowed, reached.seconds,
    )  # fmt: skip
