"""The grid program: choose patterns so that each building lies in one grid.

Variables: ``x[p]`` grids of pattern p (integer), ``d[c]`` grids that touch compound c beyond need,
``D`` their sum. Limits and connection are rules of the patterns listed. Families state their rows
as matrices: PuLP takes them for integer programs, arrays for the linear ones of pricing.
Sources: Gilmore and Gomory, "A linear programming approach to the cutting-stock problem",
Operations Research 9 (1961); rounded capacity rows: Baldacci, Christofides and Mingozzi,
Mathematical Programming 115 (2008).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pulp

from planner.programs.grids.stock import Pool, Stock

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Kept:
    """What the levels above reached (None: not yet), a proven least of the last, and cuts."""

    outside: int | None = None
    grids: int | None = None
    least_divided: int = 0
    capacities: tuple[tuple[int, ...], ...] = ()
    """Sets of compounds with a row each: as many grids touch them as their households fill."""


@dataclass(frozen=True)
class Question:
    """A level (0, 1, 2) to minimise over a pool, given what the levels above reached."""

    stock: Stock
    pool: Pool
    level: int
    kept: Kept = Kept()
    skip: frozenset[str] = frozenset()
    """Row families left out (tests)."""
    open: bool = False
    """Whether patterns beyond the pool may be generated."""


@dataclass(frozen=True)
class Block:
    """Rows of a family over the columns x, d, D: ``lower <= matrix @ columns <= upper``."""

    names: tuple[str, ...]
    matrix: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True)
class GridProgram:
    """A built program: its PuLP problem, variables, and the ranked expressions."""

    problem: pulp.LpProblem
    x: tuple[pulp.LpVariable, ...]
    d: tuple[pulp.LpVariable, ...]
    total: pulp.LpVariable
    levels: tuple[pulp.LpAffineExpression, pulp.LpAffineExpression, pulp.LpAffineExpression]
    """Households outside limits, grids, compounds divided."""


def build_grids(question: Question, *, most_divided: int | None = None) -> GridProgram:
    """Build the program, its objective the question's level, with D up to `most_divided`."""
    program = _empty(question.stock, question.pool, question.kept, most_divided)
    columns = [*program.x, *program.d, program.total]
    for block in blocks_of(question):
        for name, row, lower, upper in zip(
            block.names, block.matrix, block.lower, block.upper, strict=True
        ):
            terms = [(columns[j], int(row[j])) for j in np.flatnonzero(row)]
            expression = pulp.LpAffineExpression(terms)
            if lower == upper:
                program.problem.addConstraint(expression == int(lower), name)
            elif np.isfinite(upper):
                program.problem.addConstraint(expression <= int(upper), name)
            else:
                program.problem.addConstraint(expression >= int(lower), name)
    program.problem.setObjective(program.levels[question.level])
    return program


def blocks_of(question: Question) -> list[Block]:
    """The rows of all families."""
    return [
        define(question.stock, question.pool, question.kept)
        for name, define in FAMILIES.items()
        if name not in question.skip
    ]


def define_once(stock: Stock, pool: Pool, kept: Kept) -> Block:  # noqa: ARG001
    """Each building lies in one grid: ``sum(rows[p,k] x[p]) == count[k]``."""
    count = np.array(stock.count, float)
    return _block(stock, "once", range(len(stock.kinds)), pool.rows.T, lower=count, upper=count)


def define_divided(stock: Stock, pool: Pool, kept: Kept) -> Block:  # noqa: ARG001
    """Grids that touch a compound beyond need: ``sum(x[p] touching c) - d[c] <= need[c]``.

    The last row sums up: ``sum(d) <= D``.
    """
    count = len(stock.compounds)
    matrix = np.zeros((count + 1, len(pool) + count + 1))
    matrix[:count, : len(pool)] = pool.touched.T
    matrix[:count, len(pool) : -1] = -np.eye(count)
    matrix[count, len(pool) : -1] = 1
    matrix[count, -1] = -1
    names = tuple(f"divided__{c}" for c in [*range(count), "all"])
    lower = np.full(count + 1, -np.inf)
    return Block(names, matrix, lower, np.array([*stock.need, 0], float))


