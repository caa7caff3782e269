"""Pricing: the linear program over all patterns, from few that enter, with capacity cuts.

Source: Baldacci, Christofides and Mingozzi, Mathematical Programming 115 (2008).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from planner.programs.grids.patterns import connected_sets
from planner.programs.grids.program import Floats, Kept, Question, blocks_of, build_grids
from planner.programs.grids.stock import Counts, Pool, Stock
from planner.solving.arrays import Arrays, Rows, arrays_of
from planner.solving.door import Settings, solve
from planner.solving.highs import Outcome, Session

ADDED = 150
"""Patterns added in a round."""
ROUNDS = 100
"""Rounds of patterns and cuts."""
MOST_SETS = 1_500
"""Connected sets of compounds looked at for cuts; beyond, only small ones."""
LACK = 1_000.0
"""Price of one missing in a row; any price gives a bound."""
LACKING = 3
"""The level, besides the three ranked ones, of what is missing in rows: above 0, no plan."""

Chosen = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Priced:
    """A linear bound over all patterns of a pool."""

    core: Chosen
    """Patterns that entered."""
    bound: float
    """inf if there is no plan, -inf if the rounds did not end."""
    x: Floats
    """Grids of each pattern that entered, at the last linear program."""
    reduced: Floats
    """Reduced cost of every pattern."""
    duals: dict[str, float]
    """Duals of the rows by name."""
    kept: Kept
    """What was kept, with the cuts found."""

    def fitting(self, value: float) -> Chosen:
        """Patterns that a plan up to a value can have: its bound and their reduced cost fit."""
        return np.flatnonzero(self.reduced <= value - self.bound + 1e-6)


def price(question: Question, settings: Settings, *, core: Chosen | None = None) -> Priced:
    """Linear bound over all patterns of the pool; `core` are the patterns to begin with.

    Cuts are added where no household may be outside the limits.
    """
    pool, kept = question.pool, question.kept
    sets = _sets(question.stock) if kept.outside == 0 and not question.skip else []
    inside = pool.touched.sum(axis=1) <= 1 if core is None else np.isin(np.arange(len(pool)), core)
    none = np.zeros(len(pool))
    cost = (pool.outside.astype(float), np.ones(len(pool)), none, none)[question.level]
    counts, reduced = pool.rows.astype(float), none
    for _ in range(ROUNDS):
        entered = np.flatnonzero(inside)
        few = replace(question, pool=pool.take(entered), kept=kept)
        outcome, lacking, duals = _relaxed(few, cost[entered], settings)
        if outcome.columns is None or outcome.objective is None:
            break
        x = outcome.columns[: len(entered)]
        reduced = _reduced(pool, counts, kept, cost, duals)
        better = np.flatnonzero((reduced < -1e-7) & ~inside)
        if len(better):
            inside[better[np.argsort(reduced[better], kind="stable")[:ADDED]]] = True
            continue
        cuts = _violated(few, sets, x)
        if not cuts:
            bound = outcome.objective
            if lacking and question.level != LACKING:
                feasible = replace(question, level=LACKING, kept=kept)
                if price(feasible, settings, core=entered).bound > 1e-6:
                    bound = math.inf
            return Priced(entered, bound, x, reduced, duals, kept)
        kept = replace(kept, capacities=(*kept.capacities, *cuts))
    entered = np.flatnonzero(inside)
    return Priced(entered, -math.inf, np.zeros(len(entered)), reduced, {}, kept)


def choose(
    question: Question, settings: Settings, *, nodes: int, most_divided: int | None = None
) -> tuple[Counts | None, float]:
    """Integer program over a pool: a plan or None, and the bound over this pool.

    Plans that divide more than `most_divided` compounds are left out.
    """
    if settings.seconds_left() <= 0:
        return None, -math.inf
    program = build_grids(question, most_divided=most_divided)
    if settings.solver == "highs":
        arrays = arrays_of(program.problem)
        outcome = Session(arrays, settings).optimise(nodes=nodes)
        columns = [] if outcome.columns is None else outcome.columns.tolist()
        values, bound = dict(zip(arrays.names, columns, strict=False)), outcome.bound
    else:
        solution = solve(program.problem, settings)
        values, bound = solution.values, solution.bound
    if not values:
        return None, bound
    copies = np.array([round(values[x.name]) for x in program.x], np.int64)
    return np.repeat(question.pool.rows, copies, axis=0), bound


def whole(bound: float) -> int:
    """A bound of a whole number, rounded up; 0 where there is none."""
    return math.ceil(bound - 1e-6) if math.isfinite(bound) else 0


def connected(stock: Stock, *, size: int | None = None) -> list[tuple[int, ...]] | None:
    """All connected sets of compounds up to a size, each sorted; None where they are too many."""
    steps = connected_sets(
        stock.neighbours, [0] * len(stock.compounds), 0, size=size, limit=MOST_SETS
    )
    if steps is None:
        return None
    members: list[tuple[int, ...]] = []
    for parent, v in steps:
        members.append((v,) if parent < 0 else (*members[parent], v))
    return [tuple(sorted(chosen)) for chosen in members]


def with_complements(stock: Stock, sets: Sequence[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Some sets of compounds and what they leave."""
    count = range(len(stock.compounds))
    others = [tuple(c for c in count if c not in chosen) for chosen in sets]
    return sorted({*sets, *(other for other in others if other)})


