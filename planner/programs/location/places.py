"""The places decision of a zone: from a Territory to schools in operation and who goes where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

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
from planner.programs.location.settling import Schools, settle
from planner.scenario.model import Scenario
from planner.solving.ranked import LevelResult
from planner.solving.settings import Settings
from planner.territory.territory import Territory


@dataclass(frozen=True)
class PlacesResult:
    """Schools in operation, the school of every compound and service, and the ranked levels."""

    schools: tuple[SchoolPlan, ...]
    served: dict[str, dict[str, str]]
    levels: tuple[Level, ...]
    status: Status
    decided: Decided | None = field(default=None, compare=False, repr=False)
    """The problem and its solution, to go on with."""


@dataclass(frozen=True)
class Decided:
    """The problem as arrays and what was found."""

    problem: LocationProblem
    solution: LocationSolution


def plan_places(
    territory: Territory, scenario: Scenario, settings: Settings, *, whole: bool = True
) -> PlacesResult:
    """Decide sites, whole classes and catchments.

    Unless `whole`, the levels below the way may be left (`rest` of the solution).
    Raises InfeasibleError with named reasons, NoPlanInTimeError if a limit comes first.
    """
    screen_locks(territory, scenario)
    problem = location_problem(territory, scenario)
    try:
        solution = solve_location(problem, settings, scenario.ranking, whole=whole)
    except InfeasibleError as error:
        reasons = _with_repairs(error, territory, scenario, settings)
        raise InfeasibleError(reasons.problems) from None
    return places_result(problem, solution)


def places_result(problem: LocationProblem, solution: LocationSolution) -> PlacesResult:
    """A solution by id."""
    return PlacesResult(
        schools_of(problem, solution.options),
        served_of(problem, solution.school),
        levels_in_plan(solution.levels, solution.how, program="location"),
        Status(solution.status.value),
        Decided(problem, solution),
    )


def served_of(problem: LocationProblem, school: Schools) -> dict[str, dict[str, str]]:
    """The school of every compound and service by id; units without pupils settle near."""
    settled = settle(problem, dict(school))
    return {
        unit: {
            service: problem.schools[settled[u, s]] for s, service in enumerate(problem.services)
        }
        for u, unit in enumerate(problem.units)
    }


def levels_in_plan(
    levels: Sequence[LevelResult], how: Sequence[str], *, program: str
) -> tuple[Level, ...]:
    """Levels as they go into the plan."""
    return tuple(
        Level(
            name=level.name, program=program, unit=level.unit, value=level.value,
            bound=level.bound, gap=level.gap, allowed=level.allowed, seconds=level.seconds, how=way,
        )
        for level, way in zip(levels, how, strict=True)
    )  # fmt: skip


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


def schools_of(problem: LocationProblem, options: Sequence[int]) -> tuple[SchoolPlan, ...]:
    """The schools in operation under a choice of options."""
    chosen = {problem.options[o].school: problem.options[o] for o in options}
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
