"""Communities into subdistricts: contiguous, balanced, within parents, each around a seat."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shapely import union_all
from shapely.geometry.base import BaseGeometry

from planner.errors import InfeasibleError, Problem
from planner.plan.plan import CommunityPlan, Level, Status, SubdistrictPlan
from planner.programs.districting import KM2, levels_of, status_of_plan
from planner.programs.lock_conflicts import conflicting_locks
from planner.programs.subdistricts.data import (
    Places,
    Served,
    places_of,
    subdistrict_problem,
)
from planner.programs.subdistricts.locking import community_locks, lock_problems, locks_of_today
from planner.programs.subdistricts.problem import SubdistrictProblem
from planner.programs.subdistricts.reasons import contradictions, reasons
from planner.programs.subdistricts.search import Answer, Slack, has_answer, search
from planner.scenario.locks import lock_paths, only
from planner.scenario.model import Scenario
from planner.solving.settings import Settings, SolveStatus
from planner.territory.lock_checks import subdistrict_id
from planner.territory.territory import Territory


@dataclass(frozen=True)
class SubdistrictResult:
    """The subdistricts, sorted by id, with what is proven of each level."""

    subdistricts: tuple[SubdistrictPlan, ...]
    levels: tuple[Level, ...]
    status: Status
    decided: Decided | None = field(default=None, compare=False, repr=False)
    """The problem and its answer, to go on with."""


@dataclass(frozen=True)
class Decided:
    """Where things lie, the problem as arrays, and what was found."""

    places: Places
    problem: SubdistrictProblem
    answer: Answer


def plan_subdistricts(
    territory: Territory,
    scenario: Scenario,
    settings: Settings,
    *,
    communities: tuple[CommunityPlan, ...],
    served: Served,
) -> SubdistrictResult:
    """Form subdistricts of whole communities around the seats.

    Raises InfeasibleError with reasons and the smallest band that works, NoPlanInTimeError if
    the limit comes first.
    """
    places = places_of(communities)
    problem = subdistrict_problem(territory, scenario, places, served)
    names = _names(territory, communities)
    found = [
        *lock_problems(territory, scenario, communities),
        *contradictions(problem, _governed(territory, problem), names),
    ]
    if found:
        raise InfeasibleError(found)
    ranking = scenario.ranking
    answer = search(problem, Slack(ranking.deviation, ranking.compactness), settings)
    if answer.solution.status == SolveStatus.INFEASIBLE:
        locked = _locks_in_the_way(territory, scenario, places, settings)
        raise InfeasibleError([*locked, *reasons(problem, settings, names)])
    status = status_of_plan(answer.solution, what="subdistricts")
    return subdistrict_result(territory, scenario, Decided(places, problem, answer), status)


def subdistrict_result(
    territory: Territory, scenario: Scenario, decided: Decided, status: Status
) -> SubdistrictResult:
    """The subdistricts of an answer, by id."""
    places, problem, answer = decided.places, decided.problem, decided.answer
    attached = _attach(territory, scenario, places, problem, answer)
    return SubdistrictResult(
        subdistricts=_subdistricts(territory, places, problem, answer, attached),
        levels=_levels(problem, answer, attached),
        status=status,
        decided=decided,
    )


def screen_subdistricts(territory: Territory, scenario: Scenario) -> None:
    """Look for contradictions of seats, parents and number before any other program is asked.

    Raises InfeasibleError with those that hold however the communities are split.
    """
    communities = _today(territory)
    locks = only(scenario.locks, locks_of_today(territory, scenario))
    scenario = scenario.model_copy(update={"locks": locks})
    problem = subdistrict_problem(territory, scenario, places_of(communities), {})
    governed, names = _governed(territory, problem), _names(territory, communities)
    found = [
        *lock_problems(territory, scenario, communities),
        *contradictions(problem, governed, names, splitting=True),
    ]
    if found:
        raise InfeasibleError(found)


def _locks_in_the_way(
    territory: Territory, scenario: Scenario, places: Places, settings: Settings
) -> list[Problem]:
    """The locks that leave no arrangement, as few as can be; empty if they are not the cause."""
    every = lock_paths(scenario.locks)
    paths = tuple(path for path in every if ".subdistricts." in path or ".together." in path)

    def able(trial: Scenario) -> bool | None:
        return has_answer(subdistrict_problem(territory, trial, places, {}), settings)

    return conflicting_locks(scenario, able, paths=paths)


def _today(territory: Territory) -> tuple[CommunityPlan, ...]:
    """Today's communities as a plan that changes nothing."""
    compounds = territory.compounds
    plans = []
    for key, row in territory.communities.iterrows():
        inside = compounds[compounds["community"] == key]
        plans.append(
            CommunityPlan(
                id=str(key), name=row["name"], name_en=row["name_en"],
                subdistrict=row["subdistrict"], parent=row["parent"], new=False,
                households=int(inside["households"].sum()),
                population=int(inside["population"].sum()),
                compounds=tuple(sorted(inside.index)),
            )
        )  # fmt: skip
    return tuple(plans)


