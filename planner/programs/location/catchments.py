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
from planner.programs.location.neighbours import Cut
from planner.programs.location.problem import Floats, LocationProblem
from planner.programs.location.program import Key, LocationProgram

_SCALE = 10_000
"""Flows are whole numbers: shares are counted in ten-thousandths."""


def torn_rows(
    problem: LocationProblem, program: LocationProgram, x: Floats
) -> list[pulp.LpConstraint]:
    """Rows violated by the integral assignment `x` (by arc); none if all catchments hold."""
    return [row_of(problem, program, cut) for cut in all_torn_cuts(problem, program, x)]


def all_torn_cuts(problem: LocationProblem, program: LocationProgram, x: Floats) -> list[Cut]:
    """What forbids the stray pieces of all catchments of an integral assignment (by arc)."""
    return [
        cut
        for key, arcs in program.at.items()
        for cut in torn_cuts(problem, key, arcs, [a for a in arcs if x[a] > 0.5])
    ]


def torn_cuts(
    problem: LocationProblem, key: Key, arcs: Sequence[int], used: Sequence[int]
) -> list[Cut]:
    """What forbids the stray pieces of one catchment: `arcs` lead to it, it takes the `used`."""
    graph = problem.graph
    if graph is None:
        return []
    root = int(problem.root[key[0]])
    unit = problem.arcs.unit
    torn = torn_pieces(problem, *key, [int(unit[a]) for a in used])
    arc = {int(unit[a]): int(a) for a in arcs} if torn else {}
    cuts: list[Cut] = []
    for piece, anchor in torn:
        shore = _shore(graph.neighbours, piece, anchor, {*arc, root})
        through = tuple(arc[c] for c in shore if c in arc)
        rooted = graph.component[anchor] == graph.component[root]
        to = None if rooted else arc[anchor]
        bound = [u for u in piece if (u, key[1]) not in problem.exempt]
        cuts += [Cut(arc[u], through, to) for u in bound]
    return cuts


def torn_pieces(
    problem: LocationProblem, school: int, service: int, members: Sequence[int]
) -> list[tuple[list[int], int]]:
    """Stray pieces of a catchment, and the unit that each should be connected to.

    That is the root, or in another component of the graph a unit of the piece that stays.
    """
    graph, root = problem.graph, int(problem.root[school])
    if graph is None:
        return []
    torn: list[tuple[list[int], int]] = []
    for component in sorted({graph.component[u] for u in members}):
        here = [u for u in members if graph.component[u] == component]
        rooted = component == graph.component[root]
        found = pieces(graph, {*here, root} if rooted else here)
        held = [p for p in found if any((u, service) not in problem.exempt for u in p)]
        free = (u for piece in held for u in piece if (u, service) not in problem.exempt)
        anchor = root if rooted else next(free, -1)
        torn += [(piece, anchor) for piece in held if anchor not in piece]
    return torn


def fractional_rows(
    problem: LocationProblem, program: LocationProgram, x: Floats, *, least: float = 0.05
) -> list[pulp.LpConstraint]:
    """Separators violated by at least `least` at the fractional point `x` (by arc)."""
    cuts = all_fractional_cuts(problem, program, x, least=least)
    return [row_of(problem, program, cut) for cut in cuts]


def all_fractional_cuts(
    problem: LocationProblem, program: LocationProgram, x: Floats, *, least: float = 0.05
) -> list[Cut]:
    """The separators of all catchments that the point `x` (by arc) violates by at least `least`."""
    return [
        cut
        for key, arcs in program.at.items()
        if x[list(arcs)].any()
        for cut in fractional_cuts(problem, key, arcs, x, least=least)
    ]


def fractional_cuts(
    problem: LocationProblem, key: Key, arcs: Sequence[int], x: Floats, *, least: float = 0.05
) -> list[Cut]:
    """The separators of one catchment that `x` violates by at least `least`; `arcs` lead to it."""
    graph = problem.graph
    if graph is None:
        return []
    root = int(problem.root[key[0]])
    arc = {int(problem.arcs.unit[a]): int(a) for a in arcs}
    share = {u: float(x[a]) for u, a in arc.items()}
    share[root] = 1.0
    width = _widest(graph.neighbours, share, root)
    doubtful = [
        u for u in sorted(share)
        if share[u] > width.get(u, 0.0) + least
        and graph.component[u] == graph.component[root]
        and (u, key[1]) not in problem.exempt
    ]  # fmt: skip
    if not doubtful:
        return []
    found = _flow_cuts(graph.neighbours, share, root, doubtful, least)
    return [Cut(arc[u], tuple(arc[c] for c in cut if c in arc)) for u, cut in found]


def row_of(problem: LocationProblem, program: LocationProgram, cut: Cut) -> pulp.LpConstraint:
    """A cut as a row."""
    arcs, x = problem.arcs, program.x
    free = 0 if cut.anchor is None else x[cut.anchor] - 1
    row = x[cut.unit] + free <= pulp.lpSum(x[a] for a in cut.through)
    to = "" if cut.anchor is None else f"to_{arcs.unit[cut.anchor]}_"
    at = f"{arcs.unit[cut.unit]}_{arcs.school[cut.unit]}_{arcs.service[cut.unit]}"
    row.name = f"separator__{at}__{to}" + "_".join(str(arcs.unit[a]) for a in cut.through)
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


def _flow_cuts(
    neighbours: Sequence[Sequence[int]],
    share: Mapping[int, float],
    root: int,
    doubtful: Sequence[int],
    least: float,
) -> list[tuple[int, list[int]]]:
    """Minimum vertex cuts between the root and the doubtful units."""
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
    cuts = []
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
        cuts.append((u, cut))
    return cuts