def _sets(stock: Stock) -> list[tuple[int, ...]]:
    """Connected sets of compounds and their complements, all of them or the small ones."""
    for size in (None, 4, 3, 2):
        chosen = connected(stock, size=size)
        if chosen is not None:
            return with_complements(stock, chosen)
    return [(c,) for c in range(len(stock.compounds))]


def _relaxed(
    question: Question, cost: Floats, settings: Settings
) -> tuple[Outcome, bool, dict[str, float]]:
    """The linear program; whether rows lack what they ask for; duals by row name."""
    blocks = blocks_of(question)
    matrix = np.vstack([block.matrix for block in blocks])
    lower = np.concatenate([block.lower for block in blocks])
    upper = np.concatenate([block.upper for block in blocks])
    names = tuple(name for block in blocks for name in block.names)
    asking = np.flatnonzero(lower > 0)
    lack = np.zeros((len(names), len(asking)))
    lack[asking, np.arange(len(asking))] = 1
    others = np.zeros(len(question.stock.compounds) + 1)
    others[-1] = question.level == 2
    every = np.concatenate([cost, others, np.full(len(asking), LACK)])
    arrays = _arrays(np.hstack([matrix, lack]), every, names=names, lower=lower, upper=upper)
    outcome = Session(arrays, settings).relax()
    if outcome.columns is None or outcome.duals is None:
        return outcome, False, {}
    lacking = bool(outcome.columns[matrix.shape[1] :].sum() > 1e-6)
    return outcome, lacking, dict(zip(names, outcome.duals.tolist(), strict=True))


def _arrays(
    matrix: Floats, cost: Floats, *, names: tuple[str, ...], lower: Floats, upper: Floats
) -> Arrays:
    """A linear program with columns from 0 to infinity."""
    at, index = np.nonzero(matrix)
    count = len(cost)
    start = np.searchsorted(at, np.arange(len(names) + 1)).astype(np.int32)
    rows = Rows(names, lower, upper, start, index.astype(np.int32), matrix[at, index])
    return Arrays(
        tuple(str(j) for j in range(count)), cost, 0.0,
        np.zeros(count), np.full(count, np.inf), np.zeros(count, bool), rows,
    )  # fmt: skip


def _reduced(
    pool: Pool, counts: Floats, kept: Kept, cost: Floats, duals: dict[str, float]
) -> Floats:
    """Reduced cost of every pattern at the duals of the rows; `counts` are its rows as floats."""
    once = np.array([duals.get(f"once__{k}", 0.0) for k in range(counts.shape[1])])
    divided = [duals.get(f"divided__{c}", 0.0) for c in range(pool.touched.shape[1])]
    reduced: Floats = cost - counts @ once - duals.get("grids__all", 0.0)
    for c in np.flatnonzero(divided):
        reduced -= divided[c] * pool.touched[:, c]
    for chosen in kept.capacities:
        dual = duals.get("capacity__" + "_".join(map(str, chosen)), 0.0)
        if dual:
            reduced -= dual * pool.touched[:, list(chosen)].any(axis=1)
    return reduced - pool.outside * duals.get("outside__all", 0.0)


def _violated(
    question: Question, sets: Sequence[tuple[int, ...]], x: Floats
) -> list[tuple[int, ...]]:
    """Sets that too few grids touch at a point, and that have no row yet."""
    used = np.flatnonzero(x > 1e-9)
    touched, x = question.pool.touched[used], x[used]
    return [
        chosen
        for chosen in sets
        if chosen not in question.kept.capacities
        and x[touched[:, list(chosen)].any(axis=1)].sum() < question.stock.fewest(chosen) - 1e-6
    ]
