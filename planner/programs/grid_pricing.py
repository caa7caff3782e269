"""Solving the grid program over a pool: linear with pricing, and integer."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import pulp

from planner.programs.grid_patterns import Counts, Pool, Stock, pool_of
from planner.programs.grid_program import GridProgram, Kept, build_grids
from planner.solving.arrays import arrays_of
from planner.solving.door import Settings, solve
from planner.solving.highs import Session

ADDED = 400
"""Patterns added in a pricing round."""
ROUNDS = 60
"""Pricing rounds."""
ALONE = 10
"""Price of a grid outside the limits in the bound on grids; any price gives a bound."""

Priced = tuple[npt.NDArray[np.intp], float, npt.NDArray[np.float64]]
"""Patterns that entered, linear bound, reduced cost of every pattern."""


def price(
    stock: Stock,
    pool: Pool,
    kept: Kept,
    level: int,
    settings: Settings,
    *,
    core: Counts,
    skip: frozenset[str] = frozenset(),
) -> Priced:
    """Linear bound over all patterns of the pool, from the patterns of a feasible plan `core`.

    Returns the patterns that entered, the bound (-inf if the rounds did not end) and the reduced
    cost of every pattern. Where `kept.outside` is open on the level of grids, a grid outside the
    limits costs `ALONE`: a bound for plans that have none.
    """
    used = {row.tobytes() for row in core}
    inside = np.array([row.tobytes() in used for row in pool.rows])
    inside |= pool.touched.sum(axis=1) <= 1
    cost = _cost(pool, kept, level)
    linear, reduced = -math.inf, np.zeros(len(pool))
    for _ in range(ROUNDS):
        entered = np.flatnonzero(inside)
        program = build_grids(stock, pool.take(entered), kept, skip=skip)
        terms = [(x, float(cost[p])) for x, p in zip(program.x, entered, strict=True) if cost[p]]
        if level == 2:
            terms = [(program.total, 1.0)]
        program.problem.setObjective(pulp.LpAffineExpression(terms))
        arrays = arrays_of(program.problem)
        outcome = Session(arrays, settings).relax()
        if outcome.objective is None or outcome.duals is None:
            break
        dual = dict(zip(arrays.rows.names, outcome.duals.tolist(), strict=True))
        reduced = _reduced(stock, pool, cost, dual)
        better = np.flatnonzero((reduced < -1e-7) & ~inside)
        if not len(better):
            linear = outcome.objective
            break
        inside[better[np.argsort(reduced[better], kind="stable")][:ADDED]] = True
    return np.flatnonzero(inside), linear, reduced


def choose(
    stock: Stock,
    pool: Pool,
    kept: Kept,
    level: int,
    settings: Settings,
    *,
    nodes: int,
    start: Counts | None = None,
    skip: frozenset[str] = frozenset(),
) -> tuple[Counts | None, float]:
    """Integer program over a pool: a plan or None, and the bound over this pool."""
    if settings.seconds_left() <= 0:
        return None, -math.inf
    program = build_grids(stock, pool, kept, skip=skip)
    program.problem.setObjective(program.levels[level])
    first = None if start is None else _start(stock, program, pool, start)
    values, bound = _solved(program, settings, nodes, first)
    if values is None:
        return None, bound
    copies = np.array([round(values[x.name]) for x in program.x], np.int64)
    return np.repeat(pool.rows, copies, axis=0), bound


def whole(bound: float) -> int:
    """A bound of a whole number, rounded up; 0 where there is none."""
    return math.ceil(bound - 1e-6) if math.isfinite(bound) else 0


def _cost(pool: Pool, kept: Kept, level: int) -> npt.NDArray[np.float64]:
    if level == 1 and kept.outside is None:
        return np.where(pool.outside > 0, float(ALONE), 1.0)
    cost = (pool.outside, np.ones(len(pool)), np.zeros(len(pool)))[level]
    return np.asarray(cost, np.float64)


def _reduced(
    stock: Stock, pool: Pool, cost: npt.NDArray[np.float64], dual: dict[str, float]
) -> npt.NDArray[np.float64]:
    """Reduced cost of every pattern of the pool at the duals of the rows."""
    once = np.array([dual.get(f"once__{k}", 0.0) for k in range(len(stock.kinds))])
    divided = np.array([dual.get(f"divided__{c}", 0.0) for c in range(len(stock.compounds))])
    reduced: npt.NDArray[np.float64] = cost - pool.rows @ once - pool.touched @ divided
    return reduced - pool.outside * dual.get("outside__all", 0.0) - dual.get("grids__all", 0.0)


def _solved(
    program: GridProgram, settings: Settings, nodes: int, start: dict[str, float] | None
) -> tuple[dict[str, float] | None, float]:
    if settings.solver != "highs":
        solution = solve(program.problem, settings, start=start)
        return solution.values or None, solution.bound
    arrays = arrays_of(program.problem)
    first = None
    if start is not None:
        first = np.array([start.get(name, math.nan) for name in arrays.names])
    outcome = Session(arrays, settings).optimise(start=first, nodes=nodes)
    if outcome.columns is None:
        return None, outcome.bound
    return dict(zip(arrays.names, outcome.columns.tolist(), strict=True)), outcome.bound


def _start(stock: Stock, program: GridProgram, pool: Pool, rows: Counts) -> dict[str, float]:
    """Values of all variables for a plan whose patterns are in the pool."""
    position = {row.tobytes(): p for p, row in enumerate(pool.rows)}
    values = {x.name: 0.0 for x in program.x}
    for row in rows:
        values[f"x_{position[row.tobytes()]}"] += 1
    touching = pool_of(stock, rows).touched.sum(axis=0)
    beyond = [max(0, int(t) - n) for t, n in zip(touching, stock.need, strict=True)]
    values |= {d.name: float(b) for d, b in zip(program.d, beyond, strict=True)}
    values[program.total.name] = float(max(sum(beyond), program.total.lowBound))
    return values
