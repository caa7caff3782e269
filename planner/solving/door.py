"""The door: solve a PuLP minimisation problem, with rows separated in rounds where asked."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pulp

from planner.solving.arrays import Arrays, Floats, Rows, arrays_of, rows_of, vector_of
from planner.solving.cbc import optimise_with_cbc
from planner.solving.highs import Outcome, Session
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
        self._extra: list[Rows] = []
        self._cost, self._offset = self._arrays.cost, self._arrays.offset
        self._session = Session(self._arrays, settings) if settings.solver == "highs" else None

    def minimise(self, expression: pulp.LpAffineExpression) -> None:
        """Replace the objective."""
        self._cost, self._offset = vector_of(expression, self._position)
        if self._session:
            self._session.set_cost(self._cost, self._offset)

    def add(self, constraints: Sequence[pulp.LpConstraint]) -> None:
        """Append rows."""
        rows = rows_of(constraints, self._position)
        self._extra.append(rows)
        if self._session:
            self._session.add_rows(rows)

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
            outcome = self._optimise(first)
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

    def _optimise(self, start: Floats | None) -> Outcome:
        if self._session:
            return self._session.optimise(start=start)
        arrays = _joined(self._arrays, self._cost, self._offset, self._extra)
        return optimise_with_cbc(arrays, self._settings)

    def _columns(self, start: Mapping[str, float]) -> Floats:
        return np.array([start.get(name, math.nan) for name in self._arrays.names], float)

    def _values(self, columns: Floats) -> dict[str, float]:
        whole = np.where(self._arrays.integer, np.round(columns), columns)
        return dict(zip(self._arrays.names, whole.tolist(), strict=True))


def _without_plan(bound: float, seconds: float, rounds: int, settings: Settings) -> Solution:
    status = status_of(None, bound, settings.tolerance)
    return Solution(status, None, bound, math.inf, seconds, {}, rounds)


def _joined(arrays: Arrays, cost: Floats, offset: float, extra: Sequence[Rows]) -> Arrays:
    """The arrays with their present objective and all rows added since."""
    blocks = [arrays.rows, *extra]
    lengths = np.concatenate([np.diff(block.start) for block in blocks])
    rows = Rows(
        tuple(name for block in blocks for name in block.names),
        np.concatenate([block.lower for block in blocks]),
        np.concatenate([block.upper for block in blocks]),
        np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        np.concatenate([block.index for block in blocks]),
        np.concatenate([block.value for block in blocks]),
    )
    return Arrays(
        arrays.names, cost, offset, arrays.lower, arrays.upper, arrays.integer, rows
    )
