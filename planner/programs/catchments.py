"""Contiguous catchments: rows that forbid what a point of the location program tears apart.

A catchment together with the unit in whose cell its school lies is connected, so every minimal
separator C between a unit u and that root gives ``x[u,f,s] <= sum(x[c,f,s] for c in C)``. Only
units with an arc to (f, s) can carry the connection, which makes the separators small.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

import numpy as np
import pulp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from planner.programs.contiguity import pieces
from planner.programs.location import Key, LocationProgram
from planner.programs.location_problem import Floats, LocationProblem

_SCALE = 10_000
"""Flows are whole numbers: shares are counted in ten-thousandths."""


def torn_rows(
    problem: LocationProblem, program: LocationProgram, x: Floats
) -> list[pulp.LpConstraint]:
    """Rows violated by the integral assignment `x` (by arc); none if all catchments hold."""
    graph = problem.graph
    if graph is None:
        return []
    rows: list[pulp.LpConstraint] = []
    for key, arcs in program.at.items():
        root = int(problem.root[key[0]])
        members = [int(problem.arcs.unit[a]) for a in arcs if x[a] > 0.5]
        allowed = {int(problem.arcs.unit[a]) for a in arcs} | {root}
        for component in sorted({graph.component[u] for u in members}):
            here = [u for u in members if graph.component[u] == component]
            rooted = component == graph.component[root]
            found = pieces(graph, {*here, root} if rooted else here)
            anchor = root if rooted else found[0][0]
            for piece in found:
                if anchor in piece:
                    continue
                cut = _shore(graph.neighbours, piece, anchor, allowed)
                to = None if rooted else anchor
                rows += [_row(program, key, u, cut, anchor=to) for u in piece]
    return rows


def fractional_rows(
    problem: LocationProblem, program: LocationProgram, x: Floats, *, least: float = 0.05
) -> list[pulp.LpConstraint]:
    """Separators violated by at least `least` at the fractional point `x` (by arc)."""
    graph = problem.graph
    if graph is None:
        return []
    rows: list[pulp.LpConstraint] = []
    for key, arcs in program.at.items():
        root = int(problem.root[key[0]])
        share = {int(problem.arcs.unit[a]): float(x[a]) for a in arcs}
        share[root] = 1.0
        width = _widest(graph.neighbours, share, root)
        doubtful = [u for u in sorted(share) if share[u] > width.get(u, 0.0) + least]
        doubtful = [u for u in doubtful if graph.component[u] == graph.component[root]]
        if doubtful:
            rows += _flow_rows(graph.neighbours, program, key, share, root, doubtful, least)
    return rows


def _row(
    program: LocationProgram, key: Key, unit: int, cut: Sequence[int], *, anchor: int | None = None
) -> pulp.LpConstraint:
    """The unit needs one of `cut`; with an anchor only if that one belongs to the school too."""
    free = 0 if anchor is None else program.x[program.arc[anchor, *key]] - 1
    through = pulp.lpSum(program.x[program.arc[c, *key]] for c in cut if (c, *key) in program.arc)
    row = program.x[program.arc[unit, *key]] + free <= through
    to = "" if anchor is None else f"to_{anchor}_"
    row.name = f"separator__{unit}_{key[0]}_{key[1]}__{to}" + "_".join(map(str, cut))
    return row


def _shore(
    neighbours: Sequence[Sequence[int]], piece: Sequence[int], root: int, allowed: set[int]
) -> list[int]:
    """Minimal separator next to the piece, through allowed vertices only."""
    inside = set(piece)
    shore = {w for v in piece for w in neighbours[v] if w in allowed} - inside
    seen, stack, touched = {root}, [root], set()
    while stack:
        for w in neighbours[stack.pop()]:
            if w in shore:
                touched.add(w)
            elif w in allowed and w not in seen and w not in inside:
                seen.add(w)
                stack.append(w)
    return sorted(touched)


def _widest(
    neighbours: Sequence[Sequence[int]], share: Mapping[int, float], root: int
) -> dict[int, float]:
    """For each unit the largest share that a single path from the root carries to it."""
    width: dict[int, float] = {}
    queue = [(-1.0, root)]
    while queue:
        negative, v = heappop(queue)
        if v in width:
            continue
        width[v] = -negative
        for w in neighbours[v]:
            if w in share and w not in width:
                # a unit next to v is reached at v's width; its own share limits what passes on
                heappush(queue, (-min(-negative, share[v] if v != root else 1.0), w))
    return width


def _flow_rows(
    neighbours: Sequence[Sequence[int]],
    program: LocationProgram,
    key: Key,
    share: Mapping[int, float],
    root: int,
    doubtful: Sequence[int],
    least: float,
) -> list[pulp.LpConstraint]:
    """Minimum vertex cuts between the root and the doubtful units, as rows."""
    order = sorted(share)
    place = {u: i for i, u in enumerate(order)}
    tails, heads, capacity = [], [], []
    for u in order:
        i = place[u]
        tails.append(2 * i)
        heads.append(2 * i + 1)
        capacity.append(_SCALE if u == root else round(share[u] * _SCALE))
        for w in neighbours[u]:
            if w in place:
                tails.append(2 * i + 1)
                heads.append(2 * place[w])
                capacity.append(4 * _SCALE)
    network = csr_array(
        (np.array(capacity, np.int32), (tails, heads)), shape=(2 * len(order), 2 * len(order))
    )
    rows = []
    for u in doubtful:
        flow = maximum_flow(network, 2 * place[root] + 1, 2 * place[u])
        if flow.flow_value >= (share[u] - least) * _SCALE:
            continue
        residual = csr_array(network - flow.flow)
        residual = csr_array(residual.maximum(0))
        residual.eliminate_zeros()
        reached = breadth_first_order(residual, 2 * place[root] + 1, return_predecessors=False)
        side = set(reached.tolist())
        cut = [v for v in order if 2 * place[v] in side and 2 * place[v] + 1 not in side]
        rows.append(_row(program, key, u, cut))
    return rows
