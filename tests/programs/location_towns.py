"""Tiny towns whose places are planned by the location program, as plans that can be verified."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from planner.plan.codec import plan_to_json
from planner.plan.plan import Assignment, Level, SchoolPlan, Status
from planner.programs.location.inputs import location_problem
from planner.programs.location.places import PlacesResult
from planner.programs.location.problem import LocationProblem
from planner.programs.location.ranked import LocationSolution
from tests.plan.handmade import Town, sealed_plan


def problem_of(place: Town) -> LocationProblem:
    return location_problem(place.territory, place.scenario)


def with_places(place: Town, result: PlacesResult) -> dict[str, Any]:
    """The town's plan with these places: boundaries, grids and other levels rewritten to fit."""
    assignments = tuple(
        replace(entry, schools=dict(result.served[entry.compound]))
        for entry in place.plan.assignments
    )
    return _plan(place, result.schools, assignments, result.levels, result.status)


def with_solution(place: Town, solution: LocationSolution) -> dict[str, Any]:
    """The same, straight from a solution, however wrong it is."""
    problem = problem_of(place)
    chosen = {problem.options[o].school: problem.options[o] for o in solution.options}
    assignments = tuple(
        replace(
            entry,
            schools={
                name: problem.schools[solution.school[u, s]]
                for s, name in enumerate(problem.services)
                for u in [problem.units.index(entry.compound)]
                if (u, s) in solution.school
            },
        )
        for entry in place.plan.assignments
    )
    schools = []
    for f, key in enumerate(problem.schools):
        option, today = chosen.get(f), [int(n) for n in problem.places_today[f]]
        none = (0,) * len(today)
        added, classes = (option.places, option.classes) if option else (none, none)
        if option or any(today):
            schools.append(
                SchoolPlan(
                    id=key,
                    kind=option.kind if option else "existing",
                    type=option.type if option else "existing",
                    places={name: today[s] + added[s] for s, name in enumerate(problem.services)},
                    new_classes=dict(zip(problem.services, classes, strict=True)),
                    land_m2=option.land_m2 if option else 0.0,
                    cost_yuan=option.cost_yuan if option else 0.0,
                )
            )
    levels = tuple(
        Level(x.name, "location", x.unit, x.value, x.bound, x.gap, x.allowed)
        for x in solution.levels
    )
    return _plan(place, tuple(schools), assignments, levels, Status(solution.status.value))


def _plan(
    place: Town,
    schools: tuple[SchoolPlan, ...],
    assignments: tuple[Assignment, ...],
    levels: tuple[Level, ...],
    status: Status,
) -> dict[str, Any]:
    bare = replace(place.plan, schools=schools, assignments=assignments)
    plan = sealed_plan(place.scenario, place.territory, place.ground, bare)
    others = tuple(level for level in plan.levels if level.program != "location")
    gap = max(level.gap for level in (*levels, *others))
    return plan_to_json(replace(plan, levels=(*levels, *others), status=status, gap=gap))