def _names(territory: Territory, communities: Sequence[CommunityPlan]) -> dict[str, str]:
    names = {community.id: community.name for community in communities}
    return names | {str(key): str(name) for key, name in territory.seats["name"].items()}


def _governed(territory: Territory, problem: SubdistrictProblem) -> dict[str, str]:
    """Parent of the subdistrict that each office governs today."""
    parent = territory.subdistricts["parent"]
    own = {
        seat: territory.seats.loc[seat, "subdistrict"]
        for j, seat in enumerate(problem.seats)
        if problem.office[j]
    }
    return {seat: str(parent[key]) for seat, key in own.items() if key in parent.index}


def _attach(
    territory: Territory,
    scenario: Scenario,
    places: Places,
    problem: SubdistrictProblem,
    answer: Answer,
) -> dict[str, int]:
    """Seat of each community without compounds: its own, else that of the nearest community."""
    opened = sorted(set(answer.seat))
    attached: dict[str, int] = {}
    shapes = {i: _area(territory, c.compounds) for i, c in enumerate(places.communities)}
    locks = community_locks(territory, scenario, (*places.communities, *places.empty))
    for community in places.empty:
        able = [
            j for j in opened
            if not locks.barred(community.id, subdistrict_id(territory, problem.seats[j]))
        ]  # fmt: skip
        allowed = [
            i
            for i, other in enumerate(places.communities)
            if other.parent == community.parent or not scenario.boundaries.parent_rule
        ] or list(shapes)
        allowed = [i for i in allowed if answer.seat[i] in able] or allowed
        here = territory.communities.geometry[community.id]
        nearest = min(allowed, key=lambda i: (here.distance(shapes[i]), i))
        within = [
            j for j in able if territory.seats.loc[problem.seats[j], "community"] == community.id
        ]
        attached[community.id] = within[0] if within else answer.seat[nearest]
    return attached


def _subdistricts(
    territory: Territory,
    places: Places,
    problem: SubdistrictProblem,
    answer: Answer,
    attached: dict[str, int],
) -> tuple[SubdistrictPlan, ...]:
    plans = []
    for j in sorted(set(answer.seat)):
        inside = [c for i, c in enumerate(places.communities) if answer.seat[i] == j]
        inside += [community for community in places.empty if attached[community.id] == j]
        plans.append(_subdistrict(territory, problem, j, inside))
    return tuple(sorted(plans, key=lambda plan: plan.id))


def _subdistrict(
    territory: Territory, problem: SubdistrictProblem, j: int, inside: Sequence[CommunityPlan]
) -> SubdistrictPlan:
    seat = problem.seats[j]
    row = territory.seats.loc[seat]
    key = subdistrict_id(territory, seat)
    parents = sorted({community.parent for community in inside})
    compounds = [u for community in inside for u in community.compounds]
    if problem.office[j]:
        name, name_en = territory.subdistricts.loc[key, ["name", "name_en"]]
    else:
        name, name_en = row["subdistrict_name"], row["subdistrict_name_en"]
    return SubdistrictPlan(
        id=key,
        name=str(name),
        name_en=str(name_en),
        parent=parents[0] if len(parents) == 1 else "",
        seat=seat,
        new=not problem.office[j],
        population=sum(community.population for community in inside),
        area_km2=_area(territory, compounds).area / KM2,
        communities=tuple(sorted(community.id for community in inside)),
    )


def _area(territory: Territory, compounds: Sequence[str]) -> BaseGeometry:
    """Union of the cells; twins share one."""
    return union_all([territory.cells[u] for u in sorted(compounds)])


def _levels(
    problem: SubdistrictProblem, answer: Answer, attached: dict[str, int]
) -> tuple[Level, ...]:
    deviation = answer.how
    if attached:
        deviation += (
            "; without compounds, counted to the nearest community's subdistrict: "
            + ", ".join(sorted(attached))
        )
    torn = sorted({problem.communities[i] for i in problem.owner if problem.owner.count(i) > 1})
    if torn:
        deviation += "; torn in the compound graph, pieces go together: " + ", ".join(torn)
    if len(set(problem.graph.component)) > len(problem.groups):
        deviation += "; contiguity judged in each component of a parent's territory"
    return levels_of(
        answer.solution, program="subdistricts", how={"population_deviation": deviation}
    )
