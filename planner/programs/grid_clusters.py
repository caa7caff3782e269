"""Clusters: the level of compounds divided, put together from clusters with grids of their own.

Grids and compounds form a graph with an edge where a grid touches a compound. A cluster, a
connected set of compounds that g grids of its own hold, has ``compounds + g - worth`` edges with
worth at most 1, so the partition into clusters of most worth has the fewest edges. A cluster counts
as worth 1 until a search refutes it, so every round's value is a bound.
Source: logic-based Benders decomposition; Hooker and Ottosson, Mathematical Programming 96 (2003).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pulp

from planner.programs.grid_parts import divide, part_of
from planner.programs.grid_patterns import Counts, Pool, Stock, connected_sets
from planner.solving.door import Settings, solve

MOST_CLUSTERS = 4_000
"""Clusters listed at most."""
ROUNDS = 150
"""Partitions looked at."""
EASY = 3
"""Compounds of a hard cluster that is asked of the grid program; larger ones are left undecided."""
LEAST_WORTH = -8
"""Worth below which a cluster is given up unproven."""


@dataclass(frozen=True)
class ClusterPlan:
    """Grids that reach the bound (None: not found), and the bound on compounds divided."""

    rows: Counts | None
    least_divided: float
    """inf where `grids` grids within the limits cannot hold the compounds."""


@dataclass(frozen=True)
class _Cluster:
    members: tuple[int, ...]
    grids: int


@dataclass(frozen=True)
class _State:
    """What is known of the clusters: worth at most, plans found, and those hard to decide."""

    worth: list[int]
    found: dict[int, Counts]
    hard: set[int]


def plan_clusters(stock: Stock, pool: Pool | None, grids: int, settings: Settings) -> ClusterPlan:
    """Fewest compounds divided with all `grids` within the limits; without a pool only a bound."""
    clusters = _clusters(stock)
    if clusters is None:
        return ClusterPlan(None, 0)
    state = _State([1] * len(clusters), {}, set())
    least = 0.0
    for _ in range(ROUNDS):
        most, chosen = _partition(stock, clusters, state, grids, settings)
        least = max(least, grids + len(stock.compounds) - most - sum(stock.need))
        if not chosen or any(state.worth[i] < LEAST_WORTH for i in chosen):
            return ClusterPlan(None, least)
        if any(i in state.hard and len(clusters[i].members) > EASY for i in chosen):
            return ClusterPlan(None, least)
        new = [i for i in chosen if i not in state.found]
        changed = [_ask(stock, pool, clusters, i, state=state, settings=settings) for i in new]
        if not any(changed):
            known = all(i in state.found for i in chosen)
            rows = np.concatenate([state.found[i] for i in chosen]) if known else None
            return ClusterPlan(rows, least)
    return ClusterPlan(None, least)


def _ask(
    stock: Stock,
    pool: Pool | None,
    clusters: list[_Cluster],
    key: int,
    *,
    state: _State,
    settings: Settings,
) -> bool:
    """Search the grids of a cluster; whether its worth changed or it turned out to be hard."""
    cluster = clusters[key]
    part = part_of(stock, pool, cluster.members)
    touches = len(cluster.members) + cluster.grids - state.worth[key]
    answer = divide(part, cluster.grids, touches, settings, hard=key in state.hard)
    if answer.rows is not None:
        state.found[key] = part.widened(answer.rows)
    if answer.touches > touches:
        state.worth[key] -= answer.touches - touches
        return True
    if answer.rows is None and key not in state.hard:
        state.hard.add(key)
        return True
    return False


def _clusters(stock: Stock) -> list[_Cluster] | None:
    """Connected sets of compounds with every number of grids their households allow."""
    count = len(stock.compounds)
    sets = connected_sets(stock.neighbours, [0] * count, 0, limit=MOST_CLUSTERS)
    if sets is None:
        return None
    members: list[tuple[int, ...]] = []
    for parent, v in sets:
        members.append((v,) if parent < 0 else (*members[parent], v))
    clusters = []
    for cluster in members:
        total = sum(stock.households[c] for c in cluster)
        fewest = max(1, -(-total // stock.most))
        most = min(total // max(1, stock.least), sum(stock.count))
        clusters += [_Cluster(tuple(sorted(cluster)), g) for g in range(fewest, most + 1)]
    return clusters


def _partition(
    stock: Stock, clusters: list[_Cluster], state: _State, grids: int, settings: Settings
) -> tuple[float, list[int]]:
    """Most worth of a partition into clusters with `grids` grids (a bound), and its clusters.

    Among partitions of equal worth, those with fewer hard clusters go first.
    """
    problem = pulp.LpProblem("clusters", pulp.LpMinimize)
    y = [problem.add_variable(f"y_{i}", 0, 1, pulp.LpInteger) for i in range(len(clusters))]
    holding: list[list[tuple[pulp.LpVariable, int]]] = [[] for _ in stock.compounds]
    for i, cluster in enumerate(clusters):
        for c in cluster.members:
            holding[c].append((y[i], 1))
    for c, terms in enumerate(holding):
        problem.addConstraint(pulp.LpAffineExpression(terms) == 1, f"once__{c}")
    numbers = [(y[i], cluster.grids) for i, cluster in enumerate(clusters)]
    problem.addConstraint(pulp.LpAffineExpression(numbers) == grids, "grids__all")
    dislike = 0.5 / len(stock.compounds)
    cost = [(dislike if i in state.hard else 0.0) - w for i, w in enumerate(state.worth)]
    problem.setObjective(pulp.LpAffineExpression(list(zip(y, cost, strict=True))))
    solution = solve(problem, settings)
    if not math.isfinite(solution.bound):
        return -solution.bound, []
    chosen = [i for i in range(len(clusters)) if solution.values.get(f"y_{i}", 0.0) > 0.5]
    return math.floor(0.5 - solution.bound + 1e-6), chosen
