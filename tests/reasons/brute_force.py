"""Alternatives by trying everything: plans of a location problem, filtered by what is asked."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from planner.plan.plan import Plan
from planner.programs.location.problem import LocationProblem
from tests.programs.location_cases import arcs_of
from tests.programs.location_oracle import columns, every_outcome


def only_arcs(problem: LocationProblem, keep: Callable[[str, str, str], bool]) -> LocationProblem:
    """The problem with the arcs (compound, school, service, by id) that `keep` lets through."""
    arcs = problem.arcs
    rows = zip(arcs.unit, arcs.school, arcs.service, arcs.way_m, arcs.moves, strict=True)
    left = [
        (int(u), int(f), int(s), float(way), bool(moves))
        for u, f, s, way, moves in rows
        if keep(problem.units[u], problem.schools[f], problem.services[s])
    ]
    return replace(problem, arcs=arcs_of(left))


def only_schools(problem: LocationProblem, plan: Plan) -> LocationProblem:
    """The problem whose only choice of options is the plan's."""
    built = {s.id: (s.type, s.new_classes) for s in plan.schools if s.kind != "existing"}
    options = tuple(
        o
        for o in problem.options
        if (o.type, dict(zip(problem.services, o.classes, strict=True)))
        == built.get(problem.schools[o.school])
    )
    opened = frozenset(o.school for o in options)
    assert len(options) == len(built)
    running = {s.id for s in plan.schools}
    bare = replace(problem, options=options, opened=opened, totals={})
    return only_arcs(bare, lambda _u, f, _s: f in running)


def best_levels(
    problem: LocationProblem, services: Collection[int] | None = None
) -> list[float] | None:
    """Places short, way, moves, cost of the ranked best, of some services alone; None: no plan.

    Without leeway in the ranking levels do not depend on ways to split them over services.
    """
    points = every_outcome(problem)
    found = []
    for k in range(4):
        at = columns(problem, k)
        own = [at[s] for s in services] if services is not None and k < 3 else at
        if not len(points):
            return None
        values = points[:, own].sum(axis=1)
        found.append(float(values.min()))
        points = points[values <= values.min() + 1e-3]
    return found
