"""Ranked objectives: solve, keep what was reached within its tolerance, go on to the next."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pulp

from planner.solving.door import Model, Separator
from planner.solving.settings import Settings, SolveStatus, gap_of, status_of


@dataclass(frozen=True)
class Objective:
    """One ranked objective to minimise; `allowed` tells what later levels must keep."""

    name: str
    unit: str
    expression: pulp.LpAffineExpression
    allowed: Callable[[float], float] = lambda value: value


@dataclass(frozen=True)
class LevelResult:
    """What one level reached and what is proven of it."""

    name: str
    unit: str
    value: float
    bound: float
    gap: float
    allowed: float
    seconds: float
    parts: tuple[float, ...] = ()
    """Value by part of the program, where each part must keep what it reached on its own."""


@dataclass(frozen=True)
class RankedSolution:
    """Levels in rank order and the last plan; status is the worst of the levels."""

    status: SolveStatus
    levels: tuple[LevelResult, ...]
    values: dict[str, float]


def solve_ranked(
    problem: pulp.LpProblem,
    objectives: Sequence[Objective],
    settings: Settings,
    *,
    start: Mapping[str, float] | None = None,
    separate: Separator | None = None,
) -> RankedSolution:
    """Minimise the objectives in order; a level that finds no plan in time keeps the last one.

    The value reported for a level is its own optimum; `allowed` is the right-hand side of the row
    that later levels keep.
    """
    problem.setObjective(pulp.lpSum(objective.expression for objective in objectives))
    model = Model(problem, settings)
    levels: list[LevelResult] = []
    values: dict[str, float] = dict(start or {})
    status = SolveStatus.OPTIMAL
    for objective in objectives:
        model.minimise(objective.expression)
        solution = model.solve(start=values or None, separate=separate, what=objective.name)
        if solution.objective is None and not levels:
            return RankedSolution(solution.status, (), {})
        if solution.objective is not None:
            values = solution.values
        value = model.value(objective.expression, values)
        # Rounding may make a later level look infeasible: then nothing is proven of it.
        bound = solution.bound if solution.objective is not None else -math.inf
        level = _level(objective, value, bound, solution.seconds)
        levels.append(level)
        if status_of(value, level.bound, settings.tolerance) != SolveStatus.OPTIMAL:
            status = SolveStatus.FEASIBLE
        model.add([_kept(objective, level.allowed)])
    return RankedSolution(status, tuple(levels), values)


def _level(objective: Objective, value: float, bound: float, seconds: float) -> LevelResult:
    bound = min(bound, value)
    return LevelResult(
        objective.name, objective.unit, value, bound, gap_of(value, bound),
        max(value, objective.allowed(value)), seconds,
    )  # fmt: skip


def _kept(objective: Objective, allowed: float) -> pulp.LpConstraint:
    slack = 1e-6 * max(1.0, abs(allowed))  # smaller ones have made HiGHS presolve err
    row = objective.expression <= allowed + slack
    row.name = f"keep__{objective.name}"
    return row
