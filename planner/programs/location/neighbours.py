"""Rows known before any search: a unit that does not touch its school's cell is not alone there.

In their plain form they are separators that every contiguous plan keeps. Their compact form wants
a neighbour nearer to the school: plans that keep it are connected without any further rows, but
not all connected plans keep it. It serves to find good plans at once, never as the definition.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from planner.programs.location.problem import LocationProblem


@dataclass(frozen=True)
class Cut:
    """A unit needs one of `through` at its school; with an anchor only if that one is there too.

    All by arc: ``x[unit] <= sum(x[through])``, or ``x[unit] + x[anchor] - 1 <= sum(x[through])``.
    """

    unit: int
    through: tuple[int, ...]
    anchor: int | None = None


def neighbour_cuts(problem: LocationProblem, *, nearer: bool = False) -> list[Cut]:
    """Every unit apart from its root needs a neighbour at the same school; or a `nearer` one.

    Nearer is fewer steps from the root through units with an arc to the school, or as many and a
    shorter way.
    """
    graph = problem.graph
    if graph is None:
        return []
    arcs = problem.arcs
    at: dict[tuple[int, int], dict[int, int]] = {}
    keys = list(zip(arcs.unit.tolist(), arcs.school.tolist(), arcs.service.tolist(), strict=True))
    for a, (unit, school, service) in enumerate(keys):
        at.setdefault((school, service), {})[unit] = a
    way, cuts, most = arcs.way_m.tolist(), list[Cut](), len(problem.units)
    for (school, service), arc in sorted(at.items()):
        root = int(problem.root[school])
        steps = _steps(problem, root, arc)
        far = {unit: (steps.get(unit, most), way[a], unit) for unit, a in arc.items()}
        for unit, a in arc.items():
            near = graph.neighbours[unit]
            apart = graph.component[unit] != graph.component[root]
            if unit == root or root in near or apart or (unit, service) in problem.exempt:
                continue
            others = [w for w in near if w in arc and not (nearer and far[w] > far[unit])]
            cuts.append(Cut(a, tuple(arc[w] for w in others)))
    return cuts


def _steps(problem: LocationProblem, root: int, allowed: Collection[int]) -> dict[int, int]:
    """Steps from the root to each unit that it reaches through allowed ones."""
    assert problem.graph is not None
    steps, queue = {root: 0}, [root]
    for unit in queue:
        for near in problem.graph.neighbours[unit]:
            if near in allowed and near not in steps:
                steps[near] = steps[unit] + 1
                queue.append(near)
    return steps
