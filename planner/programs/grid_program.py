"""The grid program: choose patterns so that each building lies in one grid.

Variables: ``x[p]`` grids of pattern p (integer), ``d[c]`` grids that touch compound c beyond need,
``D`` their sum. Limits and connection are rules of the patterns listed.
Source: Gilmore and Gomory, "A linear programming approach to the cutting-stock problem", Operations
Research 9 (1961).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pulp

from planner.programs.grid_patterns import Pool, Stock


@dataclass(frozen=True)
class Kept:
    """What the levels above reached (None: not yet), and a proven least of the last level."""

    outside: int | None = None
    grids: int | None = None
    least_divided: int = 0


@dataclass(frozen=True)
class GridProgram:
    """A built program: its PuLP problem, variables, and the ranked expressions."""

    problem: pulp.LpProblem
    x: tuple[pulp.LpVariable, ...]
    d: tuple[pulp.LpVariable, ...]
    total: pulp.LpVariable
    levels: tuple[pulp.LpAffineExpression, pulp.LpAffineExpression, pulp.LpAffineExpression]
    """Households outside limits, grids, compounds divided."""


def build_grids(
    stock: Stock, pool: Pool, kept: Kept, *, skip: frozenset[str] = frozenset()
) -> GridProgram:
    """Build the program over `pool`; `skip` leaves row families out."""
    program = _empty(stock, pool, kept)
    for family, define in FAMILIES.items():
        if family not in skip:
            define(stock, pool, kept, program)
    return program


def define_once(stock: Stock, pool: Pool, kept: Kept, program: GridProgram) -> None:  # noqa: ARG001
    """Each building lies in one grid: ``sum(rows[p,k] x[p]) == count[k]``."""
    for k, count in enumerate(stock.count):
        terms = [(program.x[p], int(pool.rows[p, k])) for p in np.flatnonzero(pool.rows[:, k])]
        program.problem.addConstraint(pulp.LpAffineExpression(terms) == count, f"once__{k}")


def define_divided(stock: Stock, pool: Pool, kept: Kept, program: GridProgram) -> None:  # noqa: ARG001
    """Grids that touch a compound beyond need: ``sum(x[p] touching c) - d[c] <= need[c]``."""
    for c, need in enumerate(stock.need):
        terms = [(program.x[p], 1) for p in np.flatnonzero(pool.touched[:, c])]
        terms.append((program.d[c], -1))
        program.problem.addConstraint(pulp.LpAffineExpression(terms) <= need, f"divided__{c}")
    terms = [*((d, 1) for d in program.d), (program.total, -1)]
    program.problem.addConstraint(pulp.LpAffineExpression(terms) <= 0, "divided__all")


def define_outside(stock: Stock, pool: Pool, kept: Kept, program: GridProgram) -> None:  # noqa: ARG001
    """No more households outside the limits than reached: ``sum(outside[p] x[p]) <= kept``."""
    if kept.outside is not None:
        program.problem.addConstraint(program.levels[0] <= kept.outside, "outside__all")


def define_grids(stock: Stock, pool: Pool, kept: Kept, program: GridProgram) -> None:  # noqa: ARG001
    """No more grids than reached: ``sum(x[p]) <= kept``."""
    if kept.grids is not None:
        program.problem.addConstraint(program.levels[1] <= kept.grids, "grids__all")


FAMILIES: Mapping[str, Callable[[Stock, Pool, Kept, GridProgram], None]] = {
    "once": define_once,
    "divided": define_divided,
    "outside": define_outside,
    "grids": define_grids,
}

PATTERN_RULES = ("connected", "limits")
"""Rules kept by the patterns listed; `skip` leaves them out like row families."""


def _empty(stock: Stock, pool: Pool, kept: Kept) -> GridProgram:
    """Variables and ranked expressions, without rows."""
    problem = pulp.LpProblem("grids", pulp.LpMinimize)
    count = np.array(stock.count, np.int64)
    copies = np.where(pool.rows > 0, count // np.maximum(pool.rows, 1), count.sum()).min(axis=1)
    x = tuple(
        problem.add_variable(f"x_{p}", 0, int(most), pulp.LpInteger)
        for p, most in enumerate(copies)
    )
    d = tuple(problem.add_variable(f"d_{c}", 0) for c in range(len(stock.compounds)))
    total = problem.add_variable("d_all", kept.least_divided)
    outside = [(x[p], int(pool.outside[p])) for p in np.flatnonzero(pool.outside)]
    levels = (
        pulp.LpAffineExpression(outside),
        pulp.LpAffineExpression([(variable, 1) for variable in x]),
        pulp.LpAffineExpression([(total, 1)]),
    )
    return GridProgram(problem, x, d, total, levels)
