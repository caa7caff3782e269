"""The door: solve a PuLP minimisation problem, with rows separated in rounds where asked."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pulp

from planner.solving.arrays import Floats, arrays_of, rows_of, vector_of
from planner.solving.highs import Session
from planner.solving.settings import (
    Progress,
    Settings,
    Solution,
    SolveStatus,
    gap_of,
    status_of,
)

__all__ = ["Model", "Settings", "Solution", "SolveStatus", "solve"]

Separator = Callable[[Mapping[str, float]], Sequence[pulp.LpConstraint]]


def solve(
    problem: pulp.LpProblem,
    settings: Settings,
    *,
    start: Mapping[str, float] | None = None,
    separate: Separator | None = None,
) -> Solution:
    """Minimise `problem`; `separate` returns violated named rows of an integral point, or none.

    The bound of every round holds for the whole problem, because rows only cut. A plan is only
    returned once `separate` accepts it.
    """
    return Model(problem, settings).solve(start=start, separate=separate)


class Model:
    """A PuLP problem held open: its rows stay from solve to solve."""

    def __init__(self, problem: pulp.LpProblem, settings: Settings) -> None:
        self._arrays = arrays_of(problem)
        self._position = self._arrays.position
        self._settings = settings
        self._session = Session(self._arrays, settings)

    def minimise(self, expression: pulp.LpAffineExpression) -> None:
        """Replace the objective."""
        self._session.set_cost(*vector_of(expression, self._position))

    def add(self, constraints: Sequence[pulp.LpConstraint]) -> None:
        """Append rows."""
        self._session.add_rows(rows_of(constraints, self._position))

    def value(self, expression: pulp.LpAffineExpression, values: Mapping[str, float]) -> float:
        """Value of an expression at a point."""
        return float(
            expression.constant + sum(c * values.get(v.name, 0.0) for v, c in expression.items())
        )

    def solve(
        self,
        *,
        start: Mapping[str, float] | None = None,
        separate: Separator | None = None,
        what: str = "",
    ) -> Solution:
        """Minimise the present objective over all rows so far, separating in rounds."""
        began = time.monotonic()
        first = None if start is None else self._columns(start)
        bound, rounds = -math.inf, 0
        while True:
            rounds += 1
            outcome = self._session.optimise(start=first)
            bound = max(bound, outcome.bound)
            seconds = time.monotonic() - began
            if outcome.columns is None:
                return _without_plan(bound, seconds, rounds, self._settings)
            values = self._values(outcome.columns)
            rows = [] if separate is None else separate(values)
            if self._settings.report and outcome.objective is not None:
                best = math.inf if rows else outcome.objective
                self._settings.report(Progress(what, seconds, best, bound))
            if not rows:
                value = outcome.objective
                status = status_of(value, bound, self._settings.tolerance)
                gap = gap_of(value, bound)
                return Solution(status, value, bound, gap, seconds, values, rounds)
            self.add(rows)
            first = None
            if self._settings.seconds_left() <= 0:
                return _without_plan(bound, seconds, rounds, self._settings)

    def _columns(self, start: Mapping[str, float]) -> Floats:
        return np.array([start.get(name, math.nan) for name in self._arrays.names], float)

    def _values(self, columns: Floats) -> dict[str, float]:
        whole = np.where(self._arrays.integer, np.round(columns), columns)
        return dict(zip(self._arrays.names, whole.tolist(), strict=True))


def _without_plan(bound: float, seconds: float, rounds: int, settings: Settings) -> Solution:
    status = status_of(None, bound, settings.tolerance)
    return Solution(status, None, bound, math.inf, seconds, {}, rounds)
