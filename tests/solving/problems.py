"""Small programs by hand, one that no solver proves in a minute, and the solvers at hand."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence

import numpy as np
import pulp

from planner.solving.elsewhere import PACKAGES

Row = pulp.LpConstraint
IN_CHILDREN = tuple(s for s, package in PACKAGES.items() if importlib.util.find_spec(package))
"""Those of SCIP, Gurobi and CPLEX that are installed; SCIP comes with the extra `test`."""
SOLVERS = ("highs", "cbc", *IN_CHILDREN)


def problem_of(
    cost: Sequence[float],
    rows: Sequence[tuple[Sequence[float], str, float]] = (),
    *,
    lower: float | None = 0.0,
    upper: float | None = 10.0,
    whole: bool = True,
    constant: float = 0.0,
) -> pulp.LpProblem:
    """Minimise cost·x + constant over x_0, x_1, ... with rows (coefficients, sense, right side)."""
    problem = pulp.LpProblem("small", pulp.LpMinimize)
    kind = pulp.LpInteger if whole else pulp.LpContinuous
    x = [problem.add_variable(f"x_{i}", lower, upper, kind) for i in range(len(cost))]
    problem.setObjective(pulp.LpAffineExpression(list(zip(x, cost, strict=True)), constant))
    for i, (coefficients, sense, right) in enumerate(rows):
        total = pulp.LpAffineExpression(list(zip(x, coefficients, strict=True)))
        row = {"<=": total <= right, ">=": total >= right, "=": total == right}[sense]
        problem.addConstraint(row, f"row__{i}")
    return problem


def knapsack() -> pulp.LpProblem:
    """At most 10 kg of 6, 5, 5 kg worth 8, 6, 6, once each: the two of 5, worth 12 (LP: 12.8)."""
    return problem_of([-8, -6, -6], [([6, 5, 5], "<=", 10)], upper=1)


def market_split(*, rows: int = 5, columns: int = 40) -> pulp.LpProblem:
    """Split customers so that each product's sales are halved (Cornuéjols and Dawande, 1998).

    A plan is at hand at once, its bound stays at 0 for hours.
    """
    rng = np.random.default_rng(7)
    sales = rng.integers(0, 100, (rows, columns))
    problem = pulp.LpProblem("market_split", pulp.LpMinimize)
    x = [problem.add_variable(f"x_{j}", 0, 1, pulp.LpInteger) for j in range(columns)]
    off = []
    for i in range(rows):
        over, under = (problem.add_variable(f"{kind}_{i}", 0) for kind in ("over", "under"))
        split = pulp.lpSum(int(sales[i, j]) * x[j] for j in range(columns))
        half = int(sales[i].sum() // 2)
        problem.addConstraint(split - over + under == half, f"split__{i}")
        off += [over, under]
    problem.setObjective(pulp.lpSum(off))
    return problem


def expression(problem: pulp.LpProblem, *cost: float) -> pulp.LpAffineExpression:
    """cost·x over x_0, x_1, ... of a problem."""
    known = {v.name: v for v in problem.variables()}
    return pulp.LpAffineExpression([(known[f"x_{i}"], c) for i, c in enumerate(cost)])


def named(row: Row, name: str) -> Row:
    """The row under this name."""
    row.name = name
    return row
