"""Units without pupils: nothing prices where they go, so they go to the nearest catchment."""

from __future__ import annotations

from collections.abc import Mapping

from planner.programs.contiguity import pieces
from planner.programs.location.problem import LocationProblem

Schools = Mapping[tuple[int, int], int]


def settle(problem: LocationProblem, school: Schools) -> dict[tuple[int, int], int]:
    """Move units without pupils to nearer schools as long as all catchments stay contiguous.

    Changes no level: a unit without pupils has no way, no places and no moves. Units kept together
    stay where they are.
    """
    settled = dict(school)
    arcs = problem.arcs
    open_at = {(f, s) for (_, s), f in school.items()}
    bound = {unit for group in problem.together for unit in group}
    reach: dict[tuple[int, int], list[tuple[float, int]]] = {}
    for unit, f, s, way in zip(arcs.unit, arcs.school, arcs.service, arcs.way_m, strict=True):
        loose = problem.pupils[unit, s] == 0 and int(unit) not in bound
        if (int(f), int(s)) in open_at and loose:
            reach.setdefault((int(unit), int(s)), []).append((float(way), int(f)))
    for (unit, s), near in sorted(reach.items()):
        for _, f in sorted(near):
            if f == settled[unit, s]:
                break
            trial = {**settled, (unit, s): f}
            if all(_holds(problem, trial, g, s) for g in (f, settled[unit, s])):
                settled = trial
                break
    return settled


def _holds(problem: LocationProblem, school: Schools, f: int, s: int) -> bool:
    """Whether a catchment is connected, component by component, with its school's own unit."""
    graph = problem.graph
    if graph is None:
        return True
    root = int(problem.root[f])
    members = {u for (u, service), g in school.items() if service == s and g == f}
    components = {graph.component[u] for u in members}
    parts = pieces(graph, members | ({root} if graph.component[root] in components else set()))
    return len(parts) == len(components)
