"""The places decision of a zone: from a Territory to schools in operation and who goes where."""

from __future__ import annotations

from dataclasses import dataclass

from planner.errors import InfeasibleError, Problem
from planner.plan.plan import Level, SchoolPlan, Status
from planner.programs.location.inputs import location_problem, screen_locks
from planner.programs.location.levels import NO_CHOICE
from planner.programs.location.problem import LocationProblem
from planner.programs.location.ranked import LocationSolution, solve_location
from planner.programs.location.repairs import (
    RaisedLimit,
    has_plan,
    locks_in_the_way,
    smallest_limits,
)
from planner.programs.location.screens import screen
from planner.programs.location.settling import settle
from planner.scenario.model import Scenario
from planner.solving.settings import Settings
from planner.territory.territory import Territory


@dataclass(frozen=True)
class PlacesResult:
    """Schools in operation, the school of every compound and service, and the ranked levels."""

    schools: tuple[SchoolPlan, ...]
    served: dict[str, dict[str, str]]
    levels: tuple[Level, ...]
    status: Status


def plan_places(territory: Territory, scenario: Scenario, settings: Settings) -> PlacesResult:
    """Decide sites, whole classes and catchments.

    Raises InfeasibleError with named reasons, NoPlanInTimeError if a limit comes first.
    """
    screen_locks(territory, scenario)
    problem = location_problem(territory, scenario)
    try:
        solution = solve_location(problem, settings, scenario.ranking)
    except InfeasibleError as error:
        raise InfeasibleError(
            _with_repairs(error, territory, scenario, settings).problems
        ) from None
    school = settle(problem, solution.school)
    served = {
        unit: {service: problem.schools[school[u, s]] for s, service in enumerate(problem.services)}
        for u, unit in enumerate(problem.units)
    }
    levels = tuple(
        Level(
            name=level.name, program="location", unit=level.unit, value=level.value,
            bound=level.bound, gap=level.gap, allowed=level.allowed, seconds=level.seconds, how=how,
        )
        for level, how in zip(solution.levels, solution.how, strict=True)
    )  # fmt: skip
    return PlacesResult(_schools(problem, solution), served, levels, Status(solution.status.value))


@dataclass(frozen=True)
class Reasons:
    """Why there is no plan of places, with names; no problems where there is one."""

    problems: tuple[Problem, ...]
    raised: tuple[RaisedLimit, ...] = ()
    """Limits on ways whose raising, all together, allows a plan."""


def reasons_without_plan(
    territory: Territory, scenario: Scenario, settings: Settings
) -> Reasons | None:
    """Why there is no plan of places; None if that is not told in time.

    Nothing is optimised: any plan will do.
    """
    try:
        screen_locks(territory, scenario)
        screen(location_problem(territory, scenario))
    except InfeasibleError as error:
        return _with_repairs(error, territory, scenario, settings)
    able = has_plan(territory, scenario, settings)
    if able is not False:
        return Reasons(()) if able else None
    return _with_repairs(InfeasibleError(NO_CHOICE), territory, scenario, settings)


def _with_repairs(
    error: InfeasibleError, territory: Territory, scenario: Scenario, settings: Settings
) -> Reasons:
    """The reasons, locks first, and what helps where they are not about the programme's totals."""
    reasons = (*locks_in_the_way(territory, scenario, settings), *error.problems)
    if len(reasons) > len(error.problems):
        return Reasons(reasons)
    if any(reason.where.startswith("programme") for reason in reasons):
        return Reasons(reasons)
    raised = tuple(smallest_limits(territory, scenario, settings))
    return Reasons((*reasons, *(limit.problem for limit in raised)), raised)


def _schools(problem: LocationProblem, solution: LocationSolution) -> tuple[SchoolPlan, ...]:
    chosen = {problem.options[o].school: problem.options[o] for o in solution.options}
    schools = []
    for f, school in enumerate(problem.schools):
        today = [int(places) for places in problem.places_today[f]]
        option = chosen.get(f)
        if option is None and not any(today):
            continue
        added = option.places if option else (0,) * len(today)
        classes = option.classes if option else (0,) * len(today)
        places = map(sum, zip(today, added, strict=True))
        schools.append(
            SchoolPlan(
                id=school,
                kind=option.kind if option else "existing",
                type=option.type if option else "existing",
                places=dict(zip(problem.services, places, strict=True)),
                new_classes=dict(zip(problem.services, classes, strict=True)),
                land_m2=option.land_m2 if option else 0.0,
                cost_yuan=option.cost_yuan if option else 0.0,
            )
        )
    return tuple(schools)
