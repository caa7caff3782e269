"""The places decision asked again: levels, figures of its plan, or why there is none."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from planner.errors import DataError, InfeasibleError, NoPlanInTimeError, Problem
from planner.plan.plan import Plan
from planner.programs.location.inputs import location_problem, screen_locks
from planner.programs.location.problem import Arcs, LocationProblem, Option
from planner.programs.location.ranked import LocationSolution, solve_location
from planner.programs.location.services import of_service
from planner.programs.location.settling import settle
from planner.scenario.model import Ranking, Scenario
from planner.solving.ranked import LevelResult
from planner.solving.settings import Settings
from planner.territory.territory import Territory


@dataclass(frozen=True)
class Figures:
    """What a plan of places costs, recomputed from who goes where."""

    places_short: float
    way_pupil_m: float
    pupils_changing_school: float
    cost_yuan: float


@dataclass(frozen=True)
class Again:
    """A places decision solved again; without a plan only its status and `problems` tell."""

    status: str
    levels: tuple[LevelResult, ...]
    figures: Figures | None
    built: Mapping[str, str]
    """Type of each school that is new or expanded, by id."""
    served: Mapping[str, Mapping[str, str]]
    """School of each compound, by service."""
    problems: tuple[Problem, ...]
    seconds: float

    @property
    def solved(self) -> bool:
        """Whether there is a plan."""
        return self.figures is not None


def places_again(territory: Territory, scenario: Scenario, settings: Settings) -> Again:
    """The places of a scenario; locks that a rule forbids are told without a search."""
    try:
        screen_locks(territory, scenario)
    except InfeasibleError as error:
        return _without(error, "INFEASIBLE", time.monotonic())
    return solved_again(location_problem(territory, scenario), settings, scenario.ranking)


def solved_again(problem: LocationProblem, settings: Settings, ranking: Ranking) -> Again:
    """A location problem, solved; no plan is an answer too."""
    began = time.monotonic()
    try:
        solution = solve_location(problem, settings, ranking)
    except InfeasibleError as error:
        return _without(error, "INFEASIBLE", began)
    except NoPlanInTimeError as error:
        return _without(error, "NO_SOLUTION_IN_TIME", began)
    school = settle(problem, solution.school)
    return Again(
        status=solution.status.value,
        levels=solution.levels,
        figures=figures_of(problem, solution.options, school),
        built=_built(problem, solution),
        served={
            name: {unit: problem.schools[school[u, s]] for u, unit in enumerate(problem.units)}
            for s, name in enumerate(problem.services)
        },
        problems=(),
        seconds=time.monotonic() - began,
    )


def figures_of(
    problem: LocationProblem, options: tuple[int, ...], school: Mapping[tuple[int, int], int]
) -> Figures:
    """The figures of one plan, straight from their definitions."""
    places = np.array(problem.places_today, float)
    for o in options:
        places[problem.options[o].school] += problem.options[o].places
    arcs, load = problem.arcs, np.zeros_like(places)
    keys = zip(arcs.unit.tolist(), arcs.school.tolist(), arcs.service.tolist(), strict=True)
    at = {key: a for a, key in enumerate(keys)}
    used = [at[u, f, s] for (u, s), f in sorted(school.items())]
    pupils = problem.pupils[arcs.unit[used], arcs.service[used]]
    np.add.at(load, (arcs.school[used], arcs.service[used]), pupils)
    return Figures(
        places_short=float(np.maximum(load - places, 0.0).sum()),
        way_pupil_m=float(pupils @ arcs.way_m[used]),
        pupils_changing_school=float(pupils @ arcs.moves[used]),
        cost_yuan=float(sum(problem.options[o].cost_yuan for o in options)),
    )


def chosen_options(problem: LocationProblem, plan: Plan) -> tuple[int, ...]:
    """Positions of the options that a plan has taken; raises DataError if there is no such one."""
    found = []
    for school in plan.schools:
        if school.kind == "existing":
            continue
        classes = tuple(school.new_classes.get(name, 0) for name in problem.services)
        same = [
            o for o, option in enumerate(problem.options)
            if problem.schools[option.school] == school.id
            and (option.kind, option.type, option.classes) == (school.kind, school.type, classes)
        ]  # fmt: skip
        if not same:
            message = f"{school.id} has classes that its parcel and the scenario do not allow"
            raise DataError(Problem("plan.json", message, "verify the run", (school.id,)))
        found.append(same[0])
    return tuple(found)


def kept_schools(problem: LocationProblem, plan: Plan, service: str) -> LocationProblem:
    """The assignment of one service with the schools and classes of a plan as they are.

    With these given, services do not touch each other.
    """
    kept = tuple(problem.options[o] for o in chosen_options(problem, plan))
    part, _ = of_service(replace(problem, options=kept), problem.services.index(service))
    part = _offered(part)
    return replace(part, opened=frozenset(option.school for option in part.options))


def sent_to(problem: LocationProblem, unit: int, school: int) -> LocationProblem:
    """The problem with a unit, and all kept together with it, sent to one school."""
    group = next((list(g) for g in problem.together if unit in g), [unit])
    arcs = problem.arcs
    return _with_arcs(problem, ~np.isin(arcs.unit, group) | (arcs.school == school))


def without_school(problem: LocationProblem, school: int) -> LocationProblem:
    """The problem as if a school were not there."""
    today = problem.places_today.copy()
    today[school] = 0.0
    options: tuple[Option, ...] = tuple(o for o in problem.options if o.school != school)
    bare = replace(problem, places_today=today, options=options, opened=problem.opened - {school})
    return _with_arcs(bare, problem.arcs.school != school)


def _offered(problem: LocationProblem) -> LocationProblem:
    """Without the arcs to schools that have no places."""
    offered = problem.places_today[:, 0] > 0
    offered[[option.school for option in problem.options]] = True
    return _with_arcs(problem, offered[problem.arcs.school])


def _with_arcs(problem: LocationProblem, keep: np.ndarray) -> LocationProblem:
    arcs = problem.arcs
    columns = (arcs.unit, arcs.school, arcs.service, arcs.way_m, arcs.moves)
    return replace(problem, arcs=Arcs(*(column[keep] for column in columns)))


def _built(problem: LocationProblem, solution: LocationSolution) -> dict[str, str]:
    chosen = [problem.options[o] for o in solution.options]
    return dict(sorted((problem.schools[option.school], option.type) for option in chosen))


def _without(error: InfeasibleError | NoPlanInTimeError, status: str, began: float) -> Again:
    return Again(status, (), None, {}, {}, error.problems, time.monotonic() - began)