def define_outside(stock: Stock, pool: Pool, kept: Kept) -> Block:
    """No more households outside the limits than reached: ``sum(outside[p] x[p]) <= kept``."""
    if kept.outside is None:
        return _block(stock, "outside", [], np.zeros((0, len(pool))))
    most = np.array([kept.outside], float)
    return _block(stock, "outside", ["all"], pool.outside[None, :], upper=most)


def define_grids(stock: Stock, pool: Pool, kept: Kept) -> Block:
    """As many grids as reached: ``sum(x[p]) == kept``."""
    if kept.grids is None:
        return _block(stock, "grids", [], np.zeros((0, len(pool))))
    number = np.array([kept.grids], float)
    return _block(stock, "grids", ["all"], np.ones((1, len(pool))), lower=number, upper=number)


def define_capacity(stock: Stock, pool: Pool, kept: Kept) -> Block:
    """Grids within the limits that touch a set: ``sum(x[p] touching S) >= ceil(h(S) / most)``.

    Implied by the other families where no grid is above the limits; here to tighten bounds.
    """
    touching = [pool.touched[:, list(chosen)].any(axis=1) for chosen in kept.capacities]
    fewest = [stock.fewest(chosen) for chosen in kept.capacities]
    matrix = np.array(touching, float).reshape(len(touching), len(pool))
    names = ["_".join(map(str, chosen)) for chosen in kept.capacities]
    return _block(stock, "capacity", names, matrix, lower=np.array(fewest, float))


FAMILIES: Mapping[str, Callable[[Stock, Pool, Kept], Block]] = {
    "once": define_once,
    "divided": define_divided,
    "outside": define_outside,
    "grids": define_grids,
    "capacity": define_capacity,
}

IMPLIED = ("capacity",)
"""Families that change bounds only: the others imply them."""

PATTERN_RULES = ("connected", "limits")
"""Rules kept by the patterns listed; `skip` leaves them out like row families."""


def _block(
    stock: Stock,
    family: str,
    keys: range | list[str],
    over_x: npt.NDArray[np.generic],
    *,
    lower: Floats | None = None,
    upper: Floats | None = None,
) -> Block:
    """Rows over the patterns alone."""
    names = tuple(f"{family}__{key}" for key in keys)
    others = np.zeros((len(names), len(stock.compounds) + 1))
    matrix = np.hstack([over_x.astype(float), others])
    return Block(
        names,
        matrix,
        np.full(len(names), -np.inf) if lower is None else lower,
        np.full(len(names), np.inf) if upper is None else upper,
    )


def _empty(stock: Stock, pool: Pool, kept: Kept, most_divided: int | None) -> GridProgram:
    """Variables and ranked expressions, without rows."""
    problem = pulp.LpProblem("grids", pulp.LpMinimize)
    count = np.array(stock.count, np.int64)
    copies = np.where(pool.rows > 0, count // np.maximum(pool.rows, 1), count.sum()).min(axis=1)
    x = tuple(
        problem.add_variable(f"x_{p}", 0, int(most), pulp.LpInteger)
        for p, most in enumerate(copies)
    )
    d = tuple(problem.add_variable(f"d_{c}", 0) for c in range(len(stock.compounds)))
    total = problem.add_variable("d_all", kept.least_divided, most_divided)
    outside = [(x[p], int(pool.outside[p])) for p in np.flatnonzero(pool.outside)]
    levels = (
        pulp.LpAffineExpression(outside),
        pulp.LpAffineExpression([(variable, 1) for variable in x]),
        pulp.LpAffineExpression([(total, 1)]),
    )
    return GridProgram(problem, x, d, total, levels)
